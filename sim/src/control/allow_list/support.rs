//! The rows of the allow list about servers, support and staff: F7, F8 and F10 to F14.

use super::{EXTERNAL, Flow, HTTPS, MEDDEV, MLLP, RDP, SSH, SYSLOG, named, with_role, zone};
use crate::control::address::{CORE, GUEST};
use crate::spec::{HostSpec, LabSpec, RoleSpec};
use crate::wire::{Cidr, Ip};

/// F7, F8, F13, F14: what clinical servers need of databases, records, managers and log collectors.
pub(super) fn server_flows(lab: &LabSpec) -> Vec<Flow> {
    let servers = with_role(lab, |r| matches!(r, RoleSpec::PumpServer(_)));
    let ehr = with_role(lab, |r| matches!(r, RoleSpec::Ehr { .. }));
    let alarms = with_role(lab, |r| matches!(r, RoleSpec::AlarmManager { .. }));
    let applications: Vec<Cidr> = servers.iter().chain(&ehr).copied().collect();
    let all: Vec<Cidr> = applications.iter().chain(&alarms).copied().collect();
    let mut flows = Vec::new();
    for (host, port) in answering(lab, "database").chain(databases(lab)) {
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
    flows.push(log_flow(lab));
    flows
}

fn databases(lab: &LabSpec) -> impl Iterator<Item = (&HostSpec, u16)> {
    lab.hosts.iter().flat_map(|h| {
        h.roles.iter().filter_map(move |r| match r {
            RoleSpec::Database(d) => Some((h, d.port)),
            _ => None,
        })
    })
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

/// F14: devices report to the log collector. The list of the reference architecture has servers and firewalls; here whatever has been told to
/// log may, pumps too.
fn log_flow(lab: &LabSpec) -> Flow {
    let collectors = with_role(lab, |r| matches!(r, RoleSpec::LogCollector(_)));
    let logs = |name: &str| lab.watch.logs.iter().any(|l| l.from == name);
    let hosts = lab.hosts.iter().filter(|h| logs(&h.name));
    let mut sources: Vec<Cidr> = hosts
        .filter_map(|h| h.address.ip())
        .map(Cidr::host)
        .collect();
    let routers = lab.routers.iter().filter(|r| logs(&r.name));
    sources.extend(
        routers
            .flat_map(|r| &r.interfaces)
            .filter(|i| i.segment == CORE)
            .map(|i| Cidr::host(i.ip)),
    );
    Flow::udp("F14", sources, collectors, &[SYSLOG])
}

/// F10, F11, F12: pharmacists at pump servers, and support by makers through the vendor network.
pub(super) fn support_flows(lab: &LabSpec) -> Vec<Flow> {
    let servers = with_role(lab, |r| matches!(r, RoleSpec::PumpServer(_)));
    let mut flows = vec![
        Flow::tcp("F10", zone(lab, "clinical"), servers.clone(), &[HTTPS]),
        vendor_path(lab),
    ];
    let brokers = with_role(lab, |r| matches!(r, RoleSpec::Broker(_)));
    if brokers.is_empty() {
        flows.push(Flow::tcp(
            "F12",
            zone(lab, "vendornet"),
            servers,
            &[SSH, RDP],
        ));
    } else {
        flows.push(Flow::tcp("F12", brokers, looked_after(lab), &[SSH, RDP]));
    }
    flows
}

/// Pump servers that a maker's account at a broker is for.
fn looked_after(lab: &LabSpec) -> Vec<Cidr> {
    let of = |h: &HostSpec| {
        let is_broker = h.roles.iter().any(|r| matches!(r, RoleSpec::Broker(_)));
        let accounts = h.accounts.iter().filter(move |_| is_broker);
        accounts
            .filter_map(|a| a.value.server.clone())
            .collect::<Vec<_>>()
    };
    let named: std::collections::BTreeSet<String> = lab.hosts.iter().flat_map(of).collect();
    super::hosts_where(lab, |h| named.contains(&h.name))
}

/// F11: makers reach the vendor network.
pub(in crate::control) fn vendor_path(lab: &LabSpec) -> Flow {
    Flow::tcp("F11", zone(lab, EXTERNAL), zone(lab, "vendornet"), &[HTTPS])
}

/// What hosts need besides: portals their directory, staff computers what staff use all day, backup servers the shares that they copy. The
/// list of the reference architecture is about pumps and is silent on it; a hospital would permit it.
pub(super) fn ordinary_flows(lab: &LabSpec) -> Vec<Flow> {
    let mut flows = directory_flows(lab);
    flows.extend(needed(lab, true));
    flows.extend(needed(lab, false));
    flows
}

/// What the roles of hosts say that they need. Ordinary work reaches neither devices nor databases.
fn needed(lab: &LabSpec, ordinary: bool) -> Vec<Flow> {
    let works = |h: &&HostSpec| !ordinary || ![MEDDEV, GUEST, EXTERNAL].contains(&h.zone.as_str());
    let apart = |h: &HostSpec| [MEDDEV, GUEST, "database"].contains(&h.zone.as_str());
    let mut flows = Vec::new();
    for host in lab.hosts.iter().filter(works) {
        let needs = host.roles.iter().flat_map(RoleSpec::needs);
        for need in needs.filter(|n| n.is_ordinary == ordinary) {
            if ordinary && lab.host(need.host).is_none_or(apart) {
                continue;
            }
            let name = match ordinary {
                true => format!("site {}", host.name),
                false => format!("site {} {}", host.name, need.host),
            };
            let (from, to) = (named(lab, &host.name), named(lab, need.host));
            flows.push(Flow::tcp(name, from, to, &[need.port]));
        }
    }
    flows
}

/// Portals ask the directory of staff. The list of the reference architecture is silent on it.
fn directory_flows(lab: &LabSpec) -> Vec<Flow> {
    let mut flows = Vec::new();
    for host in &lab.hosts {
        for role in &host.roles {
            let RoleSpec::Directory(directory) = role else {
                continue;
            };
            let asks = |r: &RoleSpec| match r {
                RoleSpec::PumpServer(s) => {
                    let asked = s.portal.as_ref().and_then(|p| p.directory.as_ref());
                    asked.is_some_and(|d| d.value == host.name)
                }
                _ => false,
            };
            let (from, to) = (with_role(lab, asks), named(lab, &host.name));
            let name = format!("site {}", host.name);
            flows.push(Flow::tcp(name, from, to, &[directory.port]));
        }
    }
    flows
}
