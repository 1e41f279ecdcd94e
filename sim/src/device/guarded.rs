//! Links between systems behind the pumps, in clear or under TLS: the end that opens one, and the end that takes it.
//!
//! Both ends know from their own configuration whether a link is guarded. An end that is, says and believes nothing in clear.

use super::credentials::credentials;
use super::host::Io;
use crate::crypto::{CertificateFault, PublicKey, digest_text};
use crate::net::stack::StreamId;
use crate::proto::tls::session::{Session, SessionEvent};
use crate::proto::tls::{Channel, Credentials, Server, TlsEvent};
use crate::record::SessionRecord;
use crate::rng::Purpose;
use crate::spec::{HostSpec, ItemId, SessionSpec};
use crate::wire::Message;
use crate::wire::tls_cost::TlsCosts;
use std::collections::BTreeMap;
use std::sync::Arc;

const NEAR: Purpose = Purpose::new("guarded link, near end");
const FAR: Purpose = Purpose::new("guarded link, far end");

/// What an end of guarded links has: the item that guards them, and what it shows and checks.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Configuration item.
    pub item: ItemId,
    /// Certificate, key, trust.
    pub credentials: Credentials,
}

impl Guard {
    /// What guards a host's links to other systems, if anything does.
    #[must_use]
    pub fn of(host: &HostSpec, costs: &Arc<TlsCosts>) -> Option<Self> {
        let links = host.links.as_ref()?;
        matches!(links.value, SessionSpec::Tls { .. }).then(|| Self {
            item: links.id,
            credentials: credentials(host, costs),
        })
    }
}

/// What came of a message on a link.
#[derive(Clone, Debug)]
pub enum Came {
    /// The other end said this.
    Said(Message),
    /// Nothing for the application.
    Nothing,
    /// It came in clear where nothing may.
    InClear,
    /// There is no session: one end refused the other. The stream is closed.
    Refused,
}

fn refuse(io: &mut Io<'_, '_>, stream: StreamId, fault: CertificateFault, item: ItemId) {
    let peer = io.peer(stream);
    io.cx
        .emit(SessionRecord::SessionRefused { peer, fault, item });
    io.close(stream);
}

/// Sends what a session has to send.
fn transmit(io: &mut Io<'_, '_>, stream: StreamId, session: &mut Session) {
    while let Some(message) = session.poll_transmit() {
        io.send(stream, message);
    }
}

/// The end that opens a link.
#[derive(Clone, Debug)]
pub struct Near {
    guard: Option<Guard>,
    session: Option<Box<Session>>,
    /// Whether the stream is protected below, outside of the simulation.
    below: bool,
    opened: u64,
}

impl Near {
    /// An end, in clear where there is no guard.
    #[must_use]
    pub fn new(guard: Option<Guard>) -> Self {
        Self {
            guard,
            session: None,
            below: false,
            opened: 0,
        }
    }

    /// The stream is open: says `first` to the host of this name, once that has proven who it is.
    pub fn open(&mut self, io: &mut Io<'_, '_>, stream: StreamId, peer: &str, first: Message) {
        let Some(guard) = &self.guard else {
            return io.send(stream, first);
        };
        self.below = io.channel(stream).is_some_and(|c| c.protected());
        if self.below {
            return io.send(stream, first);
        }
        self.opened += 1;
        let mut luck = io
            .cx
            .stream(NEAR, digest_text(peer).wrapping_add(self.opened));
        let expect = Some(peer.to_owned());
        let mut session = Session::start(&mut luck, guard.credentials.clone(), expect, first);
        transmit(io, stream, &mut session);
        self.session = Some(Box::new(session));
    }

    /// Says something on an open stream, or as soon as the session on it is open.
    pub fn send(&mut self, io: &mut Io<'_, '_>, stream: StreamId, message: Message) {
        match &mut self.session {
            _ if self.guard.is_none() || self.below => io.send(stream, message),
            Some(session) => {
                session.say(message);
                transmit(io, stream, session);
            }
            None => {}
        }
    }

