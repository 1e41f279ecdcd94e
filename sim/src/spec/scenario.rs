//! What happens in a lab: attackers, events, expectations.

use super::{HappeningSpec, ParamValue, Position, ProgramSpec};
use crate::time::Duration;
use crate::wire::Ip;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The resolved happenings of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaySpec {
    /// Simulated length of the run.
    pub duration: Duration,
    /// Attackers.
    pub attackers: Vec<AttackerSpec>,
    /// Happenings without malice.
    pub events: Vec<EventSpec>,
}

/// An attacker: where it stands, what it knows beforehand, what it tries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttackerSpec {
    /// Name.
    pub name: String,
    /// Position.
    pub at: PlaceSpec,
    /// Inside knowledge, declared and shown in the report.
    pub knows: Vec<KnowledgeSpec>,
    /// What counts as success: identifier of a goal, judged by ground truth.
    pub goal: String,
    /// Parameters of the goal, such as the pump whose alarm is to be silenced.
    #[serde(default)]
    pub goal_with: BTreeMap<String, ParamValue>,
    /// Scripted steps in order.
    pub steps: Vec<StepSpec>,
    /// Programs that it has made to run on other hosts.
    #[serde(default)]
    pub programs: Vec<ProgramSpec>,
}

/// Where an attacker stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PlaceSpec {
    /// Own computer on a cable in a zone.
    Zone(String),
    /// Own radio at a position on the floor.
    Radio(Position),
    /// Holds a host of the lab.
    Host(String),
    /// Own computer on the internet.
    Internet,
    /// Stands next to this pump, with nothing but its hands and what it brought along.
    Bedside(String),
}

/// A piece of inside knowledge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum KnowledgeSpec {
    /// Passphrase of a wireless network.
    Passphrase {
        /// Network.
        ssid: String,
        /// Passphrase.
        passphrase: String,
    },
    /// An account.
    Account {
        /// User.
        user: String,
        /// Password.
        password: String,
    },
    /// The token of a maker's engineer, in hand: it answers challenges of a broker.
    Token {
        /// User whose token it is.
        user: String,
    },
    /// A drug library that the hospital has issued.
    Library {
        /// Its version.
        version: u32,
    },
    /// Address of a host.
    Address {
        /// Host.
        host: String,
        /// Address.
        ip: Ip,
    },
}

/// One scripted step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// Earliest time since the run began; a step also waits for the one before it to end.
    pub after: Duration,
    /// Identifier of the technique.
    pub technique: String,
    /// Its parameters.
    pub with: BTreeMap<String, ParamValue>,
}

/// Something that happens at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSpec {
    /// When.
    pub at: Duration,
    /// What.
    pub what: HappeningSpec,
}
