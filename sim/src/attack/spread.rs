//! Looks for hosts with a flaw and gives them the program that is spreading.

use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::rng::Purpose;
use crate::time::Duration;
use crate::wire::crafted::{Crafted, Payload};
use crate::wire::share::PORT;
use crate::wire::{Cidr, Ip, Message};

/// Technique `spread`.
#[derive(Debug)]
pub(super) struct Spread;

static ENTRY: Entry = Entry {
    id: "spread",
    title: "Spread to hosts with a flaw",
    summary: "Tries the addresses of the own /24 and of further ranges, one after the other from a point of its own, on one port (445). Where somebody \
              answers it sends a message made for a flaw, with a copy of itself. The copy runs where that flaw is, on that port, and where the host lets \
              the program run; the sender does not learn whether it did. It is done when every address was tried, or as many were sent as it may. On the \
              way it asks for addresses that do not exist and knocks at many doors a second, which a sensor on the segment sees.",
    parameters: &[
        Parameter {
            name: "flaw",
            kind: ParameterKind::Text,
            required: false,
            doc: "flaw that the message is made for; `smb-v1-parser` if not given",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "port; 445 if not given",
        },
        Parameter {
            name: "program",
            kind: ParameterKind::Text,
            required: false,
            doc: "name of one of the attacker's programs; a program that runs spreads itself if not given",
        },
        Parameter {
            name: "ranges",
            kind: ParameterKind::Text,
            required: false,
            doc: "further ranges, as `10.0.20.0/24`, with commas between them",
        },
        Parameter {
            name: "last",
            kind: ParameterKind::Integer,
            required: false,
            doc: "last number that is tried in each /24, up to 254, which it is if not given",
        },
        Parameter {
            name: "most",
            kind: ParameterKind::Integer,
            required: false,
            doc: "hosts that it sends itself to at the most; 64 if not given",
        },
    ],
    references: &["T1210", "T1570", "T0866"],
};

/// Where the round of addresses begins, so that copies do not all go the same way.
const FIRST: Purpose = Purpose::new("spread begins at");
/// Time between two addresses \[A\].
const PACE: Duration = Duration::from_millis(200);
/// Time after the last address in which answers may still come.
const LINGER: Duration = Duration::from_secs(10);
const NEXT: u32 = 1;
const OVER: u32 = 2;

fn ranges(step: &Step<'_, '_, '_>) -> Vec<Cidr> {
    let own = step.hands.ip().map(|ip| Cidr {
        ip: Cidr { ip, len: 24 }.nth(0),
        len: 24,
    });
    let further = step.params.text("ranges").split(',');
    let mut all: Vec<Cidr> = own.into_iter().collect();
    for range in further.filter_map(|r| r.trim().parse::<Cidr>().ok()) {
        if !all.iter().any(|c| c.ip == range.ip) {
            all.push(range);
        }
    }
    all
}

/// Addresses per range.
fn width(params: &Params) -> u32 {
    let last = params.integer("last").unwrap_or(254);
    u32::try_from(last.clamp(1, 254)).unwrap_or(254)
}

/// The address that comes next, none when all were tried.
fn next(step: &Step<'_, '_, '_>) -> Option<Ip> {
    let (ranges, width) = (ranges(step), width(step.params));
    let n = step.state.tries - 1;
    let range = ranges.get((n / width) as usize)?;
    let first = step.hands.luck(FIRST, u64::from(n / width)).next_u64() % u64::from(width);
    Some(range.nth(1 + (n % width + first as u32) % width))
}

fn port(params: &Params) -> u16 {
    let port = params.integer("port").and_then(|p| u16::try_from(p).ok());
    port.unwrap_or(PORT)
}

impl Technique for Spread {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["knock", "somebody answers", "round over"]
    }

    fn patience(&self, params: &Params) -> Duration {
        let ranges = params.text("ranges").split(',').count() as u64 + 1;
        PACE * (ranges * u64::from(width(params))) + Duration::from_mins(5)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let most = step.params.integer("most").unwrap_or(64);
        match input {
            Input::Begin if step.program(step.params.text("program")).is_none() => {
                Progress::Failed("no such program")
            }
            Input::Begin | Input::Timer(NEXT) => {
                step.state.tries += 1;
                match next(step) {
                    Some(ip) if i64::from(step.state.found) < most => {
                        if Some(ip) != step.hands.ip() {
                            step.hands.connect(ip, port(step.params));
                        }
                        step.hands.timer(PACE, NEXT);
                    }
                    _ => step.hands.timer(LINGER, OVER),
                }
                Progress::Wait
            }
            Input::Timer(OVER) if step.state.found == 0 => Progress::Failed("nobody answered"),
            Input::Timer(OVER) => Progress::Done("sent to whoever answered"),
            Input::Socket(SocketEvent::Opened(stream)) => {
                let Some(program) = step.program(step.params.text("program")) else {
                    return Progress::Wait;
                };
                let flaw = match step.params.text("flaw") {
                    "" => "smb-v1-parser",
                    flaw => flaw,
                };
                let crafted = Crafted {
                    flaw: flaw.to_owned(),
                    answers: None,
                    payload: Payload::Program(program),
                };
                step.state.found += 1;
                step.hands
                    .send(*stream, Message::Crafted(Box::new(crafted)));
                step.hands.close(*stream);
                Progress::Reached(1)
            }
            _ => Progress::Wait,
        }
    }
}
