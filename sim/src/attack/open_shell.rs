//! Opens a remote shell: walks in where none asks, else tries the accounts it knows and those that makers ship.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::crypto::Passphrase;
use crate::net::port::{Hands, StreamId};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::shell::{Shell, TELNET_PORT};

use super::attacker::HeldShell;

/// Technique `open-shell`.
#[derive(Debug)]
pub(super) struct OpenShell;

static ENTRY: Entry = Entry {
    id: "open-shell",
    title: "Open a remote shell",
    summary: "Connects to the telnet port of a host. Walks in where no login is asked for; otherwise tries known accounts and then the usual \
              ones of makers, until one is let in or none is left.",
    parameters: &[Parameter {
        name: "target",
        kind: ParameterKind::Host,
        required: true,
        doc: "host with the shell",
    }],
    references: &["T1021", "T1078.001", "T0886", "T0891"],
};

/// Accounts that makers ship \[A\].
const SHIPPED: [(&str, &str); 4] = [
    ("root", "root"),
    ("admin", "admin"),
    ("service", "service"),
    ("maint", "maint"),
];

/// The account to try next: known ones first, then shipped ones.
pub(super) fn next_account(step: &mut Step<'_, '_, '_>) -> Option<(String, Passphrase)> {
    let n = step.state.tries as usize;
    step.state.tries += 1;
    if let Some(known) = step.knowledge.accounts.get(n) {
        if let Some(taught) = known.taught {
            step.hands.uses(taught);
        }
        return Some(known.value.clone());
    }
    let (user, password) = SHIPPED.get(n - step.knowledge.accounts.len())?;
    Some(((*user).to_owned(), Passphrase::of(password)))
}

fn say(hands: &mut Hands<'_, '_>, stream: StreamId, shell: Shell) {
    hands.send(stream, Message::Shell(Box::new(shell)));
}

impl Technique for OpenShell {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "log in", "in the shell"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = step.params.text("target");
        match input {
            Input::Begin => match step.find(name) {
                Some(ip) => {
                    step.state.stream = Some(step.hands.connect(ip, TELNET_PORT));
                    Progress::Reached(1)
                }
                None => Progress::Wait,
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                step.found(name, *ip);
                step.state.stream = Some(step.hands.connect(*ip, TELNET_PORT));
                Progress::Reached(1)
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
                        match next_account(step) {
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
