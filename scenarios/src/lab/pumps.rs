//! Pumps of a lab, made from their profiles.

use super::Builder;
use super::hosts::{MIB, accounts, passphrase, services, weaknesses};
use super::network::supplicant;
use super::tables::PumpTable;
use crate::diagnostic::Code;
use crate::profile::Profile;
use crate::table::Table;
use pumplab_sim::clinical::drug_library::LimitVerdict;
use pumplab_sim::spec::{
    AddressSpec, FileContentSpec, FileSpec, HostSpec, InfusionSpec, Item, LibraryCheckSpec,
    Provenance, PumpSpec, RoleSpec, SessionSpec, Stamped, WlanSpec,
};

impl Builder<'_> {
    pub(super) fn pump(&mut self, table: &Table, wlans: &[WlanSpec]) -> Option<HostSpec> {
        let name = table.string("name")?;
        self.take(&format!("name `{name}`"), table.span_of("name"));
        let ip = self.address(table)?;
        let first = self.libraries.first().map_or(1, |l| l.version);
        let own: Option<u32> = table.integer("library_version");
        if let Some(version) = own {
            self.version(version, table.span_of("library_version"));
        }
        let version = own.unwrap_or(first);
        if let Some(table) = table.table("infusion")
            && let Some(infusion) = self.read(table)
        {
            self.prepared(&infusion, table, version);
        }
        let given: PumpTable = self.read(table)?;
        if self.servers.contains_key(&given.profile) {
            let message = format!(
                "`{}` is a profile of a server, not of a pump",
                given.profile
            );
            self.tell(Code::UnknownProfile, table.span_of("profile"), message)
                .label = "made for another kind of product".to_owned();
        }
        let profile = self.profiles.get(&given.profile)?.clone();
        let hosts = self.table;
        let host = hosts
            .tables("host")
            .find(|t| t.text("name") == Some(&given.server))?;
        let server_port = host.table("pump_server")?.integer("port")?;
        let stored = self.files(&profile.table, &name, wlans);
        let ink = &mut self.ink;
        let able = profile.radio();
        let link = supplicant(ink, &name, given.at, wlans, able);
        let mut files = files(ink, &name, &profile, wlans, given.infusion.as_ref());
        files.extend(stored);
        let (zone, number) = (given.zone.clone(), given.number);
        let pump = spec(ink, &name, given, &profile, (server_port, version));
        Some(HostSpec {
            zone,
            number,
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

    /// Tells where the pump would refuse an infusion.
    fn prepared(&mut self, infusion: &InfusionSpec, table: &Table, version: u32) {
        let Some(library) = self.libraries.iter().find(|l| l.version == version) else {
            return;
        };
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
    }
}

/// A pump as its table and its profile make it.
fn spec(
    ink: &mut Provenance,
    name: &str,
    given: PumpTable,
    profile: &Profile,
    (server_port, library_version): (u16, u32),
) -> PumpSpec {
    PumpSpec {
        profile: profile.name.clone(),
        server: given.server,
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
        library_version,
        status_infusing: profile.status_infusing,
        status_idle: profile.status_idle,
        flow_error: given.flow_error,
        battery_hours: given.battery_hours,
        infusion: given.infusion,
        log_buffer: ink.item(format!("{name} log buffer"), false),
        room: given.room,
        device: {
            let mut device = profile.device.clone();
            device.maker = format!("maker of {}", profile.name);
            device.stamp(name, ink);
            device
        },
    }
}

fn files(
    ink: &mut Provenance,
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
