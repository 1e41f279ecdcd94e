//! What stopped something on its way: refusals by what they descend from, found once for all records of a trace.

use super::trace::Trace;
use crate::engine::{Entry, EventId, NodeId};
use crate::record::{AlarmRecord, Class, LabRecord, NetworkRecord};
use std::collections::{BTreeMap, BTreeSet};

/// The refusals of a trace below the events that they descend from. Making it costs a walk over what is behind the refusals; an answer costs as
/// much as there is below its beginning.
#[derive(Clone, Debug)]
pub struct Stops<'a> {
    trace: &'a Trace,
    /// Events that lead to a refusal, by the event that caused them.
    children: BTreeMap<EventId, Vec<EventId>>,
    /// Positions of what an event refused.
    refused: BTreeMap<EventId, Vec<usize>>,
    /// Positions of what servers took, by pump and number of the alarm.
    taken: BTreeMap<(NodeId, u32), Vec<usize>>,
}

/// What a lost stream looks for: refusals of what it sent, and of nothing that something else on the host sent later.
#[derive(Clone, Copy, Debug)]
struct Lost {
    sent: EventId,
    peer: crate::wire::Ip,
    port: u16,
}

impl<'a> Stops<'a> {
    /// Finds the refusals of a trace.
    #[must_use]
    pub fn of(trace: &'a Trace) -> Self {
        let mut this = Self {
            trace,
            children: BTreeMap::new(),
            refused: BTreeMap::new(),
            taken: BTreeMap::new(),
        };
        let mut linked = BTreeSet::new();
        for (position, entry) in trace.entries.iter().enumerate() {
            if let LabRecord::Alarm(AlarmRecord::AlarmTaken { pump, number }) = entry.what {
                this.taken.entry((pump, number)).or_default().push(position);
            }
            // An alarm that was shown got as far as somebody who had not come yet.
            let shown = matches!(entry.what, LabRecord::Alarm(AlarmRecord::AlarmShown { .. }));
            if !shown && !entry.what.class().stops() {
                continue;
            }
            this.refused.entry(entry.event).or_default().push(position);
            let mut event = entry.event;
            while linked.insert(event)
                && let Some(lineage) = trace.events.get(&event)
                && lineage.parent != EventId::GENESIS
            {
                this.children.entry(lineage.parent).or_default().push(event);
                event = lineage.parent;
            }
        }
        this
    }

    /// What stopped that for whose absence a record stands, if it stands for one: what was refused, up to the record, of what an alarm that nobody
    /// took sent out, of what a pump without a session sent in search of its server, of what a stream that got no answer sent.
    #[must_use]
    pub fn before(&self, entry: &Entry<LabRecord>) -> Vec<&'a Entry<LabRecord>> {
        let absent = entry.what.class() == Class::Absence;
        let because = entry.because.iter().filter_map(|id| self.trace.record(*id));
        let named = because.filter(|e| absent && e.what.class().stops());
        let mut found = BTreeSet::new();
        if let Some(lost) = self.lost(entry) {
            self.below(lost.sent, Some(lost), &mut found);
        }
        for begun in self.sought(entry) {
            self.below(begun, None, &mut found);
        }
        let before = position_of(entry);
        let stopped = found.range(..before).map(|p| &self.trace.entries[*p]);
        named.chain(stopped).collect()
    }

    fn lost(&self, entry: &Entry<LabRecord>) -> Option<Lost> {
        let LabRecord::Network(NetworkRecord::StreamLost {
            peer,
            port,
            refused: false,
        }) = entry.what
        else {
            return None;
        };
        let sent = self.trace.events.get(&entry.event)?.parent;
        (sent != EventId::GENESIS).then_some(Lost { sent, peer, port })
    }

    /// The beginnings of what came to nothing, as far as a record says so: an alarm that nobody took or answered, its arrival at a server if it was
    /// taken, a search for a server, an address or a network.
    fn sought(&self, entry: &Entry<LabRecord>) -> Vec<EventId> {
        let mut begun = Vec::new();
        if entry.what.class() != Class::Absence {
            return begun;
        }
        for e in entry.because.iter().filter_map(|id| self.trace.record(*id)) {
            match e.what {
                LabRecord::Alarm(AlarmRecord::AlarmRaised { number, .. }) => {
                    begun.push(e.event);
                    // A pump says its alarms again to the next server that it finds: what comes of that is no child of the alarm.
                    let taken = self.taken.get(&(e.node, number)).into_iter().flatten();
                    let taken = taken.filter(|p| **p > position_of(e) && **p < position_of(entry));
                    begun.extend(taken.map(|p| self.trace.entries[*p].event));
                }
                ref what if what.class() == Class::Search => begun.push(e.event),
                _ => {}
            }
        }
        begun
    }

    /// Collects the positions of what was refused below an event, the event itself included.
    fn below(&self, event: EventId, lost: Option<Lost>, found: &mut BTreeSet<usize>) {
        let about = |position: &usize| match (&self.trace.entries[*position].what, lost) {
            (
                LabRecord::Network(NetworkRecord::Dropped { flow: Some(f), .. })
                | LabRecord::Network(NetworkRecord::Refused { flow: f }),
                Some(lost),
            ) => f.dst == lost.peer && f.port == lost.port,
            _ => true,
        };
        let mut open = vec![event];
        while let Some(event) = open.pop() {
            let refused = self.refused.get(&event).into_iter().flatten();
            found.extend(refused.copied().filter(about));
            let children = self.children.get(&event).into_iter().flatten();
            open.extend(
                children
                    .copied()
                    .filter(|c| lost.is_none() || !self.other(*c)),
            );
        }
    }

    /// Whether an event begins something else than what its cause sent: a timer of what runs on a host. A network stack's own timer repeats.
    fn other(&self, event: EventId) -> bool {
        let label = self.trace.events.get(&event).map(|l| l.label);
        matches!(label, Some("timer" | "delivery-timer"))
    }
}

/// Position of a record in its trace.
fn position_of(entry: &Entry<LabRecord>) -> usize {
    (entry.id.number() as usize).saturating_sub(1)
}
