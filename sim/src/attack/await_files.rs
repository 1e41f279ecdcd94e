//! Waits at the attacker's own computer for files that programs send.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Parameters, Port};
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::http::Http;

/// Technique `await-files`.
#[derive(Debug)]
pub(super) struct AwaitFiles;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Port.
    #[param(default = 443)]
    port: Port,
    /// How long it waits.
    #[param(key = "for")]
    span: Duration,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, AwaitFiles>;

static ENTRY: Entry = Entry {
    id: "await-files",
    title: "Wait for files",
    summary: "Listens on a port of the host it stands at, answers programs that call home, and keeps the files that they send. It is done with the \
              first file. Nothing of it is seen in the house.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1041", "T1071.001"],
};

impl Technique for AwaitFiles {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["listen", "called", "file"];

    fn patience(params: &Params) -> Duration {
        params.span
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.listen(step.params.port.0);
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
