//! Promise 3: same seed, same bytes.
//!
//! `tests/fingerprints.toml` holds the fingerprint of every scenario under every defence; it must hold in debug and release alike.
//! After a change that is meant to change runs: `PUMPLAB_BLESS=1 cargo test -p pumplab-tests --test system fingerprints`.

use pumplab_sim::run::{Outcome, run};
use pumplab_tests::{Told, config, in_parallel, matrix};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    run: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    scenario: String,
    defence: String,
    seed: u64,
    events: u64,
    fingerprint: String,
}

const HEAD: &str = "\
# Fingerprints of the library's scenarios under its defences; a test compares them in debug and release.
# Written by: PUMPLAB_BLESS=1 cargo test -p pumplab-tests --test system fingerprints

";

fn row(told: &Told) -> Row {
    Row {
        scenario: told.cell.scenario.clone(),
        defence: told.cell.defence.clone(),
        seed: told.cell.seed,
        events: told.outcome.events,
        fingerprint: told.outcome.fingerprint.to_string(),
    }
}

#[test]
fn fingerprints_are_those_of_the_book() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fingerprints.toml");
    let seen = Book {
        run: matrix().iter().map(row).collect(),
    };
    if std::env::var_os("PUMPLAB_BLESS").is_some() {
        let text = toml::to_string(&seen).expect("rows are plain");
        fs::write(&path, format!("{HEAD}{text}")).expect("the book can be written");
    }
    let text = fs::read_to_string(&path).expect("the book is committed");
    let book: Book = toml::from_str(&text).expect("the book is what this test writes");
    let changed: Vec<String> = seen
        .run
        .iter()
        .filter(|row| !book.run.contains(row))
        .map(|row| {
            format!(
                "{} under {}: now {} events",
                row.scenario, row.defence, row.events
            )
        })
        .collect();
    assert!(
        changed.is_empty() && seen.run.len() == book.run.len(),
        "{} of {} runs are not those of tests/fingerprints.toml (which has {}):\n  {}\nif that is meant: \
         PUMPLAB_BLESS=1 cargo test -p pumplab-tests --test system fingerprints",
        changed.len(),
        seen.run.len(),
        book.run.len(),
        changed.join("\n  ")
    );
}

/// Twice in one process, side by side with others, with and without a trace: the same.
#[test]
fn a_second_run_has_the_same_fingerprint() {
    let runs: Vec<_> = matrix().iter().collect();
    in_parallel(runs, |told| {
        let again = run(&config(&told.cell, false)).expect("it ran before");
        let name = told.cell.name();
        assert_eq!(again.fingerprint, told.outcome.fingerprint, "{name}");
        assert_eq!(again.records, told.outcome.records, "{name}");
        assert_eq!(again.metrics, told.outcome.metrics, "{name}");
        assert_eq!(again.noticed, told.outcome.noticed, "{name}");
        let refused =
            |o: &Outcome| -> Vec<_> { o.steps.iter().map(|s| s.refused.clone()).collect() };
        assert_eq!(refused(&again), refused(&told.outcome), "{name}");
    });
}
