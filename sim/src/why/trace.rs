//! Why: walks from a record back to its first causes, and from a failed step to what stopped it.

use super::stops::Stops;
use crate::engine::{Entry, EventId, Lineage, NodeId, RecordId};
use crate::record::{Class, LabRecord, NetworkRecord};
use std::collections::{BTreeMap, BTreeSet};

/// The records of one run with the lineage of the events behind them.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Records in order of emission; record n stands at n - 1.
    pub entries: Vec<Entry<LabRecord>>,
    /// Every event that is an ancestor of a record.
    pub events: BTreeMap<EventId, Lineage>,
    /// Node names by [`NodeId`].
    pub nodes: Vec<String>,
}

/// One link of an explanation.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The event.
    pub event: EventId,
    /// Its lineage: node, time, label, parent.
    pub lineage: Lineage,
    /// Records emitted by the event that lie on the path.
    pub records: Vec<RecordId>,
    /// Whether it is only what stopped something that was to come: without this event, that would not have come either. What made it stop
    /// things is on the path too.
    pub stop: bool,
}

/// An answer to "why", first cause first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// Events on the way, in order of time and sequence.
    pub links: Vec<Link>,
}

impl Trace {
    /// The record of this id.
    #[must_use]
    pub fn record(&self, id: RecordId) -> Option<&Entry<LabRecord>> {
        // Records are numbered from 1.
        let position = usize::try_from(id.number()).ok()?.checked_sub(1)?;
        self.entries.get(position).filter(|e| e.id == id)
    }

    /// Name of a node.
    #[must_use]
    pub fn name(&self, node: NodeId) -> &str {
        self.nodes.get(node.0 as usize).map_or("?", String::as_str)
    }

    /// All events and records that a record depends on: its event, that event's ancestors, and the same for what the records of all these events
    /// were emitted because of. An event may have gone the way it went because of what is written beside it: a frame went to an attacker
    /// because a neighbour was believed, which the frame itself tells, and the stream that was opened by it. What did not come is explained by what
    /// stopped it on its way ([`Stops`]); the way there is no cause, only the stop and what was behind it.
    #[must_use]
    pub fn explain(&self, id: RecordId) -> Explanation {
        let mut events: BTreeMap<EventId, BTreeSet<RecordId>> = BTreeMap::new();
        let mut stops: BTreeMap<EventId, BTreeSet<RecordId>> = BTreeMap::new();
        let mut open = vec![id];
        let mut seen = BTreeSet::new();
        let refused = Stops::of(self);
        let told = self.entries.get(..id.number() as usize).unwrap_or_default();
        let mut beside: BTreeMap<EventId, Vec<RecordId>> = BTreeMap::new();
        let deeper = |e: &&Entry<LabRecord>| {
            !e.because.is_empty()
                || matches!(
                    e.what,
                    LabRecord::Network(NetworkRecord::StreamLost { refused: false, .. })
                )
        };
        for entry in told.iter().filter(deeper) {
            beside.entry(entry.event).or_default().push(entry.id);
        }
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Some(entry) = self.record(id) else {
                continue;
            };
            events.entry(entry.event).or_default().insert(id);
            open.extend(self.causes(entry));
            for stop in refused.before(entry) {
                stops.entry(stop.event).or_default().insert(stop.id);
                open.extend(stop.because.iter().copied());
            }
            let mut event = entry.event;
            while let Some(lineage) = self.events.get(&event) {
                events.entry(event).or_default();
                open.extend(lineage.because.iter());
                open.extend(beside.remove(&event).unwrap_or_default());
                if lineage.parent == EventId::GENESIS {
                    break;
                }
                event = lineage.parent;
            }
        }
        let only_stops = stops.keys().filter(|e| !events.contains_key(e));
        let only_stops: BTreeSet<EventId> = only_stops.copied().collect();
        for (event, records) in stops {
            events.entry(event).or_default().extend(records);
        }
        let mut links: Vec<Link> = events
            .into_iter()
            .filter_map(|(event, records)| {
                let lineage = *self.events.get(&event)?;
                Some(Link {
                    event,
                    lineage,
                    records: records.into_iter().collect(),
                    stop: only_stops.contains(&event),
                })
            })
            .collect();
        // A deadline is scheduled long before it passes: numbers are not times.
        links.sort_by_key(|link| (link.lineage.time, link.event));
        Explanation { links }
    }

    /// What a record was emitted because of, less what was tried in vain: that is no cause of its having been in vain, and what stopped it stands
    /// among [`Stops`].
    fn causes<'a>(&'a self, entry: &'a Entry<LabRecord>) -> impl Iterator<Item = RecordId> + 'a {
        let absence = entry.what.class() == Class::Absence;
        let in_vain = move |e: &&Entry<LabRecord>| {
            absence && (e.what.class() == Class::Search || e.what.class().stops())
        };
        let because = entry.because.iter().filter_map(|id| self.record(*id));
        because.filter(move |e| !in_vain(e)).map(|e| e.id)
    }
}

#[cfg(test)]
mod tests;
