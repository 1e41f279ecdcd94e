//! The revocation list of an authority, as a server keeps it: fetched at its interval, used until a newer one can be had.

use super::host::Io;
use crate::crypto::PublicKey;
use crate::engine::RecordId;
use crate::event::PartId;
use crate::net::stack::{SocketEvent, StreamId};
use crate::record::SessionRecord;
use crate::spec::{ItemId, RevocationSpec};
use crate::time::{Duration, Time};
use crate::wire::Message;
use crate::wire::http::{CRL_PATH, Http, PORT as HTTP_PORT};

/// Pause before a list that could not be had is asked for again.
const RETRY: Duration = Duration::from_secs(30);

/// By what a server's sockets and timers for the list are told from its others.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Whose sockets and timers they are.
    pub part: PartId,
    /// Number of the question for the authority's address.
    pub query: u32,
    /// Token of the timer.
    pub token: u64,
}

/// The list that a server has.
#[derive(Clone, Debug)]
pub struct StatusList {
    place: Place,
    /// Item of the checking, and how it is done; none: nothing is checked.
    checking: Option<(ItemId, RevocationSpec)>,
    revoked: Vec<(PublicKey, u32)>,
    /// When the list that it has was fetched.
    from: Option<Time>,
    /// The record of the list that it has, where that says other things than the one before.
    taken: Option<RecordId>,
    fetching: Option<StreamId>,
}

/// Whether a socket's event was the list's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetch {
    /// No: it is for somebody else.
    NotMine,
    /// Yes.
    Mine,
    /// Yes, and a list came.
    Came,
}

impl StatusList {
    /// No list yet.
    #[must_use]
    pub fn new(place: Place, checking: Option<(ItemId, RevocationSpec)>) -> Self {
        Self {
            place,
            checking,
            revoked: Vec::new(),
            from: None,
            taken: None,
            fetching: None,
        }
    }

    /// Certificates that are revoked as far as is known here, by issuer and serial number.
    #[must_use]
    pub fn revoked(&self) -> &[(PublicKey, u32)] {
        &self.revoked
    }

    /// The item of the checking; none where nothing is checked.
    #[must_use]
    pub fn item(&self) -> Option<ItemId> {
        self.checking.as_ref().map(|(item, _)| *item)
    }

    /// The record of the list that it has.
    #[must_use]
    pub fn taken(&self) -> Option<RecordId> {
        self.taken
    }

    /// Whether those who are on are to be thrown off when their certificate turns out to be revoked.
    #[must_use]
    pub fn expels(&self) -> bool {
        self.checking.as_ref().is_some_and(|(_, r)| r.disconnect)
    }

    /// The item of the policy that refuses everybody while there is no list that is good.
    #[must_use]
    pub fn lacking(&self, now: Time) -> Option<ItemId> {
        let good = |r: &RevocationSpec| self.from.is_some_and(|from| now - from <= r.valid);
        let (item, _) = self
            .checking
            .as_ref()
            .filter(|(_, r)| r.hard_fail && !good(r))?;
        Some(*item)
    }

    /// Asks for the list, unless that is under way.
    pub fn fetch(&self, io: &mut Io<'_, '_>) {
        if let Some((_, revocation)) = &self.checking
            && self.fetching.is_none()
        {
            io.resolve(self.place.part, self.place.query, &revocation.host);
        }
    }

    /// A socket of the server has something to tell.
    pub fn on_socket(&mut self, io: &mut Io<'_, '_>, event: &SocketEvent) -> Fetch {
        match event {
            SocketEvent::Resolved { query, ip } if *query == self.place.query => {
                match ip {
                    Some(ip) => {
                        self.fetching = Some(io.connect(self.place.part, (*ip, HTTP_PORT)));
                    }
                    None => self.later(io, RETRY),
                }
                Fetch::Mine
            }
            SocketEvent::Opened(stream) if Some(*stream) == self.fetching => {
                let path = CRL_PATH.to_owned();
                io.send(*stream, Message::Http(Box::new(Http::Get { path })));
                Fetch::Mine
            }
            SocketEvent::Message { stream, message } if Some(*stream) == self.fetching => {
                let list = match &**message {
                    Message::Http(http) => match &**http {
                        Http::Crl { revoked } => Some(revoked),
                        _ => None,
                    },
                    _ => None,
                };
                let Some(revoked) = list else {
                    // Whoever answered has no list: it is asked for again later.
                    self.fetching = None;
                    io.close(*stream);
                    self.later(io, RETRY);
                    return Fetch::Mine;
                };
                let revoked = revoked.iter().map(|r| (r.issuer, r.serial)).collect();
                self.take(io, *stream, revoked);
                Fetch::Came
            }
            SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream)
                if Some(*stream) == self.fetching =>
            {
                self.fetching = None;
                self.later(io, RETRY);
                Fetch::Mine
            }
            _ => Fetch::NotMine,
        }
    }

    fn take(&mut self, io: &mut Io<'_, '_>, stream: StreamId, revoked: Vec<(PublicKey, u32)>) {
        if revoked != self.revoked {
            let entries = revoked.len() as u32;
            self.taken = Some(io.cx.emit(SessionRecord::RevocationListTaken { entries }));
        }
        self.revoked = revoked;
        self.from = Some(io.cx.now());
        self.fetching = None;
        io.close(stream);
        let again = self.checking.as_ref().map_or(RETRY, |(_, r)| r.refresh);
        self.later(io, again);
    }

    fn later(&self, io: &mut Io<'_, '_>, after: Duration) {
        io.timer(self.place.part, after, self.place.token);
    }

    /// A timer of the server is due. Whether it was the list's.
    pub fn on_timer(&self, io: &mut Io<'_, '_>, token: u64) -> bool {
        let mine = token == self.place.token;
        if mine {
            self.fetch(io);
        }
        mine
    }

    /// Switched on: the list on disk is kept.
    pub fn power_on(&mut self) {
        self.fetching = None;
    }
}
