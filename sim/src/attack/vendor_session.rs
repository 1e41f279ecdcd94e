//! Opens a shell on a pump server as a maker's support would: directly, or through the host where support lands.

use super::attacker::HeldShell;
use super::open_shell::next_account;
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::crypto::Passphrase;
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::wire::Message;
use crate::wire::portal::PORT as BROKER_PORT;
use crate::wire::shell::{Command, Output, Shell, token_answer};

/// Technique `vendor-session`.
#[derive(Debug)]
pub(super) struct VendorSession;

static ENTRY: Entry = Entry {
    id: "vendor-session",
    title: "Open a support session with a maker's account",
    summary: "Connects to the support shell of a pump server, or first to the broker named and asks there to be carried on, and logs in at each \
              with the password given, then with known accounts and those that makers ship. A broker that asks for a second factor gets \
              the answer of the user's token, if that is in hand; otherwise it ends there. Noise: logins at the broker and at the server; a broker that carries sessions records them.",
    parameters: &[
        Parameter {
            name: "target",
            kind: ParameterKind::Host,
            required: true,
            doc: "pump server",
        },
        Parameter {
            name: "broker",
            kind: ParameterKind::Host,
            required: false,
            doc: "host where makers' support lands; directly if not given",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "port of the server's support shell; 22 if not given",
        },
        Parameter {
            name: "user",
            kind: ParameterKind::Text,
            required: false,
            doc: "user whose password was got",
        },
        Parameter {
            name: "password",
            kind: ParameterKind::Text,
            required: false,
            doc: "that password",
        },
    ],
    references: &["T1133", "T1199", "T1078", "T0822", "T0859"],
};

/// The account to try next: the one given, then known and shipped ones.
fn account(step: &mut Step<'_, '_, '_>) -> Option<(String, Passphrase)> {
    if step.state.tries == 0 && !step.params.text("user").is_empty() && !step.state.given {
        step.state.given = true;
        let password = Passphrase::of(step.params.text("password"));
        return Some((step.params.text("user").to_owned(), password));
    }
    next_account(step)
}

fn port(step: &Step<'_, '_, '_>) -> u16 {
    let given = step.params.integer("port");
    given.and_then(|p| u16::try_from(p).ok()).unwrap_or(22)
}

/// Goes to whatever comes next: the address of the server, that of the broker, the connection.
fn go(step: &mut Step<'_, '_, '_>) -> Progress {
    let (target, broker) = (
        step.params.text("target").to_owned(),
        step.params.text("broker").to_owned(),
    );
    let Some(ip) = step.find(&target) else {
        return Progress::Wait;
    };
    if broker.is_empty() {
        let port = port(step);
        step.hands.connect(ip, port);
        return Progress::Reached(1);
    }
    match step.find(&broker) {
        Some(ip) => {
            step.hands.connect(ip, BROKER_PORT);
            Progress::Reached(1)
        }
        None => Progress::Wait,
    }
}

/// The name that was last asked for.
fn asked(step: &Step<'_, '_, '_>) -> String {
    let target = step.params.text("target");
    if step.knowledge.addresses.contains_key(target) {
        step.params.text("broker").to_owned()
    } else {
        target.to_owned()
    }
}

fn log_in(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Progress {
    let Some((user, password)) = account(step) else {
        return Progress::Failed("every login refused");
    };
    step.state.user.clone_from(&user);
    let login = Shell::Login { user, password };
    let message = if step.state.inside {
        Shell::Run(Command::Onward(Box::new(login)))
    } else {
        login
    };
    step.hands.send(stream, Message::Shell(Box::new(message)));
    Progress::Reached(2)
}

fn heard(step: &mut Step<'_, '_, '_>, stream: StreamId, shell: &Shell) -> Progress {
    let direct = step.params.text("broker").is_empty();
    match shell {
        Shell::Output(Output::Onward(inner)) => heard(step, stream, inner),
        Shell::Output(Output::Unreachable) => Progress::Failed("not carried on"),
        Shell::Banner { open: false } | Shell::LoginResult { accepted: false } => {
            log_in(step, stream)
        }
        Shell::Challenge { number } => {
            let mut tokens = step.knowledge.tokens.iter();
            let Some((_, token)) = tokens.find(|(user, _)| *user == step.state.user) else {
                return Progress::Failed("asked for a second factor");
            };
            let code = token_answer(token, *number);
            let answer = Message::Shell(Box::new(Shell::Code { code }));
            step.hands.send(stream, answer);
            Progress::Wait
        }
        Shell::Banner { open: true } | Shell::LoginResult { accepted: true } => {
            if direct || step.state.inside {
                let onward = !direct;
                step.knowledge.shell = Some(HeldShell { stream, onward });
                return Progress::Done("prompt");
            }
            step.state.inside = true;
            step.state.given = false;
            step.state.tries = 0;
            let target = step.params.text("target").to_owned();
            let Some(ip) = step.find(&target) else {
                return Progress::Failed("lost the address");
            };
            let port = port(step);
            let onward = Shell::Run(Command::Telnet { ip, port });
            step.hands.send(stream, Message::Shell(Box::new(onward)));
            Progress::Reached(3)
        }
        _ => Progress::Wait,
    }
}

impl Technique for VendorSession {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "log in", "carried on", "in the shell"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => go(step),
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                let name = asked(step);
                step.found(&name, *ip);
                go(step)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            Input::Socket(SocketEvent::Failed { refused, .. }) => Progress::Failed(if *refused {
                "connection refused"
            } else {
                "no answer"
            }),
            Input::Socket(SocketEvent::Closed(_)) => Progress::Failed("the session was ended"),
            Input::Socket(SocketEvent::Message { stream, message }) => match &**message {
                Message::Shell(shell) => heard(step, *stream, shell),
                _ => Progress::Wait,
            },
            _ => Progress::Wait,
        }
    }
}
