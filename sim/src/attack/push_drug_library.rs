//! Offers an altered drug library to a pump that listens for libraries.

use super::craft::contact::Contact;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Drug, Factor, Parameters, Port, Pump};
use crate::wire::Message;
use crate::wire::pump::PumpMessage;

/// Technique `push-drug-library`.
#[derive(Debug)]
pub(super) struct PushDrugLibrary;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Pump.
    target: Pump,
    /// Drug whose upper limits are scaled.
    drug: Drug,
    /// Factor on the upper limits.
    factor: Factor,
    /// Port.
    #[param(default = 5000, port_of = "target")]
    port: Port,
    /// Version claimed.
    #[param(default = 100, range = 1..=1000000)]
    version: u32,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, PushDrugLibrary>;

static ENTRY: Entry = Entry {
    id: "push-drug-library",
    title: "Push an altered drug library to a pump",
    summary: "Takes a library it knows, scales the upper limits of one drug, gives it a higher version, connects to the port on which the pump \
              takes libraries, and offers it. The library carries no valid signature.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1565.001", "T0843", "T0836"],
};

fn connect(step: &mut Step<'_, '_, '_>) -> Progress {
    if let Some(ip) = step.state.target {
        step.hands.connect(ip, step.params.port.0);
    }
    Progress::Reached(1)
}

impl Technique for PushDrugLibrary {
    type Params = Params;
    type State = Contact;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "offer", "accepted"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = &step.params.target;
        match input {
            Input::Begin if step.knowledge.library.is_none() => {
                Progress::Failed("knows no library to alter")
            }
            Input::Begin => match step.find(name) {
                Some(_) => connect(step),
                None => Progress::Wait,
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                step.found(name, *ip);
                connect(step)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            Input::Socket(SocketEvent::Failed { refused: true, .. }) => {
                Progress::Failed("connection refused")
            }
            Input::Socket(SocketEvent::Failed { refused: false, .. }) => {
                Progress::Failed("no answer")
            }
            Input::Socket(SocketEvent::Opened(stream)) => {
                let (drug, factor) = (&step.params.drug, step.params.factor);
                let Some(offer) = step.altered(drug, factor, step.params.version) else {
                    return Progress::Failed("knows no library to alter");
                };
                step.hands.send(
                    *stream,
                    Message::Pump(Box::new(PumpMessage::LibraryOffer(offer))),
                );
                Progress::Reached(2)
            }
            Input::Socket(SocketEvent::Message { message, .. }) => match &**message {
                Message::Pump(m) => match **m {
                    PumpMessage::LibraryAnswer { accepted: true, .. } => {
                        Progress::Done("library accepted")
                    }
                    PumpMessage::LibraryAnswer {
                        accepted: false, ..
                    } => Progress::Failed("library refused"),
                    _ => Progress::Wait,
                },
                _ => Progress::Wait,
            },
            _ => Progress::Wait,
        }
    }
}
