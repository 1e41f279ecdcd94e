//! Where makers' support lands: a host to jump from, or a broker that carries sessions to the maker's own server, records and ends them.

use super::host::Io;
use super::part::{BuildError, Part, Site, Sockets, role};
use crate::crypto::Passphrase;
use crate::device::id;
use crate::engine::NodeMut;
use crate::net::stack::{SocketEvent, StreamId};
use crate::record::{AccessRecord, SessionRecord};
use crate::rng::Purpose;
use crate::spec::{AccountSpec, HappeningSpec, HostSpec, Item, ItemId, RoleSpec, ServiceKind};
use crate::time::{Duration, Time};
use crate::wire::shell::{Command, Output, Shell, token_answer};
use crate::wire::{Ip, Message};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Broker for support by manufacturers.
pub(super) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::Broker(b) => Sockets::default().listen(b.port)),
    build,
    on_socket,
    on_timer: |io, node, _| on_timer(io, node),
    power_on: |_, node| power_on(node),
    on_scenario_event: |io, node, _, what| {
        let Some(broker) = node.get_mut::<Broker>() else {
            return false;
        };
        match what {
            HappeningSpec::ApproveVendor { user, lasts, .. } => broker.approve(io, user, *lasts),
            HappeningSpec::KillSessions { .. } => broker.kill(io),
            _ => return false,
        }
        true
    },
    ..Part::new(id::BROKER)
};

/// The secret in the token of a manufacturer's engineer.
#[must_use]
pub fn token(user: &str) -> Passphrase {
    Passphrase::of(&format!("token of {user}"))
}

/// The port of a server's shell for support.
fn shell_port(host: &HostSpec) -> u16 {
    let mut services = host.services.iter();
    services
        .find(|s| s.kind == ServiceKind::Ssh)
        .map_or(22, |s| s.port)
}

fn build(site: &mut Site<'_>) -> Result<(), BuildError> {
    let Some(spec) = role!(site.host, RoleSpec::Broker(spec) => spec) else {
        return Ok(());
    };
    let lab = site.lab();
    let account = |a: &Item<AccountSpec>| {
        let server = a.server.as_ref().and_then(|s| lab.host(s));
        VendorAccount {
            item: a.id,
            user: a.user.clone(),
            password: Passphrase::of(&a.password),
            token: token(&a.user),
            server: server.and_then(|s| Some((s.address.ip()?, shell_port(s)))),
        }
    };
    site.insert(Broker::new(BrokerConfig {
        port: spec.port,
        accounts: site.host.accounts.iter().map(account).collect(),
        brokered: (spec.brokered.id, spec.brokered.value),
        approval: (spec.approval.id, spec.approval.value),
    }));
    Ok(())
}

const CHALLENGE: Purpose = Purpose::new("second factor challenge");

/// A maker's account at the broker.
#[derive(Clone, Debug)]
pub struct VendorAccount {
    /// Configuration item.
    pub item: ItemId,
    /// User.
    pub user: String,
    /// Password.
    pub password: Passphrase,
    /// Secret in the user's token.
    pub token: Passphrase,
    /// Address and shell port of the server that the account is for.
    pub server: Option<(Ip, u16)>,
}

/// Configuration.
#[derive(Clone, Debug)]
pub struct BrokerConfig {
    /// Port.
    pub port: u16,
    /// Accounts.
    pub accounts: Vec<VendorAccount>,
    /// Whether sessions go to the account's own server only, are recorded, and can be ended.
    pub brokered: (ItemId, bool),
    /// Whether a session needs an approval in force and the answer of the user's token.
    pub approval: (ItemId, bool),
}

#[derive(Clone, Debug, Default)]
struct Visit {
    /// Number of the account whose password was right.
    account: Option<usize>,
    challenge: Option<u64>,
    entered: bool,
    onward: Option<StreamId>,
}

/// The broker.
#[derive(Component, Clone, Debug)]
pub struct Broker {
    config: BrokerConfig,
    visits: BTreeMap<StreamId, Visit>,
    /// End of the approval in force, by user.
    approved: BTreeMap<String, Time>,
    challenges: u64,
}

