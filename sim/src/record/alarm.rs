//! Records of alarms, from the pump to the nurse.

use super::{Missing, Names};
use crate::clinical::delivery::AlarmKind;
use crate::engine::NodeId;
use crate::fingerprint::Fingerprint;
use crate::time::Duration;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What became of an alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum AlarmRecord {
    /// An alarm began at the pump, audible in the room.
    #[record(plain, says("alarm {number} sounds: {kind}"))]
    AlarmRaised {
        /// Alarm number of the pump.
        number: u32,
        /// Kind.
        kind: AlarmKind,
    },
    /// The pump's server has the alarm.
    #[record(plain, says("has alarm {number} of {pump}"))]
    AlarmTaken {
        /// Pump.
        pump: NodeId,
        /// Alarm number.
        number: u32,
    },
    /// The nurses' station shows the alarm.
    #[record(plain, says("shows alarm {number} of {pump}"))]
    AlarmShown {
        /// Pump.
        pump: NodeId,
        /// Alarm number.
        number: u32,
    },
    /// A nurse came to the pump and answered the alarm.
    #[record(plain, says("a nurse answered alarm {number} after {after}"))]
    AlarmAnswered {
        /// Alarm number.
        number: u32,
        /// From the beginning of the alarm.
        after: Duration,
    },
    /// Something expected did not come in time.
    #[record(absence, says("{what}", what = missed(names, *missing, *after)))]
    DeadlinePassed {
        /// What.
        missing: Missing,
        /// How long was waited.
        after: Duration,
    },
    /// An alarm condition began and the pump's firmware kept it to itself.
    #[record(plain, says("alarm {number} is kept silent: {kind}"))]
    AlarmMuted {
        /// Alarm number of the pump.
        number: u32,
        /// Kind.
        kind: AlarmKind,
    },
}

fn missed(names: &dyn Names, missing: Missing, after: Duration) -> String {
    let after = after.for_people();
    match missing {
        Missing::AlarmTaken { number } => {
            format!("no server confirmed alarm {number} within {after}")
        }
        Missing::AlarmAnswered { number } => {
            format!("nobody came to alarm {number} within {after}")
        }
        Missing::Therapy => format!("the infusion has stood still for {after}"),
        Missing::PumpSeen { pump } => {
            format!("{} has not been heard from for {after}", names.node(pump))
        }
    }
}
