//! Streams between sockets: whole messages, in order, acknowledged and repeated; not byte-level TCP.

use crate::crypto::CertificateFault;
use crate::engine::{Cause, EventId, RecordId};
use crate::event::outside::{Conn, Protection};
use crate::event::{NO_ITEM, PartId};
use crate::spec::ItemId;
use crate::time::Duration;
use crate::wire::{Ip, Message, Packet};
use std::collections::VecDeque;

/// A stream of one host: its slot and how often the slot was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub(super) u32);

impl From<Conn> for StreamId {
    fn from(conn: Conn) -> Self {
        Self(conn.0)
    }
}

impl From<StreamId> for Conn {
    fn from(stream: StreamId) -> Self {
        Self(stream.0)
    }
}

/// First time to repeat after; doubles each time.
pub(super) const REPEAT: Duration = Duration::from_secs(1);
/// Repetitions before a stream is given up.
pub(super) const REPETITIONS: u8 = 4;

/// State of a stream's opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// SYN sent.
    Opening,
    /// SYN received and answered.
    Answered,
    /// Open.
    Open,
}

/// One end of a stream.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) id: StreamId,
    pub(super) app: PartId,
    pub(super) local: (Ip, u16),
    pub(super) peer: (Ip, u16),
    pub(super) phase: Phase,
    /// Number of the next message to send for the first time.
    pub(super) next: u32,
    /// Sent and not acknowledged, oldest first, with the event that sent it first.
    pub(super) unacknowledged: VecDeque<(u32, Box<Message>, Cause)>,
    /// The event that asked for the stream.
    pub(super) asked: Cause,
    /// The record of why somebody listens here, where that is not the host's role.
    pub(super) because: Option<RecordId>,
    /// Number of the next message expected.
    pub(super) expected: u32,
    pub(super) owes_ack: bool,
    pub(super) repetitions: u8,
    pub(super) timer: Option<EventId>,
    pub(super) closing: bool,
    /// What protects it, where it runs outside.
    pub(super) protection: Option<Protection>,
}

impl Stream {
    pub(super) fn new(
        id: StreamId,
        app: PartId,
        local: (Ip, u16),
        peer: (Ip, u16),
        phase: Phase,
    ) -> Self {
        Self {
            id,
            app,
            local,
            peer,
            phase,
            next: 0,
            unacknowledged: VecDeque::new(),
            asked: Cause::GENESIS,
            because: None,
            expected: 0,
            owes_ack: false,
            repetitions: 0,
            timer: None,
            closing: false,
            protection: None,
        }
    }

    /// The event that sent what waits for an answer: why something is repeated, and not the repetition before.
    pub(super) fn awaits_since(&self) -> Cause {
        let oldest = self.unacknowledged.front().map(|(_, _, sent)| *sent);
        oldest
            .filter(|_| self.phase == Phase::Open)
            .unwrap_or(self.asked)
    }

    /// What was sent and not acknowledged.
    pub(super) fn to_repeat(&self) -> Vec<(u32, Box<Message>)> {
        let waiting = self.unacknowledged.iter();
        waiting.map(|(seq, m, _)| (*seq, m.clone())).collect()
    }
}

/// What a socket tells its owner.
#[derive(Clone, Debug)]
pub enum SocketEvent {
    /// A stream that was asked for is open.
    Opened(StreamId),
    /// A stream could not be opened or broke.
    Failed {
        /// Stream.
        stream: StreamId,
        /// Whether it was refused or reset, rather than unanswered.
        refused: bool,
    },
    /// Somebody opened a stream to a listening port.
    Accepted {
        /// Stream.
        stream: StreamId,
        /// Listening port.
        port: u16,
        /// Other end.
        peer: Ip,
    },
    /// A message arrived on a stream.
    Message {
        /// Stream.
        stream: StreamId,
        /// Message.
        message: Box<Message>,
    },
    /// The other end closed.
    Closed(StreamId),
    /// A packet for another address came to the interface (only whoever steps in between takes it).
    Passing(Box<Packet>),
    /// A datagram arrived.
    Datagram {
        /// Sender.
        from: (Ip, u16),
        /// Port that it was sent to.
        port: u16,
        /// Message.
        message: Box<Message>,
    },
    /// A name was looked up.
    Resolved {
        /// Number given when asking.
        query: u32,
        /// Address, if the name exists and a server answered.
        ip: Option<Ip>,
    },
    /// This end refused what the other end of a stream outside showed of itself.
    Untrusted {
        /// The stream, where this host asked for it.
        stream: Option<StreamId>,
        /// The other end.
        peer: Ip,
        /// What was wrong.
        fault: CertificateFault,
    },
    /// The host has an address and may communicate.
    Up,
    /// The host lost its link or its address.
    Down,
}

/// A port that somebody listens on.
#[derive(Clone, Copy, Debug)]
pub struct Listener {
    /// Port.
    pub port: u16,
    /// PartId.
    pub app: PartId,
    /// Configuration item that opened it.
    pub item: ItemId,
    /// The record of what opened it, where that is not the host's role.
    pub because: Option<RecordId>,
}

impl Listener {
    /// A listener that is part of the host's role.
    #[must_use]
    pub fn of_role(port: u16, app: PartId) -> Self {
        Self {
            port,
            app,
            item: NO_ITEM,
            because: None,
        }
    }
}
