//! `new`: files to begin with, from templates and from what is built in. They are tried, not only parsed.

use crate::bench::{Scratch, pumplab};
use pumplab_scenarios::{Kind, Library};
use serde_json::Value;

const DEFENCES: [&str; 5] = [
    "bare",
    "legacy",
    "psk-segmented",
    "sp1800-8",
    "sp1800-8-plus",
];

/// Ten quiet minutes in a lab, in which every pump comes to have a session and keeps it.
fn quiet(lab: &str) -> String {
    format!(
        "title = \"Ten quiet minutes\"\nlab = \"{lab}\"\ndefence = \"bare\"\nduration = \"10m\"\n\n\
         [[expect]]\nmetric = \"session-availability\"\nat_least = 0.9\n"
    )
}

/// Runs a scenario of the scratch folder's library under a defence and fails unless every pump came to have a session.
#[track_caller]
fn sessions_come_up(scratch: &Scratch, scenario: &str, defence: &str) {
    let at = scratch.text("");
    let said = pumplab(&[
        "run",
        scenario,
        "--library",
        &at,
        "--defence",
        defence,
        "--format",
        "json",
    ]);
    assert_eq!(said.code, 0, "{defence}:\n{}{}", said.out, said.err);
    let run = &said.json()["scenarios"][0]["run"];
    let notes = run["manifest"]["notes"].to_string();
    assert!(!notes.contains("never had a session"), "{defence}: {notes}");
    assert!(
        run["metrics"]["sessions"].as_f64() >= Some(3.0),
        "{defence}"
    );
}

#[test]
fn what_is_written_is_valid_and_the_scenario_holds() {
    let scratch = Scratch::new("new");
    let at = scratch.text("");
    for (kind, folder) in [
        ("scenario", "scenarios"),
        ("profile", "profiles"),
        ("lab", "labs"),
        ("defence", "defences"),
    ] {
        let said = pumplab(&["new", kind, "lost-laptop", "--at", &at]).ended(0);
        assert!(said.out.contains("next: "), "{}", said.out);
        assert!(said.out.contains("pumplab check"), "{}", said.out);
        let file = scratch.text(&format!("{folder}/lost-laptop.toml"));
        let text = std::fs::read_to_string(&file).expect("it is there");
        assert!(!text.contains("__"), "a blank is left in {file}");
        let said = pumplab(&["check", &file]).ended(0);
        let clean = "1 file checked, no problems\n";
        assert_eq!(said.out, clean, "no warnings either");
    }
    let said = pumplab(&["check", &at]).ended(0);
    assert_eq!(said.out, "4 files checked, no problems\n");
    let said = pumplab(&["run", "lost-laptop", "--library", &at]).ended(0);
    assert!(said.out.contains("1 as expected"), "{}", said.out);
    assert!(said.err.is_empty(), "{}", said.err);
    pumplab(&[
        "show",
        "lab:lost-laptop",
        "--library",
        &at,
        "--defence",
        "lost-laptop",
    ])
    .ended(0);
    pumplab(&["show", "device:lost-laptop", "--library", &at]).ended(0);
}

#[test]
fn in_the_lab_every_pump_has_a_session_under_every_defence() {
    let scratch = Scratch::new("new-lab");
    let at = scratch.text("");
    pumplab(&["new", "lab", "small-ward", "--at", &at]).ended(0);
    pumplab(&["new", "defence", "ours", "--at", &at]).ended(0);
    scratch.write("scenarios/quiet.toml", &quiet("small-ward"));
    for defence in DEFENCES.into_iter().chain(["ours"]) {
        sessions_come_up(&scratch, "quiet", defence);
    }
}

#[test]
fn the_profile_serves_in_a_lab_under_every_defence() {
    let scratch = Scratch::new("new-profile");
    let at = scratch.text("");
    pumplab(&["new", "lab", "small-ward", "--at", &at]).ended(0);
    pumplab(&["new", "profile", "our-pump", "--at", &at]).ended(0);
    let file = scratch.path("labs/small-ward.toml");
    let text = std::fs::read_to_string(&file).expect("it is there");
    let lines = text
        .lines()
        .map(|line| match line.starts_with("profile = ") {
            true => "profile = \"our-pump\"",
            false => line,
        });
    let text: Vec<&str> = lines.collect();
    std::fs::write(&file, text.join("\n")).expect("it can be written");
    scratch.write("scenarios/quiet.toml", &quiet("small-ward"));
    for defence in DEFENCES {
        sessions_come_up(&scratch, "quiet", defence);
    }
}

