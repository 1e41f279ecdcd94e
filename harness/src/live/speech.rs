//! What is spoken on a connection, as far as it is framed: messages of the lab as bytes, and bytes as messages.

use super::frame::{self, FrameError};
use super::pki::Signatures;
use super::staff::{self, Clerk};
use super::vault::Vault;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::portal::{Directory, Portal};
use std::sync::Arc;

/// What is spoken on a connection.
#[derive(Clone, Debug)]
pub enum Speech {
    /// The pump protocol.
    Pump,
    /// HL7 over MLLP, by the host of this name.
    Clinical(String),
    /// The portal of a pump server.
    Portal(Arc<Vault>),
    /// The directory of staff.
    Directory(Arc<Vault>),
}

impl Speech {
    /// Longest message that the listening end takes, in bytes.
    #[must_use]
    pub fn longest(&self) -> usize {
        match self {
            Self::Pump | Self::Clinical(_) => frame::LONGEST_TO_SERVER,
            Self::Portal(_) => staff::LONGEST_TO_PORTAL,
            Self::Directory(_) => staff::LONGEST_TO_DIRECTORY,
        }
    }

    /// The message that these bytes of a frame are.
    ///
    /// # Errors
    /// When they are none.
    pub fn decode(&self, bytes: &[u8], signatures: &Signatures) -> Result<Message, FrameError> {
        let clerk = |vault| Clerk { vault, signatures };
        Ok(match self {
            Self::Pump => Message::Pump(Box::new(frame::decode(bytes, signatures)?)),
            Self::Portal(v) => Message::Portal(Box::new(clerk(v).read_portal(bytes)?)),
            Self::Directory(v) => Message::Directory(Box::new(clerk(v).read_directory(bytes)?)),
            Self::Clinical(_) => return Err(FrameError::NotCarried("HL7 in a frame")),
        })
    }

    /// A message as bytes in its frame.
    ///
    /// # Errors
    /// For one that has no form in this speech.
    pub fn encode(
        &self,
        message: &Message,
        signatures: &Signatures,
    ) -> Result<Vec<u8>, FrameError> {
        let clerk = |vault| Clerk { vault, signatures };
        match (self, message) {
            (Self::Pump, Message::Pump(m)) => frame::encode(m, signatures),
            (Self::Portal(v), Message::Portal(m)) => clerk(v).write_portal(m),
            (Self::Directory(v), Message::Directory(m)) => clerk(v).write_directory(m),
            _ => Err(FrameError::NotCarried("a message of another protocol")),
        }
    }
}

/// Whether somebody tries to be let in.
#[must_use]
pub fn is_login(message: &Message) -> bool {
    match message {
        Message::Portal(m) => matches!(**m, Portal::Login { .. } | Portal::Claim { .. }),
        Message::Directory(m) => matches!(**m, Directory::Bind { .. }),
        _ => false,
    }
}
