//! Hardware addresses that stay with their ports.

use super::address;
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};

/// Port security on the segments of pumps.
pub(super) struct PortBinding;

static ENTRY: Entry = Entry {
    id: "port-binding",
    title: "Hardware addresses stay with their ports",
    summary: "On every segment on which pumps stand, a hardware address belongs to the port where it spoke first. A frame that bears it on another port is dropped, \
              and the switch raises an alert. Stations may move from access point to access point. It tells a copy from the original only while it knows the original: an \
              address that has never spoken is bound to whoever uses it first, as a port that asked for a certificate would not do.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SC-7, SI-4", "IEEE 802.1X"],
};

impl Mechanism for PortBinding {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-10",
            rank: Rank(Stage::Rules, 52),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let pumps = address::pump_segments(lab);
        let mut changed = false;
        for segment in lab
            .segments
            .iter_mut()
            .filter(|s| pumps.contains(&s.name) && s.port_binding.is_none())
        {
            segment.port_binding = Some(ink.item(format!("{} port binding", segment.name), ()));
            changed = true;
        }
        Effect::if_any(changed, "the segments of pumps have it already")
    }
}
