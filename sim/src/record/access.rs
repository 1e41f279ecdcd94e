//! Records of portals and brokers, and of the work that people do through them.

use super::Task;
use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use crate::wire::Ip;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What people did at portals and through brokers, or were refused.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum AccessRecord {
    /// Somebody was refused something at a portal.
    #[record(refusal, item = Some(*item), says("the portal refused {what} ({item})"))]
    PortalDenied {
        /// What.
        what: &'static str,
        /// The configuration item that decided.
        item: ItemId,
    },
    /// A broker carries a session on, and records it.
    #[record(plain, says("carries a session of {from} on to {to} and records it"))]
    SessionCarried {
        /// Who came.
        from: Ip,
        /// Where it is carried to.
        to: Ip,
    },
    /// A broker refused to carry a session on.
    #[record(refusal, item = Some(*item), says("carries no session on to {to} ({item})"))]
    SessionDenied {
        /// Where it was to go.
        to: Ip,
        /// The configuration item that decided.
        item: ItemId,
    },
    /// A broker noted a command of a session that it carries.
    #[record(plain, says("recorded in the session: {what}"))]
    SessionCommand {
        /// What kind of command.
        what: &'static str,
    },
    /// A broker ended a session that it carried.
    #[record(refusal, item = Some(*item), says("ended the session of {from} ({item})"))]
    SessionKilled {
        /// Whose.
        from: Ip,
        /// The configuration item by which it knew of the session.
        item: ItemId,
    },
    /// Staff or a maker's engineer finished a piece of work, or gave it up.
    #[record(plain, says("{task}: {end}", end = if *success { "done" } else { "given up" }))]
    TaskEnded {
        /// What.
        task: Task,
        /// Whether it is done.
        success: bool,
    },
}
