//! Pumps of a lab, made from their profiles.

use super::Builder;
use super::hosts::{MIB, accounts, passphrase, services, weaknesses};
use super::network::supplicant;
use super::pump_device::device;
use crate::diagnostic::Code;
use crate::profile::Profile;
use crate::table::Table;
use pumplab_sim::clinical::drug_library::LimitVerdict;
use pumplab_sim::spec::{
    AddressSpec, FileContentSpec, FileSpec, HostSpec, InfusionSpec, Item, LibraryCheckSpec,
    PumpSpec, RoleSpec, SessionSpec, WlanSpec,
};

impl Builder<'_> {
    // long: one value after the other, each with its own fault.
    pub(super) fn pump(&mut self, table: &Table, wlans: &[WlanSpec]) -> Option<HostSpec> {
        let name = table.string("name")?;
        self.take(&format!("name `{name}`"), table.span_of("name"));
        let ip = self.address(table)?;
        let first = self.libraries.first().map_or(1, |l| l.version);
        let version = table.integer("library_version").unwrap_or(first);
        if table.has("library_version") {
            self.version(version, table.span_of("library_version"));
        }
        let infusion = table
            .table("infusion")
            .and_then(|t| self.infusion(t, version));
        let named = table.text("profile")?;
        if self.servers.contains_key(named) {
            let message = format!("`{named}` is a profile of a server, not of a pump");
            self.tell(Code::UnknownProfile, table.span_of("profile"), message)
                .label = "made for another kind of product".to_owned();
        }
        let profile = self.profiles.get(named)?.clone();
        let server = table.string("server")?;
        let hosts = self.table;
        let host = hosts
            .tables("host")
            .find(|t| t.text("name") == Some(&server))?;
        let server_port = host.table("pump_server")?.integer("port")?;
        let stored = self.files(&profile.table, &name, wlans);
        let ink = &mut self.ink;
        let able = (
            profile.eap_capable,
            profile.pmf_capable,
            profile.reinstalls_keys,
        );
        let link = supplicant(ink, &name, table.position("at")?, wlans, able);
        let mut files = files(ink, &name, &profile, wlans, infusion.as_ref());
        files.extend(stored);
        let pump = PumpSpec {
            profile: profile.name.clone(),
            server,
            server_port,
            session: ink.item(
                format!("{name} session with its server"),
                SessionSpec::Clear,
            ),
            tls_capable: profile.tls_capable,
            tls_max: profile.tls_max,
            processor_factor: profile.processor_factor,
            library_check: ink.item(format!("{name} library check"), LibraryCheckSpec::None),
            signature_capable: profile.signature_capable,
            library_version: version,
            status_infusing: profile.status_infusing,
            status_idle: profile.status_idle,
            flow_error: table.number("flow_error")?,
            battery_hours: table.number("battery_hours"),
            infusion,
            log_buffer: ink.item(format!("{name} log buffer"), false),
            room: table.integer("room")?,
            device: device(ink, &name, &profile.name, &profile.table),
        };
        Some(HostSpec {
            zone: table.string("zone")?,
            number: table.integer("number")?,
            link,
            address: AddressSpec::Dhcp { ip },
            services: services(&profile.table, &name, ink),
            accounts: accounts(&profile.table, &name, ink),
            files,
            weaknesses: weaknesses(&profile.table, &name, ink),
            storage_bytes: profile.storage_mib * MIB,
            memory_bytes: profile.memory_mib * MIB,
            certificate: None,
            trusts: Vec::new(),
            links: None,
            roles: vec![RoleSpec::Pump(Box::new(pump))],
            software: pumplab_sim::spec::SoftwareSpec::default(),
            name,
        })
    }

    /// Whether the lab's libraries have the drug, and have the care area, together or apart.
    fn is_stocked(&self, drug: &str, area: &str) -> bool {
        let entries = || self.libraries.iter().flat_map(|l| &l.entries);
        entries().any(|e| e.drug == drug) && entries().any(|e| e.care_area == area)
    }

    fn infusion(&mut self, table: &Table, version: u32) -> Option<InfusionSpec> {
        let infusion = InfusionSpec {
            patient: table.integer("patient")?,
            care_area: table.string("care_area")?,
            drug: table.string("drug")?,
            rate_ml_per_h: table.number("rate_ml_per_h")?,
            vtbi_ml: table.number("vtbi_ml")?,
            dose: table.bool("dose").unwrap_or(false),
            bag_ml: table.number("bag_ml")?,
            start: table.duration("start")?,
        };
        let library = self.libraries.iter().find(|l| l.version == version)?;
        let (drug, area) = (&infusion.drug, &infusion.care_area);
        let wrong = match library.check(area, drug, infusion.rate_ml_per_h) {
            // That there is no such drug or care area at all has been told.
            LimitVerdict::NotInLibrary if !self.is_stocked(drug, area) => None,
            LimitVerdict::NotInLibrary => Some((
                "drug",
                format!("version {version} of the library has no `{drug}` in `{area}`"),
            )),
            LimitVerdict::Hard { limit } => Some((
                "rate_ml_per_h",
                format!("the rate crosses the hard limit {limit} mL/h for `{drug}` in `{area}`"),
            )),
            LimitVerdict::Soft { .. } | LimitVerdict::Within => None,
        };
        if let Some((key, message)) = wrong {
            self.tell(Code::NotInLibrary, table.span_of(key), message)
                .label = "the pump would refuse this".to_owned();
        }
        Some(infusion)
    }
}

fn files(
    ink: &mut pumplab_sim::spec::Provenance,
    name: &str,
    profile: &Profile,
    wlans: &[WlanSpec],
    infusion: Option<&InfusionSpec>,
) -> Vec<Item<FileSpec>> {
    let mut files = Vec::new();
    let mut add = |path: &str, bytes, content| {
        let file = FileSpec {
            path: path.to_owned(),
            bytes,
            content,
            encrypted: false,
            needed: false,
        };
        files.push(ink.item(format!("{name} file {path}"), file));
    };
    let network = wlans.first().map(|w| &w.ssid);
    if profile.stores_network_key
        && let Some(ssid) = network
        && let Some(passphrase) = passphrase(wlans, ssid)
    {
        let ssid = ssid.clone();
        add(
            "/flash/wlan.conf",
            512,
            FileContentSpec::NetworkKey { ssid, passphrase },
        );
    }
    if profile.patient_log {
        let patients = infusion.map(|i| i.patient).into_iter().collect();
        add("/log/records", 4096, FileContentSpec::Records { patients });
    }
    files
}
