//! Segments, addresses and rules.

use super::reach::{can_open, ip, tcp, udp};
use super::*;
use crate::spec::{AddressSpec, Protocol};
use crate::wire::Ip;
use std::collections::BTreeMap;

/// Segmented with the allow list, and nothing else that bears on routers.
const POLICY: &[&str] = &["NET-01", "NET-02"];

#[test]
fn hosts_keep_their_addresses_when_the_network_is_cut() {
    let (before, _) = bare();
    let (after, _, _) = lab_with(&["NET-01"]);
    assert!(after.segment("flat").is_none());
    for host in &before.hosts {
        let new = super::host(&after, &host.name);
        let Some(segment) = after.segment_of(new) else {
            continue;
        };
        let ip = new.address.ip().unwrap();
        assert!(
            segment.prefix.contains(ip),
            "{} is off its segment",
            host.name
        );
        if host.zone == segment.name {
            assert_eq!(
                host.address.ip(),
                Some(ip),
                "{} changed its address",
                host.name
            );
        }
    }
    let AddressSpec::Static {
        prefix,
        gateway,
        dns,
        ..
    } = super::host(&after, "ehr").address
    else {
        panic!()
    };
    assert_eq!(
        (prefix, gateway, dns),
        (
            24,
            Some(Ip::new(10, 0, 20, 1)),
            Some(Ip::new(10, 0, 10, 11))
        )
    );
}

#[test]
fn every_gateway_is_a_router_and_no_address_is_used_twice() {
    for list in [
        &ORDER[..],
        &["NET-01"],
        &["NET-03"],
        &["NET-01", "WL-01"],
        &["NET-01", "ID-01", "WL-03"],
    ] {
        let (lab, _, _) = lab_with(list);
        let mut owners: BTreeMap<Ip, String> = BTreeMap::new();
        let hosts = lab
            .hosts
            .iter()
            .filter_map(|h| Some((h.address.ip()?, h.name.clone())));
        let aps = lab.access_points.iter().map(|a| (a.ip, a.name.clone()));
        let legs = lab
            .routers
            .iter()
            .flat_map(|r| r.interfaces.iter().map(|i| (i.ip, r.name.clone())));
        for (ip, owner) in hosts.chain(aps).chain(legs) {
            let taken = owners.insert(ip, owner.clone());
            assert_eq!(taken, None, "{owner} in {list:?}");
        }
        for segment in &lab.segments {
            let is_leg = |ip| {
                lab.routers
                    .iter()
                    .any(|r| r.interfaces.iter().any(|i| i.ip == ip))
            };
            assert!(segment.gateway.is_none_or(is_leg), "{}", segment.name);
        }
        for router in &lab.routers {
            let own = |ip| router.interfaces.iter().any(|i| i.ip == ip);
            for route in &router.routes {
                let owner = owners.get(&route.via).filter(|_| !own(route.via));
                assert!(
                    owner.is_some_and(|o| o.starts_with("fw-")),
                    "{} routes by {}",
                    router.name,
                    route.via
                );
            }
        }
        for wlan in &lab.wlans {
            assert!(
                lab.segment(&wlan.segment.value).is_some(),
                "{} leads nowhere in {list:?}",
                wlan.ssid
            );
        }
    }
}

#[test]
fn segmentation_alone_lets_everything_through() {
    let (lab, _, _) = lab_with(&["NET-01"]);
    for from in lab.hosts.iter().filter_map(|h| h.address.ip()) {
        for to in lab.hosts.iter().filter_map(|h| h.address.ip()) {
            assert!(
                can_open(&lab, from, to, Protocol::Tcp, 23),
                "{from} to {to}"
            );
        }
    }
}

