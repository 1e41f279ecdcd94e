//! Giving hosts their wireless networks and the keys to them, and taking them back.

use super::address::preferred_ssid;
use crate::spec::{
    FileContentSpec, FileSpec, HostSpec, LabSpec, LinkSpec, NetworkSpec, Provenance, Removed,
    WlanSpec,
};
use crate::wire::dot11::Akm;
use std::collections::BTreeSet;

/// Name of the dedicated network for pumps with a pre-shared key.
pub(super) const PUMP_PSK: &str = "pump-psk";
/// Name of the network for pumps with certificates.
pub(super) const PUMP_EAP: &str = "pump-eap";

/// The passphrase that a hospital would choose for a network: long, and its own.
pub(super) fn passphrase(ssid: &str) -> String {
    format!("passphrase of {ssid}")
}

/// Wireless networks that pumps join first.
pub(super) fn pump_ssids(lab: &LabSpec) -> BTreeSet<String> {
    lab.pumps()
        .filter_map(|(h, _)| preferred_ssid(lab, h))
        .map(str::to_owned)
        .collect()
}

/// Whether a device has left the hospital: nothing attaches it any more.
pub(super) fn has_left(host: &HostSpec) -> bool {
    matches!(host.link, LinkSpec::None)
}

/// Offers a wireless network at every access point that offers one of these.
pub(super) fn offer(lab: &mut LabSpec, wlan: WlanSpec, beside: &BTreeSet<String>) {
    for ap in lab
        .access_points
        .iter_mut()
        .filter(|a| a.ssids.iter().any(|s| beside.contains(s)))
    {
        ap.ssids.push(wlan.ssid.clone());
    }
    lab.wlans.push(wlan);
}

/// Offers a wireless network no more.
pub(super) fn withdraw(lab: &mut LabSpec, ink: &mut Provenance, ssid: &str) {
    lab.wlans.retain(|w| w.ssid != ssid);
    for ap in lab
        .access_points
        .iter_mut()
        .filter(|a| a.ssids.iter().any(|s| s == ssid))
    {
        ap.ssids.retain(|s| s != ssid);
        ink.bury(&ap.name, Removed::Network(ssid.to_owned()));
    }
}

/// Makes a host know this network and no other.
pub(super) fn join_only(host: &mut HostSpec, ink: &mut Provenance, network: NetworkSpec) {
    let ssid = network.ssid.clone();
    forget(host, ink, |s| s != ssid);
    let HostSpec { name, link, .. } = host;
    let LinkSpec::Radio { supplicant, .. } = link else {
        return;
    };
    if supplicant.networks.is_empty() {
        supplicant
            .networks
            .push(ink.item(format!("{name} network {ssid}"), network));
    }
}

/// Makes a host forget networks, with tombstones. Whether it knew one.
pub(super) fn forget(
    host: &mut HostSpec,
    ink: &mut Provenance,
    which: impl Fn(&str) -> bool,
) -> bool {
    let HostSpec { name, link, .. } = host;
    let LinkSpec::Radio { supplicant, .. } = link else {
        return false;
    };
    let before = supplicant.networks.len();
    supplicant.networks.retain(|n| {
        let gone = which(&n.value.ssid);
        if gone {
            ink.bury(name, Removed::Network(n.value.ssid.clone()));
        }
        !gone
    });
    supplicant.networks.len() < before
}

/// Changes what a host's supplicant knows of a network that it knows already.
pub(super) fn rekey(
    host: &mut HostSpec,
    ink: &mut Provenance,
    ssid: &str,
    passphrase: &str,
) -> bool {
    let LinkSpec::Radio { supplicant, .. } = &mut host.link else {
        return false;
    };
    let mut changed = false;
    for network in supplicant
        .networks
        .iter_mut()
        .filter(|n| n.value.ssid == ssid)
    {
        let value = NetworkSpec {
            akm: Akm::Psk,
            passphrase: Some(passphrase.to_owned()),
            ..network.value.clone()
        };
        if value != network.value {
            ink.set(network, value);
            changed = true;
        }
    }
    changed
}

/// Overwrites the key files that a host keeps for a network with the key of another, or with a new key of the same.
pub(super) fn overwrite_key(
    host: &mut HostSpec,
    ink: &mut Provenance,
    old: &str,
    new: &str,
    key: &str,
) -> bool {
    let mut changed = false;
    for file in &mut host.files {
        let content = FileContentSpec::NetworkKey {
            ssid: new.to_owned(),
            passphrase: key.to_owned(),
        };
        if let FileContentSpec::NetworkKey { ssid, .. } = &file.value.content
            && ssid == old
            && file.value.content != content
        {
            let value = FileSpec {
                content,
                ..file.value.clone()
            };
            ink.set(file, value);
            changed = true;
        }
    }
    changed
}

/// Takes files off a host and leaves their tombstones. Whether there was one.
pub(super) fn remove_files(
    host: &mut HostSpec,
    ink: &mut Provenance,
    which: impl Fn(&FileContentSpec) -> bool,
) -> bool {
    let HostSpec { name, files, .. } = host;
    let before = files.len();
    files.retain(|f| {
        let gone = which(&f.value.content);
        if gone {
            ink.bury(name, Removed::File(f.value.path.clone()));
        }
        !gone
    });
    files.len() < before
}
