//! Sensors: what in a lab notices things. A sensor sees what passes where it stands, and nothing else; what it makes of that is an alert
//! ([`MonitoringRecord::Alert`](crate::record::MonitoringRecord::Alert)) with the item that put the sensor there.
//!
//! Sensors that are part of a device live in the device's own file (a radio in an access point, a log on a host); their entry
//! stands here all the same. Whether an alert was due to an attack is judged by [`detection`](crate::why::detection), from outside.

pub mod log_collector;
pub mod traffic_sensor;

use crate::catalog::Entry;

/// A sensor's entry without parameters.
const fn sensor(id: &'static str, title: &'static str, summary: &'static str) -> Entry {
    Entry {
        id,
        title,
        summary,
        parameters: &[],
        relations: &[],
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
        "flow-baseline",
        "Flow baseline on mirrored traffic",
        "Learns in the first minutes who speaks with whom on which port. Afterwards it notices a new pair that involves a pump, a source that \
         tries many addresses and ports, and a flood from one source to one destination. It sees what enters a mirrored segment, \
         sealed or not; a pump that is switched on late, or whose server moves, is new to it as well.",
    ),
    sensor(
        "log-review",
        "Review of collected logs",
        "Counts what devices report to the log collector, by kind and by whom it is about, and tells an analyst when a threshold is met \
         within a time; the alert comes after the analyst has looked. Sees only what devices report and what reaches the collector.",
    ),
    sensor(
        "store-monitor",
        "Integrity monitor of the library store",
        "Stands in a pump server: reads the stored library back at an interval and compares its digest with those that the portal released. \
         Sees neither who wrote nor what was released wrongly.",
    ),
    sensor(
        "port-binding",
        "Ports of switches",
        "A switch of the pumps' segments tells when a hardware address speaks on another port than the one where it spoke first. Moving a computer to \
         another socket looks the same.",
    ),
    sensor(
        "traffic-pattern",
        "Patterns in mirrored traffic",
        "Knows messages made for published flaws, shells and file transfers to pumps, libraries and orders from hosts that are no pump \
         server, leases from hosts that are no DHCP server, and addresses or names that are claimed twice. It reads what enters a mirrored \
         segment in clear; sealed bodies stay sealed, and a flaw that nobody has published has no pattern.",
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