/// The attack of the starter scenario succeeds where it is said to, and is stopped under the defence by a control.
#[test]
fn the_scenario_is_a_real_question_in_every_lab() {
    let scratch = Scratch::new("new-scenario");
    let at = scratch.text("");
    pumplab(&["new", "lab", "small-ward", "--at", &at]).ended(0);
    for lab in ["small-ward", "ward", "mixed", "leased"] {
        let name = format!("in-{lab}");
        let said = pumplab(&["new", "scenario", &name, "--lab", lab, "--at", &at]);
        let said = said.ended(0);
        assert!(said.out.contains("wrote"), "{}", said.out);
        if lab == "leased" {
            // None of its pumps takes libraries from strangers: the file is valid, and the run says that the contrast does not succeed.
            pumplab(&["run", &name, "--library", &at]).ended(1);
            continue;
        }
        let said = pumplab(&["run", &name, "--library", &at, "--format", "json"]).ended(0);
        let scenario = &said.json()["scenarios"][0];
        assert_eq!(scenario["outcome"], "held", "{lab}");
        let goals = |run: &str| {
            scenario[run]["verdict"]["goals"]
                .as_array()
                .map_or(0, Vec::len)
        };
        assert_eq!((goals("run"), goals("contrast")), (0, 1), "{lab}");
        let steps = scenario["run"]["verdict"]["steps"]
            .as_array()
            .expect("steps");
        let stopped = steps
            .iter()
            .find(|s| s["success"] == false)
            .expect("one failed");
        assert!(stopped["control"].is_string(), "{lab}: {stopped}");
    }
    let said = pumplab(&["new", "scenario", "x", "--lab", "smal-ward", "--at", &at]).ended(2);
    assert!(
        said.err.contains("did you mean `small-ward`?"),
        "{}",
        said.err
    );
    let said = pumplab(&["new", "lab", "x", "--lab", "ward", "--at", &at]).ended(2);
    assert!(said.err.contains("--lab is for scenarios"), "{}", said.err);
}

/// Fingerprints of all runs of a report, by scenario.
fn fingerprints(report: &Value) -> std::collections::BTreeMap<String, [Value; 2]> {
    let scenarios = report["scenarios"].as_array().expect("a list").iter();
    let one = |s: &Value| {
        let of = |run: &str| s[run]["manifest"]["fingerprint"].clone();
        let name = s["scenario"].as_str().expect("a name").to_owned();
        (name, [of("run"), of("contrast")])
    };
    scenarios.map(one).collect()
}

#[test]
fn every_built_in_file_can_be_copied_and_behaves_like_the_original() {
    let scratch = Scratch::new("new-from");
    let at = scratch.text("");
    let library = Library::embedded();
    let kinds = ["scenario", "lab", "profile", "defence", "library", "costs"];
    let mut written = 0;
    for word in kinds {
        let kind = Kind::named(word).expect("a kind");
        for name in library.names(kind) {
            let copy = format!("x-{name}");
            pumplab(&["new", word, &copy, "--from", &name, "--at", &at]).ended(0);
            let file = scratch.path(&format!("{}/{copy}.toml", kind.folder()));
            let text = std::fs::read_to_string(file).expect("it is there");
            let original = library.text(kind, &name).expect("it is built in");
            let (head, rest) = text.split_once('\n').expect("lines");
            assert!(head.starts_with("# Copied from the built-in "), "{head}");
            assert_eq!(rest, original, "{copy}");
            written += 1;
        }
    }
    let said = pumplab(&["check", &at]).ended(0);
    assert_eq!(said.out, format!("{written} files checked, no problems\n"));
    let report = pumplab(&["run", "--library", &at, "--format", "json"])
        .ended(0)
        .json();
    let all = fingerprints(&report);
    for name in library.scenario_names() {
        assert!(all[&name][0].is_string());
        assert_eq!(all[&name], all[&format!("x-{name}")], "{name}");
    }
}

