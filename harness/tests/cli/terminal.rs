//! The command on a terminal: every command comes to its end there, fits the terminal, and says what Ctrl-C did.

use crate::bench::{Scratch, pumplab};
use crate::pty::{Seen, Terminal, screen};
use std::path::Path;

const PUSH: &str = "unsigned-library-push";
/// More scenarios than are shown with all their expectations, of several kinds of threat.
const SEVERAL: [&str; 8] = [
    "run",
    PUSH,
    "access-point-loss",
    "insider-at-the-bedside",
    "usability-budget",
    "vendor-session-killed",
    "x1-phi-by-pivot",
    "agent-flaw-patched",
];

/// Arguments after others.
fn with<'a>(first: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [first, more].concat()
}

/// A terminal of 80 columns for the command.
fn on_a_terminal() -> Terminal<'static> {
    Terminal::of(Path::new(env!("CARGO_BIN_EXE_pumplab")))
}

/// Kinds of `list`, as a wrong one is answered.
fn kinds() -> Vec<String> {
    let listed = pumplab(&["list", "no-such-kind"]).ended(2).err;
    let (_, values) = listed.split_once("[possible values: ").expect("kinds");
    let (values, _) = values.split_once(']').expect("an end of the kinds");
    values.split(", ").map(str::to_owned).collect()
}

/// Takes out what differs from run to run: wall time.
fn without_wall(screen: &str) -> String {
    let mask = |line: &str| match line.split_once("events, ") {
        Some((events, wall)) => {
            let rest = wall.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            format!("{events}events, _{rest}")
        }
        None => line.to_owned(),
    };
    screen.lines().map(mask).collect::<Vec<_>>().join("\n")
}

/// Fails if a line is longer than the terminal is wide; commands to copy may be.
#[track_caller]
fn fits(seen: &Seen, columns: usize, arguments: &[&str]) {
    for line in screen(&seen.bytes, 2000) {
        let long = line.chars().count() > columns && !line.contains("pumplab ");
        assert!(!long, "{arguments:?} at {columns}: {line}");
    }
}

#[test]
fn the_first_command_comes_to_its_end_on_a_terminal() {
    let seen = on_a_terminal().run(&[]).ended(0);
    assert!(seen.screen.contains("as expected"), "{}", seen.screen);
    assert!(
        seen.screen.lines().count() <= 60,
        "one page:\n{}",
        seen.screen
    );
}

#[test]
fn rows_come_with_any_number_of_threads_and_any_progress() {
    on_a_terminal()
        .run(&["run", "--jobs", "2", "--progress"])
        .ended(0);
    for more in [
        &["--jobs", "1"][..],
        &["--jobs", "2"],
        &["--summary", "--jobs", "2"],
        &["--wide", "--jobs", "2"],
        &["--format", "json", "--jobs", "2"],
    ] {
        on_a_terminal().run(&with(&SEVERAL, more)).ended(0);
        on_a_terminal().run(&with(&SEVERAL[..3], more)).ended(0);
    }
}

#[test]
fn rows_stand_in_order_below_their_kind_of_threat() {
    let one = on_a_terminal()
        .run(&with(&SEVERAL, &["--jobs", "1"]))
        .ended(0);
    let two = on_a_terminal()
        .run(&with(&SEVERAL, &["--jobs", "2"]))
        .ended(0);
    assert_eq!(without_wall(&one.screen), without_wall(&two.screen));
}

#[test]
fn every_other_command_comes_to_its_end_on_a_terminal() {
    let scratch = Scratch::new("terminal");
    let at = scratch.text("");
    let out = scratch.text("runs");
    let run = scratch.text(&format!("runs/{PUSH}"));
    on_a_terminal().run(&["run", PUSH, "--out", &out]).ended(0);
    for arguments in [
        &["check"][..],
        &["new", "scenario", "on-a-terminal", "--at", &at],
        &["show", "lab:ward"],
        &["show", PUSH],
        &["explain", PUSH],
        &["explain", &run],
        &["trace", &run],
        &["schema", "scenario"],
        &["completions", "bash"],
        &["calibrate", "--rounds", "1"],
        &["--help"],
        &["--version"],
    ] {
        on_a_terminal().run(arguments).ended(0);
    }
    for kind in kinds() {
        on_a_terminal().run(&["list", &kind]);
    }
    on_a_terminal().run(&["run", "no-such-scenario"]).ended(2);
}

