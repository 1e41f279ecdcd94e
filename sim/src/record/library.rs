//! Records of drug libraries, from the database to the pump.

use super::LibraryFault;
use crate::engine::NodeId;
use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use crate::wire::Ip;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What happened to a drug library on its way to the pumps.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum LibraryRecord {
    /// A pump server publishes a library to its pumps from now on.
    #[record(plain, says("publishes drug library {version} to its pumps"))]
    LibraryPublished {
        /// Version.
        version: u32,
        /// Whether somebody other than its author approved it.
        approved: bool,
    },
    /// A library was offered to the pump and not stored.
    #[record(
        refusal,
        item = Some(*item),
        says("refused drug library {version} from {from}: {why} ({item})")
    )]
    LibraryRefused {
        /// Version.
        version: u32,
        /// Who offered it.
        from: Ip,
        /// Why.
        why: LibraryFault,
        /// The check's configuration item.
        item: ItemId,
    },
    /// A library was stored for activation.
    #[record(
        plain,
        says("stored drug library {version} ({digest:016x}) from {from}")
    )]
    LibraryStored {
        /// Version.
        version: u32,
        /// Digest of its content.
        digest: u64,
        /// Who offered it.
        from: Ip,
    },
    /// A library became active.
    #[record(plain, says("now runs drug library {version} ({digest:016x})"))]
    LibraryActivated {
        /// Version.
        version: u32,
        /// Digest of its content.
        digest: u64,
    },
    /// A pump server took a library from its database that differs from the one it had.
    #[record(
        plain,
        says(
            "took library version {version} from the database, which differs from the one it had"
        )
    )]
    LibraryLoaded {
        /// Version.
        version: u32,
        /// Digest of its content.
        digest: u64,
    },
    /// A pump server offered its library to a pump.
    #[record(plain, says("offered library version {version} to {pump}"))]
    LibraryOffered {
        /// Pump.
        pump: NodeId,
        /// Version.
        version: u32,
    },
    /// A library was written to a database.
    #[record(plain, says("stored library version {version} for {from}"))]
    StoreWritten {
        /// Version.
        version: u32,
        /// Digest of its content.
        digest: u64,
        /// Who wrote it.
        from: Ip,
    },
    /// A library that was written during the run was read from a database.
    #[record(plain, says("gave out the stored library version {version}"))]
    StoreRead {
        /// Version.
        version: u32,
    },
}
