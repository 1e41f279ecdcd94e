//! Hosts of a lab that are not pumps.

use super::Builder;
use super::network::supplicant;
use super::tables::{FileTable, HostTable};
use crate::diagnostic::{Code, Diagnostic};
use crate::table::{Node, Table, Value};
use pumplab_sim::catalog::{Parameter, ParameterKind};
use pumplab_sim::parameters::Keyed;
use pumplab_sim::spec::{
    AccountSpec, AddressSpec, FileContentSpec, FileSpec, HostSpec, Item, LinkSpec, Provenance,
    RoleSpec, ServiceSpec, SoftwareSpec, Stamped, WeaknessSpec, WeaknessTable, WlanSpec,
};
use std::ops::Range;

/// Bytes of a mebibyte.
pub(super) const MIB: u64 = 1 << 20;

impl Builder<'_> {
    pub(super) fn host(&mut self, table: &Table, wlans: &[WlanSpec]) -> Option<HostSpec> {
        let name = table.string("name")?;
        self.take(&format!("name `{name}`"), table.span_of("name"));
        let ip = self.address(table)?;
        let of_profile = self.with_profile(table);
        let table = of_profile.as_ref().unwrap_or(table);
        self.ports(table);
        let host: HostTable = self.read(table)?;
        let (segment, prefix) = self.segment_of(&host.zone)?;
        let unattached = host.unattached.is_some();
        let wireless = host.at.filter(|_| !unattached);
        let link = match wireless {
            Some(at) => {
                let able = (host.eap_capable, host.pmf_capable, false);
                supplicant(&mut self.ink, &name, at, wlans, able)
            }
            None if unattached => LinkSpec::None,
            None => LinkSpec::Wired { segment },
        };
        let address = match link {
            LinkSpec::None => AddressSpec::None,
            _ if wireless.is_some() || host.lease => AddressSpec::Dhcp { ip },
            _ => AddressSpec::Static {
                ip,
                prefix: prefix.len,
                gateway: Some(prefix.nth(1)),
                dns: self.ip_where(|t| t.has("dns")),
            },
        };
        Some(HostSpec {
            number: host.number,
            link,
            address,
            services: services(table, &name, &mut self.ink),
            accounts: accounts(table, &name, &mut self.ink),
            files: self.files(table, &name, wlans),
            weaknesses: weaknesses(table, &name, &mut self.ink),
            storage_bytes: host.storage_mib * MIB,
            memory_bytes: host.memory_mib * MIB,
            certificate: None,
            trusts: Vec::new(),
            links: None,
            roles: self.roles(table, &name),
            software: SoftwareSpec::default(),
            zone: host.zone,
            name,
        })
    }

    /// A host's table with what its profile gives to it, if it names one.
    fn with_profile(&mut self, table: &Table) -> Option<Table> {
        let named = table.text("profile")?;
        if self.profiles.contains_key(named) {
            let message = format!("`{named}` is a profile of a pump, not of a server");
            self.tell(Code::UnknownProfile, table.span_of("profile"), message)
                .label = "made for another kind of product".to_owned();
        }
        Some(self.servers.get(named)?.lay_under(table))
    }

    /// Tells where two services of a host want the same port.
    fn ports(&mut self, table: &Table) {
        let mut wanted: Vec<(u16, Range<usize>)> = Vec::new();
        let port = |t: &Table| Some((t.integer::<u16>("port")?, t.span_of("port")));
        wanted.extend(table.tables("services").filter_map(port));
        listeners(table, <RoleSpec as Keyed>::KEYS, &mut wanted);
        for (i, (port, span)) in wanted.iter().enumerate() {
            if let Some((_, first)) = wanted[..i].iter().find(|(p, _)| p == port) {
                let message = format!("two services want port {port}");
                let d = Diagnostic::at(Code::TwoServices, self.source, span.clone(), message)
                    .label("wanted again here")
                    .related(first.clone(), "wanted first here");
                self.found.push(d);
            }
        }
    }

    pub(super) fn files(
        &mut self,
        table: &Table,
        host: &str,
        wlans: &[WlanSpec],
    ) -> Vec<Item<FileSpec>> {
        let mut files = Vec::new();
        for table_of_file in table.tables("files") {
            let Some(file) = self.read::<FileTable>(table_of_file) else {
                continue;
            };
            let at = |key: &str| table_of_file.span_of(key);
            let content = match (&file.network_key, &file.account, &file.patients) {
                (Some(ssid), ..) => {
                    let Some(passphrase) = passphrase(wlans, ssid) else {
                        self.no_phrase(ssid, at("network_key"));
                        continue;
                    };
                    FileContentSpec::NetworkKey {
                        ssid: ssid.clone(),
                        passphrase,
                    }
                }
                (None, Some(user), _) => match account_file(table, user) {
                    Some(content) => content,
                    None => {
                        let message = format!("`{host}` has no account `{user}`");
                        self.tell(Code::MissingKey, at("account"), message).label =
                            "not among its accounts".to_owned();
                        continue;
                    }
                },
                (None, None, Some(patients)) => FileContentSpec::Records {
                    patients: patients.clone(),
                },
                (None, None, None) => FileContentSpec::Data,
            };
            let spec = FileSpec {
                path: file.path,
                bytes: file.bytes,
                content,
                encrypted: file.encrypted,
                needed: file.needed,
            };
            files.push(self.ink.item(format!("{host} file {}", spec.path), spec));
        }
        files
    }

    /// Tells that a network has no passphrase; one that could not be read has been told.
    fn no_phrase(&mut self, ssid: &str, at: Range<usize>) {
        let mut given = self.table.tables("wlan");
        if given.any(|w| w.text("ssid") == Some(ssid) && w.is_given("passphrase")) {
            return;
        }
        let message = format!("network `{ssid}` has no passphrase to store");
        let d = self.tell(Code::MissingKey, at, message);
        d.hints.push("give the network a `passphrase`".to_owned());
    }

    /// What a host does: a role for each of its keys that is one.
    fn roles(&mut self, table: &Table, name: &str) -> Vec<RoleSpec> {
        let mut roles = Vec::new();
        for row in <RoleSpec as Keyed>::KEYS {
            let Some(value) = table.parameter(row.name) else {
                continue;
            };
            if self.lacks(table, row) {
                continue;
            }
            let read = match <RoleSpec as Keyed>::read(row.name, &value) {
                Ok(read) => read,
                Err(wrong) => {
                    self.refused(&wrong, table.span_of(row.name));
                    continue;
                }
            };
            for mut role in read {
                if self.complete(&mut role, table.table(row.name)).is_some() {
                    role.stamp(name, &mut self.ink);
                    roles.push(role);
                }
            }
        }
        roles
    }

    /// Tells what neither a table nor a profile gives; what only the table can give has been told.
    fn lacks(&mut self, table: &Table, row: &Parameter) -> bool {
        let (ParameterKind::Table(rows), Some(table)) = (row.kind, table.table(row.name)) else {
            return false;
        };
        let mut lacks = false;
        for row in rows.parameters {
            if row.elsewhere && !table.has(row.name) {
                let message = format!("{} needs the key `{}`", rows.name, row.name);
                let d = self.tell(Code::MissingKey, table.span.clone(), message);
                d.label = format!("`{}` is missing, and no profile gives it", row.name);
                lacks = true;
            }
            lacks |= self.lacks(table, row);
        }
        lacks
    }

    /// What a role needs of the rest of the lab; none where that is not there.
    fn complete(&mut self, role: &mut RoleSpec, table: Option<&Table>) -> Option<()> {
        match role {
            RoleSpec::PumpServer(server) => {
                let at = table?.span_of("library_version");
                self.version(server.library_version, at);
            }
            RoleSpec::Controller(controller) => {
                let server = controller.server.clone();
                let mut hosts = self.table.tables("host");
                let host = hosts.find(|t| t.text("name") == Some(&server))?;
                let Some(radius) = host.table("radius") else {
                    let message = format!("`{server}` is no authentication server");
                    let d = self.tell(Code::UnknownServer, table?.span_of("radius"), message);
                    d.label = "has no table `radius`".to_owned();
                    return None;
                };
                controller.radius_secret = radius.string("secret")?;
                controller.radius = self.ip_where(|t| t.text("name") == Some(&server))?;
            }
            _ => {}
        }
        Some(())
    }

    /// Tells where a library version was never issued.
    pub(super) fn version(&mut self, version: u32, span: Range<usize>) {
        if self.whole
            && !self.libraries.is_empty()
            && !self.libraries.iter().any(|l| l.version == version)
        {
            let known: Vec<String> = self
                .libraries
                .iter()
                .map(|l| l.version.to_string())
                .collect();
            let message = format!("no library of the lab has version {version}");
            let d = self.tell(Code::UnknownLibrary, span, message);
            d.label = "never issued".to_owned();
            d.hints.push(format!("issued: {}", known.join(", ")));
        }
    }
}

