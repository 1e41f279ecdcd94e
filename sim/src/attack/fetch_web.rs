//! Fetches a file from a host's web service.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::http::{Http, PORT};

/// Technique `fetch-web`.
#[derive(Debug)]
pub(super) struct FetchWeb;

static ENTRY: Entry = Entry {
    id: "fetch-web",
    title: "Fetch a file from a web service",
    summary: "Asks the web service of a host for a path and keeps what it answers.",
    parameters: &[
        Parameter {
            name: "target",
            kind: ParameterKind::Host,
            required: true,
            doc: "host with the web service",
        },
        Parameter {
            name: "path",
            kind: ParameterKind::Text,
            required: true,
            doc: "path, with a leading slash",
        },
    ],
    references: &["T1048", "T1041"],
};

impl Technique for FetchWeb {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "ask", "fetched"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = step.params.text("target");
        match input {
            Input::Begin => match step.find(name) {
                Some(ip) => {
                    step.hands.connect(ip, PORT);
                    Progress::Reached(1)
                }
                None => Progress::Wait,
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                step.found(name, *ip);
                step.hands.connect(*ip, PORT);
                Progress::Reached(1)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            Input::Socket(SocketEvent::Opened(stream)) => {
                let get = Http::Get {
                    path: step.params.text("path").to_owned(),
                };
                step.hands.send(*stream, Message::Http(Box::new(get)));
                Progress::Reached(2)
            }
            Input::Socket(SocketEvent::Failed { refused: true, .. }) => {
                Progress::Failed("connection refused")
            }
            Input::Socket(SocketEvent::Failed { refused: false, .. }) => {
                Progress::Failed("no answer")
            }
            Input::Socket(SocketEvent::Message { stream, message }) => {
                let Message::Http(http) = &**message else {
                    return Progress::Wait;
                };
                match &**http {
                    Http::Response {
                        file: Some(file), ..
                    } => {
                        step.knowledge.files.push(file.clone());
                        step.hands.learned("a file");
                        step.hands.close(*stream);
                        Progress::Done("file")
                    }
                    Http::Response { file: None, .. } => Progress::Failed("not found"),
                    _ => Progress::Wait,
                }
            }
            _ => Progress::Wait,
        }
    }
}
