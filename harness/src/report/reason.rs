//! What a refusal rests on: the item that decided and the control that put it there, or what a control took away.

use super::words::Words;
use pumplab_sim::engine::{Entry, NodeId, RecordId};
use pumplab_sim::explain::Trace;
use pumplab_sim::record::{DropReason, LabRecord};
use pumplab_sim::spec::{ItemId, Removed};

/// What a refusal rests on: the item that decided, or what a control took away. Empty for what was nobody's decision.
#[must_use]
pub fn reason(words: &Words, node: NodeId, what: &LabRecord) -> Option<Reason> {
    if let Some(id) = deciding_item(what) {
        return Some(Reason {
            short: words.item(id),
            text: words.origin(id),
            control: words.control_of(id).map(str::to_owned),
        });
    }
    let removed = match what {
        LabRecord::FlashRead { keys: 0, .. } => {
            let (path, control) = words.removed_file(node)?;
            return Some(gone(words, &format!("{path} is gone"), control));
        }
        LabRecord::Refused { flow } => Removed::Service(flow.port),
        LabRecord::JoinFailed { ssid, .. } => Removed::Network(ssid.clone()),
        LabRecord::CraftedIgnored { flaw, .. } => Removed::Weakness(flaw.clone()),
        _ => return None,
    };
    let control = words.removed_by(node, &removed)?;
    let short = match &removed {
        Removed::Service(port) => format!("nothing listens on {port}"),
        Removed::Network(ssid) => format!("network {ssid} is gone"),
        Removed::File(path) => format!("{path} is gone"),
        Removed::Account(user) => format!("account {user} is gone"),
        Removed::Key(key) => format!("{key} is gone"),
        Removed::Weakness(flaw) => format!("flaw {flaw} is mended"),
    };
    Some(gone(words, &short, control))
}

/// What stopped a step, if the last thing that was refused is this record, and what that rests on. Logins are tried one after the other, and the last
/// one to be refused may be of an account that never was: of the logins refused at one door, that counts which a control decided.
#[must_use]
pub fn stopping<'a>(
    words: &Words,
    trace: &'a Trace,
    last: RecordId,
) -> Option<(&'a Entry<LabRecord>, Option<Reason>)> {
    let entry = trace.record(last)?;
    let told = |e: &Entry<LabRecord>| reason(words, e.node, &e.what);
    let why = told(entry);
    let decided = |r: &Option<Reason>| r.as_ref().is_some_and(|r| r.control.is_some());
    if decided(&why) {
        return Some((entry, why));
    }
    let before = &trace.entries[..trace.entries.partition_point(|e| e.id < last)];
    let other = before
        .iter()
        .rev()
        .filter(|e| e.node == entry.node && same_door(&e.what, &entry.what))
        .map(|e| (e, told(e)))
        .find(|(_, r)| decided(r));
    Some(other.unwrap_or((entry, why)))
}

fn same_door(a: &LabRecord, b: &LabRecord) -> bool {
    match (a, b) {
        (
            LabRecord::LoginRefused { peer, port, .. },
            LabRecord::LoginRefused {
                peer: other,
                port: door,
                ..
            },
        ) => peer == other && port == door,
        _ => false,
    }
}

fn gone(words: &Words, what: &str, control: &str) -> Reason {
    Reason {
        short: what.to_owned(),
        text: format!("{what}: taken away by {}", words.control(control)),
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

fn deciding_item(what: &LabRecord) -> Option<ItemId> {
    match what {
        LabRecord::Dropped { why, .. } => match why {
            DropReason::Rule(id)
            | DropReason::DefaultDeny(id)
            | DropReason::RateLimit(id)
            | DropReason::ClientIsolation(id)
            | DropReason::DhcpSnooping(id)
            | DropReason::ArpInspection(id)
            | DropReason::UnprotectedManagement(id)
            | DropReason::UnprotectedControl(id)
            | DropReason::PortAccess(id) => Some(*id),
            DropReason::TableFull
            | DropReason::NoRoute
            | DropReason::HopLimit
            | DropReason::UnknownFlow
            | DropReason::Unresolved
            | DropReason::Undecipherable
            | DropReason::Noise
            | DropReason::Off
            | DropReason::Fault => None,
        },
        LabRecord::FlashRead { sealed, .. } => *sealed,
        LabRecord::ProgramBlocked { item, .. } | LabRecord::Attachment { item, .. } => Some(*item),
        LabRecord::StationRefused { item, .. } | LabRecord::LoginRefused { item, .. } => *item,
        LabRecord::OrderQuestioned { item, .. }
        | LabRecord::SessionRefused { item, .. }
        | LabRecord::PortalDenied { item, .. }
        | LabRecord::SessionDenied { item, .. }
        | LabRecord::LibraryRefused { item, .. }
        | LabRecord::ImageRefused { item, .. }
        | LabRecord::OperatorAsked { item, .. }
        | LabRecord::PortClosed { item, .. } => Some(*item),
        LabRecord::CaseInterrupted { item, .. } | LabRecord::PassphraseUnlisted { item, .. } => {
            *item
        }
        _ => None,
    }
}
