//! What a pump server asks of others behind the scenes: its database and the directory.

use super::PumpServer;
use crate::crypto::{Key, Passphrase, Sealed};
use crate::device::guarded::{Came, Guard, Near};
use crate::device::host::Io;
use crate::device::id;
use crate::device::part::{Part, Sockets, role};
use crate::device::status_list::{Fetch, Place};
use crate::engine::{Cause, NodeMut};
use crate::net::stack::{SocketEvent, StreamId};
use crate::record::LibraryRecord;
use crate::spec::{HostSpec, ItemId, LinkSpec, RoleSpec, StoreSpec};
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::file::{Content, PatientRecord};
use crate::wire::portal::Directory;
use crate::wire::pump::SignedLibrary;
use crate::wire::query::Query;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Pump server, toward its database, the directory and the authority.
pub(in crate::device) const PART: Part = Part {
    on: |_, host| {
        let spec = role!(host, RoleSpec::PumpServer(spec) => spec)?;
        // Outside, whoever ends TLS for the server fetches the revocation list.
        let fetches = spec.revocation.is_some() && host.link != LinkSpec::Outside;
        let sockets = Sockets::default();
        Some(match spec.store.is_some() || fetches {
            true => sockets.hear_link(),
            false => sockets,
        })
    },
    on_socket,
    on_timer,
    ..Part::new(id::PUMP_SERVER_BACK)
};

/// The key under which a pump server encrypts its records.
pub(in crate::device) fn records_key(host: &str, store: &StoreSpec) -> Option<Key> {
    let own = || Passphrase::of(&format!("records of {host}")).key("records");
    store.encrypted.value.then(own)
}

impl StoreConfig {
    /// A pump server's account at its database.
    pub(super) fn of(host: &HostSpec, spec: &StoreSpec) -> Self {
        Self {
            at: (spec.host.clone(), spec.port),
            account: (spec.user.clone(), Passphrase::of(&spec.password)),
            identified: spec.identified.value,
            records_key: records_key(&host.name, spec),
            refresh: spec.refresh,
            monitor: spec.monitor.as_ref().map(|m| (m.id, m.value)),
        }
    }
}

const RETRY: Duration = Duration::from_secs(30);
/// Queries that wait at the most while the database cannot be reached \[A\]; the oldest are lost first.
const KEPT: usize = 4096;
const TOKEN_REFRESH: u64 = 1;
const TOKEN_MONITOR: u64 = 2;
const TOKEN_STORE: u64 = 3;
const QUERY_STORE: u32 = 2;
const QUERY_DIRECTORY: u32 = 3;
/// What belongs to the revocation list.
pub(super) const LIST: Place = Place {
    part: id::PUMP_SERVER_BACK,
    query: 4,
    token: 4,
};

/// A pump server's account at its database, and how it keeps things there.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// DNS name and port of the database.
    pub at: (String, u16),
    /// User and password.
    pub account: (String, Passphrase),
    /// Whether records carry the identity of patients.
    pub identified: bool,
    /// Key under which records are encrypted before they are stored.
    pub records_key: Option<Key>,
    /// Interval at which the stored library is read again.
    pub refresh: Duration,
    /// Interval at which the stored library is compared with what was released.
    pub monitor: Option<(ItemId, Duration)>,
}

/// What a query was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// The stored library, to use it.
    Refresh,
    /// The stored library, to compare it with what was released.
    Monitor,
    /// The history, for somebody at the portal.
    History(StreamId),
    /// Something whose answer does not matter.
    Tell,
}

/// The link to the database.
#[derive(Clone, Debug)]
pub(super) struct Store {
    config: StoreConfig,
    stream: Option<StreamId>,
    open: bool,
    channel: Near,
    asked: VecDeque<Ask>,
    waiting: VecDeque<(Ask, Query)>,
    /// Digests that were released here.
    released: BTreeSet<u64>,
    /// Digests that the monitor has told of.
    told: BTreeSet<u64>,
    began: Cause,
    /// Sessions with the database so far; timers of an earlier one are void.
    sessions: u64,
}

