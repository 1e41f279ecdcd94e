//! The messages of IHE patient care devices that the lab speaks: orders (PCD-03), observations (PCD-01), alarms (PCD-04), acknowledgements.
//!
//! What is read here becomes what the lab works with (`clinical` orders, [`PumpStatus`](crate::wire::pump::PumpStatus), alarms), or a list of
//! [`Fault`]s that says in the sender's own terms what is missing or wrong: an [`Ack`] carries it back in ERR segments.

mod ack;
mod alarm;
mod fault;
mod header;
mod observation;
mod order;
pub mod term;

#[cfg(test)]
mod tests;

pub use ack::{Ack, AckCode, AckError};
pub use alarm::{Alarm, Notice, Phase};
pub use fault::{Fault, FaultKind, MAX_FAULTS};
pub use header::{Header, Kind, Party, Wish};
pub use observation::Observation;
pub use order::Order;

use super::builder::BuildError;
use super::{Hl7, Letter, Message};
use fault::Reader;

/// A message as the lab understands it.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// RGV^O15: an order for a pump.
    Order(Box<Order>),
    /// ORU^R01: what a pump does.
    Observation(Box<Observation>),
    /// ORU^R40: an alarm of a pump, or about one.
    Alarm(Box<Alarm>),
    /// ACK or RRG^O16: an answer.
    Ack(Box<Ack>),
}

/// What stands for what a message may leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Care area of an order without PV1-3, as the published samples have none. None: such an order is at fault.
    pub care_area: Option<String>,
}

/// A message that the lab does not understand, or not in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What could be read of its header.
    pub header: Header,
    /// What is missing or wrong; at least one fault, at most [`MAX_FAULTS`].
    pub faults: Vec<Fault>,
}

/// Reads a message that leaves nothing out.
///
/// # Errors
/// As [`read_with`].
pub fn read(message: &Message<'_>) -> Result<(Header, Content), Box<Unread>> {
    read_with(message, &Defaults::default())
}

/// Reads a message.
///
/// # Errors
/// Everything that is missing or wrong, with what could be read of the header.
pub fn read_with(
    message: &Message<'_>,
    defaults: &Defaults,
) -> Result<(Header, Content), Box<Unread>> {
    let mut reader = Reader::new(message);
    let header = Header::read(&mut reader);
    let content = match header.kind {
        Kind::Order => Order::read(&mut reader, defaults).map(|o| Content::Order(Box::new(o))),
        Kind::Observation => {
            Observation::read(&mut reader).map(|o| Content::Observation(Box::new(o)))
        }
        Kind::Alarm => Alarm::read(&mut reader).map(|a| Content::Alarm(Box::new(a))),
        Kind::Ack | Kind::OrderAnswer => Ack::read(&mut reader).map(|a| Content::Ack(Box::new(a))),
        Kind::Unsupported => None,
    };
    match (content, reader.finish()) {
        (Some(content), faults) if faults.is_empty() => Ok((header, content)),
        (_, faults) => Err(Box::new(Unread { header, faults })),
    }
}

/// The header of bytes that may not be a message as a whole, for the answer to them. None if even that cannot be read.
#[must_use]
pub fn read_header(bytes: &[u8]) -> Option<Header> {
    let end = bytes.iter().position(|b| matches!(b, b'\r' | b'\n'));
    let first = Message::parse(&bytes[..end.unwrap_or(bytes.len())]).ok()?;
    Some(Header::read(&mut Reader::new(&first)))
}

/// Writes a message of the lab. An answer is written as what its header says: ACK or RRG^O16.
///
/// # Errors
/// A number that is none, or delimiters that do not suffice.
pub fn write(letter: &Letter) -> Result<Vec<u8>, BuildError> {
    let header = &letter.header;
    match &letter.content {
        Hl7::Order { pump, order } => Order {
            pump: pump.clone(),
            order: order.clone(),
        }
        .write(header),
        Hl7::Observation(observation) => observation.write(header),
        Hl7::Alarm { pump, number, kind } => {
            Alarm::started(pump, *number, Notice::Alarm(*kind)).write(header)
        }
        Hl7::Silence { pump } => Alarm::started(pump, 0, Notice::Silent).write(header),
        Hl7::SeenAgain { pump } => Alarm {
            phase: Phase::End,
            active: false,
            ..Alarm::started(pump, 0, Notice::Silent)
        }
        .write(header),
        Hl7::Answer(ack) => ack.write(header, header.kind),
    }
}

impl Content {
    /// The message as it travels inside the lab. None for what the lab has no message for: an alarm that ends, or goes on.
    #[must_use]
    pub fn to_hl7(&self) -> Option<Hl7> {
        Some(match self {
            Self::Order(order) => Hl7::Order {
                pump: order.pump.clone(),
                order: order.order.clone(),
            },
            Self::Observation(observation) => Hl7::Observation(observation.clone()),
            Self::Alarm(alarm) => alarm.to_hl7()?,
            Self::Ack(ack) => Hl7::Answer(ack.clone()),
        })
    }
}
