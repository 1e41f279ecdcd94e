//! HL7 messages over a stream that may break: kept until answered, sent again under the same number, given to the application once.
//!
//! [`Sender`] and [`Receiver`] are the two ends, in messages; bytes are made at the edges. Both are told what happens (`handle_…`), then asked what follows (`poll_…`) until nothing does.
//! One message is under way at a time, so that messages arrive in order.

mod receiver;
mod sender;

#[cfg(test)]
mod tests;

pub use receiver::{Receiver, ReceiverConfig, ReceiverEvent, Ticket, Verdict, answer, refusal};
pub use sender::{SendError, Sender, SenderConfig, SenderEvent};
