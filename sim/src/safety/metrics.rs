//! Metrics of a run, gathered from its records.

use super::Truth;
use super::damage::Damage;
use super::measure::{Alarms, Fleet, Series, Therapy};
use super::prescription::{self, Prescription};
use crate::catalog::Entry as CatalogEntry;
use crate::engine::{Entry, NodeId};
use crate::record::{LabRecord, Missing};
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
        "alarm-latency-median",
        "Alarm latency, median (s)",
        "From the beginning of an alarm to a nurse's hand at the pump, over all alarms. An alarm that still waits at the end counts with the time that it has waited.",
    ),
    entry(
        "alarm-latency-p99",
        "Alarm latency, 99th percentile (s)",
        "As `alarm-latency-median`.",
    ),
    entry(
        "alarms-unanswered",
        "Alarms unanswered",
        "Alarms that wait for a nurse: how many at the end of the run, and at any time in it.",
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
        "changes-made",
        "Changes in force",
        "Changes of the lowest version of TLS that came into force for all pumps of a server.",
    ),
    entry(
        "changes-taken-back",
        "Changes taken back",
        "Changes that a server tried on a canary group and took back.",
    ),
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
        "infusions-standing",
        "Infusions standing still",
        "Infusions that are to run and stand still: how many at the end of the run, and at any time in it.",
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
        "join-time-median",
        "Join time, median (s)",
        "As `join-time-p99`.",
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
        "library-currency",
        "Library currency (share)",
        "Share of pumps, 0 to 1, whose active library is the newest that their server has published: at the end of the run, and at any time in it.",
    ),
    entry(
        "library-latency-p99",
        "Library latency, 99th percentile (s)",
        "From the publication of a library to its storage in a pump that was behind, waiting for activation. A pump that lacks it at the end counts with the time that it has waited.",
    ),
    entry(
        "library-time-80",
        "Time to a library in four of five pumps (s)",
        "From the last publication to the moment when the newest library is active in 80 % of the pumps. Without a value if that was not reached.",
    ),
    entry(
        "libraries-released",
        "Libraries released",
        "Releases of drug libraries that the pharmacy's people brought to their end.",
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
        "orders-altered",
        "Orders altered",
        "Orders that reached a pump and differ from what the health record sent for it at that number, or that it never sent.",
    ),
    entry(
        "overdose-ml",
        "Volume beyond prescription (mL)",
        "Volume that pumps ran above the prescribed rate, or of a drug that was not prescribed, over all pumps; as the pump counts, without its flow error, until the end of the run.",
    ),
    entry(
        "packets-dropped",
        "Packets dropped",
        "Frames and packets that went no further.",
    ),
    entry(
        "pump-availability",
        "Pumps with power (share)",
        "Share of pump-time, 0 to 1, in which a pump was not switched off, over the whole run. The seconds before pumps are first switched on count as powered.",
    ),
    entry(
        "pumps-offline",
        "Pumps offline",
        "Pumps that had a session with their server and have none: how many at the end of the run, and at any time in it.",
    ),
    entry(
        "pumps-offline-max",
        "Pumps offline, at most",
        "Greatest number of pumps at one time that had had a session with their server and had none.",
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
        "session-availability",
        "Pumps with a session (share)",
        "Share of pump-time, 0 to 1, with a session with the pump's own server, over the whole run, the start of the pumps included.",
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
    entry(
        "therapy-minutes-lost",
        "Therapy lost (min)",
        "Minutes that infusions stood still though they were to run, over all pumps; pumps that lost power included; until the end of the run.",
    ),
    entry(
        "vendor-sessions-recorded",
        "Vendor sessions recorded",
        "Sessions of makers' support that a broker carried on and recorded.",
    ),
    entry(
        "vendor-visits",
        "Support visits",
        "Visits that makers' engineers brought to their end.",
    ),
];

/// Metrics that are too many for a history.
const WITHOUT_HISTORY: &[&str] = &["packets-dropped", "status-messages"];

/// Gathers metrics.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    join_s: Vec<f64>,
    counts: BTreeMap<&'static str, f64>,
    history: BTreeMap<&'static str, Series>,
    log_next: BTreeMap<NodeId, u32>,
    alarms: Alarms,
    fleet: Fleet,
    therapy: Therapy,
    damage: Damage,
}

impl Metrics {
    /// Nothing gathered yet.
    #[must_use]
    pub fn new(truth: &Truth) -> Self {
        Self {
            fleet: Fleet::new(truth),
            ..Self::default()
        }
    }