/// The ports on which what stands under some keys listens; a port of another host is told by whose it is.
fn listeners(table: &Table, rows: &[Parameter], wanted: &mut Vec<(u16, Range<usize>)>) {
    for row in rows.iter().filter(|r| r.port_of.is_none()) {
        let port = |node: &Node| match node.value {
            Value::Integer(port) => Some((u16::try_from(port).ok()?, node.span.clone())),
            _ => None,
        };
        match row.kind {
            ParameterKind::Port => wanted.extend(table.get(row.name).and_then(port)),
            ParameterKind::List(ParameterKind::Port) => {
                wanted.extend(table.list(row.name).iter().filter_map(port));
            }
            ParameterKind::Table(rows) => {
                if let Some(table) = table.table(row.name) {
                    listeners(table, rows.parameters, wanted);
                }
            }
            _ => {}
        }
    }
}

/// The phrase of a network of the bare lab.
pub(super) fn passphrase(wlans: &[WlanSpec], ssid: &str) -> Option<String> {
    let wlan = wlans.iter().find(|w| w.ssid == ssid)?;
    wlan.passphrase.as_ref().map(|p| p.value.clone())
}

/// The content of a file that holds the password of an account of the same host or profile.
fn account_file(table: &Table, user: &str) -> Option<FileContentSpec> {
    let accounts = table.tables("accounts");
    let mut accounts = accounts.filter_map(|t| t.read::<AccountSpec>().ok());
    let account = accounts.find(|a| a.user == user)?;
    Some(FileContentSpec::Account {
        user: account.user,
        password: account.password,
    })
}

/// Services of a host or a profile.
pub(super) fn services(table: &Table, host: &str, ink: &mut Provenance) -> Vec<Item<ServiceSpec>> {
    let specs = table.tables("services").filter_map(|t| t.read().ok());
    specs
        .map(|s: ServiceSpec| ink.item(format!("{host} service on port {}", s.port), s))
        .collect()
}

/// Vulnerabilities of a host or a profile.
pub(super) fn weaknesses(
    table: &Table,
    host: &str,
    ink: &mut Provenance,
) -> Vec<Item<WeaknessSpec>> {
    let tables = table.tables("weaknesses");
    let specs = tables.filter_map(|t| t.read::<WeaknessTable>().ok());
    specs
        .map(|t| {
            let spec = WeaknessSpec::from(t);
            ink.item(format!("{host} flaw {}", spec.flaw), spec)
        })
        .collect()
}

/// Accounts of a host or a profile.
pub(super) fn accounts(table: &Table, host: &str, ink: &mut Provenance) -> Vec<Item<AccountSpec>> {
    let specs = table.tables("accounts").filter_map(|t| t.read().ok());
    specs
        .map(|s: AccountSpec| ink.item(format!("{host} account {}", s.user), s))
        .collect()
}
