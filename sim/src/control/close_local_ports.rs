//! Local ports of pumps closed to sticks and cables.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};

/// Closed local ports.
pub(super) struct CloseLocalPorts;

static ENTRY: Entry = Entry {
    id: "close-local-ports",
    title: "Local ports of pumps closed",
    summary: "The local port of a pump takes nothing from sticks and cables any more, on pumps whose port can be closed. Service by cable takes the port open again, which no \
              one does during a run.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 MP-7", "SP 1800-8B appendix B [P+M-high]"],
};

impl Mechanism for CloseLocalPorts {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "DEV-04",
            rank: Rank(Stage::Hosts, 40),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for device in super::address::devices_mut(lab) {
            if device.local_port_lockable && device.local_port.value {
                ink.set(&mut device.local_port, false);
                changed = true;
            }
        }
        Effect::if_any(changed, "no pump has an open local port that can be closed")
    }
}
