//! Alarms, from the sound to the nurse's hand.

use super::contributors::Contributor;
use super::count::Count;
use super::metric::{Better, Definition, Family, Gather, Parts};
use super::series::Series;
use super::unit::Unit;
use crate::engine::{Entry, NodeId, RecordId};
use crate::record::{AlarmRecord, LabRecord, Missing};
use crate::safety::{Needs, Truth};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// An alarm that was raised.
#[derive(Clone, Copy, Debug)]
struct Raised {
    at: Time,
    record: RecordId,
    /// The latest record of something that did not come to it in time.
    missed: Option<RecordId>,
}

/// A pump, and the number of its alarm.
type Alarm = (NodeId, u32);

/// Alarms that were raised, and how long they waited.
#[derive(Clone, Debug, Default)]
pub(super) struct Alarms {
    raised: BTreeMap<Alarm, Raised>,
    /// Alarms without an answer.
    open: BTreeSet<Alarm>,
    /// Alarms without a display.
    hidden: BTreeSet<Alarm>,
    displayed: Vec<Contributor>,
    answered: Vec<Contributor>,
    unanswered: Series,
    number: Count,
    undelivered: Count,
}

impl Family for Alarms {
    const METRICS: &'static [Definition<Self>] = &[
        Definition {
            id: "alarm-delivery-p99",
            title: "99th percentile of alarm display",
            doc: "From the beginning of an alarm to its display at the nurses' station, over all alarms. An alarm that was not displayed counts with the time that it has waited: until a nurse answered it at the pump, or to the end of the run.",
            unit: Unit::Seconds,
            better: Better::Lower,
            needs: Needs::Infusion,
            gather: Gather::Quantile(0.99, Alarms::displays),
        },
        Definition {
            id: "alarm-latency-median",
            title: "Median time to a nurse's answer",
            doc: "From the beginning of an alarm to a nurse's hand at the pump, over all alarms. An alarm that still waits at the end counts with the time that it has waited.",
            unit: Unit::Seconds,
            better: Better::Lower,
            needs: Needs::Infusion,
            gather: Gather::Quantile(0.5, Alarms::latencies),
        },
        Definition {
            id: "alarm-latency-p99",
            title: "99th percentile of the time to a nurse's answer",
            doc: "From the beginning of an alarm to a nurse's hand at the pump: 99 of 100 alarms are answered sooner. An alarm that still waits at the end counts with the time that it has waited.",
            unit: Unit::Seconds,
            better: Better::Lower,
            needs: Needs::Infusion,
            gather: Gather::Quantile(0.99, Alarms::latencies),
        },
        Definition {
            id: "alarms-raised",
            title: "Alarms raised",
            doc: "Alarms that pumps raised.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Infusion,
            gather: Gather::Count(|alarms| &alarms.number),
        },
        Definition {
            id: "alarms-unanswered",
            title: "Alarms unanswered",
            doc: "Alarms that wait for a nurse: how many at the end of the run, and at any time in it.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Infusion,
            gather: Gather::Level(
                |alarms| &alarms.unanswered,
                Some(Parts {
                    unit: Unit::Seconds,
                    at_end: |alarms, now| alarms.waiting(now).into_iter().collect(),
                    ever: Some(|alarms, now| alarms.latencies(now).into_iter().collect()),
                }),
            ),
        },
        Definition {
            id: "alarms-undelivered",
            title: "Alarms not taken by a server in time",
            doc: "Alarms that no server confirmed within 10 s.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Infusion,
            gather: Gather::Count(|alarms| &alarms.undelivered),
        },
    ];

    fn new(_: &Truth) -> Self {
        Self::default()
    }

    fn observe(&mut self, _: &Truth, e: &Entry<LabRecord>) {
        let LabRecord::Alarm(what) = &e.what else {
            return;
        };
        match what {
            AlarmRecord::AlarmRaised { number, .. } => self.raised(*number, e),
            AlarmRecord::AlarmShown { pump, number } => self.shown((*pump, *number), e),
            AlarmRecord::AlarmAnswered { number, .. } => self.answered(*number, e),
            AlarmRecord::DeadlinePassed { missing, .. } => match missing {
                Missing::AlarmTaken { number } => {
                    self.missed(*number, e);
                    self.undelivered.one(e);
                }
                Missing::AlarmAnswered { number } => self.missed(*number, e),
                _ => {}
            },
            _ => {}
        }
    }
}

impl Alarms {
    fn raised(&mut self, number: u32, e: &Entry<LabRecord>) {
        let alarm = (e.node, number);
        let raised = Raised {
            at: e.time,
            record: e.id,
            missed: None,
        };
        self.raised.insert(alarm, raised);
        self.open.insert(alarm);
        self.hidden.insert(alarm);
        self.unanswered.set(e.time, self.open.len() as f64);
        self.number.one(e);
    }

