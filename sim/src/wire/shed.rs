//! Why a real socket cuts somebody off.

use crate::fingerprint::Fingerprint;
use serde::Serialize;

/// Why somebody outside of the simulation was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum Shed {
    /// More connections than are taken at once.
    TooManyConnections,
    /// The handshake, or the first message, took too long.
    TooSlow,
    /// Nothing came for too long.
    Idle,
    /// More messages than are taken in a time.
    TooFast,
    /// A message longer than is taken.
    TooLong,
    /// Something that is no message of the protocol.
    Malformed,
    /// Something that is no TLS where TLS is spoken, or a version of it that is not.
    NoTls,
    /// A message that is at fault: it was answered by a refusal, and the connection goes on.
    Faulty,
    /// It did not read what it was sent.
    DoesNotRead,
    /// It came to a service that is open and whose protocol has no form in bytes.
    NotSpoken,
}

impl Shed {
    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::TooManyConnections => "there are too many connections",
            Self::TooSlow => "a handshake or a message took too long",
            Self::Idle => "nothing came for too long",
            Self::TooFast => "messages came too fast",
            Self::TooLong => "a message is longer than is taken",
            Self::Malformed => "what came is no message of the protocol",
            Self::NoTls => "what came is no TLS that is spoken here",
            Self::Faulty => "a message is at fault, and was answered so",
            Self::DoesNotRead => "it does not read what it is sent",
            Self::NotSpoken => "the service is open, and its protocol has no form on sockets",
        }
    }
}
