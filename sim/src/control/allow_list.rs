//! The allow list F1 to F16 of the reference architecture, worked out for the hosts of a lab.
//!
//! Flows whose ends are on one segment need no rule and get none; F15 is the guest leg's and F16 a mirror port that
//! carries no traffic of its own. Hosts are named one by one where the list names them.

mod flow;
mod support;

use super::address::{self, CORE, EXTERNAL, MEDDEV};
use crate::spec::{HostSpec, LabSpec, PumpSpec, RoleSpec, SegmentSpec, ServiceKind};
use crate::wire::{Cidr, Ip};
pub(super) use flow::Flow;
pub(super) use support::vendor_path;

const SSH: u16 = 22;
const DNS: u16 = 53;
const DHCP_SERVER: u16 = 67;
const DHCP_CLIENT: u16 = 68;
const HTTP: u16 = 80;
const NTP: u16 = 123;
const HTTPS: u16 = 443;
const SYSLOG: u16 = 514;
const RADIUS: u16 = 1812;
const RADIUS_ACCOUNTING: u16 = 1813;
const MLLP: u16 = 2575;
const RDP: u16 = 3389;
const CAPWAP_CONTROL: u16 = 5246;
const CAPWAP_DATA: u16 = 5247;

/// The whole list for a lab. Infrastructure services are those of the whole enterprise zone.
pub(super) fn flows(lab: &LabSpec) -> Vec<Flow> {
    let enterprise = zone(lab, "enterprise");
    let mut flows = pump_flows(lab);
    flows.extend(wireless_flows(lab));
    flows.extend(infrastructure(lab, &enterprise, &enterprise, &enterprise));
    flows.extend(support::server_flows(lab));
    flows.extend(support::support_flows(lab));
    flows.extend(support::ordinary_flows(lab));
    flows.retain(|f| !f.is_empty());
    flows
}

fn hosts_where(lab: &LabSpec, is: impl Fn(&HostSpec) -> bool) -> Vec<Cidr> {
    lab.hosts
        .iter()
        .filter(|h| is(h))
        .filter_map(|h| h.address.ip())
        .map(Cidr::host)
        .collect()
}

fn named(lab: &LabSpec, name: &str) -> Vec<Cidr> {
    hosts_where(lab, |h| h.name == name)
}

fn with_role(lab: &LabSpec, is: impl Fn(&RoleSpec) -> bool) -> Vec<Cidr> {
    address::addresses_of(lab, is)
        .into_iter()
        .map(Cidr::host)
        .collect()
}

fn zone(lab: &LabSpec, id: &str) -> Vec<Cidr> {
    lab.zone(id).map(|z| z.subnet).into_iter().collect()
}

fn fleet<'a>(
    lab: &'a LabSpec,
    server: &'a str,
) -> impl Iterator<Item = (&'a HostSpec, &'a PumpSpec)> {
    lab.pumps()
        .filter(move |(h, p)| p.server == server && lab.segment_of(h).is_some())
}

/// F1, F2, F9: what pumps and their own servers say to each other, and service by biomedical engineering.
fn pump_flows(lab: &LabSpec) -> Vec<Flow> {
    let mut flows = Vec::new();
    for (server, _) in lab.pump_servers() {
        let own = named(lab, &server.name);
        let mut ports: Vec<u16> = fleet(lab, &server.name)
            .map(|(_, p)| p.server_port)
            .collect();
        ports.sort_unstable();
        ports.dedup();
        for port in ports {
            let pumps = fleet(lab, &server.name).filter(|(_, p)| p.server_port == port);
            let from = pumps
                .filter_map(|(h, _)| h.address.ip())
                .map(Cidr::host)
                .collect();
            flows.push(Flow::tcp(
                format!("F1 {} {port}", server.name),
                from,
                own.clone(),
                &[port],
            ));
        }
        let mut push: Vec<(u16, Ip)> = Vec::new();
        for (host, _) in fleet(lab, &server.name) {
            let services = host
                .services
                .iter()
                .filter(|s| s.value.kind == ServiceKind::PumpPush);
            push.extend(services.filter_map(|s| Some((s.value.port, host.address.ip()?))));
        }
        push.sort_unstable();
        for group in push.chunk_by(|a, b| a.0 == b.0) {
            let to = group.iter().map(|(_, ip)| Cidr::host(*ip)).collect();
            flows.push(Flow::tcp(
                format!("F2 {} {}", server.name, group[0].0),
                own.clone(),
                to,
                &[group[0].0],
            ));
        }
    }
    let biomed = hosts_where(lab, |h| h.zone == "biomed");
    let pumps = hosts_where(lab, |h| address::is_pump(h) && lab.segment_of(h).is_some());
    let servers = with_role(lab, |r| matches!(r, RoleSpec::PumpServer(_)));
    flows.push(Flow::tcp("F9 pumps", biomed.clone(), pumps, &[HTTPS]));
    flows.push(Flow::tcp("F9 servers", biomed, servers, &[HTTPS]));
    flows
}

