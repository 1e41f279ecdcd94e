//! The part of a lab that can be put on sockets.

use crate::LiveError;
use pumplab_sim::spec::{AddressSpec, HostSpec, LabSpec, LinkSpec, RoleSpec};
use pumplab_sim::wire::Ip;
use std::collections::BTreeSet;

/// Most pumps of a live run: one address each in 10.77.0.0/16.
pub const MOST_PUMPS: usize = 10_000;

/// Whether a host is part of a live run: one of its roles has a form on sockets, or is the certificate authority, whose list reaches the
/// servers by the driver.
#[must_use]
pub fn is_live(host: &HostSpec) -> bool {
    host.link != LinkSpec::None && host.roles.iter().any(|r| r.facts().is_live)
}

/// The lab with nothing but its live hosts, on sockets, and its nurses; with `pumps` pumps if that is given: the lab's own first, then
/// copies of them under names of their own.
///
/// # Errors
/// When the lab has no pump or no pump server, or when there are to be more pumps than [`MOST_PUMPS`].
pub fn outside(lab: &LabSpec, pumps: Option<usize>) -> Result<LabSpec, LiveError> {
    let mut live = lab.clone();
    live.hosts.retain(is_live);
    let is_pump = |h: &HostSpec| h.roles.iter().any(|r| matches!(r, RoleSpec::Pump(_)));
    let (originals, mut hosts): (Vec<_>, Vec<_>) = live.hosts.into_iter().partition(is_pump);
    let serves = |h: &HostSpec| h.roles.iter().any(|r| matches!(r, RoleSpec::PumpServer(_)));
    if originals.is_empty() || !hosts.iter().any(serves) {
        let problem = "has no pump or no pump server on a network";
        return Err(LiveError::Lab(format!("lab `{}` {problem}", lab.name)));
    }
    let wanted = pumps.unwrap_or(originals.len());
    if wanted > MOST_PUMPS {
        let problem = format!("{wanted} pumps are too many: at most {MOST_PUMPS}");
        return Err(LiveError::Lab(problem));
    }
    let mut nurses = live.nurses;
    for n in 0..wanted {
        let original = &originals[n % originals.len()];
        let copy = n / originals.len();
        let pump = if copy == 0 {
            original.clone()
        } else {
            copy_of(original, copy, n)
        };
        if copy > 0 {
            let of =
                |nurse: &&mut pumplab_sim::spec::NurseSpec| nurse.pumps.contains(&original.name);
            if let Some(nurse) = nurses.iter_mut().find(of) {
                nurse.pumps.push(pump.name.clone());
            }
        }
        hosts.push(pump);
    }
    let there: BTreeSet<String> = hosts.iter().map(|h| h.name.clone()).collect();
    for nurse in &mut nurses {
        nurse.pumps.retain(|p| there.contains(p));
    }
    for (n, host) in hosts.iter_mut().enumerate() {
        attach(host, n);
        document(host, &there);
    }
    live.hosts = hosts;
    live.nurses = nurses;
    live.segments.clear();
    live.routers.clear();
    live.wlans.clear();
    live.access_points.clear();
    live.watch = Default::default();
    Ok(live)
}

/// A further pump like one of the lab's, with a name, a certificate and a patient of its own.
fn copy_of(original: &HostSpec, copy: usize, n: usize) -> HostSpec {
    let mut pump = original.clone();
    pump.name = format!("{}-{copy}", original.name);
    pump.address = AddressSpec::None;
    // The lab's own pumps show what is open on such pumps: thousands of ports more would show the same.
    pump.services.clear();
    if let Some(certificate) = &mut pump.certificate {
        let spec = &mut certificate.value;
        spec.subject.clone_from(&pump.name);
        spec.key = format!("{} {copy}", spec.key);
        // Serials of the lab are below this; those of copies do not meet them nor each other.
        spec.serial = 1_000_000 + n as u32;
    }
    for role in &mut pump.roles {
        if let RoleSpec::Pump(spec) = role
            && let Some(infusion) = &mut spec.infusion
        {
            infusion.patient += 10_000 * copy as u32;
        }
    }
    pump
}

/// A pump server documents infusions to its health record: live there is no firewall between them.
fn document(host: &mut HostSpec, there: &BTreeSet<String>) {
    for role in &mut host.roles {
        if let RoleSpec::PumpServer(server) = role
            && there.contains(&server.ehr)
        {
            server.observations = Some(server.ehr.clone());
        }
    }
}

/// Serial of the certificate of an alarm manager that the lab gives none; those of the lab are below it.
const ALARM_MANAGER_SERIAL: u32 = 900_000;

/// Gives alarm managers certificates of the authority that issued those of their pump servers, where they have none: somebody else's receiver is
/// to take their place, under TLS.
///
/// # Errors
/// When a pump server holds no certificate.
pub fn certify_alarm_managers(live: &mut LabSpec) -> Result<(), LiveError> {
    let mut found = Vec::new();
    for host in &live.hosts {
        for role in &host.roles {
            if let RoleSpec::PumpServer(server) = role {
                let own = host.certificate.as_ref().ok_or_else(|| {
                    let problem = "holds no certificate, and its alarms are to go by TLS";
                    let hint = "choose a defence with ID-01, or leave `tls:` out";
                    LiveError::Lab(format!("{} {problem}: {hint}", host.name))
                })?;
                found.push((server.alarm_manager.clone(), own.clone()));
            }
        }
    }
    for (manager, like) in found {
        let manager = live.host_mut(&manager).filter(|m| m.certificate.is_none());
        if let Some(manager) = manager {
            let mut own = like;
            own.value.subject.clone_from(&manager.name);
            own.value.key = format!("{} identity", manager.name);
            own.value.serial = ALARM_MANAGER_SERIAL;
            manager.certificate = Some(own);
        }
    }
    Ok(())
}

/// Puts a host on sockets, with an address that stands for it in records.
fn attach(host: &mut HostSpec, n: usize) {
    host.link = LinkSpec::Outside;
    let own = host.address.ip();
    let made = Ip::new(10, 77, (n / 250) as u8, (n % 250 + 1) as u8);
    host.address = AddressSpec::Static {
        ip: own.unwrap_or(made),
        prefix: 8,
        gateway: None,
        dns: None,
    };
    for role in &mut host.roles {
        if let RoleSpec::PumpServer(server) = role {
            // The database has no form on sockets.
            server.store = None;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use pumplab_scenarios::Library;

    /// The ward under a defence.
    pub(crate) fn ward(defence: &str) -> LabSpec {
        let library = Library::embedded();
        let defence = library.defence(defence).expect("it is shipped");
        let resolved = library.resolve_lab("ward", &defence.controls, &[]);
        resolved.expect("the ward resolves").lab
    }
}
