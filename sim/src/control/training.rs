//! Training of staff: at the pump, and at the mail.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::SlipSpec;
use crate::spec::{LabSpec, Provenance, RoleSpec};

/// Slips of trained staff: half of the 0.007 per programming that published alert rates give \[A\].
const TRAINED: SlipSpec = SlipSpec {
    probability: 0.0035,
    factor: 10.0,
};
/// Overrides of trained staff: half of the published share \[A\].
const OVERRIDES: f64 = 0.325;

/// Share of the attachments that trained staff open, as a part of what they opened before \[A\].
const OPENS: f64 = 0.5;

/// Training of staff.
pub(super) struct Training;

static ENTRY: Entry = Entry {
    id: "training",
    title: "Training of staff",
    summary: "Trained staff slip half as often when they dial in a rate, and override an alert that they did not expect half as often. Trained staff open half as many of the attachments that come by mail.",
    parameters: &[],
    relations: &[],
    references: &["controls.csv OPS-08 [M-med]", "the factors are assumed"],
};

impl Mechanism for Training {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "OPS-08",
            rank: Rank(Stage::Operations, 40),
            needs: &[],
        }
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
        for host in &mut lab.hosts {
            for role in &mut host.roles {
                if let RoleSpec::Office {
                    opens_attachments: Some(opens),
                    ..
                } = role
                    && opens.value > 0.0
                {
                    let share = opens.value * OPENS;
                    ink.set(opens, share);
                    changed = true;
                }
            }
        }
        Effect::if_any(
            changed,
            "no nurse slips more often than trained ones do, and nobody opens attachments",
        )
    }
}
