//! A new passphrase for the pumps' pre-shared key.

use super::provision;
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};
use crate::wire::dot11::Akm;

/// Rotation of the wireless key of pumps.
pub(super) struct KeyRotation;

static ENTRY: Entry = Entry {
    id: "key-rotation",
    title: "Rotation of the pumps' wireless key",
    summary: "Gives the network on which pumps use a pre-shared key a new passphrase, and tells every host of the \
              hospital that knows the network. What a device that has left stores is not changed any more.",
    parameters: &[],
    relations: &[],
    references: &["CVE-2015-3952", "CVE-2015-1012", "CVE-2014-5433"],
};

impl Mechanism for KeyRotation {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "WL-06",
            rank: Rank(Stage::Joining, 50),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for ssid in provision::pump_ssids(lab) {
            let key = format!("{}, rotated", provision::passphrase(&ssid));
            let Some(wlan) = lab.wlan_mut(&ssid).filter(|w| w.akm.value == Akm::Psk) else {
                continue;
            };
            let Some(passphrase) = wlan.passphrase.as_mut().filter(|p| p.value != key) else {
                continue;
            };
            ink.set(passphrase, key.clone());
            for host in lab.hosts.iter_mut().filter(|h| !provision::has_left(h)) {
                provision::rekey(host, ink, &ssid, &key);
                provision::overwrite_key(host, ink, &ssid, &ssid, &key);
            }
            changed = true;
        }
        Effect::if_any(
            changed,
            "no pump uses a pre-shared key that could be rotated",
        )
    }
}
