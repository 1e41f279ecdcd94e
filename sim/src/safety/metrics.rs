//! Metrics of a run, gathered from its records.

use super::Truth;
use super::damage::Damage;
use crate::catalog::Entry as CatalogEntry;
use crate::engine::{Entry, NodeId};
use crate::record::{DeliveryChange, LabRecord, Missing};
use crate::time::Time;
use std::collections::BTreeMap;

const fn entry(id: &'static str, title: &'static str, summary: &'static str) -> CatalogEntry {
    CatalogEntry {
        id,
        title,
        summary,
        parameters: &[],
        references: &[],
    }
}

/// All metrics, by identifier.
pub static METRICS: &[CatalogEntry] = &[
    entry(
        "alarm-delivery-p99",
        "Alarm delivery, 99th percentile (s)",
        "From the beginning of an alarm to its display at the nurses' station, over alarms that were displayed.",
    ),
    entry(
        "alarms-undelivered",
        "Alarms not taken by a server in time",
        "Alarms that no server confirmed within 10 s.",
    ),
    entry(
        "alarms-raised",
        "Alarms raised",
        "Alarms that pumps raised.",
    ),
    entry("alerts", "Alerts", "Alerts that sensors and people raised."),
    entry(
        "alerts-false",
        "False alerts",
        "Alerts whose causes lead to no attacker. Has a value in runs that keep a trace only.",
    ),
    entry("events", "Events", "Events that the simulation dispatched."),
    entry(
        "files-encrypted",
        "Files encrypted",
        "Files that were encrypted with a key that their host does not have.",
    ),
    entry(
        "hosts-encrypted",
        "Hosts with encrypted files",
        "Hosts of which at least one file was encrypted with a key that they do not have.",
    ),
    entry(
        "hosts-held",
        "Hosts held by programs",
        "Hosts on which a program of an attacker began to run.",
    ),
    entry(
        "hosts-held-business",
        "Hosts held in business",
        "Hosts of the zone `business` on which a program of an attacker began to run.",
    ),
    entry(
        "hosts-held-clinical",
        "Hosts held in clinical services",
        "Hosts of the zone `clinical` on which a program of an attacker began to run.",
    ),
    entry(
        "hosts-held-meddev",
        "Devices held",
        "Hosts of the zone `meddev` on which a program of an attacker began to run.",
    ),
    entry(
        "joins",
        "Joins",
        "Times that a station joined a wireless network.",
    ),
    entry(
        "join-failures",
        "Failed joins",
        "Attempts to join a wireless network that failed.",
    ),
    entry(
        "join-time-p99",
        "Join time, 99th percentile (s)",
        "From the start of an attempt to the installed key, over attempts that succeeded.",
    ),
    entry(
        "libraries-activated",
        "Libraries activated",
        "Libraries that became active in pumps.",
    ),
    entry(
        "log-duplicates",
        "Duplicate log entries",
        "Log entries that a server stored more than once.",
    ),
    entry(
        "log-entries-lost",
        "Lost log entries",
        "Gaps in the numbers of the log entries that servers stored.",
    ),
    entry(
        "packets-dropped",
        "Packets dropped",
        "Frames and packets that went no further.",
    ),
    entry(
        "records-exposed",
        "Patient records exposed",
        "Readable patient records that came to hosts whose business they are not.",
    ),
    entry(
        "programs-blocked",
        "Programs blocked",
        "Times that a program was kept from running.",
    ),
    entry(
        "server-minutes-lost",
        "Server time lost (min)",
        "Minutes that servers could not serve for want of a file, summed over servers, outages open at the end included.",
    ),
    entry(
        "sessions",
        "Server sessions",
        "Sessions that pumps opened with what they took for their servers.",
    ),
    entry(
        "status-messages",
        "Status messages stored",
        "Status messages that servers stored.",
    ),
    entry(
        "zones-held",
        "Zones held",
        "Zones with at least one host on which a program of an attacker began to run.",
    ),
    entry(
        "therapy-gap-max",
        "Longest gap in therapy (s)",
        "Longest time that a programmed infusion stood still, gaps open at the end included.",
    ),
];

