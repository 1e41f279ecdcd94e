//! Keys, certificates, networks and services.

use super::*;
use crate::spec::{
    FileContentSpec, LibraryCheckSpec, LinkSpec, PumpServerSpec, PumpSpec, RoleSpec, SessionSpec,
};
use crate::wire::dot11::Akm;

fn pump<'a>(lab: &'a LabSpec, name: &str) -> &'a PumpSpec {
    lab.pumps().find(|(h, _)| h.name == name).unwrap().1
}

fn server<'a>(lab: &'a LabSpec, name: &str) -> &'a PumpServerSpec {
    lab.pump_servers().find(|(h, _)| h.name == name).unwrap().1
}

/// Networks that a host knows, with the passphrases it has for them.
fn known(host: &HostSpec) -> Vec<(&str, Option<&str>)> {
    let LinkSpec::Radio { supplicant, .. } = &host.link else {
        return Vec::new();
    };
    supplicant
        .networks
        .iter()
        .map(|n| (n.value.ssid.as_str(), n.value.passphrase.as_deref()))
        .collect()
}

/// The network keys that a host stores.
fn stored(host: &HostSpec) -> Vec<(&str, &str)> {
    let keys = host.files.iter().filter_map(|f| match &f.value.content {
        FileContentSpec::NetworkKey { ssid, passphrase } => {
            Some((ssid.as_str(), passphrase.as_str()))
        }
        _ => None,
    });
    keys.collect()
}

fn passphrase<'a>(lab: &'a LabSpec, ssid: &str) -> &'a str {
    &lab.wlan(ssid).unwrap().passphrase.as_ref().unwrap().value
}

/// Whether a host could join: it knows the network as it is.
fn joins(lab: &LabSpec, host: &HostSpec) -> bool {
    let LinkSpec::Radio { supplicant, .. } = &host.link else {
        return false;
    };
    supplicant.networks.first().is_some_and(|n| {
        lab.wlan(&n.value.ssid).is_some_and(|w| {
            w.akm.value == n.value.akm
                && w.passphrase.as_ref().map(|p| &p.value) == n.value.passphrase.as_ref()
        })
    })
}

#[test]
fn every_pump_can_still_join_whatever_the_controls() {
    let wireless = [
        "NET-01", "ID-01", "WL-01", "WL-02", "WL-03", "WL-06", "WL-08",
    ];
    for chosen in 0..1u32 << wireless.len() {
        let picked = wireless
            .iter()
            .enumerate()
            .filter(|(i, _)| chosen & (1 << i) != 0);
        let list: Vec<&str> = picked.map(|(_, id)| *id).collect();
        let (lab, _, _) = lab_with(&list);
        for (host, _) in lab.pumps() {
            assert!(joins(&lab, host), "{} with {list:?}", host.name);
            let LinkSpec::Radio { supplicant, .. } = &host.link else {
                panic!()
            };
            let wlan = lab.wlan(&supplicant.networks[0].value.ssid).unwrap();
            assert!(
                supplicant.pmf_capable || !wlan.pmf.value,
                "{} is shut out with {list:?}",
                host.name
            );
            let prefix = lab.segment_of(host).unwrap().prefix;
            assert!(
                prefix.contains(host.address.ip().unwrap()),
                "{} with {list:?}",
                host.name
            );
        }
        assert!(joins(&lab, host(&lab, "tablet")), "tablet with {list:?}");
    }
}

#[test]
fn a_dedicated_network_takes_the_pumps_off_the_shared_one() {
    let (lab, ink, _) = lab_with(&["NET-01", "WL-01", "WL-02"]);
    assert_eq!(
        known(host(&lab, "pump-a1")),
        [("pump-psk", Some(passphrase(&lab, "pump-psk")))]
    );
    assert_ne!(passphrase(&lab, "pump-psk"), passphrase(&lab, "hospital"));
    assert_eq!(lab.wlan("pump-psk").unwrap().segment.value, "meddev");
    assert_eq!(lab.wlan("hospital").unwrap().segment.value, "clinical");
    assert!(
        lab.access_points
            .iter()
            .all(|a| a.ssids.iter().any(|s| s == "pump-psk"))
    );
    let grave = ink
        .tombstone("pump-a1", &Removed::Network("hospital".to_owned()))
        .unwrap();
    assert_eq!(grave.control.as_deref(), Some("WL-01"));
}

