//! Services that a host offers besides its role: remote shell, file transfer, web. Each does what it is told, with the host's own hands.

use super::host::{Down, Io};
use super::infrastructure::Authority;
use super::part::{Part, Sockets, role};
use super::program;
use super::pump::PumpComms;
use super::storage::Storage;
use crate::crypto::Passphrase;
use crate::device::id;
use crate::engine::{NodeMut, RecordId};
use crate::event::NO_ITEM;
use crate::net::stack::{SocketEvent, StreamId};
use crate::net::{outside, part};
use crate::record::{HostRecord, SessionRecord, StorageRecord};
use crate::spec::{AccountSpec, HostSpec, Item, ItemId, RoleSpec, ServiceKind, StaffRole};
use crate::time::Duration;
use crate::wire::file::{Content, File, FileInfo};
use crate::wire::http::{CRL_PATH, Http, PORT as HTTP_PORT};
use crate::wire::shell::{Command, Ftp, Output, Peer, Shell};
use crate::wire::syslog::LogKind;
use crate::wire::{Ip, Message};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Accounts of a host, and sessions of its services.
pub(super) const SERVICES: Part = Part {
    on: |_, host| {
        let pump = role!(host, RoleSpec::Pump(_) => ()).is_some();
        let any = pump || !host.services.is_empty() || !host.weaknesses.is_empty();
        any.then(Sockets::default)
    },
    build: |site| {
        let guarded = site.host.services.iter().filter(|s| s.login);
        let guarded = guarded.map(|s| (s.port, s.id)).collect();
        site.insert(Services::new(Account::of_services(site.host), guarded));
        Ok(())
    },
    power_on: |_, node| {
        if let Some(services) = node.get_mut::<Services>() {
            services.shells.clear();
            services.transfers.clear();
        }
    },
    restarts: true,
    ..Part::new(id::SERVICES)
};

/// Remote shell, also that for support.
pub(super) const TELNET: Part = Part {
    on: |_, host| Sockets::of_services(host, &[ServiceKind::Telnet, ServiceKind::Ssh]),
    on_socket: on_telnet,
    ..Part::new(id::TELNET)
};

/// File transfer.
pub(super) const FTP: Part = Part {
    on: |_, host| Sockets::of_services(host, &[ServiceKind::Ftp]),
    on_socket: on_ftp,
    ..Part::new(id::FTP)
};

/// Web service: the host's own pages, and the revocation list of a certificate authority.
pub(super) const WEB: Part = Part {
    on: |_, host| {
        let own = Sockets::of_services(host, &[ServiceKind::Web]);
        match role!(host, RoleSpec::CertificateAuthority(_) => ()) {
            Some(()) => Some(own.unwrap_or_default().listen(HTTP_PORT)),
            None => own,
        }
    },
    on_socket: on_web,
    ..Part::new(id::WEB)
};

/// A server without a model of its own: answers whoever connects.
pub(super) const ANSWERING: Part = Part {
    on: |_, host| {
        let ports = host.roles.iter().filter_map(|role| match role {
            RoleSpec::Answering { port } => Some(*port),
            _ => None,
        });
        let sockets = ports.fold(Sockets::default(), Sockets::listen);
        (!sockets.listeners.is_empty()).then_some(sockets)
    },
    on_socket: |io, _, event| {
        if let SocketEvent::Message { stream, message } = event {
            let bytes = message.wire_len();
            io.send(stream, Message::Opaque { bytes });
        }
    },
    needs_files: true,
    ..Part::new(id::ANSWERING)
};

/// An account that services accept.
#[derive(Clone, Debug)]
pub struct Account {
    /// Configuration item.
    pub item: ItemId,
    /// User.
    pub user: String,
    /// Password.
    pub password: Passphrase,
}

impl Account {
    /// An account from its spec.
    pub(super) fn of(spec: &Item<AccountSpec>) -> Self {
        Self {
            item: spec.id,
            user: spec.user.clone(),
            password: Passphrase::of(&spec.password),
        }
    }

    /// Accounts that a service of the host takes: those of the portal's ordinary users are not among them.
    fn of_services(host: &HostSpec) -> Vec<Self> {
        let takes =
            |a: &&Item<AccountSpec>| matches!(a.role, None | Some(StaffRole::Administrator));
        host.accounts.iter().filter(takes).map(Self::of).collect()
    }
}

#[derive(Clone, Debug)]
struct ShellSession {
    entered: bool,
    onward: Option<StreamId>,
    fetching: Option<String>,
}

