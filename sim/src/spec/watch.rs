//! What a lab has to notice things: where logs go, what is mirrored, and what is made of both.

use super::Item;
use crate::time::Duration;
use crate::wire::syslog::LogKind;
use serde::{Deserialize, Serialize};

/// Where logs and mirrored frames go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchSpec {
    /// Devices that send their logs to a collector.
    #[serde(default)]
    pub logs: Vec<Item<LogToSpec>>,
    /// Segments whose frames are copied to a sensor.
    #[serde(default)]
    pub mirrors: Vec<Item<MirrorSpec>>,
}

/// A device sends its logs to a collector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogToSpec {
    /// Host or router that logs.
    pub from: String,
    /// Host that collects.
    pub to: String,
}

/// A mirror port: every frame that enters a segment is copied to a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MirrorSpec {
    /// Segment.
    pub segment: String,
    /// Host with the sensor.
    pub to: String,
}

/// A rule over collected logs: this many lines of a kind about the same address within a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRuleSpec {
    /// Kind of line.
    pub kind: LogKind,
    /// Lines that are too many.
    pub count: u32,
    /// Within this time.
    pub within: Duration,
}

/// A log collector and those who look at what it shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogCollectorSpec {
    /// Rules; without any it stores only.
    pub rules: Vec<Item<LogRuleSpec>>,
    /// Time from a rule's match until an analyst has looked and raised an alert.
    pub review: Duration,
}

/// A sensor that looks at mirrored traffic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrafficSensorSpec {
    /// Patterns that it knows.
    pub signatures: Vec<Item<SignatureSpec>>,
    /// Baseline that it compares flows with.
    pub baseline: Option<Item<BaselineSpec>>,
}

/// A pattern in readable traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SignatureSpec {
    /// A message made for one of these published flaws.
    Exploit {
        /// Flaws.
        flaws: Vec<String>,
    },
    /// A remote shell or file transfer to a pump.
    Maintenance,
    /// A drug library or an order, in clear, from a host that is none of these.
    ForeignPush {
        /// Names of the pump servers.
        servers: Vec<String>,
    },
    /// An address lease offered by a host that is none of these.
    ForeignLease {
        /// Names of the servers; routers relay for them.
        servers: Vec<String>,
    },
    /// Two hardware addresses claim one network address.
    AddressConflict,
    /// Two answers to one name differ.
    NameConflict,
}

/// What flows are normal: whatever was seen while the sensor learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineSpec {
    /// How long it learns from the beginning.
    pub learns: Duration,
    /// Different addresses and ports that one source may try within a minute.
    pub fan_out: u32,
    /// Packets to one destination within ten seconds that are too many.
    pub burst: u32,
}
