//! Completion of names, as a shell asks for it.

use crate::bench::{Scratch, pumplab_with};
use std::process::Command;

/// What completes the last of these words.
fn completed(words: &[&str]) -> Vec<String> {
    let last = (words.len() - 1).to_string();
    let variables = [
        ("PUMPLAB_COMPLETE", "bash"),
        ("_CLAP_COMPLETE_INDEX", last.as_str()),
        ("_CLAP_IFS", "\n"),
    ];
    let arguments = [&["--"], words].concat();
    let out = pumplab_with(&variables, &arguments).ended(0).out;
    out.lines().map(str::to_owned).collect()
}

#[test]
fn names_are_completed_for_every_argument_that_takes_one() {
    let asked: &[(&[&str], &str)] = &[
        (&["pumplab", "ru"], "run"),
        (&["pumplab", "run", "evil"], "evil-twin"),
        (&["pumplab", "run", "jamming", "evil"], "evil-twin"),
        (&["pumplab", "explain", "shift"], "shift-change"),
        (&["pumplab", "trace", "shift"], "shift-change"),
        (&["pumplab", "check", "shift"], "shift-change"),
        (&["pumplab", "run", "--defence", "leg"], "legacy"),
        (&["pumplab", "run", "--without", "NET-0"], "NET-02"),
        (
            &["pumplab", "run", "--without", "NET-01,NET-0"],
            "NET-01,NET-02",
        ),
        (&["pumplab", "run", "--threat", "on"], "on-path"),
        (&["pumplab", "run", "--tag", "ransom"], "ransomware"),
        (&["pumplab", "run", "--lab", "wa"], "ward"),
        (&["pumplab", "run", "--attack-id", "T1557"], "T1557.002"),
        (
            &["pumplab", "run", "--library", "conformance", "wip-7"],
            "wip-7-basic-functions",
        ),
        (&["pumplab", "list", "kno"], "knowledge"),
        (
            &["pumplab", "list", "scenarios", "--technique", "ja"],
            "jam",
        ),
        (
            &["pumplab", "list", "controls", "--layer", "wire"],
            "wireless",
        ),
        (&["pumplab", "show", "wlan"], "wlan-psk"),
        (&["pumplab", "show", "legacy"], "legacy-psk"),
    ];
    for (words, wanted) in asked {
        let found = completed(words);
        assert!(found.iter().any(|f| f == wanted), "{words:?}: {found:?}");
        let last = words.last().copied().unwrap_or_default();
        assert!(
            found.iter().all(|f| f.starts_with(last)),
            "{words:?}: {found:?}"
        );
    }
}

#[test]
fn a_library_that_cannot_be_opened_completes_nothing() {
    assert!(completed(&["pumplab", "run", "--library", "/no/such/place", "evil"]).is_empty());
}

/// Bash itself, where it is there: the script is read, and its function fills the answers.
#[test]
fn bash_reads_the_script_and_completes() {
    let there = Command::new("bash").arg("--version").output();
    if there.is_err() {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "not run because there is no bash");
        return;
    }
    let scratch = Scratch::new("bash");
    let program = env!("CARGO_BIN_EXE_pumplab");
    let script = format!(
        r#"set -e
eval "$("{program}" completions bash)"
complete -p pumplab
ask() {{
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9; COMPREPLY=()
    _clap_complete_pumplab pumplab "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
    echo "answer ${{COMPREPLY[*]}}"
}}
ask pumplab run evil
ask pumplab run --threat denial
"#
    );
    let file = scratch.write("ask.bash", &script);
    let output = Command::new("bash")
        .arg(file)
        .output()
        .expect("bash starts");
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("-F _clap_complete_pumplab pumplab"), "{out}");
    assert!(out.lines().any(|l| l == "answer evil-twin"), "{out}");
    assert!(
        out.lines().any(|l| l == "answer denial-of-service"),
        "{out}"
    );
}
