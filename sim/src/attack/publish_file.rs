//! Puts a file of a held host where its web service shows it.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::Parameters;
use crate::wire::Message;
use crate::wire::file::File;
use crate::wire::shell::{Command, Output, Shell};

/// Technique `publish-file`.
#[derive(Debug)]
pub(super) struct PublishFile;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Path of the file on the host.
    path: String,
    /// Path below /www, with a leading slash.
    at: String,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, PublishFile>;

static ENTRY: Entry = Entry {
    id: "publish-file",
    title: "Put a file on a held host's web service",
    summary: "Reads a file at the shell it is in and writes it below the folder that the host's web service shows.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1074", "T1105"],
};

impl Technique for PublishFile {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["read", "write", "published"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let Some(stream) = step.knowledge.shell.as_ref().map(|s| s.stream) else {
            return step.in_no_shell();
        };
        let send = |step: &mut Step<'_, '_, '_>, command| {
            step.hands
                .send(stream, Message::Shell(Box::new(Shell::Run(command))));
        };
        match input {
            Input::Begin => {
                let path = step.params.path.clone();
                send(step, Command::Read { path });
                Progress::Wait
            }
            Input::Socket(SocketEvent::Message { message, .. }) => {
                let Message::Shell(shell) = &**message else {
                    return Progress::Wait;
                };
                match &**shell {
                    Shell::Output(Output::File(file)) => {
                        let path = format!("/www{}", step.params.at);
                        send(
                            step,
                            Command::Write {
                                file: File {
                                    path,
                                    ..file.clone()
                                },
                            },
                        );
                        Progress::Reached(1)
                    }
                    Shell::Output(Output::Done) => Progress::Done("published"),
                    Shell::Output(Output::NotFound) => Progress::Failed("no such file"),
                    Shell::Output(Output::NoSpace) => Progress::Failed("no room"),
                    _ => Progress::Wait,
                }
            }
            Input::Socket(SocketEvent::Failed { .. } | SocketEvent::Closed(_)) => {
                Progress::Failed("lost the shell")
            }
            _ => Progress::Wait,
        }
    }
}
