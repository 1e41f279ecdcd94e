//! The allow list F1 to F16 of the reference architecture, worked out for the hosts of a lab.
//!
//! Flows whose ends are on one segment need no rule and get none; F15 is the guest leg's and F16 a mirror port that
//! carries no traffic of its own. Hosts are named one by one where the list names them.

use super::address::{self, CORE, EXTERNAL, MEDDEV, MEDDEV_PSK};
use crate::spec::{
    HostSpec, LabSpec, PortRange, Protocol, PumpServerSpec, PumpSpec, RoleSpec, RouterSpec,
    RuleSpec, ServiceKind, Verdict,
};
use crate::wire::{Cidr, Ip};

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
const SYSLOG_TLS: u16 = 6514;

/// A permitted flow: who may open it to whom.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// Short identifier, which begins with the row of the list.
    pub(super) name: String,
    from: Vec<Cidr>,
    to: Vec<Cidr>,
    protocol: Protocol,
    ports: Vec<u16>,
}

impl Flow {
    fn tcp(name: impl Into<String>, from: Vec<Cidr>, to: Vec<Cidr>, ports: &[u16]) -> Self {
        Self {
            name: name.into(),
            from,
            to,
            protocol: Protocol::Tcp,
            ports: ports.to_vec(),
        }
    }

    fn udp(name: impl Into<String>, from: Vec<Cidr>, to: Vec<Cidr>, ports: &[u16]) -> Self {
        Self {
            protocol: Protocol::Udp,
            ..Self::tcp(name, from, to, ports)
        }
    }

    fn rule(&self, from: Vec<Cidr>, to: Vec<Cidr>) -> RuleSpec {
        let ports = self
            .ports
            .iter()
            .map(|&p| PortRange { first: p, last: p })
            .collect();
        RuleSpec {
            name: self.name.clone(),
            from,
            to,
            protocol: self.protocol,
            ports,
            verdict: Verdict::Permit,
        }
    }

    /// The rules that a firewall needs for this flow: out of its zone, into its zone.
    pub(super) fn rules(&self, lab: &LabSpec, firewall: &RouterSpec) -> Vec<RuleSpec> {
        let legs: Vec<Cidr> = firewall
            .interfaces
            .iter()
            .filter(|i| i.segment != CORE)
            .map(|i| Cidr {
                ip: i.ip,
                len: i.prefix,
            })
            .collect();
        let inside = |c: &Cidr| legs.iter().any(|l| l.contains(c.ip));
        let segment = |c: &Cidr| address::segment_at(lab, c.ip).map(|s| &s.name);
        let crosses = |c: &Cidr, others: &[Cidr]| others.iter().any(|o| segment(o) != segment(c));
        let out: Vec<Cidr> = self
            .from
            .iter()
            .filter(|c| inside(c) && crosses(c, &self.to))
            .copied()
            .collect();
        let into: Vec<Cidr> = self
            .to
            .iter()
            .filter(|c| inside(c) && crosses(c, &self.from))
            .copied()
            .collect();
        let outside: Vec<Cidr> = self.from.iter().filter(|c| !inside(c)).copied().collect();
        let mut rules = Vec::new();
        if !out.is_empty() {
            rules.push(self.rule(out, self.to.clone()));
        }
        if !into.is_empty() && !outside.is_empty() {
            rules.push(self.rule(outside, into));
        }
        rules
    }

    fn is_empty(&self) -> bool {
        self.from.is_empty() || self.to.is_empty()
    }
}

