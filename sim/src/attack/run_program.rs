//! Puts a program on the host whose shell it is in, and runs it there.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::file::{Content, File};
use crate::wire::program::Program;
use crate::wire::shell::{Command, Output, Shell};

/// Technique `run-program`.
#[derive(Debug)]
pub(super) struct RunProgram;

static ENTRY: Entry = Entry {
    id: "run-program",
    title: "Run a program on a held host",
    summary: "At the shell it is in, writes one of its programs to the host and runs it. From then on the host does what the program's plan says, \
              with its own sockets and files, whether the attacker is still there or not. Fails where there is no room, where the host's scanner \
              knows the program, where the host runs listed programs only, and where a copy runs already.",
    parameters: &[
        Parameter {
            name: "program",
            kind: ParameterKind::Text,
            required: true,
            doc: "name of one of the attacker's programs",
        },
        Parameter {
            name: "path",
            kind: ParameterKind::Text,
            required: false,
            doc: "path on the host; `/tmp/service` if not given",
        },
    ],
    references: &["T1059", "T1105", "T0853"],
};

impl Technique for RunProgram {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["write", "run", "runs"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let Some(stream) = step.knowledge.shell.as_ref().map(|s| s.stream) else {
            return step.in_no_shell();
        };
        let path = match step.params.text("path") {
            "" => "/tmp/service".to_owned(),
            path => path.to_owned(),
        };
        let command = match input {
            Input::Begin => {
                let Some(program) = step.program(step.params.text("program")) else {
                    return Progress::Failed("no such program");
                };
                let file = File {
                    path,
                    bytes: Program::BYTES,
                    content: Content::Program(program),
                };
                Command::Write { file }
            }
            Input::Socket(SocketEvent::Message { message, .. }) => {
                let Message::Shell(shell) = &**message else {
                    return Progress::Wait;
                };
                match &**shell {
                    Shell::Output(Output::Done) if step.state.stage == 0 => Command::Run { path },
                    Shell::Output(Output::Done) => return Progress::Done("it runs"),
                    Shell::Output(Output::NoSpace) => return Progress::Failed("no room"),
                    Shell::Output(Output::NotFound) => return Progress::Failed("it is gone"),
                    Shell::Output(Output::Refused) => {
                        return Progress::Failed("the host would not run it");
                    }
                    _ => return Progress::Wait,
                }
            }
            Input::Socket(SocketEvent::Failed { .. } | SocketEvent::Closed(_)) => {
                return Progress::Failed("lost the shell");
            }
            _ => return Progress::Wait,
        };
        let written = matches!(command, Command::Write { .. });
        step.hands
            .send(stream, Message::Shell(Box::new(Shell::Run(command))));
        if written {
            Progress::Wait
        } else {
            Progress::Reached(1)
        }
    }
}
