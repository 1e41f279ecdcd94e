//! Protected management frames.

use super::provision;
use super::{Effect, Mechanism, Rank, Realises, Stage, address};
use crate::catalog::Entry;
use crate::spec::{LabSpec, LinkSpec, Provenance};
use crate::wire::dot11::Akm;

/// Management frame protection on the pumps' networks.
pub(super) struct Pmf;

static ENTRY: Entry = Entry {
    id: "pmf",
    title: "Protected management frames (802.11w)",
    summary: "Requires protected management frames on each of the pumps' networks whose stations all can do it. Where one \
              cannot, requiring it would shut the station out, so the network stays as it is.",
    parameters: &[],
    relations: &[],
    references: &["IEEE 802.11w"],
};

impl Mechanism for Pmf {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "WL-08",
            rank: Rank(Stage::Joining, 80),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut ready = provision::pump_ssids(lab);
        ready.retain(|ssid| {
            address::users(lab, ssid).all(
                |h| matches!(&h.link, LinkSpec::Radio { supplicant, .. } if supplicant.pmf_capable),
            )
        });
        let mut changed = false;
        for wlan in lab.wlans.iter_mut().filter(|w| ready.contains(&w.ssid)) {
            if wlan.akm.value != Akm::Open && !wlan.pmf.value {
                ink.set(&mut wlan.pmf, true);
                changed = true;
            }
        }
        Effect::if_any(
            changed,
            "no pumps' network has a key and only stations that can protect management frames",
        )
    }
}
