//! Scenario files: the one place that knows `pumplab-scenarios`.

use crate::catalogue::{Kind, Row};
use crate::error::HarnessError;
use crate::execute::Cell;
use pumplab_sim::spec::{LabSpec, Provenance};
use std::path::{Path, PathBuf};

/// What the command line overrides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Defence in place of the scenario's own.
    pub defence: Option<String>,
    /// Controls to leave out.
    pub without: Vec<String>,
    /// Seed in place of the scenario's own.
    pub seed: Option<u64>,
}

/// The scenarios, labs and defences that can be named.
#[derive(Debug)]
pub struct Shelf {}

/// A lab with a defence applied.
#[derive(Clone, Debug)]
pub struct ResolvedLab {
    /// The lab.
    pub lab: LabSpec,
    /// Who put what there.
    pub provenance: Provenance,
    /// Controls applied, in order.
    pub controls: Vec<String>,
    /// Controls that left the lab as it was, with the reason.
    pub without_effect: Vec<(String, String)>,
}

/// What came of checking files.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Number of files.
    pub files: usize,
    /// Number of problems.
    pub problems: usize,
    /// The problems, ready to print.
    pub rendered: String,
}

impl Shelf {
    /// Opens the library.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn open(_dir: Option<&Path>) -> Result<Self, HarnessError> {
        Ok(Self {})
    }

    /// Names of the library's scenarios, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        Vec::new()
    }

    /// The runs of a scenario.
    ///
    /// # Errors
    /// When there is no such scenario or its files have problems.
    pub fn cells(&self, name: &str, _overrides: &Overrides) -> Result<Vec<Cell>, HarnessError> {
        Err(crate::catalogue::unknown("scenario", name, &self.names()))
    }

    /// A lab under a defence.
    ///
    /// # Errors
    /// When one of them is not there or has problems.
    pub fn lab(
        &self,
        name: &str,
        _defence: Option<&str>,
        _without: &[String],
    ) -> Result<ResolvedLab, HarnessError> {
        Err(crate::catalogue::unknown("lab", name, &[]))
    }

    /// Checks files, or the whole library.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn check(&self, _files: &[PathBuf], _color: bool) -> Result<Checked, HarnessError> {
        Ok(Checked::default())
    }

    /// What there is of a kind.
    ///
    /// # Errors
    /// When the library's files have problems.
    pub fn rows(&self, _kind: Kind) -> Result<Vec<Row>, HarnessError> {
        Ok(Vec::new())
    }
}

/// The JSON Schema of a kind of file.
///
/// # Errors
/// When there is no such kind.
pub fn schema(kind: &str) -> Result<String, HarnessError> {
    Err(crate::catalogue::unknown("kind of file", kind, &[]))
}
