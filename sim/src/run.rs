//! One run: builds the simulation, drives it to its end, and gathers what it told.

use crate::engine::{Budget, End, FingerprintValue, NodeId, RecordId};
use crate::explain::Trace;
use crate::spec::{LabSpec, PlaySpec};
use crate::time::Time;
use serde::Serialize;
use std::collections::BTreeMap;

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

/// A safety property that did not hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Violation {
    /// Identifier of the property.
    pub property: &'static str,
    /// When.
    #[serde(skip)]
    pub at: Time,
    /// Where.
    #[serde(skip)]
    pub node: NodeId,
    /// The record that shows it.
    #[serde(skip)]
    pub record: RecordId,
    /// What happened, one line.
    pub text: String,
}

/// An attacker's goal that was reached, by ground truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoalReached {
    /// Attacker's name.
    pub attacker: String,
    /// Identifier of the goal.
    pub goal: String,
    /// When.
    #[serde(skip)]
    pub at: Time,
    /// The record that shows it.
    #[serde(skip)]
    pub record: RecordId,
}

/// What became of an attacker's step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepOutcome {
    /// Attacker's name.
    pub attacker: String,
    /// Attacker's node.
    #[serde(skip)]
    pub node: NodeId,
    /// Number of the step, from 0.
    pub step: u32,
    /// Identifier of the technique.
    pub technique: &'static str,
    /// Whether the attacker saw success; none while it still runs.
    pub success: Option<bool>,
    /// Number of the furthest stage reached.
    pub stage: u32,
    /// Its name.
    pub stage_name: &'static str,
    /// What the attacker saw at the end.
    pub saw: &'static str,
    /// The record of what stopped it, by ground truth (with a trace only).
    #[serde(skip)]
    pub stopped_by: Option<RecordId>,
}

/// What a run told.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Fingerprint of all dispatched events.
    pub fingerprint: FingerprintValue,
    /// How the run ended.
    pub end: End,
    /// Simulated time at the end.
    pub now: Time,
    /// Events dispatched.
    pub events: u64,
    /// Records emitted.
    pub records: u64,
    /// Safety properties that did not hold, in order of time.
    pub violations: Vec<Violation>,
    /// Goals reached, in order of time.
    pub goals: Vec<GoalReached>,
    /// Attackers' steps.
    pub steps: Vec<StepOutcome>,
    /// Metrics by identifier.
    pub metrics: BTreeMap<&'static str, f64>,
    /// Records and lineage, if kept.
    pub trace: Option<Trace>,
}

/// Why a lab could not be built. The scenario crate checks files; this says what it must never let through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssembleError {
    /// A name that nothing has.
    #[error("{holder} names {kind} `{name}`, which does not exist")]
    Unknown {
        /// Who names it.
        holder: String,
        /// What kind of thing it should be.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Two things of one name.
    #[error("two nodes are called `{0}`")]
    Duplicate(String),
    /// A technique's parameter is missing or of the wrong kind.
    #[error("step {step} ({technique}): {problem}")]
    Parameter {
        /// Number of the step.
        step: u32,
        /// Technique.
        technique: String,
        /// What is wrong.
        problem: String,
    },
    /// A value out of its range.
    #[error("{holder}: {problem}")]
    Value {
        /// Where it stands.
        holder: String,
        /// What is wrong.
        problem: String,
    },
}
