//! Remote shell (telnet) and file transfer.

use super::Ip;
use super::file::{File, FileInfo};
use crate::crypto::Passphrase;
use crate::fingerprint::Fingerprint;

/// A shell message, either way.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Shell {
    /// Server greets; `open` says that no login is asked for.
    Banner {
        /// Whether the shell is open without login.
        open: bool,
    },
    /// Client logs in.
    Login {
        /// Account.
        user: String,
        /// Password typed.
        password: Passphrase,
    },
    /// Server lets in or not.
    LoginResult {
        /// Whether the login succeeded.
        accepted: bool,
    },
    /// Server asks for the second factor: the answer of the user's token to this number.
    Challenge {
        /// Number.
        number: u64,
    },
    /// Client gives the token's answer.
    Code {
        /// Answer.
        code: u64,
    },
    /// Client runs a command.
    Run(Command),
    /// Server answers.
    Output(Output),
}

/// A command at a shell. The host it runs on does it, with its own hands.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Command {
    /// Lists files.
    List,
    /// Shows a file.
    Read {
        /// Path.
        path: String,
    },
    /// Writes a file.
    Write {
        /// File.
        file: File,
    },
    /// Decompresses an archive in place.
    Expand {
        /// Path.
        path: String,
    },
    /// Runs a program.
    Run {
        /// Path of the program.
        path: String,
    },
    /// Opens a telnet session to another host from here.
    Telnet {
        /// Host.
        ip: Ip,
        /// Port.
        port: u16,
    },
    /// Sends something to the session opened by `Telnet`.
    Onward(Box<Shell>),
    /// Fetches a file over the session opened by `Telnet` and stores it here.
    Fetch {
        /// Path there.
        path: String,
        /// Path here.
        to: String,
    },
    /// Shows the host's network neighbours and sessions (addresses it talks to).
    Netstat,
}

/// A command's answer.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Output {
    /// Listing.
    Listing(Vec<FileInfo>),
    /// A file's content.
    File(File),
    /// Done.
    Done,
    /// No such file.
    NotFound,
    /// No room.
    NoSpace,
    /// The host would not.
    Refused,
    /// The onward session failed.
    Unreachable,
    /// What the onward session said.
    Onward(Box<Shell>),
    /// Addresses and ports of current sessions.
    Peers(Vec<Peer>),
}

/// A peer in a session list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Peer {
    /// Address.
    pub ip: Ip,
    /// Port.
    pub port: u16,
}

impl Shell {
    /// Number of patient records that can be read in the message.
    #[must_use]
    pub fn readable_records(&self) -> u32 {
        match self {
            Self::Run(Command::Write { file }) | Self::Output(Output::File(file)) => {
                file.readable_records().len() as u32
            }
            Self::Run(Command::Onward(s)) | Self::Output(Output::Onward(s)) => s.readable_records(),
            _ => 0,
        }
    }

    /// Length in bytes.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Run(Command::Write { file }) | Self::Output(Output::File(file)) => {
                40 + file.bytes.min(1 << 20) as u32
            }
            Self::Run(Command::Onward(s)) | Self::Output(Output::Onward(s)) => 10 + s.wire_len(),
            _ => 80,
        }
    }
}

/// A file transfer message.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Ftp {
    /// Logs in; no account is anonymous.
    Login {
        /// Account and password.
        account: Option<(String, Passphrase)>,
    },
    /// Login result.
    LoginResult {
        /// Whether let in.
        accepted: bool,
    },
    /// Stores a file.
    Store {
        /// File.
        file: File,
    },
    /// Fetches a file.
    Retrieve {
        /// Path.
        path: String,
    },
    /// Done.
    Done,
    /// A fetched file.
    File(File),
    /// Refused or not found.
    Failed,
}

impl Ftp {
    /// Length in bytes.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Store { file } | Self::File(file) => 60 + file.bytes.min(1 << 20) as u32,
            _ => 60,
        }
    }
}

/// What a user's token answers to a challenge: only who has the token can tell.
#[must_use]
pub fn token_answer(token: &Passphrase, number: u64) -> u64 {
    token
        .key("second factor")
        .derive("answer", &[number])
        .identifier("code")
}

/// Telnet port.
pub const TELNET_PORT: u16 = 23;
/// FTP control port.
pub const FTP_PORT: u16 = 21;
