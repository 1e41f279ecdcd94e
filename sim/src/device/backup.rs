//! A backup server: pulls copies of the files that other hosts share, and gives them back to a host that was rebuilt.
//!
//! It opens sessions and takes none, so nobody can write to what it has. It copies encrypted files too, and keeps the last copy that can be read beside them.

use super::host::Io;
use super::part::{BuildError, Part, Site, Sockets, role};
use crate::crypto::Passphrase;
use crate::device::id;
use crate::engine::{NodeId, NodeMut, RecordId};
use crate::net::stack::{SocketEvent, StreamId};
use crate::record::StorageRecord;
use crate::spec::{HappeningSpec, Item, RoleSpec, ServiceKind, ServiceSpec};
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::file::{Content, File};
use crate::wire::share::{PORT, Share};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Backup server.
pub(super) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::Backup(_) => Sockets::default().hear_link()),
    build,
    on_socket: |io, node, event| on_socket(io, node, &event),
    on_timer: |io, node, _| on_timer(io, node),
    power_on: |_, node| power_on(node),
    on_scenario_event: |io, node, _, what| match (what, node.get_mut::<Backup>()) {
        // Somebody else's host was set up anew.
        (HappeningSpec::Restore { host, .. }, Some(backup)) => {
            backup.give_back(io, host);
            true
        }
        _ => false,
    },
    ..Part::new(id::BACKUP)
};

/// It has the first account of each host whose share asks for one.
fn build(site: &mut Site<'_>) -> Result<(), BuildError> {
    let Some(spec) = role!(site.host, RoleSpec::Backup(spec) => spec) else {
        return Ok(());
    };
    let lab = site.lab();
    let client = |name: &String| {
        let of = lab.host(name).ok_or_else(|| site.unknown("host", name))?;
        let asks = |s: &&Item<ServiceSpec>| s.kind == ServiceKind::Share && s.login;
        let account = of.services.iter().find(asks).and(of.accounts.first());
        Ok(Client {
            name: name.clone(),
            node: site.shared.node(name).unwrap_or_default(),
            account: account.map(|a| (a.user.clone(), Passphrase::of(&a.password))),
        })
    };
    let clients = spec
        .of
        .iter()
        .map(client)
        .collect::<Result<_, BuildError>>()?;
    site.insert(Backup::new(clients, spec.every, spec.on.value));
    Ok(())
}

/// Time from the start of the server to its first round \[A\].
const FIRST: Duration = Duration::from_mins(1);
/// Questions to the name server from here on are for giving back.
const BACK: u32 = 1 << 16;

/// A host whose files are copied.
#[derive(Clone, Debug)]
pub struct Client {
    /// Name.
    pub name: String,
    /// Node.
    pub node: NodeId,
    /// Account for its share, where it asks for one.
    pub account: Option<(String, Passphrase)>,
}

#[derive(Clone, Debug)]
enum Task {
    /// Copies the files at these paths; how many were copied.
    Pull { paths: Vec<String>, copied: u32 },
    /// Writes these files back.
    Push(Vec<File>),
}

#[derive(Clone, Debug)]
struct Session {
    client: usize,
    task: Task,
}

/// The backup server.
#[derive(Component, Clone, Debug)]
pub struct Backup {
    clients: Vec<Client>,
    every: Duration,
    on: bool,
    sessions: BTreeMap<StreamId, Session>,
    /// The newest copy of each file that can be read, by client and path.
    copies: BTreeMap<(usize, String), File>,
    /// The record of the last round that copied something of a client.
    rounds: BTreeMap<usize, RecordId>,
}

impl Backup {
    /// A server that copies the files of these hosts at this interval, if it is on.
    #[must_use]
    pub fn new(clients: Vec<Client>, every: Duration, on: bool) -> Self {
        Self {
            clients,
            every,
            on,
            sessions: BTreeMap::new(),
            copies: BTreeMap::new(),
            rounds: BTreeMap::new(),
        }
    }

    fn begin(&mut self, io: &mut Io<'_, '_>, query: u32, ip: crate::wire::Ip) {
        let client = (query % BACK) as usize;
        let task = if query < BACK {
            let (paths, copied) = (Vec::new(), 0);
            Task::Pull { paths, copied }
        } else {
            let own = self.copies.range((client, String::new())..);
            let files = own.take_while(|((c, _), _)| *c == client);
            Task::Push(files.map(|(_, f)| f.clone()).collect())
        };
        let stream = io.connect(id::BACKUP, (ip, PORT));
        self.sessions.insert(stream, Session { client, task });
    }

