//! HL7 links between systems behind the pumps: the end that has something to say, and the end that is told.
//!
//! Both drive the machines of [`pcd`](crate::proto::pcd), so that a message is kept until it is answered, sent again when its answer
//! or its stream is lost, and taken once.

use super::guarded::{Came, Guard, Near};
use super::host::Io;
use super::part::Site;
use crate::device::id;
use crate::engine::EventId;
use crate::event::PartId;
use crate::net::stack::{SocketEvent, StreamId};
use crate::proto::pcd::{
    Receiver, ReceiverConfig, ReceiverEvent, Sender, SenderConfig, SenderEvent, Ticket, Verdict,
};
use crate::record::{OrderOutcome, SessionRecord, TherapyRecord};
use crate::time::{Duration, Time};
use crate::wire::Message;
use crate::wire::hl7::pcd::{Ack, Header, Party};
use crate::wire::hl7::{Hl7, Letter, PORT, Stamp};

/// Timer token of links; those of one host share it.
pub const TOKEN_LINK: u64 = 1 << 63;
const RETRY: Duration = Duration::from_secs(5);
/// Longest reason of a refusal that is kept, in characters.
const REASON: usize = 200;

/// Who a host of the lab is in its messages.
fn party(host: &str) -> Party {
    Party {
        application: "PUMPLAB".to_owned(),
        facility: host.to_owned(),
    }
}

/// An outgoing link: opened when there is something to send, tried again until it is answered or given up.
#[derive(Clone, Debug)]
pub struct Hl7Link {
    app: PartId,
    peer: String,
    query: u32,
    stream: Option<StreamId>,
    /// Whether the stream is open, and whether something was said on it.
    open: Option<bool>,
    asking: bool,
    /// Whether the last attempt to open it failed.
    failed: bool,
    sender: Sender,
    /// How many messages were sent; numbers them.
    sent: u64,
    timer: Option<(Time, EventId)>,
    channel: Near,
}

impl Hl7Link {
    /// A link of `app` to the host of this name, under TLS where there is a guard.
    #[must_use]
    pub fn new(app: PartId, peer: String, guard: Option<Guard>) -> Self {
        let query = (crate::crypto::digest_text(&peer) as u32) | 1;
        Self {
            app,
            peer,
            query,
            stream: None,
            open: None,
            asking: false,
            failed: false,
            sender: Sender::new(SenderConfig::default()),
            sent: 0,
            timer: None,
            channel: Near::new(guard),
        }
    }

    /// Forgets the stream; what waits is sent when there is another.
    pub fn reset(&mut self) {
        self.stream = None;
        self.open = None;
        self.asking = false;
        // What was not said yet, because a session was not open, waits at the sender like everything that is not answered.
        self.channel.lost();
        self.sender.handle_closed();
    }

    /// Sends a message, now or as soon as the link is there.
    pub fn send(&mut self, io: &mut Io<'_, '_>, content: Hl7) {
        self.sent += 1;
        // Links of one host number by themselves: what they share is the name of the host.
        let number = format!("{:08x}-{}", self.query, self.sent);
        let own = party(&io.cx.shared().names[io.cx.node().index()]);
        let header = Header::new(own, party(&self.peer), &number, stamp(io));
        let letter = Letter::new(header, content);
        let now = io.cx.now();
        if self.sender.send(now, letter.clone()).is_err() {
            // As many wait as may: it is lost, and says so.
            self.unreached(io);
            return given_up(io, &letter);
        }
        if self.open.is_none() {
            if self.failed {
                self.unreached(io);
            }
            self.open_link(io);
        }
        self.follow(io);
    }

    fn open_link(&mut self, io: &mut Io<'_, '_>) {
        if !self.asking && self.stream.is_none() {
            self.asking = true;
            io.resolve(self.app, self.query, &self.peer);
        }
    }

    /// Says that what waits cannot be sent, and what gave a wrong way to the name server, if something did.
    fn unreached(&self, io: &mut Io<'_, '_>) {
        let taught = io.network.stack.name_server_taught_by();
        let system = self.peer.clone();
        let unreached = SessionRecord::SystemUnreached { system };
        io.cx.emit_because(unreached, taught.as_slice());
    }

    /// A timer of a link of this host is due: an answer is late, or the stream is to be opened again.
    pub fn on_timer(&mut self, io: &mut Io<'_, '_>) {
        let now = io.cx.now();
        self.timer = self.timer.filter(|(due, _)| *due > now);
        self.sender.handle_timeout(now);
        if self.sender.waiting() > 0 {
            self.open_link(io);
        }
        self.follow(io);
    }

    /// The host is on again: what waits is sent soon.
    pub fn resume(&self, io: &mut Io<'_, '_>) {
        if self.sender.waiting() > 0 {
            io.timer(self.owner(), RETRY, TOKEN_LINK);
        }
    }

