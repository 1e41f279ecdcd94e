//! Tries many addresses and ports, and keeps what answers.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::parameters::{Interval, Parameters, Ports};
use crate::time::Duration;
use crate::wire::{Cidr, Ip};

/// Technique `scan-ports`.
#[derive(Debug)]
pub(super) struct ScanPorts;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Addresses to try; the /24 around the own address if not given.
    subnet: Option<Cidr>,
    /// Ports to try.
    #[param(default = "21,23,80,443,5000,8100")]
    ports: Ports,
    /// Time between two tries.
    #[param(default = "50ms")]
    pause: Interval,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Streams that it has tried to open.
    tries: u32,
    /// Services that answered: address and port.
    open: Vec<(Ip, u16)>,
    /// Streams that were asked for and have not been answered, with where they lead.
    asked: Vec<(StreamId, Ip, u16)>,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, ScanPorts>;

static ENTRY: Entry = Entry {
    id: "scan-ports",
    title: "Scan addresses and ports",
    summary: "Opens a stream to every address of a subnet on each of some ports, one try after the other, and keeps what answers. Succeeds if \
              anything answers with an open port. Its noise is what it does: one source, many addresses and ports, address requests for hosts that \
              are not there, refused streams, and drops at every firewall on the way.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1046", "T0846"],
};

/// Time that the last tries are given to be answered.
const LAST: Duration = Duration::from_secs(35);
const TRY: u32 = 1;
const END: u32 = 2;

fn subnet(step: &Step<'_, '_, '_>) -> Option<Cidr> {
    step.params.subnet.or_else(|| {
        Some(Cidr {
            ip: step.hands.ip()?,
            len: 24,
        })
    })
}

fn size(net: Cidr) -> u32 {
    (1u32 << (32 - u32::from(net.len))).saturating_sub(2).max(1)
}

/// The next try; when there is none left, the last ones are waited for.
fn next(step: &mut Step<'_, '_, '_>) -> Progress {
    let (Some(net), ports) = (subnet(step), &step.params.ports) else {
        return Progress::Failed("no address of its own");
    };
    let n = step.state.tries;
    let each = ports.len() as u32;
    if n / each >= size(net) {
        step.hands.timer(LAST, END);
        return Progress::Wait;
    }
    step.state.tries += 1;
    let (ip, port) = (net.nth(n / each + 1), ports[(n % each) as usize]);
    if Some(ip) != step.hands.ip() {
        let stream = step.hands.connect(ip, port);
        step.state.asked.push((stream, ip, port));
    }
    step.hands.timer(step.params.pause.0, TRY);
    Progress::Wait
}

fn asked(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Option<(Ip, u16)> {
    let all = &mut step.state.asked;
    let i = all.iter().position(|(s, _, _)| *s == stream)?;
    let (_, ip, port) = all.swap_remove(i);
    Some((ip, port))
}

impl Technique for ScanPorts {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["try", "something answers", "all tried"];

    fn patience(params: &Params) -> Duration {
        let tries = 65_536 * params.ports.len() as u64;
        (params.pause.0 * tries).max(Duration::from_hours(1))
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin | Input::Timer(TRY) => next(step),
            Input::Timer(END) if step.state.open.is_empty() => Progress::Failed("nothing answers"),
            Input::Timer(END) => Progress::Done("some services answer"),
            Input::Socket(SocketEvent::Opened(stream)) => {
                let Some(found) = asked(step, *stream) else {
                    return Progress::Wait;
                };
                step.hands.close(*stream);
                step.hands.learned("an open service");
                step.state.open.push(found);
                Progress::Reached(1)
            }
            Input::Socket(SocketEvent::Failed { stream, .. }) => {
                asked(step, *stream);
                Progress::Wait
            }
            _ => Progress::Wait,
        }
    }
}