/// Gathers metrics.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    raised: BTreeMap<(NodeId, u32), Time>,
    delivery_s: Vec<f64>,
    join_s: Vec<f64>,
    counts: BTreeMap<&'static str, f64>,
    log_next: BTreeMap<NodeId, u32>,
    held_since: BTreeMap<NodeId, Time>,
    gap_max_s: f64,
    damage: Damage,
}

impl Metrics {
    fn count(&mut self, id: &'static str, n: f64) {
        *self.counts.entry(id).or_default() += n;
    }

    /// Takes a record in.
    pub fn observe(&mut self, truth: &Truth<'_>, e: &Entry<LabRecord>) {
        self.damage.observe(truth, e);
        match &e.what {
            LabRecord::AlarmRaised { number, .. } => {
                self.raised.insert((e.node, *number), e.time);
                self.count("alarms-raised", 1.0);
            }
            LabRecord::AlarmShown { pump, number } => {
                if let Some(since) = self.raised.get(&(*pump, *number)) {
                    self.delivery_s.push((e.time - *since).as_secs_f64());
                }
            }
            LabRecord::DeadlinePassed {
                missing: Missing::AlarmTaken { .. },
                ..
            } => {
                self.count("alarms-undelivered", 1.0);
            }
            LabRecord::Joined { took, .. } => {
                self.join_s.push(took.as_secs_f64());
                self.count("joins", 1.0);
            }
            LabRecord::JoinFailed { .. } => self.count("join-failures", 1.0),
            LabRecord::LibraryActivated { .. } => self.count("libraries-activated", 1.0),
            LabRecord::Dropped { .. } => self.count("packets-dropped", 1.0),
            LabRecord::Alert { .. } => self.count("alerts", 1.0),
            LabRecord::ServerSession { .. } => self.count("sessions", 1.0),
            LabRecord::StatusStored { .. } => self.count("status-messages", 1.0),
            LabRecord::RecordsHeld { records, .. } if !truth.may_hold_records.contains(&e.node) => {
                self.count("records-exposed", f64::from(*records));
            }
            LabRecord::LogStored { pump, number } => self.logged(*pump, *number),
            LabRecord::InfusionHeld => {
                self.held_since.entry(e.node).or_insert(e.time);
            }
            LabRecord::Delivery {
                change:
                    DeliveryChange::Started { .. } | DeliveryChange::Resumed | DeliveryChange::Stopped,
                ..
            } => self.goes_on(e.node, e.time),
            _ => {}
        }
    }

    fn logged(&mut self, pump: NodeId, number: u32) {
        let next = *self.log_next.entry(pump).or_insert(1);
        if number < next {
            self.count("log-duplicates", 1.0);
        } else {
            self.count("log-entries-lost", f64::from(number - next));
            self.log_next.insert(pump, number + 1);
        }
    }

    fn goes_on(&mut self, pump: NodeId, now: Time) {
        if let Some(since) = self.held_since.remove(&pump) {
            self.gap_max_s = self.gap_max_s.max((now - since).as_secs_f64());
        }
    }

    /// Values by identifier, at the end of a run.
    #[must_use]
    pub fn finish(mut self, now: Time) -> BTreeMap<&'static str, f64> {
        for pump in self.held_since.keys().copied().collect::<Vec<_>>() {
            self.goes_on(pump, now);
        }
        let mut out: BTreeMap<&'static str, f64> = METRICS.iter().map(|m| (m.id, 0.0)).collect();
        // Whether an alert was a false one is known from its causes, which a trace keeps.
        out.remove("alerts-false");
        out.extend(self.counts);
        out.extend(self.damage.finish(now));
        out.insert("therapy-gap-max", self.gap_max_s);
        out.insert("alarm-delivery-p99", percentile(&mut self.delivery_s, 0.99));
        out.insert("join-time-p99", percentile(&mut self.join_s, 0.99));
        out
    }
}

/// The value at or below which this share of the sorted values lies (nearest rank); zero without values.
fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = libm::ceil(share * values.len() as f64) as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        assert_eq!(percentile(&mut [], 0.99), 0.0);
        assert_eq!(percentile(&mut [3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(
            percentile(&mut (1..=100).map(f64::from).collect::<Vec<_>>(), 0.99),
            99.0
        );
    }
}
