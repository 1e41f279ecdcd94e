//! Orders, observations and alarms between clinical systems.
//!
//! Inside the lab a [`Letter`] travels by meaning. At its edges it has bytes: [`Message`] takes HL7 v2 apart without loss, [`Builder`] writes it,
//! and [`pcd`] reads and writes the messages of IHE patient care devices. Framing (MLLP) is in `proto::mllp`.

mod batch;
mod builder;
mod delimiters;
pub mod escape;
mod location;
mod message;
pub mod pcd;
mod scan;
mod segment_id;
mod stamp;
mod value;

pub use batch::{Part, split};
pub use builder::{BuildError, Builder};
pub use delimiters::{BadDelimiter, Delimiters, Role};
pub use location::{Flaw, Location, ParseError};
pub use message::{Limits, LineEnds, Message, Segment};
pub use segment_id::SegmentId;
pub use stamp::Stamp;
pub use value::Value;

use crate::clinical::delivery::AlarmKind;
use crate::clinical::order::InfusionOrder;
use crate::fingerprint::{Fingerprint, FingerprintHasher};
use pcd::{Header, Kind};

/// A clinical message.
#[derive(Clone, Debug, PartialEq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Hl7 {
    /// RGV^O15: an order for a pump (PCD-03).
    Order {
        /// The pump that is to be programmed.
        pump: String,
        /// The order.
        order: InfusionOrder,
    },
    /// ORU^R01: what a pump does for a patient (PCD-01).
    Observation(Box<pcd::Observation>),
    /// ORU^R40: an alarm (PCD-04).
    Alarm {
        /// Pump.
        pump: String,
        /// Alarm number of the pump.
        number: u32,
        /// Kind.
        kind: AlarmKind,
    },
    /// ORU^R40: a pump that was infusing has not been heard from.
    Silence {
        /// Pump.
        pump: String,
    },
    /// ORU^R40: a pump that was reported silent has been heard from.
    SeenAgain {
        /// Pump.
        pump: String,
    },
    /// ACK, or RRG^O16 for an order: what became of a message.
    Answer(Box<pcd::Ack>),
}

/// A clinical message with its header: who sends it, under which number, and which answers are wanted.
#[derive(Clone, Debug, PartialEq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Letter {
    /// Header. Its kind and event are those of the content.
    pub header: Header,
    /// What it says.
    pub content: Hl7,
}

impl Letter {
    /// A letter; kind and event of the header are set from the content, but for answers, which have those of what they answer.
    #[must_use]
    pub fn new(mut header: Header, content: Hl7) -> Self {
        if let Some(kind) = content.kind() {
            header.kind = kind;
            kind.parts()[1].clone_into(&mut header.event);
        }
        Self { header, content }
    }
}

impl Hl7 {
    /// What kind of message it is; none for an answer, whose kind is that of what it answers.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Order { .. } => Kind::Order,
            Self::Observation(_) => Kind::Observation,
            Self::Alarm { .. } | Self::Silence { .. } | Self::SeenAgain { .. } => Kind::Alarm,
            Self::Answer(_) => return None,
        })
    }

    /// A word for what it says. It tells a repetition from another message; it is no proof against forgery.
    #[must_use]
    pub fn digest(&self) -> u128 {
        let mut hasher = FingerprintHasher::new();
        self.fingerprint(&mut hasher);
        hasher.value().0
    }

    /// Length in bytes (`domain.md` 2.5 \[A\]).
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Order { .. } => 1500,
            Self::Answer(ack) if ack.order.is_some() => 400,
            Self::Answer(_) => 120,
            Self::Observation(_) => 900,
            Self::Alarm { .. } | Self::Silence { .. } | Self::SeenAgain { .. } => 800,
        }
    }
}

/// MLLP port.
pub const PORT: u16 = 2575;
