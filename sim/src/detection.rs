//! Which alerts were due to which attack: judged from outside, by the causes of the alerts.
//!
//! An alert detects a technique if its causes, the lineage of events and what records were emitted because of, lead back to a step that
//! uses it. The walk ends at the nearest step of an attacker: that an earlier step of the same plan had to succeed before is the
//! attacker's reason, and nothing that a sensor could notice. An alert whose causes lead to no step is a false one.

use crate::engine::{EventId, NodeId, RecordId};
use crate::explain::Trace;
use crate::record::{AttackRecord, Class, LabRecord, MonitoringRecord};
use crate::time::{Duration, Time};
use std::collections::{BTreeMap, BTreeSet};

/// The first time that a technique was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// Identifier of the technique.
    pub technique: &'static str,
    /// When the first step that uses it began.
    pub started: Time,
    /// When the first alert was raised that leads back to such a step.
    pub at: Time,
    /// Sensor that raised it.
    pub sensor: &'static str,
    /// The alert.
    pub alert: RecordId,
}

impl Detection {
    /// Time to detection.
    #[must_use]
    pub fn after(&self) -> Duration {
        self.at - self.started
    }
}

/// What became of the alerts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noticed {
    /// First detection of each technique that was noticed, in order of time.
    pub detections: Vec<Detection>,
    /// Alerts whose causes lead to no attacker.
    pub false_alerts: Vec<RecordId>,
}

impl Noticed {
    /// The first detection of a technique.
    #[must_use]
    pub fn of(&self, technique: &str) -> Option<&Detection> {
        self.detections.iter().find(|d| d.technique == technique)
    }
}

/// Judges all alerts of a run.
#[must_use]
pub fn judge(trace: &Trace) -> Noticed {
    let book = Book::of(trace);
    let mut noticed = Noticed::default();
    for entry in &trace.entries {
        let LabRecord::Monitoring(MonitoringRecord::Alert { sensor, .. }) = &entry.what else {
            continue;
        };
        let steps = book.steps_behind(trace, entry.id);
        if steps.is_empty() {
            noticed.false_alerts.push(entry.id);
        }
        for step in steps {
            let technique = book.techniques[&step];
            if noticed.of(technique).is_none() {
                noticed.detections.push(Detection {
                    technique,
                    started: book.first[technique],
                    at: entry.time,
                    sensor,
                    alert: entry.id,
                });
            }
        }
    }
    noticed
}

/// What the walk looks up.
#[derive(Debug, Default)]
struct Book {
    /// Technique of the step that a record says began.
    techniques: BTreeMap<RecordId, &'static str>,
    /// When each technique was first used.
    first: BTreeMap<&'static str, Time>,
    /// Steps that an event began.
    began: BTreeMap<EventId, RecordId>,
    /// Records with causes besides their event, by event; without what attackers note for themselves.
    beside: BTreeMap<EventId, Vec<RecordId>>,
}

impl Book {
    fn of(trace: &Trace) -> Self {
        let mut book = Self::default();
        for entry in &trace.entries {
            if let LabRecord::Attack(AttackRecord::StepStarted { technique, .. }) = entry.what {
                book.techniques.insert(entry.id, technique);
                book.first.entry(technique).or_insert(entry.time);
                book.began.insert(entry.event, entry.id);
            } else if !entry.because.is_empty() && entry.what.class() != Class::Note {
                book.beside.entry(entry.event).or_default().push(entry.id);
            }
        }
        book
    }

    /// The steps that a record's causes lead to first.
    fn steps_behind(&self, trace: &Trace, record: RecordId) -> BTreeSet<RecordId> {
        let mut steps = BTreeSet::new();
        let mut seen: BTreeSet<EventId> = BTreeSet::new();
        let mut told: BTreeSet<RecordId> = BTreeSet::new();
        let mut open = vec![record];
        while let Some(id) = open.pop() {
            if !told.insert(id) {
                continue;
            }
            if self.techniques.contains_key(&id) {
                steps.insert(id);
                continue;
            }
            let Some(entry) = trace.record(id) else {
                continue;
            };
            if entry.what.class() != Class::Note {
                open.extend(entry.because.iter().copied());
            }
            let mut event = entry.event;
            while event != EventId::GENESIS && seen.insert(event) {
                if let Some(step) = self.began.get(&event) {
                    steps.insert(*step);
                    break;
                }
                let beside = self.beside.get(&event).into_iter().flatten();
                open.extend(beside.copied().filter(|b| *b < record));
                match trace.events.get(&event) {
                    Some(lineage) => event = lineage.parent,
                    None => break,
                }
            }
        }
        steps
    }
}

