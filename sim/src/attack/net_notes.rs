//! What an attacker noted about the network it is on.

use crate::net::port::Taught;
use crate::wire::{Ip, Message};

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
    /// Leases that hosts took from it.
    pub leases: u32,
    /// Messages that were kept to be sent again.
    pub passed: Vec<Passed>,
}
