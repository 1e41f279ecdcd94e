//! Hosts that want a lease and can never have one.

use super::{Warner, host, names, verb};
use crate::diagnostic::Code;
use pumplab_sim::spec::{AddressSpec, HostSpec, LabSpec, LinkSpec, RoleSpec, SegmentSpec};
use pumplab_sim::wire::Ip;
use std::collections::{BTreeMap, BTreeSet};

/// Numbers that are leased where the lab says nothing of pools.
const USUAL_POOL: u32 = 50;

pub(super) fn look(w: &mut Warner<'_>) {
    let servers = servers(w.lab);
    let mut without: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut sharing: BTreeMap<&str, Vec<&HostSpec>> = BTreeMap::new();
    for host in &w.lab.hosts {
        let leases = matches!(host.address, AddressSpec::Dhcp { .. });
        let Some(segment) = w.lab.segment_of(host).filter(|_| leases) else {
            continue;
        };
        if !reaches(w.lab, &servers, segment) {
            without.entry(&segment.name).or_default().push(&host.name);
        } else if !has_reservation(w.lab, host) {
            sharing.entry(&segment.name).or_default().push(host);
        }
    }
    if servers.is_empty() {
        // One host is missing, on however many segments it is.
        let wanting: BTreeSet<&str> = without.values().flatten().copied().collect();
        let all = w.lab.hosts.iter().map(|h| h.name.as_str());
        let all: Vec<&str> = all.filter(|n| wanting.contains(n)).collect();
        if let Some(first) = all.first() {
            let message = format!(
                "{} {} no address: the lab has no DHCP server",
                names(&all),
                verb(&all, "gets", "get")
            );
            let hint = "give a host `dhcp = true`: without an address nothing is sent or received";
            w.warn(
                Code::NoLease,
                &host(first, ""),
                message,
                "gets its address by DHCP",
                hint,
            );
        }
    } else {
        for (segment, hosts) in &without {
            let message = format!(
                "{} {} no address: no DHCP server and no relay is on segment `{segment}`",
                names(hosts),
                verb(hosts, "gets", "get")
            );
            let hint = "put a host with `dhcp = true` into a zone on that segment, or these hosts into another zone";
            w.warn(
                Code::NoLease,
                &host(hosts[0], ""),
                message,
                "gets its address by DHCP",
                hint,
            );
        }
    }
    for (segment, hosts) in sharing {
        pool(w, segment, &hosts);
    }
}

/// Segment and address of each DHCP server.
fn servers(lab: &LabSpec) -> Vec<(&str, Ip)> {
    let serves = |h: &&HostSpec| h.roles.contains(&RoleSpec::Dhcp);
    let placed = |h: &HostSpec| Some((lab.segment_of(h)?.name.as_str(), h.address.ip()?));
    // Out in the world, addresses are somebody else's business.
    let attached = |h: &&HostSpec| !matches!(h.link, LinkSpec::None);
    let mut servers = lab.hosts.iter().filter(serves).filter(attached);
    servers.by_ref().filter_map(placed).collect()
}

fn reaches(lab: &LabSpec, servers: &[(&str, Ip)], segment: &SegmentSpec) -> bool {
    let relayed = || {
        let here = lab
            .routers
            .iter()
            .filter(|r| r.interfaces.iter().any(|i| i.segment == segment.name));
        here.filter_map(|r| r.dhcp_relay)
            .any(|to| servers.iter().any(|(_, ip)| *ip == to))
    };
    servers.iter().any(|(on, _)| *on == segment.name) || relayed()
}

fn has_reservation(lab: &LabSpec, host: &HostSpec) -> bool {
    let leases = lab.zone(&host.zone).and_then(|z| z.leases.as_ref());
    leases.is_none_or(|l| l.value.reserved)
}

/// A pool that has fewer addresses than hosts that share it.
fn pool(w: &mut Warner<'_>, segment: &str, hosts: &[&HostSpec]) {
    let Some(segment) = w.lab.segment(segment) else {
        return;
    };
    let size = match &segment.pool {
        Some(pool) => {
            let sharing: BTreeSet<&str> = hosts.iter().map(|h| h.name.as_str()).collect();
            let fixed = w
                .lab
                .hosts
                .iter()
                .filter(|h| !sharing.contains(h.name.as_str()));
            let fixed = fixed.filter_map(|h| h.address.ip());
            let taken = fixed
                .filter(|ip| (pool.first.0..=pool.last.0).contains(&ip.0))
                .count();
            (pool.last.0 - pool.first.0 + 1).saturating_sub(taken as u32)
        }
        None => USUAL_POOL,
    };
    if hosts.len() as u64 <= u64::from(size) {
        return;
    }
    let all: Vec<&str> = hosts.iter().map(|h| h.name.as_str()).collect();
    let message = format!(
        "the pool of segment `{}` has room for {size}, and {} hosts share it: {}",
        segment.name,
        hosts.len(),
        names(&all)
    );
    let zone = &hosts[0].zone;
    let paths = [format!("zone/{zone}/leases"), format!("zone/{zone}")];
    let hint =
        "widen the pool with `first` and `last`, or reserve the addresses with `reserved = true`";
    w.warn(
        Code::SmallPool,
        &paths,
        message,
        "some of them never have an address",
        hint,
    );
}
