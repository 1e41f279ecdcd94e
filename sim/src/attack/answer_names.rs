//! Answers for the name server, and greets pumps that come to where the answer sends them.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters, Port, Words};
use crate::time::Duration;
use crate::wire::dns::{Dns, PORT as DNS_PORT};
use crate::wire::{Ip, Message};

/// Technique `answer-names`.
#[derive(Debug)]
pub(super) struct AnswerNames;

/// Why hosts ask here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum AskedBy {
    /// By a lease that names this host: it claims nothing.
    Lease,
}

/// What ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum Until {
    /// It ends with success when a question was answered.
    Asked,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Server whose name is answered for.
    server: Host,
    /// The server's port.
    #[param(default = 8100, port_of = "server")]
    port: Port,
    /// Why hosts ask here; by the leases that it gave out, if it gave any, and else by a claimed address, if not given.
    asked_by: Option<AskedBy>,
    /// What ends it with success; a pump that says hello if not given.
    until: Option<Until>,
    /// How long it waits.
    #[param(default = "2h")]
    over: Duration,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Messages that came in on streams.
    heard: u32,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, AnswerNames>;

static ENTRY: Entry = Entry {
    id: "answer-names",
    title: "Answer for the name server",
    summary: "Answers questions for the name of a pump server with its own address, and greets pumps that then come as their server would. It is \
              asked if its own leases name it as the name server; if nobody has taken one, it claims the name server's address by unasked ARP \
              answers, where that server is on its segment, or the gateway's. Succeeds when a pump says hello. Its noise is an answer that differs \
              from the real one, and an address claimed twice.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1557", "T1584.002", "T0830"],
};

const ANNOUNCE: Duration = Duration::from_secs(2);
const TOKEN_ANNOUNCE: u32 = 1;

/// Whether hosts ask here because a lease names this host.
fn by_lease(step: &Step<'_, '_, '_>) -> bool {
    step.knowledge.net.leases > 0 || step.params.asked_by == Some(AskedBy::Lease)
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
    if *name != *step.params.server {
        return Progress::Wait;
    }
    let answer = Dns::Answer {
        id: *id,
        name: name.clone(),
        ip: Some(own),
    };
    step.hands
        .datagram_as((asked, DNS_PORT), from, Message::Dns(answer));
    if step.params.until == Some(Until::Asked) {
        return Progress::Done("a question was answered");
    }
    Progress::Reached(1)
}

impl Technique for AnswerNames {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &[
        "wait for questions",
        "answer",
        "a pump connects",
        "a pump believes",
    ];

    fn patience(params: &Params) -> Duration {
        params.over
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.bind(DNS_PORT);
                step.hands.listen(step.params.port.0);
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
                step.capture(*stream);
                Progress::Reached(2)
            }
            Input::Socket(SocketEvent::Message { stream, message }) => {
                step.state.heard += 1;
                step.greet(step.state.heard, (*stream, message), &step.params.server)
            }
            _ => Progress::Wait,
        }
    }
}
