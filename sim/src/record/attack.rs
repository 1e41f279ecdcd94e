//! Records of attackers: their steps, and what they note for themselves.

use super::step_number;
use crate::fingerprint::Fingerprint;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What an attacker did and saw.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum AttackRecord {
    /// An attacker began a step.
    #[record(plain, says("began {number}: {technique}", number = step_number(*step)))]
    StepStarted {
        /// Number of the step, from 0.
        step: u32,
        /// Technique.
        technique: &'static str,
    },
    /// An attacker's step got further.
    #[record(note, says("{number} reached: {name}", number = step_number(*step)))]
    StageReached {
        /// Number of the step.
        step: u32,
        /// Stage, in the technique's order.
        stage: u32,
        /// Name of the stage.
        name: &'static str,
    },
    /// An attacker's step ended.
    #[record(
        note,
        says(
            "{number} {how}: {saw}",
            number = step_number(*step),
            how = if *success { "succeeded" } else { "failed" },
        )
    )]
    StepEnded {
        /// Number of the step.
        step: u32,
        /// Whether it did what it was for, as far as the attacker can tell.
        success: bool,
        /// What the attacker saw.
        saw: &'static str,
    },
    /// An attacker did something in answer to what came to it unasked; the step under way stands among its causes.
    #[record(plain, says("answered what came, for step {number}", number = step + 1))]
    Answered {
        /// Number of the step.
        step: u32,
    },
    /// An attacker learned something it can use.
    #[record(note, says("learned {what}"))]
    Learned {
        /// What.
        what: &'static str,
    },
}
