//! Reads the files that another host shares.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::share::{PORT, Share};

/// Technique `read-share`.
#[derive(Debug)]
pub(super) struct ReadShare;

static ENTRY: Entry = Entry {
    id: "read-share",
    title: "Read a file share",
    summary: "Connects to the file share of a host (port 445), lists its files, and reads those that it can, or the one that it is after. A share that \
              asks for a login refuses it. A file store sees a host read everything that it has.",
    parameters: &[
        Parameter {
            name: "target",
            kind: ParameterKind::Host,
            required: true,
            doc: "host with the share",
        },
        Parameter {
            name: "path",
            kind: ParameterKind::Text,
            required: false,
            doc: "path of the one file; all if not given",
        },
    ],
    references: &["T1039", "T1135"],
};

fn ask(step: &mut Step<'_, '_, '_>, share: Share) -> Progress {
    if let Some(stream) = step.state.stream {
        step.hands.send(stream, Message::Share(Box::new(share)));
    }
    Progress::Reached(2)
}

fn next(step: &mut Step<'_, '_, '_>) -> Progress {
    match step.state.paths.pop() {
        Some(path) => ask(step, Share::Read { path }),
        None if step.state.found == 0 => Progress::Failed("nothing there to read"),
        None => Progress::Done("files read"),
    }
}

impl Technique for ReadShare {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "list", "read"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let target = step.params.text("target");
        if let Some(progress) = step.reach(input, target, PORT) {
            return progress;
        }
        match input {
            Input::Socket(SocketEvent::Opened(_)) => ask(step, Share::List),
            Input::Socket(SocketEvent::Message { message, .. }) => {
                let Message::Share(share) = &**message else {
                    return Progress::Wait;
                };
                match &**share {
                    Share::Listing(files) => {
                        let path = step.params.text("path");
                        let wanted = files.iter().map(|f| f.path.clone());
                        step.state.paths =
                            wanted.filter(|p| path.is_empty() || p == path).collect();
                        next(step)
                    }
                    Share::File(file) => {
                        step.state.found += 1;
                        step.knowledge.files.push(file.clone());
                        step.hands.learned("a file");
                        next(step)
                    }
                    Share::Refused if step.state.found == 0 && step.state.paths.is_empty() => {
                        Progress::Failed("the share refused")
                    }
                    Share::Refused => next(step),
                    _ => Progress::Wait,
                }
            }
            _ => Progress::Wait,
        }
    }
}
