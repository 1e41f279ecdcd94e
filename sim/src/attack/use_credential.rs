//! Logs in with an account that it knows, was told, or that makers ship.

use super::attacker::HeldShell;
use super::open_shell::next_account;
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::crypto::Passphrase;
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::wire::shell::{FTP_PORT, Ftp, Shell, TELNET_PORT};
use crate::wire::{Ip, Message};

/// Technique `use-credential`.
#[derive(Debug)]
pub(super) struct UseCredential;

/// An account given in the file.
pub(super) const USER: Parameter = Parameter {
    name: "account",
    kind: ParameterKind::Text,
    required: false,
    doc: "one account to try, as `user:password`; accounts that it knows and those that makers ship if not given",
};

static ENTRY: Entry = Entry {
    id: "use-credential",
    title: "Log in with a known, found or shipped account",
    summary: "Connects to the shell (`shell`) or the file transfer (`files`) of a host and logs in: with the account given, or else with those \
              that it knows, found in files or was told, and then with those that makers ship, one after the other. Over file transfer it fetches `path` and looks through it for \
              keys and accounts. It succeeds where a service asks for no account or has one of these. A sensor sees a connection, and the host logs each login that it refused.",
    parameters: &[
        Parameter {
            name: "target",
            kind: ParameterKind::Host,
            required: true,
            doc: "host to log in at",
        },
        Parameter {
            name: "service",
            kind: ParameterKind::Text,
            required: true,
            doc: "`shell` or `files`",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "port; 23 or 21 if not given",
        },
        USER,
        Parameter {
            name: "path",
            kind: ParameterKind::Text,
            required: false,
            doc: "with `files`: file to fetch",
        },
    ],
    references: &["T1078.001", "T0812", "T0859", "T0891", "T1552.001"],
};

/// Accounts to try, in order.
#[derive(Debug)]
pub(super) struct Accounts;

impl Accounts {
    /// The account to try next: the one of the file, or else known ones and then shipped ones.
    pub(super) fn next(step: &mut Step<'_, '_, '_>) -> Option<(String, Passphrase)> {
        match step.params.text("account").split_once(':') {
            Some(_) if step.state.tries > 0 => None,
            Some((user, password)) => {
                step.state.tries += 1;
                Some((user.to_owned(), Passphrase::of(password)))
            }
            None => next_account(step),
        }
    }
}

fn files(step: &Step<'_, '_, '_>) -> bool {
    step.params.text("service") == "files"
}

fn connect(step: &mut Step<'_, '_, '_>, ip: Ip) -> Progress {
    let usual = if files(step) { FTP_PORT } else { TELNET_PORT };
    let given = step.params.integer("port");
    let port = given.and_then(|p| u16::try_from(p).ok()).unwrap_or(usual);
    step.state.stream = Some(step.hands.connect(ip, port));
    Progress::Reached(1)
}

fn try_next(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Progress {
    let Some((user, password)) = Accounts::next(step) else {
        return Progress::Failed("every login refused");
    };
    let message = if files(step) {
        let account = Some((user, password));
        Message::Ftp(Box::new(Ftp::Login { account }))
    } else {
        Message::Shell(Box::new(Shell::Login { user, password }))
    };
    step.hands.send(stream, message);
    Progress::Reached(2)
}

fn shell_said(step: &mut Step<'_, '_, '_>, stream: StreamId, shell: &Shell) -> Progress {
    match shell {
        Shell::Banner { open: true } | Shell::LoginResult { accepted: true } => {
            step.knowledge.shell = Some(HeldShell {
                stream,
                onward: false,
            });
            Progress::Done("prompt")
        }
        Shell::Banner { open: false } | Shell::LoginResult { accepted: false } => {
            try_next(step, stream)
        }
        _ => Progress::Wait,
    }
}

fn files_said(step: &mut Step<'_, '_, '_>, stream: StreamId, ftp: &Ftp) -> Progress {
    match ftp {
        Ftp::LoginResult { accepted: true } if step.params.text("path").is_empty() => {
            Progress::Done("let in")
        }
        Ftp::LoginResult { accepted: true } => {
            let path = step.params.text("path").to_owned();
            let fetch = Message::Ftp(Box::new(Ftp::Retrieve { path }));
            step.hands.send(stream, fetch);
            Progress::Reached(3)
        }
        Ftp::LoginResult { accepted: false } => try_next(step, stream),
        Ftp::File(file) => {
            step.study(file);
            Progress::Done("file fetched")
        }
        Ftp::Failed => Progress::Failed("no such file"),
        _ => Progress::Wait,
    }
}

impl Technique for UseCredential {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "log in", "in"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = step.params.text("target");
        match input {
            Input::Begin => match step.find(name) {
                Some(ip) => connect(step, ip),
                None => Progress::Wait,
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                step.found(name, *ip);
                connect(step, *ip)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            // A shell greets; a file transfer waits for a login.
            Input::Socket(SocketEvent::Opened(stream)) if files(step) => try_next(step, *stream),
            Input::Socket(SocketEvent::Failed { refused: true, .. }) => {
                Progress::Failed("connection refused")
            }
            Input::Socket(SocketEvent::Failed { refused: false, .. }) => {
                Progress::Failed("no answer")
            }
            Input::Socket(SocketEvent::Message { stream, message }) => match &**message {
                Message::Shell(shell) => shell_said(step, *stream, shell),
                Message::Ftp(ftp) => files_said(step, *stream, ftp),
                _ => Progress::Wait,
            },
            _ => Progress::Wait,
        }
    }
}
