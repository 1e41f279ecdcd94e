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
        "log-review",
        "Review of collected logs",
        "Counts what devices report to the log collector, by kind and by who it is about, and tells an analyst when a threshold is met within a \
     time; the alert comes after the analyst has looked. Sees only what devices report and what reaches the collector.",
    ),
    sensor(
        "wireless-sensors",
        "Radios of access points",
        "Each access point hears every frame on its channel: bursts of deauthentication frames in its name or sent to it, and unknown access points \
     that offer its networks. The controller raises the alert. Other channels, noise and listeners go unnoticed.",
    ),
];

/// The sensor of this identifier.
#[must_use]
pub fn known(id: &str) -> Option<&'static Entry> {
    SENSORS.iter().find(|s| s.id == id)
}
