//! WPA2 with a pre-shared key, one per network.

use super::provision;
use super::{Effect, Mechanism, address};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};
use crate::wire::dot11::Akm;

/// A passphrase for every network that has none of its own.
pub(super) struct Wpa2Psk;

static ENTRY: Entry = Entry {
    id: "wpa2-psk",
    title: "WPA2 with a pre-shared key of its own for every network",
    summary: "Every open network that is not for visitors gets WPA2 with a passphrase, and a network that shares its \
              passphrase with another gets its own. Those who may know it are told; visitors forget the network.",
    parameters: &[],
    references: &["IEEE 802.11i", "SP 1800-8B section 5.3 [M-high]"],
};

impl Mechanism for Wpa2Psk {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for ssid in needy(lab) {
            let key = provision::passphrase(&ssid);
            let Some(wlan) = lab.wlan_mut(&ssid) else {
                continue;
            };
            if wlan.akm.value != Akm::Psk {
                ink.set(&mut wlan.akm, Akm::Psk);
            }
            wlan.passphrase = Some(ink.item(format!("network {ssid} passphrase"), key.clone()));
            for host in &mut lab.hosts {
                if host.zone == address::GUEST {
                    provision::forget(host, ink, |s| s == ssid);
                } else {
                    provision::rekey(host, ink, &ssid, &key);
                    provision::overwrite_key(host, ink, &ssid, &ssid, &key);
                }
            }
            changed = true;
        }
        Effect::if_any(changed, "every network has a passphrase of its own already")
    }
}

/// Networks without a passphrase of their own.
fn needy(lab: &LabSpec) -> Vec<String> {
    let mut needy = Vec::new();
    for (i, wlan) in lab.wlans.iter().enumerate() {
        let shared = || {
            let same = |k: &String| {
                lab.wlans[..i]
                    .iter()
                    .any(|o| o.passphrase.as_ref().is_some_and(|p| p.value == *k))
            };
            wlan.passphrase.as_ref().is_some_and(|p| same(&p.value))
        };
        let wanting = match wlan.akm.value {
            Akm::Open => !address::is_guest_ssid(lab, &wlan.ssid),
            Akm::Psk => shared(),
            Akm::EapTls => false,
        };
        if wanting {
            needy.push(wlan.ssid.clone());
        }
    }
    needy
}