fn say(io: &mut Io<'_, '_>, stream: StreamId, shell: Shell) {
    io.send(stream, Message::Shell(Box::new(shell)));
}

impl Broker {
    /// A broker without visits.
    #[must_use]
    pub fn new(config: BrokerConfig) -> Self {
        Self {
            config,
            visits: BTreeMap::new(),
            approved: BTreeMap::new(),
            challenges: 0,
        }
    }

    /// The house approves visits of a user for a time.
    pub fn approve(&mut self, io: &mut Io<'_, '_>, user: &str, lasts: Duration) {
        self.approved.insert(user.to_owned(), io.cx.now() + lasts);
        io.timer(id::BROKER, lasts, 0);
    }

    /// The house ends every session that is carried. A host that people merely jump from knows of none.
    pub fn kill(&mut self, io: &mut Io<'_, '_>) {
        let (item, brokered) = self.config.brokered;
        if brokered {
            self.end(io, item, |_| true);
        }
    }

    /// Ends sessions; `item` is what makes it end them.
    fn end(&mut self, io: &mut Io<'_, '_>, item: ItemId, which: impl Fn(&Visit) -> bool) {
        let doomed: Vec<StreamId> = self
            .visits
            .iter()
            .filter(|(_, v)| v.entered && which(v))
            .map(|(s, _)| *s)
            .collect();
        for stream in doomed {
            let from = io.peer(stream);
            io.cx.emit(AccessRecord::SessionKilled { from, item });
            if let Some(onward) = self.visits.remove(&stream).and_then(|v| v.onward) {
                io.close(onward);
            }
            io.close(stream);
        }
    }

    fn in_force(&self, now: Time, user: &str) -> bool {
        self.approved.get(user).is_some_and(|until| now < *until)
    }

    fn log_in(&mut self, io: &mut Io<'_, '_>, stream: StreamId, user: &str, password: &Passphrase) {
        let mut accounts = self.config.accounts.iter();
        let found = accounts.position(|a| a.user == user);
        let right = found.filter(|n| self.config.accounts[*n].password.matches(password));
        let Some(n) = right else {
            let item = found
                .map(|n| self.config.accounts[n].item)
                .or(Some(self.config.brokered.0));
            return self.refuse(io, stream, item);
        };
        if self.config.approval.1 && !self.in_force(io.cx.now(), user) {
            let item = Some(self.config.approval.0);
            return self.refuse(io, stream, item);
        }
        self.challenges += 1;
        let number = io.cx.stream(CHALLENGE, self.challenges).next_u64();
        let Some(visit) = self.visits.get_mut(&stream) else {
            return;
        };
        visit.account = Some(n);
        if self.config.approval.1 {
            visit.challenge = Some(number);
            let (peer, port, item) = (io.peer(stream), self.config.port, self.config.approval.0);
            io.cx.emit(SessionRecord::CodeAsked { peer, port, item });
            say(io, stream, Shell::Challenge { number });
        } else {
            self.enter(io, stream);
        }
    }

    fn refuse(&self, io: &mut Io<'_, '_>, stream: StreamId, item: Option<ItemId>) {
        let (peer, port) = (io.peer(stream), self.config.port);
        io.cx.emit(SessionRecord::LoginRefused { peer, port, item });
        say(io, stream, Shell::LoginResult { accepted: false });
    }

    fn enter(&mut self, io: &mut Io<'_, '_>, stream: StreamId) {
        if let Some(visit) = self.visits.get_mut(&stream) {
            visit.entered = true;
            let (peer, port) = (io.peer(stream), self.config.port);
            io.cx.emit(SessionRecord::LoggedIn { peer, port });
            say(io, stream, Shell::LoginResult { accepted: true });
        }
    }

    fn code(&mut self, io: &mut Io<'_, '_>, stream: StreamId, code: u64) {
        let visit = self.visits.get(&stream).cloned().unwrap_or_default();
        let account = visit.account.map(|n| &self.config.accounts[n]);
        match (account, visit.challenge) {
            (Some(account), Some(number)) if token_answer(&account.token, number) == code => {
                self.enter(io, stream);
            }
            _ => {
                let item = Some(self.config.approval.0);
                self.refuse(io, stream, item);
            }
        }
    }

