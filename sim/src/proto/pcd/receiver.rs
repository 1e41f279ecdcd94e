//! The end that is told something.

use crate::time::Time;
use crate::wire::hl7::pcd::{Ack, AckCode, AckError, Header, Kind, Party};
use crate::wire::hl7::{Hl7, Letter, Stamp};
use std::collections::{BTreeMap, VecDeque};

/// What a receiver remembers, and how it names its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverConfig {
    /// How many messages are remembered, so that one that comes again is known. Defaults to 4,096 \[A\].
    pub remembered: usize,
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
    /// It is in error: where and why.
    Refused(Box<AckError>),
    /// The application does not take such messages.
    NotTaken,
}

/// What a receiver tells its application.
#[derive(Clone, Debug, PartialEq)]
pub enum ReceiverEvent {
    /// A message, for the first time. It is to be answered by [`Receiver::answer`].
    Received {
        /// To answer it by.
        ticket: Ticket,
        /// What it says.
        content: Hl7,
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
}

#[derive(Clone, Debug)]
struct Seen<S> {
    digest: u128,
    header: Header,
    /// What was answered.
    answers: Vec<Letter>,
    answered: bool,
    /// The number of the order that it is, for the answer to name.
    order: Option<u32>,
    /// The stream on which it came last: there the answer goes.
    stream: Option<S>,
}

/// The end that is told something, over any number of streams: `S` names one.
#[derive(Clone, Debug)]
pub struct Receiver<S> {
    config: ReceiverConfig,
    seen: BTreeMap<Ticket, Seen<S>>,
    /// From the oldest to the newest.
    order: VecDeque<Ticket>,
    /// How many answers were made; numbers them.
    made: u64,
    transmit: VecDeque<(S, Letter)>,
    events: VecDeque<ReceiverEvent>,
}

impl<S: Copy + Eq> Receiver<S> {
    /// A receiver that has seen nothing.
    #[must_use]
    pub const fn new(config: ReceiverConfig) -> Self {
        Self {
            config,
            seen: BTreeMap::new(),
            order: VecDeque::new(),
            made: 0,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// A stream is gone, with the answers that were not sent. Their sender asks again, over another.
    pub fn handle_gone(&mut self, stream: S) {
        self.transmit.retain(|(s, _)| *s != stream);
        for seen in self.seen.values_mut() {
            seen.stream = seen.stream.filter(|s| *s != stream);
        }
    }

    /// The application starts anew. What it answered stays known; what it had not answered is forgotten with whatever it was doing about it, and
    /// is news when it comes again.
    pub fn restart(&mut self) {
        self.transmit.clear();
        self.events.clear();
        self.seen.retain(|_, seen| seen.answered);
        self.order.retain(|ticket| self.seen.contains_key(ticket));
        self.seen.values_mut().for_each(|seen| seen.stream = None);
    }

    /// A message arrived. Answers that come here are nobody's.
    pub fn handle_message(&mut self, now: Time, stream: S, letter: Letter) {
        let Letter { header, content } = letter;
        if matches!(content, Hl7::Answer(_)) {
            return;
        }
        let ticket = Ticket {
            sender: header.sender.clone(),
            control_id: header.control_id.clone(),
        };
        let digest = content.digest();
        match self.seen.get_mut(&ticket) {
            None => self.first(now, stream, ticket, Letter { header, content }, digest),
            Some(seen) if seen.digest == digest => {
                seen.stream = Some(stream);
                let answers = seen.answers.iter().map(|a| (stream, a.clone()));
                self.transmit.extend(answers);
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
                if let Some(refusal) = refusal(&header, ack) {
                    let letter = self.letter(now, &header, refusal);
                    self.transmit.push_back((stream, letter));
                }
                self.events
                    .push_back(ReceiverEvent::Conflict { control_id });
            }
        }
    }

    /// The application's verdict on a message. Given twice, or on a message that is no longer remembered, it does nothing.
    pub fn answer(&mut self, now: Time, ticket: &Ticket, verdict: Verdict) {
        let Some(seen) = self.seen.get_mut(ticket).filter(|s| !s.answered) else {
            return;
        };
        seen.answered = true;
        let header = seen.header.clone();
        let mut ack = Ack::new(AckCode::Accept, &ticket.control_id);
        ack.order = seen.order.map(|order| order.to_string());
        match verdict {
            Verdict::Taken => {}
            Verdict::Refused(error) => {
                ack.code = AckCode::Error;
                ack.errors.push(*error);
            }
            Verdict::NotTaken => {
                ack.code = AckCode::Reject;
                ack.errors.push(AckError {
                    location: ["MSH", "1", "9", "", ""].map(str::to_owned),
                    code: "200".to_owned(),
                    condition: "Unsupported message type".to_owned(),
                    message: "such messages are not taken here".to_owned(),
                });
            }
        }
        let success = ack.code.is_positive();
        if header.original_mode() || header.application.wants(success) {
            let letter = self.letter(now, &header, ack);
            if let Some(seen) = self.seen.get_mut(ticket) {
                seen.answers.push(letter.clone());
                self.transmit.extend(seen.stream.map(|s| (s, letter)));
            }
        }
    }

    /// The next message to send, and where. Ask after every call of a `handle_` function or of [`Receiver::answer`], until there are none.
    pub fn poll_transmit(&mut self) -> Option<(S, Letter)> {
        self.transmit.pop_front()
    }

    /// The next thing that happened. A receiver waits for nothing, so it has no timeout.
    pub fn poll_event(&mut self) -> Option<ReceiverEvent> {
        self.events.pop_front()
    }

    /// A message that has not been seen.
    fn first(&mut self, now: Time, stream: S, ticket: Ticket, letter: Letter, digest: u128) {
        let Letter { header, content } = letter;
        let mut answers = Vec::new();
        if header.accept.wants(true) {
            let ack = Ack::new(AckCode::CommitAccept, &ticket.control_id);
            let committed = self.letter(now, &header, ack);
            self.transmit.push_back((stream, committed.clone()));
            answers.push(committed);
        }
        while self.order.len() >= self.config.remembered.max(1) {
            if let Some(oldest) = self.order.pop_front() {
                self.seen.remove(&oldest);
            }
        }
        let seen = Seen {
            digest,
            header,
            answers,
            answered: false,
            order: match &content {
                Hl7::Order { order, .. } => Some(order.id),
                _ => None,
            },
            stream: Some(stream),
        };
        self.order.push_back(ticket.clone());
        self.seen.insert(ticket.clone(), seen);
        self.events
            .push_back(ReceiverEvent::Received { ticket, content });
    }

    /// An answer under its header.
    fn letter(&mut self, now: Time, to: &Header, ack: Ack) -> Letter {
        self.made += 1;
        let number = format!("A{}", self.made);
        let at = self.config.epoch.after(now);
        answer(to, &self.config.name, (&number, at), ack)
    }
}

/// An answer under its header, from `name` where the message did not say whom it was for.
#[must_use]
pub fn answer(to: &Header, name: &Party, (number, at): (&str, Stamp), ack: Ack) -> Letter {
    let mut header = to.answer(number, at);
    if header.sender.application.is_empty() {
        header.sender = name.clone();
    }
    // A message that says neither of itself is answered in the lab's own way.
    if header.version.is_empty() {
        "2.6".clone_into(&mut header.version);
    }
    if header.processing.is_empty() {
        "P".clone_into(&mut header.processing);
    }
    let answers_order = to.kind == Kind::Order && ack.code.is_application();
    header.kind = if answers_order {
        Kind::OrderAnswer
    } else {
        Kind::Ack
    };
    let content = Hl7::Answer(Box::new(ack));
    Letter { header, content }
}

/// What a message that goes no further is answered, as its sender asks to be answered: of its arrival, or else by the application, or not at all.
#[must_use]
pub fn refusal(header: &Header, mut ack: Ack) -> Option<Ack> {
    if header.accept.wants(false) {
        ack.code = ack.code.of_arrival();
    } else if !header.original_mode() && !header.application.wants(false) {
        return None;
    }
    Some(ack)
}
