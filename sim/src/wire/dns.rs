//! DNS: names to addresses.

use super::Ip;
use crate::fingerprint::Fingerprint;

/// A DNS message.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Dns {
    /// Asks for a name.
    Query {
        /// Transaction.
        id: u16,
        /// Name asked for.
        name: String,
    },
    /// Answers; no address means that the name does not exist.
    Answer {
        /// Transaction.
        id: u16,
        /// Name asked for.
        name: String,
        /// Address found.
        ip: Option<Ip>,
    },
}

impl Dns {
    /// Length in bytes: header, question, and 16 bytes of answer.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Query { name, .. } => 18 + name.len() as u32,
            Self::Answer { name, .. } => 34 + name.len() as u32,
        }
    }
}

/// Port of the server.
pub const PORT: u16 = 53;
/// Port from which a host's name client asks.
pub const CLIENT_PORT: u16 = 49_151;