#[test]
fn a_terminal_without_movement_or_colour_gets_neither() {
    for variables in [[("TERM", "dumb")], [("NO_COLOR", "1")]] {
        let terminal = Terminal {
            variables: &variables,
            ..on_a_terminal()
        };
        let seen = terminal
            .run(&["run", PUSH, "evil-twin", "--jobs", "2"])
            .ended(0);
        let coloured = seen
            .bytes
            .windows(3)
            .any(|w| w == b"\x1b[3" || w == b"\x1b[1");
        assert!(!coloured, "{variables:?}");
        if variables[0].0 == "TERM" {
            assert!(!seen.bytes.contains(&0x1b), "no escape at all");
        }
    }
}

#[test]
fn a_closed_standard_error_changes_nothing() {
    for arguments in [
        with(&SEVERAL, &[]),
        with(&SEVERAL, &["--progress"]),
        vec!["run", "no-such-scenario"],
    ] {
        let code = if arguments.len() == 2 { 2 } else { 0 };
        let terminal = Terminal {
            closed_error: true,
            ..on_a_terminal()
        };
        terminal.run(&arguments).ended(code);
    }
}

#[test]
fn an_interrupt_keeps_what_is_finished_and_says_how_to_go_on() {
    let scratch = Scratch::new("interrupt");
    let out = scratch.text("runs");
    let interrupted = || {
        let terminal = Terminal {
            interrupt_at: Some("as expected"),
            ..on_a_terminal()
        };
        let seen = terminal.run(&["run", "--jobs", "1", "--out", &out]);
        let seen = seen.ended(130);
        assert!(seen.screen.contains("interrupted: "), "{}", seen.screen);
        seen
    };
    // Between two runs nothing is under way that could be finished, and nothing is said of it.
    let mut tries = (0..5).map(|_| interrupted());
    let seen = tries.find(|s| s.screen.contains("stopping: "));
    let seen = seen.expect("an interrupt in a run says that the run is finished");
    assert!(seen.screen.contains("pumplab run "), "{}", seen.screen);
    let marker = scratch.read("runs/pumplab.json");
    assert!(marker.contains("\"complete\": false"), "{marker}");
    let kept: Vec<_> = std::fs::read_dir(scratch.path("runs"))
        .expect("the directory is there")
        .flatten()
        .filter(|e| e.path().is_dir())
        .collect();
    assert!(!kept.is_empty(), "what is finished stays");
    for directory in kept {
        let name = directory.file_name().to_string_lossy().into_owned();
        assert!(!name.starts_with('.'), "{name} was left half-written");
        assert!(
            directory.path().join("run/manifest.json").is_file(),
            "{name}"
        );
    }
}

/// What people look at, at widths they have. The first lines are kept; all lines fit.
#[test]
fn tables_fit_the_terminal() {
    let kinds = kinds();
    let mut looked_at = vec![
        ("page".to_owned(), with(&SEVERAL, &["--summary"])),
        ("run".to_owned(), SEVERAL.to_vec()),
        ("run-one".to_owned(), vec!["run", PUSH]),
        (
            "run-unexpected".to_owned(),
            vec!["run", PUSH, "--without", "DEV-07"],
        ),
        (
            "show-lab".to_owned(),
            vec!["show", "lab:ward", "--defence", "sp1800-8"],
        ),
        ("show-scenario".to_owned(), vec!["show", PUSH]),
        ("show-control".to_owned(), vec!["show", "NET-02"]),
        (
            "trace".to_owned(),
            vec!["trace", PUSH, "--node", "pump-12", "--to", "11m"],
        ),
        ("explain".to_owned(), vec!["explain", PUSH]),
    ];
    for kind in &kinds {
        looked_at.push((format!("list-{kind}"), vec!["list", kind]));
    }
    for (name, arguments) in &looked_at {
        let mut shown = String::new();
        for columns in [60, 80, 120, 200] {
            let terminal = Terminal {
                columns,
                ..on_a_terminal()
            };
            let seen = terminal.run(arguments);
            fits(&seen, columns.into(), arguments);
            let lines = without_wall(&seen.screen);
            let first: Vec<&str> = lines.lines().take(40).collect();
            shown.push_str(&format!(
                "{:=^1$}\n{2}\n",
                format!(" {columns} columns "),
                usize::from(columns),
                first.join("\n")
            ));
        }
        insta::assert_snapshot!(format!("terminal-{name}"), shown);
    }
}
