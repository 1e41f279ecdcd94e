//! `new`: files to begin with.

use crate::bench::{Scratch, pumplab};

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
        assert!(said.out.contains("next: pumplab check"), "{}", said.out);
        let file = scratch.text(&format!("{folder}/lost-laptop.toml"));
        let said = pumplab(&["check", &file]).ended(0);
        assert!(
            said.out.contains("1 file checked, no problems"),
            "{}",
            said.out
        );
    }
    pumplab(&["check", &at]).ended(0);
    let said = pumplab(&["run", "lost-laptop", "--library", &at]).ended(0);
    assert!(said.out.contains("1 held"), "{}", said.out);
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
fn nothing_is_overwritten_and_no_name_leads_elsewhere() {
    let scratch = Scratch::new("new-again");
    let at = scratch.text("");
    let file = scratch.write("defences/mine.toml", "title = \"Mine\"\ncontrols = []\n");
    let said = pumplab(&["new", "defence", "mine", "--at", &at]).ended(2);
    assert!(said.err.contains("exists already"), "{}", said.err);
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
    pumplab(&["new", "library", "x", "--at", &at]).ended(2);
}
