//! Sends a message again that was seen before.

use super::craft::contact::Contact;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::parameters::{Parameters, Port, Pump};
use crate::wire::Message;
use crate::wire::pump::PumpMessage;

/// Technique `replay-messages`.
#[derive(Debug)]
pub(super) struct ReplayMessages;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Pump to send it to.
    target: Pump,
    /// Port of the service.
    #[param(default = 5000, port_of = "target")]
    port: Port,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, ReplayMessages>;

static ENTRY: Entry = Entry {
    id: "replay-messages",
    title: "Send a kept message again",
    summary: "Opens a stream to the service of a pump that takes libraries and orders, and sends the first order or library that an earlier step saw \
              on its way there, unchanged. Succeeds when the pump takes it. It needs something kept, that is a message that went in clear, and a \
              service that takes messages from whoever connects. Its noise is an order from a host that is no pump server.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1557", "T0831"],
};

/// Sends what was kept that went to the target.
fn replay(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Progress {
    let target = step.state.target;
    let mut kept = step.knowledge.net.passed.iter();
    let Some(kept) = kept.find(|p| Some(p.to) == target) else {
        return Progress::Failed("nothing was kept that went there");
    };
    step.hands.uses(kept.taught);
    step.hands.send(stream, kept.message.clone());
    Progress::Reached(2)
}

impl Technique for ReplayMessages {
    type Params = Params;
    type State = Contact;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "send", "taken"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let params = step.params;
        if let Some(progress) = step.reach(input, &params.target, params.port.0) {
            return progress;
        }
        match input {
            Input::Socket(SocketEvent::Opened(stream)) => replay(step, *stream),
            Input::Socket(SocketEvent::Message { message, .. }) => match &**message {
                Message::Pump(m) => match **m {
                    PumpMessage::OrderAnswer { accepted: true, .. }
                    | PumpMessage::LibraryAnswer { accepted: true, .. } => {
                        Progress::Done("the pump took it")
                    }
                    PumpMessage::OrderAnswer { .. } | PumpMessage::LibraryAnswer { .. } => {
                        Progress::Failed("the pump refused it")
                    }
                    _ => Progress::Wait,
                },
                _ => Progress::Wait,
            },
            _ => Progress::Wait,
        }
    }
}