    /// A socket event, if it is about this link. Whether it was.
    pub fn on_socket(&mut self, io: &mut Io<'_, '_>, event: &SocketEvent) -> bool {
        match event {
            SocketEvent::Resolved { query, ip } if *query == self.query => {
                self.asking = false;
                match ip {
                    Some(ip) => self.stream = Some(io.connect(self.app, (*ip, PORT))),
                    None => self.later(io),
                }
            }
            SocketEvent::Opened(stream) if self.stream == Some(*stream) => {
                self.open = Some(false);
                self.failed = false;
                self.sender.handle_open(io.cx.now());
            }
            SocketEvent::Message { stream, message } if self.stream == Some(*stream) => {
                match self.channel.hear(io, *stream, (**message).clone()) {
                    Came::Said(Message::Hl7(letter)) => {
                        self.sender.handle_message(io.cx.now(), *letter);
                    }
                    Came::Refused => {
                        self.reset();
                        self.later(io);
                    }
                    _ => {}
                }
            }
            SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream)
                if self.stream == Some(*stream) =>
            {
                self.reset();
                self.later(io);
            }
            _ => return false,
        }
        self.follow(io);
        true
    }

    /// Does what the sender wants.
    fn follow(&mut self, io: &mut Io<'_, '_>) {
        while let Some(letter) = self.sender.poll_transmit() {
            let message = Message::Hl7(Box::new(letter));
            match (self.stream, &mut self.open) {
                (Some(stream), Some(said)) if *said => self.channel.send(io, stream, message),
                (Some(stream), Some(said)) => {
                    *said = true;
                    self.channel.open(io, stream, &self.peer, message);
                }
                // Sent again when there is a stream.
                _ => {}
            }
        }
        while let Some(event) = self.sender.poll_event() {
            match event {
                SenderEvent::Answered { letter, ack } => answered(io, &letter, &ack),
                SenderEvent::GaveUp { letter, .. } => {
                    self.unreached(io);
                    given_up(io, &letter);
                }
                SenderEvent::Committed { .. } | SenderEvent::Stray(_) | SenderEvent::Unexpected => {
                }
            }
        }
        self.set_timer(io);
    }

    fn set_timer(&mut self, io: &mut Io<'_, '_>) {
        let due = self.sender.poll_timeout();
        if due == self.timer.map(|(due, _)| due) {
            return;
        }
        if let Some((_, timer)) = self.timer.take() {
            io.cx.cancel(timer);
        }
        if let Some(due) = due {
            let timer = io.timer(self.owner(), due - io.cx.now(), TOKEN_LINK);
            self.timer = Some((due, timer));
        }
    }

    fn later(&mut self, io: &mut Io<'_, '_>) {
        if self.sender.waiting() > 0 {
            self.failed = true;
            self.unreached(io);
        }
        io.timer(self.owner(), RETRY, TOKEN_LINK);
    }

    /// Whose timers those of the link are: the clinical systems share theirs.
    fn owner(&self) -> PartId {
        if self.app == id::PUMP_SERVER {
            id::PUMP_SERVER
        } else {
            id::CLINICAL
        }
    }
}

fn stamp(io: &Io<'_, '_>) -> Stamp {
    let seconds = i64::try_from(io.calendar()).unwrap_or(i64::MAX);
    Stamp::from_unix(seconds).unwrap_or_default()
}

/// What became of a message: who ordered something is told.
fn answered(io: &mut Io<'_, '_>, letter: &Letter, ack: &Ack) {
    if let Hl7::Order { order, .. } = &letter.content {
        let why = ack.errors.first().map(|e| e.message.chars());
        let outcome = if ack.code.is_positive() {
            OrderOutcome::Taken
        } else {
            OrderOutcome::Refused {
                reason: why.map_or_else(String::new, |w| w.take(REASON).collect()),
            }
        };
        let order = order.id;
        io.cx.emit(TherapyRecord::OrderAnswered { order, outcome });
    }
}

fn given_up(io: &mut Io<'_, '_>, letter: &Letter) {
    if let Hl7::Order { order, .. } = &letter.content {
        let (order, outcome) = (order.id, OrderOutcome::Unknown);
        io.cx.emit(TherapyRecord::OrderAnswered { order, outcome });
    }
}

/// The end of links that is told something.
#[derive(Clone, Debug)]
pub struct Hl7Inbox {
    receiver: Receiver<StreamId>,
}

impl Hl7Inbox {
    /// The end of the host of this name, in a lab whose calendar begins at this Unix time.
    #[must_use]
    pub fn new(host: &str, calendar: u64) -> Self {
        let epoch = i64::try_from(calendar).ok().and_then(Stamp::from_unix);
        let config = ReceiverConfig::new(party(host), epoch.unwrap_or_default());
        Self {
            receiver: Receiver::new(config),
        }
    }

    /// The end of a host that is being built.
    #[must_use]
    pub fn of(site: &Site<'_>) -> Self {
        Self::new(&site.host.name, site.shared.lab.calendar)
    }

    /// A message came: what it says, if it came for the first time. To be answered by [`Hl7Inbox::answer`].
    pub fn hear(&mut self, now: Time, stream: StreamId, letter: Letter) -> Option<(Ticket, Hl7)> {
        self.receiver.handle_message(now, stream, letter);
        let mut fresh = None;
        while let Some(event) = self.receiver.poll_event() {
            if let ReceiverEvent::Received { ticket, content } = event {
                fresh = Some((ticket, content));
            }
        }
        fresh
    }

    /// Answers a message.
    pub fn answer(&mut self, now: Time, ticket: &Ticket, verdict: Verdict) {
        self.receiver.answer(now, ticket, verdict);
    }

    /// The next answer that is to be sent, and on which stream.
    pub fn poll_transmit(&mut self) -> Option<(StreamId, Message)> {
        let (stream, letter) = self.receiver.poll_transmit()?;
        Some((stream, Message::Hl7(Box::new(letter))))
    }

    /// A stream is gone.
    pub fn gone(&mut self, stream: StreamId) {
        self.receiver.handle_gone(stream);
    }

    /// Started anew.
    pub fn restart(&mut self) {
        self.receiver.restart();
    }
}
