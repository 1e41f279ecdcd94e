//! A trace in the form in which it is kept: names instead of numbers, a sentence beside every record.
//!
//! Both a run that has just ended and a run directory are explained from this form, so a directory needs neither the lab nor the version
//! that made it in order to be read.

use crate::error::HarnessError;
use crate::report::words::Words;
use pumplab_sim::engine::EventId;
use pumplab_sim::record::{AttackRecord, Class, Family, LabRecord, Telling};
use pumplab_sim::time::Time;
use pumplab_sim::why::stops::Stops;
use pumplab_sim::why::trace::Trace;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A record as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct StoredRecord {
    /// Number, from 1.
    pub id: u64,
    /// When, in nanoseconds of simulated time.
    pub at_ns: u64,
    /// Name of the node.
    pub node: String,
    /// The event that emitted it.
    pub event: u64,
    /// The event that caused that event; 0 where it was scheduled before the run.
    pub cause: u64,
    /// Further records that were needed for it.
    pub because: Vec<u64>,
    /// For what did not come: records of what stopped it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stopped_by: Vec<u64>,
    /// Kind of record.
    pub kind: String,
    /// Its content.
    #[schemars(with = "LabRecord")]
    pub what: serde_json::Value,
    /// Its content in words.
    pub text: String,
    /// For a refusal: the configuration item that decided and who put it there.
    pub reason: Option<String>,
    /// For a refusal: the control that put the item there.
    pub control: Option<String>,
}

/// An event that a record descends from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct StoredEvent {
    /// Number.
    pub id: u64,
    /// The event that caused it; 0 where it was scheduled before the run.
    pub cause: u64,
    /// Records that it needed besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<u64>,
    /// When, in nanoseconds of simulated time.
    pub at_ns: u64,
    /// Name of the node.
    pub node: String,
    /// Its kind in words.
    pub label: String,
}

/// Records and the events behind them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Story {
    /// Records in order of emission: number n stands at n - 1.
    pub records: Vec<StoredRecord>,
    /// Events by number.
    pub events: BTreeMap<u64, StoredEvent>,
}

/// One event on the way from the first causes to a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop<'a> {
    /// The event.
    pub event: &'a StoredEvent,
    /// What it told.
    pub records: Vec<&'a StoredRecord>,
}

impl Story {
    /// Puts a trace into words.
    #[must_use]
    pub fn of(trace: &Trace, words: &Words) -> Self {
        let mut events: BTreeMap<u64, StoredEvent> = trace
            .events
            .iter()
            .map(|(id, lineage)| {
                let event = StoredEvent {
                    id: id.number(),
                    cause: lineage.parent.number(),
                    because: lineage.because.iter().map(|r| r.number()).collect(),
                    at_ns: lineage.time.as_nanos(),
                    node: trace.name(lineage.node).to_owned(),
                    label: lineage.label.to_owned(),
                };
                (event.id, event)
            })
            .collect();
        // An event of unknown lineage was scheduled before lineage was kept: it is a first cause.
        for entry in &trace.entries {
            let id = entry.event.number();
            events.entry(id).or_insert_with(|| StoredEvent {
                id,
                cause: EventId::GENESIS.number(),
                because: Vec::new(),
                at_ns: entry.time.as_nanos(),
                node: trace.name(entry.node).to_owned(),
                label: "beginning".to_owned(),
            });
        }
        let (stops, reasons) = (Stops::of(trace), words.reasons());
        let records = trace
            .entries
            .iter()
            .map(|entry| {
                let what = serde_json::to_value(&entry.what).unwrap_or_default();
                let reason = reasons.of(entry.node, &entry.what);
                StoredRecord {
                    id: entry.id.number(),
                    at_ns: entry.time.as_nanos(),
                    node: trace.name(entry.node).to_owned(),
                    event: entry.event.number(),
                    cause: trace
                        .events
                        .get(&entry.event)
                        .map_or(EventId::GENESIS, |l| l.parent)
                        .number(),
                    because: entry.because.iter().map(|r| r.number()).collect(),
                    stopped_by: stops.before(entry).iter().map(|e| e.id.number()).collect(),
                    kind: kind(&what),
                    what,
                    text: entry.what.says(words, entry.node),
                    reason: reason.as_ref().map(|r| words.reason(r)),
                    control: reason.and_then(|r| r.control),
                }
            })
            .collect();
        Self { records, events }
    }

    /// The record of this number.
    #[must_use]
    pub fn record(&self, id: u64) -> Option<&StoredRecord> {
        let index = self.records.binary_search_by_key(&id, |r| r.id).ok()?;
        self.records.get(index)
    }

    /// The record of this number, which somebody asked for.
    ///
    /// # Errors
    /// When there is none.
    pub fn require(&self, id: u64) -> Result<&StoredRecord, HarnessError> {
        self.record(id).ok_or_else(|| HarnessError::NoRecord {
            number: id,
            last: self.records.last().map_or(0, |r| r.id),
        })
    }