impl Store {
    pub(super) fn new(config: StoreConfig, released: Option<u64>, guard: Option<Guard>) -> Self {
        Self {
            config,
            stream: None,
            open: false,
            channel: Near::new(guard),
            asked: VecDeque::new(),
            waiting: VecDeque::new(),
            released: released.into_iter().collect(),
            told: BTreeSet::new(),
            began: Cause::GENESIS,
            sessions: 0,
        }
    }

    /// A row of the history as it is stored.
    fn row(&self, patient: u32) -> Content {
        let plain = if self.config.identified {
            Content::Records(vec![PatientRecord { patient }])
        } else {
            Content::Data
        };
        stored(plain, self.config.records_key.as_ref())
    }

    fn readable(&self, row: Content) -> Content {
        match (row, &self.config.records_key) {
            (Content::Sealed(sealed), Some(key)) => {
                sealed.open(key).cloned().unwrap_or(Content::Data)
            }
            (row, _) => row,
        }
    }

    fn lost(&mut self) {
        self.stream = None;
        self.open = false;
        // A login that was not said is said again with the next session.
        self.channel.lost();
        self.asked.clear();
    }
}

/// A row of a history as it is stored: sealed where the server encrypts.
#[must_use]
pub fn stored(plain: Content, key: Option<&Key>) -> Content {
    match key {
        Some(key) => Content::Sealed(Box::new(Sealed::seal(key, plain, 160))),
        None => plain,
    }
}

/// The link to the directory, and who waits for an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct DirectoryLink {
    stream: Option<StreamId>,
    open: bool,
    resolving: bool,
    number: u32,
    pending: BTreeMap<u32, (StreamId, String, Passphrase)>,
}

impl PumpServer {
    /// Sends a query to the database, or keeps it until there is a session. Whether there is a database at all.
    pub(super) fn ask_store(&mut self, io: &mut Io<'_, '_>, ask: Ask, query: Query) -> bool {
        let Some(store) = &mut self.store else {
            return false;
        };
        match store.stream.filter(|_| store.open) {
            Some(stream) => {
                store.asked.push_back(ask);
                store
                    .channel
                    .send(io, stream, Message::Query(Box::new(query)));
            }
            None => {
                if store.waiting.len() == KEPT {
                    store.waiting.pop_front();
                }
                store.waiting.push_back((ask, query));
            }
        }
        true
    }

    /// Keeps what was released: in the store, and as the digest that the store is compared with.
    pub(super) fn keep_released(&mut self, io: &mut Io<'_, '_>, library: &SignedLibrary) {
        let of = self.config.name.clone();
        if let Some(store) = &mut self.store {
            store.released.insert(library.library.digest());
            // What was read before this moment is older than what was just released.
            for ask in &mut store.asked {
                if *ask == Ask::Refresh {
                    *ask = Ask::Tell;
                }
            }
        }
        let library = library.clone();
        self.ask_store(io, Ask::Tell, Query::WriteLibrary { of, library });
    }

    /// Adds a row to the infusion history.
    pub(super) fn keep_record(&mut self, io: &mut Io<'_, '_>, patient: u32) {
        let of = self.config.name.clone();
        if let Some(row) = self.store.as_ref().map(|s| s.row(patient)) {
            self.ask_store(io, Ask::Tell, Query::Append { of, row });
        }
    }

    fn read_library(&mut self, io: &mut Io<'_, '_>, ask: Ask) {
        let of = self.config.name.clone();
        self.ask_store(io, ask, Query::ReadLibrary { of });
    }

    /// Asks the directory who somebody is; the answer comes later, or never.
    pub(super) fn ask_directory(
        &mut self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        user: String,
        password: Passphrase,
    ) {
        let link = &mut self.directory;
        link.number += 1;
        let number = link.number;
        link.pending
            .insert(number, (stream, user.clone(), password.clone()));
        match link.stream.filter(|_| link.open) {
            Some(to) => {
                let bind = Directory::Bind {
                    number,
                    user,
                    password,
                };
                io.send(to, Message::Directory(Box::new(bind)));
            }
            None => self.find_directory(io),
        }
    }

