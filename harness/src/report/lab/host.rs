//! Hosts of a lab, readable.

use super::Page;
use pumplab_sim::spec::{
    AddressSpec, HostSpec, LibraryCheckSpec, LinkSpec, RoleSpec, ServiceSpec, SessionSpec,
};

impl Page<'_> {
    pub(super) fn host(&self, host: &HostSpec) -> Vec<String> {
        let address = match &host.address {
            AddressSpec::Static { ip, .. } => ip.to_string(),
            AddressSpec::Dhcp { ip } => format!("{ip} leased"),
            AddressSpec::None => "-".to_owned(),
        };
        let link = match &host.link {
            LinkSpec::Wired { segment } => format!("cable to {segment}"),
            LinkSpec::Radio { supplicant, .. } => {
                let networks: Vec<String> = supplicant
                    .networks
                    .iter()
                    .map(|n| self.item(n, |n| n.ssid.clone()))
                    .collect();
                format!("radio for {}", networks.join(", "))
            }
            LinkSpec::Outside => "real sockets".to_owned(),
            LinkSpec::None => "in hand".to_owned(),
        };
        let roles: Vec<&str> = host.roles.iter().map(|r| r.facts().title).collect();
        let services: Vec<String> = host
            .services
            .iter()
            .map(|s| self.item(s, service))
            .collect();
        vec![
            host.name.clone(),
            host.zone.clone(),
            address,
            link,
            roles.join(", "),
            services.join(", "),
        ]
    }

    pub(super) fn pump(&self, host: &HostSpec) -> Option<Vec<String>> {
        let pump = host.roles.iter().find_map(|role| match role {
            RoleSpec::Pump(pump) => Some(pump),
            _ => None,
        })?;
        let check = |check: &LibraryCheckSpec| match check {
            LibraryCheckSpec::None => "none".to_owned(),
            LibraryCheckSpec::Signature { authority } => format!("signed by {authority}"),
        };
        let infusion = pump.infusion.as_ref().map_or_else(
            || "-".to_owned(),
            |i| {
                format!(
                    "{} {} mL/h for patient {}",
                    i.drug, i.rate_ml_per_h, i.patient
                )
            },
        );
        Some(vec![
            host.name.clone(),
            pump.profile.clone(),
            self.item(&pump.session, session),
            self.item(&pump.library_check, check),
            pump.library_version.to_string(),
            infusion,
        ])
    }
}

fn service(service: &ServiceSpec) -> String {
    let login = if service.login { "" } else { " without login" };
    format!(
        "{} {}{login}",
        crate::report::words::plain(&service.kind),
        service.port
    )
}

fn session(session: &SessionSpec) -> String {
    match session {
        SessionSpec::Clear => "clear".to_owned(),
        SessionSpec::Tls { check_peer: true } => "TLS, server checked".to_owned(),
        SessionSpec::Tls { check_peer: false } => "TLS, server not checked".to_owned(),
    }
}
