//! How what stands in records is put into words.

use super::{
    Crossing, DeliveryChange, DropReason, Flow, ImageFault, JoinFault, JoinStage, LibraryFault,
    Login, NoSession, Operation, PROGRAM_STEPS, Task,
};
use crate::clinical::delivery::AlarmKind;
use crate::crypto::CertificateFault;
use crate::engine::NodeId;
use crate::spec::{ItemId, Removed};
use crate::time::Duration;
use crate::wire::image::ImageKind;
use crate::wire::shed::Shed;
use crate::wire::syslog::LogKind;
use crate::wire::tls::TlsVersion;
use crate::wire::{Ip, Mac};

/// Who knows the names of nodes, addresses and items.
pub trait Names {
    /// Name of a node.
    fn node(&self, node: NodeId) -> String;
    /// An address, with the name of the host that the lab gives it to.
    fn ip(&self, ip: Ip) -> String;
    /// What an item is: `fw-meddev rule F1`.
    fn item(&self, id: ItemId) -> String;
    /// What an item is and who configured it.
    fn origin(&self, id: ItemId) -> String;
    /// The control, with its title, that took something away from a node, if one did.
    fn removed_by(&self, node: NodeId, removed: &Removed) -> Option<String>;
}

/// A field of a record in words.
pub trait Say {
    /// Its words.
    fn say(&self, names: &dyn Names) -> String;
}

/// What is written as it is.
macro_rules! as_it_is {
    ($($ty:ty),*) => { $(impl Say for $ty {
        fn say(&self, _: &dyn Names) -> String {
            self.to_string()
        }
    })* };
}
as_it_is!(u8, u16, u32, u64, i64, f64, &str, String, Box<str>, Mac);

/// What has words of its own.
macro_rules! in_words {
    ($($ty:ty),*) => { $(impl Say for $ty {
        fn say(&self, _: &dyn Names) -> String {
            self.words().to_string()
        }
    })* };
}
in_words!(
    AlarmKind,
    CertificateFault,
    Crossing,
    DeliveryChange,
    ImageFault,
    ImageKind,
    JoinFault,
    JoinStage,
    LibraryFault,
    LogKind,
    Login,
    NoSession,
    Operation,
    Shed,
    Task
);

impl Say for NodeId {
    fn say(&self, names: &dyn Names) -> String {
        names.node(*self)
    }
}

impl Say for Ip {
    fn say(&self, names: &dyn Names) -> String {
        names.ip(*self)
    }
}

impl Say for ItemId {
    fn say(&self, names: &dyn Names) -> String {
        names.item(*self)
    }
}

impl Say for Duration {
    fn say(&self, _: &dyn Names) -> String {
        self.for_people()
    }
}

impl Say for TlsVersion {
    fn say(&self, _: &dyn Names) -> String {
        self.word().to_owned()
    }
}

impl Say for Flow {
    fn say(&self, names: &dyn Names) -> String {
        let transport = if self.stream { "tcp" } else { "udp" };
        let (src, dst) = (names.ip(self.src), names.ip(self.dst));
        format!("{src} -> {dst} {transport}/{}", self.port)
    }
}

impl Say for DropReason {
    // long: an arm for each reason
    fn say(&self, names: &dyn Names) -> String {
        let (why, item) = match *self {
            Self::Rule(id) => return names.item(id),
            Self::DefaultDeny(id) => ("no rule permits it", id),
            Self::RateLimit(id) => ("too many new flows", id),
            Self::ClientIsolation(id) => ("stations are kept from each other", id),
            Self::DhcpSnooping(id) => ("a DHCP answer from an untrusted port", id),
            Self::LeaseGuard(id) => (
                "a request for a lease in another's name, or one client too many",
                id,
            ),
            Self::PortBinding(id) => ("a hardware address that belongs to another port", id),
            Self::ArpInspection(id) => ("an ARP answer against the address plan", id),
            Self::UnprotectedControl(id) => ("a control message outside the protected channel", id),
            Self::PortAccess(id) => ("a hardware address that the port does not admit", id),
            Self::UnprotectedManagement(id) => {
                ("a management frame without its integrity code", id)
            }
            Self::TableFull => return "no room for another flow".to_owned(),
            Self::NoRoute => return "no route".to_owned(),
            Self::HopLimit => return "hop limit reached".to_owned(),
            Self::UnknownFlow => return "it belongs to no known flow".to_owned(),
            Self::Unresolved => return "nobody answered address resolution".to_owned(),
            Self::Undecipherable => return "no key fits".to_owned(),
            Self::Noise => return "drowned by noise".to_owned(),
            Self::Off => return "what it came to was switched off".to_owned(),
            Self::Fault => return "an injected fault".to_owned(),
        };
        format!("{why}: {}", names.item(item))
    }
}

/// The item that decided, in brackets; nothing where none did.
pub(super) fn decided(names: &dyn Names, item: Option<ItemId>) -> String {
    item.map_or_else(String::new, |id| format!(" ({})", names.item(id)))
}

/// A count with its noun.
pub(super) fn counted(count: u32, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// The number of a step, from 1; steps of programs are counted by themselves.
#[must_use]
pub fn step_number(number: u32) -> String {
    match number.checked_sub(PROGRAM_STEPS) {
        Some(n) => format!("step {} of the program", n + 1),
        None => format!("step {}", number + 1),
    }
}
