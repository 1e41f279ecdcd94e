//! What a pump server and its database say to each other.

use super::file::Content;
use super::pump::SignedLibrary;
use crate::crypto::Passphrase;
use crate::fingerprint::Fingerprint;

/// A query or its answer.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Query {
    /// Logs in.
    Login {
        /// User.
        user: String,
        /// Password.
        password: Passphrase,
    },
    /// Lets in or not.
    LoginResult {
        /// Whether.
        accepted: bool,
    },
    /// Reads the stored library of a pump server.
    ReadLibrary {
        /// Pump server.
        of: String,
    },
    /// The stored library.
    Library(Option<SignedLibrary>),
    /// Stores a library for a pump server.
    WriteLibrary {
        /// Pump server.
        of: String,
        /// Library.
        library: SignedLibrary,
    },
    /// Reads the infusion history of a pump server.
    ReadHistory {
        /// Pump server.
        of: String,
    },
    /// The history.
    History(Vec<Content>),
    /// Adds to the history of a pump server.
    Append {
        /// Pump server.
        of: String,
        /// Row.
        row: Content,
    },
    /// Done.
    Done,
    /// Refused: no login.
    Denied,
}

impl Query {
    /// Length in bytes \[A\]: a library by its entries, a history by its rows.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Library(Some(l)) | Self::WriteLibrary { library: l, .. } => {
                200 + 240 * l.library.entries.len() as u32
            }
            Self::History(rows) => 100 + 160 * rows.len() as u32,
            Self::Append { .. } => 260,
            _ => 90,
        }
    }

    /// Number of patient records that can be read in the message.
    #[must_use]
    pub fn readable_records(&self) -> u32 {
        match self {
            Self::History(rows) => super::portal::readable(rows),
            Self::Append { row, .. } => super::portal::readable(std::slice::from_ref(row)),
            _ => 0,
        }
    }
}
