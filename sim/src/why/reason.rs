//! What a refusal rests on: the item that decided, or what a control took away; and which control that was.

use super::attribution::Undone;
use crate::engine::{Entry, NodeId};
use crate::record::{LabRecord, Removal, StorageRecord};
use crate::spec::{ItemId, Provenance, Removed};
use std::collections::BTreeMap;

/// What a refusal rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What decided.
    pub ground: Ground,
    /// The control that configured it; none for the bare lab.
    pub control: Option<String>,
}

/// What decided that something was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// An item of the lab.
    Item(ItemId),
    /// Something that a control took away.
    Removed(Removed),
}

/// A refusal with what it rests on, if that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal<'a> {
    /// The record.
    pub entry: &'a Entry<LabRecord>,
    /// What it rests on; none for what was nobody's decision.
    pub reason: Option<Reason>,
}

impl Refusal<'_> {
    /// The control that decided.
    #[must_use]
    pub fn control(&self) -> Option<&str> {
        self.reason.as_ref()?.control.as_deref()
    }
}

/// Finds what refusals of a run rest on.
#[derive(Clone, Copy, Debug)]
pub struct Reasons<'a> {
    provenance: &'a Provenance,
    nodes: &'a [String],
}

impl<'a> Reasons<'a> {
    /// By the provenance of the lab, with the names of its nodes by [`NodeId`].
    #[must_use]
    pub fn new(provenance: &'a Provenance, nodes: &'a [String]) -> Self {
        Self { provenance, nodes }
    }

    /// What a refusal rests on. None for what was nobody's decision.
    #[must_use]
    pub fn of(&self, node: NodeId, what: &LabRecord) -> Option<Reason> {
        if let Some(id) = what.item() {
            let origin = self.provenance.origin(id);
            return Some(Reason {
                ground: Ground::Item(id),
                control: origin.and_then(|o| o.control.clone()),
            });
        }
        let removal = what.removal()?;
        let node = self.nodes.get(node.index())?;
        let mut stones = self.provenance.tombstones.iter();
        let stone = stones.find(|stone| {
            stone.node == *node
                && stone.control.is_some()
                && match &removal {
                    Removal::Named(removed) => stone.removed == *removed,
                    Removal::AnyFile => matches!(stone.removed, Removed::File(_)),
                }
        })?;
        Some(Reason {
            ground: Ground::Removed(stone.removed.clone()),
            control: stone.control.clone(),
        })
    }

    /// What may have stopped a step, of what was refused of it (the last first, one of each kind): the last refusal that a control decided, then one
    /// for each other control that refused it. An attacker tries one way after the other, and the last to refuse may be of nobody: an account that
    /// never was, an address where no host is. Where no control decided, the last refusal.
    #[must_use]
    pub fn stopping<'e>(&self, refused: &'e [Entry<LabRecord>]) -> Vec<Refusal<'e>> {
        let mut last = None;
        let mut by_control: Vec<Refusal<'e>> = Vec::new();
        for entry in refused {
            let reason = self.of(entry.node, &entry.what);
            let refusal = Refusal { entry, reason };
            // What was given out as the bare lab has it was not kept back.
            let given = matches!(
                entry.what,
                LabRecord::Storage(StorageRecord::ContentGiven { .. })
            );
            match refusal.control() {
                None if given => {}
                None => {
                    last.get_or_insert(refusal);
                }
                Some(control) => {
                    if by_control.iter().all(|r| r.control() != Some(control)) {
                        by_control.push(refusal);
                    }
                }
            }
        }
        match last {
            Some(last) if by_control.is_empty() => vec![last],
            _ => by_control,
        }
    }

    /// What kept steps from having the effect that they were for, where all of them went well as far as the attacker saw: for each control that
    /// refused what came of them the last of its refusals, those of the control first that refused most often.
    #[must_use]
    pub fn undone<'e>(&self, undone: &'e [Undone]) -> Vec<Refusal<'e>> {
        let mut by_control: BTreeMap<String, (usize, Refusal<'e>)> = BTreeMap::new();
        for Undone { times, last: entry } in undone {
            let reason = self.of(entry.node, &entry.what);
            let refusal = Refusal { entry, reason };
            let Some(control) = refusal.control().map(str::to_owned) else {
                continue;
            };
            match by_control.get_mut(&control) {
                Some((sum, last)) => {
                    *sum += times;
                    if last.entry.id < entry.id {
                        *last = refusal;
                    }
                }
                None => {
                    by_control.insert(control, (*times, refusal));
                }
            }
        }
        let mut all: Vec<_> = by_control.into_values().collect();
        all.sort_by_key(|(times, r)| std::cmp::Reverse((*times, r.entry.id)));
        all.into_iter().map(|(_, refusal)| refusal).collect()
    }
}
