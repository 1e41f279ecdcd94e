//! File shares: reading and writing the files of another host over the network, as SMB does on port 445.

use super::file::{File, FileInfo};
use crate::crypto::Passphrase;
use crate::fingerprint::Fingerprint;

/// A share message, either way.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Share {
    /// Client logs in.
    Login {
        /// Account.
        user: String,
        /// Password.
        password: Passphrase,
    },
    /// Server lets in or not.
    LoginResult {
        /// Whether the login succeeded.
        accepted: bool,
    },
    /// Client asks for the list of files.
    List,
    /// The list.
    Listing(Vec<FileInfo>),
    /// Client reads a file.
    Read {
        /// Path.
        path: String,
    },
    /// The file.
    File(File),
    /// Client writes a file.
    Write {
        /// File.
        file: File,
    },
    /// Client removes a file.
    Remove {
        /// Path.
        path: String,
    },
    /// Done.
    Done,
    /// Refused: no login, no such file, no room.
    Refused,
}

impl Share {
    /// Length in bytes; long files are counted up to a mebibyte.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::File(file) | Self::Write { file } => 100 + file.bytes.min(1 << 20) as u32,
            Self::Listing(list) => 100 + 80 * list.len() as u32,
            _ => 120,
        }
    }

    /// The file that the message carries.
    #[must_use]
    pub fn file(&self) -> Option<&File> {
        match self {
            Self::File(file) | Self::Write { file } => Some(file),
            _ => None,
        }
    }
}

/// Port of file shares.
pub const PORT: u16 = 445;
