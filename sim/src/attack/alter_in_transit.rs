//! Steps in between a pump and its server, and changes what can be read on the way.

use super::net_notes::Passed;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Drug, Factor, Host, Parameters, Pump, Words};
use crate::time::Duration;
use crate::wire::hl7::Hl7;
use crate::wire::pump::{PumpMessage, SignedLibrary};
use crate::wire::query::Query;
use crate::wire::tls::Tls;
use crate::wire::{Ip, Message, Packet, Segment, Transport};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Technique `alter-in-transit`.
#[derive(Debug)]
pub(super) struct AlterInTransit;

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum What {
    /// The rate of orders for the pump.
    Orders,
    /// The upper limits of a drug in libraries for the pump.
    Libraries,
    /// An alarm of the pump, of which nothing is left to know it by.
    Alarms,
    /// Nothing: what passes is only kept.
    Nothing,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Pump whose messages are changed.
    pump: Pump,
    /// The pump's server.
    server: Host,
    /// What is changed.
    what: What,
    /// The other end, where it is not the pump: the health record that sends its orders, the database that its server reads, the system that alarms go to.
    from: Option<Host>,
    /// Factor on the rate of an order or the upper limits of the drug.
    #[param(default = "x10", only_with(what = "orders", "libraries"))]
    factor: Factor,
    /// The drug whose limits are changed.
    #[param(only_with(what = "libraries"), needed_with(what = "libraries"))]
    drug: Option<Drug>,
    /// Version that a changed library from a database claims; its own if not given.
    #[param(range = 1..=1000000, only_with(what = "libraries"), needs("from"))]
    version: Option<u32>,
    /// How long it stays in between.
    #[param(default = "30m")]
    over: Duration,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Pairs of ends, the lower address first, between which it saw messages pass that it could not read.
    sealed: BTreeSet<(Ip, Ip)>,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, AlterInTransit>;

static ENTRY: Entry = Entry {
    id: "alter-in-transit",
    title: "Change messages on their way",
    summary: "Claims the addresses of a pump and of its server, or of the gateway if the server is elsewhere, by unasked ARP answers, forwards what \
              then passes, keeps what can be read, and changes orders for the pump, the upper limits of a drug in libraries for it, or an alarm of it, \
              of which nothing is left to know it by. With `from` it stands between the server and that system of the house instead. Succeeds when a \
              changed message was forwarded; it then gives the addresses back. It needs a place on the pump's segment where its ARP answers \
              are not dropped, and messages in clear: a sealed one it can forward or lose, a signed library no longer verifies. Its noise is \
              two addresses that are claimed twice.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1557.002", "T1565.002", "T0830", "T0832"],
};

const ANNOUNCE: Duration = Duration::from_secs(2);
const TOKEN_ANNOUNCE: u32 = 1;
const TOKEN_END: u32 = 2;
const QUERY_NEAR: u32 = 11;
const QUERY_SERVER: u32 = 12;
/// Messages that are kept at the most.
const KEPT: usize = 64;

/// The name of the end opposite to the server.
fn near(params: &Params) -> &str {
    match &params.from {
        Some(from) => from,
        None => &params.pump,
    }
}

fn known(step: &Step<'_, '_, '_>, host: &str) -> Option<Ip> {
    Some(step.knowledge.addresses.get(host)?.value)
}

/// The other end of the own segment on the way to the server.
fn far_end(step: &Step<'_, '_, '_>) -> Option<Ip> {
    let server = known(step, &step.params.server)?;
    if step.hands.on_link(server) {
        Some(server)
    } else {
        step.hands.gateway()
    }
}

/// Asks for what is not known, and steps in between once both addresses are.
fn begin(step: &mut Step<'_, '_, '_>) -> Progress {
    let near = near(step.params);
    let (nearer, server) = (known(step, near), known(step, &step.params.server));
    if nearer.is_none() {
        step.hands.resolve(QUERY_NEAR, near);
        return Progress::Wait;
    }
    if server.is_none() {
        step.hands.resolve(QUERY_SERVER, &step.params.server);
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
    let factor = params.factor.0;
    let drug = params.drug.as_deref().unwrap_or_default();
    match (params.what, message) {
        (What::Orders, Message::Pump(m)) => match &mut **m {
            PumpMessage::Order(order) => {
                order.rate_ml_per_h *= factor;
                true
            }
            _ => false,
        },
        (What::Orders, Message::Hl7(m)) => match &mut m.content {
            Hl7::Order { pump, order } if *pump == *params.pump => {
                order.rate_ml_per_h *= factor;
                true
            }
            _ => false,
        },
        // What goes on in its place says nothing; the stream's numbers stay right, so neither end misses a message.
        (What::Alarms, Message::Pump(m)) => {
            let alarm = matches!(**m, PumpMessage::Alarm { .. });
            if alarm {
                let entries = Vec::new();
                **m = PumpMessage::Log { entries };
            }
            alarm
        }
        (What::Alarms, Message::Hl7(m)) => {
            let Hl7::Alarm { pump, .. } = &mut m.content else {
                return false;
            };
            let alarm = *pump == *params.pump;
            if alarm {
                // Of a pump that nobody has: it is answered as any alarm, so that its sender does not say it again.
                "none".clone_into(pump);
            }
            alarm
        }
        (What::Libraries, Message::Pump(m)) => match &mut **m {
            PumpMessage::LibraryOffer(offer) => {
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
        (What::Libraries, Message::Query(q)) if params.from.is_some() => match &mut **q {
            Query::Library(Some(stored)) => {
                let mut library = stored.library.with_limit_scaled(drug, factor);
                library.version = params.version.unwrap_or(library.version);
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
    if sealed && step.state.sealed.insert(pair) {
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
    if params.what == What::Nothing && !step.knowledge.net.passed.is_empty() {
        leave(step);
        return Progress::Done("something to send again");
    }
    Progress::Reached(2)
}

impl Technique for AlterInTransit {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &[
        "find",
        "claim both addresses",
        "packets pass",
        "a change goes on",
    ];

    fn patience(params: &Params) -> Duration {
        params.over + Duration::from_mins(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.timer(step.params.over, TOKEN_END);
                begin(step)
            }
            Input::Socket(SocketEvent::Resolved {
                query,
                ip: Some(ip),
            }) => {
                let name = match *query {
                    QUERY_NEAR => near(step.params),
                    QUERY_SERVER => &*step.params.server,
                    _ => return Progress::Wait,
                };
                step.note_address(name, *ip);
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
