//! Sensors: what in a lab notices things. A sensor sees what passes where it stands, and nothing else; what it makes of that is an alert
//! ([`LabRecord::Alert`](crate::record::LabRecord::Alert)) with the item that put the sensor there.
//!
//! Sensors that are part of a device live in the device's own file (a radio in an access point, a log on a host); their entry
//! stands here all the same. Whether an alert was due to an attack is judged by [`detection`](crate::detection), from outside.

use crate::catalog::Entry;

/// A sensor's entry without parameters.
const fn sensor(id: &'static str, title: &'static str, summary: &'static str) -> Entry {
    Entry {
        id,
        title,
        summary,
        parameters: &[],
        references: &[],
    }
}

/// All sensors, by identifier: an alert names one of them.
pub static SENSORS: &[Entry] = &[
    sensor(
        "allow-list",
        "List of what may run",
        "Part of the host's own system: sees every program that is about to run on its host, stops what is not listed, and says so at once. Judges by \
         the list alone; what is listed runs, whoever wrote it.",
    ),
    sensor(
        "anti-malware",
        "Scanner on the host",
        "Sees every program that is about to run on its host, quarantines those of families that it has signatures of, and says so at once. \
         A family that nobody has seen before passes.",
    ),
    sensor(
        "log-review",
        "Review of collected logs",
        "Counts what devices report to the log collector, by kind and by who it is about, and tells an analyst when a threshold is met within a \
     time; the alert comes after the analyst has looked. Sees only what devices report and what reaches the collector.",
    ),
];

/// The sensor of this identifier.
#[must_use]
pub fn known(id: &str) -> Option<&'static Entry> {
    SENSORS.iter().find(|s| s.id == id)
}