#[test]
fn an_open_network_gets_a_passphrase_that_visitors_do_not_learn() {
    let (mut lab, mut ink) = bare();
    let open = |akm: &mut Akm, key: &mut Option<String>| (*akm, *key) = (Akm::Open, None);
    lab.wlans[0].akm.value = Akm::Open;
    lab.wlans[0].passphrase = None;
    for host in &mut lab.hosts {
        if let LinkSpec::Radio { supplicant, .. } = &mut host.link {
            let network = &mut supplicant.networks[0].value;
            open(&mut network.akm, &mut network.passphrase);
        }
    }
    apply(&mut lab, &mut ink, &["WL-02"]);
    let key = passphrase(&lab, "hospital");
    assert!(known(host(&lab, "pump-a2")).contains(&("hospital", Some(key))));
    assert!(known(host(&lab, "tablet")).contains(&("hospital", Some(key))));
    assert_eq!(known(host(&lab, "visitor")), [("guest", None)]);
    assert_eq!(lab.wlan("guest").unwrap().akm.value, Akm::Open);
}

/// The ward lab is open, and has a passphrase that people know already.
#[test]
fn a_network_keeps_a_passphrase_that_is_its_own() {
    let (mut lab, mut ink) = bare();
    lab.wlans[0].akm.value = Akm::Open;
    for host in &mut lab.hosts {
        if let LinkSpec::Radio { supplicant, .. } = &mut host.link {
            supplicant.networks[0].value.akm = Akm::Open;
        }
    }
    let (mut split, mut split_ink) = (lab.clone(), ink.clone());
    apply(&mut lab, &mut ink, &["WL-02"]);
    assert_eq!(passphrase(&lab, "hospital"), "changeme");
    assert!(joins(&lab, host(&lab, "pump-a1")) && joins(&lab, host(&lab, "tablet")));
    assert_eq!(stored(host(&lab, "resold")), [("hospital", "changeme")]);
    apply(&mut split, &mut split_ink, &["WL-01", "WL-02"]);
    assert_eq!(passphrase(&split, "hospital"), "changeme");
    assert_ne!(passphrase(&split, "pump-psk"), "changeme");
    assert!(joins(&split, host(&split, "pump-a1")));
}

#[test]
fn rotation_leaves_a_resold_pump_with_the_old_key() {
    let psk = ["WL-01", "WL-02"];
    let (before, _, _) = lab_with(&psk);
    assert_eq!(
        stored(host(&before, "resold")),
        [("pump-psk", passphrase(&before, "pump-psk"))]
    );
    let (after, _, _) = lab_with(&["WL-01", "WL-02", "WL-06"]);
    assert_eq!(
        stored(host(&after, "pump-a2")),
        [("pump-psk", passphrase(&after, "pump-psk"))]
    );
    assert_eq!(
        stored(host(&after, "resold")),
        stored(host(&before, "resold"))
    );
    assert_ne!(
        passphrase(&after, "pump-psk"),
        passphrase(&before, "pump-psk")
    );
    let (wiped, ink, _) = lab_with(&["WL-01", "WL-02", "OPS-06"]);
    assert!(stored(host(&wiped, "resold")).is_empty());
    assert!(
        ink.tombstone("resold", &Removed::File("/flash/wlan.conf".to_owned()))
            .is_some()
    );
}

#[test]
fn with_certificates_capable_pumps_forget_the_shared_key() {
    let (lab, ink, _) = lab_with(&ORDER);
    let network = |name: &str| {
        let LinkSpec::Radio { supplicant, .. } = &host(&lab, name).link else {
            panic!()
        };
        assert_eq!(supplicant.networks.len(), 1);
        supplicant.networks[0].value.clone()
    };
    let eap = network("pump-a1");
    assert_eq!(
        (eap.ssid.as_str(), eap.akm, eap.server_name.as_deref()),
        ("pump-eap", Akm::EapTls, Some("radius"))
    );
    assert!(stored(host(&lab, "pump-a1")).is_empty());
    assert_eq!(network("pump-a2").ssid, "pump-psk");
    assert_eq!(lab.wlan("pump-eap").unwrap().segment.value, "quarantine");
    let grave = ink
        .tombstone("pump-a1", &Removed::Network("pump-psk".to_owned()))
        .unwrap();
    assert_eq!(grave.control.as_deref(), Some("WL-03"));
}

#[test]
fn a_shared_key_network_that_nobody_uses_is_withdrawn() {
    let (mut lab, mut ink) = bare();
    lab.hosts.retain(|h| h.name != "pump-a2");
    apply(&mut lab, &mut ink, &ORDER);
    assert!(lab.wlan("pump-psk").is_none());
    assert!(
        ink.tombstone("ap-1", &Removed::Network("pump-psk".to_owned()))
            .is_some()
    );
    assert_eq!(server(&lab, "server-a").clear_port, None);
    assert!(ink.tombstone("server-a", &Removed::Service(4000)).is_some());
}

