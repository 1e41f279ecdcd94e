//! What a run tells: typed records of what happened, each with its cause.
//!
//! Records are ground truth. Checkers, goals, metrics and explanations are made from them; nothing in the lab reads them.
//!
//! A record belongs to a family, one file each. What is to be said about a kind of record stands at its variant: what it means, its [`Class`], the
//! configuration item that decided, its sentence. There is no other list: a new kind is one variant, and does not compile without all of these.
//!
//! ```
//! use pumplab_derive::RecordFamily;
//! /// A family.
//! #[derive(RecordFamily)]
//! enum DoorRecord {
//!     /// Somebody came in.
//!     #[record(plain, says("{name} came in"))]
//!     Entered {
//!         /// Who.
//!         name: String,
//!     },
//! }
//! ```
//!
//! ```compile_fail
//! use pumplab_derive::RecordFamily;
//! /// A family.
//! #[derive(RecordFamily)]
//! enum DoorRecord {
//!     /// Somebody came in.
//!     #[record(says("{name} came in"))]
//!     Entered {
//!         /// Who.
//!         name: String,
//!     },
//! }
//! ```

mod access;
mod alarm;
mod attack;
mod bedside;
mod host;
mod image;
mod kind;
mod lead;
mod library;
mod monitoring;
mod network;
mod parts;
mod program;
mod say;
mod session;
mod storage;
#[cfg(test)]
mod tests;
mod therapy;
mod wireless;

use crate::engine::NodeId;
use crate::fingerprint::Fingerprint;
pub use crate::proto::wlan::{JoinFault, JoinStage};
use crate::spec::ItemId;
pub use access::AccessRecord;
pub use alarm::AlarmRecord;
pub use attack::AttackRecord;
pub use bedside::BedsideRecord;
pub use host::HostRecord;
pub use image::ImageRecord;
pub use kind::{Class, Family, Kind, KindField, Removal, Telling};
pub use library::LibraryRecord;
pub use monitoring::MonitoringRecord;
pub use network::NetworkRecord;
pub use parts::{
    Crossing, DeliveryChange, DropReason, Flow, ImageFault, LibraryFault, Login, Missing,
    NoSession, Operation, OrderOutcome, PROGRAM_STEPS, Task,
};
pub use program::ProgramRecord;
pub use say::{Names, Say, step_number};
use say::{counted, decided};
use serde::Serialize;
pub use session::SessionRecord;
use std::fmt;
pub use storage::StorageRecord;
pub use therapy::TherapyRecord;
pub use wireless::WirelessRecord;

/// The enum over the families: each goes through the same calls.
macro_rules! families {
    ($($(#[$meaning:meta])* $variant:ident($family:ident)),* $(,)?) => {
        /// A record's content, by family.
        #[derive(Clone, PartialEq, Serialize, Fingerprint)]
        #[cfg_attr(test, derive(crate::fingerprint::Vary))]
        #[derive(schemars::JsonSchema)]
        #[serde(untagged)]
        pub enum LabRecord {
            $($(#[$meaning])* $variant($family),)*
        }

        // The family is how it is found in the code; a record is told by its own name.
        impl fmt::Debug for LabRecord {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant(record) => fmt::Debug::fmt(record, f),)* }
            }
        }

        $(impl From<$family> for LabRecord {
            fn from(record: $family) -> Self {
                Self::$variant(record)
            }
        })*

        impl LabRecord {
            /// Families with what their records tell.
            pub const FAMILIES: &'static [(&'static str, &'static str)] =
                &[$(($family::NAME, $family::MEANING)),*];

            /// All kinds of records, family by family.
            pub fn kinds() -> impl Iterator<Item = &'static Kind> {
                [$($family::KINDS),*].into_iter().flatten()
            }

            /// Its kind: what is known of it before it happens.
            #[must_use]
            pub fn kind(&self) -> &'static Kind {
                match self { $(Self::$variant(record) => record.kind(),)* }
            }

            /// What the record says about something that was tried, expected or sought.
            #[must_use]
            pub fn class(&self) -> Class {
                match self { $(Self::$variant(record) => record.class(),)* }
            }

            /// The configuration item that decided; none for what was nobody's decision.
            #[must_use]
            pub fn item(&self) -> Option<ItemId> {
                match self { $(Self::$variant(record) => record.item(),)* }
            }

            /// What may have been taken away by a control, where no item decided.
            #[must_use]
            pub fn removal(&self) -> Option<Removal> {
                match self { $(Self::$variant(record) => record.removal(),)* }
            }

            /// The record in words. The node and the time stand beside it, so the sentence speaks of neither.
            #[must_use]
            pub fn says(&self, names: &dyn Names, node: NodeId) -> String {
                match self { $(Self::$variant(record) => record.says(names, node),)* }
            }
        }
    };
}

families! {
    /// The network.
    Network(NetworkRecord),
    /// The radio.
    Wireless(WirelessRecord),
    /// Sessions and logins.
    Session(SessionRecord),
    /// Drug libraries.
    Library(LibraryRecord),
    /// Firmware and calibration.
    Image(ImageRecord),
    /// Therapy.
    Therapy(TherapyRecord),
    /// Alarms.
    Alarm(AlarmRecord),
    /// Logs, status and alerts.
    Monitoring(MonitoringRecord),
    /// Hands on a device.
    Bedside(BedsideRecord),
    /// Hosts.
    Host(HostRecord),
    /// Stored files.
    Storage(StorageRecord),
    /// Mail and programs.
    Program(ProgramRecord),
    /// Portals and brokers.
    Access(AccessRecord),
    /// Attackers.
    Attack(AttackRecord),
}

// Every event of a run emits some: what a record takes is copied and kept by the million.
const _: () = assert!(size_of::<LabRecord>() <= 72);

impl crate::engine::Record for LabRecord {
    fn bytes(&self) -> usize {
        std::mem::size_of::<Self>()
    }

    fn lead(&self) -> crate::engine::Lead {
        self.leads()
    }
}

impl LabRecord {
    /// The kind of this name, as in the field `record` of its JSON.
    #[must_use]
    pub fn kind_named(name: &str) -> Option<&'static Kind> {
        Self::kinds().find(|k| k.name == name)
    }

    /// Whether the record says that somebody refused something.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.class() == Class::Refusal
    }
}