/// The host's accounts and shell sessions.
#[derive(Component, Clone, Debug, Default)]
pub struct Services {
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Services that ask for a login: port and item.
    pub guarded: Vec<(u16, ItemId)>,
    shells: BTreeMap<StreamId, ShellSession>,
    transfers: BTreeMap<StreamId, bool>,
}

impl Services {
    /// Services with these accounts; `guarded` are the ports that ask for a login.
    #[must_use]
    pub fn new(accounts: Vec<Account>, guarded: Vec<(u16, ItemId)>) -> Self {
        Self {
            accounts,
            guarded,
            ..Self::default()
        }
    }

    /// A stream is a shell session from now on, without a login.
    pub fn enter(&mut self, stream: StreamId) {
        let session = ShellSession {
            entered: true,
            onward: None,
            fetching: None,
        };
        self.shells.insert(stream, session);
    }

    fn guard(&self, port: u16) -> Option<ItemId> {
        self.guarded
            .iter()
            .find(|(p, _)| *p == port)
            .map(|(_, item)| *item)
    }

    /// Whether the service on a port asks for a login.
    pub(super) fn asks_login(&self, port: u16) -> bool {
        self.guard(port).is_some()
    }

    pub(super) fn login(
        &self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        user: &str,
        password: &Passphrase,
    ) -> bool {
        let (peer, port) = (
            io.peer(stream),
            io.network.stack.local_port(stream).unwrap_or(0),
        );
        let account = self.accounts.iter().find(|a| a.user == user);
        let accepted =
            self.guard(port).is_none() || account.is_some_and(|a| a.password.matches(password));
        if accepted {
            io.cx.emit(SessionRecord::LoggedIn { peer, port });
            io.log(LogKind::LoggedIn, Some(peer), port);
        } else {
            let item = account.map(|a| a.item).or(self.guard(port));
            io.cx.emit(SessionRecord::LoginRefused { peer, port, item });
            io.log(LogKind::LoginRefused, Some(peer), port);
        }
        accepted
    }
}

fn shell(io: &mut Io<'_, '_>, stream: StreamId, message: Shell) {
    io.send(stream, Message::Shell(Box::new(message)));
}

fn output(io: &mut Io<'_, '_>, stream: StreamId, output: Output) {
    shell(io, stream, Shell::Output(output));
}

