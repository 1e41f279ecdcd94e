//! A wireless network of their own for pumps.

use super::provision::{self, PUMP_PSK};
use super::{Effect, Mechanism, Rank, Realises, Stage, address, zone_segmentation};
use crate::catalog::Entry;
use crate::spec::{LabSpec, NetworkSpec, Provenance, WlanSpec};
use crate::wire::dot11::Akm;

/// A dedicated network for medical devices.
pub(super) struct DedicatedSsid;

static ENTRY: Entry = Entry {
    id: "dedicated-ssid",
    title: "A wireless network of their own for pumps",
    summary: "Adds the network `pump-psk`, protected as the one that pumps use now and bridged to the same segment, and \
              makes pumps know it and no other; the keys they store become its key. Where zones have segments, the old \
              network moves to the zone of those who stay on it.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B section 5.3 [M-med]"],
};

impl Mechanism for DedicatedSsid {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "WL-01",
            rank: Rank(Stage::Joining, 10),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        if lab.wlan(PUMP_PSK).is_some() {
            return Effect::None("pumps have a network of their own already");
        }
        let used = provision::pump_ssids(lab);
        let Some(old) = used.iter().next().and_then(|s| lab.wlan(s)).cloned() else {
            return Effect::None("no pump uses a wireless network");
        };
        let passphrase = old.passphrase.as_ref().map(|p| p.value.clone());
        let wlan = WlanSpec {
            ssid: PUMP_PSK.to_owned(),
            akm: ink.item(format!("network {PUMP_PSK} authentication"), old.akm.value),
            passphrase: passphrase
                .clone()
                .map(|p| ink.item(format!("network {PUMP_PSK} passphrase"), p)),
            segment: ink.item(
                format!("network {PUMP_PSK} segment"),
                old.segment.value.clone(),
            ),
            pmf: ink.item(
                format!("network {PUMP_PSK} management frame protection"),
                old.pmf.value,
            ),
            client_isolation: ink.item(
                format!("network {PUMP_PSK} client isolation"),
                old.client_isolation.value,
            ),
        };
        provision::offer(lab, wlan, &used);
        move_pumps(lab, ink, &old.ssid, old.akm.value, passphrase);
        if address::is_segmented(lab) {
            for ssid in used {
                let zone = zone_segmentation::zone_of_wlan(lab, &ssid);
                if let Some(wlan) = lab.wlan_mut(&ssid).filter(|w| w.segment.value != zone) {
                    ink.set(&mut wlan.segment, zone);
                }
            }
            address::settle(lab);
        }
        Effect::Applied
    }
}

/// Pumps of the hospital, and those that left it when they had been moved already, take the new network.
fn move_pumps(
    lab: &mut LabSpec,
    ink: &mut Provenance,
    old: &str,
    akm: Akm,
    passphrase: Option<String>,
) {
    for host in &mut lab.hosts {
        let pump = address::is_pump(host);
        if pump {
            let network = NetworkSpec {
                ssid: PUMP_PSK.to_owned(),
                akm,
                passphrase: passphrase.clone(),
                server_name: None,
            };
            provision::join_only(host, ink, network);
        }
        if let Some(key) = &passphrase
            && (pump || provision::has_left(host))
        {
            provision::overwrite_key(host, ink, old, PUMP_PSK, key);
        }
    }
}
