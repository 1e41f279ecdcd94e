//! What an attacker may be after, judged by what really happened.

use super::Truth;
use crate::catalog::Entry as CatalogEntry;
use crate::engine::{Entry, NodeId};
use crate::parameters::{Host, ParameterError, Parameters, Pump, Raw};
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

/// What the parameters of a goal say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    /// The pump that it is about.
    pub pump: Option<String>,
    /// The host that it is about.
    pub host: Option<String>,
    /// How many hosts it takes.
    pub hosts: u32,
}

/// A goal.
#[derive(Debug)]
pub struct Goal {
    /// Name and meaning.
    pub entry: CatalogEntry,
    /// Reads its parameters.
    pub aim: fn(&Raw) -> Result<Aim, ParameterError>,
    /// Judge.
    pub judge: GoalJudge,
}

fn aim<P: Parameters + Into<Aim>>(raw: &Raw) -> Result<Aim, ParameterError> {
    P::parse(raw).map(Into::into)
}

const fn entry<P: Parameters>(
    id: &'static str,
    title: &'static str,
    summary: &'static str,
) -> CatalogEntry {
    CatalogEntry {
        id,
        title,
        summary,
        parameters: P::PARAMETERS,
        relations: P::RELATIONS,
        references: &[],
    }
}

/// Parameters of a goal that has none.
#[derive(Parameters)]
struct Any;

impl From<Any> for Aim {
    fn from(_: Any) -> Self {
        Self::default()
    }
}

/// Parameters of a goal about a pump.
#[derive(Parameters)]
struct AboutPump {
    /// The pump that it is about.
    pump: Pump,
}

impl From<AboutPump> for Aim {
    fn from(about: AboutPump) -> Self {
        Self {
            pump: Some(about.pump.0),
            ..Self::default()
        }
    }
}

/// Parameters of a goal about a host.
#[derive(Parameters)]
struct AboutHost {
    /// The host.
    host: Host,
}

impl From<AboutHost> for Aim {
    fn from(about: AboutHost) -> Self {
        Self {
            host: Some(about.host.0),
            ..Self::default()
        }
    }
}

/// Parameters of a goal that counts hosts.
#[derive(Parameters)]
struct Hosts {
    /// How many hosts.
    #[param(default = 1, range = 1..=1000000)]
    hosts: u32,
    /// A host that must be among them; any if not given.
    host: Option<Host>,
}

impl From<Hosts> for Aim {
    fn from(of: Hosts) -> Self {
        Self {
            host: of.host.map(|h| h.0),
            hosts: of.hosts,
            ..Self::default()
        }
    }
}

/// All goals, by identifier.
pub static GOALS: &[Goal] = &[
    Goal {
        aim: aim::<AboutPump>,
        entry: entry::<AboutPump>(
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
        aim: aim::<Any>,
        entry: entry::<Any>(
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
        aim: aim::<AboutPump>,
        entry: entry::<AboutPump>(
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
        aim: aim::<Any>,
        entry: entry::<Any>(
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
        aim: aim::<AboutHost>,
        entry: entry::<AboutHost>(
            "hold-host",
            "A program of the attacker runs on a host",
            "A program that the attacker made begins to run on the host.",
        ),
        judge: |_, who, e| {
            matches!(&e.what, LabRecord::Program(ProgramRecord::ProgramStarted { author, .. }) if *author == who.name)
                && who.host.is_none_or(|h| h == e.node)
        },
    },
    Goal {
        aim: aim::<Any>,
        entry: entry::<Any>(
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
        aim: aim::<Hosts>,
        entry: entry::<Hosts>(
            "ransom",
            "Files are encrypted for ransom",
            "Files of so many hosts, the one that is named among them, are encrypted by the attacker or its programs.",
        ),
        judge: |_, who, e| {
            matches!(
                e.what,
                LabRecord::Storage(StorageRecord::FileEncrypted { .. })
            ) && who.ransomed.len() >= who.hosts
                && who.host.is_none_or(|h| who.ransomed.contains(&h))
        },
    },
    Goal {
        aim: aim::<Any>,
        entry: entry::<Any>(
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
        aim: aim::<AboutPump>,
        entry: entry::<AboutPump>(
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
        aim: aim::<Any>,
        entry: entry::<Any>(
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
        aim: aim::<AboutPump>,
        entry: entry::<AboutPump>(
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
