//! A segment and a firewall per zone.

use super::address::{self, CORE, EXTERNAL, GUEST, MEDDEV, MEDDEV_PSK};
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{
    InterfaceSpec, LabSpec, LinkSpec, Provenance, RoleSpec, RouteSpec, RouterSpec, SegmentSpec,
    Verdict, ZoneSpec,
};
use crate::wire::Cidr;

/// A segment and a firewall per zone, joined by a core; the firewalls permit everything.
pub(super) struct ZoneSegmentation;

static ENTRY: Entry = Entry {
    id: "zone-segmentation",
    title: "A segment and a firewall per zone",
    summary: "Cuts the flat network into one segment per zone, each behind its own firewall; firewalls meet on a core \
              segment and route to each other. Hosts, wireless networks and access points move to the segments of their \
              zones and keep their addresses. The firewalls permit everything.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B section 5.3 [M-high]"],
};

impl Mechanism for ZoneSegmentation {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-01",
            rank: Rank(Stage::Placement, 10),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        if address::is_segmented(lab) {
            return Effect::None("the zones have segments of their own already");
        }
        let Some(edge) = address::edge(lab) else {
            return Effect::None("the lab has no router at its edge");
        };
        let Some(flat) = lab.routers[edge]
            .interfaces
            .iter()
            .find(|i| i.segment != EXTERNAL && i.segment != GUEST)
            .map(|i| i.segment.clone())
        else {
            return Effect::None("the edge router has no leg inside");
        };
        let zones: Vec<ZoneSpec> = lab
            .zones
            .iter()
            .filter(|z| {
                z.id != CORE && z.id != EXTERNAL && z.id != flat && lab.segment(&z.id).is_none()
            })
            .cloned()
            .collect();
        let wlans = wlan_zones(lab);
        add_segments(lab, ink, &flat, &zones);
        add_firewalls(lab, ink, edge, &flat, &zones);
        move_hosts(lab, &flat);
        move_radio(lab, ink, &flat, &wlans);
        address::settle(lab);
        lab.segments.retain(|s| s.name != flat);
        Effect::Applied
    }
}

/// The zone that each wireless network is bridged to: that of the pumps if they use it, or else that of its users.
fn wlan_zones(lab: &LabSpec) -> Vec<String> {
    lab.wlans
        .iter()
        .map(|w| zone_of_wlan(lab, &w.ssid))
        .collect()
}

/// The zone that a wireless network belongs to.
pub(super) fn zone_of_wlan(lab: &LabSpec, ssid: &str) -> String {
    let users: Vec<_> = address::users(lab, ssid).collect();
    if users.iter().any(|h| address::is_pump(h)) {
        return MEDDEV.to_owned();
    }
    if let Some(user) = users.iter().find(|h| h.zone != GUEST).or(users.first()) {
        return user.zone.clone();
    }
    let named = if ssid.to_lowercase().contains(GUEST) {
        GUEST
    } else {
        "business"
    };
    lab.zone(named)
        .map_or_else(|| MEDDEV.to_owned(), |z| z.id.clone())
}

fn add_segments(lab: &mut LabSpec, ink: &mut Provenance, flat: &str, zones: &[ZoneSpec]) {
    let Some(model) = lab.segment(flat).cloned() else {
        return;
    };
    let like = |name: &str, prefix: Cidr, gateway: bool| SegmentSpec {
        name: name.to_owned(),
        prefix,
        gateway: gateway.then(|| prefix.nth(1)),
        pool: None,
        ..model.clone()
    };
    let mut segments = vec![like(CORE, address::core_prefix(lab), false)];
    for zone in zones {
        let first = segments.len();
        segments.push(like(&zone.id, zone.subnet, true));
        if zone.id == MEDDEV {
            segments.extend(address::meddev_psk_prefix(lab).map(|p| like(MEDDEV_PSK, p, true)));
        }
        for segment in &mut segments[first..] {
            segment.pool = address::pool(ink, zone, segment);
        }
    }
    lab.segments.extend(segments);
}

