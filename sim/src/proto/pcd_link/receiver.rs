//! The end that is told something.

use crate::proto::mllp::{Decoder, FRAME_LIMIT, FrameError, encode};
use crate::time::Time;
use crate::wire::hl7::pcd::{self, Ack, AckCode, AckError, Content, Header, Kind, Party};
use crate::wire::hl7::{Message, ParseError, Stamp};
use std::collections::{BTreeMap, VecDeque};

/// What a receiver remembers, and how it names its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverConfig {
    /// How many messages are remembered, so that one that comes again is known. Defaults to 4,096 \[A\].
    pub remembered: usize,
    /// Longest message, bytes. Defaults to that of a frame.
    pub frame_limit: usize,
    /// Who answers, where the message does not say whom it is for.
    pub name: Party,
    /// The calendar's time at [`Time::ZERO`].
    pub epoch: Stamp,
}

impl ReceiverConfig {
    /// The defaults, for an end of this name.
    #[must_use]
    pub const fn new(name: Party, epoch: Stamp) -> Self {
        Self {
            remembered: 4_096,
            frame_limit: FRAME_LIMIT,
            name,
            epoch,
        }
    }
}

/// A message that the application has and has not answered: its sender and its control id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    sender: Party,
    control_id: String,
}

/// What the application makes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is taken.
    Taken,
    /// It is not taken, for this reason.
    Refused(String),
}

/// What a receiver tells its application.
#[derive(Clone, Debug, PartialEq)]
pub enum ReceiverEvent {
    /// A message, for the first time. It is to be answered by [`Receiver::answer`].
    Received {
        /// To answer it by.
        ticket: Ticket,
        /// Its header.
        header: Header,
        /// What it says.
        content: Content,
    },
    /// A message that had come before. It is answered as it was, and changes nothing.
    Repeated {
        /// The message.
        control_id: String,
    },
    /// Another message under the number of an earlier one. It is refused.
    Conflict {
        /// The message.
        control_id: String,
    },
    /// A message that is not understood. It was answered with what is wrong.
    Faulty(Ack),
    /// Bytes that are no message. They were answered with what is wrong.
    Unreadable(ParseError),
    /// The stream lost its framing; what follows is read from the next frame on.
    BadFrame(FrameError),
}

#[derive(Clone, Debug)]
struct Seen {
    digest: u64,
    header: Header,
    /// What was answered, framed.
    answers: Vec<u8>,
    answered: bool,
}

/// The end that is told something.
#[derive(Clone, Debug)]
pub struct Receiver {
    config: ReceiverConfig,
    decoder: Decoder,
    seen: BTreeMap<Ticket, Seen>,
    /// From the oldest to the newest.
    order: VecDeque<Ticket>,
    /// How many answers were made; numbers them.
    made: u64,
    transmit: VecDeque<Vec<u8>>,
    events: VecDeque<ReceiverEvent>,
}

