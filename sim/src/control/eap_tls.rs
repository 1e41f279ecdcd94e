//! WPA2-Enterprise with EAP-TLS for pumps that can do it.

use super::address::{self, MEDDEV_PSK};
use super::provision::{self, PUMP_EAP, PUMP_PSK};
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{
    FileContentSpec, HostSpec, LabSpec, LinkSpec, NetworkSpec, Provenance, RoleSpec, WlanSpec,
};
use crate::wire::dot11::Akm;

/// Mutual authentication by certificate between pumps and the network.
pub(super) struct EapTls;

static ENTRY: Entry = Entry {
    id: "eap-tls",
    title: "WPA2-Enterprise with EAP-TLS",
    summary: "Adds the network `pump-eap`, bridged to the segment of the pumps. A pump that can do EAP-TLS and holds a \
              certificate moves to it, checks the authentication server's name, and forgets every other network and \
              its key. Pumps that can do no better stay on the pre-shared key, on a segment of their own where there \
              is one; a network that nobody is left on is withdrawn.",
    parameters: &[],
    relations: &[],
    references: &["RFC 5216", "SP 1800-8B section 5.3 [M-high]"],
};

impl Mechanism for EapTls {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "WL-03",
            rank: Rank(Stage::Joining, 30),
            needs: &["ID-01"],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        if lab.wlan(PUMP_EAP).is_some() {
            return Effect::None("pumps have a network with EAP-TLS already");
        }
        let radius = |h: &&HostSpec| h.roles.iter().any(|r| matches!(r, RoleSpec::Radius(_)));
        let Some(radius) = lab.hosts.iter().find(radius) else {
            return Effect::None("the lab has no authentication server");
        };
        if radius.certificate.is_none() {
            return Effect::None("the authentication server has no certificate: it needs ID-01");
        }
        let server = radius.name.clone();
        let used = provision::pump_ssids(lab);
        let able: Vec<bool> = lab.hosts.iter().map(is_able).collect();
        let Some(segment) = used
            .iter()
            .next()
            .and_then(|s| lab.wlan(s))
            .map(|w| w.segment.value.clone())
        else {
            return Effect::None("no pump uses a wireless network");
        };
        if !able.contains(&true) {
            return Effect::None("no pump can do EAP-TLS with a certificate");
        }
        let wlan = WlanSpec {
            ssid: PUMP_EAP.to_owned(),
            akm: ink.item(format!("network {PUMP_EAP} authentication"), Akm::EapTls),
            passphrase: None,
            segment: ink.item(format!("network {PUMP_EAP} segment"), segment),
            pmf: ink.item(
                format!("network {PUMP_EAP} management frame protection"),
                false,
            ),
            client_isolation: ink.item(format!("network {PUMP_EAP} client isolation"), false),
        };
        provision::offer(lab, wlan, &used);
        for (host, _) in lab.hosts.iter_mut().zip(able).filter(|(_, able)| *able) {
            let network = NetworkSpec {
                ssid: PUMP_EAP.to_owned(),
                akm: Akm::EapTls,
                passphrase: None,
                server_name: Some(server.clone()),
            };
            provision::join_only(host, ink, network);
            provision::remove_files(host, ink, |c| {
                matches!(c, FileContentSpec::NetworkKey { .. })
            });
        }
        keep_apart(lab, ink);
        address::settle(lab);
        Effect::Applied
    }
}

/// Whether a host is a pump that can use a certificate on the air, and has one.
fn is_able(host: &HostSpec) -> bool {
    let capable =
        matches!(&host.link, LinkSpec::Radio { supplicant, .. } if supplicant.eap_capable);
    address::is_pump(host) && capable && host.certificate.is_some()
}

/// Bridges the pre-shared key's network to a segment of its own, or withdraws it if nobody is left on it.
fn keep_apart(lab: &mut LabSpec, ink: &mut Provenance) {
    if lab.wlan(PUMP_PSK).is_none() {
        return;
    }
    if address::users(lab, PUMP_PSK).next().is_none() {
        provision::withdraw(lab, ink, PUMP_PSK);
    } else if lab.segment(MEDDEV_PSK).is_some()
        && let Some(wlan) = lab.wlan_mut(PUMP_PSK)
    {
        ink.set(&mut wlan.segment, MEDDEV_PSK.to_owned());
    }
}
