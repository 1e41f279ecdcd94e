//! Switches that check who answers for an address.

use super::address;
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};

/// Dynamic ARP inspection on the segments of pumps.
pub(super) struct ArpInspection;

static ENTRY: Entry = Entry {
    id: "arp-inspection",
    title: "Dynamic ARP inspection on the device segments",
    summary: "On every segment on which pumps stand, the switch drops an ARP answer that does not match the leases and \
              addresses it knows.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SC-7, SI-4"],
};

impl Mechanism for ArpInspection {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-10",
            rank: Rank(Stage::Rules, 51),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let pumps = address::pump_segments(lab);
        let mut changed = false;
        for segment in lab
            .segments
            .iter_mut()
            .filter(|s| pumps.contains(&s.name) && s.arp_inspection.is_none())
        {
            segment.arp_inspection = Some(ink.item(format!("{} ARP inspection", segment.name), ()));
            changed = true;
        }
        Effect::if_any(changed, "the segments of pumps have it already")
    }
}
