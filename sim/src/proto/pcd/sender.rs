//! The end that has something to say.

use crate::time::{Duration, Time};
use crate::wire::hl7::pcd::{Ack, Header, Wish};
use crate::wire::hl7::{Hl7, Letter};
use std::collections::VecDeque;

/// How patient a sender is. All defaults are assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderConfig {
    /// How long an answer may take before the message is sent again. Defaults to 10 s.
    pub answer_within: Duration,
    /// How often a message is sent over an open stream before it is given up. Defaults to 5. Streams that break do not count.
    pub attempts: u32,
    /// How many messages may wait. Defaults to 1,000.
    pub queue: usize,
}

impl Default for SenderConfig {
    fn default() -> Self {
        Self {
            answer_within: Duration::from_secs(10),
            attempts: 5,
            queue: 1_000,
        }
    }
}

/// Why a message is not taken for sending.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// As many wait as may.
    #[error("{0} messages wait already: try again when some have been answered")]
    Full(usize),
    /// It has no control id.
    #[error("MSH-10 is empty: give the message a number, its answer names it")]
    NoControlId,
    /// A message with this control id waits already.
    #[error("MSH-10 `{0}` waits already: give each message a number of its own")]
    SameControlId(String),
    /// It wants no answer that would come for certain.
    #[error("MSH-15 and MSH-16 want no certain answer: ask for one with AL, or leave both empty")]
    NoAnswer,
}

/// What a sender tells its application.
#[derive(Clone, Debug, PartialEq)]
pub enum SenderEvent {
    /// The last answer to a message: it was taken, or not.
    Answered {
        /// The message.
        letter: Box<Letter>,
        /// The answer.
        ack: Box<Ack>,
    },
    /// A message is safe at the receiver; its application's answer is to come.
    Committed {
        /// Control id of the message.
        control_id: String,
    },
    /// Nobody answered. Whether the message arrived is not known, unless it was committed.
    GaveUp {
        /// The message.
        letter: Box<Letter>,
        /// Whether it had arrived.
        committed: bool,
    },
    /// An answer to a message that is not under way: late, or not ours.
    Stray(Box<Ack>),
    /// Something that is no answer.
    Unexpected,
}

#[derive(Clone, Debug)]
struct Waiting {
    letter: Box<Letter>,
    /// How often it was sent and not answered in time.
    failed: u32,
    committed: bool,
    /// Whether the application's answer is awaited after that of arrival.
    application: bool,
}

impl Waiting {
    fn control_id(&self) -> &str {
        &self.letter.header.control_id
    }
}

/// The end that has something to say.
#[derive(Clone, Debug)]
pub struct Sender {
    config: SenderConfig,
    open: bool,
    /// The first is under way if there is a deadline.
    queue: VecDeque<Waiting>,
    deadline: Option<Time>,
    transmit: VecDeque<Letter>,
    events: VecDeque<SenderEvent>,
}

impl Sender {
    /// A sender whose stream is not open yet.
    #[must_use]
    pub const fn new(config: SenderConfig) -> Self {
        Self {
            config,
            open: false,
            queue: VecDeque::new(),
            deadline: None,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Takes a message for sending, now or when its turn comes.
    ///
    /// # Errors
    /// Why it is not taken; nothing changes then.
    pub fn send(&mut self, now: Time, letter: Letter) -> Result<(), SendError> {
        if self.queue.len() >= self.config.queue {
            return Err(SendError::Full(self.queue.len()));
        }
        let control_id = &letter.header.control_id;
        if control_id.is_empty() {
            return Err(SendError::NoControlId);
        }
        if self.queue.iter().any(|w| w.control_id() == control_id) {
            return Err(SendError::SameControlId(control_id.clone()));
        }
        let application = application_awaited(&letter.header).ok_or(SendError::NoAnswer)?;
        self.queue.push_back(Waiting {
            letter: Box::new(letter),
            failed: 0,
            committed: false,
            application,
        });
        self.start(now);
        Ok(())
    }

    /// The stream is open: what was under way is sent again, under the same number.
    pub fn handle_open(&mut self, now: Time) {
        self.open = true;
        self.start(now);
    }

    /// The stream is gone. What waits goes on waiting.
    pub fn handle_closed(&mut self) {
        self.open = false;
        self.transmit.clear();
        if self.queue.front().is_some_and(|w| !w.committed) {
            self.deadline = None;
        }
    }

    /// A message arrived.
    pub fn handle_message(&mut self, now: Time, message: Letter) {
        match message.content {
            Hl7::Answer(ack) => self.answered(now, ack),
            _ => self.events.push_back(SenderEvent::Unexpected),
        }
    }

    /// Time has passed. Before the deadline it does nothing.
    pub fn handle_timeout(&mut self, now: Time) {
        if self.deadline.is_none_or(|d| now < d) {
            return;
        }
        self.deadline = None;
        if let Some(first) = self.queue.front_mut() {
            first.failed += 1;
            if first.committed || first.failed >= self.config.attempts {
                let committed = first.committed;
                if let Some(Waiting { letter, .. }) = self.queue.pop_front() {
                    self.events
                        .push_back(SenderEvent::GaveUp { letter, committed });
                }
            }
        }
        self.start(now);
    }

    /// The next message to send. Ask after every call of a `handle_` function or of [`Sender::send`], until there are none.
    pub fn poll_transmit(&mut self) -> Option<Letter> {
        self.transmit.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<SenderEvent> {
        self.events.pop_front()
    }

    /// When [`Sender::handle_timeout`] is to be called; changes with every call.
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Time> {
        self.deadline
    }

    /// How many messages wait, the one under way among them.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Sends the first message unless it is under way.
    fn start(&mut self, now: Time) {
        if !self.open || self.deadline.is_some() {
            return;
        }
        if let Some(first) = self.queue.front() {
            self.transmit.push_back((*first.letter).clone());
            self.deadline = Some(now + self.config.answer_within);
        }
    }

    fn answered(&mut self, now: Time, ack: Box<Ack>) {
        let under_way = self.deadline.and(self.queue.front_mut());
        let Some(first) = under_way.filter(|w| w.control_id() == ack.answers) else {
            self.events.push_back(SenderEvent::Stray(ack));
            return;
        };
        if ack.code.is_positive() && !ack.code.is_application() && first.application {
            // Said again if it is asked again: the application's answer is still to come.
            if !first.committed {
                first.committed = true;
                let control_id = first.control_id().to_owned();
                self.deadline = Some(now + self.config.answer_within);
                self.events.push_back(SenderEvent::Committed { control_id });
            }
            return;
        }
        self.deadline = None;
        if let Some(Waiting { letter, .. }) = self.queue.pop_front() {
            self.events.push_back(SenderEvent::Answered { letter, ack });
        }
        self.start(now);
    }
}

/// Whether the application's answer is awaited; none if no answer is certain to come.
fn application_awaited(header: &Header) -> Option<bool> {
    match (header.accept, header.application) {
        _ if header.original_mode() => Some(true),
        (_, Wish::Always) => Some(true),
        (Wish::Always, _) => Some(false),
        _ => None,
    }
}
