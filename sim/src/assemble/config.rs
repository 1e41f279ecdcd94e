//! What a run is a function of, and why a lab could not be built from it.

use crate::attack::PlanError;
use crate::device::part::BuildError;
use crate::engine::Budget;
use crate::spec::{LabSpec, PlaySpec};

/// Everything that a run is a function of, besides the version.
#[derive(Clone, Debug)]
pub struct RunConfig {
    /// Seed of all luck.
    pub seed: u64,
    /// The lab.
    pub lab: LabSpec,
    /// What happens in it.
    pub play: PlaySpec,
    /// Bounds of the run.
    pub budget: Budget,
    /// Whether to keep records and lineage for explanation.
    pub keep_trace: bool,
}

/// Why a lab could not be built. The scenario crate checks files; this says what it must never let through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssembleError {
    /// Two things of one name.
    #[error("two nodes are called `{0}`")]
    Duplicate(String),
    /// A plan that cannot be tried.
    #[error("{attacker}: {error}")]
    Plan {
        /// The attacker.
        attacker: String,
        /// The step, and what is wrong with it.
        error: Box<PlanError>,
    },
    /// A name or a value that does not fit.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl AssembleError {
    /// `holder` names something that does not exist.
    #[must_use]
    pub fn unknown(holder: &str, kind: &'static str, name: impl Into<String>) -> Self {
        BuildError::unknown(holder, kind, name).into()
    }

    /// A value out of its range.
    #[must_use]
    pub fn value(holder: impl Into<String>, problem: impl ToString) -> Self {
        let (holder, problem) = (holder.into(), problem.to_string());
        BuildError::Value { holder, problem }.into()
    }
}
