//! What is spoken on a connection, as far as it is framed: messages of the lab as bytes, and bytes as messages.

use super::frame::{self, FrameError};
use super::limits::Limits;
use super::lines::{Manner, ftp::Ftp, telnet::Telnet, web::Web};
use super::pki::Signatures;
use super::staff::{self, Clerk};
use super::vault::Vault;
use pumplab_sim::wire::http::Http;
use pumplab_sim::wire::portal::{Directory, Portal};
use pumplab_sim::wire::shell::Shell;
use pumplab_sim::wire::{self, Message};
use std::net::IpAddr;
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
    /// A maintenance service, with the address at which it listens for connections of its own.
    Lines(Service, Arc<Vault>, IpAddr),
    /// A service whose protocol has no form in bytes: it is open, and takes nothing.
    Unspoken,
}

/// A maintenance service that is spoken on sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Remote shell.
    Telnet,
    /// File transfer.
    Ftp,
    /// Web.
    Web,
}

/// Connections to a port of a portal or a maintenance service at a time, at the most.
const FEW: usize = 64;

impl Speech {
    /// Longest message that the listening end takes, in bytes.
    #[must_use]
    pub fn longest(&self) -> usize {
        match self {
            Self::Pump | Self::Clinical(_) => frame::LONGEST_TO_SERVER,
            Self::Portal(_) => staff::LONGEST_TO_PORTAL,
            Self::Directory(_) => staff::LONGEST_TO_DIRECTORY,
            Self::Lines(..) | Self::Unspoken => 0,
        }
    }

    /// Connections to a port at a time, at the most.
    #[must_use]
    pub fn connections(&self, limits: &Limits) -> usize {
        match self {
            Self::Pump | Self::Clinical(_) => limits.connections,
            _ => limits.connections.min(FEW),
        }
    }

    /// The machine of a maintenance service, and the address at which it listens; none for other speeches.
    #[must_use]
    pub fn manner(&self) -> Option<(Box<dyn Manner>, IpAddr)> {
        let Self::Lines(service, vault, bind) = self else {
            return None;
        };
        let vault = vault.clone();
        let manner: Box<dyn Manner> = match service {
            Service::Telnet => Box::new(Telnet::new(vault)),
            Service::Ftp => Box::new(Ftp::new(vault)),
            Service::Web => Box::new(Web::new(vault)),
        };
        Some((manner, *bind))
    }

    /// Whether hosts of the run can connect there: maintenance services are spoken by whoever comes from outside only.
    #[must_use]
    pub fn is_dialled(&self) -> bool {
        !matches!(self, Self::Lines(..) | Self::Unspoken)
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
            Self::Clinical(_) | Self::Lines(..) | Self::Unspoken => {
                return Err(FrameError::NotCarried("a message without a frame"));
            }
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
        Message::Shell(m) => matches!(**m, Shell::Login { .. }),
        Message::Ftp(m) => matches!(**m, wire::shell::Ftp::Login { .. }),
        Message::Http(m) => matches!(**m, Http::Configure { .. }),
        _ => false,
    }
}
