//! Answers for the name server, and greets pumps that come to where the answer sends them.

use super::attacker::Captured;
use super::spoof_server::greet;
use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::time::Duration;
use crate::wire::dns::{Dns, PORT as DNS_PORT};
use crate::wire::{Ip, Message};

/// Technique `answer-names`.
#[derive(Debug)]
pub(super) struct AnswerNames;

static ENTRY: Entry = Entry {
    id: "answer-names",
    title: "Answer for the name server",
    summary: "Answers questions for the name of a pump server with its own address, and greets pumps that then come as their server would. It is \
              asked if its own leases name it as the name server; if nobody has taken one, it claims the name server's address by unasked ARP \
              answers, where that server is on its segment, or the gateway's. Succeeds when a pump says hello. Its noise is an answer that differs \
              from the real one, and an address claimed twice.",
    parameters: &[
        Parameter {
            name: "server",
            kind: ParameterKind::Host,
            required: true,
            doc: "server whose name is answered for",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "the server's port; 8100 if not given",
        },
        Parameter {
            name: "asked_by",
            kind: ParameterKind::Text,
            required: false,
            doc: "`lease`: hosts ask here by a lease that names this host, claim nothing; otherwise told by the own leases",
        },
        Parameter {
            name: "until",
            kind: ParameterKind::Text,
            required: false,
            doc: "`asked`: ends with success when a question was answered; otherwise when a pump says hello",
        },
        Parameter {
            name: "over",
            kind: ParameterKind::Duration,
            required: false,
            doc: "how long it waits; 2h if not given",
        },
    ],
    references: &["T1557", "T1584.002", "T0830"],
};

const ANNOUNCE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_hours(2);
const TOKEN_ANNOUNCE: u32 = 1;

/// Whether hosts ask here because a lease names this host.
fn by_lease(step: &Step<'_, '_, '_>) -> bool {
    step.knowledge.net.leases > 0 || step.params.text("asked_by") == "lease"
}

/// Claims the name server's address, if no lease makes hosts ask here anyway.
fn claim(step: &mut Step<'_, '_, '_>) {
    if by_lease(step) {
        return;
    }
    if let Some(dns) = step.hands.dns() {
        step.hands.impersonate(dns);
        if !step.hands.on_link(dns)
            && let Some(gateway) = step.hands.gateway()
        {
            step.hands.announce(gateway);
        }
    }
    step.hands.timer(ANNOUNCE, TOKEN_ANNOUNCE);
}

/// Answers a question for the server's name from the address that was asked.
fn answer(step: &mut Step<'_, '_, '_>, from: (Ip, u16), message: &Message) -> Progress {
    let Message::Dns(Dns::Query { id, name }) = message else {
        return Progress::Wait;
    };
    let asked = if by_lease(step) {
        step.hands.ip()
    } else {
        step.hands.dns()
    };
    let (Some(asked), Some(own)) = (asked, step.hands.ip()) else {
        return Progress::Wait;
    };
    if name != step.params.text("server") {
        return Progress::Wait;
    }
    let answer = Dns::Answer {
        id: *id,
        name: name.clone(),
        ip: Some(own),
    };
    step.hands
        .datagram_as((asked, DNS_PORT), from, Message::Dns(answer));
    if step.params.text("until") == "asked" {
        return Progress::Done("a question was answered");
    }
    Progress::Reached(1)
}

impl Technique for AnswerNames {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &[
            "wait for questions",
            "answer",
            "a pump connects",
            "a pump believes",
        ]
    }

    fn patience(&self, params: &Params) -> Duration {
        params.duration("over").unwrap_or(PATIENCE)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let port = step.params.integer("port");
                let port = port.and_then(|p| u16::try_from(p).ok()).unwrap_or(8100);
                step.hands.bind(DNS_PORT);
                step.hands.listen(port);
                claim(step);
                Progress::Wait
            }
            Input::Timer(TOKEN_ANNOUNCE) => {
                claim(step);
                Progress::Wait
            }
            Input::Socket(SocketEvent::Datagram { from, message, .. }) => {
                answer(step, *from, message)
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
                let name = step.params.text("server").to_owned();
                greet(step, *stream, message, &name)
            }
            _ => Progress::Wait,
        }
    }
}
