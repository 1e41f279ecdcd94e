//! Fetches a file from a host's web service.

use super::craft::contact::Contact;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters};
use crate::wire::Message;
use crate::wire::http::{Http, PORT};

/// Technique `fetch-web`.
#[derive(Debug)]
pub(super) struct FetchWeb;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host with the web service.
    target: Host,
    /// Path, with a leading slash.
    path: String,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, FetchWeb>;

static ENTRY: Entry = Entry {
    id: "fetch-web",
    title: "Fetch a file from a web service",
    summary: "Asks the web service of a host for a path and keeps what it answers.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1048", "T1041"],
};

impl Technique for FetchWeb {
    type Params = Params;
    type State = Contact;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "ask", "fetched"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = &step.params.target;
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
                    path: step.params.path.clone(),
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