    fn find_directory(&mut self, io: &mut Io<'_, '_>) {
        let config = self
            .portal
            .as_ref()
            .and_then(|p| p.config.directory.clone());
        if let Some((_, name, _)) = config
            && !self.directory.resolving
            && self.directory.stream.is_none()
        {
            self.directory.resolving = true;
            io.resolve(id::PUMP_SERVER_BACK, QUERY_DIRECTORY, &name);
        }
    }

    /// The directory cannot be reached: nobody is let in on its word.
    fn no_directory(&mut self, io: &mut Io<'_, '_>) {
        let pending = std::mem::take(&mut self.directory.pending);
        self.directory.stream = None;
        self.directory.open = false;
        self.directory.resolving = false;
        for (_, (stream, user, _)) in pending {
            self.bound(io, stream, user, None);
        }
    }

    fn directory_opened(&mut self, io: &mut Io<'_, '_>, to: StreamId) {
        self.directory.open = true;
        for (&number, (_, user, password)) in &self.directory.pending {
            let bind = Directory::Bind {
                number,
                user: user.clone(),
                password: password.clone(),
            };
            io.send(to, Message::Directory(Box::new(bind)));
        }
    }

    fn store_said(&mut self, io: &mut Io<'_, '_>, query: Query) {
        if let Query::LoginResult { accepted } = query {
            return self.store_opened(io, accepted);
        }
        let Some(ask) = self.store.as_mut().and_then(|s| s.asked.pop_front()) else {
            return;
        };
        match (ask, query) {
            (Ask::Refresh, Query::Library(Some(library))) => self.loaded(io, library),
            (Ask::Monitor, Query::Library(Some(library))) => self.compare(io, &library),
            (Ask::History(stream), Query::History(rows)) => {
                let Some(store) = &self.store else { return };
                let rows = rows.into_iter().map(|r| store.readable(r)).collect();
                self.show_history(io, stream, rows);
            }
            (Ask::History(stream), _) => self.show_history(io, stream, Vec::new()),
            _ => {}
        }
    }

    fn store_opened(&mut self, io: &mut Io<'_, '_>, accepted: bool) {
        let Some(store) = &mut self.store else { return };
        if !accepted {
            return;
        }
        store.open = true;
        store.began = io.cx.as_cause();
        store.sessions += 1;
        let (refresh, monitor, began, of) = (
            store.config.refresh,
            store.config.monitor.map(|m| m.1),
            store.began,
            store.sessions << 8,
        );
        for (ask, query) in std::mem::take(&mut store.waiting) {
            self.ask_store(io, ask, query);
        }
        self.read_library(io, Ask::Refresh);
        io.timer_caused(id::PUMP_SERVER_BACK, refresh, of | TOKEN_REFRESH, began);
        if let Some(every) = monitor {
            io.timer_caused(id::PUMP_SERVER_BACK, every, of | TOKEN_MONITOR, began);
        }
    }

    /// The stored library was read: it is what the server distributes.
    fn loaded(&mut self, io: &mut Io<'_, '_>, library: SignedLibrary) {
        let (version, digest) = (library.library.version, library.library.digest());
        let same = |l: &SignedLibrary| l.library.version == version && l.library.digest() == digest;
        if self.library.as_ref().is_some_and(same) {
            return;
        }
        self.taken_from = Some(io.cx.emit(LibraryRecord::LibraryLoaded { version, digest }));
        self.library = Some(library);
        self.offer_to_all(io);
    }

    /// The monitor compares the stored library with what was released here.
    fn compare(&mut self, io: &mut Io<'_, '_>, library: &SignedLibrary) {
        let Some(store) = &mut self.store else { return };
        let digest = library.library.digest();
        let Some((item, _)) = store.config.monitor else {
            return;
        };
        if !store.released.contains(&digest) && store.told.insert(digest) {
            super::alert(io, item);
        }
    }
}

