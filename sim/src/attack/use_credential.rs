//! Logs in with an account that it knows, was told, or that makers ship.

use super::craft::accounts::Logins;
use super::craft::contact::Contact;
use super::craft::part;
use super::knowledge::HeldShell;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::parameters::{Account, Host, Parameters, Port, Words};
use crate::wire::shell::{FTP_PORT, Ftp, Shell, TELNET_PORT};
use crate::wire::{Ip, Message};

/// Technique `use-credential`.
#[derive(Debug)]
pub(super) struct UseCredential;

/// A service with a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum Service {
    /// The shell.
    Shell,
    /// The file transfer.
    Files,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host to log in at.
    target: Host,
    /// Where it logs in.
    service: Service,
    /// Port.
    #[param(port_of = "target", default_with = (service = "shell") TELNET_PORT, default_with = (service = "files") FTP_PORT)]
    port: Port,
    /// One account to try; accounts that it knows and those that manufacturers ship if not given.
    account: Option<Account>,
    /// File to fetch; none if not given.
    #[param(only_with(service = "files"))]
    path: Option<String>,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    logins: Logins,
}
part!(State.contact: Contact);
part!(State.logins: Logins);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, UseCredential>;

static ENTRY: Entry = Entry {
    id: "use-credential",
    title: "Log in with a known, found or shipped account",
    summary: "Connects to the shell (`shell`) or the file transfer (`files`) of a host and logs in: with the account given, or else with those \
              that it knows, found in files or was told, and then with those that makers ship, one after the other. Over file transfer it fetches `path` and looks through it for \
              keys and accounts. It succeeds where a service asks for no account or has one of these. A sensor sees a connection, and the host logs each login that it refused.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1078.001", "T0812", "T0859", "T0891", "T1552.001"],
};

fn files(step: &Step<'_, '_, '_>) -> bool {
    step.params.service == Service::Files
}

fn connect(step: &mut Step<'_, '_, '_>, ip: Ip) -> Progress {
    step.connect(ip, step.params.port.0)
}

fn try_next(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Progress {
    let Some((user, password)) = step.only_account(step.params.account.as_ref()) else {
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
        Ftp::LoginResult { accepted: true } if step.params.path.is_none() => {
            Progress::Done("let in")
        }
        Ftp::LoginResult { accepted: true } => {
            let path = step.params.path.clone().unwrap_or_default();
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
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "log in", "in"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = &step.params.target;
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
