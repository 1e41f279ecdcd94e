//! A maker's support engineer: visits the pump server that the maker looks after, through the broker where there is one.

use super::id;
use crate::crypto::Passphrase;
use crate::device::broker::token;
use crate::device::credentials::password_of;
use crate::device::host::Io;
use crate::device::part::{BuildError, Part, Site, Sockets, role};
use crate::engine::NodeMut;
use crate::net::stack::{SocketEvent, StreamId};
use crate::record::{AccessRecord, Task};
use crate::spec::{HappeningSpec, RoleSpec};
use crate::wire::shell::{Command, Output, Shell, token_answer};
use crate::wire::{Ip, Message};
use bevy_ecs::component::Component;

/// Support engineer of a manufacturer.
pub(crate) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::Vendor(_) => Sockets::default()),
    build,
    on_socket,
    on_scenario_event: |io, node, _, what| match (what, node.get_mut::<Vendor>()) {
        (HappeningSpec::VendorVisit { .. }, Some(vendor)) => {
            vendor.visit(io);
            true
        }
        _ => false,
    },
    ..Part::new(id::VENDOR)
};

fn build(site: &mut Site<'_>) -> Result<(), BuildError> {
    let Some(spec) = role!(site.host, RoleSpec::Vendor(spec) => spec) else {
        return Ok(());
    };
    let lab = site.lab();
    let server = lab.host(&spec.server).and_then(|h| h.address.ip());
    let ip = server.ok_or_else(|| site.unknown("pump server", &spec.server))?;
    let broker = spec.through.value.as_ref().and_then(|name| {
        let host = lab.host(name)?;
        let port = role!(host, RoleSpec::Broker(b) => b.port)?;
        Some((
            host.address.ip()?,
            port,
            password_of(&lab, name, &spec.user),
        ))
    });
    site.insert(Vendor::new(VendorConfig {
        user: spec.user.clone(),
        server_password: password_of(&lab, &spec.server, &spec.user),
        server: (ip, spec.port),
        broker,
        token: token(&spec.user),
    }));
    Ok(())
}

/// What the engineer knows.
#[derive(Clone, Debug)]
pub struct VendorConfig {
    /// User, at the broker and at the server.
    pub user: String,
    /// Password at the server.
    pub server_password: Passphrase,
    /// Address and shell port of the server. Support has it in its papers and asks no name server of the house.
    pub server: (Ip, u16),
    /// Address, port and password at the broker; none: the server is reached directly.
    pub broker: Option<(Ip, u16, Passphrase)>,
    /// The token that answers challenges.
    pub token: Passphrase,
}

/// The engineer.
#[derive(Component, Clone, Debug)]
pub struct Vendor {
    config: VendorConfig,
    stream: Option<StreamId>,
    /// Whether what is said now is said to the server.
    at_server: bool,
}

impl Vendor {
    /// An engineer.
    #[must_use]
    pub fn new(config: VendorConfig) -> Self {
        Self {
            config,
            stream: None,
            at_server: false,
        }
    }

    /// Begins a visit.
    pub fn visit(&mut self, io: &mut Io<'_, '_>) {
        let to = match &self.config.broker {
            Some((ip, port, _)) => (*ip, *port),
            None => self.config.server,
        };
        self.at_server = self.config.broker.is_none();
        self.stream = Some(io.connect(id::VENDOR, to));
    }

    fn say(&self, io: &mut Io<'_, '_>, stream: StreamId, shell: Shell) {
        let carried = self.at_server && self.config.broker.is_some();
        let shell = if carried {
            Shell::Run(Command::Onward(Box::new(shell)))
        } else {
            shell
        };
        io.send(stream, Message::Shell(Box::new(shell)));
    }

    fn ended(&mut self, io: &mut Io<'_, '_>, success: bool) {
        if let Some(stream) = self.stream.take() {
            io.close(stream);
            let task = Task::SupportVisit;
            io.cx.emit(AccessRecord::TaskEnded { task, success });
        }
    }

    fn heard(&mut self, io: &mut Io<'_, '_>, stream: StreamId, shell: Shell) {
        match shell {
            Shell::Banner { .. } => {
                let broker = self.config.broker.as_ref().filter(|_| !self.at_server);
                let password = broker
                    .map_or(&self.config.server_password, |b| &b.2)
                    .clone();
                let user = self.config.user.clone();
                self.say(io, stream, Shell::Login { user, password });
            }
            Shell::Challenge { number } => {
                let code = token_answer(&self.config.token, number);
                self.say(io, stream, Shell::Code { code });
            }
            Shell::LoginResult { accepted: true } if !self.at_server => {
                let (ip, port) = self.config.server;
                self.say(io, stream, Shell::Run(Command::Telnet { ip, port }));
                self.at_server = true;
            }
            Shell::LoginResult { accepted: true } => {
                self.say(io, stream, Shell::Run(Command::List));
            }
            Shell::Output(Output::Onward(inner)) => self.heard(io, stream, *inner),
            Shell::Output(Output::Listing(_)) => self.ended(io, true),
            _ => self.ended(io, false),
        }
    }
}

/// A socket has something to tell.
fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let Some(vendor) = node.get_mut::<Vendor>() else {
        return;
    };
    match event {
        SocketEvent::Message { stream, message } if Some(stream) == vendor.stream => {
            if let Message::Shell(shell) = *message {
                vendor.heard(io, stream, *shell);
            }
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream)
            if Some(stream) == vendor.stream =>
        {
            vendor.ended(io, false);
        }
        _ => {}
    }
}