    /// Everything that a record depends on, first cause first: its event, that event's ancestors, and the same for every record that it was
    /// emitted because of, and for what such records of those events were emitted because of. Each event comes with all that it told up to the record.
    /// What did not come is explained by what stopped it.
    #[must_use]
    pub fn explain(&self, id: u64) -> Vec<Hop<'_>> {
        let mut beside: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for record in self.records.iter().filter(|r| r.id <= id) {
            if !record.because.is_empty() || !record.stopped_by.is_empty() {
                beside.entry(record.event).or_default().push(record.id);
            }
        }
        let mut events = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut stops = BTreeSet::new();
        let mut open = vec![id];
        while let Some(record) = open.pop() {
            let Some(record) = self.record(record).filter(|r| seen.insert(r.id)) else {
                continue;
            };
            // That a pump looked for its server is no cause of its not finding it.
            let absent = is(record, Class::Absence);
            let in_vain = |id: &u64| {
                let found = self.record(*id);
                let sought = absent && found.is_some_and(|r| is(r, Class::Search));
                sought || record.stopped_by.contains(id)
            };
            open.extend(record.because.iter().copied().filter(|id| !in_vain(id)));
            for stop in record.stopped_by.iter().filter_map(|s| self.record(*s)) {
                stops.insert(stop.id);
                open.extend(stop.because.iter().copied());
            }
            let mut event = record.event;
            while let Some(stored) = self.events.get(&event) {
                if !events.insert(event) {
                    break;
                }
                open.extend(stored.because.iter().copied());
                open.extend(beside.remove(&event).unwrap_or_default());
                event = stored.cause;
            }
        }
        // On the way on which something was stopped, only the stop is told.
        let only = stops.into_iter().filter_map(|s| self.record(s));
        let only: Vec<&StoredRecord> = only.filter(|s| !events.contains(&s.event)).collect();
        let alone: BTreeSet<u64> = only.iter().map(|s| s.id).collect();
        let mut told: BTreeMap<u64, Vec<&StoredRecord>> = BTreeMap::new();
        for record in &self.records {
            let stop = alone.contains(&record.id);
            if stop || record.id <= id && events.contains(&record.event) {
                told.entry(record.event).or_default().push(record);
            }
        }
        events.extend(only.iter().map(|s| s.event));
        let mut hops: Vec<Hop<'_>> = events
            .iter()
            .filter_map(|event| self.events.get(event))
            .map(|event| Hop {
                event,
                records: told.remove(&event.id).unwrap_or_default(),
            })
            .collect();
        hops.sort_by_key(|hop| (hop.event.at_ns, hop.event.id));
        hops
    }

    /// The records that depend on a record: those whose explanation holds it.
    #[must_use]
    pub fn effects(&self, id: u64) -> BTreeSet<u64> {
        let mut effects: BTreeSet<u64> = BTreeSet::new();
        let Some(first) = self.record(id) else {
            return effects;
        };
        effects.insert(id);
        let mut events = BTreeSet::from([first.event]);
        // Causes have lower numbers than what they cause, so one pass each way is enough for events; records follow in order.
        for record in self.records.iter().filter(|r| r.id > id) {
            let by_record = record.because.iter().any(|b| effects.contains(b));
            if by_record || self.descends(record.event, &events) {
                effects.insert(record.id);
                events.insert(record.event);
            }
        }
        effects
    }

    fn descends(&self, event: u64, ancestors: &BTreeSet<u64>) -> bool {
        let mut event = event;
        while let Some(stored) = self.events.get(&event) {
            if ancestors.contains(&event) {
                return true;
            }
            event = stored.cause;
        }
        false
    }
}

/// Whether a stored record is of a class that does not depend on its fields.
fn is(record: &StoredRecord, class: Class) -> bool {
    LabRecord::kind_named(&record.kind).is_some_and(|k| k.class == class && k.when.is_none())
}

fn kind(what: &serde_json::Value) -> String {
    what.get("record")
        .and_then(serde_json::Value::as_str)
        .unwrap_or("unknown")
        .to_owned()
}

impl StoredRecord {
    /// How much it tells in a short explanation. A kind that this version does not know is a fact.
    #[must_use]
    pub fn telling(&self) -> Telling {
        LabRecord::kind_named(&self.kind).map_or(Telling::Fact, |k| k.telling)
    }

    /// Whether it is of an attacker's step.
    #[must_use]
    pub fn of_a_step(&self) -> bool {
        LabRecord::kind_named(&self.kind).is_some_and(|k| k.family == AttackRecord::NAME)
    }

    /// When.
    #[must_use]
    pub fn at(&self) -> Time {
        Time::from_nanos(self.at_ns)
    }
}

impl StoredEvent {
    /// When.
    #[must_use]
    pub fn at(&self) -> Time {
        Time::from_nanos(self.at_ns)
    }
}
