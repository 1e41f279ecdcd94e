//! Training of staff at the pump.

use super::{Effect, Mechanism};
use crate::catalog::Entry;
use crate::spec::SlipSpec;
use crate::spec::{LabSpec, Provenance};

/// Slips of trained staff: half of the 0.007 per programming that published alert rates give \[A\].
const TRAINED: SlipSpec = SlipSpec {
    probability: 0.0035,
    factor: 10.0,
};
/// Overrides of trained staff: half of the published share \[A\].
const OVERRIDES: f64 = 0.325;

/// Training of staff at the pump.
pub(super) struct Training;

static ENTRY: Entry = Entry {
    id: "training",
    title: "Training of staff at the pump",
    summary: "Trained staff slip half as often when they dial in a rate, and override an alert that they did not expect half as often.",
    parameters: &[],
    references: &["controls.csv OPS-08 [M-med]", "the factor is assumed"],
};

impl Mechanism for Training {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for nurse in &mut lab.nurses {
            let slips = nurse.slips.value;
            if slips.probability > TRAINED.probability {
                ink.set(&mut nurse.slips, TRAINED);
                ink.set(&mut nurse.overrides, OVERRIDES);
                changed = true;
            }
        }
        Effect::if_any(changed, "no nurse slips more often than trained ones do")
    }
}
