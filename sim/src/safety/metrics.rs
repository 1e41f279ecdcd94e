//! Metrics of a run, gathered from its records.

mod table;

pub(super) use table::three_digits;
pub use table::{Better, METRICS, Metric, TABLE, Unit, metric};

use super::Truth;
use super::damage::Damage;
use super::measure::{Alarms, Contributor, Contributors, Fleet, Series, Therapy};
use super::prescription::{self, Prescription};
use crate::engine::{Entry, NodeId};
use crate::record::{
    AccessRecord, AlarmRecord, HostRecord, LabRecord, LibraryRecord, Missing, MonitoringRecord,
    NetworkRecord, SessionRecord, StorageRecord, Task, TherapyRecord, WirelessRecord,
};
use crate::time::Time;
use std::collections::BTreeMap;

/// Metrics that are too many for a history.
const WITHOUT_HISTORY: &[&str] = &["packets-dropped", "status-messages"];

/// Gathers metrics.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    joins: Vec<Contributor>,
    counts: BTreeMap<&'static str, f64>,
    history: BTreeMap<&'static str, Series>,
    behind: BTreeMap<&'static str, Contributors>,
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

    fn count(&mut self, id: &'static str, e: &Entry<LabRecord>, n: f64) {
        *self.counts.entry(id).or_default() += n;
        if WITHOUT_HISTORY.contains(&id) {
            return;
        }
        self.history.entry(id).or_default().add(e.time, n);
        if n > 0.0 {
            let one = Contributor {
                record: e.id,
                node: e.node,
                at: e.time,
                value: n,
            };
            self.behind.entry(id).or_default().add(one);
        }
    }

    /// Takes a record in.
    pub fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        self.fleet.until(e.time);
        self.damage.observe(truth, e);
        self.of_alarms(e);
        self.of_fleet(truth, e);
        self.of_therapy(truth, e);
        let one = match &e.what {
            LabRecord::Wireless(WirelessRecord::Joined { took, .. }) => {
                self.joins.push(Contributor {
                    record: e.id,
                    node: e.node,
                    at: e.time - *took,
                    value: took.as_secs_f64(),
                });
                "joins"
            }
            LabRecord::Wireless(WirelessRecord::JoinFailed { .. }) => "join-failures",
            LabRecord::Library(LibraryRecord::LibraryActivated { .. }) => "libraries-activated",
            LabRecord::Network(NetworkRecord::Dropped { .. }) => "packets-dropped",
            LabRecord::Monitoring(MonitoringRecord::Alert { .. }) => "alerts",
            LabRecord::Session(SessionRecord::ServerSession { .. }) => "sessions",
            LabRecord::Monitoring(MonitoringRecord::StatusStored { .. }) => "status-messages",
            LabRecord::Storage(StorageRecord::RecordsHeld { records, .. }) => {
                if !truth.may_hold_records.contains(&e.node) {
                    self.count("records-exposed", e, f64::from(*records));
                }
                return;
            }
            LabRecord::Access(AccessRecord::SessionCarried { .. }) => "vendor-sessions-recorded",
            LabRecord::Session(SessionRecord::TlsMinimumSet { canary: 0, .. }) => "changes-made",
            LabRecord::Session(SessionRecord::ChangeTakenBack { .. }) => "changes-taken-back",
            LabRecord::Access(AccessRecord::TaskEnded { task, success }) if *success => {
                match task {
                    Task::SupportVisit => "vendor-visits",
                    Task::LibraryRelease => "libraries-released",
                }
            }
            LabRecord::Monitoring(MonitoringRecord::LogStored { pump, number }) => {
                return self.logged(*pump, *number, e);
            }
            _ => return,
        };
        self.count(one, e, 1.0);
    }

    fn of_alarms(&mut self, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Alarm(AlarmRecord::AlarmRaised { number, .. }) => {
                self.alarms.raised(*number, e);
                self.count("alarms-raised", e, 1.0);
            }
            LabRecord::Alarm(AlarmRecord::AlarmShown { pump, number }) => {
                self.alarms.shown((*pump, *number), e)
            }
            LabRecord::Alarm(AlarmRecord::AlarmAnswered { number, .. }) => {
                self.alarms.answered(*number, e)
            }
            LabRecord::Alarm(AlarmRecord::DeadlinePassed {
                missing: Missing::AlarmTaken { number },
                ..
            }) => {
                self.alarms.missed(*number, e);
                self.count("alarms-undelivered", e, 1.0);
            }
            LabRecord::Alarm(AlarmRecord::DeadlinePassed {
                missing: Missing::AlarmAnswered { number },
                ..
            }) => self.alarms.missed(*number, e),
            _ => {}
        }
    }

    fn of_fleet(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Session(SessionRecord::ServerSession { peer, .. }) => {
                self.fleet.session(truth, *peer, e)
            }
            LabRecord::Session(SessionRecord::ServerSessionLost) => self.fleet.lost(e),
            LabRecord::Host(HostRecord::CommunicationFailed { .. }) => {
                self.fleet.failed(e);
                self.fleet.lost(e);
            }
            LabRecord::Host(HostRecord::CommunicationStarted)
            | LabRecord::Wireless(WirelessRecord::JoinFailed { .. })
            | LabRecord::Session(SessionRecord::ServerUnreached { .. }) => self.fleet.failed(e),
            LabRecord::Host(HostRecord::PoweredOff) => self.fleet.power(truth, false, e),
            LabRecord::Host(HostRecord::PoweredOn) => self.fleet.power(truth, true, e),
            LabRecord::Library(LibraryRecord::LibraryPublished { version, .. }) => {
                self.fleet.published(truth, *version, e);
            }
            LabRecord::Library(LibraryRecord::LibraryStored { version, .. }) => {
                self.fleet.stored(truth, *version, e)
            }
            LabRecord::Library(LibraryRecord::LibraryActivated { version, .. }) => {
                self.fleet.activated(truth, e.node, *version, e.time);
            }
            _ => {}
        }
    }

    fn of_therapy(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Therapy(TherapyRecord::InfusionHeld) => self.therapy.held(e.node, e),
            LabRecord::Therapy(TherapyRecord::Delivery { change, drug, .. }) => {
                self.therapy.changed(truth, drug, *change, e);
            }
            LabRecord::Host(HostRecord::PoweredOff) => self.therapy.dark(e),
            // The patient goes without until the other pump starts.
            LabRecord::Therapy(TherapyRecord::PumpReplaced { by }) => self.therapy.held(*by, e),
            LabRecord::Therapy(TherapyRecord::OrderAtPump {
                order,
                rate_ml_per_h,
            }) => {
                let sent = truth.prescriptions.get(&e.node);
                let mut sent = sent.into_iter().flatten();
                let as_sent = |p: &Prescription| {
                    p.order == Some(*order)
                        && p.at <= e.time
                        && prescription::same(p.rate_ml_per_h, *rate_ml_per_h)
                };
                if !sent.any(as_sent) {
                    self.count("orders-altered", e, 1.0);
                }
            }
            _ => {}
        }
    }

    fn logged(&mut self, pump: NodeId, number: u32, e: &Entry<LabRecord>) {
        let next = *self.log_next.entry(pump).or_insert(1);
        if number < next {
            self.count("log-duplicates", e, 1.0);
        } else {
            self.count("log-entries-lost", e, f64::from(number - next));
            self.log_next.insert(pump, number + 1);
        }
    }

    /// Percentiles, with the greatest values of what they are taken over.
    fn percentiles(
        &self,
        now: Time,
        out: &mut BTreeMap<&'static str, f64>,
        behind: &mut BTreeMap<&'static str, Contributors>,
    ) {
        let (displays, latencies) = (self.alarms.displays(now), self.alarms.latencies(now));
        let libraries = self.fleet.library_latencies(now);
        for (id, of, share) in [
            ("alarm-delivery-p99", &displays, 0.99),
            ("alarm-latency-median", &latencies, 0.5),
            ("alarm-latency-p99", &latencies, 0.99),
            ("join-time-median", &self.joins, 0.5),
            ("join-time-p99", &self.joins, 0.99),
            ("library-latency-p99", &libraries, 0.99),
        ] {
            let mut values: Vec<f64> = of.iter().map(|c| c.value).collect();
            match percentile(&mut values, share) {
                Some(value) => out.insert(id, value),
                None => out.remove(id),
            };
            behind.insert(id, of.iter().copied().collect());
        }
    }

    /// What was gathered, at the end of a run.
    #[must_use]
    pub fn finish(mut self, pumps: usize, now: Time) -> Measured {
        self.fleet.until(now);
        let mut behind = std::mem::take(&mut self.behind);
        let mut out: BTreeMap<&'static str, f64> = METRICS.iter().map(|m| (m.id, 0.0)).collect();
        out.extend(std::mem::take(&mut self.counts));
        out.extend(self.damage.finish(now));
        let standing_now: Contributors = self.therapy.standing_now(now).into_iter().collect();
        let (overdose_ml, beyond, gaps) = self.therapy.finish(now);
        let gaps = gaps.into_vec();
        let gap_max_s = gaps.first().map_or(0.0, |gap| gap.value);
        out.insert("overdose-ml", overdose_ml);
        out.insert("therapy-gap-max", gap_max_s);
        let minutes = |c: &Contributor| Contributor {
            value: c.value / 60.0,
            ..*c
        };
        behind.insert("therapy-minutes-lost", gaps.iter().map(minutes).collect());
        behind.insert("therapy-gap-max", gaps.into_iter().collect());
        behind.insert("infusions-standing", standing_now);
        behind.insert("overdose-ml", beyond);
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
        self.percentiles(now, &mut out, &mut behind);
        match self.fleet.eighty_s {
            Some(value) => out.insert("library-time-80", value),
            None => out.remove("library-time-80"),
        };
        let offline = self.fleet.offline_now(now).into_iter().collect();
        behind.insert("pumps-offline", offline);
        behind.insert("pumps-offline-max", self.fleet.outages(now));
        behind.insert("session-availability", self.fleet.outages(now));
        let waiting = self.alarms.waiting(now).into_iter().collect();
        behind.insert("alarms-unanswered", waiting);
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
        Measured {
            values: out,
            over_time: OverTime(series),
            behind: behind
                .into_iter()
                .map(|(id, c)| (id, c.into_vec()))
                .collect(),
        }
    }
}

/// What was measured in a run.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Values by identifier at the end of the run.
    pub values: BTreeMap<&'static str, f64>,
    /// Those that have a history, over time.
    pub over_time: OverTime,
    /// The records that make them, the greatest part first; the greatest only where they are many.
    pub behind: BTreeMap<&'static str, Vec<Contributor>>,
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
