//! Mail: handing a letter in, and fetching what lies in a mailbox.

use super::file::File;
use crate::fingerprint::Fingerprint;

/// A mail message.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Mail {
    /// Hands in a letter with an attachment.
    Deliver {
        /// Mailbox: the name of the host that fetches from it.
        to: String,
        /// Attachment.
        file: File,
    },
    /// Whether the letter was taken.
    Delivered {
        /// Whether there is such a mailbox.
        accepted: bool,
    },
    /// Fetches what lies in a mailbox.
    Fetch {
        /// Mailbox.
        mailbox: String,
    },
    /// Attachments of the letters that lay there.
    Letters(Vec<File>),
}

/// What looking into a mailbox weighs, either way, in bytes \[A\]: as much as an ordinary turn of office work.
pub const TURN_BYTES: u32 = 900;

impl Mail {
    /// Length in bytes.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        let of = |f: &File| f.bytes.min(1 << 20) as u32;
        match self {
            Self::Deliver { file, .. } => 600 + of(file),
            Self::Delivered { .. } => 60,
            Self::Fetch { .. } => TURN_BYTES,
            Self::Letters(files) => TURN_BYTES + files.iter().map(of).sum::<u32>(),
        }
    }
}

/// Port on which letters are handed in.
pub const PORT: u16 = 25;
