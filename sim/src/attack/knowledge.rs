//! What an attacker knows and holds, from its first step to its last.

use super::net_notes::NetNotes;
use super::radio_notes::RadioNotes;
use crate::crypto::Passphrase;
use crate::net::port::{StreamId, Taught};
use crate::proto::tls::{Credentials, Server};
use crate::wire::Ip;
use crate::wire::file::File;
use crate::wire::program::Program;
use crate::wire::pump::SignedLibrary;
use std::collections::BTreeMap;

/// Something known, and how it was learned; knowledge declared in the scenario was not learned.
#[derive(Clone, Debug)]
pub struct Known<T> {
    /// What.
    pub value: T,
    /// How.
    pub taught: Option<Taught>,
}

/// A shell that the attacker is in.
#[derive(Clone, Debug)]
pub struct HeldShell {
    /// The stream to it.
    pub stream: StreamId,
    /// Whether a session onward from it is open and entered.
    pub onward: bool,
}

/// A session that a pump opened to the attacker, taking it for its server.
#[derive(Clone, Debug)]
pub struct Captured {
    /// The stream.
    pub stream: StreamId,
    /// The attacker's end of TLS, where the pump insists on it.
    pub tls: Option<Box<Server>>,
    /// Whether the pump takes the attacker for its server.
    pub greeted: bool,
}

/// What an attacker knows and holds.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// Addresses by host name.
    pub addresses: BTreeMap<String, Known<Ip>>,
    /// Accounts.
    pub accounts: Vec<Known<(String, Passphrase)>>,
    /// Tokens in hand that answer challenges, by user.
    pub tokens: Vec<(String, Passphrase)>,
    /// Passphrases by network name.
    pub passphrases: Vec<Known<(String, Passphrase)>>,
    /// A drug library to alter.
    pub library: Option<SignedLibrary>,
    /// The shell it is in.
    pub shell: Option<HeldShell>,
    /// How it learned, between steps, that the shell it was in is gone.
    pub shell_gone: Option<Taught>,
    /// Pumps that came to it.
    pub captured: Vec<Captured>,
    /// Files it got hold of.
    pub files: Vec<File>,
    /// Certificates with their keys.
    pub identities: Vec<Known<Credentials>>,
    /// What it noted about the network.
    pub net: NetNotes,
    /// Programs that it can pass on, by what it calls them; a program knows itself under no name.
    pub programs: Vec<(String, Program)>,
    /// What it heard on the air.
    pub radio: RadioNotes,
}
