//! What an attacker may be after, judged by what really happened.

use super::Truth;
use crate::catalog::Entry as CatalogEntry;
use crate::engine::{Entry, NodeId};
use crate::record::{LabRecord, Missing};

/// A judge of one goal: whether a record shows it reached by the attacker at this node.
pub type GoalJudge = fn(&Truth<'_>, NodeId, &Entry<LabRecord>) -> bool;

/// A goal.
#[derive(Debug)]
pub struct Goal {
    /// Name and meaning.
    pub entry: CatalogEntry,
    /// Judge.
    pub judge: GoalJudge,
}

const fn entry(id: &'static str, title: &'static str, summary: &'static str) -> CatalogEntry {
    CatalogEntry {
        id,
        title,
        summary,
        parameters: &[],
        references: &[],
    }
}

/// All goals, by identifier.
pub static GOALS: &[Goal] = &[
    Goal {
        entry: entry(
            "alter-limits",
            "A pump runs limits that the pharmacy never issued",
            "A library becomes active in a pump whose content differs from every library that the pharmacy issued.",
        ),
        judge: |truth, _, e| match e.what {
            LabRecord::LibraryActivated { digest, .. } => {
                !truth.shared.libraries.iter().any(|l| l.digest() == digest)
            }
            _ => false,
        },
    },
    Goal {
        entry: entry(
            "exfiltrate-phi",
            "The attacker holds readable patient records",
            "Readable patient records come into the hands of the attacker's own host.",
        ),
        judge: |_, attacker, e| {
            matches!(e.what, LabRecord::RecordsHeld { .. }) && e.node == attacker
        },
    },
    Goal {
        entry: entry(
            "impersonate-server",
            "A pump takes the attacker for its server",
            "A pump has a session with a host that claims its server's address and is the attacker's.",
        ),
        judge: |_, attacker, e| {
            matches!(
                e.what,
                LabRecord::Learned {
                    what: "a pump's session"
                }
            ) && e.node == attacker
        },
    },
    Goal {
        entry: entry(
            "silence-alarm",
            "An alarm of a pump reaches no server",
            "A pump whose communication module has failed raises an alarm that no server confirms in time.",
        ),
        judge: |_, _, e| {
            matches!(
                e.what,
                LabRecord::DeadlinePassed {
                    missing: Missing::AlarmTaken { .. },
                    ..
                }
            ) && e.because.len() > 1
        },
    },
];
