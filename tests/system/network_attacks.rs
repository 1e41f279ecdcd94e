//! What attacks on the network do to those who are attacked, and what stands in their way.

use pumplab_sim::engine::Entry;
use pumplab_sim::record::{
    DropReason, HostRecord, LabRecord, LibraryRecord, NetworkRecord, SessionRecord, TherapyRecord,
};
use pumplab_sim::wire::{Cidr, Ip};
use pumplab_tests::{Told, under};
use std::collections::BTreeSet;

/// What nodes whose name begins so told.
fn of<'a>(told: &'a Told, prefix: &'a str) -> impl Iterator<Item = &'a Entry<LabRecord>> {
    let trace = told.trace();
    let here = move |e: &&Entry<LabRecord>| trace.nodes[e.node.index()].starts_with(prefix);
    trace.entries.iter().filter(here)
}

/// Address of a host.
fn ip(told: &Told, host: &str) -> Ip {
    let host = told.cell.lab.host(host).expect("the host is in the lab");
    host.address.ip().expect("the host has an address")
}

/// Servers from which pumps leased their addresses.
fn lessors(told: &Told) -> BTreeSet<Ip> {
    of(told, "pump-")
        .filter_map(|e| match e.what {
            LabRecord::Network(NetworkRecord::AddressBound { server, .. }) => Some(server),
            _ => None,
        })
        .collect()
}

#[test]
fn a_scan_finds_what_listens_and_nothing_else() {
    let told = Told::of(under("scan-of-the-device-network", "NET-01", &[]));
    let subnet: Cidr = "10.0.40.0/24".parse().expect("a prefix");
    let ports = [21, 23, 80, 5000];
    let found: BTreeSet<(Ip, u16)> = of(&told, "mallory")
        .filter_map(|e| match e.what {
            LabRecord::Network(NetworkRecord::StreamOpened { peer, port })
                if subnet.contains(peer) =>
            {
                Some((peer, port))
            }
            _ => None,
        })
        .collect();
    let hosts = told.cell.lab.hosts.iter();
    let listening: BTreeSet<(Ip, u16)> = hosts
        .filter_map(|h| Some((h.address.ip()?, h)))
        .filter(|(ip, _)| subnet.contains(*ip))
        .flat_map(|(ip, h)| h.services.iter().map(move |s| (ip, s.port)))
        .filter(|(_, port)| ports.contains(port))
        .collect();
    assert!(listening.len() >= 4, "{listening:?}");
    assert_eq!(found, listening);
}

#[test]
fn a_false_lease_is_taken_where_nobody_looks_who_answers() {
    let open = Told::of(under("rogue-dhcp", "NET-01", &[]));
    let guarded = Told::of(under("rogue-dhcp", "NET-01+NET-10", &[]));
    let server = ip(&open, "dhcp");
    assert!(lessors(&open).iter().any(|s| *s != server));
    assert_eq!(lessors(&guarded), BTreeSet::from([server]));
    let snooped = |e: &Entry<LabRecord>| {
        let why = DropReason::DhcpSnooping;
        matches!(e.what, LabRecord::Network(NetworkRecord::Dropped { why: w, .. }) if matches!(w, DropReason::DhcpSnooping(id) if w == why(id)))
    };
    assert!(of(&guarded, "segment").any(snooped));
    assert!(!of(&open, "segment").any(snooped));
}

#[test]
fn a_name_that_the_attacker_answers_leads_pumps_to_the_attacker() {
    let told = Told::of(under("rogue-dhcp", "NET-01", &[]));
    let own: BTreeSet<Ip> = of(&told, "mallory")
        .filter_map(|e| match e.what {
            LabRecord::Network(NetworkRecord::AddressBound { ip, .. }) => Some(ip),
            _ => None,
        })
        .collect();
    let led = |e: &Entry<LabRecord>| matches!(e.what, LabRecord::Session(SessionRecord::ServerSession { peer, .. }) if own.contains(&peer));
    assert!(of(&told, "pump-").any(led));
    let guarded = Told::of(under("rogue-dhcp", "NET-01+NET-10", &[]));
    assert!(!of(&guarded, "pump-").any(led));
}

#[test]
fn a_flood_stops_what_cannot_bear_it_and_a_limit_keeps_it_off() {
    let failed = |e: &Entry<LabRecord>| {
        matches!(
            e.what,
            LabRecord::Host(HostRecord::CommunicationFailed { .. })
        )
    };
    let open = Told::of(under("communication-module-flood", "NET-01", &[]));
    assert!(of(&open, "pump-10").any(failed));
    assert!(!of(&open, "pump-11").any(failed), "nobody asked it");
    let broken = open.outcome.violations.iter();
    let stopped = broken.filter(|v| v.property == "therapy-continuity");
    assert_eq!(stopped.count(), 0, "the infusion does not notice");
    let limited = Told::of(under("communication-module-flood", "NET-01+NET-08", &[]));
    assert!(!of(&limited, "pump-10").any(failed));
    let held = |e: &Entry<LabRecord>| {
        matches!(
            e.what,
            LabRecord::Network(NetworkRecord::Dropped {
                why: DropReason::RateLimit(_),
                ..
            })
        )
    };
    assert!(of(&limited, "fw-meddev").any(held));
}

#[test]
fn an_order_that_was_overheard_is_given_twice_only_where_anybody_may_give_it() {
    let orders = |told: &Told| {
        let given = of(told, "pump-").filter_map(|e| match e.what {
            LabRecord::Therapy(TherapyRecord::OrderAtPump { order, .. }) => Some((e.node, order)),
            _ => None,
        });
        given.collect::<Vec<_>>()
    };
    let open = orders(&Told::of(under("replayed-order", "legacy", &[])));
    let once: BTreeSet<_> = open.iter().collect();
    assert!(once.len() < open.len(), "an order came twice: {open:?}");
    let held = orders(&Told::of(under("replayed-order", "sp1800-8", &[])));
    let once: BTreeSet<_> = held.iter().collect();
    assert_eq!(once.len(), held.len(), "{held:?}");
}

#[test]
fn a_library_altered_on_its_way_is_stored_under_its_own_version() {
    let told = Told::of(under("library-altered-in-transit", "legacy", &[]));
    let issued: BTreeSet<u32> = told.cell.lab.libraries.iter().map(|l| l.version).collect();
    let stored: Vec<(u32, u64)> = of(&told, "pump-")
        .filter_map(|e| match e.what {
            LabRecord::Library(LibraryRecord::LibraryStored {
                version, digest, ..
            }) => Some((version, digest)),
            _ => None,
        })
        .collect();
    assert!(!stored.is_empty());
    assert!(stored.iter().all(|(version, _)| issued.contains(version)));
    let digests: BTreeSet<u64> = stored.iter().map(|(_, digest)| *digest).collect();
    let honest = Told::of(under("library-altered-in-transit", "sp1800-8-plus", &[]));
    let broken = |t: &Told| {
        let violations = t.outcome.violations.iter();
        violations
            .filter(|v| v.property == "library-integrity")
            .count()
    };
    assert!(!digests.is_empty());
    assert!(broken(&told) > 0);
    assert_eq!(broken(&honest), 0);
}
