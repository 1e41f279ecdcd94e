//! `check`: all problems at once, and nothing is run.

use crate::bench::{Scratch, pumplab};

const BROKEN: &str = r#"title = "Broken"
lab = "wart"
defence = "sp1800-8"
duration = "an hour"

[[attacker]]
name = "mallory"
at = { zone = "meddev" }
goal = "alter-limits"
colour = "red"

[[expect]]
holds = "library-integrty"
"#;

#[test]
fn the_library_has_no_problems() {
    let said = pumplab(&["check"]).ended(0);
    assert!(said.out.contains("no problems"), "{}", said.out);
}

#[test]
fn all_problems_of_a_file_are_told_at_once() {
    let scratch = Scratch::new("check-broken");
    let file = scratch.write("broken.toml", BROKEN);
    let said = pumplab(&["check", &file]).ended(2);
    for slip in ["wart", "an hour", "colour", "library-integrty"] {
        assert!(said.out.contains(slip), "{slip} in\n{}", said.out);
    }
    assert!(said.out.contains("broken.toml:2"), "{}", said.out);
    insta::assert_snapshot!(scratch.hide(&said.out));
    // The same file is refused when it is to be run, with the same words, and nothing is run.
    let refused = pumplab(&["run", &file]).ended(2);
    assert!(refused.out.is_empty());
    assert!(refused.err.contains("did you mean"), "{}", refused.err);
}

#[test]
fn directories_are_searched_and_good_files_do_not_hide_bad_ones() {
    let scratch = Scratch::new("check-tree");
    scratch.write("scenarios/bad.toml", BROKEN);
    scratch.write(
        "defences/mine.toml",
        "title = \"Mine\"\ncontrols = [\"NET-02\"]\n",
    );
    scratch.write(
        "defences/worse.toml",
        "title = \"Worse\"\ncontrols = [\"NET-2\"]\n",
    );
    let said = pumplab(&["check", &scratch.text("")]).ended(2);
    assert!(said.out.contains("3 files checked"), "{}", said.out);
    assert!(said.out.contains("NET-2"), "{}", said.out);
    let good = pumplab(&["check", &scratch.text("defences/mine.toml")]).ended(0);
    assert!(
        good.out.contains("1 file checked, no problems"),
        "{}",
        good.out
    );
}

#[test]
fn a_file_that_is_not_text_is_refused() {
    let scratch = Scratch::new("check-binary");
    let path = scratch.path("noise.toml");
    std::fs::write(&path, [0xff, 0xfe, 0x00]).expect("it can be written");
    scratch.write("broken.toml", BROKEN);
    let said = pumplab(&["check", &scratch.text("")]).ended(2);
    for told in ["is not text in UTF-8", "wart", "2 files checked"] {
        assert!(said.out.contains(told), "{}", said.out);
    }
    let said = pumplab(&["check", "/no/such/file.toml"]).ended(2);
    assert!(said.out.contains("PL0113"), "{}", said.out);
}