    fn run(&mut self, io: &mut Io<'_, '_>, stream: StreamId, command: Command) {
        let Some(visit) = self.visits.get_mut(&stream).filter(|v| v.entered) else {
            return;
        };
        match command {
            Command::Telnet { ip, port } => {
                let own = visit.account.and_then(|n| self.config.accounts[n].server);
                let brokered = self.config.brokered;
                if brokered.1 && own != Some((ip, port)) {
                    let item = brokered.0;
                    io.cx.emit(AccessRecord::SessionDenied { to: ip, item });
                    return say(io, stream, Shell::Output(Output::Unreachable));
                }
                if let Some(before) = visit.onward.take() {
                    io.close(before);
                }
                visit.onward = Some(io.connect(id::BROKER, (ip, port)));
                if brokered.1 {
                    let from = io.peer(stream);
                    io.cx.emit(AccessRecord::SessionCarried { from, to: ip });
                }
            }
            Command::Onward(message) => match visit.onward {
                Some(onward) => {
                    if self.config.brokered.1
                        && let Shell::Run(command) = &*message
                    {
                        let what = kind(command);
                        io.cx.emit(AccessRecord::SessionCommand { what });
                    }
                    io.send(onward, Message::Shell(message));
                }
                None => say(io, stream, Shell::Output(Output::Unreachable)),
            },
            _ => say(io, stream, Shell::Output(Output::NotFound)),
        }
    }

    fn outer(&self, inner: StreamId) -> Option<StreamId> {
        let mut visits = self.visits.iter();
        visits
            .find(|(_, v)| v.onward == Some(inner))
            .map(|(outer, _)| *outer)
    }

    fn gone(&mut self, io: &mut Io<'_, '_>, stream: StreamId) {
        if let Some(outer) = self.outer(stream) {
            if let Some(visit) = self.visits.get_mut(&outer) {
                visit.onward = None;
            }
            say(io, outer, Shell::Output(Output::Unreachable));
        } else if let Some(onward) = self.visits.remove(&stream).and_then(|v| v.onward) {
            io.close(onward);
        }
    }
}

/// A command as the recording of a session lists it.
fn kind(command: &Command) -> &'static str {
    match command {
        Command::Read { .. } | Command::Fetch { .. } => "read of a file",
        Command::Write { .. } | Command::Expand { .. } => "write of a file",
        Command::Telnet { .. } | Command::Onward(_) => "session onward",
        _ => "look around",
    }
}

/// A socket of the broker has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let Some(broker) = node.get_mut::<Broker>() else {
        return;
    };
    match event {
        SocketEvent::Accepted { stream, .. } => {
            broker.visits.insert(stream, Visit::default());
            say(io, stream, Shell::Banner { open: false });
        }
        SocketEvent::Message { stream, message } => {
            let Message::Shell(message) = *message else {
                return;
            };
            if let Some(outer) = broker.outer(stream) {
                return say(io, outer, Shell::Output(Output::Onward(message)));
            }
            match *message {
                Shell::Login { user, password } => broker.log_in(io, stream, &user, &password),
                Shell::Code { code } => broker.code(io, stream, code),
                Shell::Run(command) => broker.run(io, stream, command),
                _ => {}
            }
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => {
            broker.gone(io, stream);
        }
        _ => {}
    }
}

/// An approval may have run out: sessions that stood on it end.
pub fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    let Some(broker) = node.get_mut::<Broker>() else {
        return;
    };
    if !broker.config.approval.1 {
        return;
    }
    let now = io.cx.now();
    let over: Vec<bool> = broker
        .config
        .accounts
        .iter()
        .map(|a| !broker.in_force(now, &a.user))
        .collect();
    let item = broker.config.approval.0;
    broker.end(io, item, |v| v.account.is_some_and(|n| over[n]));
}

/// Switched on: visits of before are gone.
pub fn power_on(node: &mut NodeMut<'_>) {
    if let Some(broker) = node.get_mut::<Broker>() {
        broker.visits.clear();
    }
}
