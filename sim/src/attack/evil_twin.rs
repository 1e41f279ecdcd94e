//! Offers a network that looks like the hospital's.

use super::attacker::Captured;
use super::deauthenticate::forged;
use super::listen_radio::{ask_networks, note};
use super::spoof_server::greet;
use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::time::Duration;
use crate::wire::dhcp::{CLIENT_PORT, Dhcp, Lease, SERVER_PORT};
use crate::wire::dns::{Dns, PORT as DNS_PORT};
use crate::wire::{Ip, Message};

/// Technique `evil-twin`.
#[derive(Debug)]
pub(super) struct EvilTwin;

static ENTRY: Entry = Entry {
    id: "evil-twin",
    title: "Offer a false access point",
    summary: "Offers a network of the same name from its own radio: with the passphrase it knows for it, or else open. Stations that ask for no more \
              than that take the stronger signal. It answers their address requests, gives its own address for every name, answers for every address, \
              and, if a port is given, greets pumps there as their server would. It can tell stations to leave the true access point of its \
              channel, at intervals. Succeeds when a station comes, or when a pump takes it for its server if a port is given. A sensor on the channel hears a \
              known name from an unknown access point.",
    parameters: &[
        Parameter {
            name: "network",
            kind: ParameterKind::Network,
            required: false,
            doc: "name of the network; the one heard strongest if not given",
        },
        Parameter {
            name: "channel",
            kind: ParameterKind::Integer,
            required: false,
            doc: "channel; that of the strongest access point of the network if not given",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "port of the pump server that it stands in for; none if not given",
        },
        Parameter {
            name: "deauthenticate_every",
            kind: ParameterKind::Duration,
            required: false,
            doc: "interval at which it tells the stations of the true access point to leave; never if not given",
        },
        Parameter {
            name: "for",
            kind: ParameterKind::Duration,
            required: false,
            doc: "how long at the most; 14m if not given",
        },
    ],
    references: &["T1557.004", "T0860", "T0830"],
};

const DWELL: Duration = Duration::from_millis(50);
const TOKEN_LOOK: u32 = 1;
const TOKEN_FORGE: u32 = 2;
const TOKEN_END: u32 = 3;
const CHANNELS: u32 = 13;
/// Own address on the offered network.
const OWN: Ip = Ip(0x0A42_0001);

fn over(params: &Params) -> Duration {
    params.duration("for").unwrap_or(Duration::from_mins(14))
}

fn look(step: &mut Step<'_, '_, '_>) -> Progress {
    step.state.tries += 1;
    if step.state.tries <= CHANNELS {
        ask_networks(step, step.state.tries as u8);
        step.hands.timer(DWELL, TOKEN_LOOK);
        return Progress::Wait;
    }
    step.hands.stop_monitoring();
    offer(step)
}

fn offer(step: &mut Step<'_, '_, '_>) -> Progress {
    let given = step.params.text("network");
    let strongest = step.knowledge.radio.named(given).max_by_key(|n| n.dbm);
    let ssid = strongest.map_or_else(|| given.to_owned(), |n| n.ssid.clone());
    let ssid = ssid.as_str();
    let channel = step
        .params
        .integer("channel")
        .and_then(|c| u8::try_from(c).ok())
        .or_else(|| strongest.map(|n| n.channel));
    let Some(channel) = channel else {
        return Progress::Failed("no such network on the air, and no channel given");
    };
    let mut known = step.knowledge.passphrases.iter().rev();
    let key = known.find(|k| k.value.0 == ssid).cloned();
    if let Some(taught) = key.as_ref().and_then(|k| k.taught) {
        step.hands.uses(taught);
    }
    let passphrase = key.map(|k| k.value.1);
    step.hands.offer(ssid, channel, passphrase.as_ref());
    for port in [SERVER_PORT, DNS_PORT] {
        step.hands.bind(port);
    }
    if let Some(port) = port(step.params) {
        step.hands.listen(port);
    }
    step.state.tries = 0;
    forge(step);
    Progress::Reached(1)
}

fn port(params: &Params) -> Option<u16> {
    params.integer("port").and_then(|p| u16::try_from(p).ok())
}

fn forge(step: &mut Step<'_, '_, '_>) {
    let Some(every) = step.params.duration("deauthenticate_every") else {
        return;
    };
    let ssid = step.params.text("network");
    let networks: Vec<_> = step.knowledge.radio.named(ssid).map(|n| n.bssid).collect();
    for bssid in networks {
        step.hands.inject(forged(bssid));
    }
    step.hands.timer(every, TOKEN_FORGE);
}

/// Answers a station that asks for an address or a name.
fn serve(step: &mut Step<'_, '_, '_>, from: (Ip, u16), message: &Message) -> bool {
    let answer = match message {
        Message::Dhcp(Dhcp::Discover { xid, mac }) => {
            step.state.tries += 1;
            let lease = Lease {
                ip: Ip(OWN.0 + 9 + step.state.tries % 200),
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
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["look", "offer", "a station comes", "a pump believes"]
    }

    fn patience(&self, params: &Params) -> Duration {
        over(params) + Duration::from_mins(1)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let over = over(step.params);
                step.hands.timer(over, TOKEN_END);
                look(step)
            }
            Input::Timer(TOKEN_LOOK) => look(step),
            Input::Timer(TOKEN_FORGE) => {
                forge(step);
                Progress::Wait
            }
            Input::Timer(TOKEN_END) => Progress::Failed("nobody came, or nobody believed"),
            Input::Overheard(heard) => {
                note(step, heard);
                Progress::Wait
            }
            Input::Socket(SocketEvent::Datagram { from, message, .. }) => {
                if !serve(step, *from, message) {
                    return Progress::Wait;
                }
                came(step)
            }
            Input::Socket(SocketEvent::Accepted { stream, .. }) => {
                step.knowledge.captured.push(Captured {
                    stream: *stream,
                    tls: None,
                    greeted: false,
                });
                came(step)
            }
            Input::Socket(SocketEvent::Message { stream, message }) => {
                greet(step, *stream, message, "pump server")
            }
            _ => Progress::Wait,
        }
    }
}

/// A station is there: all that is wanted, unless pumps are to be greeted.
fn came(step: &mut Step<'_, '_, '_>) -> Progress {
    if port(step.params).is_some() {
        return Progress::Reached(2);
    }
    step.hands.learned("that a station came");
    Progress::Done("a station came")
}
