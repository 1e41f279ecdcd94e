//! What an attacker may be after, judged by what really happened.

use super::Truth;
use crate::catalog::{Entry as CatalogEntry, Parameter, ParameterKind};
use crate::engine::{Entry, NodeId};
use crate::record::{LabRecord, Missing};
use crate::wire::Mac;
use crate::wire::image::ImageKind;

/// A judge of one goal: whether a record shows it reached by the attacker at this node.
pub type GoalJudge = fn(&Truth<'_>, &Pursuit, &Entry<LabRecord>) -> bool;

/// Who is after a goal, and at which pump if the goal is about one.
#[derive(Clone, Copy, Debug)]
pub struct Pursuit {
    /// The attacker's host.
    pub attacker: NodeId,
    /// The pump.
    pub pump: Option<NodeId>,
}

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

const fn about_pump(id: &'static str, title: &'static str, summary: &'static str) -> CatalogEntry {
    CatalogEntry {
        id,
        title,
        summary,
        parameters: PUMP,
        references: &[],
    }
}

const PUMP: &[Parameter] = &[Parameter {
    name: "pump",
    kind: ParameterKind::Host,
    required: true,
    doc: "the pump that it is about",
}];

/// All goals, by identifier.
pub static GOALS: &[Goal] = &[
    Goal {
        entry: about_pump(
            "alter-delivery",
            "A pump gives a patient another rate than was meant",
            "The pump delivers at a rate that differs from the displayed one by more than its error may, or runs what the attacker dialled in by hand.",
        ),
        judge: |_, who, e| {
            let at = who.pump.is_none_or(|p| p == e.node);
            match e.what {
                LabRecord::FlowDiffers { .. } => at,
                LabRecord::Touched { by, what } => at && by == who.attacker && what == "programme",
                _ => false,
            }
        },
    },
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
        judge: |_, who, e| {
            matches!(e.what, LabRecord::RecordsHeld { .. }) && e.node == who.attacker
        },
    },
    Goal {
        entry: entry(
            "impersonate-server",
            "A pump takes the attacker for its server",
            "A pump has a session whose packets go to the attacker's interface, and was welcomed there.",
        ),
        judge: |truth, who, e| {
            // No host forwards packets, so a session whose packets go to the attacker's interface has the attacker at its other end.
            let own = Mac::of(&truth.shared.names[who.attacker.index()]);
            matches!(e.what, LabRecord::ServerSession { via: Some(via), .. } if via == own)
        },
    },
    Goal {
        entry: about_pump(
            "run-firmware",
            "A pump runs firmware that is not its maker's",
            "Firmware is installed in the pump that its maker did not sign.",
        ),
        judge: |_, who, e| {
            let altered = matches!(
                e.what,
                LabRecord::ImageInstalled {
                    kind: ImageKind::Firmware,
                    genuine: false,
                    ..
                }
            );
            altered && who.pump.is_none_or(|p| p == e.node)
        },
    },
    Goal {
        entry: about_pump(
            "silence-alarm",
            "An alarm of a pump reaches no server",
            "An alarm of the pump is confirmed by no server in time.",
        ),
        judge: |_, who, e| {
            matches!(
                e.what,
                LabRecord::DeadlinePassed {
                    missing: Missing::AlarmTaken { .. },
                    ..
                }
            ) && who.pump.is_none_or(|p| p == e.node)
        },
    },
];
