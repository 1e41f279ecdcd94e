//! Reads a run directory back. What stands there was written by somebody else, perhaps by an older version: nothing is taken on trust.

use super::{Line, MANIFEST, MARKER, METRICS, Recorded, Story, TRACE, VERDICT};
use crate::error::HarnessError;
use crate::verdict::{FORMAT, Manifest, RunReport, Variant, Verdict};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Reads a run: its directory, the directory of its scenario (then `variant` says which of the runs), or a directory of runs that holds
/// one scenario only.
///
/// # Errors
/// When the directory is none of these, is incomplete, or was written by a later version.
pub fn read(path: &Path, variant: Variant) -> Result<Recorded, HarnessError> {
    let place = locate(path, variant)?;
    let manifest: Manifest = read_versioned(&place.join(MANIFEST), &place)?;
    let verdict: Verdict = read_versioned(&place.join(VERDICT), &place)?;
    let metrics: BTreeMap<String, Option<f64>> = read_json(&place.join(METRICS), &place)?;
    let story = read_trace(&place.join(TRACE), &place)?;
    Ok(Recorded {
        report: RunReport {
            manifest,
            verdict,
            metrics: metrics
                .into_iter()
                .map(|(k, v)| (k, v.unwrap_or(f64::NAN)))
                .collect(),
            wall: std::time::Duration::ZERO,
        },
        story,
    })
}

/// Whether a directory is a run, a scenario's runs, or a directory of runs.
#[must_use]
pub fn holds_runs(path: &Path) -> bool {
    let variants = [Variant::Run, Variant::Contrast];
    let one = |v: &Variant| path.join(v.name()).join(MANIFEST).is_file();
    path.join(MANIFEST).is_file() || path.join(MARKER).is_file() || variants.iter().any(one)
}

fn locate(path: &Path, variant: Variant) -> Result<PathBuf, HarnessError> {
    let refuse = |problem: &str| HarnessError::NotARun {
        path: path.to_owned(),
        problem: problem.to_owned(),
    };
    if path.join(MANIFEST).is_file() {
        return Ok(path.to_owned());
    }
    let below = path.join(variant.name());
    if below.join(MANIFEST).is_file() {
        return Ok(below);
    }
    if path.join(MARKER).is_file() {
        let scenarios = subdirectories(path)?;
        return match scenarios.as_slice() {
            [only] if only.join(variant.name()).join(MANIFEST).is_file() => {
                Ok(only.join(variant.name()))
            }
            [] => Err(refuse("it holds no finished run")),
            _ => Err(refuse(
                "it holds several: name one of the directories in it",
            )),
        };
    }
    Err(refuse("it has no manifest.json"))
}

fn subdirectories(path: &Path) -> Result<Vec<PathBuf>, HarnessError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(HarnessError::file("read", path))? {
        let entry = entry.map_err(HarnessError::file("read", path))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && entry.path().is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn read_json<T: DeserializeOwned>(path: &Path, place: &Path) -> Result<T, HarnessError> {
    let text = fs::read_to_string(path).map_err(HarnessError::file("read", path))?;
    serde_json::from_str(&text).map_err(|e| broken(place, path, &e.to_string()))
}

fn read_versioned<T: DeserializeOwned>(path: &Path, place: &Path) -> Result<T, HarnessError> {
    let value: serde_json::Value = read_json(path, place)?;
    let found = value
        .get("format")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| broken(place, path, "it has no format"))?;
    check_format(found, place)?;
    serde_json::from_value(value).map_err(|e| broken(place, path, &e.to_string()))
}

fn check_format(found: u64, place: &Path) -> Result<(), HarnessError> {
    if found > u64::from(FORMAT) {
        return Err(HarnessError::NewerFormat {
            path: place.to_owned(),
            found: u32::try_from(found).unwrap_or(u32::MAX),
            known: FORMAT,
        });
    }
    Ok(())
}

fn read_trace(path: &Path, place: &Path) -> Result<Story, HarnessError> {
    let file = File::open(path).map_err(HarnessError::file("read", path))?;
    let mut story = Story::default();
    let mut promised = None;
    for (number, text) in BufReader::new(file).lines().enumerate() {
        let text = text.map_err(HarnessError::file("read", path))?;
        let at = |problem: &str| broken(place, path, &format!("line {}: {problem}", number + 1));
        match serde_json::from_str(&text).map_err(|e| at(&e.to_string()))? {
            Line::Header {
                format,
                events,
                records,
            } => {
                check_format(u64::from(format), place)?;
                promised = Some((events, records));
            }
            Line::Event(event) => {
                if event.cause >= event.id {
                    return Err(at("an event cannot come before its cause"));
                }
                story.events.insert(event.id, event);
            }
            Line::Record(record) => {
                if story
                    .records
                    .last()
                    .is_some_and(|last| last.id >= record.id)
                {
                    return Err(at("records are not in order"));
                }
                story.records.push(record);
            }
        }
    }
    let found = (story.events.len() as u64, story.records.len() as u64);
    if promised != Some(found) {
        return Err(broken(place, path, "it ends early"));
    }
    Ok(story)
}

fn broken(place: &Path, file: &Path, problem: &str) -> HarnessError {
    let name = file
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    HarnessError::NotARun {
        path: place.to_owned(),
        problem: format!("{name}: {problem}"),
    }
}
