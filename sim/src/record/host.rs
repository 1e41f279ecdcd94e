//! Records of hosts: power, clock, settings, vulnerabilities and their repair.

use super::Removal;
use crate::fingerprint::Fingerprint;
use crate::spec::{ItemId, Removed};
use crate::wire::Ip;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What happened to a host as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum HostRecord {
    /// The communication module stopped.
    #[record(plain, says("communication module stopped: {why}"))]
    CommunicationFailed {
        /// Why, in a word.
        why: &'static str,
    },
    /// The communication module started.
    #[record(plain, routine, says("communication module started"))]
    CommunicationStarted,
    /// A message made for a flaw found it.
    #[record(
        plain,
        says("a message made for the flaw {flaw} found it on port {port} ({item})")
    )]
    FlawUsed {
        /// The flaw.
        flaw: String,
        /// Port on which it came.
        port: u16,
        /// The flaw's configuration item.
        item: ItemId,
    },
    /// A message made for a flaw did nothing: the flaw is not there.
    #[record(
        refusal,
        item = *item,
        removed = Removal::Named(Removed::Weakness(flaw.clone())),
        says("a message made for the flaw {flaw} came to port {port} and did nothing")
    )]
    CraftedIgnored {
        /// The flaw that it was made for.
        flaw: String,
        /// Port on which it came.
        port: u16,
        /// The maintenance window in which the flaw was mended during the run, if it was.
        item: Option<ItemId>,
    },
    /// Settings of a device were changed on its configuration page.
    #[record(plain, says("reports to {server} from now on, as {peer} set it"))]
    SettingsChanged {
        /// Who changed them.
        peer: Ip,
        /// The server that it reports to from now on.
        server: String,
    },
    /// A flaw of this host was mended.
    #[record(plain, says("mended {flaw} ({item})"))]
    PatchApplied {
        /// The flaw.
        flaw: String,
        /// The maintenance window's configuration item.
        item: ItemId,
    },
    /// A maintenance window found this host busy.
    #[record(plain, says("was busy; maintenance is put off ({item})"))]
    WindowPostponed {
        /// The maintenance window's configuration item.
        item: ItemId,
    },
    /// A host's clock came to differ from the calendar.
    #[record(
        plain,
        says(
            "its clock is now {off} s {way}",
            off = seconds.unsigned_abs(),
            way = if *seconds < 0 { "slow" } else { "fast" },
        )
    )]
    ClockSkewed {
        /// By how many seconds; below 0 is slow.
        seconds: i64,
    },
    /// A host was switched off.
    #[record(plain, says("switched off"))]
    PoweredOff,
    /// A host was switched on.
    #[record(plain, says("switched on"))]
    PoweredOn,
    /// Staff rebuilt this host from a clean image.
    #[record(plain, says("was rebuilt from a clean image"))]
    Rebuilt,
}
