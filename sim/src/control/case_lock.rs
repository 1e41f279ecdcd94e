//! Locks on the cases of pumps, and tamper switches that call somebody.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, TamperSpec};
use crate::time::Duration;

/// How long a lock holds somebody up who has tools and no key \[A\].
const HOLDS: Duration = Duration::from_mins(25);

/// Locks and tamper switches.
pub(super) struct CaseLock;

static ENTRY: Entry = Entry {
    id: "case-lock",
    title: "Locks and tamper switches on the cases of pumps",
    summary: "Every pump gets a lock that holds somebody without a key up for 25 minutes. A pump with a tamper switch raises an alarm as soon as its \
              case is opened, which the ward's staff hears of like of any other.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 PE-3, PE-20", "SP 1800-8B appendix B [M-high]"],
};

impl Mechanism for CaseLock {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "DEV-03",
            rank: Rank(Stage::Hosts, 30),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for device in super::address::devices_mut(lab) {
            if device.lock.value.is_zero() {
                ink.set(&mut device.lock, HOLDS);
                changed = true;
            }
            if device.tamper_capable && device.tamper.value == TamperSpec::None {
                ink.set(&mut device.tamper, TamperSpec::Alarm);
                changed = true;
            }
        }
        Effect::if_any(changed, "every pump is locked already")
    }
}
