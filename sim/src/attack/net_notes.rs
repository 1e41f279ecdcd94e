//! What an attacker noted about the network it is on.

use crate::net::port::{StreamId, Taught};
use crate::wire::{Ip, Mac, Message};
use std::collections::BTreeSet;

/// A readable message that passed, and where it was going.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Whom it was for.
    pub to: Ip,
    /// The message.
    pub message: Message,
    /// How it was got.
    pub taught: Taught,
}

/// Notes about a network.
#[derive(Clone, Debug, Default)]
pub struct NetNotes {
    /// Services that answered: address and port.
    pub open: Vec<(Ip, u16)>,
    /// Streams that were asked for and have not been answered, with where they lead.
    pub asked: Vec<(StreamId, Ip, u16)>,
    /// Leases that hosts took from it.
    pub leases: u32,
    /// Hardware addresses that it went on under.
    pub borrowed: Vec<Mac>,
    /// Clients in whose name it asked for leases, with the transaction of each.
    pub invented: Vec<(u32, Mac)>,
    /// Streams of a flood that nobody answered, or clients in a row that were offered no lease.
    pub unanswered: u32,
    /// Messages that were kept to be sent again.
    pub passed: Vec<Passed>,
    /// Pairs of ends, the lower address first, between which it saw messages pass that it could not read.
    pub sealed: BTreeSet<(Ip, Ip)>,
}
