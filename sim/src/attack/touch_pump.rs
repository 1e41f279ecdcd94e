//! Operates a pump that it stands next to.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::crypto::Passphrase;
use crate::net::port::{Input, Shown, Touch};
use crate::parameters::{CareArea, Drug, Parameters, Pump, Words};

/// Technique `touch-pump`.
#[derive(Debug)]
pub(super) struct TouchPump;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum Action {
    /// An infusion is dialled in and started, overriding soft limits.
    Programme,
    /// The order that the pump shows is confirmed.
    Confirm,
    /// The infusion is ended.
    Stop,
    /// Alarms are silenced.
    Silence,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Pump that it is at.
    device: Pump,
    /// What is done.
    #[param(key = "do")]
    action: Action,
    /// Care area.
    #[param(only_with(do = "programme"), needed_with(do = "programme"))]
    care_area: Option<CareArea>,
    /// Drug.
    #[param(only_with(do = "programme"), needed_with(do = "programme"))]
    drug: Option<Drug>,
    /// Rate.
    #[param(range = 0.01..=10000, unit = "mL/h", only_with(do = "programme"), needed_with(do = "programme"))]
    rate_ml_per_h: Option<f64>,
    /// Volume to be infused.
    #[param(default = 100, range = 0.01..=100000, unit = "mL", only_with(do = "programme"))]
    vtbi_ml: f64,
    /// Operator's code to type first.
    code: Option<String>,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Whether the operator's code was typed.
    typed: bool,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, TouchPump>;

static ENTRY: Entry = Entry {
    id: "touch-pump",
    title: "Operate a pump by hand",
    summary: "Somebody who stands next to a pump dials in a programme from its menu and starts it, overriding soft limits (`programme`), confirms the order that it shows \
              (`confirm`), ends the programme (`stop`) or silences the alarms (`silence`). Hard limits of the active library hold. A pump that asks for an \
              operator's code takes no programme without, unless somebody is still logged in; whoever knows the code types it first. It is seen by whoever looks at the pump, and in its log.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T0831", "T0836", "T1200"],
};

fn touch(params: &Params) -> Touch {
    match params.action {
        Action::Programme => Touch::Dial {
            care_area: params.care_area.as_deref().unwrap_or_default().to_owned(),
            drug: params.drug.as_deref().unwrap_or_default().to_owned(),
            rate_ml_per_h: params.rate_ml_per_h.unwrap_or_default(),
            vtbi_ml: params.vtbi_ml,
        },
        Action::Confirm => Touch::ConfirmOrder,
        Action::Stop => Touch::Stop,
        Action::Silence => Touch::Silence,
    }
}

fn lay_hand(step: &mut Step<'_, '_, '_>, touch: Touch) -> Progress {
    if step.hands.touch(&step.params.device, touch) {
        Progress::Reached(1)
    } else {
        Progress::Failed("does not stand at the pump")
    }
}

impl Technique for TouchPump {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["walk up", "hand on the pump", "it obeys"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let code = step.params.code.as_deref().filter(|_| !step.state.typed);
        match (input, code) {
            (Input::Begin, Some(code)) => lay_hand(step, Touch::Code(Passphrase::of(code))),
            (Input::Begin, None) => lay_hand(step, touch(step.params)),
            (Input::Shown(Shown::Obeys), Some(_)) => {
                step.state.typed = true;
                lay_hand(step, touch(step.params))
            }
            (Input::Shown(Shown::Obeys), None) => Progress::Done("the pump obeys"),
            (Input::Shown(Shown::Refuses), _) => Progress::Failed("the pump refuses"),
            (Input::Shown(Shown::AsksForCode), _) => Progress::Failed("the pump asks for a code"),
            _ => Progress::Wait,
        }
    }
}
