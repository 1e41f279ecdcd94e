//! Reads the files that another host shares.

use super::craft::contact::Contact;
use super::craft::part;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters};
use crate::wire::Message;
use crate::wire::share::{PORT, Share};

/// Technique `read-share`.
#[derive(Debug)]
pub(super) struct ReadShare;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host with the share.
    target: Host,
    /// Path of the one file; all if not given.
    path: Option<String>,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    /// Paths that are still to be read.
    paths: Vec<String>,
    /// Files that it has read.
    found: u32,
}
part!(State.contact: Contact);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, ReadShare>;

static ENTRY: Entry = Entry {
    id: "read-share",
    title: "Read a file share",
    summary: "Connects to the file share of a host (port 445), lists its files, and reads those that it can, or the one that it is after. A share that \
              asks for a login refuses it. A file store sees a host read everything that it has.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1039", "T1135"],
};

fn ask(step: &mut Step<'_, '_, '_>, share: Share) -> Progress {
    if let Some(stream) = step.state.contact.stream {
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
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "list", "read"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let params = step.params;
        if let Some(progress) = step.reach(input, &params.target, PORT) {
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
                        let wanted = files.iter().map(|f| f.path.clone());
                        step.state.paths = wanted
                            .filter(|p| params.path.as_ref().is_none_or(|path| p == path))
                            .collect();
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
