//! What an attacker may be after, judged by what really happened.

use super::Truth;
use crate::catalog::{Entry as CatalogEntry, Parameter, ParameterKind};
use crate::engine::{Entry, NodeId};
use crate::record::{
    AlarmRecord, BedsideRecord, DeliveryChange, HostRecord, ImageRecord, LabRecord, LibraryRecord,
    Missing, Operation, ProgramRecord, SessionRecord, StorageRecord, TherapyRecord, WirelessRecord,
};
use crate::wire::Mac;
use crate::wire::image::ImageKind;
use std::collections::BTreeSet;

/// A judge of one goal: whether a record shows it reached by the attacker at this node.
pub type GoalJudge = fn(&Truth, &Pursuit, &Entry<LabRecord>) -> bool;

/// Who is after a goal, and at which pump if the goal is about one.
#[derive(Clone, Debug)]
pub struct Pursuit {
    /// The attacker's host.
    pub attacker: NodeId,
    /// The attacker's name: what its programs are signed with.
    pub name: String,
    /// The pump.
    pub pump: Option<NodeId>,
    /// The host.
    pub host: Option<NodeId>,
    /// How many hosts it takes, where the goal counts hosts.
    pub hosts: usize,
    /// Hosts on which a program of the attacker began to run.
    pub programs_on: BTreeSet<NodeId>,
    /// Hosts of which the attacker encrypted files.
    pub ransomed: BTreeSet<NodeId>,
}

impl Pursuit {
    /// Follows what the attacker's programs do.
    pub fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Program(ProgramRecord::ProgramStarted { author, .. })
                if *author == self.name =>
            {
                self.programs_on.insert(e.node);
            }
            LabRecord::Host(HostRecord::Rebuilt) => {
                self.programs_on.remove(&e.node);
            }
            LabRecord::Storage(StorageRecord::FileEncrypted { by, .. }) => {
                let hand = by.map_or(Some(e.node), |ip| {
                    let plan = &truth.shared.plan;
                    plan.iter().find(|b| b.ip == ip).map(|b| b.node)
                });
                // An address that is not in the plan is a stranger's.
                let own = |n: NodeId| n == self.attacker || self.programs_on.contains(&n);
                if hand.is_none_or(own) {
                    self.ransomed.insert(e.node);
                }
            }
            _ => {}
        }
    }
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

const HOST: &[Parameter] = &[Parameter {
    name: "host",
    kind: ParameterKind::Host,
    required: true,
    doc: "the host",
}];

const RANSOM: &[Parameter] = &[
    Parameter {
        name: "hosts",
        kind: ParameterKind::Integer,
        required: false,
        doc: "how many hosts; 1 if not given",
    },
    Parameter {
        name: "host",
        kind: ParameterKind::Host,
        required: false,
        doc: "a host that must be among them",
    },
];

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
                LabRecord::Therapy(TherapyRecord::FlowDiffers { .. }) => at,
                LabRecord::Bedside(BedsideRecord::Touched { by, what }) => {
                    at && by == who.attacker && what == Operation::Programme
                }
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
            LabRecord::Library(LibraryRecord::LibraryActivated { digest, .. }) => {
                !truth.shared.libraries.iter().any(|l| l.digest() == digest)
            }
            _ => false,
        },
    },
    Goal {
        entry: about_pump(
            "alter-order",
            "A pump runs a rate that nobody ordered",
            "The pump starts an infusion, or changes its rate, to something that differs from what the prescriber sent and from what the person at the \
             pump meant to dial in.",
        ),
        judge: |truth, who, e| {
            let LabRecord::Therapy(TherapyRecord::Delivery { change, drug, .. }) = &e.what else {
                return false;
            };
            let rate = match change {
                DeliveryChange::Started { rate_ml_per_h } => *rate_ml_per_h,
                DeliveryChange::RateChanged { to, .. } => *to,
                _ => return false,
            };
            who.pump.is_none_or(|p| p == e.node) && !truth.permits(e.node, e.time, drug, rate)
        },
    },
    Goal {
        entry: entry(
            "exfiltrate-phi",
            "The attacker holds readable patient records",
            "Readable patient records come into the hands of the attacker's own host.",
        ),
        judge: |_, who, e| {
            matches!(
                e.what,
                LabRecord::Storage(StorageRecord::RecordsHeld { .. })
            ) && e.node == who.attacker
        },
    },
    Goal {
        entry: CatalogEntry {
            id: "hold-host",
            title: "A program of the attacker runs on a host",
            summary: "A program that the attacker made begins to run on the host.",
            parameters: HOST,
            references: &[],
        },
        judge: |_, who, e| {
            matches!(&e.what, LabRecord::Program(ProgramRecord::ProgramStarted { author, .. }) if *author == who.name)
                && who.host.is_none_or(|h| h == e.node)
        },
    },
    Goal {
        entry: entry(
            "impersonate-server",
            "A pump takes the attacker for its server",
            "A pump has a session whose packets go to the attacker's interface, and was welcomed there.",
        ),
        judge: |truth, who, e| {
            let LabRecord::Session(SessionRecord::ServerSession { peer, via, .. }) = e.what else {
                return false;
            };
            // On the pump's own segment the attacker's interface gives it away; beyond a router, that the plan gives the address to
            // nobody else: strangers lease what is left.
            let own = Mac::of(&truth.shared.names[who.attacker.index()]);
            let holder = truth.shared.plan.iter().find(|b| b.ip == peer);
            via == Some(own) || holder.is_none_or(|b| b.node == who.attacker)
        },
    },
    Goal {
        entry: CatalogEntry {
            id: "ransom",
            title: "Files are encrypted for ransom",
            summary: "Files of so many hosts, the one that is named among them, are encrypted by the attacker or its programs.",
            parameters: RANSOM,
            references: &[],
        },
        judge: |_, who, e| {
            matches!(
                e.what,
                LabRecord::Storage(StorageRecord::FileEncrypted { .. })
            ) && who.ransomed.len() >= who.hosts
                && who.host.is_none_or(|h| who.ransomed.contains(&h))
        },
    },
    Goal {
        entry: entry(
            "read-protected-frame",
            "The attacker reads a protected frame off the air",
            "A frame that went out under the key of a wireless network is read by an attacker who does not have that key.",
        ),
        judge: |_, who, e| {
            matches!(
                e.what,
                LabRecord::Wireless(WirelessRecord::FrameRead { .. })
            ) && e.node == who.attacker
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
                LabRecord::Image(ImageRecord::ImageInstalled {
                    kind: ImageKind::Firmware,
                    genuine: false,
                    ..
                })
            );
            altered && who.pump.is_none_or(|p| p == e.node)
        },
    },
    Goal {
        entry: entry(
            "join-network",
            "The attacker's radio is on a wireless network of the house",
            "The attacker's own station joined a wireless network.",
        ),
        judge: |_, who, e| {
            matches!(e.what, LabRecord::Wireless(WirelessRecord::Joined { .. }))
                && e.node == who.attacker
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
                LabRecord::Alarm(AlarmRecord::DeadlinePassed {
                    missing: Missing::AlarmTaken { .. },
                    ..
                })
            ) && who.pump.is_none_or(|p| p == e.node)
        },
    },
];
