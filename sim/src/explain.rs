//! Why: walks from a record back to its first causes, and from a failed step to what stopped it.

use crate::engine::{Entry, EventId, Lineage, NodeId, RecordId};
use crate::record::{AlarmRecord, AttackRecord, Class, LabRecord, NetworkRecord};
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
        let position = usize::try_from(id.0).ok()?.checked_sub(1)?;
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
    /// stopped it on its way ([`Self::stops`]); the way there is no cause, only the stop and what was behind it.
    #[must_use]
    pub fn explain(&self, id: RecordId) -> Explanation {
        let mut events: BTreeMap<EventId, BTreeSet<RecordId>> = BTreeMap::new();
        let mut stops: BTreeMap<EventId, BTreeSet<RecordId>> = BTreeMap::new();
        let mut open = vec![id];
        let mut seen = BTreeSet::new();
        let told = self.entries.get(..id.0 as usize).unwrap_or_default();
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
            for stop in self.stops(entry) {
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

    /// What stopped that for whose absence a record stands, if it stands for one: what was refused, up to the record, of what an alarm that nobody
    /// took sent out, of what a pump without a session sent in search of its server, of what a stream that got no answer sent.
    pub fn stops<'a>(
        &'a self,
        entry: &'a Entry<LabRecord>,
    ) -> impl Iterator<Item = &'a Entry<LabRecord>> {
        let lost = match &entry.what {
            LabRecord::Network(NetworkRecord::StreamLost {
                peer,
                refused: false,
                ..
            }) => self.events.get(&entry.event).map(|l| (l.parent, *peer)),
            _ => None,
        };
        let sent = lost.map(|(sent, _)| sent);
        let sent = sent.filter(|sent| *sent != EventId::GENESIS);
        let begun: Vec<EventId> = self.sought(entry).map(|e| e.event).chain(sent).collect();
        let at = begun.iter().filter_map(|b| self.events.get(b));
        let at = at.map(|l| l.time).min().unwrap_or(entry.time);
        let first = self.entries.partition_point(|e| e.time < at);
        let last = entry.id.0 as usize - 1;
        let told = self.entries.get(first..last).unwrap_or_default();
        let about = |e: &&Entry<LabRecord>| match (&e.what, lost) {
            (
                LabRecord::Network(NetworkRecord::Dropped { flow: Some(f), .. })
                | LabRecord::Network(NetworkRecord::Refused { flow: f }),
                Some((_, peer)),
            ) => f.dst == peer,
            _ => true,
        };
        // An alarm that was shown got as far as somebody who had not come yet.
        let stopped = |e: &&Entry<LabRecord>| {
            e.what.class().stops()
                || matches!(e.what, LabRecord::Alarm(AlarmRecord::AlarmShown { .. }))
        };
        let mut known: BTreeMap<EventId, bool> = begun.iter().map(|b| (*b, true)).collect();
        let told = told.iter().filter(|_| !begun.is_empty());
        let stopped: Vec<&Entry<LabRecord>> = told
            .filter(stopped)
            .filter(about)
            .filter(|e| self.owed(e.event, &mut known))
            .collect();
        let because = entry.because.iter().filter_map(|id| self.record(*id));
        let named =
            because.filter(|e| (entry.what.class() == Class::Absence) && e.what.class().stops());
        named.chain(stopped)
    }

    /// The beginnings of what came to nothing, as far as a record says so: an alarm that nobody took or answered, its arrival at a server if it was
    /// taken, a search for a server, an address or a network.
    fn sought<'a>(
        &'a self,
        entry: &'a Entry<LabRecord>,
    ) -> impl Iterator<Item = &'a Entry<LabRecord>> {
        let absent = entry
            .because
            .iter()
            .filter(|_| entry.what.class() == Class::Absence);
        let because = absent.filter_map(|id| self.record(*id));
        because.flat_map(move |e| {
            let (alarm, begins) = match e.what {
                LabRecord::Alarm(AlarmRecord::AlarmRaised { number, .. }) => {
                    (Some((e.node, number)), true)
                }
                ref what if what.class() == Class::Search => (None, true),
                _ => (None, false),
            };
            // A pump says its alarms again to the next server that it finds: what comes of that is no child of the alarm.
            let since = alarm.map_or(0, |_| e.id.0 as usize);
            let until = alarm.map_or(0, |_| entry.id.0 as usize);
            let later = self.entries.get(since..until).unwrap_or_default();
            let taken = later.iter().filter(move |t| match t.what {
                LabRecord::Alarm(AlarmRecord::AlarmTaken { pump, number }) => {
                    alarm == Some((pump, number))
                }
                _ => false,
            });
            begins.then_some(e).into_iter().chain(taken)
        })
    }

    /// What a record was emitted because of, less what was tried in vain: that is no cause of its having been in vain, and what stopped it stands
    /// among [`Self::stops`].
    fn causes<'a>(&'a self, entry: &'a Entry<LabRecord>) -> impl Iterator<Item = RecordId> + 'a {
        let absence = entry.what.class() == Class::Absence;
        let in_vain = move |e: &&Entry<LabRecord>| {
            absence && (e.what.class() == Class::Search || e.what.class().stops())
        };
        let because = entry.because.iter().filter_map(|id| self.record(*id));
        because.filter(move |e| !in_vain(e)).map(|e| e.id)
    }

    /// The record that says what stopped an attacker's step: the last refusal that descends from the step's start, or that its end
    /// descends from, and was emitted before its end. None where nothing in the lab refused anything, as when nobody was there to answer.
    #[must_use]
    pub fn stopped_by(&self, attacker: NodeId, step: u32) -> Option<RecordId> {
        self.refusals(attacker, step).first().copied()
    }

    /// All that was refused of an attacker's step since it got to its last stage, the last first; where nothing was, the last refusal of
    /// the step as a whole.
    #[must_use]
    pub fn refusals(&self, attacker: NodeId, step: u32) -> Vec<RecordId> {
        let own = |e: &&Entry<LabRecord>| e.node == attacker;
        let Some(start) = self
            .entries
            .iter()
            .filter(own)
            .find(|e| matches!(e.what, LabRecord::Attack(AttackRecord::StepStarted { step: s, .. }) if s == step))
        else {
            return Vec::new();
        };
        let end = self
            .entries
            .iter()
            .filter(own)
            .find(|e| matches!(e.what, LabRecord::Attack(AttackRecord::StepEnded { step: s, .. }) if s == step));
        let last = end.map_or(self.entries.len(), |e| e.id.0 as usize);
        let during = &self.entries[start.id.0 as usize..last];
        // What the step did about what came unasked is its doing too.
        let answered = during
            .iter()
            .filter(own)
            .filter(|e| e.what == LabRecord::Attack(AttackRecord::Answered { step }))
            .map(|e| e.event);
        let mut known: BTreeMap<EventId, bool> = answered.map(|e| (e, true)).collect();
        known.insert(start.event, true);
        // What made the attacker end it may be somebody else's doing: a nurse who comes, a session that is killed.
        let ended = end.map_or_else(BTreeSet::new, |e| {
            let before = self.behind(start.id);
            self.behind(e.id).difference(&before).copied().collect()
        });
        let refused = self.entries[..last].iter().rev();
        let refused: Vec<RecordId> = refused
            .filter(|e| e.what.is_refusal())
            .filter(|e| {
                ended.contains(&e.event) || e.id > start.id && self.owed(e.event, &mut known)
            })
            .map(|e| e.id)
            .collect();
        let Some(&latest) = refused.first() else {
            return self.kept_off(attacker, last).into_iter().collect();
        };
        let stage = during
            .iter()
            .rev()
            .filter(own)
            .find(|e| matches!(e.what, LabRecord::Attack(AttackRecord::StageReached { step: s, .. }) if s == step));
        let since = stage.map_or(start.id, |e| e.id);
        refused
            .into_iter()
            .filter(|id| *id == latest || *id > since)
            .collect()
    }

    /// The events that a record depends on.
    fn behind(&self, id: RecordId) -> BTreeSet<EventId> {
        self.explain(id).links.iter().map(|l| l.event).collect()
    }

    /// What kept an attacker's own computer off the network, if it never got an address: the last refusal, among the first `told` records,
    /// of what the computer asked for by itself since it was switched on.
    fn kept_off(&self, attacker: NodeId, told: usize) -> Option<RecordId> {
        let told = &self.entries[..told];
        let bound = |e: &Entry<LabRecord>| {
            e.node == attacker
                && matches!(
                    e.what,
                    LabRecord::Network(NetworkRecord::AddressBound { .. })
                )
        };
        if told.iter().any(bound) {
            return None;
        }
        let refused = told.iter().rev().filter(|e| e.what.is_refusal());
        let mut own = refused.filter(|e| self.origin(e.event) == Some(attacker));
        own.next().map(|e| e.id)
    }

    /// The node at which the chain of causes of an event began.
    fn origin(&self, mut event: EventId) -> Option<NodeId> {
        loop {
            let lineage = self.events.get(&event)?;
            if lineage.parent == EventId::GENESIS {
                return Some(lineage.node);
            }
            event = lineage.parent;
        }
    }

    /// All that was refused of what an attacker's steps brought about, the last first: why nothing may have come of steps that went
    /// well as far as the attacker could see. What was brought about by something that lay waiting counts as well: a pump that refuses
    /// the library that its server offers does so because of who altered it there.
    #[must_use]
    pub fn undone_by(&self, attacker: NodeId) -> Vec<RecordId> {
        let begins = |e: &Entry<LabRecord>| {
            e.node == attacker
                && matches!(
                    e.what,
                    LabRecord::Attack(AttackRecord::StepStarted { .. })
                        | LabRecord::Attack(AttackRecord::Answered { .. })
                )
        };
        // Events that the steps brought about, or not: what is known of one holds for all that descend from it.
        let mut known: BTreeMap<EventId, bool> = BTreeMap::new();
        let mut owed = vec![false; self.entries.len()];
        for (i, e) in self.entries.iter().enumerate() {
            let because = |id: &RecordId| self.position(*id).is_some_and(|p| owed[p]);
            let begun = begins(e) || e.because.iter().any(because);
            if begun {
                known.insert(e.event, true);
            }
            owed[i] = begun || self.owed(e.event, &mut known);
        }
        let refused = self.entries.iter().zip(owed).rev();
        refused
            .filter(|(e, owed)| *owed && e.what.is_refusal())
            .map(|(e, _)| e.id)
            .collect()
    }

    /// Whether an event descends from one that is known to have been brought about.
    fn owed(&self, event: EventId, known: &mut BTreeMap<EventId, bool>) -> bool {
        let mut way = Vec::new();
        let mut at = event;
        let answer = loop {
            if let Some(answer) = known.get(&at) {
                break *answer;
            }
            way.push(at);
            match self.events.get(&at) {
                Some(l) if l.parent != EventId::GENESIS => at = l.parent,
                _ => break false,
            }
        };
        known.extend(way.into_iter().map(|e| (e, answer)));
        answer
    }

    fn position(&self, id: RecordId) -> Option<usize> {
        usize::try_from(id.0).ok()?.checked_sub(1)
    }
}

#[cfg(test)]
mod tests;
