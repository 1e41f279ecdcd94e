//! Records of what is kept and noticed: logs, status, alerts.

use crate::engine::NodeId;
use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use crate::wire::Ip;
use crate::wire::syslog::LogKind;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What servers and collectors keep, and what sensors and people notice.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum MonitoringRecord {
    /// A pump server stored a log entry.
    #[record(plain, passing, says("stored log entry {number} of {pump}"))]
    LogStored {
        /// Pump.
        pump: NodeId,
        /// Entry number.
        number: u32,
    },
    /// A collector has a log line of a device.
    #[record(
        plain,
        passing,
        says(
            "collected a log line of {from} on {kind}{about}{at}",
            about = match about {
                Some(ip) => format!(" about {}", names.ip(*ip)),
                None => String::new(),
            },
            at = match port { 0 => String::new(), port => format!(", port {port}") },
        )
    )]
    LogCollected {
        /// Device, by address.
        from: Ip,
        /// What it reports.
        kind: LogKind,
        /// Whom it is about, as far as the device knows.
        about: Option<Ip>,
        /// Port concerned; 0 where none is.
        port: u16,
    },
    /// A pump server has a status message.
    #[record(plain, routine, says("has a status message of {pump}"))]
    StatusStored {
        /// Pump.
        pump: NodeId,
    },
    /// A sensor or a person raised an alert. Whether it was due to an attack is judged from outside, by its causes.
    #[record(plain, says("alert: {about} (noticed by {sensor}, {item})"))]
    Alert {
        /// Identifier of the sensor, as in the catalogue of sensors.
        sensor: &'static str,
        /// The configuration item that put the sensor there.
        item: ItemId,
        /// What it noticed, one line.
        about: String,
    },
}
