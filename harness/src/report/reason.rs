//! What a refusal rests on: the item that decided and the control that put it there, or what a control took away.

use super::words::Words;
use pumplab_sim::engine::{Entry, NodeId};
use pumplab_sim::record::{LabRecord, Removal, StorageRecord};
use pumplab_sim::run::{Outcome, StepOutcome};
use pumplab_sim::spec::Removed;
use std::collections::BTreeMap;

/// What a refusal rests on: the item that decided, or what a control took away. Empty for what was nobody's decision.
#[must_use]
pub fn reason(words: &Words, node: NodeId, what: &LabRecord) -> Option<Reason> {
    if let Some(id) = what.item() {
        return Some(Reason {
            short: words.item(id),
            text: words.origin(id),
            control: words.control_of(id).map(str::to_owned),
        });
    }
    let removed = match what.removal()? {
        Removal::Named(removed) => removed,
        Removal::AnyFile => {
            let (path, control) = words.removed_file(node)?;
            return Some(gone(words, &Removed::File(path.to_owned()), control));
        }
    };
    let control = words.removed_by(node, &removed)?;
    Some(gone(words, &removed, control))
}

/// What stopped a step: the last that was refused of it, and what that rests on. Doors are tried one after the other, and the last one to refuse
/// may be of nobody: an account that never was, an address where no host is. Of the refusals since the step got to its last stage, that
/// counts which a control decided.
#[must_use]
pub fn stopping<'a>(
    words: &Words,
    step: &'a StepOutcome,
) -> Option<(&'a Entry<LabRecord>, Option<Reason>)> {
    let mut told = step.refused.iter().filter_map(|entry| {
        let told = reason(words, entry.node, &entry.what);
        // What was given out as the bare lab has it was not kept back.
        let given = matches!(
            entry.what,
            LabRecord::Storage(StorageRecord::ContentGiven { .. })
        );
        let plain = given && told.as_ref().is_none_or(|r| r.control.is_none());
        (!plain).then_some((entry, told))
    });
    let last = told.next()?;
    let decided = |(_, r): &(_, Option<Reason>)| r.as_ref().is_some_and(|r| r.control.is_some());
    if decided(&last) {
        return Some(last);
    }
    Some(told.find(decided).unwrap_or(last))
}

/// What kept steps from having the effect that they were for, where all of them went well as far as the attacker saw: the control that refused
/// most often what came of them, by the last of its refusals. None where no control refused anything.
#[must_use]
pub fn undone<'a>(words: &Words, outcome: &'a Outcome) -> Option<(&'a Entry<LabRecord>, Reason)> {
    let mut by_control: BTreeMap<String, (usize, &Entry<LabRecord>, Reason)> = BTreeMap::new();
    for undone in &outcome.undone {
        let entry = &undone.last;
        let Some(told) = reason(words, entry.node, &entry.what) else {
            continue;
        };
        let Some(control) = told.control.clone() else {
            continue;
        };
        match by_control.get_mut(&control) {
            Some((times, last, reason)) => {
                *times += undone.times;
                if last.id < entry.id {
                    (*last, *reason) = (entry, told);
                }
            }
            None => {
                by_control.insert(control, (undone.times, entry, told));
            }
        }
    }
    let most = by_control.into_values().max_by_key(|(n, e, _)| (*n, e.id));
    most.map(|(_, entry, told)| (entry, told))
}

fn gone(words: &Words, removed: &Removed, control: &str) -> Reason {
    let what = removed.words();
    Reason {
        text: format!("{what}: taken away by {}", words.control(control)),
        short: what,
        control: Some(control.to_owned()),
    }
}

/// What a refusal rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The item, in a few words.
    pub short: String,
    /// The item and who put it there.
    pub text: String,
    /// The control that put it there; none for the bare lab.
    pub control: Option<String>,
}
