//! Waits at the attacker's own computer for files that programs send.

use super::dwell::port;
use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::http::Http;

/// Technique `await-files`.
#[derive(Debug)]
pub(super) struct AwaitFiles;

static ENTRY: Entry = Entry {
    id: "await-files",
    title: "Wait for files",
    summary: "Listens on a port of the host it stands at, answers programs that call home, and keeps the files that they send. It is done with the \
              first file. Nothing of it is seen in the house.",
    parameters: &[
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "port; 443 if not given",
        },
        Parameter {
            name: "for",
            kind: ParameterKind::Duration,
            required: true,
            doc: "how long it waits",
        },
    ],
    references: &["T1041", "T1071.001"],
};

impl Technique for AwaitFiles {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["listen", "called", "file"]
    }

    fn patience(&self, params: &Params) -> Duration {
        params.duration("for").unwrap_or(Duration::ZERO)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.listen(port(step.params));
                Progress::Wait
            }
            Input::Socket(SocketEvent::Accepted { .. }) => Progress::Reached(1),
            Input::Socket(SocketEvent::Message { message, .. }) => {
                let Message::Http(http) = &**message else {
                    return Progress::Wait;
                };
                let Http::Post { file } = &**http else {
                    return Progress::Wait;
                };
                step.knowledge.files.push(file.clone());
                step.hands.learned("a file");
                Progress::Done("file")
            }
            _ => Progress::Wait,
        }
    }
}