#[test]
fn the_denied_pairs_are_denied_and_the_flows_of_the_list_pass() {
    let (lab, _, _) = lab_with(&["NET-01", "NET-02", "NET-03", "NET-04"]);
    let denied = [
        ("visitor", "dns", 53),
        ("visitor", "ehr", 443),
        ("visitor", "pump-a1", 5000),
        ("clerk", "pump-a1", 443),
        ("clerk", "server-a", 4000),
        ("pump-a1", "clerk", 80),
        ("pump-a1", "maker", 443),
        ("pump-a1", "server-b", 4000),
        ("pump-b1", "server-a", 4000),
        ("pump-a1", "server-a", 23),
        ("landing", "pump-a1", 443),
        ("maker", "ehr", 443),
        ("maker", "pump-a1", 5000),
        ("maker", "landing", 23),
        ("clerk", "db", 1433),
        ("pump-a1", "db", 1433),
        ("bench", "db", 1433),
        ("server-b", "pump-a1", 5000),
        ("bench", "pump-a1", 23),
        ("clerk", "maker", 443),
        ("radius", "maker", 80),
    ];
    for (from, to, port) in denied {
        assert!(!tcp(&lab, from, to, port), "{from} reaches {to} on {port}");
    }
    let allowed = [
        ("pump-a1", "server-a", 4000),
        ("pump-b1", "server-b", 4000),
        ("server-a", "pump-a1", 5000),
        ("server-a", "pump-a2", 5000),
        ("server-a", "ehr", 2575),
        ("server-a", "db", 1433),
        ("ehr", "db", 1433),
        ("bench", "pump-a1", 443),
        ("bench", "server-b", 443),
        ("maker", "landing", 443),
        ("landing", "server-a", 22),
        ("radius", "ca", 80),
        ("visitor", "maker", 443),
        ("clerk", "mail", 25),
    ];
    for (from, to, port) in allowed {
        assert!(
            tcp(&lab, from, to, port),
            "{from} does not reach {to} on {port}"
        );
    }
    for (from, to, port) in [
        ("pump-a1", "dhcp", 67),
        ("pump-a1", "dns", 53),
        ("clerk", "ntp", 123),
    ] {
        assert!(
            udp(&lab, from, to, port),
            "{from} does not reach {to} on {port}"
        );
    }
}

/// Every pair of hosts on every port that the lab knows, against the list written down by hand.
#[test]
fn the_policy_between_zones_is_the_list_and_nothing_else() {
    let (lab, _, _) = lab_with(POLICY);
    let zone = |ip: Ip| {
        lab.zones
            .iter()
            .find(|z| z.subnet.contains(ip))
            .map_or("", |z| z.id.as_str())
    };
    let own = |from: &str, to: &str| from.as_bytes().get(5) == to.as_bytes().get(7);
    let permitted = |from: &str, to: &str, port: u16| match (from, to, port) {
        (pump, server, 4000) if pump.starts_with("pump-") && server.starts_with("server-") => {
            own(pump, server)
        }
        (server, pump, 5000) if pump.starts_with("pump-") && server.starts_with("server-") => {
            own(pump, server)
        }
        ("bench", to, 443) => to.starts_with("pump-") || to.starts_with("server-"),
        ("ehr" | "server-a" | "server-b", "db", 1433) => true,
        ("landing", "server-a" | "server-b", 22 | 3389) => true,
        ("radius", "ca", 80)
        | ("maker" | "ca" | "engineer", "landing", 443)
        | ("clerk", "mail", 25)
        | ("clerk", "maker", 80) => true,
        _ => false,
    };
    let ports = [
        21, 22, 23, 25, 80, 443, 514, 1433, 2575, 3389, 4000, 5000, 8443,
    ];
    for from in &lab.hosts {
        for to in &lab.hosts {
            let (Some(a), Some(b)) = (from.address.ip(), to.address.ip()) else {
                continue;
            };
            // Guests and the internet meet each other at the edge, which is NET-03's and NET-04's.
            let edge = |ip| zone(ip) == "guest" || zone(ip) == "external";
            if zone(a) == zone(b) || edge(a) && edge(b) {
                continue;
            }
            for port in ports {
                let expected = permitted(&from.name, &to.name, port);
                let got = can_open(&lab, a, b, Protocol::Tcp, port);
                assert_eq!(got, expected, "{} to {} on {port}", from.name, to.name);
            }
        }
    }
}