    fn count(&mut self, id: &'static str, now: Time, n: f64) {
        *self.counts.entry(id).or_default() += n;
        if !WITHOUT_HISTORY.contains(&id) {
            self.history.entry(id).or_default().add(now, n);
        }
    }

    /// Takes a record in.
    pub fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        self.damage.observe(truth, e);
        self.of_alarms(e);
        self.of_fleet(truth, e);
        self.of_therapy(truth, e);
        let one = match &e.what {
            LabRecord::Joined { took, .. } => {
                self.join_s.push(took.as_secs_f64());
                "joins"
            }
            LabRecord::JoinFailed { .. } => "join-failures",
            LabRecord::LibraryActivated { .. } => "libraries-activated",
            LabRecord::Dropped { .. } => "packets-dropped",
            LabRecord::Alert { .. } => "alerts",
            LabRecord::ServerSession { .. } => "sessions",
            LabRecord::StatusStored { .. } => "status-messages",
            LabRecord::RecordsHeld { records, .. } => {
                if !truth.may_hold_records.contains(&e.node) {
                    self.count("records-exposed", e.time, f64::from(*records));
                }
                return;
            }
            LabRecord::SessionCarried { .. } => "vendor-sessions-recorded",
            LabRecord::TlsMinimumSet { canary: 0, .. } => "changes-made",
            LabRecord::ChangeTakenBack { .. } => "changes-taken-back",
            LabRecord::TaskEnded {
                task,
                success: true,
            } if *task == "support visit" => "vendor-visits",
            LabRecord::TaskEnded { success: true, .. } => "libraries-released",
            LabRecord::LogStored { pump, number } => return self.logged(*pump, *number, e.time),
            _ => return,
        };
        self.count(one, e.time, 1.0);
    }

    fn of_alarms(&mut self, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::AlarmRaised { number, .. } => {
                self.alarms.raised(e.node, *number, e.time);
                self.count("alarms-raised", e.time, 1.0);
            }
            LabRecord::AlarmShown { pump, number } => self.alarms.shown(*pump, *number, e.time),
            LabRecord::AlarmAnswered { number, .. } => {
                self.alarms.answered(e.node, *number, e.time);
            }
            LabRecord::DeadlinePassed {
                missing: Missing::AlarmTaken { .. },
                ..
            } => self.count("alarms-undelivered", e.time, 1.0),
            _ => {}
        }
    }

    fn of_fleet(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        let (node, now) = (e.node, e.time);
        match &e.what {
            LabRecord::ServerSession { peer, .. } => self.fleet.session(truth, node, *peer, now),
            LabRecord::ServerSessionLost | LabRecord::CommunicationFailed { .. } => {
                self.fleet.lost(node, now);
            }
            LabRecord::PoweredOff => self.fleet.power(truth, node, false, now),
            LabRecord::PoweredOn => self.fleet.power(truth, node, true, now),
            LabRecord::LibraryPublished { version, .. } => {
                self.fleet.published(truth, node, *version, now);
            }
            LabRecord::LibraryStored { version, .. } => {
                self.fleet.stored(truth, node, *version, now);
            }
            LabRecord::LibraryActivated { version, .. } => {
                self.fleet.activated(truth, node, *version, now);
            }
            _ => {}
        }
    }

    fn of_therapy(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::InfusionHeld => self.therapy.held(e.node, e.time),
            LabRecord::Delivery { change, drug, .. } => {
                self.therapy.changed(truth, e.node, drug, *change, e.time);
            }
            LabRecord::PoweredOff => self.therapy.dark(e.node, e.time),
            // The patient goes without until the other pump starts.
            LabRecord::PumpReplaced { by } => self.therapy.held(*by, e.time),
            LabRecord::OrderAtPump {
                order,
                rate_ml_per_h,
            } => {
                let sent = truth.prescriptions.get(&e.node);
                let mut sent = sent.into_iter().flatten();
                let as_sent = |p: &Prescription| {
                    p.order == Some(*order)
                        && p.at <= e.time
                        && prescription::same(p.rate_ml_per_h, *rate_ml_per_h)
                };
                if !sent.any(as_sent) {
                    self.count("orders-altered", e.time, 1.0);
                }
            }
            _ => {}
        }
    }

    fn logged(&mut self, pump: NodeId, number: u32, now: Time) {
        let next = *self.log_next.entry(pump).or_insert(1);
        if number < next {
            self.count("log-duplicates", now, 1.0);
        } else {
            self.count("log-entries-lost", now, f64::from(number - next));
            self.log_next.insert(pump, number + 1);
        }
    }

    /// Values by identifier at the end of a run, and those that have a history over time.
    #[must_use]
    pub fn finish(mut self, pumps: usize, now: Time) -> (BTreeMap<&'static str, f64>, OverTime) {
        let mut out: BTreeMap<&'static str, f64> = METRICS.iter().map(|m| (m.id, 0.0)).collect();
        // Whether an alert was a false one is known from its causes, which a trace keeps.
        out.remove("alerts-false");
        out.extend(std::mem::take(&mut self.counts));
        out.extend(self.damage.finish(now));
        let (overdose_ml, gap_max_s) = self.therapy.finish(now);
        out.insert("overdose-ml", overdose_ml);
        out.insert("therapy-gap-max", gap_max_s);
        let minutes = self.therapy.standing.integral_s(now) / 60.0;
        out.insert("therapy-minutes-lost", minutes);
        out.insert(
            "pumps-offline-max",
            self.fleet.offline.range(Time::ZERO, now).1,
        );
        let pump_s = (pumps as f64 * (now - Time::ZERO).as_secs_f64()).max(f64::MIN_POSITIVE);
        let with_session = self.fleet.with_session.integral_s(now) / pump_s;
        out.insert("session-availability", with_session);
        let dark = self.fleet.without_power.integral_s(now) / pump_s;
        out.insert("pump-availability", 1.0 - dark);
        let mut latencies = self.alarms.latencies_s(now);
        let mut libraries = self.fleet.library_latencies_s(now);
        for (id, value) in [
            (
                "alarm-delivery-p99",
                percentile(&mut self.alarms.displayed_s, 0.99),
            ),
            ("alarm-latency-median", percentile(&mut latencies, 0.5)),
            ("alarm-latency-p99", percentile(&mut latencies, 0.99)),
            ("join-time-median", percentile(&mut self.join_s, 0.5)),
            ("join-time-p99", percentile(&mut self.join_s, 0.99)),
            ("library-latency-p99", percentile(&mut libraries, 0.99)),
            ("library-time-80", self.fleet.eighty_s),
        ] {
            match value {
                Some(value) => out.insert(id, value),
                None => out.remove(id),
            };
        }
        let mut series = self.history;
        for (id, level) in [
            ("alarms-unanswered", self.alarms.unanswered),
            ("infusions-standing", self.therapy.standing),
            ("library-currency", self.fleet.current),
            ("pumps-offline", self.fleet.offline),
        ] {
            out.insert(id, level.last());
            series.insert(id, level);
        }
        (out, OverTime(series))
    }
}

