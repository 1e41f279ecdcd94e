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

/// A lab of which a part is broken or can never work, and three scenarios in it.
fn three_in(scratch: &Scratch, from: &str, to: &str) -> String {
    let at = scratch.text("");
    pumplab(&["new", "lab", "small-ward", "--at", &at]).ended(0);
    let file = scratch.path("labs/small-ward.toml");
    let text = std::fs::read_to_string(&file).expect("it is there");
    assert!(text.contains(from), "{from}");
    std::fs::write(file, text.replacen(from, to, 1)).expect("it can be written");
    for name in ["one", "two", "three"] {
        let text = format!(
            "title = \"{name}\"\nlab = \"small-ward\"\ndefence = \"bare\"\nduration = \"5m\"\n\n[[expect]]\nholds = \"dose-limits\"\n"
        );
        scratch.write(&format!("scenarios/{name}.toml"), &text);
    }
    at
}

#[test]
fn a_broken_lab_is_told_once_for_all_scenarios_that_use_it() {
    let scratch = Scratch::new("check-shared");
    let at = three_in(
        &scratch,
        "drug = \"norepinephrine\"",
        "drug = \"norepinefrine\"",
    );
    let said = pumplab(&["check", &at]).ended(2);
    assert!(
        said.out.contains("4 files checked, 1 problem\n"),
        "{}",
        said.out
    );
    let one = scratch.text("scenarios/one.toml");
    let two = scratch.text("scenarios/two.toml");
    let said = pumplab(&["check", &one, &two, "--library", &at]).ended(2);
    assert!(
        said.out.contains("2 files checked, 1 problem\n"),
        "{}",
        said.out
    );
}

#[test]
fn what_can_never_work_is_told_by_check_and_by_run() {
    let scratch = Scratch::new("check-never");
    let at = three_in(&scratch, "\ndhcp = true\n", "\n");
    let said = pumplab(&["check", &at]).ended(0);
    assert!(
        said.out
            .contains("4 files checked, no problems, 1 warning\n"),
        "{}",
        said.out
    );
    assert!(said.out.contains("warning[PL0802]"), "{}", said.out);
    let file = scratch.text("scenarios/one.toml");
    let said = pumplab(&["run", &file, "--library", &at, "--format", "json"]).ended(0);
    assert!(said.err.contains("warning[PL0802]"), "{}", said.err);
    let notes = &said.json()["scenarios"][0]["run"]["manifest"]["notes"];
    assert_eq!(
        notes[0],
        "pump-01, pump-02 and pump-03 never had a session with their server: it joined network hospital and got no address by DHCP"
    );
    // In the shipped library there is nothing of the kind to tell.
    let said = pumplab(&["run", "shift-change"]).ended(0);
    assert!(said.err.is_empty(), "{}", said.err);
}

#[test]
fn a_pump_out_of_range_is_said_before_and_after_the_run() {
    let scratch = Scratch::new("check-far");
    let at = three_in(&scratch, "at = [38.0, 2.0]", "at = [4038.0, 2.0]");
    let file = scratch.text("scenarios/two.toml");
    let said = pumplab(&["run", &file, "--library", &at, "--format", "json"]).ended(0);
    assert!(said.err.contains("warning[PL0804]"), "{}", said.err);
    let notes = &said.json()["scenarios"][0]["run"]["manifest"]["notes"];
    let note = notes[0].as_str().expect("a note");
    let begins = "pump-03 never had a session with its server: it looked for network hospital and did not join";
    assert!(note.starts_with(begins), "{note}");
}

#[test]
fn nothing_of_a_file_commands_the_terminal() {
    let scratch = Scratch::new("check-escape");
    let evil = BROKEN.replace("wart", "w\\u001b[2J\\u0007\\u202e");
    let file = scratch.write("evil.toml", &evil);
    let said = pumplab(&["check", &file]).ended(2);
    let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!said.out.contains(acts), "{:?}", said.out);
    assert!(said.out.contains("\\u001B[2J"), "{}", said.out);
}

/// Reading a pipe waits for whoever writes to it, and links to the directory itself have no end.
#[test]
fn pipes_and_links_that_lead_back_do_not_hold_it_up() {
    let scratch = Scratch::new("check-pipe");
    let file = scratch.write("broken.toml", BROKEN);
    let dir = std::path::Path::new(&file)
        .parent()
        .expect("it lies in a directory");
    let pipe = dir.join("pipe.toml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo of coreutils").success());
    for link in ["again", "and-again"] {
        std::os::unix::fs::symlink(dir, dir.join(link)).expect("a link");
    }
    let dir = dir.display().to_string();
    let said = pumplab(&["check", &dir]).ended(2);
    assert!(
        said.out.contains("pipe.toml is no regular file"),
        "{}",
        said.out
    );
    assert!(said.out.contains("2 files checked"), "{}", said.out);
    let pipe = pipe.display().to_string();
    for args in [["run", dir.as_str()], ["run", &pipe], ["check", &pipe]] {
        let said = pumplab(&args).ended(2);
        let text = format!("{}{}", said.out, said.err);
        assert!(text.contains("no regular file"), "{args:?}: {text}");
    }
}