/// The whole list for a lab. Infrastructure services are those of the whole enterprise zone.
pub(super) fn flows(lab: &LabSpec) -> Vec<Flow> {
    let enterprise = zone(lab, "enterprise");
    let mut flows = pump_flows(lab);
    flows.extend(wireless_flows(lab));
    flows.extend(infrastructure(lab, &enterprise, &enterprise, &enterprise));
    flows.extend(server_flows(lab));
    flows.extend(support_flows(lab));
    flows.extend(ordinary_flows(lab));
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

/// Pump servers with their hosts.
pub(super) fn pump_servers(lab: &LabSpec) -> impl Iterator<Item = (&HostSpec, &PumpServerSpec)> {
    lab.hosts.iter().filter_map(|h| {
        h.roles.iter().find_map(|r| {
            if let RoleSpec::PumpServer(s) = r {
                Some((h, s))
            } else {
                None
            }
        })
    })
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
    for (server, _) in pump_servers(lab) {
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
        let from = aps.map(|a| Cidr::host(a.ip)).collect();
        flows.push(Flow::udp(
            "F3",
            from,
            vec![Cidr::host(controller)],
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
    flows.push(revocation(lab));
    flows
}

/// F5: the authentication server fetches revocation lists.
pub(super) fn revocation(lab: &LabSpec) -> Flow {
    let radius = with_role(lab, |r| matches!(r, RoleSpec::Radius(_)));
    let authority = with_role(lab, |r| matches!(r, RoleSpec::CertificateAuthority(_)));
    Flow::tcp("F5", radius, authority, &[HTTP])
}

/// F6: leases, names and time, from these servers for every inside segment. Firewalls relay leases, and their
/// servers answer them at the gateways.
pub(super) fn infrastructure(
    lab: &LabSpec,
    dhcp: &[Cidr],
    dns: &[Cidr],
    ntp: &[Cidr],
) -> Vec<Flow> {
    let inside = lab
        .segments
        .iter()
        .filter(|s| s.name != EXTERNAL && s.name != CORE && s.name != address::GUEST);
    let clients: Vec<Cidr> = inside.map(|s| s.prefix).collect();
    let mut relays: Vec<Cidr> = Vec::new();
    for router in &lab.routers {
        relays.extend(
            router
                .interfaces
                .iter()
                .filter(|i| i.segment != EXTERNAL)
                .map(|i| Cidr::host(i.ip)),
        );
    }
    let askers = clients.iter().chain(&relays).copied().collect();
    let mut flows = vec![
        Flow::udp(
            "F6 dhcp",
            askers,
            dhcp.to_vec(),
            &[DHCP_SERVER, DHCP_CLIENT],
        ),
        Flow::udp("F6 dhcp relay", dhcp.to_vec(), relays, &[DHCP_SERVER]),
        Flow::udp("F6 dns", clients.clone(), dns.to_vec(), &[DNS]),
        Flow::udp("F6 ntp", clients, ntp.to_vec(), &[NTP]),
    ];
    flows.retain(|f| !f.is_empty());
    flows
}

/// F7, F8, F13, F14: what clinical servers need of databases, records, managers and log collectors.
fn server_flows(lab: &LabSpec) -> Vec<Flow> {
    let servers = with_role(lab, |r| matches!(r, RoleSpec::PumpServer(_)));
    let ehr = with_role(lab, |r| matches!(r, RoleSpec::Ehr { .. }));
    let alarms = with_role(lab, |r| matches!(r, RoleSpec::AlarmManager { .. }));
    let applications: Vec<Cidr> = servers.iter().chain(&ehr).copied().collect();
    let all: Vec<Cidr> = applications.iter().chain(&alarms).copied().collect();
    let mut flows = Vec::new();
    for (host, port) in answering(lab, "database") {
        flows.push(Flow::tcp(
            format!("F7 {} {port}", host.name),
            applications.clone(),
            named(lab, &host.name),
            &[port],
        ));
    }
    flows.push(Flow::tcp(
        "F8 orders",
        ehr.clone(),
        servers.clone(),
        &[MLLP],
    ));
    flows.push(Flow::tcp("F8 documentation", servers.clone(), ehr, &[MLLP]));
    flows.push(Flow::tcp("F8 alarms", servers, alarms, &[MLLP]));
    let manager = |ports: &[u16]| -> Vec<Cidr> {
        let of = |(h, p): (&HostSpec, u16)| ports.contains(&p).then(|| h.address.ip()).flatten();
        let mut ips: Vec<Ip> = answering(lab, "enterprise").filter_map(of).collect();
        ips.dedup();
        ips.into_iter().map(Cidr::host).collect()
    };
    flows.push(Flow::tcp("F13", all.clone(), manager(&[HTTPS]), &[HTTPS]));
    let logs = manager(&[SYSLOG, SYSLOG_TLS]);
    let mut sources = all;
    sources.extend(
        lab.routers
            .iter()
            .flat_map(|r| &r.interfaces)
            .filter(|i| i.segment == CORE)
            .map(|i| Cidr::host(i.ip)),
    );
    flows.push(Flow {
        protocol: Protocol::Any,
        ..Flow::tcp("F14", sources, logs, &[SYSLOG, SYSLOG_TLS])
    });
    flows
}

fn answering<'a>(lab: &'a LabSpec, zone: &'a str) -> impl Iterator<Item = (&'a HostSpec, u16)> {
    let ports = |h: &'a HostSpec| {
        let port = |r: &RoleSpec| {
            if let RoleSpec::Answering { port } = r {
                Some(*port)
            } else {
                None
            }
        };
        h.roles.iter().filter_map(port).map(move |p| (h, p))
    };
    lab.hosts
        .iter()
        .filter(move |h| h.zone == zone)
        .flat_map(ports)
}

/// F10, F11, F12: pharmacists at pump servers, and support by makers through the vendor network.
fn support_flows(lab: &LabSpec) -> Vec<Flow> {
    let servers = with_role(lab, |r| matches!(r, RoleSpec::PumpServer(_)));
    let vendornet = zone(lab, "vendornet");
    vec![
        Flow::tcp("F10", zone(lab, "clinical"), servers.clone(), &[HTTPS]),
        vendor_path(lab),
        Flow::tcp("F12", vendornet, servers, &[SSH, RDP]),
    ]
}

/// F11: makers reach the vendor network.
pub(super) fn vendor_path(lab: &LabSpec) -> Flow {
    Flow::tcp("F11", zone(lab, EXTERNAL), zone(lab, "vendornet"), &[HTTPS])
}

/// What staff computers do all day, as far as it touches neither devices nor databases. The list of the reference
/// architecture is about pumps and is silent on it; a hospital would permit it.
fn ordinary_flows(lab: &LabSpec) -> Vec<Flow> {
    let mut flows = Vec::new();
    for host in &lab.hosts {
        for role in &host.roles {
            let RoleSpec::Office { server, port, .. } = role else {
                continue;
            };
            let apart = |zone: &str| {
                [MEDDEV, MEDDEV_PSK, "database", address::GUEST, EXTERNAL].contains(&zone)
            };
            let Some(to) = lab.host(server) else { continue };
            if !apart(&host.zone) && !apart(&to.zone) {
                flows.push(Flow::tcp(
                    format!("site {}", host.name),
                    named(lab, &host.name),
                    named(lab, server),
                    &[*port],
                ));
            }
        }
    }
    flows
}