#[test]
fn a_copied_lab_with_copied_parts_behaves_like_the_original() {
    let scratch = Scratch::new("new-from-parts");
    let at = scratch.text("");
    for (kind, from) in [
        ("lab", "ward"),
        ("library", "ward-v1"),
        ("profile", "open-maintenance"),
        ("defence", "sp1800-8"),
        ("scenario", "unsigned-library-push"),
    ] {
        pumplab(&[
            "new",
            kind,
            &format!("x-{from}"),
            "--from",
            from,
            "--at",
            &at,
        ])
        .ended(0);
    }
    let change = |file: &str, pairs: &[(&str, &str)]| {
        let path = scratch.path(file);
        let mut text = std::fs::read_to_string(&path).expect("it is there");
        for (from, to) in pairs {
            assert!(text.contains(from), "{from} in {file}");
            text = text.replace(from, to);
        }
        std::fs::write(path, text).expect("it can be written");
    };
    change(
        "labs/x-ward.toml",
        &[
            ("\"ward-v1\"", "\"x-ward-v1\""),
            ("\"open-maintenance\"", "\"x-open-maintenance\""),
        ],
    );
    change(
        "scenarios/x-unsigned-library-push.toml",
        &[
            ("lab = \"ward\"", "lab = \"x-ward\""),
            ("\"sp1800-8\"", "\"x-sp1800-8\""),
        ],
    );
    let names = ["unsigned-library-push", "x-unsigned-library-push"];
    let said = pumplab(&[
        "run",
        names[0],
        names[1],
        "--library",
        &at,
        "--format",
        "json",
    ]);
    let all = fingerprints(&said.ended(0).json());
    assert!(all[names[0]][1].is_string());
    assert_eq!(all[names[0]], all[names[1]]);
}

#[test]
fn an_unknown_original_is_told_with_what_may_be_meant() {
    let scratch = Scratch::new("new-from-unknown");
    let at = scratch.text("");
    for (kind, from, meant) in [
        ("scenario", "evil-twn", "evil-twin"),
        ("scenario", "wip-7-basic-function", "wip-7-basic-functions"),
        ("lab", "wrad", "ward"),
        ("profile", "modern-lpv", "modern-lvp"),
        ("defence", "sp1800", "sp1800-8"),
        ("library", "ward-v3", "ward-v"),
        ("costs", "defautl", "default"),
    ] {
        let said = pumplab(&["new", kind, "mine", "--from", from, "--at", &at]).ended(2);
        let hint = format!("did you mean `{meant}");
        assert!(said.err.contains(&hint), "{}", said.err);
    }
    assert!(
        !scratch.path("scenarios").exists(),
        "nothing is left behind"
    );
    let said = pumplab(&["new", "library", "mine", "--at", &at]).ended(2);
    assert!(said.err.contains("--from ward-v1"), "{}", said.err);
}

#[test]
fn nothing_is_overwritten_and_no_name_leads_elsewhere() {
    let scratch = Scratch::new("new-again");
    let at = scratch.text("");
    let file = scratch.write("defences/mine.toml", "title = \"Mine\"\ncontrols = []\n");
    for more in [&[][..], &["--from", "legacy"]] {
        let said = pumplab(&[&["new", "defence", "mine", "--at", &at], more].concat()).ended(2);
        assert!(said.err.contains("exists already"), "{}", said.err);
    }
    let text = std::fs::read_to_string(file).expect("it is there");
    assert_eq!(text, "title = \"Mine\"\ncontrols = []\n");
    for name in ["../up", "", "a b", "Mine", "x.toml", "/tmp/x"] {
        pumplab(&["new", "defence", name, "--at", &at]).ended(2);
    }
    let said = pumplab(&["new", "scenari", "x", "--at", &at]).ended(2);
    assert!(
        said.err.contains("did you mean `scenario`?"),
        "{}",
        said.err
    );
}
