//! Opens a shell on a pump server as a maker's support would: directly, or through the host where support lands.

use super::craft::accounts::Logins;
use super::craft::contact::Contact;
use super::craft::part;
use super::knowledge::HeldShell;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::parameters::{Host, Parameters, Port};
use crate::wire::Message;
use crate::wire::portal::PORT as BROKER_PORT;
use crate::wire::shell::{Command, Output, Shell, token_answer};

/// Technique `vendor-session`.
#[derive(Debug)]
pub(super) struct VendorSession;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Pump server.
    target: Host,
    /// Host where manufacturers' support lands; directly if not given.
    broker: Option<Host>,
    /// Port of the server's support shell.
    #[param(default = 22, port_of = "target")]
    port: Port,
    /// User whose password was got.
    #[param(needs("password"))]
    user: Option<String>,
    /// That password.
    #[param(needs("user"))]
    password: Option<String>,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    logins: Logins,
    /// User that was last tried.
    user: String,
    /// Whether it is inside of the broker.
    inside: bool,
}
part!(State.contact: Contact);
part!(State.logins: Logins);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, VendorSession>;

static ENTRY: Entry = Entry {
    id: "vendor-session",
    title: "Open a support session with a maker's account",
    summary: "Connects to the support shell of a pump server, or first to the broker named and asks there to be carried on, and logs in at each \
              with the password given, then with known accounts and those that makers ship. A broker that asks for a second factor gets \
              the answer of the user's token, if that is in hand; otherwise it ends there. Noise: logins at the broker and at the server; a broker that carries sessions records them.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1133", "T1199", "T1078", "T0822", "T0859"],
};

/// Goes to whatever comes next: the address of the server, that of the broker, the connection.
fn go(step: &mut Step<'_, '_, '_>) -> Progress {
    let params = step.params;
    let Some(ip) = step.find(&params.target) else {
        return Progress::Wait;
    };
    let Some(broker) = &params.broker else {
        step.hands.connect(ip, params.port.0);
        return Progress::Reached(1);
    };
    match step.find(broker) {
        Some(ip) => {
            step.hands.connect(ip, BROKER_PORT);
            Progress::Reached(1)
        }
        None => Progress::Wait,
    }
}

/// The name that was last asked for.
fn asked(step: &Step<'_, '_, '_>) -> String {
    let params = step.params;
    let known = step.knowledge.addresses.contains_key(&*params.target);
    let asked = params.broker.as_ref().filter(|_| known);
    asked.unwrap_or(&params.target).0.clone()
}

fn log_in(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Progress {
    let params = step.params;
    let account = step.named_account(params.user.as_deref(), params.password.as_deref());
    let Some((user, password)) = account else {
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
    let direct = step.params.broker.is_none();
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
            step.state.logins = Logins::default();
            let Some(ip) = step.find(&step.params.target) else {
                return Progress::Failed("lost the address");
            };
            let port = step.params.port.0;
            let onward = Shell::Run(Command::Telnet { ip, port });
            step.hands.send(stream, Message::Shell(Box::new(onward)));
            Progress::Reached(3)
        }
        _ => Progress::Wait,
    }
}

impl Technique for VendorSession {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] =
        &["find", "connect", "log in", "carried on", "in the shell"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
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