#[test]
fn what_logs_reaches_the_collector_and_nobody_else_does() {
    let (lab, _, _) = lab_with(&["NET-01", "NET-02", "OPS-03"]);
    for from in ["server-a", "pump-a1"] {
        assert!(udp(&lab, from, "logs", 514), "{from}");
    }
    for from in ["clerk", "visitor", "maker"] {
        assert!(!udp(&lab, from, "logs", 514), "{from}");
    }
    let (silent, _, _) = lab_with(&["NET-01", "NET-02"]);
    assert!(!udp(&silent, "server-a", "logs", 514));
}

#[test]
fn known_infrastructure_names_the_servers() {
    let (wide, _, _) = lab_with(POLICY);
    let (narrow, _, _) = lab_with(&["NET-01", "NET-02", "NET-09"]);
    assert!(udp(&wide, "pump-a1", "mail", 53));
    assert!(!udp(&narrow, "pump-a1", "mail", 53));
    assert!(!udp(&narrow, "pump-a1", "dns", 67));
    for (to, port) in [("dns", 53), ("dhcp", 67), ("ntp", 123)] {
        assert!(udp(&narrow, "pump-a1", to, port), "{to}");
    }
    let guest_gateway = narrow.segment("guest").and_then(|s| s.gateway).unwrap();
    assert!(can_open(
        &narrow,
        guest_gateway,
        ip(&narrow, "dhcp"),
        Protocol::Udp,
        67
    ));
}

#[test]
fn pumps_with_a_shared_key_stand_apart_and_reach_their_server() {
    let (lab, _, _) = lab_with(&ORDER);
    let (capable, limited) = (host(&lab, "pump-a1"), host(&lab, "pump-a2"));
    assert_eq!(lab.segment_of(capable).unwrap().name, "meddev");
    assert_eq!(lab.segment_of(limited).unwrap().name, "meddev-psk");
    assert_eq!(limited.address.ip(), Some(Ip::new(10, 0, 41, 12)));
    assert!(tcp(&lab, "pump-a1", "server-a", 8443) && !tcp(&lab, "pump-a1", "server-a", 4000));
    assert!(tcp(&lab, "pump-a2", "server-a", 4000) && !tcp(&lab, "pump-a2", "server-a", 8443));
    assert!(!tcp(&lab, "pump-a2", "pump-a1", 5000) && !tcp(&lab, "pump-a1", "pump-a2", 5000));
    assert!(tcp(&lab, "server-a", "pump-a2", 5000));
    assert!(udp(&lab, "pump-a2", "dns", 53));
    let quarantined = lab.segment("quarantine").unwrap().prefix.nth(150);
    assert!(!can_open(
        &lab,
        quarantined,
        ip(&lab, "dns"),
        Protocol::Udp,
        53
    ));
    let mut rules = lab.routers.iter().flat_map(|r| &r.rules);
    assert!(!rules.any(|r| {
        r.value
            .from
            .iter()
            .any(|c| c.len > 0 && c.contains(quarantined))
    }));
}

#[test]
fn guests_are_kept_out_of_a_flat_network_too() {
    let (lab, _, _) = lab_with(&["NET-03"]);
    assert_eq!(lab.segment_of(host(&lab, "visitor")).unwrap().name, "guest");
    assert_eq!(ip(&lab, "visitor"), Ip::new(10, 0, 70, 10));
    assert!(!tcp(&lab, "visitor", "pump-a1", 23) && !tcp(&lab, "visitor", "ehr", 80));
    assert!(tcp(&lab, "visitor", "maker", 443) && !tcp(&lab, "visitor", "maker", 23));
}

#[test]
fn the_boundary_holds_a_flat_network_too() {
    let (open, _) = bare();
    let (lab, _, _) = lab_with(&["NET-04"]);
    assert!(tcp(&open, "maker", "pump-a1", 23));
    assert!(!tcp(&lab, "maker", "pump-a1", 23));
    assert!(
        tcp(&lab, "pump-a1", "maker", 443),
        "what goes out is not the boundary's business"
    );
    assert_eq!(
        lab.routers[0].translate_toward.as_ref().unwrap().value,
        "external"
    );
}