impl Receiver {
    /// A receiver that has seen nothing.
    #[must_use]
    pub const fn new(config: ReceiverConfig) -> Self {
        let decoder = Decoder::new(config.frame_limit);
        Self {
            config,
            decoder,
            seen: BTreeMap::new(),
            order: VecDeque::new(),
            made: 0,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// A stream is open. What was seen over earlier ones stays seen.
    pub fn handle_open(&mut self) {
        self.decoder = Decoder::new(self.config.frame_limit);
        self.transmit.clear();
    }

    /// The stream is gone, with the answers that were not sent. The sender asks again.
    pub fn handle_closed(&mut self) {
        self.handle_open();
    }

    /// Bytes arrived.
    pub fn handle_input(&mut self, now: Time, mut input: &[u8]) {
        loop {
            match self.decoder.next_frame(&mut input) {
                Ok(Some(frame)) => self.frame(now, &frame),
                Ok(None) => return,
                Err(error) => {
                    self.events.push_back(ReceiverEvent::BadFrame(error));
                    self.decoder.resync();
                }
            }
        }
    }

    /// The application's verdict on a message. Given twice, or on a message that is no longer remembered, it does nothing.
    pub fn answer(&mut self, now: Time, ticket: &Ticket, verdict: &Verdict) {
        let Some(seen) = self.seen.get_mut(ticket).filter(|s| !s.answered) else {
            return;
        };
        seen.answered = true;
        let header = seen.header.clone();
        let mut ack = Ack::new(AckCode::Accept, &ticket.control_id);
        if let Verdict::Refused(reason) = verdict {
            ack.code = AckCode::Error;
            ack.errors.push(AckError {
                code: "207".to_owned(),
                condition: "Application internal error".to_owned(),
                message: reason.clone(),
                ..AckError::default()
            });
        }
        let success = ack.code.is_positive();
        if header.original_mode() || header.application.wants(success) {
            let frame = self.framed(now, &header, &ack);
            if let Some(seen) = self.seen.get_mut(ticket) {
                seen.answers.extend_from_slice(&frame);
            }
            self.transmit.push_back(frame);
        }
    }

    /// The next bytes to send. Ask after every call of a `handle_` function or of [`Receiver::answer`], until there are none.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.transmit.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<ReceiverEvent> {
        self.events.pop_front()
    }

    /// A receiver waits for nothing.
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Time> {
        None
    }

    fn frame(&mut self, now: Time, bytes: &[u8]) {
        let message = match Message::parse(bytes) {
            Ok(message) => message,
            Err(error) => {
                self.events.push_back(ReceiverEvent::Unreadable(error));
                let header = pcd::read_header(bytes).unwrap_or_default();
                let mut ack = Ack::unreadable(&error);
                ack.answers.clone_from(&header.control_id);
                self.refuse(now, &header, ack);
                return;
            }
        };
        let (header, content) = match pcd::read(&message) {
            Ok(read) => read,
            Err(unread) => {
                let header = &unread.header;
                let ack = Ack::faulty(&header.control_id, &unread.faults);
                self.refuse(now, header, ack.clone());
                self.events.push_back(ReceiverEvent::Faulty(ack));
                return;
            }
        };
        let ticket = Ticket {
            sender: header.sender.clone(),
            control_id: header.control_id.clone(),
        };
        let digest = digest(bytes);
        match self.seen.get(&ticket) {
            None => self.first(now, ticket, header, content, digest),
            Some(seen) if seen.digest == digest => {
                if !seen.answers.is_empty() {
                    self.transmit.push_back(seen.answers.clone());
                }
                let control_id = ticket.control_id;
                self.events
                    .push_back(ReceiverEvent::Repeated { control_id });
            }
            Some(_) => {
                let control_id = ticket.control_id;
                let mut ack = Ack::new(AckCode::Error, &control_id);
                ack.errors.push(AckError {
                    location: ["MSH", "1", "10", "", ""].map(str::to_owned),
                    code: "205".to_owned(),
                    condition: "Duplicate key identifier".to_owned(),
                    message: "another message had this number: give each its own".to_owned(),
                });
                self.refuse(now, &header, ack);
                self.events
                    .push_back(ReceiverEvent::Conflict { control_id });
            }
        }
    }

    /// A message that has not been seen.
    fn first(&mut self, now: Time, ticket: Ticket, header: Header, content: Content, digest: u64) {
        let mut answers = Vec::new();
        if header.accept.wants(true) {
            let ack = Ack::new(AckCode::CommitAccept, &ticket.control_id);
            answers = self.framed(now, &header, &ack);
            self.transmit.push_back(answers.clone());
        }
        while self.order.len() >= self.config.remembered.max(1) {
            if let Some(oldest) = self.order.pop_front() {
                self.seen.remove(&oldest);
            }
        }
        let seen = Seen {
            digest,
            header: header.clone(),
            answers,
            answered: false,
        };
        self.order.push_back(ticket.clone());
        self.seen.insert(ticket.clone(), seen);
        self.events.push_back(ReceiverEvent::Received {
            ticket,
            header,
            content,
        });
    }

    /// Answers a message that goes no further, as its sender asks to be answered: of its arrival, or else by the application, or not at all.
    fn refuse(&mut self, now: Time, header: &Header, mut ack: Ack) {
        if header.accept.wants(false) {
            ack.code = ack.code.of_arrival();
        } else if !header.original_mode() && !header.application.wants(false) {
            return;
        }
        let frame = self.framed(now, header, &ack);
        self.transmit.push_back(frame);
    }

    /// An answer in its frame.
    fn framed(&mut self, now: Time, to: &Header, ack: &Ack) -> Vec<u8> {
        self.made += 1;
        let seconds = i64::try_from(now.as_nanos() / 1_000_000_000).unwrap_or(i64::MAX);
        let at = self.config.epoch.unix().saturating_add(seconds);
        let at = Stamp::from_unix(at).unwrap_or(self.config.epoch);
        let mut header = to.answer(&format!("A{}", self.made), at);
        if header.sender.application.is_empty() {
            header.sender = self.config.name.clone();
        }
        let answers_order = to.kind == Kind::Order && ack.code.is_application();
        let kind = if answers_order {
            Kind::OrderAnswer
        } else {
            Kind::Ack
        };
        let mut frame = Vec::new();
        // An answer holds no number, and escapes what a frame cannot hold: neither step can fail. If one did, silence makes the sender ask again.
        if let Ok(message) = ack.write(&header, kind) {
            let _ = encode(&message, &mut frame);
        }
        frame
    }
}

/// A word for the bytes of a message. It tells repetition from another message; it is no proof against forgery.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |h: u64, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}
