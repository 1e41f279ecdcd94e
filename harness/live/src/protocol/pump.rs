//! The pump protocol as bytes: a length of four bytes, most significant first, and that many bytes of JSON.
//!
//! The format is pumplab's own. JSON makes it readable in a proxy; every message is one object with its kind under `type`, and a key that
//! is not known is an error. `docs/reference/pump-protocol.md` describes it for whoever writes a client.

use super::{Action, Handler, Reject, Reply};
use crate::pki::Signatures;
use bytes::Bytes;
use pumplab_sim::clinical::delivery::AlarmKind;
use pumplab_sim::clinical::drug_library::DrugLibrary;
use pumplab_sim::clinical::order::InfusionOrder;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::pump::{LogEntry, PumpLogEvent, PumpMessage, PumpStatus, SignedLibrary};
use pumplab_sim::wire::shed::Shed as Rejection;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Longest message that a server takes from whoever connects, in bytes.
pub const LONGEST_TO_SERVER: usize = 64 * 1024;
/// Longest message that a pump takes, in bytes: a library of some thousand entries.
pub const LONGEST_TO_PUMP: usize = 1024 * 1024;
/// Longest name of a pump or a server, in bytes: that of a DNS name.
const LONGEST_NAME: usize = 253;
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
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
enum Frame {
    Hello {
        pump: String,
        library_version: u32,
        log_from: u32,
    },
    Welcome {
        server: String,
    },
    Status {
        infusing: bool,
        rate_ml_per_h: f64,
        infused_ml: f64,
        library_version: u32,
    },
    Alarm {
        number: u32,
        kind: AlarmKind,
    },
    AlarmTaken {
        number: u32,
    },
    Log {
        entries: Vec<Entry>,
    },
    LogTaken {
        through: u32,
    },
    LibraryOffer {
        library: DrugLibrary,
        /// ECDSA P-256 with SHA-256 over [`crate::pki::signed_bytes`], DER, in hexadecimal digits.
        signature: Option<String>,
    },
    LibraryAnswer {
        version: u32,
        accepted: bool,
    },
    LibraryActive {
        version: u32,
    },
    Order {
        order: InfusionOrder,
    },
    OrderAnswer {
        order: u32,
        accepted: bool,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    number: u32,
    event: LogEvent,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum LogEvent {
    Started { patient: u32, rate_ml_per_h: f64 },
    Stopped {},
    RateChanged { rate_ml_per_h: f64 },
    LimitOverridden {},
    LimitHeld {},
    Alarm { alarm: AlarmKind },
    LibraryActive { version: u32 },
}

/// A message as JSON.
///
/// # Errors
/// For a message that has no form in bytes.
pub fn encode(message: &PumpMessage, signatures: &Signatures) -> Result<Bytes, FrameError> {
    json(&frame_of(message, signatures)?)
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
    message_of(serde_json::from_slice(bytes)?, signatures)
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

fn frame_of(message: &PumpMessage, signatures: &Signatures) -> Result<Frame, FrameError> {
    Ok(match message.clone() {
        PumpMessage::Hello {
            pump,
            library_version,
            log_from,
        } => Frame::Hello {
            pump,
            library_version,
            log_from,
        },
        PumpMessage::Welcome { server } => Frame::Welcome { server },
        PumpMessage::Status(s) => Frame::Status {
            infusing: s.infusing,
            rate_ml_per_h: s.rate_ml_per_h,
            infused_ml: s.infused_ml,
            library_version: s.library_version,
        },
        PumpMessage::Alarm { number, kind } => Frame::Alarm { number, kind },
        PumpMessage::AlarmTaken { number } => Frame::AlarmTaken { number },
        PumpMessage::Log { entries } => Frame::Log {
            entries: entries.iter().map(entry_of).collect(),
        },
        PumpMessage::LogTaken { through } => Frame::LogTaken { through },
        PumpMessage::LibraryOffer(offer) => Frame::LibraryOffer {
            signature: offer
                .signature
                .map(|s| signatures.to_bytes(&s, &offer.library)),
            library: (*offer.library).clone(),
        },
        PumpMessage::LibraryAnswer { version, accepted } => {
            Frame::LibraryAnswer { version, accepted }
        }
        PumpMessage::LibraryActive { version } => Frame::LibraryActive { version },
        PumpMessage::Order(order) => Frame::Order { order },
        PumpMessage::OrderAnswer { order, accepted } => Frame::OrderAnswer { order, accepted },
        PumpMessage::ImageOffer(_) => return Err(FrameError::NotCarried("an offer of firmware")),
        PumpMessage::ImageAnswer { .. } => {
            return Err(FrameError::NotCarried("an answer to an offer of firmware"));
        }
    })
}

fn message_of(frame: Frame, signatures: &Signatures) -> Result<PumpMessage, FrameError> {
    Ok(match frame {
        Frame::Hello {
            pump,
            library_version,
            log_from,
        } => PumpMessage::Hello {
            pump: name("pump", pump)?,
            library_version,
            log_from,
        },
        Frame::Welcome { server } => PumpMessage::Welcome {
            server: name("server", server)?,
        },
        Frame::Status {
            infusing,
            rate_ml_per_h,
            infused_ml,
            library_version,
        } => PumpMessage::Status(PumpStatus {
            infusing,
            rate_ml_per_h: quantity("rate_ml_per_h", rate_ml_per_h)?,
            infused_ml: quantity("infused_ml", infused_ml)?,
            library_version,
        }),
        Frame::Alarm { number, kind } => PumpMessage::Alarm { number, kind },
        Frame::AlarmTaken { number } => PumpMessage::AlarmTaken { number },
        Frame::Log { entries } => PumpMessage::Log {
            entries: entries
                .into_iter()
                .map(entry_from)
                .collect::<Result<_, _>>()?,
        },
        Frame::LogTaken { through } => PumpMessage::LogTaken { through },
        Frame::LibraryOffer { library, signature } => {
            let signature = signature.map(|s| signatures.from_bytes(&s, &library));
            PumpMessage::LibraryOffer(SignedLibrary {
                library: Arc::new(library),
                signature,
            })
        }
        Frame::LibraryAnswer { version, accepted } => {
            PumpMessage::LibraryAnswer { version, accepted }
        }
        Frame::LibraryActive { version } => PumpMessage::LibraryActive { version },
        Frame::Order { order } => {
            quantity("rate_ml_per_h", order.rate_ml_per_h)?;
            quantity("vtbi_ml", order.vtbi_ml)?;
            PumpMessage::Order(order)
        }
        Frame::OrderAnswer { order, accepted } => PumpMessage::OrderAnswer { order, accepted },
    })
}

fn entry_of(entry: &LogEntry) -> Entry {
    let event = match entry.event {
        PumpLogEvent::Started {
            patient,
            rate_ml_per_h,
        } => LogEvent::Started {
            patient,
            rate_ml_per_h,
        },
        PumpLogEvent::Stopped => LogEvent::Stopped {},
        PumpLogEvent::RateChanged { rate_ml_per_h } => LogEvent::RateChanged { rate_ml_per_h },
        PumpLogEvent::LimitOverridden => LogEvent::LimitOverridden {},
        PumpLogEvent::LimitHeld => LogEvent::LimitHeld {},
        PumpLogEvent::Alarm { kind } => LogEvent::Alarm { alarm: kind },
        PumpLogEvent::LibraryActive { version } => LogEvent::LibraryActive { version },
    };
    Entry {
        number: entry.number,
        event,
    }
}

fn entry_from(entry: Entry) -> Result<LogEntry, FrameError> {
    let event = match entry.event {
        LogEvent::Started {
            patient,
            rate_ml_per_h,
        } => PumpLogEvent::Started {
            patient,
            rate_ml_per_h: quantity("rate_ml_per_h", rate_ml_per_h)?,
        },
        LogEvent::Stopped {} => PumpLogEvent::Stopped,
        LogEvent::RateChanged { rate_ml_per_h } => PumpLogEvent::RateChanged {
            rate_ml_per_h: quantity("rate_ml_per_h", rate_ml_per_h)?,
        },
        LogEvent::LimitOverridden {} => PumpLogEvent::LimitOverridden,
        LogEvent::LimitHeld {} => PumpLogEvent::LimitHeld,
        LogEvent::Alarm { alarm } => PumpLogEvent::Alarm { kind: alarm },
        LogEvent::LibraryActive { version } => PumpLogEvent::LibraryActive { version },
    };
    Ok(LogEntry {
        number: entry.number,
        event,
    })
}

/// A name of a host, as long as such names may be.
pub(super) fn name(key: &'static str, name: String) -> Result<String, FrameError> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        let problem = format!("is empty or longer than {LONGEST_NAME} bytes");
        return Err(FrameError::Value { key, problem });
    }
    Ok(name)
}

fn quantity(key: &'static str, value: f64) -> Result<f64, FrameError> {
    if !value.is_finite() || value < 0.0 {
        let problem = format!("is {value}; a finite number from 0 on is taken");
        return Err(FrameError::Value { key, problem });
    }
    Ok(value)
}
