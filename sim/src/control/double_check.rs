//! Second look at the bedside.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};

/// Second look at the bedside.
pub(super) struct DoubleCheck;

static ENTRY: Entry = Entry {
    id: "double-check",
    title: "Second look at the bedside",
    summary: "Before a start, and on every round, a nurse compares what the pump shows or runs with the order in the chart. What differs is questioned and not started; what runs otherwise is set right.",
    parameters: &[],
    relations: &[],
    references: &["controls.csv OPS-11 [K]"],
};

impl Mechanism for DoubleCheck {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "OPS-11",
            rank: Rank(Stage::Operations, 50),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for nurse in &mut lab.nurses {
            if !nurse.double_check.value {
                ink.set(&mut nurse.double_check, true);
                changed = true;
            }
        }
        Effect::if_any(changed, "every nurse compares already, or there are none")
    }
}