/// A socket toward the database or the directory has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let Some(server) = node.get_mut::<PumpServer>() else {
        return;
    };
    match server.status.on_socket(io, &event) {
        Fetch::NotMine => {}
        Fetch::Mine => return,
        Fetch::Came => return server.expel(io),
    }
    let store_stream = server.store.as_ref().and_then(|s| s.stream);
    match event {
        SocketEvent::Up => up(io, server),
        SocketEvent::Resolved { query, ip } if query == QUERY_STORE => {
            match (ip, &mut server.store) {
                (Some(ip), Some(store)) => {
                    let to = (ip, store.config.at.1);
                    store.stream = Some(io.connect(id::PUMP_SERVER_BACK, to));
                }
                _ => {
                    io.timer(id::PUMP_SERVER_BACK, RETRY, TOKEN_STORE);
                }
            }
        }
        SocketEvent::Resolved { ip, .. } => {
            server.directory.resolving = false;
            let port = server
                .portal
                .as_ref()
                .and_then(|p| p.config.directory.as_ref())
                .map(|d| d.2);
            match (ip, port) {
                (Some(ip), Some(port)) => {
                    server.directory.stream = Some(io.connect(id::PUMP_SERVER_BACK, (ip, port)));
                }
                _ => server.no_directory(io),
            }
        }
        SocketEvent::Opened(stream) if Some(stream) == store_stream => {
            if let Some(store) = &mut server.store {
                let (user, password) = store.config.account.clone();
                let login = Message::Query(Box::new(Query::Login { user, password }));
                let peer = store.config.at.0.clone();
                store.channel.open(io, stream, &peer, login);
            }
        }
        SocketEvent::Opened(stream) => server.directory_opened(io, stream),
        SocketEvent::Message { stream, message } if Some(stream) == store_stream => {
            at_store(io, server, stream, *message);
        }
        SocketEvent::Message { message, .. } => {
            if let Message::Directory(said) = *message
                && let Directory::Bound { number, role } = *said
                && let Some((stream, user, _)) = server.directory.pending.remove(&number)
            {
                server.bound(io, stream, user, role);
            }
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => {
            if Some(stream) == store_stream {
                no_store(io, server);
            } else {
                server.no_directory(io);
            }
        }
        _ => {}
    }
}

/// There is a network: what the server needs from others is sought.
fn up(io: &mut Io<'_, '_>, server: &PumpServer) {
    server.status.fetch(io);
    connect_store(io, server);
}

/// Something came from the database.
fn at_store(io: &mut Io<'_, '_>, server: &mut PumpServer, stream: StreamId, message: Message) {
    let Some(store) = &mut server.store else {
        return;
    };
    match store.channel.hear(io, stream, message) {
        Came::Said(Message::Query(query)) => server.store_said(io, *query),
        Came::Refused => no_store(io, server),
        _ => {}
    }
}

/// There is no session with the database: another is tried later.
fn no_store(io: &mut Io<'_, '_>, server: &mut PumpServer) {
    if let Some(store) = &mut server.store {
        store.lost();
    }
    io.timer(id::PUMP_SERVER_BACK, RETRY, TOKEN_STORE);
}

fn connect_store(io: &mut Io<'_, '_>, server: &PumpServer) {
    if let Some(store) = server.store.as_ref().filter(|s| s.stream.is_none()) {
        io.resolve(id::PUMP_SERVER_BACK, QUERY_STORE, &store.config.at.0);
    }
}

/// A timer is due: the stored library is read again, or the database is tried again.
pub fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let Some(server) = node.get_mut::<PumpServer>() else {
        return;
    };
    if server.status.on_timer(io, token) {
        return;
    }
    let Some(store) = &server.store else { return };
    if token == TOKEN_STORE {
        return connect_store(io, server);
    }
    if !store.open || token >> 8 != store.sessions {
        // A session that opens again sets its own timers.
        return;
    }
    let kind = token & 0xFF;
    let (began, every) = match (kind, store.config.monitor) {
        (TOKEN_MONITOR, Some((_, every))) => (store.began, every),
        (TOKEN_REFRESH, _) => (store.began, store.config.refresh),
        _ => return,
    };
    let ask = if kind == TOKEN_MONITOR {
        Ask::Monitor
    } else {
        Ask::Refresh
    };
    server.read_library(io, ask);
    io.timer_caused(id::PUMP_SERVER_BACK, every, token, began);
}

/// Switched on: links of before are gone.
pub(super) fn power_on(server: &mut PumpServer) {
    server.directory = DirectoryLink::default();
    if let Some(store) = &mut server.store {
        store.lost();
    }
}
