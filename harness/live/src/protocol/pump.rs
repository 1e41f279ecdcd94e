//! The pump protocol as bytes: a length of four bytes, most significant first, and that many bytes of JSON.
//!
//! The format is pumplab's own. JSON makes it readable in a proxy; every message is one object with its kind under `type`, and a key that
//! is not known is an error. The messages and their JSON are those of `pumplab_sim::wire::pump`; here symbolic signatures are turned into real ones.
//! `docs/reference/pump-protocol.md` describes the format for whoever writes a client.

use super::{Action, Handler, Reject, Reply};
use crate::pki::Signatures;
use bytes::Bytes;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::json::SignedText;
use pumplab_sim::wire::pump::{Pump as Frame, PumpMessage};
use pumplab_sim::wire::shed::Shed as Rejection;
use serde::Serialize;
use std::sync::Arc;

/// Longest message that a server takes from whoever connects, in bytes.
pub const LONGEST_TO_SERVER: usize = 64 * 1024;
/// Longest message that a pump takes, in bytes: a library of some thousand entries.
pub const LONGEST_TO_PUMP: usize = 1024 * 1024;

/// Why bytes are no message.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The bytes are no JSON, or JSON of another shape.
    #[error("not a message of the pump protocol: {0}")]
    Json(#[from] serde_json::Error),
    /// The same where passwords travel: what stood there is not repeated.
    #[error("not a message of the portal or the directory: see column {column}")]
    Unread {
        /// Place in the message, from 1.
        column: usize,
    },
    /// A value that no pump or server sends.
    #[error("`{key}` {problem}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong, as in "is longer than 253 bytes".
        problem: String,
    },
    /// A message that this protocol does not carry as bytes.
    #[error("{0} has no form in bytes")]
    NotCarried(&'static str),
}

/// A message as JSON.
///
/// # Errors
/// For a message that has no form in bytes.
pub fn encode(message: &PumpMessage, signatures: &Signatures) -> Result<Bytes, FrameError> {
    let text = |library| Ok::<_, FrameError>(signatures.to_text(&library));
    json(&message.clone().try_map(text)?)
}

/// A value as JSON.
pub(super) fn json(value: &impl Serialize) -> Result<Bytes, FrameError> {
    Ok(serde_json::to_vec(value)?.into())
}

/// The message that these bytes are.
///
/// # Errors
/// When they are none.
pub fn decode(bytes: &[u8], signatures: &Signatures) -> Result<PumpMessage, FrameError> {
    let frame: Frame<SignedText> = serde_json::from_slice(bytes)?;
    frame.try_map(|library| Ok(signatures.from_text(library)))
}

/// One end of a pump's session.
#[derive(Debug)]
pub struct Pump {
    signatures: Arc<Signatures>,
}

impl Pump {
    /// Nothing has been said.
    #[must_use]
    pub fn new(signatures: Arc<Signatures>) -> Self {
        Self { signatures }
    }
}

impl Handler for Pump {
    fn request(&mut self, request: Bytes) -> Result<Action, Reject> {
        let message = decode(&request, &self.signatures);
        let message = message.map_err(|_| Reject::silent(Rejection::Malformed))?;
        Ok(Action::Deliver(Box::new(Message::Pump(Box::new(message)))))
    }

    fn message(&mut self, message: &Message) -> Option<Reply> {
        let Message::Pump(message) = message else {
            return None;
        };
        encode(message, &self.signatures).ok().map(Reply::one)
    }
}