    /// Something did not come to an alarm in time.
    fn missed(&mut self, number: u32, e: &Entry<LabRecord>) {
        if let Some(raised) = self.raised.get_mut(&(e.node, number)) {
            raised.missed = Some(e.id);
        }
    }

    fn shown(&mut self, alarm: Alarm, e: &Entry<LabRecord>) {
        self.hidden.remove(&alarm);
        if let Some(raised) = self.raised.get(&alarm) {
            self.displayed
                .push(raised.waited(alarm, e.time, Some(e.id)));
        }
    }

    fn answered(&mut self, number: u32, e: &Entry<LabRecord>) {
        let alarm = (e.node, number);
        if let (true, Some(raised)) = (self.open.remove(&alarm), self.raised.get(&alarm)) {
            self.answered.push(raised.waited(alarm, e.time, Some(e.id)));
            // Nobody needs the display any more.
            if self.hidden.remove(&alarm) {
                self.displayed.push(raised.waited(alarm, e.time, None));
            }
        }
        self.unanswered.set(e.time, self.open.len() as f64);
    }

    /// From the beginning of each alarm to the hand at the pump, s. An alarm that still waits at the end counts with the time that it has waited.
    fn latencies(&self, now: Time) -> Vec<Contributor> {
        self.with_waiting(&self.answered, &self.open, now)
    }

    /// From the beginning of each alarm to its display, s. An alarm that was not displayed counts with the time until a nurse answered it, or
    /// until the end.
    fn displays(&self, now: Time) -> Vec<Contributor> {
        self.with_waiting(&self.displayed, &self.hidden, now)
    }

    /// Alarms that wait for a nurse.
    fn waiting(&self, now: Time) -> Vec<Contributor> {
        self.with_waiting(&[], &self.open, now)
    }

    fn with_waiting(
        &self,
        over: &[Contributor],
        waiting: &BTreeSet<Alarm>,
        now: Time,
    ) -> Vec<Contributor> {
        let of = |alarm: &Alarm| Some(self.raised.get(alarm)?.waited(*alarm, now, None));
        over.iter()
            .copied()
            .chain(waiting.iter().filter_map(of))
            .collect()
    }
}

impl Raised {
    /// It waited until `end`, which a record tells unless it just ran out. What did not come in time explains more than that it came at last.
    fn waited(self, (pump, _): Alarm, end: Time, told: Option<RecordId>) -> Contributor {
        Contributor {
            record: self.missed.or(told).unwrap_or(self.record),
            node: pump,
            at: self.at,
            value: (end - self.at).as_secs_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clinical::delivery::AlarmKind;
    use crate::engine::EventId;
    use crate::time::Duration;

    fn entry(id: u64, seconds: u64, what: LabRecord) -> Entry<LabRecord> {
        Entry {
            id: RecordId::from_number(id),
            time: Time::ZERO + Duration::from_secs(seconds),
            node: NodeId(1),
            event: EventId::from_number(id),
            because: smallvec::SmallVec::new(),
            what,
        }
    }

    #[test]
    fn an_alarm_that_was_never_displayed_counts_with_its_wait() {
        let mut alarms = Alarms::default();
        let kind = AlarmKind::BagEmpty;
        for (id, number) in [(1, 1), (2, 2), (3, 3)] {
            let raised = LabRecord::Alarm(AlarmRecord::AlarmRaised { number, kind });
            alarms.raised(number, &entry(id, 10, raised));
        }
        let pump = NodeId(1);
        let shown = LabRecord::Alarm(AlarmRecord::AlarmShown { pump, number: 1 });
        alarms.shown((pump, 1), &entry(4, 12, shown));
        let after = Duration::from_secs(20);
        let answered = LabRecord::Alarm(AlarmRecord::AlarmAnswered { number: 2, after });
        alarms.answered(2, &entry(5, 30, answered));
        let missing = Missing::AlarmTaken { number: 3 };
        let missed = LabRecord::Alarm(AlarmRecord::DeadlinePassed { missing, after });
        alarms.missed(3, &entry(6, 20, missed));
        let end = Time::ZERO + Duration::from_secs(110);
        let displays: Vec<_> = alarms.displays(end);
        let displays: Vec<_> = displays
            .iter()
            .map(|c| (c.record.number(), c.value))
            .collect();
        // One was shown, one did not need to be any more, one waits and says what did not come.
        assert_eq!(displays, [(4, 2.0), (2, 20.0), (6, 100.0)]);
        let latencies = alarms.latencies(end);
        let latencies: Vec<f64> = latencies.iter().map(|c| c.value).collect();
        assert_eq!(latencies, [20.0, 100.0, 100.0]);
    }
}
