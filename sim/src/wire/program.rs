//! Programs that somebody wrote to run on other people's hosts: what they are known by, and the plan that they carry.

use super::{Ip, Print};
use crate::engine::Fingerprint;
use crate::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A program. It is harmless until a host runs it; then the host does what its plan says.
#[derive(Clone, Debug)]
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
print_message!(struct Program { family, author, home, plan });

/// One step of a program's plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanStep {
    /// Earliest time since the program began to run.
    pub after: Duration,
    /// Technique.
    pub technique: String,
    /// Its parameters.
    pub with: BTreeMap<String, PlanValue>,
}

/// A parameter's value in a plan.
#[derive(Clone, Debug, PartialEq)]
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
}

impl Print for PlanValue {
    fn print(&self, h: &mut Fingerprint) {
        match self {
            Self::Bool(b) => b.print(h),
            Self::Integer(n) => (*n as u64).print(h),
            Self::Float(f) => f.print(h),
            Self::Text(t) => t.print(h),
            Self::Table(t) => print_table(t, h),
        }
    }
}

fn print_table(table: &BTreeMap<String, PlanValue>, h: &mut Fingerprint) {
    table.len().print(h);
    for (key, value) in table {
        key.print(h);
        value.print(h);
    }
}

impl Print for PlanStep {
    fn print(&self, h: &mut Fingerprint) {
        self.after.print(h);
        self.technique.print(h);
        print_table(&self.with, h);
    }
}

impl Program {
    /// Length in bytes of the program as a file \[A\].
    pub const BYTES: u64 = 400_000;
}
