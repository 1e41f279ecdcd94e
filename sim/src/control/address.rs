//! Where hosts and networks stand in the address plan of `docs/design/031-address-plan.md`.

use crate::spec::{
    AddressSpec, DeviceSpec, HostSpec, Item, LabSpec, LinkSpec, PoolSpec, Provenance, RoleSpec,
    SegmentSpec, ZoneSpec,
};
use crate::wire::{Cidr, Ip};
use std::collections::BTreeSet;

/// Transit zone between the firewalls.
pub(super) const CORE: &str = "core";
/// The internet.
pub(super) const EXTERNAL: &str = "external";
/// Visitors.
pub(super) const GUEST: &str = "guest";
/// Pumps and access points.
pub(super) const MEDDEV: &str = "meddev";
/// Pumps that can do no better than a pre-shared key.
pub(super) const MEDDEV_PSK: &str = "meddev-psk";

/// The prefix of the segments between the firewalls.
pub(super) fn core_prefix(lab: &LabSpec) -> Cidr {
    lab.zone(CORE).map_or(
        Cidr {
            ip: Ip::new(10, 0, 255, 0),
            len: 24,
        },
        |z| z.subnet,
    )
}

/// A zone firewall's address on the core: the zone's third octet; the edge is the first address.
pub(super) fn core_address(lab: &LabSpec, zone: &ZoneSpec) -> Ip {
    let [_, _, third, _] = zone.subnet.ip.0.to_be_bytes();
    core_prefix(lab).nth(if zone.id == EXTERNAL {
        1
    } else {
        u32::from(third)
    })
}

/// The prefix of the segment for pumps with a pre-shared key: the one after the device zone's.
pub(super) fn meddev_psk_prefix(lab: &LabSpec) -> Option<Cidr> {
    lab.zone(MEDDEV).map(|z| Cidr {
        ip: Ip(z.subnet.nth(0).0 + 256),
        len: 24,
    })
}

/// The pool that a zone's leases make on a segment of its own, where the lab says how they are made.
pub(super) fn pool(
    ink: &mut Provenance,
    zone: &ZoneSpec,
    segment: &SegmentSpec,
) -> Option<Item<PoolSpec>> {
    let leases = zone.leases.as_ref()?;
    let what = format!("{} address pool", segment.name);
    Some(ink.item(what, PoolSpec::of(leases, segment.prefix)))
}

/// Name of the segment with this address, if it is on one.
pub(super) fn segment_at(lab: &LabSpec, ip: Ip) -> Option<&SegmentSpec> {
    lab.segments
        .iter()
        .filter(|s| s.prefix.contains(ip))
        .max_by_key(|s| s.prefix.len)
}

/// What pumps are as things, to change.
pub(super) fn devices_mut(lab: &mut LabSpec) -> impl Iterator<Item = &mut DeviceSpec> {
    let roles = lab.hosts.iter_mut().flat_map(|h| &mut h.roles);
    roles.filter_map(|r| match r {
        RoleSpec::Pump(pump) => Some(&mut pump.device),
        _ => None,
    })
}

/// The router at the edge of the hospital: it stands on the internet.
pub(super) fn edge(lab: &LabSpec) -> Option<usize> {
    lab.routers
        .iter()
        .position(|r| r.interfaces.iter().any(|i| i.segment == EXTERNAL))
}

/// Whether zones have segments of their own.
pub(super) fn is_segmented(lab: &LabSpec) -> bool {
    lab.segment(CORE).is_some()
}

/// The wireless network that a host joins first.
pub(super) fn preferred_ssid<'a>(lab: &LabSpec, host: &'a HostSpec) -> Option<&'a str> {
    let LinkSpec::Radio { supplicant, .. } = &host.link else {
        return None;
    };
    supplicant
        .networks
        .iter()
        .map(|n| n.value.ssid.as_str())
        .find(|s| lab.wlan(s).is_some())
}

/// Hosts that join this wireless network first.
pub(super) fn users<'a>(lab: &'a LabSpec, ssid: &'a str) -> impl Iterator<Item = &'a HostSpec> {
    lab.hosts
        .iter()
        .filter(move |h| preferred_ssid(lab, h) == Some(ssid))
}

/// Whether a host is a pump.
pub(super) fn is_pump(host: &HostSpec) -> bool {
    host.roles.iter().any(|r| matches!(r, RoleSpec::Pump(_)))
}

/// Segments on which pumps stand.
pub(super) fn pump_segments(lab: &LabSpec) -> BTreeSet<String> {
    lab.pumps()
        .filter_map(|(h, _)| lab.segment_of(h))
        .map(|s| s.name.clone())
        .collect()
}

/// Whether a wireless network is for visitors: only they use it, or nobody does and it is named after them.
pub(super) fn is_guest_ssid(lab: &LabSpec, ssid: &str) -> bool {
    let mut users = users(lab, ssid).peekable();
    if users.peek().is_none() {
        return ssid.to_lowercase().contains(GUEST);
    }
    users.all(|h| h.zone == GUEST)
}

/// Moves every host's address, prefix and gateway to the segment that it now stands on.
/// A host keeps its address where the segment has it, and its number where it has not.
pub(super) fn settle(lab: &mut LabSpec) {
    for i in 0..lab.hosts.len() {
        let host = &lab.hosts[i];
        let Some(segment) = lab.segment_of(host) else {
            continue;
        };
        let (prefix, gateway) = (segment.prefix, segment.gateway);
        let Some(old) = host.address.ip() else {
            continue;
        };
        let new = if prefix.contains(old) {
            old
        } else {
            free_address(lab, prefix, host.number)
        };
        match &mut lab.hosts[i].address {
            AddressSpec::Static {
                ip,
                prefix: len,
                gateway: via,
                ..
            } => {
                (*ip, *len, *via) = (new, prefix.len, gateway);
            }
            AddressSpec::Dhcp { ip } => *ip = new,
            AddressSpec::None => {}
        }
    }
}

/// The address with this number, or the first free one from 200 on where somebody has it.
fn free_address(lab: &LabSpec, prefix: Cidr, number: u32) -> Ip {
    let taken = |ip: Ip| {
        lab.hosts.iter().any(|h| h.address.ip() == Some(ip))
            || lab.access_points.iter().any(|a| a.ip == ip)
            || lab
                .routers
                .iter()
                .flat_map(|r| &r.interfaces)
                .any(|i| i.ip == ip)
    };
    let wanted = prefix.nth(number);
    if prefix.contains(wanted) && !taken(wanted) {
        return wanted;
    }
    (200..255)
        .map(|n| prefix.nth(n))
        .find(|ip| !taken(*ip))
        .unwrap_or(wanted)
}

/// Hosts with a role, with their addresses.
pub(super) fn addresses_of(lab: &LabSpec, is: impl Fn(&RoleSpec) -> bool) -> Vec<Ip> {
    lab.hosts
        .iter()
        .filter(|h| h.roles.iter().any(&is))
        .filter_map(|h| h.address.ip())
        .collect()
}
