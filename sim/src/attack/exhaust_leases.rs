//! Asks for addresses in the name of clients that do not exist, until none is left.

use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::rng::Purpose;
use crate::time::Duration;
use crate::wire::dhcp::{CLIENT_PORT, Dhcp};
use crate::wire::{Mac, Message};

/// Technique `exhaust-leases`.
#[derive(Debug)]
pub(super) struct ExhaustLeases;

static ENTRY: Entry = Entry {
    id: "exhaust-leases",
    title: "Take every address of a pool",
    summary: "Asks for a lease in the name of one invented client after another, takes what is offered, and goes on asking until its time is over, \
              so that what runs out is taken again. Whoever has a lease keeps it: the address server renews it. Who comes anew, or comes back after its lease ran out, gets none. \
              Succeeds if in the end nothing more is offered. Reservations are not touched. A switch that compares the client with the sender of the frame \
              drops the requests, unless the sender is forged too; one that counts clients per port or knows them drops those. Its noise is a request \
              from a new hardware address several times per second, and an address server that says that its pool is empty.",
    parameters: &[
        Parameter {
            name: "sender",
            kind: ParameterKind::Text,
            required: false,
            doc: "`forged` to write the invented client on the frame as its sender too; the own hardware address if not given",
        },
        Parameter {
            name: "per_second",
            kind: ParameterKind::Integer,
            required: false,
            doc: "clients per second, up to 100, until nothing more is offered, then one every 5 s; 5 if not given",
        },
        Parameter {
            name: "over",
            kind: ParameterKind::Duration,
            required: false,
            doc: "how long it goes on; 10m if not given",
        },
    ],
    references: &["T1499.002", "T0814"],
};

const CLIENT: Purpose = Purpose::new("invented client");
const TOKEN_NEXT: u32 = 1;
const TOKEN_END: u32 = 2;
/// Clients in a row that were offered nothing, after which the pool counts as empty.
const UNANSWERED: u32 = 8;
/// Pause between clients once nothing more is offered.
const WATCH: Duration = Duration::from_secs(5);

fn over(params: &Params) -> Duration {
    params.duration("over").unwrap_or(Duration::from_mins(10))
}

/// Says something as the client, in a frame that says who sent it or does not.
fn say(step: &mut Step<'_, '_, '_>, dhcp: Dhcp) {
    let forged = step.params.text("sender") == "forged";
    let sender = if forged {
        dhcp.client()
    } else {
        step.hands.own_mac()
    };
    step.hands.ask_for_lease(sender, dhcp);
}

fn next(step: &mut Step<'_, '_, '_>) -> Progress {
    let mut luck = step.hands.luck(CLIENT, u64::from(step.state.tries));
    step.state.tries += 1;
    // An address of the kind that everybody may give to himself.
    let mac = Mac(luck.next_u64() & 0xFCFF_FFFF_FFFF | 0x0200_0000_0000);
    let xid = luck.next_u64() as u32;
    step.knowledge.net.invented.push((xid, mac));
    step.knowledge.net.unanswered += 1;
    say(step, Dhcp::Discover { xid, mac });
    let rate = step.params.integer("per_second").unwrap_or(5).clamp(1, 100);
    let empty = step.knowledge.net.unanswered > UNANSWERED;
    let pause = if empty {
        WATCH
    } else {
        Duration::from_secs_f64(1.0 / rate as f64)
    };
    step.hands.timer(pause, TOKEN_NEXT);
    if empty && step.knowledge.net.leases > 0 {
        Progress::Reached(2)
    } else {
        Progress::Wait
    }
}

fn heard(step: &mut Step<'_, '_, '_>, dhcp: Dhcp) -> Progress {
    let invented = |x: u32, m: Mac| step.knowledge.net.invented.contains(&(x, m));
    match dhcp {
        Dhcp::Offer {
            xid,
            mac,
            lease,
            server,
        } if invented(xid, mac) => {
            step.knowledge.net.unanswered = 0;
            let ip = lease.ip;
            say(
                step,
                Dhcp::Request {
                    xid,
                    mac,
                    ip,
                    server,
                },
            );
            Progress::Wait
        }
        Dhcp::Ack { xid, mac, .. } if invented(xid, mac) => {
            step.knowledge.net.leases += 1;
            Progress::Reached(1)
        }
        _ => Progress::Wait,
    }
}

impl Technique for ExhaustLeases {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["ask", "an address is taken", "nothing more is offered"]
    }

    fn patience(&self, params: &Params) -> Duration {
        over(params) + Duration::from_mins(1)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.bind(CLIENT_PORT);
                step.hands.timer(over(step.params), TOKEN_END);
                next(step)
            }
            Input::Timer(TOKEN_NEXT) => next(step),
            Input::Socket(SocketEvent::Datagram { message, .. }) => match **message {
                Message::Dhcp(dhcp) => heard(step, dhcp),
                _ => Progress::Wait,
            },
            Input::Timer(TOKEN_END) => match (
                step.knowledge.net.leases,
                step.knowledge.net.unanswered > UNANSWERED,
            ) {
                (0, _) => Progress::Failed("no address was given"),
                (_, true) => Progress::Done("nothing more is offered"),
                (_, false) => Progress::Failed("there are addresses to the end"),
            },
            _ => Progress::Wait,
        }
    }
}
