//! Arguments: what is refused, and how it is said.

use crate::bench::{pumplab, pumplab_with};

#[test]
fn help_and_version_are_answers_not_errors() {
    let version = pumplab(&["--version"]).ended(0);
    assert!(
        version.out.contains("seed-compatible since"),
        "{}",
        version.out
    );
    insta::assert_snapshot!("help", pumplab(&["--help"]).ended(0).out);
    insta::assert_snapshot!("help-run", pumplab(&["run", "--help"]).ended(0).out);
}

#[test]
fn wrong_arguments_end_with_2() {
    let wrong: &[&[&str]] = &[
        &["fly"],
        &["run", "--seed", "many"],
        &["run", "--jobs", "0"],
        &["run", "--format", "yaml"],
        &["run", "no-such-scenario"],
        &["run", "no/such/file.toml"],
        &["run", "--defence", "no-such-defence"],
        &["run", "--without", "NO-99"],
        &["run", "--library", "/no/such/directory"],
        &["run", "--library", "no-such-collection"],
        &["list", "spoons"],
        &["show", "no-such-thing"],
        &["show", "lab:ward", "--defence", "no-such-defence"],
        &["show", "lab:ward", "--without", "NO-99"],
        &["check", "--kind", "spoon"],
        &["schema", "spoon"],
        &["explain"],
        &["explain", "no-such-scenario"],
        &["explain", "."],
        &["trace", ".", "7"],
        &["trace", "unsigned-library-push", "--from", "soon"],
        &["completions", "cmd.exe"],
    ];
    for arguments in wrong {
        let said = pumplab(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}{}", said.out, said.err);
        assert!(said.out.is_empty(), "{arguments:?} printed: {}", said.out);
        assert!(said.err.contains("error"), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn a_slip_in_a_name_is_answered_with_the_right_one() {
    let slips: &[(&[&str], &str)] = &[
        (&["run", "unsigned-libary-push"], "unsigned-library-push"),
        (&["run", "--defence", "sp1800-7"], "sp1800-8"),
        (&["run", "--library", "conformence"], "conformance"),
        (&["show", "NET-O2"], "NET-02"),
        (&["show", "lab:wrad"], "ward"),
        (&["list", "controlls"], "controls"),
        (&["schema", "scenarios"], "scenario"),
    ];
    for (arguments, meant) in slips {
        let said = pumplab(arguments).ended(2);
        assert!(said.err.contains(meant), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn a_variable_that_cannot_be_read_is_named() {
    let said = pumplab_with(&[("PUMPLAB_SEED", "many")], &["run"]).ended(2);
    assert!(said.err.contains("many"), "{}", said.err);
}

#[test]
fn piped_output_has_no_colour() {
    for arguments in [&["list", "controls"], &["show", "lab:ward"]] {
        assert!(!pumplab(arguments).ended(0).out.contains('\x1b'));
    }
}

#[test]
fn completions_are_printed() {
    let said = pumplab(&["completions", "bash"]).ended(0);
    assert!(said.out.contains("_pumplab"));
}
