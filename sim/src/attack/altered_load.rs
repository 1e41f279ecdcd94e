//! What an attacker makes to be loaded into a pump, from the parameters of a step.

use super::Step;
use super::push_drug_library::altered;
use crate::catalog::{Parameter, ParameterKind};
use crate::wire::image::{Behaviour, Image, ImageKind, Load};

/// Parameter: delivered rate per displayed rate.
pub(super) const FACTOR: Parameter = Parameter {
    name: "factor",
    kind: ParameterKind::Factor,
    required: false,
    doc: "delivered rate per displayed rate, or factor on the upper limits of a library; x1 if not given",
};
/// Parameter: what the firmware does with alarms.
pub(super) const ALARMS: Parameter = Parameter {
    name: "alarms",
    kind: ParameterKind::Text,
    required: false,
    doc: "`silent`: the firmware keeps alarms to itself",
};
/// Parameter: the shell that the firmware opens.
pub(super) const BACKDOOR: Parameter = Parameter {
    name: "backdoor",
    kind: ParameterKind::Integer,
    required: false,
    doc: "port on which the firmware opens a shell",
};
/// Parameter: what is loaded.
pub(super) const WHAT: Parameter = Parameter {
    name: "what",
    kind: ParameterKind::Text,
    required: true,
    doc: "`firmware`, `configuration` or `library`",
};
/// Parameter: the drug of an altered library.
pub(super) const DRUG: Parameter = Parameter {
    name: "drug",
    kind: ParameterKind::Text,
    required: false,
    doc: "with `library`: drug whose upper limits are scaled",
};

/// Version that an attacker claims for what it made.
const CLAIMED: u32 = 999;

/// Firmware or calibration as the step's parameters say. It is well formed and carries no signature: the attacker has no maker's key.
pub(super) fn image(step: &Step<'_, '_, '_>, kind: ImageKind) -> Image {
    let backdoor = step.params.integer("backdoor");
    let behaviour = Behaviour {
        delivery_scale: step.params.factor("factor").unwrap_or(1.0),
        mute: step.params.text("alarms") == "silent",
        backdoor: backdoor.and_then(|p| u16::try_from(p).ok()),
    };
    let behaviour = match kind {
        ImageKind::Firmware => behaviour,
        ImageKind::Calibration => Behaviour {
            delivery_scale: behaviour.delivery_scale,
            ..Behaviour::NOMINAL
        },
    };
    Image::unsigned(kind, CLAIMED, behaviour)
}

/// What the step brings along; none where it knows nothing to alter.
pub(super) fn load(step: &Step<'_, '_, '_>) -> Option<Load> {
    Some(match step.params.text("what") {
        "firmware" => Load::Image(image(step, ImageKind::Firmware)),
        "configuration" => Load::Image(image(step, ImageKind::Calibration)),
        "library" => Load::Library(altered(step)?),
        _ => return None,
    })
}
