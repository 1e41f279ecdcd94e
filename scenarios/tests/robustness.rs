//! Whatever a file says, reading it ends with an answer: a value or diagnostics, never a panic.

use proptest::prelude::*;
use pumplab_scenarios::{Code, Diagnostics, Kind, Library};
use pumplab_sim::spec::{LabSpec, Provenance};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use std::sync::LazyLock;

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);

/// A small lab, so that mutations hit something that matters.
const SMALL: &str = include_str!("small.toml");

/// Valid files with their kinds.
static FILES: LazyLock<Vec<(Kind, String)>> = LazyLock::new(|| {
    let mut files = vec![(Kind::Lab, SMALL.to_owned())];
    for kind in [Kind::Defence, Kind::Profile, Kind::Scenario] {
        for name in LIBRARY.names(kind) {
            files.extend(LIBRARY.text(kind, &name).map(|t| (kind, t.to_owned())));
        }
    }
    files
});

fn unchanged<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).expect("it can be written");
    let read: T = serde_json::from_str(&text).expect("it can be read");
    assert_eq!(*value, read);
}

#[test]
fn a_resolved_lab_survives_json() {
    for name in LIBRARY.scenario_names() {
        let scenario = LIBRARY
            .load_scenario(&name)
            .unwrap_or_else(|e| panic!("{e}"));
        for defence in LIBRARY.defence_names() {
            let resolved = scenario.resolve(&LIBRARY, Some(&defence), &[]);
            let resolved = resolved.unwrap_or_else(|e| panic!("{e}"));
            unchanged::<LabSpec>(&resolved.lab);
            unchanged::<Provenance>(&resolved.provenance);
            unchanged(&resolved.play);
        }
    }
}

#[test]
fn the_small_lab_is_right() {
    let checked = LIBRARY.check(Kind::Lab, "small.toml", SMALL);
    assert!(checked.is_ok(), "{}", checked.expect_err("it is wrong"));
}

/// Reads a text; what is told must be renderable and must not be a fault of ours.
fn answers(kind: Kind, text: &str) -> Result<(), TestCaseError> {
    if let Err(wrong) = LIBRARY.check(kind, "mutated.toml", text) {
        well_formed(&wrong, text)?;
    }
    Ok(())
}

fn well_formed(wrong: &Diagnostics, text: &str) -> Result<(), TestCaseError> {
    prop_assert!(!wrong.is_empty());
    for d in &wrong.items {
        prop_assert_ne!(d.code, Code::Assertion, "{}\n{}", d.message, text);
        prop_assert!(d.line_column().is_some() || d.source.is_none());
    }
    prop_assert!(!wrong.render(false).is_empty());
    prop_assert!(!wrong.render(true).is_empty());
    Ok(())
}

/// Pieces that a mutation may put in.
const PIECES: &[&str] = &[
    "",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\n",
    "#",
    "[[",
    "]]",
    "-1",
    "0",
    "1e999",
    "nan",
    "9223372036854775808",
    "true",
    "\"\"",
    "\"x\"",
    "1979-05-27",
    "[]",
    "{}",
    "\u{0}",
    "\u{7}",
    "é",
    "\u{1F4A9}",
    "\r",
    "\t",
    "0x_",
    "\"10m\"",
    "[[host]]\n",
    "[contrast]\n",
    "255.255.255.255/32",
    "255.255.255.252/30",
    "4294967295",
    "\"\"\"",
];

proptest! {
    // 256 cases each; PROPTEST_CASES asks for more.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_file_gets_an_answer(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, prop::sample::select(PIECES)), 1..4),
    ) {
        let (kind, text) = which.get(&FILES);
        let mut text = text.clone();
        for (at, length, piece) in changes {
            let chars: Vec<(usize, char)> = text.char_indices().collect();
            if chars.is_empty() {
                break;
            }
            let at = at.index(chars.len());
            let end = chars.get(at + length).map_or(text.len(), |c| c.0);
            text.replace_range(chars[at].0..end, piece);
        }
        answers(*kind, &text)?;
    }

    #[test]
    fn a_file_without_some_lines_gets_an_answer(
        which in any::<prop::sample::Index>(),
        keep in prop::collection::vec(prop::bool::weighted(0.9), 64),
    ) {
        let (kind, text) = which.get(&FILES);
        let lines = text.lines().zip(keep.iter().cycle());
        let kept: Vec<&str> = lines.filter(|(_, keep)| **keep).map(|(line, _)| line).collect();
        answers(*kind, &kept.join("\n"))?;
    }

    #[test]
    fn a_file_with_values_exchanged_gets_an_answer(
        which in any::<prop::sample::Index>(),
        a in any::<prop::sample::Index>(),
        b in any::<prop::sample::Index>(),
    ) {
        let (kind, text) = which.get(&FILES);
        let mut lines: Vec<(String, String)> = text
            .lines()
            .map(|l| l.split_once('=').map_or((l.to_owned(), String::new()), |(k, v)| (k.to_owned(), format!("={v}"))))
            .collect();
        let (a, b) = (a.index(lines.len()), b.index(lines.len()));
        let value = lines[a].1.clone();
        lines[a].1 = std::mem::replace(&mut lines[b].1, value);
        let text: Vec<String> = lines.into_iter().map(|(k, v)| k + &v).collect();
        answers(*kind, &text.join("\n"))?;
    }

    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,200}") {
        for kind in Kind::ALL {
            answers(kind, &text)?;
        }
    }
}
