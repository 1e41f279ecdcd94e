//! One end of a connection that may be in clear.

use super::{Client, Server};
use crate::wire::Message;

/// One end of a session that may be in clear: wraps and unwraps application messages.
#[derive(Clone, Debug)]
pub enum Channel {
    /// Without protection.
    Clear,
    /// TLS, client end.
    Client(Box<Client>),
    /// TLS, server end.
    Server(Box<Server>),
    /// Protected below, outside of the simulation.
    Outside {
        /// Subject of the certificate that the other end proved to hold; none where it was not asked for one.
        subject: Option<String>,
    },
}

impl Channel {
    /// Whether application messages may be sent.
    #[must_use]
    pub fn ready(&self) -> bool {
        match self {
            Self::Clear | Self::Outside { .. } => true,
            Self::Client(c) => c.key().is_some(),
            Self::Server(s) => s.key().is_some(),
        }
    }

    /// Whether messages are protected.
    #[must_use]
    pub fn protected(&self) -> bool {
        !matches!(self, Self::Clear)
    }

    /// An application message as it travels.
    #[must_use]
    pub fn wrap(&self, message: Message) -> Message {
        let key = match self {
            Self::Clear | Self::Outside { .. } => return message,
            Self::Client(c) => c.key(),
            Self::Server(s) => s.key(),
        };
        match key {
            Some(key) => message.under_tls(&key),
            None => Message::Opaque { bytes: 0 },
        }
    }
}
