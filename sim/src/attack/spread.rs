//! Looks for hosts with a flaw and gives them the program that is spreading.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Parameters, Port, Prefixes, Program, Vulnerability};
use crate::rng::Purpose;
use crate::time::Duration;
use crate::wire::crafted::{Crafted, Payload};
use crate::wire::{Cidr, Ip, Message};

/// Technique `spread`.
#[derive(Debug)]
pub(super) struct Spread;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Vulnerability that the message is made for.
    #[param(key = "flaw", default = "smb-v1-parser")]
    vulnerability: Vulnerability,
    /// Port.
    #[param(default = 445)]
    port: Port,
    /// One of the attacker's programs; a program that runs spreads itself if not given.
    program: Option<Program>,
    /// Further ranges.
    ranges: Option<Prefixes>,
    /// Last number that is tried in each /24.
    #[param(default = 254, range = 1..=254)]
    last: u32,
    /// Hosts that it sends itself to at the most.
    #[param(default = 64, range = 1..=1000000)]
    most: u32,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Addresses that it has tried.
    tries: u32,
    /// Hosts that it has sent itself to.
    found: u32,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, Spread>;

static ENTRY: Entry = Entry {
    id: "spread",
    title: "Spread to hosts with a flaw",
    summary: "Tries the addresses of the own /24 and of further ranges, one after the other from a point of its own, on one port (445). Where somebody \
              answers it sends a message made for a flaw, with a copy of itself. The copy runs where that flaw is, on that port, and where the host lets \
              the program run; the sender does not learn whether it did. It is done when every address was tried, or as many were sent as it may. On the \
              way it asks for addresses that do not exist and knocks at many doors a second, which a sensor on the segment sees.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
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
    let mut all: Vec<Cidr> = own.into_iter().collect();
    for &range in step.params.ranges.iter().flat_map(|r| r.iter()) {
        if !all.iter().any(|c| c.ip == range.ip) {
            all.push(range);
        }
    }
    all
}

/// The address that comes next, none when all were tried.
fn next(step: &Step<'_, '_, '_>) -> Option<Ip> {
    let (ranges, width) = (ranges(step), step.params.last);
    let n = step.state.tries - 1;
    let range = ranges.get((n / width) as usize)?;
    let first = step.hands.luck(FIRST, u64::from(n / width)).next_u64() % u64::from(width);
    Some(range.nth(1 + (n % width + first as u32) % width))
}

impl Technique for Spread {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["knock", "somebody answers", "round over"];

    fn patience(params: &Params) -> Duration {
        let ranges = params.ranges.as_ref().map_or(1, |r| r.len()) as u64 + 1;
        PACE * (ranges * u64::from(params.last)) + Duration::from_mins(5)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let program = step.params.program.as_deref();
        match input {
            Input::Begin if step.program(program).is_none() => Progress::Failed("no such program"),
            Input::Begin | Input::Timer(NEXT) => {
                step.state.tries += 1;
                match next(step) {
                    Some(ip) if step.state.found < step.params.most => {
                        if Some(ip) != step.hands.ip() {
                            step.hands.connect(ip, step.params.port.0);
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
                let Some(program) = step.program(program) else {
                    return Progress::Wait;
                };
                let crafted = Crafted {
                    flaw: step.params.vulnerability.0.clone(),
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
