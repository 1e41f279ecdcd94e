//! A maker's support engineer: visits the pump server that the maker looks after, through the broker where there is one.

use super::host::Io;
use crate::crypto::Passphrase;
use crate::engine::NodeMut;
use crate::net::stack::{App, SocketEvent, StreamId};
use crate::record::{AccessRecord, Task};
use crate::wire::shell::{Command, Output, Shell, token_answer};
use crate::wire::{Ip, Message};
use bevy_ecs::component::Component;

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
        self.stream = Some(io.connect(App::Vendor, to));
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
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
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