#[test]
fn certificates_bind_names_to_keys_of_their_own() {
    let (lab, _, _) = lab_with(&["ID-01"]);
    let certificates: Vec<_> = lab
        .hosts
        .iter()
        .filter_map(|h| Some((h, &h.certificate.as_ref()?.value)))
        .collect();
    let names: Vec<&str> = certificates.iter().map(|(h, _)| h.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "radius", "ehr", "db", "server-a", "server-b", "pump-a1", "pump-b1", "resold"
        ]
    );
    let keys: BTreeSet<&str> = certificates.iter().map(|(_, c)| c.key.as_str()).collect();
    let serials: BTreeSet<u32> = certificates.iter().map(|(_, c)| c.serial).collect();
    assert_eq!((keys.len(), serials.len()), (8, 8));
    for (host, certificate) in certificates {
        assert_eq!(
            (&certificate.subject, certificate.issuer.as_str()),
            (&host.name, "root")
        );
        assert!((certificate.not_before..certificate.not_after).contains(&lab.calendar));
        assert!(host.trusts.iter().any(|t| t.value == "root"));
    }
}

#[test]
fn disposal_revokes_and_the_authentication_server_asks() {
    let (lab, _, _) = lab_with(&["ID-01", "ID-02", "OPS-06"]);
    let resold = host(&lab, "resold").certificate.as_ref().unwrap();
    assert_eq!(lab.revoked.len(), 1);
    assert_eq!(lab.revoked[0].value.serial, resold.value.serial);
    let role = &host(&lab, "radius").roles[0];
    let RoleSpec::Radius(radius) = role else {
        panic!()
    };
    assert_eq!(radius.revocation.as_ref().unwrap().value.host, "ca");
}

#[test]
fn a_server_of_mixed_pumps_keeps_a_port_in_clear() {
    let (lab, _, _) = lab_with(&["ID-01", "SRV-04"]);
    let tls = SessionSpec::Tls { check_peer: true };
    let mixed = server(&lab, "server-a");
    assert_eq!((mixed.port, &mixed.session.value), (8443, &tls));
    assert_eq!(mixed.clear_port.as_ref().map(|p| p.value), Some(4000));
    assert_eq!(server(&lab, "server-b").clear_port, None);
    assert_eq!(
        (
            pump(&lab, "pump-a1").server_port,
            &pump(&lab, "pump-a1").session.value
        ),
        (8443, &tls)
    );
    assert_eq!(
        (
            pump(&lab, "pump-a2").server_port,
            &pump(&lab, "pump-a2").session.value
        ),
        (4000, &SessionSpec::Clear)
    );
}

#[test]
fn pumps_are_hardened_as_far_as_they_can_be() {
    let (lab, ink, _) = lab_with(&[
        "DEV-01", "DEV-02", "DEV-05", "DEV-07", "DEV-09", "SRV-01", "ID-05", "OPS-07",
    ]);
    for name in ["pump-a1", "pump-a2"] {
        let host = host(&lab, name);
        let ports: Vec<u16> = host.services.iter().map(|s| s.value.port).collect();
        assert_eq!(ports, [5000]);
        let grave = ink.tombstone(name, &Removed::Service(23)).unwrap();
        assert_eq!(grave.control.as_deref(), Some("DEV-01"));
        let passwords: Vec<&str> = host
            .accounts
            .iter()
            .map(|a| a.value.password.as_str())
            .collect();
        assert_eq!(
            passwords,
            [format!("password of biomed on {name}").as_str(), "service"]
        );
        assert!(pump(&lab, name).log_buffer.value);
    }
    let signed = LibraryCheckSpec::Signature {
        authority: "pharmacy library key".to_owned(),
    };
    assert_eq!(pump(&lab, "pump-a1").library_check.value, signed);
    assert_eq!(
        pump(&lab, "pump-a2").library_check.value,
        LibraryCheckSpec::None
    );
    assert!(
        host(&lab, "pump-a1").files[0].value.encrypted
            && !host(&lab, "pump-a2").files[0].value.encrypted
    );
    let server_host = host(&lab, "server-a");
    assert!(server_host.services.is_empty());
    assert_eq!(
        server_host.accounts[0].value.password,
        "password of admin on server-a"
    );
    let server = server(&lab, "server-a");
    assert_eq!(
        server.signs_with.as_ref().unwrap().value,
        "pharmacy library key"
    );
    assert_eq!(
        server.last_seen_alert.as_ref().unwrap().value,
        crate::time::Duration::from_secs(90)
    );
}
