//! Waits and calls home.

use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::time::Duration;
use crate::wire::Message;

/// Technique `dwell`.
#[derive(Debug)]
pub(super) struct Dwell;

static ENTRY: Entry = Entry {
    id: "dwell",
    title: "Wait and call home",
    summary: "Lies low for a while and meanwhile calls its author's computer, or another host, again and again: connects, sends a few hundred bytes, \
              closes. It is done when the time is over and at least one call was answered. The calls leave the house at even intervals, to a host \
              that nobody else there talks to: a sensor that knows the usual flows can see it, and one that looks for regularity.",
    parameters: &[
        Parameter {
            name: "to",
            kind: ParameterKind::Host,
            required: false,
            doc: "host that is called; the author's computer on the internet if not given",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "port; 443 if not given",
        },
        Parameter {
            name: "every",
            kind: ParameterKind::Duration,
            required: true,
            doc: "time between calls",
        },
        Parameter {
            name: "for",
            kind: ParameterKind::Duration,
            required: true,
            doc: "how long it waits in all",
        },
    ],
    references: &["T1071.001", "T1029"],
};

const CALL: u32 = 1;
const OVER: u32 = 2;
const BEACON_BYTES: u32 = 300;

/// The port of a step that calls out.
pub(super) fn port(params: &Params) -> u16 {
    let port = params.integer("port").and_then(|p| u16::try_from(p).ok());
    port.unwrap_or(443)
}

/// Connects to the host that the step names, or to the computer of the program's author.
pub(super) fn call(step: &mut Step<'_, '_, '_>) -> Progress {
    let (to, port) = (step.params.text("to"), port(step.params));
    if !to.is_empty() {
        return step
            .reach(&Input::Begin, to, port)
            .unwrap_or(Progress::Wait);
    }
    let Some(home) = step.program("").and_then(|p| p.home) else {
        return Progress::Failed("knows nobody to call");
    };
    step.state.stream = Some(step.hands.connect(home, port));
    Progress::Reached(1)
}

impl Technique for Dwell {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["wait", "call", "answered", "over"]
    }

    fn patience(&self, params: &Params) -> Duration {
        params.duration("for").unwrap_or(Duration::ZERO) + Duration::from_mins(15)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let wait = |name| step.params.duration(name).unwrap_or(Duration::from_mins(1));
        match input {
            Input::Begin => {
                let (every, all) = (wait("every").max(Duration::from_secs(1)), wait("for"));
                step.hands.timer(every, CALL);
                step.hands.timer(all, OVER);
                Progress::Wait
            }
            Input::Timer(CALL) => {
                let every = wait("every").max(Duration::from_secs(1));
                step.hands.timer(every, CALL);
                call(step)
            }
            Input::Timer(OVER) if step.state.found == 0 => Progress::Failed("nobody answered"),
            Input::Timer(OVER) => {
                if let Some(taught) = step.state.taught {
                    step.hands.uses(taught);
                }
                Progress::Done("waited long enough")
            }
            Input::Socket(SocketEvent::Resolved { ip: Some(_), .. }) => {
                let to = step.params.text("to");
                let port = port(step.params);
                step.reach(input, to, port).unwrap_or(Progress::Wait)
            }
            Input::Socket(SocketEvent::Opened(stream)) => {
                if step.state.taught.is_none() {
                    step.state.taught = Some(step.hands.learned("that somebody answers"));
                }
                step.state.found += 1;
                let bytes = BEACON_BYTES;
                step.hands.send(*stream, Message::Opaque { bytes });
                step.hands.close(*stream);
                Progress::Reached(2)
            }
            _ => Progress::Wait,
        }
    }
}
