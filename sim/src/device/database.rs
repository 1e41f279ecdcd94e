//! A database of pump servers: their libraries and the infusion history of their patients.

use super::guarded::{Came, Far, Guard};
use super::host::Io;
use super::id;
use super::part::{BuildError, Part, Site, Sockets, role};
use super::pump_server::back::{records_key, stored};
use super::pump_server::first_library;
use super::services::Account;
use crate::engine::{NodeMut, RecordId};
use crate::net::stack::{SocketEvent, StreamId};
use crate::record::{LibraryRecord, SessionRecord, StorageRecord};
use crate::spec::{ItemId, RoleSpec};
use crate::wire::Message;
use crate::wire::file::{Content, PatientRecord};
use crate::wire::pump::SignedLibrary;
use crate::wire::query::Query;
use bevy_ecs::component::Component;
use std::collections::{BTreeMap, BTreeSet};

/// Database of pump servers.
pub(super) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::Database(d) => Sockets::default().listen(d.port)),
    build,
    on_socket,
    power_on: |_, node| power_on(node),
    ..Part::new(id::DATABASE)
};

/// A database has the tables of the pump servers that have an account there.
fn build(site: &mut Site<'_>) -> Result<(), BuildError> {
    let host = site.host;
    let Some(spec) = role!(host, RoleSpec::Database(spec) => spec) else {
        return Ok(());
    };
    let lab = site.lab();
    let mut tables = BTreeMap::new();
    for (server, role) in lab.pump_servers() {
        let Some(store) = role.store.as_ref().filter(|s| s.host == host.name) else {
            continue;
        };
        let key = records_key(&server.name, store);
        let row = |&patient: &u32| {
            let plain = if store.identified.value {
                Content::Records(vec![PatientRecord { patient }])
            } else {
                Content::Data
            };
            stored(plain, key.as_ref())
        };
        let table = Table {
            library: first_library(&site.shared, role),
            history: store.patients.iter().map(row).collect(),
            unreadable: (!store.identified.value)
                .then_some(store.identified.id)
                .or_else(|| store.encrypted.value.then_some(store.encrypted.id)),
            written: None,
        };
        tables.insert(server.name.clone(), table);
    }
    let accounts = host.accounts.iter().map(Account::of).collect();
    let guard = Guard::of(host, &site.shared.costs);
    site.insert(Database::new(accounts, spec.port, tables, guard));
    Ok(())
}

/// What is stored for one pump server.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its library.
    pub library: Option<SignedLibrary>,
    /// The infusion history.
    pub history: Vec<Content>,
    /// The configuration item that says how its server stores it, where patients cannot be read in it.
    pub unreadable: Option<ItemId>,
    /// The record of the last write of the library during the run.
    pub written: Option<RecordId>,
}

/// The database.
#[derive(Component, Clone, Debug)]
pub struct Database {
    accounts: Vec<Account>,
    port: u16,
    tables: BTreeMap<String, Table>,
    entered: BTreeSet<StreamId>,
    channel: Far,
}

impl Database {
    /// A database with these tables, by pump server. Whoever has an account has all of them.
    #[must_use]
    pub fn new(
        accounts: Vec<Account>,
        port: u16,
        tables: BTreeMap<String, Table>,
        guard: Option<Guard>,
    ) -> Self {
        Self {
            accounts,
            port,
            tables,
            entered: BTreeSet::new(),
            // Whoever comes proves it by a password: certificates are for the server's end.
            channel: Far::new(guard, false),
        }
    }

    /// The table of a pump server, for inspection.
    #[must_use]
    pub fn table(&self, of: &str) -> Option<&Table> {
        self.tables.get(of)
    }

    fn answer(&mut self, io: &mut Io<'_, '_>, stream: StreamId, query: Query) -> Query {
        match query {
            Query::Login { user, password } => {
                let account = self.accounts.iter().find(|a| a.user == user);
                let accepted = account.is_some_and(|a| a.password.matches(&password));
                let (peer, port) = (io.peer(stream), self.port);
                if accepted {
                    self.entered.insert(stream);
                    io.cx.emit(SessionRecord::LoggedIn { peer, port });
                } else {
                    let item = account.or(self.accounts.first()).map(|a| a.item);
                    io.cx.emit(SessionRecord::LoginRefused { peer, port, item });
                }
                Query::LoginResult { accepted }
            }
            _ if !self.entered.contains(&stream) => Query::Denied,
            Query::ReadLibrary { of } => {
                let table = self.tables.entry(of).or_default();
                if let (Some(library), Some(written)) = (&table.library, table.written) {
                    // Ties what the reader does next to whoever wrote what it read.
                    let version = library.library.version;
                    io.cx
                        .emit_because(LibraryRecord::StoreRead { version }, &[written]);
                }
                Query::Library(table.library.clone())
            }
            Query::WriteLibrary { of, library } => {
                let (version, digest) = (library.library.version, library.library.digest());
                let from = io.peer(stream);
                let table = self.tables.entry(of).or_default();
                table.library = Some(library);
                table.written = Some(io.cx.emit(LibraryRecord::StoreWritten {
                    version,
                    digest,
                    from,
                }));
                Query::Done
            }
            Query::ReadHistory { of } => {
                let what = format!("history of {of}");
                let table = self.tables.entry(of).or_default();
                let answer = Query::History(table.history.clone());
                io.cx.emit(StorageRecord::ContentGiven {
                    what,
                    to: io.peer(stream),
                    records: answer.readable_records(),
                    item: table.unreadable,
                });
                answer
            }
            Query::Append { of, row } => {
                self.tables.entry(of).or_default().history.push(row);
                Query::Done
            }
            _ => Query::Denied,
        }
    }
}

/// A socket of the database has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let Some(database) = node.get_mut::<Database>() else {
        return;
    };
    match event {
        SocketEvent::Message { stream, message } => {
            let answer = match database.channel.hear(io, stream, *message, &[]) {
                Came::Said(Message::Query(query)) => database.answer(io, stream, *query),
                // It says so, as databases do: whoever wants to come can come under TLS.
                Came::InClear => {
                    return io.send(stream, Message::Query(Box::new(Query::Denied)));
                }
                _ => return,
            };
            let answer = Message::Query(Box::new(answer));
            database.channel.send(io, stream, answer);
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => {
            database.entered.remove(&stream);
            database.channel.gone(stream);
        }
        _ => {}
    }
}

/// Switched on: sessions of before are gone, what is stored stays.
pub fn power_on(node: &mut NodeMut<'_>) {
    if let Some(database) = node.get_mut::<Database>() {
        database.entered.clear();
        database.channel.reset();
    }
}
