//! Alarms, from the sound to the hand.

use super::{Contributor, Series};
use crate::engine::{Entry, NodeId, RecordId};
use crate::record::LabRecord;
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
pub(in crate::safety) struct Alarms {
    raised: BTreeMap<Alarm, Raised>,
    open: BTreeSet<Alarm>,
    hidden: BTreeSet<Alarm>,
    displayed: Vec<Contributor>,
    answered: Vec<Contributor>,
    /// Alarms that nobody has answered.
    pub(in crate::safety) unanswered: Series,
}

impl Alarms {
    pub(in crate::safety) fn raised(&mut self, number: u32, e: &Entry<LabRecord>) {
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
    }

    /// Something did not come to an alarm in time.
    pub(in crate::safety) fn missed(&mut self, number: u32, e: &Entry<LabRecord>) {
        if let Some(raised) = self.raised.get_mut(&(e.node, number)) {
            raised.missed = Some(e.id);
        }
    }

    pub(in crate::safety) fn shown(&mut self, alarm: Alarm, e: &Entry<LabRecord>) {
        self.hidden.remove(&alarm);
        if let Some(raised) = self.raised.get(&alarm) {
            self.displayed
                .push(raised.waited(alarm, e.time, Some(e.id)));
        }
    }

    pub(in crate::safety) fn answered(&mut self, number: u32, e: &Entry<LabRecord>) {
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
    pub(in crate::safety) fn latencies(&self, now: Time) -> Vec<Contributor> {
        self.with_waiting(&self.answered, &self.open, now)
    }

    /// From the beginning of each alarm to its display, s. An alarm that was not displayed counts with the time until a nurse answered it, or
    /// until the end.
    pub(in crate::safety) fn displays(&self, now: Time) -> Vec<Contributor> {
        self.with_waiting(&self.displayed, &self.hidden, now)
    }

    /// Alarms that wait for a nurse.
    pub(in crate::safety) fn waiting(&self, now: Time) -> Vec<Contributor> {
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
    use crate::record::{AlarmRecord, Missing};
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
