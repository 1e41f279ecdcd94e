//! Puts a program on the host whose shell it is in, and runs it there.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Parameters, Program};
use crate::wire::Message;
use crate::wire::file::{Content, File};
use crate::wire::program;
use crate::wire::shell::{Command, Output, Shell};

/// Technique `run-program`.
#[derive(Debug)]
pub(super) struct RunProgram;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// One of the attacker's programs.
    program: Program,
    /// Path on the host.
    #[param(default = "/tmp/service")]
    path: String,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, RunProgram>;

static ENTRY: Entry = Entry {
    id: "run-program",
    title: "Run a program on a held host",
    summary: "At the shell it is in, writes one of its programs to the host and runs it. From then on the host does what the program's plan says, \
              with its own sockets and files, whether the attacker is still there or not. Fails where there is no room, where the host's scanner \
              knows the program, where the host runs listed programs only, and where a copy runs already.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1059", "T1105", "T0853"],
};

impl Technique for RunProgram {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["write", "run", "runs"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let Some(stream) = step.knowledge.shell.as_ref().map(|s| s.stream) else {
            return step.in_no_shell();
        };
        let path = step.params.path.clone();
        let command = match input {
            Input::Begin => {
                let Some(program) = step.program(Some(&step.params.program)) else {
                    return Progress::Failed("no such program");
                };
                let file = File {
                    path,
                    bytes: program::Program::BYTES,
                    content: Content::Program(program),
                };
                Command::Write { file }
            }
            Input::Socket(SocketEvent::Message { message, .. }) => {
                let Message::Shell(shell) = &**message else {
                    return Progress::Wait;
                };
                match &**shell {
                    Shell::Output(Output::Done) if step.stage == 0 => Command::Run { path },
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
