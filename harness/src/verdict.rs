//! What a run is judged to have shown. One model: the table, JSON, JUnit and run directories are all made from it.

use crate::exit_code::ExitCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of every format that pumplab writes: JSON output and run directories. Grows when a reader has to know.
pub const FORMAT: u32 = 1;

/// Which of a scenario's runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum Variant {
    /// The scenario under its defence.
    Run,
    /// The scenario where its attack succeeds.
    Contrast,
}

impl Variant {
    /// Name of its directory.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Contrast => "contrast",
        }
    }
}

/// Everything that a run is a function of, and what it can be compared by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub struct Manifest {
    /// Version of the format.
    pub format: u32,
    /// Version of pumplab.
    pub pumplab: String,
    /// The oldest version that gives the same results for the same seed.
    pub seed_compatible_since: String,
    /// Name of the scenario.
    pub scenario: String,
    /// What it is called on the command line: its name, or the path of its file.
    pub called: String,
    /// The folder or collection that it comes from, where it was asked for by name in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// The cost file in place of the library's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costs: Option<String>,
    /// Its title.
    pub title: String,
    /// Which of its runs.
    pub variant: Variant,
    /// Hash of the resolved lab and of what happens in it.
    pub scenario_hash: String,
    /// Seed.
    pub seed: u64,
    /// Name of the defence.
    pub defence: String,
    /// Controls left out.
    pub without: Vec<String>,
    /// Controls applied, in order.
    pub controls: Vec<String>,
    /// What was asked for and has no place in this lab, and pumps that never had a session with their server.
    pub notes: Vec<String>,
    /// Inside knowledge that attackers were given.
    pub inside_knowledge: Vec<String>,
    /// Fingerprint of all events.
    pub fingerprint: String,
    /// How the run ended.
    pub end: RunEnd,
    /// Simulated time at the end.
    pub simulated: String,
    /// Events dispatched.
    pub events: u64,
    /// Records emitted.
    pub records: u64,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum RunEnd {
    /// At its full length, or because nothing more could happen.
    Complete,
    /// A budget ran out.
    Budget(String),
}

/// One expectation, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub struct Judged {
    /// What was expected, in words.
    pub expected: String,
    /// Whether it held.
    pub held: bool,
    /// Why the run can say nothing about it, so that it would hold or fail whatever happened; none where it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<String>,
    /// What was seen.
    pub seen: String,
    /// When the expectation was broken, or met.
    pub at: Option<String>,
    /// The record that shows it; of a metric, the one that has the greatest part in it.
    pub record: Option<u64>,
    /// Of a metric, the records that make it what it is, the greatest part first; the greatest only where they are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// A record's part in a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub struct Part {
    /// The record.
    pub record: u64,
    /// Name of the node whose value it is.
    pub node: String,
    /// When what it tells of began.
    pub at: String,
    /// The value, for people.
    pub value: String,
}

/// A safety property that did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub struct ViolationReport {
    /// Identifier of the property.
    pub property: String,
    /// When.
    pub at: String,
    /// Name of the node.
    pub node: String,
    /// What happened.
    pub text: String,
    /// The record that shows it.
    pub record: u64,
}

/// A goal that an attacker reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub struct GoalReport {
    /// Attacker.
    pub attacker: String,
    /// Identifier of the goal.
    pub goal: String,
    /// When.
    pub at: String,
    /// The record that shows it.
    pub record: u64,
}

/// What became of an attacker's step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub struct StepReport {
    /// Attacker.
    pub attacker: String,
    /// Number, from 1.
    pub number: u32,
    /// Identifier of the technique.
    pub technique: String,
    /// Whether the attacker saw success; none while it still ran at the end.
    pub success: Option<bool>,
    /// Furthest stage reached, by name.
    pub stage: String,
    /// What the attacker saw at the end.
    pub saw: String,
    /// The record of what stopped it.
    pub stopped_by: Option<u64>,
    /// The item that stopped it, in a few words.
    pub item: Option<String>,
    /// The control that put the item there.
    pub control: Option<String>,
}

/// What kept an attack from its goal although every step of it went well as far as the attacker saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub struct UndoneReport {
    /// The last refusal, by the control that refused most often, of what came of the steps.
    pub record: u64,
    /// The item that refused it, in a few words.
    pub item: Option<String>,
    /// The control that put the item there.
    pub control: Option<String>,
}

/// The first time that a technique was noticed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub struct DetectionReport {
    /// Identifier of the technique.
    pub technique: String,
    /// When the first step that uses it began.
    pub started: String,
    /// When the first alert was raised that leads back to such a step.
    pub at: String,
    /// Time to detection in seconds.
    pub after_s: f64,
    /// Sensor that raised the alert.
    pub sensor: String,
    /// The alert's record.
    pub record: u64,
}

/// What a run has shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[derive(schemars::JsonSchema)]
pub struct Verdict {
    /// Version of the format.
    pub format: u32,
    /// Whether everything expected of the run held.
    pub held: bool,
    /// Expectations in the order of the file; of a contrast, that it reaches its goal.
    pub expectations: Vec<Judged>,
    /// Safety properties that did not hold, expected or not.
    pub violations: Vec<ViolationReport>,
    /// Those of the properties that were broken without an expectation that asks for them, once each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unasked: Vec<String>,
    /// Goals reached.
    pub goals: Vec<GoalReport>,
    /// Attackers' steps.
    pub steps: Vec<StepReport>,
    /// What kept the attack from its goal, where every step was done and something was refused nevertheless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<UndoneReport>,
    /// Techniques that were noticed, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub detections: Vec<DetectionReport>,
    /// What happened, in a few words.
    pub happened: String,
}

/// A judged run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunReport {
    /// What the run is a function of.
    pub manifest: Manifest,
    /// What it has shown.
    pub verdict: Verdict,
    /// Metrics by identifier.
    pub metrics: BTreeMap<String, f64>,
    /// Wall time; never written, since a report is a function of its inputs.
    #[serde(skip)]
    pub wall: std::time::Duration,
}

impl RunReport {
    /// Whether an attacker did anything in it.
    #[must_use]
    pub fn attacked(&self) -> bool {
        !self.verdict.steps.is_empty()
    }

    /// The exit code that this run asks for.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match (&self.manifest.end, self.verdict.held) {
            (RunEnd::Budget(_), _) => ExitCode::Budget,
            (RunEnd::Complete, true) => ExitCode::Held,
            (RunEnd::Complete, false) => ExitCode::NotHeld,
        }
    }
}
