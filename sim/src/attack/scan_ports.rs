//! Tries many addresses and ports, and keeps what answers.

use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::time::Duration;
use crate::wire::{Cidr, Ip};

/// Technique `scan-ports`.
#[derive(Debug)]
pub(super) struct ScanPorts;

static ENTRY: Entry = Entry {
    id: "scan-ports",
    title: "Scan addresses and ports",
    summary: "Opens a stream to every address of a subnet on each of some ports, one try after the other, and keeps what answers. Succeeds if \
              anything answers with an open port. Its noise is what it does: one source, many addresses and ports, address requests for hosts that \
              are not there, refused streams, and drops at every firewall on the way.",
    parameters: &[
        Parameter {
            name: "subnet",
            kind: ParameterKind::Text,
            required: false,
            doc: "addresses to try, such as `10.0.40.0/24`; the /24 around the own address if not given",
        },
        Parameter {
            name: "ports",
            kind: ParameterKind::Text,
            required: false,
            doc: "ports to try, with commas; `21,23,80,443,5000,8100` if not given",
        },
        Parameter {
            name: "pause",
            kind: ParameterKind::Duration,
            required: false,
            doc: "time between two tries; 50ms if not given",
        },
    ],
    references: &["T1046", "T0846"],
};

/// Time that the last tries are given to be answered.
const LAST: Duration = Duration::from_secs(35);
const TRY: u32 = 1;
const END: u32 = 2;

fn ports(params: &Params) -> Vec<u16> {
    let text = match params.text("ports") {
        "" => "21,23,80,443,5000,8100",
        text => text,
    };
    text.split(',')
        .filter_map(|p| p.trim().parse().ok())
        .collect()
}

fn pause(params: &Params) -> Duration {
    params
        .duration("pause")
        .unwrap_or(Duration::from_millis(50))
}

fn subnet(step: &Step<'_, '_, '_>) -> Option<Cidr> {
    let given = step.params.text("subnet").parse::<Cidr>().ok();
    let given = given.filter(|c| (16..=32).contains(&c.len));
    given.or_else(|| {
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
    let (Some(net), ports) = (subnet(step), ports(step.params)) else {
        return Progress::Failed("no address of its own");
    };
    let n = step.state.tries;
    let each = ports.len() as u32;
    if each == 0 || n / each >= size(net) {
        step.hands.timer(LAST, END);
        return Progress::Wait;
    }
    step.state.tries += 1;
    let (ip, port) = (net.nth(n / each + 1), ports[(n % each) as usize]);
    if Some(ip) != step.hands.ip() {
        let stream = step.hands.connect(ip, port);
        step.knowledge.net.asked.push((stream, ip, port));
    }
    step.hands.timer(pause(step.params), TRY);
    Progress::Wait
}

fn asked(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Option<(Ip, u16)> {
    let all = &mut step.knowledge.net.asked;
    let i = all.iter().position(|(s, _, _)| *s == stream)?;
    let (_, ip, port) = all.swap_remove(i);
    Some((ip, port))
}

impl Technique for ScanPorts {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["try", "something answers", "all tried"]
    }

    fn patience(&self, params: &Params) -> Duration {
        let tries = 65_536 * ports(params).len() as u64;
        (pause(params) * tries).max(Duration::from_hours(1))
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin | Input::Timer(TRY) => next(step),
            Input::Timer(END) if step.knowledge.net.open.is_empty() => {
                Progress::Failed("nothing answers")
            }
            Input::Timer(END) => Progress::Done("some services answer"),
            Input::Socket(SocketEvent::Opened(stream)) => {
                let Some(found) = asked(step, *stream) else {
                    return Progress::Wait;
                };
                step.hands.close(*stream);
                step.hands.learned("an open service");
                step.knowledge.net.open.push(found);
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
