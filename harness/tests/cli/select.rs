//! What `run` and its like take: names, files, directories, patterns and selections.

use crate::bench::{Scratch, pumplab};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::process::Command;

const QUICK: &str = r#"title = "A quiet minute"
lab = "leased"
defence = "bare"
duration = "1m"

[[expect]]
holds = "therapy-continuity"
"#;

/// Names of the scenarios that were run, in order.
#[track_caller]
fn ran(arguments: &[&str]) -> Vec<String> {
    let all = [&["run", "--format", "json"], arguments].concat();
    let report = pumplab(&all).ended(0).json();
    let scenarios = report["scenarios"].as_array().expect("a list");
    let name = |s: &serde_json::Value| s["scenario"].as_str().expect("a name").to_owned();
    scenarios.iter().map(name).collect()
}

fn quick(threat: &str, tags: &str) -> String {
    QUICK.replacen(
        "lab =",
        &format!("threat = \"{threat}\"\ntags = [{tags}]\nlab ="),
        1,
    )
}

#[test]
fn directories_files_and_patterns_mean_what_lies_there() {
    let scratch = Scratch::new("select");
    let a = scratch.write("my files/b one.toml", &quick("operations", "\"nightly\""));
    scratch.write("my files/deep/a-two.toml", &quick("outage", ""));
    scratch.write("my files/deep/.hidden/three.toml", QUICK);
    scratch.write("my files/Cargo.toml", "[package]\nname = \"other\"\n");
    scratch.write("my files/notes.txt", "not a scenario");
    let dir = scratch.text("my files");
    assert_eq!(
        ran(&[&dir]),
        ["a-two", "b one"],
        "by kind of threat, then by name"
    );
    assert_eq!(ran(&[&a, &dir]), ["b one", "a-two"], "each once");
    assert_eq!(
        ran(&[&format!("{dir}/b*.toml"), "--tag", "nightly"]),
        ["b one"]
    );
    assert_eq!(ran(&[&dir, "--threat", "outage"]), ["a-two"]);
    assert_eq!(
        ran(&["shift-*", "mis-programming"]),
        ["shift-change", "mis-programming"]
    );
    let explained = pumplab(&["explain", &scratch.text("my files/deep")]).ended(0);
    assert!(explained.out.contains("a-two.toml"), "{}", explained.out);
    pumplab(&["check", "mis-programming"]).ended(0);
    let shown = pumplab(&["show", &a]).ended(0).out;
    assert!(shown.contains("A quiet minute"), "{shown}");
}

#[test]
fn a_library_of_ones_own_is_run_with_what_it_brings() {
    let scratch = Scratch::new("library");
    let own = QUICK.replace("\"bare\"", "\"mine\"");
    scratch.write("lib/scenarios/own.toml", &own);
    scratch.write("lib/scenarios/lent.toml", QUICK);
    scratch.write(
        "lib/defences/mine.toml",
        "title = \"Mine\"\ncontrols = [\"NET-01\"]\n",
    );
    let dir = scratch.text("lib");
    assert_eq!(ran(&[&dir]), ["lent", "own"]);
    assert_eq!(ran(&["--only-library", &dir]), ["lent", "own"]);
    assert_eq!(ran(&["--only-library", &dir, "own"]), ["own"]);
    let built_in = pumplab(&["run", "--only-library", &dir, "shift-change"]).ended(2);
    assert!(built_in.err.contains("shift-change"), "{}", built_in.err);
    let listed = pumplab(&["list", "scenarios", "--only-library", &dir, "--json"])
        .ended(0)
        .json();
    assert_eq!(listed["entries"].as_array().map(Vec::len), Some(2));
    let both = pumplab(&["run", "--only-library", &dir, "--library", &dir]).ended(2);
    assert!(both.err.contains("cannot be used with"), "{}", both.err);
    // A mistake in what two files name is told once.
    scratch.write(
        "lib/defences/mine.toml",
        "title = \"Mine\"\ncontrols = [\"NET-O1\"]\n",
    );
    scratch.write("lib/scenarios/again.toml", &own);
    let wrong = pumplab(&["run", &dir]).ended(2);
    assert_eq!(
        wrong.err.matches("did you mean `NET-01`?").count(),
        1,
        "{}",
        wrong.err
    );
}

#[test]
fn what_means_nothing_is_refused_with_what_there_is() {
    let scratch = Scratch::new("nothing");
    scratch.write("empty/notes.txt", "");
    scratch.write("runs/pumplab.json", "{}");
    let empty = scratch.text("empty");
    let told: &[(&[&str], &str)] = &[
        (&[&empty], "there is no scenario below"),
        (
            &["wip-*"],
            "the collection `conformance` has some: add --library conformance",
        ),
        (&["wip-7-basic-functions"], "add --library conformance"),
        (&["zz*"], "`pumplab list scenarios` lists what there is"),
        (&["[z"], "is no pattern"),
        (&["shift-chnage"], "did you mean `shift-change`?"),
        (&["--defence", "sp1800-7"], "did you mean `sp1800-8`?"),
        (&["--defence", "NET-01+NET-O2"], "did you mean `NET-02`?"),
        (&["--without", "NET-O2"], "did you mean `NET-02`?"),
        (&["--threat", "wirless"], "did you mean `wireless`?"),
        (
            &["--only-library", &empty],
            "has no scenario in a folder `scenarios`",
        ),
    ];
    for (arguments, said) in told {
        let answer = pumplab(&[&["run"], *arguments].concat()).ended(2);
        assert!(answer.err.contains(said), "{arguments:?}: {}", answer.err);
        assert_eq!(
            answer
                .err
                .lines()
                .filter(|l| l.starts_with("error"))
                .count(),
            1,
            "{arguments:?}: {}",
            answer.err
        );
    }
    let several = pumplab(&["explain", "shift-*", "--without", "NET-01"]).ended(0);
    assert!(several.out.contains("shift-change"), "one scenario fits");
    let several = pumplab(&["explain", "revo*"]).ended(2);
    assert!(several.err.contains("name one: "), "{}", several.err);
}

#[test]
fn a_name_that_is_no_text_is_an_error_and_no_panic() {
    let scratch = Scratch::new("bytes");
    let name = OsString::from_vec(b"a\xff.toml".to_vec());
    let folder = scratch.path("dir");
    std::fs::create_dir_all(&folder).expect("a directory for the test");
    std::fs::write(folder.join(&name), QUICK).expect("a file for the test");
    let lib = scratch.path("lib/scenarios");
    std::fs::create_dir_all(&lib).expect("a directory for the test");
    std::fs::write(lib.join(&name), QUICK).expect("a file for the test");
    let run = |arguments: &[&std::ffi::OsStr]| {
        let output = Command::new(env!("CARGO_BIN_EXE_pumplab"))
            .arg("run")
            .args(arguments)
            .output();
        let output = output.expect("the command starts");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for path in [folder.join(&name), folder.clone()] {
        let said = run(&[path.as_os_str()]);
        assert!(said.contains("is not text in UTF-8"), "{said}");
    }
    let library = scratch.path("lib");
    let said = run(&["--library".as_ref(), library.as_os_str()]);
    assert!(said.contains("is not text in UTF-8"), "{said}");
}

#[test]
fn without_a_name_scenarios_go_by_kind_of_threat_then_name() {
    let ran = ran(&["--lab", "leased"]);
    assert_eq!(
        ran,
        [
            "starved-of-leases",
            "dhcp-pool-exhausted",
            "revocation-hard-fail"
        ]
    );
}