    /// What comes next in a session; none where it is over.
    fn next(session: &mut Session) -> Option<Share> {
        match &mut session.task {
            Task::Pull { paths, .. } => paths.pop().map(|path| Share::Read { path }),
            Task::Push(files) => files.pop().map(|file| Share::Write { file }),
        }
    }

    fn first(session: &mut Session) -> Option<Share> {
        match &session.task {
            Task::Pull { .. } => Some(Share::List),
            Task::Push(_) => Self::next(session),
        }
    }

    fn said(&mut self, io: &mut Io<'_, '_>, stream: StreamId, share: &Share) {
        let Some(session) = self.sessions.get_mut(&stream) else {
            return;
        };
        let client = session.client;
        let next = match share {
            Share::LoginResult { accepted: true } => Self::first(session),
            Share::LoginResult { accepted: false } => None,
            Share::Listing(files) => {
                if let Task::Pull { paths, .. } = &mut session.task {
                    *paths = files.iter().map(|f| f.path.clone()).collect();
                }
                Self::next(session)
            }
            Share::File(file) => {
                if !matches!(file.content, Content::Sealed(_))
                    && let Task::Pull { copied, .. } = &mut session.task
                {
                    *copied += 1;
                    self.copies
                        .insert((client, file.path.clone()), file.clone());
                }
                Self::next(session)
            }
            _ => Self::next(session),
        };
        match next {
            Some(share) => io.send(stream, Message::Share(Box::new(share))),
            None => self.over(io, stream),
        }
    }

    fn over(&mut self, io: &mut Io<'_, '_>, stream: StreamId) {
        io.close(stream);
        let Some(session) = self.sessions.remove(&stream) else {
            return;
        };
        let of = self.clients[session.client].node;
        if let Task::Pull { copied: files, .. } = session.task
            && files > 0
        {
            let record = io.cx.emit(StorageRecord::CopyStored { of, files });
            self.rounds.insert(session.client, record);
        }
    }

    /// Gives back what it has of a host that was rebuilt.
    pub fn give_back(&mut self, io: &mut Io<'_, '_>, host: &str) {
        let Some(client) = self.clients.iter().position(|c| c.name == host) else {
            return;
        };
        let of = self.clients[client].node;
        let Some(round) = self.rounds.get(&client).copied() else {
            io.cx.emit(StorageRecord::NoCopy { of });
            return;
        };
        io.cx
            .emit_because(StorageRecord::CopyReturned { of }, &[round]);
        io.resolve(id::BACKUP, BACK + client as u32, host);
    }
}

/// A socket has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    let Some(backup) = node.get_mut::<Backup>() else {
        return;
    };
    match event {
        SocketEvent::Up if backup.on => {
            io.timer(id::BACKUP, FIRST, 0);
        }
        SocketEvent::Resolved {
            query,
            ip: Some(ip),
        } => backup.begin(io, *query, *ip),
        SocketEvent::Opened(stream) => {
            let Some(session) = backup.sessions.get_mut(stream) else {
                return;
            };
            let share = match &backup.clients[session.client].account {
                Some((user, password)) => Some(Share::Login {
                    user: user.clone(),
                    password: password.clone(),
                }),
                None => Backup::first(session),
            };
            match share {
                Some(share) => io.send(*stream, Message::Share(Box::new(share))),
                None => backup.over(io, *stream),
            }
        }
        SocketEvent::Message { stream, message } => {
            if let Message::Share(share) = &**message {
                backup.said(io, *stream, share);
            }
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => {
            backup.sessions.remove(stream);
        }
        _ => {}
    }
}

/// A round is due.
pub fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    let Some(backup) = node.get_mut::<Backup>() else {
        return;
    };
    // A round is caused by the server's being on, not by the round before it.
    let began = io.cx.cause();
    io.timer_caused(id::BACKUP, backup.every, 0, began);
    for (i, client) in backup.clients.iter().enumerate() {
        io.resolve(id::BACKUP, i as u32, &client.name);
    }
}

/// Switched on: sessions of before are gone, copies stay.
pub fn power_on(node: &mut NodeMut<'_>) {
    if let Some(backup) = node.get_mut::<Backup>() {
        backup.sessions.clear();
    }
}