    /// A message came.
    pub fn hear(&mut self, io: &mut Io<'_, '_>, stream: StreamId, message: Message) -> Came {
        let Some(guard) = self.guard.as_ref().filter(|_| !self.below) else {
            return Came::Said(message);
        };
        let (Some(session), Message::Tls(tls)) = (&mut self.session, message) else {
            return Came::InClear;
        };
        session.handle_message(io.calendar(), &tls);
        transmit(io, stream, session);
        match session.poll_event() {
            Some(SessionEvent::Said(said)) => Came::Said(said),
            Some(SessionEvent::Refused(fault)) => {
                refuse(io, stream, fault, guard.item);
                Came::Refused
            }
            None => Came::Nothing,
        }
    }

    /// The stream is gone. What was never said, because the session did not open, in its order.
    pub fn lost(&mut self) -> Vec<Message> {
        self.below = false;
        let session = self.session.take();
        session.map(|s| s.unsaid()).unwrap_or_default()
    }
}

/// The end that takes links.
#[derive(Clone, Debug)]
pub struct Far {
    guard: Option<Guard>,
    /// Whether the other end must show a certificate.
    asks: bool,
    sessions: BTreeMap<StreamId, Box<Server>>,
    /// Streams that are protected below, outside of the simulation, and who has proven to be at their other end.
    below: BTreeMap<StreamId, Option<String>>,
    exchanges: u64,
}

impl Far {
    /// An end, in clear where there is no guard.
    #[must_use]
    pub fn new(guard: Option<Guard>, asks: bool) -> Self {
        Self {
            guard,
            asks,
            sessions: BTreeMap::new(),
            below: BTreeMap::new(),
            exchanges: 0,
        }
    }

    /// A message came; `revoked` is what is known here to be revoked.
    pub fn hear(
        &mut self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        message: Message,
        revoked: &[(PublicKey, u32)],
    ) -> Came {
        let Some(guard) = &self.guard else {
            return Came::Said(message);
        };
        if let Some(Channel::Outside { subject }) = io.channel(stream) {
            self.below.insert(stream, subject);
            return Came::Said(message);
        }
        let Message::Tls(tls) = message else {
            return Came::InClear;
        };
        let fresh = || Box::new(Server::new(guard.credentials.clone(), self.asks));
        let server = self.sessions.entry(stream).or_insert_with(fresh);
        self.exchanges += 1;
        let mut luck = io.cx.stream(FAR, self.exchanges);
        server.handle_message(io.calendar(), &mut luck, &tls, revoked);
        while let Some(flight) = server.poll_transmit() {
            io.send(stream, Message::Tls(Box::new(flight)));
        }
        match server.poll_event() {
            Some(TlsEvent::Data(said)) => Came::Said(said),
            Some(TlsEvent::Refused(fault)) => {
                self.turn_away(io, stream, fault);
                Came::Refused
            }
            Some(TlsEvent::RefusedByPeer(_)) => {
                io.close(stream);
                self.gone(stream);
                Came::Refused
            }
            Some(TlsEvent::Open) | None => Came::Nothing,
        }
    }

    /// Whether the other end of a guarded stream has proven to be the host of this name. In clear nobody proves anything, and anybody will do.
    #[must_use]
    pub fn is_from(&self, stream: StreamId, name: &str) -> bool {
        let session = self.sessions.get(&stream).and_then(|s| s.subject());
        let below = self.below.get(&stream).and_then(|s| s.as_deref());
        self.guard.is_none() || session.or(below) == Some(name)
    }

    /// Closes a stream on which somebody came who may not.
    pub fn turn_away(&mut self, io: &mut Io<'_, '_>, stream: StreamId, fault: CertificateFault) {
        if let Some(guard) = &self.guard {
            refuse(io, stream, fault, guard.item);
            self.gone(stream);
        }
    }

    /// Says something.
    pub fn send(&self, io: &mut Io<'_, '_>, stream: StreamId, message: Message) {
        let key = self.sessions.get(&stream).and_then(|s| s.key());
        let travels = match (&self.guard, key) {
            (None, _) => message,
            (Some(_), _) if self.below.contains_key(&stream) => message,
            (Some(_), Some(key)) => message.under_tls(&key),
            (Some(_), None) => return,
        };
        io.send(stream, travels);
    }

    /// A stream is gone.
    pub fn gone(&mut self, stream: StreamId) {
        self.sessions.remove(&stream);
        self.below.remove(&stream);
    }

    /// Started anew.
    pub fn reset(&mut self) {
        self.sessions.clear();
        self.below.clear();
    }
}