/// Metrics over time: counts as they grew, and levels as they rose and fell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OverTime(BTreeMap<&'static str, Series>);

impl OverTime {
    /// Whether a metric has a history: every count but those of packets, status messages and events, and every level.
    #[must_use]
    pub fn has(id: &str) -> bool {
        const OTHERS: &[&str] = &[
            "alerts-false",
            "events",
            "overdose-ml",
            "pump-availability",
            "pumps-offline-max",
            "session-availability",
            "therapy-gap-max",
        ];
        let percentile = ["-median", "-p99", "-80"].iter().any(|e| id.ends_with(e));
        let known = METRICS.iter().any(|m| m.id == id);
        known && !percentile && !WITHOUT_HISTORY.contains(&id) && !OTHERS.contains(&id)
    }

    /// The value of a metric at a time of the run; none for a metric without a history.
    #[must_use]
    pub fn at(&self, id: &str, at: Time) -> Option<f64> {
        if id == "therapy-minutes-lost" {
            let standing = self.0.get("infusions-standing");
            return Some(standing.map_or(0.0, |s| s.integral_s(at) / 60.0));
        }
        Self::has(id).then(|| self.0.get(id).map_or(0.0, |s| s.at(at)))
    }

    /// Least and greatest value of a metric from one time to another, both included; none for a metric without a history.
    #[must_use]
    pub fn range(&self, id: &str, from: Time, until: Time) -> Option<(f64, f64)> {
        if id == "therapy-minutes-lost" {
            return self.at(id, from).zip(self.at(id, until));
        }
        Self::has(id).then(|| self.0.get(id).map_or((0.0, 0.0), |s| s.range(from, until)))
    }
}

/// The value at or below which this share of the sorted values lies (nearest rank); none without values.
fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = libm::ceil(share * values.len() as f64) as usize;
    values.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        assert_eq!(percentile(&mut [], 0.99), None);
        assert_eq!(percentile(&mut [3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(
            percentile(&mut (1..=100).map(f64::from).collect::<Vec<_>>(), 0.99),
            Some(99.0)
        );
    }
}
