//! What is carried along with events says the same as a walk over everything that happened: for every run of the library.
//!
//! The walks know the whole trace: who scheduled what, and because of which records each was emitted. They are slow and plain.

use pumplab_sim::engine::{Entry, EventId, NodeId, RecordId};
use pumplab_sim::record::{AttackRecord, Class, LabRecord, MonitoringRecord, NetworkRecord};
use pumplab_sim::time::Time;
use pumplab_sim::why::detection::{Detection, Noticed};
use pumplab_sim::why::trace::Trace;
use pumplab_tests::{Told, in_parallel, library_cells, matrix};
use std::collections::{BTreeMap, BTreeSet};

/// What refusals rest on: of equal ones the last is kept while a run goes on.
type Kind = (NodeId, String);

fn kind(e: &Entry<LabRecord>) -> Kind {
    let (item, removal) = (e.what.item(), e.what.removal());
    (e.node, format!("{item:?} {removal:?}"))
}

fn differences(told: &Told) -> Vec<String> {
    let trace = told.trace();
    let walk = Walk { trace };
    let mut found = Vec::new();
    let mut compare = |what: &str, carried: String, walked: String| {
        if carried != walked {
            let cell = told.cell.name();
            found.push(format!(
                "{cell}: {what}: {carried}, and by the walk {walked}"
            ));
        }
    };
    for step in &told.outcome.steps {
        let refused = match step.success {
            Some(true) => Vec::new(),
            _ => walk.refusals(step.node, step.step),
        };
        let mut kinds = BTreeSet::new();
        let entries = refused.iter().filter_map(|id| trace.record(*id));
        let last: Vec<RecordId> = entries
            .filter(|e| kinds.insert(kind(e)))
            .map(|e| e.id)
            .collect();
        let carried: Vec<RecordId> = step.refused.iter().map(|e| e.id).collect();
        let what = format!("refusals of {} {}", step.step, step.technique);
        compare(&what, format!("{carried:?}"), format!("{last:?}"));
    }
    let attackers: BTreeSet<NodeId> = told.outcome.steps.iter().map(|s| s.node).collect();
    let undone = attackers.into_iter().flat_map(|a| walk.undone_by(a));
    let undone: BTreeSet<RecordId> = undone.collect();
    let mut by_kind: BTreeMap<Kind, (usize, RecordId)> = BTreeMap::new();
    for e in undone.into_iter().filter_map(|id| trace.record(id)) {
        let (times, last) = by_kind.entry(kind(e)).or_insert((0, e.id));
        (*times, *last) = (*times + 1, e.id);
    }
    let carried = told.outcome.undone.iter();
    let carried: BTreeMap<Kind, _> = carried
        .map(|u| (kind(&u.last), (u.times, u.last.id)))
        .collect();
    compare("undone", format!("{carried:?}"), format!("{by_kind:?}"));
    let noticed = judge(trace);
    let carried = &told.outcome.noticed;
    compare("noticed", format!("{carried:?}"), format!("{noticed:?}"));
    found
}

#[test]
fn what_is_carried_along_says_what_a_walk_over_the_whole_trace_says() {
    let mut differ: Vec<String> = matrix().iter().flat_map(differences).collect();
    let own = in_parallel(library_cells(), |cell| differences(&Told::of(cell)));
    differ.extend(own.into_iter().flatten());
    assert!(
        differ.is_empty(),
        "{} differ\n{}",
        differ.len(),
        differ.join("\n")
    );
    // Walks that find nothing would agree with anything.
    let steps = matrix().iter().flat_map(|t| &t.outcome.steps);
    let refused = steps.filter(|s| !s.refused.is_empty()).count();
    let undone = matrix().iter().filter(|t| !t.outcome.undone.is_empty());
    let noticed = matrix().iter().map(|t| t.outcome.noticed.detections.len());
    let (undone, noticed) = (undone.count(), noticed.sum::<usize>());
    assert!(
        refused > 100 && undone > 100 && noticed > 10,
        "{refused} steps refused, {undone} undone, {noticed} noticed"
    );
}

struct Walk<'a> {
    trace: &'a Trace,
}

impl Walk<'_> {
    /// All that was refused of an attacker's step since it got to its last stage, the last first; where nothing was, the last refusal of
    /// the step as a whole.
    fn refusals(&self, attacker: NodeId, step: u32) -> Vec<RecordId> {
        let own = |e: &&Entry<LabRecord>| e.node == attacker;
        let Some(start) = self
            .trace
            .entries
            .iter()
            .filter(own)
            .find(|e| matches!(e.what, LabRecord::Attack(AttackRecord::StepStarted { step: s, .. }) if s == step))
        else {
            return Vec::new();
        };
        let end = self
            .trace
            .entries
            .iter()
            .filter(own)
            .find(|e| matches!(e.what, LabRecord::Attack(AttackRecord::StepEnded { step: s, .. }) if s == step));
        let last = end.map_or(self.trace.entries.len(), |e| e.id.number() as usize);
        let during = &self.trace.entries[start.id.number() as usize..last];
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
        let refused = self.trace.entries[..last].iter().rev();
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
        self.trace
            .explain(id)
            .links
            .iter()
            .map(|l| l.event)
            .collect()
    }

    /// What kept an attacker's own computer off the network, if it never got an address: the last refusal, among the first `told` records,
    /// of what the computer asked for by itself since it was switched on.
    fn kept_off(&self, attacker: NodeId, told: usize) -> Option<RecordId> {
        let told = &self.trace.entries[..told];
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
            let lineage = self.trace.events.get(&event)?;
            if lineage.parent == EventId::GENESIS {
                return Some(lineage.node);
            }
            event = lineage.parent;
        }
    }

    /// All that was refused of what an attacker's steps brought about, the last first: why nothing may have come of steps that went
    /// well as far as the attacker could see. What was brought about by something that lay waiting counts as well: a pump that refuses
    /// the library that its server offers does so because of who altered it there.
    fn undone_by(&self, attacker: NodeId) -> Vec<RecordId> {
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
        let mut owed = vec![false; self.trace.entries.len()];
        for (i, e) in self.trace.entries.iter().enumerate() {
            let because = |id: &RecordId| owed[id.number() as usize - 1];
            let begun = begins(e) || e.because.iter().any(because);
            if begun {
                known.insert(e.event, true);
            }
            owed[i] = begun || self.owed(e.event, &mut known);
        }
        let refused = self.trace.entries.iter().zip(owed).rev();
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
            match self.trace.events.get(&at) {
                Some(l) if l.parent != EventId::GENESIS => at = l.parent,
                _ => break false,
            }
        };
        known.extend(way.into_iter().map(|e| (e, answer)));
        answer
    }
}

/// Judges all alerts of a run.
fn judge(trace: &Trace) -> Noticed {
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
