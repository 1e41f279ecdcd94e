//! Stations of a network kept from each other.

use super::provision;
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};

/// Client isolation on the pumps' networks.
pub(super) struct ClientIsolation;

static ENTRY: Entry = Entry {
    id: "client-isolation",
    title: "Client isolation on the pumps' networks",
    summary: "Access points no longer pass frames between stations of a network that pumps use.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 AC-4, SC-7"],
};

impl Mechanism for ClientIsolation {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "WL-07",
            rank: Rank(Stage::Joining, 70),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let used = provision::pump_ssids(lab);
        let mut changed = false;
        for wlan in lab
            .wlans
            .iter_mut()
            .filter(|w| used.contains(&w.ssid) && !w.client_isolation.value)
        {
            ink.set(&mut wlan.client_isolation, true);
            changed = true;
        }
        Effect::if_any(
            changed,
            "the stations of the pumps' networks are isolated already",
        )
    }
}
