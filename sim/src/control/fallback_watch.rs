//! Clinical fallback: pumps that fell silent are looked after.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};
use crate::time::Duration;

/// How often a pump that fell silent is looked after \[A\].
const EVERY: Duration = Duration::from_mins(5);

/// Clinical fallback: pumps that fell silent are looked after.
pub(super) struct FallbackWatch;

static ENTRY: Entry = Entry {
    id: "fallback-watch",
    title: "Clinical fallback: pumps that fell silent are looked after",
    summary: "A nurse looks after a pump that was reported silent every five minutes, until it is heard from again.",
    parameters: &[],
    relations: &[],
    references: &["controls.csv OPS-07 [M-med for the plan; the interval is A]"],
};

impl Mechanism for FallbackWatch {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "OPS-07",
            rank: Rank(Stage::Operations, 31),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for nurse in &mut lab.nurses {
            if nurse.watches_silent.value.is_none() {
                ink.set(&mut nurse.watches_silent, Some(EVERY));
                changed = true;
            }
        }
        Effect::if_any(changed, "every nurse does so already, or there are none")
    }
}
