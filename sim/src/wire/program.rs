//! Programs that somebody wrote to run on other people's hosts: what they are known by, and the plan that they carry.

use super::Ip;
use crate::fingerprint::Fingerprint;
use crate::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A program. It is harmless until a host runs it; then the host does what its plan says.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Program {
    /// What scanners and lists know it by.
    pub family: String,
    /// Who wrote it. Ground truth for judges; no host and no scanner reads it.
    pub author: String,
    /// Where it calls and sends if its plan names nobody: its author's own computer on the internet.
    pub home: Option<Ip>,
    /// Its steps in order.
    pub plan: Arc<Vec<PlanStep>>,
}

/// One step of a program's plan.
#[derive(Clone, Debug, PartialEq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct PlanStep {
    /// Earliest time since the program began to run.
    pub after: Duration,
    /// Technique.
    pub technique: String,
    /// Its parameters.
    pub with: BTreeMap<String, PlanValue>,
}

/// A parameter's value in a plan.
#[derive(Clone, Debug, PartialEq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum PlanValue {
    /// Yes or no.
    Bool(bool),
    /// Whole number.
    Integer(i64),
    /// Number.
    Float(f64),
    /// Text.
    Text(String),
    /// Nested parameters.
    Table(BTreeMap<String, PlanValue>),
    /// A list.
    List(Vec<PlanValue>),
}

impl Program {
    /// Length in bytes of the program as a file \[A\].
    pub const BYTES: u64 = 400_000;
}