fn leg(segment: &str, prefix: Cidr) -> InterfaceSpec {
    InterfaceSpec {
        segment: segment.to_owned(),
        ip: prefix.nth(1),
        prefix: prefix.len,
    }
}

fn add_firewalls(
    lab: &mut LabSpec,
    ink: &mut Provenance,
    edge: usize,
    flat: &str,
    zones: &[ZoneSpec],
) {
    let dhcp = address::addresses_of(lab, |r| matches!(r, RoleSpec::Dhcp))
        .first()
        .copied();
    let core = address::core_prefix(lab);
    let model = lab.routers[edge].clone();
    let routes = routes(lab, zones);
    let mut firewalls = Vec::new();
    for zone in zones.iter().filter(|z| z.id != GUEST) {
        let ip = address::core_address(lab, zone);
        let mut interfaces = vec![
            InterfaceSpec {
                segment: CORE.to_owned(),
                ip,
                prefix: core.len,
            },
            leg(&zone.id, zone.subnet),
        ];
        if zone.id == MEDDEV {
            interfaces.extend(address::meddev_psk_prefix(lab).map(|p| leg(MEDDEV_PSK, p)));
        }
        let mut routes: Vec<RouteSpec> = routes.iter().filter(|r| r.via != ip).cloned().collect();
        routes.push(RouteSpec {
            to: Cidr::ANY,
            via: core.nth(1),
        });
        let name = format!("fw-{}", zone.id);
        let default = ink.item(format!("{name} default"), Verdict::Permit);
        firewalls.push(RouterSpec {
            name,
            interfaces,
            routes,
            rules: Vec::new(),
            default,
            rate_limits: Vec::new(),
            translate_toward: None,
            dhcp_relay: dhcp.filter(|ip| !zone.subnet.contains(*ip)),
            ..model.clone()
        });
    }
    let guest = zones.iter().find(|z| z.id == GUEST);
    let outside = &mut lab.routers[edge];
    outside.interfaces.retain(|i| i.segment != flat);
    outside.interfaces.insert(0, leg(CORE, core));
    outside
        .interfaces
        .extend(guest.map(|z| leg(&z.id, z.subnet)));
    outside.routes.extend(routes);
    outside.dhcp_relay = dhcp;
    lab.routers.extend(firewalls);
}

/// Routes over the core to every zone that has a firewall of its own.
fn routes(lab: &LabSpec, zones: &[ZoneSpec]) -> Vec<RouteSpec> {
    let mut routes = Vec::new();
    for zone in zones.iter().filter(|z| z.id != GUEST) {
        let via = address::core_address(lab, zone);
        routes.push(RouteSpec {
            to: zone.subnet,
            via,
        });
        if zone.id == MEDDEV {
            routes.extend(address::meddev_psk_prefix(lab).map(|to| RouteSpec { to, via }));
        }
    }
    routes
}

fn move_hosts(lab: &mut LabSpec, flat: &str) {
    for host in &mut lab.hosts {
        if let LinkSpec::Wired { segment } = &mut host.link
            && segment == flat
        {
            segment.clone_from(&host.zone);
        }
    }
}

fn move_radio(lab: &mut LabSpec, ink: &mut Provenance, flat: &str, zones: &[String]) {
    for (wlan, zone) in lab
        .wlans
        .iter_mut()
        .zip(zones)
        .filter(|(w, _)| w.segment.value == flat)
    {
        ink.set(&mut wlan.segment, zone.clone());
    }
    let zone_at = |ip| {
        lab.zones
            .iter()
            .find(|z| z.subnet.contains(ip))
            .map_or(MEDDEV, |z| z.id.as_str())
    };
    for ap in &mut lab.access_points {
        let zone = zone_at(ap.ip).to_owned();
        ink.set(&mut ap.management, zone);
    }
}
