//! WPA2 with a pre-shared key, one per network.

use super::provision;
use super::{Effect, Mechanism, Rank, Realises, Stage, address};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};
use crate::wire::dot11::Akm;

/// A passphrase for every network that has none of its own.
pub(super) struct Wpa2Psk;

static ENTRY: Entry = Entry {
    id: "wpa2-psk",
    title: "WPA2 with a pre-shared key of its own for every network",
    summary: "Every open network that is not for visitors gets WPA2 with a passphrase: the one that people know for it \
              already, or a new one. A network that shares its passphrase with another gets its own. Those who may \
              know it are told; visitors forget the network.",
    parameters: &[],
    relations: &[],
    references: &["IEEE 802.11i", "SP 1800-8B section 5.3 [M-high]"],
};

impl Mechanism for Wpa2Psk {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "WL-02",
            rank: Rank(Stage::Joining, 20),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for (ssid, key) in needy(lab) {
            let Some(wlan) = lab.wlan_mut(&ssid) else {
                continue;
            };
            if wlan.akm.value != Akm::Psk {
                ink.set(&mut wlan.akm, Akm::Psk);
            }
            if wlan.passphrase.as_ref().is_none_or(|p| p.value != key) {
                wlan.passphrase = Some(ink.item(format!("network {ssid} passphrase"), key.clone()));
            }
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
        if changed {
            address::settle(lab);
        }
        Effect::if_any(changed, "every network has a passphrase of its own already")
    }
}

/// Networks that lack protection or share it, each with the passphrase that it is to have. One that has a passphrase
/// of its own and did not ask for it keeps it.
fn needy(lab: &LabSpec) -> Vec<(String, String)> {
    let mut needy = Vec::new();
    for (i, wlan) in lab.wlans.iter().enumerate() {
        let old = wlan.passphrase.as_ref().map(|p| &p.value);
        let others = lab.wlans[..i].iter().filter_map(|o| o.passphrase.as_ref());
        let own = old.filter(|key| others.clone().all(|o| o.value != **key));
        let wanting = match wlan.akm.value {
            Akm::Open => !address::is_guest_ssid(lab, &wlan.ssid),
            Akm::Psk => own.is_none(),
            Akm::EapTls => false,
        };
        if wanting {
            let key = own
                .cloned()
                .unwrap_or_else(|| provision::passphrase(&wlan.ssid));
            needy.push((wlan.ssid.clone(), key));
        }
    }
    needy
}
