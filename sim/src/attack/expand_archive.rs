//! Decompresses an archive at the shell it is in, to fill the host's memory.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::Parameters;
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::shell::{Command, Output, Shell};

/// Technique `expand-archive`.
#[derive(Debug)]
pub(super) struct ExpandArchive;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Path of the archive.
    path: String,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, ExpandArchive>;

static ENTRY: Entry = Entry {
    id: "expand-archive",
    title: "Exhaust a host's memory",
    summary: "Decompresses an archive at the shell it is in. Takes the host for dead when it does not answer within 30 s.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1499", "T0814"],
};

const SILENCE: Duration = Duration::from_secs(30);

impl Technique for ExpandArchive {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["run", "silent"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let Some(stream) = step.knowledge.shell.as_ref().map(|s| s.stream) else {
                    return step.in_no_shell();
                };
                let expand = Command::Expand {
                    path: step.params.path.clone(),
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
