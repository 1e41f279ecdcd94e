//! Records of files and what they hold: given out, written, spoilt, copied.

use super::{Names, counted};
use crate::engine::NodeId;
use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use crate::wire::Ip;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What happened to stored files, and to the patient records in them.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum StorageRecord {
    /// A host gave out what it stores to somebody who was let in.
    #[record(
        refusal if *records == 0,
        item = if *records == 0 { *item } else { None },
        says(
            "gave {what} to {to}: {holds} can be read in it",
            holds = match records {
                0 => "no patient".to_owned(),
                n => counted(*n, "patient record"),
            },
        )
    )]
    ContentGiven {
        /// Path of a file, or what else it is.
        what: String,
        /// To whom.
        to: Ip,
        /// Patient records in it that can be read.
        records: u32,
        /// The configuration item that says what it holds and how it lies there; none for what was written during the run.
        item: Option<ItemId>,
    },
    /// A file was written on a host from outside.
    #[record(plain, says("{path} was written from outside ({bytes} bytes)"))]
    FileWritten {
        /// Path.
        path: String,
        /// Size in bytes.
        bytes: u64,
    },
    /// Readable patient records came into the hands of this host.
    #[record(plain, says("holds {records} readable patient records, got by {by}"))]
    RecordsHeld {
        /// How many.
        records: u32,
        /// By which protocol.
        by: &'static str,
    },
    /// A file of this host was encrypted with a key that the host does not have.
    #[record(plain, says("{path} was encrypted{whence}", whence = whence(names, *by)))]
    FileEncrypted {
        /// Path.
        path: String,
        /// By whom over the network; none where it was done on the host itself.
        by: Option<Ip>,
    },
    /// A file of this host was destroyed.
    #[record(plain, says("{path} was destroyed{whence}", whence = whence(names, *by)))]
    FileDestroyed {
        /// Path.
        path: String,
        /// By whom over the network; none where it was done on the host itself.
        by: Option<Ip>,
    },
    /// What this host does for others stopped.
    #[record(plain, says("stopped serving: cannot read {path}"))]
    ServiceStopped {
        /// The file that it needs and cannot read.
        path: String,
    },
    /// It works again.
    #[record(plain, says("serves again"))]
    ServiceRestored,
    /// A backup server has a copy of files of a host.
    #[record(plain, says("copied {files} files of {of}"))]
    CopyStored {
        /// Whose.
        of: NodeId,
        /// Files that were new or had changed.
        files: u32,
    },
    /// A backup server gives back what it has of a host that was rebuilt.
    #[record(plain, says("gives back its copies of {of}"))]
    CopyReturned {
        /// Whose.
        of: NodeId,
    },
    /// A backup server has nothing to give back for a host that was rebuilt.
    #[record(plain, says("has no copies of {of}"))]
    NoCopy {
        /// Whose.
        of: NodeId,
    },
}

fn whence(names: &dyn Names, by: Option<Ip>) -> String {
    by.map_or_else(String::new, |ip| format!(" from {}", names.ip(ip)))
}
