//! Scenarios: what happens in a lab, and what must come out.

mod expect;
mod plan;
mod possible;
mod read;
mod resolve;
pub(crate) mod shapes;
mod shows;
mod warnings;
mod when;

pub use crate::controls::{AppliedControl, ControlEffect};
pub use crate::defence::DefenceChoice;
pub use resolve::{Resolved, ResolvedLab};
pub use shows::Shows;
pub use when::When;

pub(crate) use resolve::resolve_lab;

use crate::diagnostic::Source;
use crate::threat::Threat;
use pumplab_sim::safety::Unit;
use pumplab_sim::spec::{EventSpec, ParamValue, PlaceSpec, ProgramSpec, StepSpec};
use pumplab_sim::time::Duration;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Name: the file's name without ending.
    pub name: String,
    /// What happens, one line.
    pub title: String,
    /// What it shows.
    pub summary: String,
    /// Kind of threat.
    pub threat: Option<Threat>,
    /// Words to select by.
    pub tags: Vec<String>,
    /// The file.
    pub source: Arc<Source>,
    /// Name of the lab.
    pub lab: String,
    /// Controls that are on.
    pub defence: DefenceChoice,
    /// Seed of all luck.
    pub seed: u64,
    /// Simulated length of the run.
    pub duration: Duration,
    /// Certificates that run out meanwhile.
    pub expiring: Option<Expiring>,
    /// Attackers.
    pub attackers: Vec<Attacker>,
    /// What happens without malice.
    pub events: Vec<EventSpec>,
    /// What must come out.
    pub expects: Vec<Expect>,
    /// Where the attack succeeds.
    pub contrast: Option<Contrast>,
    /// Controls of which it shows that they make a difference.
    pub shows: Vec<Shows>,
    /// Test cases that it answers to, such as `SIM-14`.
    pub cases: Vec<String>,
}

/// Certificates that run out during a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiring {
    /// Hosts whose certificates these are.
    pub hosts: Vec<String>,
    /// When they run out, since the run began.
    pub after: Duration,
}

/// An attacker as its file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Attacker {
    /// Name.
    pub name: String,
    /// Where it stands.
    pub at: PlaceSpec,
    /// Inside knowledge; its content comes from the resolved lab.
    pub knows: Vec<Knows>,
    /// Identifier of its goal.
    pub goal: String,
    /// Parameters of the goal.
    pub goal_with: BTreeMap<String, ParamValue>,
    /// What it tries, in order.
    pub steps: Vec<StepSpec>,
    /// Programs that it has made to run on other hosts.
    pub programs: Vec<ProgramSpec>,
}

/// A piece of inside knowledge, before it is known what the lab holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knows {
    /// Passphrases of all networks with a pre-shared key.
    Passphrases,
    /// Passphrase of this network.
    Passphrase(String),
    /// Address of this host.
    Address(String),
    /// Accounts of this host; of one user, if one is named.
    Accounts(String, Option<String>),
    /// The token of this user, in hand.
    Token(String),
    /// The drug library that the pharmacy issued last.
    DrugLibrary,
}

impl fmt::Display for Knows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passphrases => f.write_str("the passphrases of all networks"),
            Self::DrugLibrary => f.write_str("the drug library issued last"),
            Self::Passphrase(ssid) => write!(f, "the passphrase of network {ssid}"),
            Self::Address(host) => write!(f, "the address of {host}"),
            Self::Token(user) => write!(f, "the token of {user}"),
            Self::Accounts(host, None) => write!(f, "the accounts of {host}"),
            Self::Accounts(host, Some(user)) => write!(f, "the account {user} of {host}"),
        }
    }
}

/// What must come out of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// A safety property holds.
    Holds {
        /// Identifier of the property.
        property: String,
        /// When; the whole run by default.
        when: When,
    },
    /// A safety property does not hold.
    Violated {
        /// Identifier of the property.
        property: String,
        /// When; the whole run by default.
        when: When,
    },
    /// A metric stays within bounds.
    Metric {
        /// Identifier of the metric.
        metric: String,
        /// Upper bound in the metric's unit.
        at_most: Option<f64>,
        /// Lower bound in the metric's unit.
        at_least: Option<f64>,
        /// When; at the end of the run by default.
        when: When,
    },
    /// An attacker reaches a goal.
    Reaches {
        /// Identifier of the goal.
        goal: String,
        /// When; the whole run by default.
        when: When,
    },
    /// No attacker reaches a goal.
    NotReaches {
        /// Identifier of the goal.
        goal: String,
        /// When; the whole run by default.
        when: When,
    },
    /// The run made again gives the same fingerprint.
    Repeats,
    /// Each step that uses a technique fails.
    Stopped {
        /// Identifier of the technique.
        technique: String,
    },
    /// An alert leads back to a step that uses a technique.
    Detected {
        /// Identifier of the technique.
        technique: String,
        /// Longest time from the beginning of the first such step.
        within: Option<Duration>,
    },
    /// No alert leads back to a step that uses a technique, though one is begun.
    Undetected {
        /// Identifier of the technique.
        technique: String,
    },
}

impl Expect {
    /// The key that it has in a file.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Holds { .. } => "holds",
            Self::Violated { .. } => "violated",
            Self::Metric { .. } => "metric",
            Self::Reaches { .. } => "reaches",
            Self::NotReaches { .. } => "not_reaches",
            Self::Repeats => "repeats",
            Self::Stopped { .. } => "stopped",
            Self::Detected { .. } => "detected",
            Self::Undetected { .. } => "undetected",
        }
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds { property, when } => write!(f, "{property} holds{when}"),
            Self::Violated { property, when } => write!(f, "{property} is violated{when}"),
            Self::Metric {
                metric,
                at_most,
                at_least,
                when,
            } => {
                let unit = pumplab_sim::safety::metric(metric).map_or(Unit::Count, |m| m.unit);
                let bound = |sign: &str, v: &Option<f64>| {
                    v.map(|v| format!("{sign} {}", unit.in_full(v)))
                        .unwrap_or_default()
                };
                let bounds = [bound("<=", at_most), bound(">=", at_least)];
                let bounds: Vec<_> = bounds.iter().filter(|b| !b.is_empty()).cloned().collect();
                write!(f, "{metric} {}{when}", bounds.join(" and "))
            }
            Self::Reaches { goal, when } => write!(f, "{goal} is reached{when}"),
            Self::NotReaches { goal, when } => write!(f, "{goal} is not reached{when}"),
            Self::Repeats => f.write_str("a second run is the same"),
            Self::Stopped { technique } => write!(f, "{technique} is stopped"),
            Self::Detected {
                technique,
                within: None,
            } => write!(f, "{technique} is detected"),
            Self::Detected {
                technique,
                within: Some(within),
            } => {
                let within = within.in_full_for_people();
                write!(f, "{technique} is detected within {within}")
            }
            Self::Undetected { technique } => write!(f, "{technique} is not detected"),
        }
    }
}

/// Where the attack succeeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contrast {
    /// The weaker defence.
    pub defence: DefenceChoice,
    /// Controls left out of it.
    pub without: Vec<String>,
    /// Identifier of the goal that is reached.
    pub reaches: String,
}