/// A socket of the remote shell has something to tell.
pub fn on_telnet(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let Some(services) = node.get_mut::<Services>() else {
        return;
    };
    match event {
        SocketEvent::Accepted { stream, port, peer } => {
            let open = services.guard(port).is_none();
            services.enter(stream);
            if let Some(session) = services.shells.get_mut(&stream) {
                session.entered = open;
            }
            if open {
                io.cx.emit(SessionRecord::LoggedIn { peer, port });
            }
            shell(io, stream, Shell::Banner { open });
        }
        SocketEvent::Message { stream, message } => {
            let Message::Shell(message) = *message else {
                return;
            };
            if let Some(outer) = outer_of(services, stream) {
                return onward_said(io, node, outer, message);
            }
            match *message {
                Shell::Login { user, password } => {
                    let accepted = services.login(io, stream, &user, &password);
                    if let Some(session) = services.shells.get_mut(&stream) {
                        session.entered |= accepted;
                    }
                    shell(io, stream, Shell::LoginResult { accepted });
                }
                Shell::Run(command) if services.shells.get(&stream).is_some_and(|s| s.entered) => {
                    run(io, node, stream, command);
                }
                _ => {}
            }
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => {
            if let Some(outer) = outer_of(services, stream) {
                if let Some(session) = services.shells.get_mut(&outer) {
                    session.onward = None;
                }
                output(io, outer, Output::Unreachable);
            }
            services.shells.remove(&stream);
        }
        _ => {}
    }
}

/// The onward session said something: it is stored here if a file was being fetched, and passed back otherwise.
fn onward_said(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, outer: StreamId, message: Box<Shell>) {
    let session = node
        .get_mut::<Services>()
        .and_then(|s| s.shells.get_mut(&outer));
    let Some(to) = session.and_then(|s| s.fetching.take()) else {
        return output(io, outer, Output::Onward(message));
    };
    match *message {
        Shell::Output(Output::File(file)) => {
            let file = File { path: to, ..file };
            file_command(io, node, outer, Command::Write { file });
        }
        _ => output(io, outer, Output::NotFound),
    }
}

fn outer_of(services: &Services, inner: StreamId) -> Option<StreamId> {
    services
        .shells
        .iter()
        .find(|(_, s)| s.onward == Some(inner))
        .map(|(outer, _)| *outer)
}

/// Runs a command at a shell.
fn run(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, stream: StreamId, command: Command) {
    match command {
        Command::Telnet { ip, port } => {
            let onward = io.connect(id::TELNET, (ip, port));
            if let Some(session) = node
                .get_mut::<Services>()
                .and_then(|s| s.shells.get_mut(&stream))
            {
                session.onward = Some(onward);
            }
        }
        Command::Onward(message) => {
            let onward = node
                .get_mut::<Services>()
                .and_then(|s| s.shells.get(&stream))
                .and_then(|s| s.onward);
            match onward {
                Some(onward) => io.send(onward, Message::Shell(message)),
                None => output(io, stream, Output::Unreachable),
            }
        }
        Command::Fetch { path, to } => {
            let session = node
                .get_mut::<Services>()
                .and_then(|s| s.shells.get_mut(&stream));
            match session.and_then(|s| s.onward.inspect(|_| s.fetching = Some(to))) {
                Some(onward) => shell(io, onward, Shell::Run(Command::Read { path })),
                None => output(io, stream, Output::Unreachable),
            }
        }
        Command::Netstat => {
            let peers = io
                .network
                .stack
                .peers()
                .map(|(ip, port)| Peer { ip, port })
                .collect();
            output(io, stream, Output::Peers(peers));
        }
        Command::Run { path } => {
            let file = node.get::<Storage>().and_then(|s| s.file(&path).cloned());
            let answer = match file.map(|f| f.content) {
                Some(Content::Program(program)) => {
                    if program::execute(io, node, &program, &[]) {
                        Output::Done
                    } else {
                        Output::Refused
                    }
                }
                _ => Output::NotFound,
            };
            output(io, stream, answer);
        }
        Command::List | Command::Read { .. } | Command::Write { .. } | Command::Expand { .. } => {
            file_command(io, node, stream, command);
        }
    }
}

fn file_command(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, stream: StreamId, command: Command) {
    let Some(storage) = node.get_mut::<Storage>() else {
        return;
    };
    let answer = match command {
        Command::Read { path } => {
            let to = io.peer(stream);
            give(io, node, &path, to).map_or(Output::NotFound, Output::File)
        }
        Command::Write { file } => write_file(io, node, file, &[]),
        Command::Expand { path } => match storage.file(&path).map(|f| &f.content) {
            Some(Content::Archive { expands_to }) => {
                if *expands_to > storage.memory {
                    // The decompressor fills memory and then the flash file system; nothing on the module runs any more.
                    fail(io, node, "memory exhausted");
                    return;
                }
                Output::Done
            }
            _ => Output::NotFound,
        },
        _ => Output::Listing(
            storage
                .files
                .iter()
                .map(|(_, f)| FileInfo {
                    path: f.path.clone(),
                    bytes: f.bytes,
                })
                .collect(),
        ),
    };
    output(io, stream, answer);
}

/// A service gives out a file, if there is one at the path.
pub fn give(io: &mut Io<'_, '_>, node: &NodeMut<'_>, path: &str, to: Ip) -> Option<File> {
    let mut files = node.get::<Storage>()?.files.iter();
    let (item, file) = files.find(|(_, f)| f.path == path)?;
    io.cx.emit(StorageRecord::ContentGiven {
        what: file.path.clone(),
        to,
        records: u32::try_from(file.readable_records().len()).unwrap_or(u32::MAX),
        item: (*item != NO_ITEM).then_some(*item),
    });
    Some(file.clone())
}

/// Stores a file that came from outside.
pub fn write_file(
    io: &mut Io<'_, '_>,
    node: &mut NodeMut<'_>,
    file: File,
    because: &[RecordId],
) -> Output {
    let (path, bytes) = (file.path.clone(), file.bytes);
    if !node.get_mut::<Storage>().is_some_and(|s| s.write(file)) {
        return Output::NoSpace;
    }
    io.cx
        .emit_because(StorageRecord::FileWritten { path, bytes }, because);
    Output::Done
}

/// The host stops communicating for good.
pub fn fail(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, why: &'static str) {
    go_down(io, node, (why, Down::ForGood), &[]);
}

/// The host stops communicating until it is started again: by itself after `restart`, or by hand. What it delivers goes on.
pub fn stop(
    io: &mut Io<'_, '_>,
    node: &mut NodeMut<'_>,
    why: &'static str,
    restart: Option<Duration>,
    because: &[RecordId],
) {
    go_down(io, node, (why, Down::UntilStarted), because);
    if let Some(after) = restart {
        io.timer(part::HOST, after, 0);
    }
}

fn go_down(
    io: &mut Io<'_, '_>,
    node: &mut NodeMut<'_>,
    (why, down): (&'static str, Down),
    because: &[RecordId],
) {
    let record = io
        .cx
        .emit_because(HostRecord::CommunicationFailed { why }, because);
    io.network.down = Some(down);
    outside::off(io.cx);
    if let Some(pump) = node.get_mut::<PumpComms>() {
        pump.failed(record);
    }
}

/// A socket of the file transfer service has something to tell.
pub fn on_ftp(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    if let SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) = event
        && let Some(services) = node.get_mut::<Services>()
    {
        services.transfers.remove(&stream);
    }
    let SocketEvent::Message { stream, message } = event else {
        return;
    };
    let Message::Ftp(message) = *message else {
        return;
    };
    let (Some(services), port) = (
        node.get_mut::<Services>(),
        io.network.stack.local_port(stream).unwrap_or(0),
    ) else {
        return;
    };
    let answer = match *message {
        Ftp::Login { account } => {
            let accepted = match (&account, services.guard(port)) {
                (_, None) => {
                    let peer = io.peer(stream);
                    io.cx.emit(SessionRecord::LoggedIn { peer, port });
                    true
                }
                (Some((user, password)), Some(_)) => services.login(io, stream, user, password),
                (None, Some(item)) => {
                    let peer = io.peer(stream);
                    io.cx.emit(SessionRecord::LoginRefused {
                        peer,
                        port,
                        item: Some(item),
                    });
                    io.log(LogKind::LoginRefused, Some(peer), port);
                    false
                }
            };
            services.transfers.insert(stream, accepted);
            Ftp::LoginResult { accepted }
        }
        Ftp::Store { file } if services.transfers.get(&stream) == Some(&true) => {
            let (path, bytes) = (file.path.clone(), file.bytes);
            if node.get_mut::<Storage>().is_some_and(|s| s.write(file)) {
                io.cx.emit(StorageRecord::FileWritten { path, bytes });
                Ftp::Done
            } else {
                Ftp::Failed
            }
        }
        Ftp::Retrieve { path } if services.transfers.get(&stream) == Some(&true) => {
            let to = io.peer(stream);
            give(io, node, &path, to).map_or(Ftp::Failed, Ftp::File)
        }
        _ => Ftp::Failed,
    };
    io.send(stream, Message::Ftp(Box::new(answer)));
}

/// A socket of the web service has something to tell: serves the files below `/www`, and an authority's revocation list.
pub fn on_web(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let SocketEvent::Message { stream, message } = event else {
        return;
    };
    let Message::Http(http) = *message else {
        return;
    };
    let path = match *http {
        Http::Get { path } => path,
        Http::Configure { account, server } => {
            return configure(io, node, stream, account, server);
        }
        _ => return,
    };
    let answer = match node.get::<Authority>() {
        Some(authority) if path == CRL_PATH => Http::Crl {
            revoked: authority.revoked.clone(),
        },
        _ => {
            let to = io.peer(stream);
            let file = give(io, node, &format!("/www{path}"), to);
            Http::Response {
                status: if file.is_some() { 200 } else { 404 },
                file,
            }
        }
    };
    io.send(stream, Message::Http(Box::new(answer)));
}

/// Somebody changes the settings of a pump on its configuration page.
fn configure(
    io: &mut Io<'_, '_>,
    node: &mut NodeMut<'_>,
    stream: StreamId,
    account: Option<(String, Passphrase)>,
    server: String,
) {
    let Some(services) = node.get_mut::<Services>() else {
        return;
    };
    let nobody = || (String::new(), Passphrase::of(""));
    let (user, password) = account.unwrap_or_else(nobody);
    let accepted = services.login(io, stream, &user, &password);
    let pump = node.get_mut::<PumpComms>();
    let status = match pump {
        Some(_) if !accepted => 401,
        Some(pump) => {
            let peer = io.peer(stream);
            let changed = HostRecord::SettingsChanged {
                peer,
                server: server.clone(),
            };
            io.cx.emit(changed);
            pump.set_server(io, server);
            200
        }
        None => 404,
    };
    let file = None;
    io.send(
        stream,
        Message::Http(Box::new(Http::Response { status, file })),
    );
}
