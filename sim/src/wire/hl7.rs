//! Orders, observations and alarms between clinical systems.
//!
//! Inside the lab an [`Hl7`] travels by meaning. At its edges it has bytes: [`Message`] takes HL7 v2 apart without loss, [`Builder`] writes it,
//! and [`pcd`] reads and writes the messages of IHE patient care devices. Framing (MLLP) is in `proto::mllp`.

mod batch;
mod builder;
mod delimiters;
pub mod escape;
mod location;
mod message;
pub mod pcd;
mod scan;
mod stamp;
mod value;

pub use batch::{Part, split};
pub use builder::{BuildError, Builder};
pub use delimiters::{BadDelimiter, Delimiters, Role};
pub use location::{Flaw, Location, ParseError};
pub use message::{Limits, LineEnds, Message, Segment, SegmentId};
pub use stamp::Stamp;
pub use value::Value;

use super::Print;
use crate::clinical::delivery::AlarmKind;
use crate::clinical::order::InfusionOrder;

/// A clinical message.
#[derive(Clone, Debug)]
pub enum Hl7 {
    /// RGV^O15: an order for a pump (PCD-03).
    Order {
        /// The pump that is to be programmed.
        pump: String,
        /// The order.
        order: InfusionOrder,
    },
    /// RRG^O16 or ACK: the order's fate.
    OrderAnswer {
        /// Order number.
        order: u32,
        /// Whether it was delivered to the pump.
        accepted: bool,
    },
    /// ORU^R01: documentation of an infusion (PCD-01).
    Observation {
        /// Patient.
        patient: u32,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
    },
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
    /// Acknowledgement.
    Ack,
}
print_message!(enum Hl7 {
    Order { pump, order }, OrderAnswer { order, accepted }, Observation { patient, rate_ml_per_h },
    Alarm { pump, number, kind }, Silence { pump }, SeenAgain { pump }, Ack,
});

impl Hl7 {
    /// Length in bytes (`domain.md` 2.5 \[A\]).
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Order { .. } => 1500,
            Self::OrderAnswer { .. } => 400,
            Self::Observation { .. } => 900,
            Self::Alarm { .. } | Self::Silence { .. } | Self::SeenAgain { .. } => 800,
            Self::Ack => 120,
        }
    }
}

/// MLLP port.
pub const PORT: u16 = 2575;

/// Writes a message to a fingerprint.
pub fn fingerprint(message: &Hl7, h: &mut crate::engine::Fingerprint) {
    message.print(h);
}
