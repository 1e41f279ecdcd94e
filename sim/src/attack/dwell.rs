//! Waits and calls home.

use super::craft::contact::Contact;
use super::craft::part;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent, Taught};
use crate::parameters::{Host, Interval, Parameters, Port};
use crate::time::Duration;
use crate::wire::Message;

/// Technique `dwell`.
#[derive(Debug)]
pub(super) struct Dwell;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host that is called; the author's computer on the internet if not given.
    to: Option<Host>,
    /// Port.
    #[param(default = 443, port_of = "to")]
    port: Port,
    /// Time between calls; at least a second passes.
    every: Interval,
    /// How long it waits in all.
    #[param(key = "for")]
    span: Duration,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    /// Calls that were answered.
    answers: u32,
    /// How it learned that somebody answers.
    answered: Option<Taught>,
}
part!(State.contact: Contact);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, Dwell>;

static ENTRY: Entry = Entry {
    id: "dwell",
    title: "Wait and call home",
    summary: "Lies low for a while and meanwhile calls its author's computer, or another host, again and again: connects, sends a few hundred bytes, \
              closes. It is done when the time is over and at least one call was answered. The calls leave the house at even intervals, to a host \
              that nobody else there talks to: a sensor that knows the usual flows can see it, and one that looks for regularity.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1071.001", "T1029"],
};

const CALL: u32 = 1;
const OVER: u32 = 2;
const BEACON_BYTES: u32 = 300;

impl Technique for Dwell {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["wait", "call", "answered", "over"];

    fn patience(params: &Params) -> Duration {
        params.span + Duration::from_mins(15)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let every = step.params.every.0.max(Duration::from_secs(1));
        match input {
            Input::Begin => {
                step.hands.timer(every, CALL);
                step.hands.timer(step.params.span, OVER);
                Progress::Wait
            }
            Input::Timer(CALL) => {
                step.hands.timer(every, CALL);
                step.call(step.params.to.as_deref(), step.params.port.0)
            }
            Input::Timer(OVER) if step.state.answers == 0 => Progress::Failed("nobody answered"),
            Input::Timer(OVER) => {
                if let Some(taught) = step.state.answered {
                    step.hands.uses(taught);
                }
                Progress::Done("waited long enough")
            }
            Input::Socket(SocketEvent::Resolved { ip: Some(_), .. }) => {
                let to = step.params.to.as_deref().unwrap_or_default();
                step.reach(input, to, step.params.port.0)
                    .unwrap_or(Progress::Wait)
            }
            Input::Socket(SocketEvent::Opened(stream)) => {
                if step.state.answered.is_none() {
                    step.state.answered = Some(step.hands.learned("that somebody answers"));
                }
                step.state.answers += 1;
                let bytes = BEACON_BYTES;
                step.hands.send(*stream, Message::Opaque { bytes });
                step.hands.close(*stream);
                Progress::Reached(2)
            }
            _ => Progress::Wait,
        }
    }
}
