//! Flaws in the software of hosts, as data: where they bite and what then happens.

use crate::time::Duration;
use serde::{Deserialize, Serialize};

/// A flaw in the software of a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeaknessSpec {
    /// The flaw, in the author's word, such as `long-dns-name`. A message made for it carries the same word.
    pub flaw: String,
    /// How it is reached.
    pub reach: ReachSpec,
    /// What follows when something made for it arrives.
    pub effect: EffectSpec,
    /// Whether its maker has released a patch that takes it away.
    pub patch: bool,
}

/// How a flaw is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReachSpec {
    /// By whoever can send to this port.
    Port(u16),
    /// By whoever answers a client of the host.
    Client(ClientKind),
}

/// Clients that every host has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientKind {
    /// Address client.
    Dhcp,
    /// Name client.
    Dns,
}

/// What follows when a flaw is used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum EffectSpec {
    /// The communicating part stops.
    Stop {
        /// Time after which it starts again by itself; without one somebody has to switch the host off and on.
        restart: Option<Duration>,
    },
    /// What the message carries runs with the rights of the service: no account is asked for.
    Execute,
    /// Files are read without an account.
    ReadFiles,
    /// Files are written without an account.
    WriteFiles,
    /// Requests use it up: more than this many within a second, from all sources together, stop the communicating part.
    Exhaust {
        /// Requests per second that it still bears; above 0.
        per_second: f64,
        /// As with `Stop`.
        restart: Option<Duration>,
    },
}
