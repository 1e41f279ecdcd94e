//! Runs that lie below a directory: finished ones, and what was left unfinished.

use super::Row;
use crate::error::HarnessError;
use crate::record::{MANIFEST, TRACE, VERDICT};
use crate::verdict::{Manifest, RunEnd, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::Path;

/// What a run directory says of its run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunFacts {
    /// Scenario; empty where the run is not finished.
    pub scenario: String,
    /// `run` or `contrast`.
    pub variant: String,
    /// Defence, with what was left out.
    pub defence: String,
    /// Seed.
    pub seed: Option<u64>,
    /// Whether everything expected held.
    pub held: Option<bool>,
    /// What happened.
    pub outcome: String,
    /// Whether the directory is whole and its run came to its end.
    pub complete: bool,
}

/// How deep runs are looked for.
const DEPTH: usize = 8;

/// A row for every run below a directory, in the order of their paths.
///
/// # Errors
/// When the directory cannot be read, or has no run below it.
pub fn rows(dir: &Path) -> Result<Vec<Row>, HarnessError> {
    let mut rows = Vec::new();
    collect(dir, DEPTH, &mut rows)?;
    if rows.is_empty() {
        return Err(HarnessError::Nothing(format!(
            "there is no run below {}: `pumplab run --out DIR` writes them",
            dir.display()
        )));
    }
    Ok(rows)
}

fn collect(dir: &Path, depth: usize, rows: &mut Vec<Row>) -> Result<(), HarnessError> {
    if dir.join(MANIFEST).is_file() || dir.join(TRACE).is_file() {
        rows.push(row(dir));
        return Ok(());
    }
    let entries = fs::read_dir(dir).map_err(HarnessError::file("read", dir))?;
    let mut below = Vec::new();
    for entry in entries {
        let entry = entry.map_err(HarnessError::file("read", dir))?;
        // A link may lead back to where it lies.
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            below.push(entry.path());
        }
    }
    below.sort();
    if depth > 0 {
        for path in below {
            // A directory beside the asked one that is closed to the reader says nothing about the others.
            match collect(&path, depth - 1, rows) {
                Err(HarnessError::File { .. }) | Ok(()) => {}
                Err(other) => return Err(other),
            }
        }
    }
    Ok(())
}

fn row(place: &Path) -> Row {
    let manifest = read::<Manifest>(&place.join(MANIFEST));
    let verdict = read::<Verdict>(&place.join(VERDICT));
    // A scenario's directory is written beside its place, under a name with a dot, and renamed when it is whole.
    let partial = place.components().any(|c| {
        let name = c.as_os_str().to_string_lossy();
        name.starts_with('.') && name.contains(".partial-")
    });
    let ended = manifest.as_ref().is_some_and(|m| m.end == RunEnd::Complete);
    let complete = ended && verdict.is_some() && !partial;
    let outcome = match (&manifest, &verdict) {
        (Some(m), Some(v)) => match &m.end {
            RunEnd::Complete => v.happened.clone(),
            RunEnd::Budget(budget) => format!("{}; budget spent: {budget}", v.happened),
        },
        _ => "not finished, or written by another version".to_owned(),
    };
    let facts = RunFacts {
        scenario: manifest
            .as_ref()
            .map_or_else(String::new, |m| m.scenario.clone()),
        variant: manifest
            .as_ref()
            .map_or_else(String::new, |m| m.variant.name().to_owned()),
        defence: manifest.as_ref().map_or_else(String::new, |m| {
            let left_out = m.without.iter().map(|c| format!(" -{c}"));
            left_out.fold(m.defence.clone(), |all, c| all + &c)
        }),
        seed: manifest.as_ref().map(|m| m.seed),
        held: verdict.as_ref().filter(|_| complete).map(|v| v.held),
        outcome,
        complete,
    };
    let title = manifest.map_or_else(|| facts.outcome.clone(), |m| m.title);
    Row {
        id: place.display().to_string().escape_debug().to_string(),
        title,
        note: note(&facts),
        run: Some(facts),
        ..Row::default()
    }
}

fn note(run: &RunFacts) -> String {
    if run.scenario.is_empty() {
        return "incomplete".to_owned();
    }
    let seed = run.seed.unwrap_or_default();
    let held = match run.held {
        Some(true) => "held",
        Some(false) => "not held",
        None => "incomplete",
    };
    let contrast = if run.variant == "contrast" {
        " (contrast)"
    } else {
        ""
    };
    format!(
        "{}{contrast} under {}, seed {seed}: {held}, {}",
        run.scenario, run.defence, run.outcome
    )
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let text = fs::read_to_string(path).ok()?;
    serde_json::from_str(&text).ok()
}
