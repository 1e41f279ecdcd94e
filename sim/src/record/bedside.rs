//! Records of hands on a device: panel, case, flash memory, local port.

use super::{Operation, Removal, counted, decided};
use crate::engine::NodeId;
use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use crate::time::Duration;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What somebody did who stands at a device.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum BedsideRecord {
    /// Somebody who is not of the staff operated a pump by hand, and the pump obeyed.
    #[record(plain, says("{by} laid hands on it: {what}"))]
    Touched {
        /// Who.
        by: NodeId,
        /// What was done.
        what: Operation,
    },
    /// A pump asked somebody at the bedside for an operator's code and got none.
    #[record(
        refusal,
        item = Some(*item),
        says("asked {by} for an operator's code and got none ({item})")
    )]
    OperatorAsked {
        /// Who.
        by: NodeId,
        /// The code's configuration item.
        item: ItemId,
    },
    /// An operator logged in at a pump.
    #[record(plain, passing, says("{by} logged in as operator"))]
    OperatorLoggedIn {
        /// Who.
        by: NodeId,
    },
    /// A lock holds somebody up who wants to open the case.
    #[record(plain, says("its lock holds {by} up for {longer:} ({item})"))]
    LockHolds {
        /// Who.
        by: NodeId,
        /// How long.
        longer: Duration,
        /// The lock's configuration item.
        item: ItemId,
    },
    /// The case of a device was opened.
    #[record(plain, says("{by} opened its case"))]
    CaseOpened {
        /// Who.
        by: NodeId,
    },
    /// Somebody who had a case open was come upon and sent away.
    #[record(
        refusal,
        item = *item,
        says("{by} came and sent {who} away from its case{why}", why = decided(names, *item))
    )]
    CaseInterrupted {
        /// Who was sent away.
        who: NodeId,
        /// Who came.
        by: NodeId,
        /// The item that brought it about: the tamper switch that called, or the lock that held long enough.
        item: Option<ItemId>,
    },
    /// Flash memory was written by somebody who has the device open.
    #[record(plain, says("{by} wrote its flash memory"))]
    FlashWritten {
        /// Who.
        by: NodeId,
    },
    /// Somebody who has the device in hand read its storage.
    #[record(
        refusal if *keys == 0,
        item = *sealed,
        removed = (*keys == 0).then_some(Removal::AnyFile),
        says(
            "storage was read by somebody who has it in hand: {found}{file}",
            found = counted(*keys, "network key"),
            file = match sealed {
                Some(id) => format!(", one file is encrypted ({})", names.item(*id)),
                None => String::new(),
            },
        )
    )]
    FlashRead {
        /// Network keys found readable.
        keys: u32,
        /// Item of a file that could not be read because it is encrypted.
        sealed: Option<ItemId>,
    },
    /// A closed local port did not take what was plugged in.
    #[record(refusal, item = Some(*item), says("its local port took nothing from {by} ({item})"))]
    PortClosed {
        /// Who plugged it in.
        by: NodeId,
        /// The port's configuration item.
        item: ItemId,
    },
    /// Something was plugged into a local port, and the port took it.
    #[record(plain, says("{by} brought something to its local port"))]
    Plugged {
        /// Who.
        by: NodeId,
    },
    /// A service computer was connected to a pump by cable, or taken off.
    #[record(
        plain,
        says("is {how} {pump} by cable", how = if *on { "connected to" } else { "taken off" })
    )]
    Cabled {
        /// Pump.
        pump: NodeId,
        /// Whether the cable is in.
        on: bool,
    },
}
