//! What stopped an attacker's steps, and what undid the effect of those that went well: judged while a run goes on, by what is behind each refusal.
//!
//! Of what was refused only the last of each kind is kept (`Refusals`), so that a flood costs no more memory than a single attempt.

use crate::engine::{Behind, Entry, NodeId};
use crate::record::{AttackRecord, LabRecord, NetworkRecord, Removal};
use crate::spec::ItemId;
use std::collections::{BTreeMap, BTreeSet};

/// What a refusal rests on, where it was: refusals that are equal in this are of one kind.
type Grounds = (NodeId, Option<ItemId>, Option<Removal>);

/// Kinds of refusals that are kept of a step, the last ones: an attacker that tries every port is refused in as many ways.
const KINDS: usize = 256;

fn grounds(e: &Entry<LabRecord>) -> Grounds {
    (e.node, e.what.item(), e.what.removal())
}

/// Refusals of a step since it got to its last stage: the last of each kind; and the last of all, however early it was.
#[derive(Clone, Debug, Default)]
struct Refusals {
    last: Option<Entry<LabRecord>>,
    kinds: BTreeMap<Grounds, Entry<LabRecord>>,
}

impl Refusals {
    fn add(&mut self, e: &Entry<LabRecord>) {
        if self.last.as_ref().is_none_or(|last| last.id < e.id) {
            self.last = Some(e.clone());
        }
        self.kinds.insert(grounds(e), e.clone());
        if self.kinds.len() > KINDS {
            let oldest = self.kinds.iter().min_by_key(|(_, e)| e.id);
            if let Some(oldest) = oldest.map(|(kind, _)| kind.clone()) {
                self.kinds.remove(&oldest);
            }
        }
    }

    /// The last first.
    fn into_vec(self) -> Vec<Entry<LabRecord>> {
        let mut all: Vec<_> = self.kinds.into_values().collect();
        if all.is_empty() {
            all.extend(self.last);
        }
        all.sort_by_key(|e| std::cmp::Reverse(e.id));
        all
    }
}

/// A step that an attacker tried.
#[derive(Clone, Debug, Default)]
struct Tried {
    ended: bool,
    /// When it got to its last stage, by the number of the record.
    stage: u64,
    /// What was behind it when it began.
    before: Vec<u64>,
    refused: Refusals,
}

/// Follows what is refused in a run.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    steps: BTreeMap<(NodeId, u32), Tried>,
    /// Steps by the number of the record that began them.
    begun: BTreeMap<u64, (NodeId, u32)>,
    /// What cut short what somebody else had begun, by the record's number.
    interruptions: BTreeMap<u64, Entry<LabRecord>>,
    /// The last refusal of what each host asked for by itself.
    own: BTreeMap<NodeId, Entry<LabRecord>>,
    /// Hosts that got an address.
    bound: BTreeSet<NodeId>,
    undone: BTreeMap<Grounds, Undone>,
}

/// Refusals of one kind of what attackers' steps brought about, up to now.
#[derive(Clone, Debug)]
pub struct Undone {
    /// How many there were.
    pub times: usize,
    /// The last.
    pub last: Entry<LabRecord>,
}

impl Attribution {
    /// Takes a record in, with what is behind it and the node at which its chain of causes began.
    pub fn observe(&mut self, e: &Entry<LabRecord>, behind: &Behind, root: NodeId) {
        match e.what {
            LabRecord::Attack(AttackRecord::StepStarted { step, .. }) => {
                self.begun.insert(e.id.number(), (e.node, step));
                let begun = Tried {
                    before: behind.all.clone(),
                    ..Tried::default()
                };
                self.steps.entry((e.node, step)).or_insert(begun);
            }
            LabRecord::Attack(AttackRecord::StageReached { step, .. }) => {
                if let Some(tried) = self.steps.get_mut(&(e.node, step)).filter(|t| !t.ended) {
                    tried.stage = e.id.number();
                    tried.refused.kinds.clear();
                }
            }
            LabRecord::Attack(AttackRecord::StepEnded { step, .. }) => {
                self.ended(e.node, step, behind)
            }
            LabRecord::Network(NetworkRecord::AddressBound { .. }) => {
                self.bound.insert(e.node);
            }
            _ if e.what.is_refusal() => self.refused(e, behind, root),
            _ => {}
        }
    }

    fn refused(&mut self, e: &Entry<LabRecord>, behind: &Behind, root: NodeId) {
        for origin in &behind.line {
            let tried = self.begun.get(origin).and_then(|s| self.steps.get_mut(s));
            if let Some(tried) = tried.filter(|t| !t.ended) {
                tried.refused.add(e);
            }
        }
        if !self.bound.contains(&root) {
            self.own.insert(root, e.clone());
        }
        if behind.all.iter().any(|o| self.begun.contains_key(o)) {
            let undone = self.undone.entry(grounds(e)).or_insert_with(|| Undone {
                times: 0,
                last: e.clone(),
            });
            undone.times += 1;
            undone.last = e.clone();
        }
        if behind.all.contains(&e.id.number()) {
            self.interruptions.insert(e.id.number(), e.clone());
        }
    }

    fn ended(&mut self, node: NodeId, step: u32, behind: &Behind) {
        let Some(tried) = self.steps.get_mut(&(node, step)).filter(|t| !t.ended) else {
            return;
        };
        tried.ended = true;
        // What made the attacker end it may be somebody else's doing: a nurse who comes, a session that is killed.
        for origin in &behind.all {
            let new = !tried.before.contains(origin);
            if let Some(e) = self.interruptions.get(origin).filter(|_| new) {
                let late = tried.refused.last.as_ref().is_none_or(|l| l.id < e.id);
                if *origin > tried.stage {
                    tried.refused.add(e);
                } else if late {
                    tried.refused.last = Some(e.clone());
                }
            }
        }
        let own = self.own.get(&node).filter(|_| !self.bound.contains(&node));
        if let Some(e) = own.filter(|_| tried.refused.last.is_none()) {
            tried.refused.add(e);
        }
    }

    /// All that was refused of a step since it got to its last stage, the last first and one of each kind; where nothing was, the last refusal of the
    /// step as a whole. That is what descends from the step's beginning, or what its end descends from, before its end. Where nothing was refused of
    /// it and its host never got an address: the last refusal of what the host asked for by itself.
    #[must_use]
    pub fn refusals(&mut self, node: NodeId, step: u32) -> Vec<Entry<LabRecord>> {
        self.ended(node, step, &Behind::NOTHING);
        let tried = self.steps.get(&(node, step));
        tried.map_or_else(Vec::new, |t| t.refused.clone().into_vec())
    }

    /// What was refused of what the attackers' steps brought about: why nothing may have come of steps that went well as far as an attacker could see.
    /// What was brought about by something that lay waiting counts as well: a pump that refuses the library that its server offers does so because of
    /// who altered it there.
    #[must_use]
    pub fn into_undone(self) -> Vec<Undone> {
        self.undone.into_values().collect()
    }
}

#[cfg(test)]
mod tests;
