//! Asks for addresses in the name of clients that do not exist, until none is left.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Parameters, Words};
use crate::rng::Purpose;
use crate::time::Duration;
use crate::wire::dhcp::{CLIENT_PORT, Dhcp};
use crate::wire::{Mac, Message};

/// Technique `exhaust-leases`.
#[derive(Debug)]
pub(super) struct ExhaustLeases;

/// Whom a request says that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum Sender {
    /// The invented client, on the frame as well; the own MAC address is not shown.
    Forged,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// What stands on the frame as its sender; the own MAC address if not given.
    sender: Option<Sender>,
    /// Clients until nothing more is offered, then one every 5 s.
    #[param(default = 5, range = 1..=100, unit = "per second")]
    per_second: u32,
    /// How long it goes on.
    #[param(default = "10m")]
    over: Duration,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Clients that it has invented.
    clients: u32,
    /// They, with the transaction of each.
    invented: Vec<(u32, Mac)>,
    /// Clients in a row that were offered nothing.
    unanswered: u32,
    /// Leases that it has taken.
    leases: u32,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, ExhaustLeases>;

static ENTRY: Entry = Entry {
    id: "exhaust-leases",
    title: "Take every address of a pool",
    summary: "Asks for a lease in the name of one invented client after another, takes what is offered, and goes on asking until its time is over, \
              so that what runs out is taken again. Whoever has a lease keeps it: the address server renews it. Who comes anew, or comes back after its lease ran out, gets none. \
              Succeeds if in the end nothing more is offered. Reservations are not touched. A switch that compares the client with the sender of the frame \
              drops the requests, unless the sender is forged too; one that counts clients per port or knows them drops those. Its noise is a request \
              from a new hardware address several times per second, and an address server that says that its pool is empty.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1499.002", "T0814"],
};

const CLIENT: Purpose = Purpose::new("invented client");
const TOKEN_NEXT: u32 = 1;
const TOKEN_END: u32 = 2;
/// Clients in a row that were offered nothing, after which the pool counts as empty.
const UNANSWERED: u32 = 8;
/// Pause between clients once nothing more is offered.
const WATCH: Duration = Duration::from_secs(5);

/// Says something as the client, in a frame that says who sent it or does not.
fn say(step: &mut Step<'_, '_, '_>, dhcp: Dhcp) {
    let forged = step.params.sender == Some(Sender::Forged);
    let sender = if forged {
        dhcp.client()
    } else {
        step.hands.own_mac()
    };
    step.hands.ask_for_lease(sender, dhcp);
}

fn next(step: &mut Step<'_, '_, '_>) -> Progress {
    let mut luck = step.hands.luck(CLIENT, u64::from(step.state.clients));
    step.state.clients += 1;
    // An address of the kind that everybody may give to himself.
    let mac = Mac(luck.next_u64() & 0xFCFF_FFFF_FFFF | 0x0200_0000_0000);
    let xid = luck.next_u64() as u32;
    step.state.invented.push((xid, mac));
    step.state.unanswered += 1;
    say(step, Dhcp::Discover { xid, mac });
    let empty = step.state.unanswered > UNANSWERED;
    let pause = if empty {
        WATCH
    } else {
        Duration::from_secs_f64(1.0 / f64::from(step.params.per_second))
    };
    step.hands.timer(pause, TOKEN_NEXT);
    if empty && step.state.leases > 0 {
        Progress::Reached(2)
    } else {
        Progress::Wait
    }
}

fn heard(step: &mut Step<'_, '_, '_>, dhcp: Dhcp) -> Progress {
    let invented = |x: u32, m: Mac| step.state.invented.contains(&(x, m));
    match dhcp {
        Dhcp::Offer {
            xid,
            mac,
            lease,
            server,
        } if invented(xid, mac) => {
            step.state.unanswered = 0;
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
            step.state.leases += 1;
            Progress::Reached(1)
        }
        _ => Progress::Wait,
    }
}

impl Technique for ExhaustLeases {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] =
        &["ask", "an address is taken", "nothing more is offered"];

    fn patience(params: &Params) -> Duration {
        params.over + Duration::from_mins(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.bind(CLIENT_PORT);
                step.hands.timer(step.params.over, TOKEN_END);
                next(step)
            }
            Input::Timer(TOKEN_NEXT) => next(step),
            Input::Socket(SocketEvent::Datagram { message, .. }) => match **message {
                Message::Dhcp(dhcp) => heard(step, dhcp),
                _ => Progress::Wait,
            },
            Input::Timer(TOKEN_END) => {
                match (step.state.leases, step.state.unanswered > UNANSWERED) {
                    (0, _) => Progress::Failed("no address was given"),
                    (_, true) => Progress::Done("nothing more is offered"),
                    (_, false) => Progress::Failed("there are addresses to the end"),
                }
            }
            _ => Progress::Wait,
        }
    }
}