/// When the first step that uses a technique began; none where no step did.
#[must_use]
pub fn began(trace: &Trace, technique: &str) -> Option<(NodeId, Time)> {
    trace.entries.iter().find_map(|e| match e.what {
        LabRecord::Attack(AttackRecord::StepStarted { technique: t, .. }) if t == technique => {
            Some((e.node, e.time))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Entry, Lineage};
    use crate::record::{HostRecord, SessionRecord};
    use crate::spec::ItemId;
    use smallvec::SmallVec;

    /// A trace told by hand: records as (second, event, causes, content), events as (number, parent).
    fn trace(records: Vec<(u64, u64, &[u64], LabRecord)>, events: &[(u64, u64)]) -> Trace {
        let entries = records.into_iter().enumerate();
        let entries = entries.map(|(i, (second, event, because, what))| Entry {
            id: RecordId(i as u64 + 1),
            time: Time::ZERO + Duration::from_secs(second),
            node: NodeId(0),
            event: EventId::from_number(event),
            because: because
                .iter()
                .map(|b| RecordId(*b))
                .collect::<SmallVec<_>>(),
            what,
        });
        let lineage = |parent| Lineage {
            parent,
            because: crate::engine::Because::default(),
            node: NodeId(0),
            time: Time::ZERO,
            label: "frame",
        };
        let events = events.iter().map(|&(event, parent)| {
            let parent = EventId::from_number(parent);
            (EventId::from_number(event), lineage(parent))
        });
        Trace {
            entries: entries.collect(),
            events: events.collect(),
            nodes: Vec::new(),
        }
    }

    fn step(step: u32, technique: &'static str) -> LabRecord {
        LabRecord::Attack(AttackRecord::StepStarted { step, technique })
    }

    fn alert() -> LabRecord {
        LabRecord::Monitoring(MonitoringRecord::Alert {
            sensor: "log-review",
            item: ItemId(1),
            about: "something".to_owned(),
        })
    }

    #[test]
    fn an_alert_detects_the_step_that_its_events_descend_from() {
        let t = trace(
            vec![(10, 1, &[], step(0, "scan-ports")), (14, 3, &[], alert())],
            &[(1, 0), (2, 1), (3, 2)],
        );
        let noticed = judge(&t);
        assert_eq!(noticed.detections.len(), 1);
        assert_eq!(noticed.detections[0].after(), Duration::from_secs(4));
        assert!(noticed.false_alerts.is_empty());
    }

    #[test]
    fn an_alert_that_descends_from_elsewhere_is_a_false_one() {
        let t = trace(
            vec![(10, 1, &[], step(0, "scan-ports")), (14, 3, &[], alert())],
            &[(1, 0), (2, 0), (3, 2)],
        );
        let noticed = judge(&t);
        assert!(noticed.detections.is_empty());
        assert_eq!(noticed.false_alerts, [RecordId(2)]);
    }

    #[test]
    fn what_a_record_was_emitted_because_of_leads_on() {
        let session = LabRecord::Session(SessionRecord::ServerSessionLost);
        let t = trace(
            vec![
                (1, 1, &[], step(0, "spoof-server")),
                (2, 2, &[], LabRecord::Host(HostRecord::PoweredOn)),
                (5, 4, &[2], session),
                (9, 5, &[], alert()),
            ],
            &[(1, 0), (2, 1), (4, 0), (5, 4)],
        );
        assert!(judge(&t).of("spoof-server").is_some());
    }

    #[test]
    fn a_later_step_does_not_count_for_the_earlier_ones_of_its_plan() {
        let t = trace(
            vec![
                (1, 1, &[], step(0, "find-host")),
                (
                    2,
                    2,
                    &[],
                    LabRecord::Attack(AttackRecord::Learned { what: "an address" }),
                ),
                (3, 3, &[], step(1, "open-shell")),
                (
                    4,
                    4,
                    &[2],
                    LabRecord::Attack(AttackRecord::Learned { what: "a shell" }),
                ),
                (5, 5, &[], alert()),
            ],
            &[(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)],
        );
        let noticed = judge(&t);
        assert!(noticed.of("open-shell").is_some());
        assert!(noticed.of("find-host").is_none());
    }
}
