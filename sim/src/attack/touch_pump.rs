//! Operates a pump that it stands next to.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::crypto::Passphrase;
use crate::net::port::{Input, Shown, Touch};

/// Technique `touch-pump`.
#[derive(Debug)]
pub(super) struct TouchPump;

static ENTRY: Entry = Entry {
    id: "touch-pump",
    title: "Operate a pump by hand",
    summary: "Somebody who stands next to a pump dials in a programme from its menu and starts it, overriding soft limits (`programme`), confirms the order that it shows \
              (`confirm`), ends the programme (`stop`) or silences the alarms (`silence`). Hard limits of the active library hold. A pump that asks for an \
              operator's code takes no programme without, unless somebody is still logged in; whoever knows the code types it first. It is seen by whoever looks at the pump, and in its log.",
    parameters: &[
        DEVICE,
        Parameter {
            name: "do",
            kind: ParameterKind::Text,
            required: true,
            doc: "`programme`, `confirm`, `stop` or `silence`",
        },
        Parameter {
            name: "care_area",
            kind: ParameterKind::Text,
            required: false,
            doc: "with `programme`: care area",
        },
        Parameter {
            name: "drug",
            kind: ParameterKind::Text,
            required: false,
            doc: "with `programme`: drug",
        },
        Parameter {
            name: "rate_ml_per_h",
            kind: ParameterKind::Number,
            required: false,
            doc: "with `programme`: rate in mL/h",
        },
        Parameter {
            name: "vtbi_ml",
            kind: ParameterKind::Number,
            required: false,
            doc: "with `programme`: volume to be infused in mL; 100 if not given",
        },
        Parameter {
            name: "code",
            kind: ParameterKind::Text,
            required: false,
            doc: "operator's code to type first",
        },
    ],
    references: &["T0831", "T0836", "T1200"],
};

/// The pump that it stands at.
pub(super) const DEVICE: Parameter = Parameter {
    name: "device",
    kind: ParameterKind::Host,
    required: true,
    doc: "pump that it is at",
};

fn touch(step: &Step<'_, '_, '_>) -> Option<Touch> {
    Some(match step.params.text("do") {
        "programme" => Touch::Dial {
            care_area: step.params.text("care_area").to_owned(),
            drug: step.params.text("drug").to_owned(),
            rate_ml_per_h: step.params.factor("rate_ml_per_h")?,
            vtbi_ml: step.params.factor("vtbi_ml").unwrap_or(100.0),
        },
        "confirm" => Touch::ConfirmOrder,
        "stop" => Touch::Stop,
        "silence" => Touch::Silence,
        _ => return None,
    })
}

fn lay_hand(step: &mut Step<'_, '_, '_>, touch: Option<Touch>) -> Progress {
    let Some(touch) = touch else {
        return Progress::Failed("does not know what to do");
    };
    if step.hands.touch(step.params.text("device"), touch) {
        Progress::Reached(1)
    } else {
        Progress::Failed("does not stand at the pump")
    }
}

impl Technique for TouchPump {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["walk up", "hand on the pump", "it obeys"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let code = step.params.text("code");
        let typing = !code.is_empty() && step.state.tries == 0;
        match input {
            Input::Begin if typing => lay_hand(step, Some(Touch::Code(Passphrase::of(code)))),
            Input::Begin => lay_hand(step, touch(step)),
            Input::Shown(Shown::Obeys) if typing => {
                step.state.tries = 1;
                lay_hand(step, touch(step))
            }
            Input::Shown(Shown::Obeys) => Progress::Done("the pump obeys"),
            Input::Shown(Shown::Refuses) => Progress::Failed("the pump refuses"),
            Input::Shown(Shown::AsksForCode) => Progress::Failed("the pump asks for a code"),
            _ => Progress::Wait,
        }
    }
}
