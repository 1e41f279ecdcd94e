//! Answers for the address of a pump server and takes the sessions of pumps that believe it.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::crypto::{Certificate, PrivateKey};
use crate::net::port::StreamId;
use crate::net::port::{Hands, Input, SocketEvent};
use crate::proto::tls::{Credentials, Server, Step as TlsStep};
use crate::rng::Purpose;
use crate::time::Duration;
use crate::wire::dns::{Dns, PORT as DNS_PORT};
use crate::wire::pump::PumpMessage;
use crate::wire::tls::record;
use crate::wire::{Ip, Message};

use super::attacker::{Captured, Knowledge};

/// Technique `spoof-server`.
#[derive(Debug)]
pub(super) struct SpoofServer;

static ENTRY: Entry = Entry {
    id: "spoof-server",
    title: "Impersonate a pump server",
    summary: "Claims the server's address on its own segment by unasked ARP answers, or the gateway's and the name server's if the server is \
              elsewhere, listens on the server's port, and greets pumps as their server would; where a pump wants TLS it shows a certificate that it made itself. Succeeds \
              when a pump takes it for its server.",
    parameters: &[
        Parameter {
            name: "server",
            kind: ParameterKind::Host,
            required: true,
            doc: "server to impersonate",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "the server's port; 8100 if not given",
        },
    ],
    references: &["T1557.002", "T0830", "T0848"],
};

const LUCK: Purpose = Purpose::new("spoofed server");
const ANNOUNCE: Duration = Duration::from_secs(2);

/// What a pump said on a captured session, opened if the attacker holds the key.
pub(super) fn opened(
    hands: &Hands<'_, '_>,
    knowledge: &mut Knowledge,
    step_luck: &mut crate::rng::Stream,
    stream: StreamId,
    message: &Message,
) -> (Option<PumpMessage>, Option<Message>) {
    let Some(captured) = knowledge.captured.iter_mut().find(|c| c.stream == stream) else {
        return (None, None);
    };
    match (message, &mut captured.tls) {
        (Message::Pump(m), None) => (Some((**m).clone()), None),
        (Message::Tls(tls), server) => {
            let server =
                server.get_or_insert_with(|| Box::new(Server::new(own_certificate(hands), false)));
            match server.handle(step_luck, tls, 0, &[]) {
                TlsStep::Send(m) | TlsStep::SendDone(m) => (None, Some(Message::Tls(Box::new(m)))),
                TlsStep::Data(Message::Pump(m)) => (Some(*m), None),
                _ => (None, None),
            }
        }
        _ => (None, None),
    }
}

/// A message to a captured pump, sealed if the session is.
pub(super) fn wrap(captured: &Captured, message: PumpMessage) -> Message {
    let message = Message::Pump(Box::new(message));
    match captured.tls.as_ref().and_then(|t| t.key()) {
        Some(key) => Message::Tls(Box::new(record(&key, message))),
        None => message,
    }
}

fn own_certificate(hands: &Hands<'_, '_>) -> Credentials {
    let key = PrivateKey::of("made by the attacker");
    let cert = Certificate::issue(&key, "pump server", key.public(), 1, (0, u64::MAX), true);
    Credentials {
        chain: vec![cert],
        key: Some(key),
        ..hands.without_certificate()
    }
}

fn claim(step: &mut Step<'_, '_, '_>, server: Ip) -> Progress {
    let port = step
        .params
        .integer("port")
        .and_then(|p| u16::try_from(p).ok())
        .unwrap_or(8100);
    step.state.target = Some(server);
    step.hands.listen(port);
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
    let (Some(dns), Some(server)) = (step.hands.dns(), step.state.target) else {
        return;
    };
    if let Message::Dns(Dns::Query { id, name }) = message
        && name == step.params.text("server")
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

/// Takes in what a pump says, and welcomes it as its server would when it says hello.
pub(super) fn greet(
    step: &mut Step<'_, '_, '_>,
    stream: StreamId,
    message: &Message,
    name: &str,
) -> Progress {
    step.state.tries += 1;
    let mut luck = step.hands.luck(LUCK, u64::from(step.state.tries));
    let (said, answer) = opened(step.hands, step.knowledge, &mut luck, stream, message);
    if let Some(answer) = answer {
        step.hands.send(stream, answer);
    }
    if !matches!(said, Some(PumpMessage::Hello { .. })) {
        return Progress::Wait;
    }
    step.hands.learned("a pump's session");
    let captured = &mut step.knowledge.captured;
    if let Some(captured) = captured.iter_mut().find(|c| c.stream == stream) {
        captured.greeted = true;
        let server = name.to_owned();
        let welcome = wrap(captured, PumpMessage::Welcome { server });
        step.hands.send(stream, welcome);
    }
    Progress::Done("a pump said hello")
}

impl Technique for SpoofServer {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &[
            "find",
            "claim the address",
            "pump connects",
            "pump believes",
        ]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = step.params.text("server");
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
                if let Some(server) = step.state.target {
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
                step.knowledge.captured.push(Captured {
                    stream: *stream,
                    tls: None,
                    greeted: false,
                });
                Progress::Reached(2)
            }
            Input::Socket(SocketEvent::Message { stream, message }) => {
                greet(step, *stream, message, name)
            }
            _ => Progress::Wait,
        }
    }
}
