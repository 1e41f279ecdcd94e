//! Visitors on a leg of their own, with a way to the internet and none inside.

use super::address::{self, CORE, EXTERNAL, GUEST, MEDDEV};
use super::{Effect, Mechanism, Rank, Realises, Stage, provision};
use crate::catalog::Entry;
use crate::spec::{
    AddressSpec, HostSpec, InterfaceSpec, LabSpec, LinkSpec, PortRange, Protocol, Provenance,
    RoleSpec, RuleSpec, SegmentSpec, Verdict,
};
use crate::wire::Cidr;
use std::collections::BTreeSet;

/// The guest leg of the edge firewall.
pub(super) struct GuestIsolation;

static ENTRY: Entry = Entry {
    id: "guest-isolation",
    title: "Guests on a leg of their own, internet only",
    summary: "Gives visitors a segment of their own at the edge firewall, if they have none, and rules there that deny \
              every flow from it to the zones of the hospital and permit the web and names on the internet \
              (F15). Visitors' devices forget the hospital's wireless networks where there is one for visitors.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B section 5.3 [M-high]"],
};

impl Mechanism for GuestIsolation {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-03",
            rank: Rank(Stage::Placement, 20),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let Some(subnet) = lab.zone(GUEST).map(|z| z.subnet) else {
            return Effect::None("the lab has no guests");
        };
        let Some(edge) = address::edge(lab) else {
            return Effect::None("the lab has no router at its edge");
        };
        if lab.routers[edge]
            .rules
            .iter()
            .any(|r| r.value.name == "guest")
        {
            return Effect::None("guests are isolated already");
        }
        if lab.segment(GUEST).is_none() {
            separate(lab, ink, edge, subnet);
        }
        keep_off(lab, ink);
        address::settle(lab);
        let inside = inside(lab);
        let port = |p| PortRange { first: p, last: p };
        let rule = |name: &str, to, ports, verdict| RuleSpec {
            name: name.to_owned(),
            from: vec![subnet],
            to,
            protocol: Protocol::Any,
            ports,
            verdict,
        };
        let router = &mut lab.routers[edge];
        let rules = [
            rule("guest", inside, Vec::new(), Verdict::Deny),
            rule(
                "F15",
                vec![Cidr::ANY],
                [53, 80, 443].map(port).to_vec(),
                Verdict::Permit,
            ),
            rule("guest other", vec![Cidr::ANY], Vec::new(), Verdict::Deny),
        ];
        let rules = rules.map(|r| ink.item(format!("{} rule {}", router.name, r.name), r));
        router.rules.splice(0..0, rules);
        Effect::Applied
    }
}

/// Everything that is the hospital's and not the guests'.
fn inside(lab: &LabSpec) -> Vec<Cidr> {
    let zones = lab
        .zones
        .iter()
        .filter(|z| z.id != EXTERNAL && z.id != GUEST && z.id != CORE);
    let mut inside: Vec<Cidr> = zones.map(|z| z.subnet).collect();
    inside.extend(
        lab.zone(MEDDEV)
            .and_then(|_| address::meddev_psk_prefix(lab)),
    );
    inside.push(address::core_prefix(lab));
    inside
}

/// Takes visitors out of the flat network.
fn separate(lab: &mut LabSpec, ink: &mut Provenance, edge: usize, prefix: Cidr) {
    let guest_ssids: Vec<bool> = lab
        .wlans
        .iter()
        .map(|w| address::is_guest_ssid(lab, &w.ssid))
        .collect();
    let inner = lab.routers[edge]
        .interfaces
        .iter()
        .find(|i| i.segment != EXTERNAL)
        .map(|i| i.segment.clone());
    let Some(model) = inner.and_then(|s| lab.segment(&s).cloned()) else {
        return;
    };
    let gateway = prefix.nth(1);
    lab.segments.push(SegmentSpec {
        name: GUEST.to_owned(),
        prefix,
        gateway: Some(gateway),
        pool: None,
        ..model
    });
    if let (Some(zone), Some(own)) = (lab.zone(GUEST).cloned(), lab.segments.len().checked_sub(1)) {
        lab.segments[own].pool = address::pool(ink, &zone, &lab.segments[own]);
    }
    let leg = InterfaceSpec {
        segment: GUEST.to_owned(),
        ip: gateway,
        prefix: prefix.len,
    };
    lab.routers[edge].interfaces.insert(0, leg);
    let crowd = |h: &HostSpec| h.roles.iter().any(|r| matches!(r, RoleSpec::Crowd(_)));
    let leased = |h: &HostSpec| matches!(h.address, AddressSpec::Dhcp { .. });
    let asks = |h: &HostSpec| h.zone == GUEST && (leased(h) || crowd(h));
    if lab.hosts.iter().any(asks) {
        let servers = address::addresses_of(lab, |r| matches!(r, RoleSpec::Dhcp));
        lab.routers[edge].dhcp_relay = servers.first().copied();
    }
    for host in lab.hosts.iter_mut().filter(|h| h.zone == GUEST) {
        if let LinkSpec::Wired { segment } = &mut host.link {
            GUEST.clone_into(segment);
        }
    }
    for (wlan, _) in lab
        .wlans
        .iter_mut()
        .zip(guest_ssids)
        .filter(|(_, guest)| *guest)
    {
        ink.set(&mut wlan.segment, GUEST.to_owned());
    }
}

/// Makes visitors forget the hospital's networks where there is one for them.
fn keep_off(lab: &mut LabSpec, ink: &mut Provenance) {
    let guests = lab
        .wlans
        .iter()
        .map(|w| &w.ssid)
        .filter(|s| address::is_guest_ssid(lab, s));
    let guests: BTreeSet<String> = guests.cloned().collect();
    if guests.is_empty() {
        return;
    }
    for host in lab.hosts.iter_mut().filter(|h| h.zone == GUEST) {
        provision::forget(host, ink, |ssid| !guests.contains(ssid));
    }
}
