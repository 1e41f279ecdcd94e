//! Flaws in the software of hosts, as data: where they bite and what then happens.

use crate::parameters::{Parameters, Words};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Words)]
#[serde(rename_all = "kebab-case")]
pub enum ClientKind {
    /// By whoever answers the host's address client: a lease that it asked for, from wherever an answer comes.
    Dhcp,
    /// By whoever answers the host's name client: its name server, or whoever answers in its place.
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

/// What files call the effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
pub enum EffectWord {
    /// The communicating part stops. A pump goes on infusing: only what it says and hears ends. It starts again by itself after `restart`; without
    /// one, somebody has to switch the host off and on.
    Stop,
    /// What the message carries runs with the rights of the service: no account is asked for, and whoever sent it holds the host.
    Execute,
    /// Files are read without an account.
    ReadFiles,
    /// Files are written without an account.
    WriteFiles,
    /// Requests use it up: more than `per_second` within a second, from all sources together, stop the communicating part, as `stop` does.
    Exhaust,
}

/// A vulnerability as files describe it.
#[derive(Clone, Debug, PartialEq, Parameters)]
#[param(name = "a weakness", one_of("port", "client"))]
pub struct WeaknessTable {
    /// The vulnerability, in a word of your own; an exploit names the same word.
    flaw: String,
    /// Port on which it is reached.
    port: Option<u16>,
    /// Client of the host whose answers reach it.
    client: Option<ClientKind>,
    /// What follows when something made for it arrives.
    effect: EffectWord,
    /// With `stop` and `exhaust`: time after which the communicating part starts again; without it, it stays down until it is switched off and on.
    #[param(kind = Interval)]
    restart: Option<Duration>,
    /// With `exhaust`: requests per second that it bears, from all sources together.
    #[param(default = 10.0, range = 0.001..=1e6)]
    per_second: f64,
    /// Whether its manufacturer has released a patch.
    #[param(default = false)]
    patch: bool,
}

impl From<WeaknessTable> for WeaknessSpec {
    fn from(table: WeaknessTable) -> Self {
        let restart = table.restart;
        Self {
            flaw: table.flaw,
            reach: match (table.port, table.client) {
                (Some(port), _) => ReachSpec::Port(port),
                (None, client) => ReachSpec::Client(client.unwrap_or(ClientKind::Dns)),
            },
            effect: match table.effect {
                EffectWord::Stop => EffectSpec::Stop { restart },
                EffectWord::Execute => EffectSpec::Execute,
                EffectWord::ReadFiles => EffectSpec::ReadFiles,
                EffectWord::WriteFiles => EffectSpec::WriteFiles,
                EffectWord::Exhaust => EffectSpec::Exhaust {
                    per_second: table.per_second,
                    restart,
                },
            },
            patch: table.patch,
        }
    }
}