/// F3, F4, F5: access points, controller, authentication server, revocation.
fn wireless_flows(lab: &LabSpec) -> Vec<Flow> {
    let mut flows = Vec::new();
    let mut controllers: Vec<Ip> = lab.access_points.iter().map(|a| a.controller).collect();
    controllers.sort_unstable();
    controllers.dedup();
    for controller in controllers {
        let aps = lab
            .access_points
            .iter()
            .filter(|a| a.controller == controller);
        let aps: Vec<Cidr> = aps.map(|a| Cidr::host(a.ip)).collect();
        let controller = vec![Cidr::host(controller)];
        // The controller speaks up by itself when the session of a station ends, hours after an access point last did.
        flows.push(Flow::udp(
            "F3 control",
            controller.clone(),
            aps.clone(),
            &[crate::wire::capwap::AP_PORT],
        ));
        flows.push(Flow::udp(
            "F3",
            aps,
            controller,
            &[CAPWAP_CONTROL, CAPWAP_DATA],
        ));
    }
    for host in &lab.hosts {
        for role in &host.roles {
            if let RoleSpec::Controller(c) = role {
                let radius = vec![Cidr::host(c.radius)];
                flows.push(Flow::udp(
                    "F4",
                    named(lab, &host.name),
                    radius,
                    &[RADIUS, RADIUS_ACCOUNTING],
                ));
            }
        }
    }
    flows.extend(revocation(lab));
    flows
}

/// F5: the authentication server fetches revocation lists; and so, on this site, do pump servers that check revocation.
pub(super) fn revocation(lab: &LabSpec) -> [Flow; 2] {
    let radius = with_role(lab, |r| matches!(r, RoleSpec::Radius(_)));
    let checks = |r: &RoleSpec| matches!(r, RoleSpec::PumpServer(s) if s.revocation.is_some());
    let servers = with_role(lab, checks);
    let authority = with_role(lab, |r| matches!(r, RoleSpec::CertificateAuthority(_)));
    [
        Flow::tcp("F5", radius, authority.clone(), &[HTTP]),
        Flow::tcp("site status", servers, authority, &[HTTP]),
    ]
}

/// F6: leases, names and time, from these servers for every inside segment that leads somewhere. The firewalls relay requests for leases
/// from their gateway addresses, also those of guests.
pub(super) fn infrastructure(
    lab: &LabSpec,
    dhcp: &[Cidr],
    dns: &[Cidr],
    ntp: &[Cidr],
) -> Vec<Flow> {
    let outer = [EXTERNAL, CORE, address::GUEST];
    let is_inside = |s: &&SegmentSpec| s.gateway.is_some() && !outer.contains(&s.name.as_str());
    let inside = lab.segments.iter().filter(is_inside);
    let clients: Vec<Cidr> = inside.map(|s| s.prefix).collect();
    let mut askers = clients.clone();
    askers.extend(
        lab.segment(address::GUEST)
            .and_then(|s| s.gateway)
            .map(Cidr::host),
    );
    let mut flows = vec![
        Flow::udp(
            "F6 dhcp",
            askers,
            dhcp.to_vec(),
            &[DHCP_SERVER, DHCP_CLIENT],
        ),
        Flow::udp("F6 dns", clients.clone(), dns.to_vec(), &[DNS]),
        Flow::udp("F6 ntp", clients, ntp.to_vec(), &[NTP]),
    ];
    flows.retain(|f| !f.is_empty());
    flows
}
