//! What crosses between the simulation and the world outside of it: what hosts with a link to the outside ask of whoever drives the run,
//! and what that brings back.

use crate::crypto::CertificateFault;
use crate::engine::{Cause, NodeId};
use crate::fingerprint::Fingerprint;
use crate::wire::shed::Shed;
use crate::wire::{Ip, Message};

/// A connection of a host, by the number that the host's stack knows it under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Conn(pub u32);

impl Conn {
    /// Numbers that whoever drives the run gives to connections that it accepted, apart from those that stacks give.
    const OF_DRIVER: u32 = 1 << 31;

    /// The driver's `n`th connection to a host.
    #[must_use]
    pub const fn of_driver(n: u32) -> Self {
        Self(n | Self::OF_DRIVER)
    }
}

/// What a host asks of the outside.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Departure {
    /// It is up, and listens on these ports and no others. Said again whenever they change.
    Up {
        /// Ports.
        ports: Vec<u16>,
    },
    /// It is down: its connections are gone and its ports are closed.
    Down,
    /// Open a connection.
    Connect {
        /// The host's name for it.
        stream: Conn,
        /// To where, by the lab's addresses.
        peer: (Ip, u16),
    },
    /// Send a message.
    Send {
        /// On this connection.
        stream: Conn,
        /// Message.
        message: Box<Message>,
    },
    /// Close a connection.
    Close {
        /// Which.
        stream: Conn,
    },
}

/// A departure with where it comes from.
#[derive(Clone, Debug)]
pub struct Leaving {
    /// The host.
    pub from: NodeId,
    /// The event that made it: the cause of what it brings about elsewhere.
    pub cause: Cause,
    /// What.
    pub what: Departure,
}

/// Whether a connection is protected, and what the other end proved.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Protection {
    /// Subject of the certificate that the other end proved to hold; none where it was not asked for one.
    pub subject: Option<String>,
}

/// What the outside brings a host.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Arrival {
    /// A connection that the host asked for is open.
    Opened {
        /// Which.
        stream: Conn,
        /// Its protection; none: in clear.
        protection: Option<Protection>,
    },
    /// Somebody connected to a port of the host.
    Accepted {
        /// The driver's name for it ([`Conn::of_driver`]).
        stream: Conn,
        /// Port of the host.
        port: u16,
        /// The other end, by the lab's addresses where it is of the lab.
        peer: (Ip, u16),
        /// Its protection; none: in clear.
        protection: Option<Protection>,
    },
    /// A message arrived.
    Message {
        /// On this connection.
        stream: Conn,
        /// Message.
        message: Box<Message>,
    },
    /// A connection ended, or could not be opened.
    Gone {
        /// Which.
        stream: Conn,
        /// Whether the other end closed it in order.
        closed: bool,
        /// Whether it was refused or reset, rather than unanswered.
        refused: bool,
    },
    /// This host's end refused what the other end showed of itself.
    Untrusted {
        /// The connection, where the host asked for it.
        stream: Option<Conn>,
        /// The other end.
        peer: Ip,
        /// What was wrong.
        fault: CertificateFault,
    },
    /// The driver cut somebody off who did not keep to the rules.
    Shed {
        /// The other end.
        peer: Ip,
        /// Port of the host.
        port: u16,
        /// Which rule.
        why: Shed,
    },
    /// A port of the host cannot be reached from outside, or can be again.
    Listening {
        /// Port of the host.
        port: u16,
        /// What the system said; none: it is reached again.
        problem: Option<String>,
    },
}
