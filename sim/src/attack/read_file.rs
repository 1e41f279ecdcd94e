//! Shows a file at the shell that the attacker is in.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::Parameters;
use crate::wire::Message;
use crate::wire::shell::{Command, Output, Shell};

/// Technique `read-file`.
#[derive(Debug)]
pub(super) struct ReadFile;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Path of the file.
    path: String,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, ReadFile>;

static ENTRY: Entry = Entry {
    id: "read-file",
    title: "Read a file at a shell",
    summary: "Sends the command that shows a file to the shell that it is in, at the far end of a session that is carried onward. Needs a \
              shell that still stands and a file of that name. Noise: the content crosses the network in clear, and a broker that carries \
              the session records the command.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1005", "T1213"],
};

impl Technique for ReadFile {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["ask", "read"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let Some(shell) = step.knowledge.shell.clone() else {
                    return step.in_no_shell();
                };
                let path = step.params.path.clone();
                let read = Shell::Run(Command::Read { path });
                let message = if shell.onward {
                    Shell::Run(Command::Onward(Box::new(read)))
                } else {
                    read
                };
                step.hands
                    .send(shell.stream, Message::Shell(Box::new(message)));
                Progress::Wait
            }
            Input::Socket(SocketEvent::Message { message, .. }) => match &**message {
                Message::Shell(shell) => shown(step, shell),
                _ => Progress::Wait,
            },
            Input::Socket(SocketEvent::Failed { .. } | SocketEvent::Closed(_)) => {
                step.knowledge.shell = None;
                Progress::Failed("lost the shell")
            }
            _ => Progress::Wait,
        }
    }
}

fn shown(step: &mut Step<'_, '_, '_>, shell: &Shell) -> Progress {
    match shell {
        Shell::Output(Output::Onward(inner)) => shown(step, inner),
        Shell::Output(Output::File(file)) => {
            step.knowledge.files.push(file.clone());
            Progress::Done("content of the file")
        }
        Shell::Output(Output::NotFound) => Progress::Failed("no such file"),
        Shell::Output(Output::Unreachable) => Progress::Failed("lost the onward shell"),
        _ => Progress::Wait,
    }
}
