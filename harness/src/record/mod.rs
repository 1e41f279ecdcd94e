//! Run directories: a run that can be read and explained later, by this version or a newer one.

mod reader;
pub mod schema;
mod story;
#[cfg(test)]
mod tests;
mod writer;

pub use reader::{holds_runs, read};
pub use story::{Hop, StoredEvent, StoredRecord, Story};
pub use writer::RunsDirectory;

use crate::verdict::RunReport;
use pumplab_sim::spec::{LabSpec, Provenance};
use serde::{Deserialize, Serialize};

/// A judged run with its story: what `explain` and `trace` work on.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The run as judged.
    pub report: RunReport,
    /// What it told.
    pub story: Story,
}

/// The lab of a run, in both halves.
#[derive(Clone, Debug)]
pub struct RecordedLab {
    /// What the run was built from.
    pub lab: LabSpec,
    /// Who put what there.
    pub provenance: Provenance,
}

/// One line of `trace.jsonl`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
enum Line {
    /// The first line.
    Header {
        /// Version of the format.
        format: u32,
        /// Number of event lines.
        events: u64,
        /// Number of record lines.
        records: u64,
    },
    /// An event that a record descends from.
    Event(StoredEvent),
    /// A record.
    Record(StoredRecord),
}

/// The file that marks a directory as one that pumplab may write into.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Marker {
    /// Version of the format.
    format: u32,
    /// Always `runs`.
    holds: String,
    /// Whether the command that wrote last came to its end.
    complete: bool,
}

const MARKER: &str = "pumplab.json";
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const TRACE: &str = "trace.jsonl";
const METRICS: &str = "metrics.json";
pub(crate) const VERDICT: &str = "verdict.json";
const LAB: &str = "lab.json";
const PROVENANCE: &str = "provenance.json";
