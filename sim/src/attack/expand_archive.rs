//! Decompresses an archive at the shell it is in, to fill the host's memory.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::shell::{Command, Output, Shell};

/// Technique `expand-archive`.
#[derive(Debug)]
pub(super) struct ExpandArchive;

static ENTRY: Entry = Entry {
    id: "expand-archive",
    title: "Exhaust a host's memory",
    summary: "Decompresses an archive at the shell it is in. Takes the host for dead when it does not answer within 30 s.",
    parameters: &[Parameter {
        name: "path",
        kind: ParameterKind::Text,
        required: true,
        doc: "path of the archive",
    }],
    references: &["T1499", "T0814"],
};

const SILENCE: Duration = Duration::from_secs(30);

impl Technique for ExpandArchive {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["run", "silent"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let Some(stream) = step.knowledge.shell.as_ref().map(|s| s.stream) else {
                    return step.in_no_shell();
                };
                let expand = Command::Expand {
                    path: step.params.text("path").to_owned(),
                };
                step.hands
                    .send(stream, Message::Shell(Box::new(Shell::Run(expand))));
                step.hands.timer(SILENCE, 1);
                Progress::Wait
            }
            Input::Timer(1) => Progress::Done("the shell is silent"),
            Input::Socket(SocketEvent::Message { message, .. }) => match &**message {
                Message::Shell(s) => match **s {
                    Shell::Output(Output::Done) => Progress::Failed("it fitted"),
                    Shell::Output(Output::NotFound) => Progress::Failed("no such archive"),
                    _ => Progress::Wait,
                },
                _ => Progress::Wait,
            },
            _ => Progress::Wait,
        }
    }
}
