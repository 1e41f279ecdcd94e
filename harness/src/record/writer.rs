//! Writes runs below one directory. A scenario's directory appears whole or not at all: it is written beside its place and renamed.

use super::{LAB, Line, MANIFEST, MARKER, METRICS, Marker, PROVENANCE, TRACE, VERDICT};
use super::{Recorded, RecordedLab, Story};
use crate::error::HarnessError;
use crate::verdict::FORMAT;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A directory of runs that is being written.
#[derive(Debug)]
pub struct RunsDirectory {
    root: PathBuf,
}

impl RunsDirectory {
    /// Takes a directory into use: a new or empty one, or one that already holds runs.
    ///
    /// # Errors
    /// When the directory holds something else, or cannot be written.
    pub fn prepare(root: &Path) -> Result<Self, HarnessError> {
        match fs::read_dir(root) {
            Ok(mut entries) => {
                if entries.next().is_some() && !is_ours(root) {
                    return Err(HarnessError::ForeignDirectory(root.to_owned()));
                }
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(root).map_err(HarnessError::file("create", root))?;
            }
            Err(e) => return Err(HarnessError::file("read", root)(e)),
        }
        let this = Self {
            root: root.to_owned(),
        };
        this.mark(false)?;
        Ok(this)
    }

    /// Writes the runs of one scenario; older runs of the same scenario are replaced.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn write(
        &self,
        scenario: &str,
        runs: &[(&Recorded, &RecordedLab)],
    ) -> Result<PathBuf, HarnessError> {
        let place = self.root.join(scenario);
        let id = std::process::id();
        let partial = self.root.join(format!(".{scenario}.partial-{id}"));
        let old = self.root.join(format!(".{scenario}.old-{id}"));
        remove(&partial)?;
        for (run, lab) in runs {
            write_run(&partial.join(run.report.manifest.variant.name()), run, lab)?;
        }
        if place.exists() {
            remove(&old)?;
            fs::rename(&place, &old).map_err(HarnessError::file("move", &place))?;
        }
        fs::rename(&partial, &place).map_err(HarnessError::file("move", &partial))?;
        remove(&old)?;
        Ok(place)
    }

    /// Writes the report over all scenarios and marks the directory complete.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn finish<T: Serialize>(&self, report: &T) -> Result<(), HarnessError> {
        write_json(&self.root.join("report.json"), report)?;
        self.mark(true)
    }

    fn mark(&self, complete: bool) -> Result<(), HarnessError> {
        let marker = Marker {
            format: FORMAT,
            holds: "runs".to_owned(),
            complete,
        };
        write_json(&self.root.join(MARKER), &marker)
    }
}

fn is_ours(root: &Path) -> bool {
    fs::read_to_string(root.join(MARKER))
        .ok()
        .and_then(|text| serde_json::from_str::<Marker>(&text).ok())
        .is_some_and(|marker| marker.holds == "runs")
}

fn remove(path: &Path) -> Result<(), HarnessError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(HarnessError::file("remove", path)(e)),
        _ => Ok(()),
    }
}

fn write_run(place: &Path, run: &Recorded, lab: &RecordedLab) -> Result<(), HarnessError> {
    fs::create_dir_all(place).map_err(HarnessError::file("create", place))?;
    let trace = place.join(TRACE);
    write_trace(&trace, &run.story).map_err(HarnessError::file("write", &trace))?;
    write_json(&place.join(LAB), &lab.lab)?;
    write_json(&place.join(PROVENANCE), &lab.provenance)?;
    write_json(&place.join(METRICS), &run.report.metrics)?;
    write_json(&place.join(VERDICT), &run.report.verdict)?;
    // Last: a directory with a manifest is complete.
    write_json(&place.join(MANIFEST), &run.report.manifest)
}

fn write_trace(path: &Path, story: &Story) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut line = |line: &Line| -> io::Result<()> {
        serde_json::to_writer(&mut out, line)?;
        out.write_all(b"\n")
    };
    line(&Line::Header {
        format: FORMAT,
        events: story.events.len() as u64,
        records: story.records.len() as u64,
    })?;
    for event in story.events.values() {
        line(&Line::Event(event.clone()))?;
    }
    for record in &story.records {
        line(&Line::Record(record.clone()))?;
    }
    out.flush()
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), HarnessError> {
    let write = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        serde_json::to_writer_pretty(&mut out, value)?;
        out.write_all(b"\n")?;
        out.flush()
    };
    write().map_err(HarnessError::file("write", path))
}
