//! Hosts of a lab that are not pumps.

use super::Builder;
use super::network::supplicant;
use crate::diagnostic::{Code, Diagnostic};
use crate::table::{Table, Value};
use pumplab_sim::spec::{
    AccountSpec, AddressSpec, AuthoritySpec, BackupSpec, ClientKind, ControllerSpec, CrowdSpec,
    EffectSpec, FileContentSpec, FileSpec, HostSpec, Item, LinkSpec, LogCollectorSpec, Provenance,
    PumpServerSpec, RadiusSpec, ReachSpec, RoleSpec, ServiceKind, ServiceSpec, SessionSpec,
    SoftwareSpec, TrafficSensorSpec, WeaknessSpec, WlanSpec,
};
use pumplab_sim::wire::tls::TlsVersion;
use pumplab_sim::wire::tls_cost::KeyType;

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
        let zone = table.string("zone")?;
        let (segment, prefix) = self.segment_of(&zone)?;
        let unattached = table.has("unattached");
        let wireless = table.position("at").filter(|_| !unattached);
        let yes = |key: &str| table.bool(key).unwrap_or(true);
        let link = match wireless {
            Some(at) => {
                let able = (yes("eap_capable"), yes("pmf_capable"), false);
                supplicant(&mut self.ink, &name, at, wlans, able)
            }
            None if unattached => LinkSpec::None,
            None => LinkSpec::Wired { segment },
        };
        let lease = wireless.is_some() || table.bool("lease") == Some(true);
        let address = match link {
            LinkSpec::None => AddressSpec::None,
            _ if lease => AddressSpec::Dhcp { ip },
            _ => AddressSpec::Static {
                ip,
                prefix: prefix.len,
                gateway: Some(prefix.nth(1)),
                dns: self.ip_where(|t| t.has("dns")),
            },
        };
        let mebibytes = |key, default| table.integer::<u64>(key).unwrap_or(default) * MIB;
        Some(HostSpec {
            number: table.integer("number")?,
            link,
            address,
            services: services(table, &name, &mut self.ink),
            accounts: accounts(table, &name, &mut self.ink),
            files: self.files(table, &name, wlans),
            weaknesses: weaknesses(table, &name, &mut self.ink),
            storage_bytes: mebibytes("storage_mib", 65_536),
            memory_bytes: mebibytes("memory_mib", 8192),
            certificate: None,
            trusts: Vec::new(),
            links: None,
            roles: self.roles(table, &name),
            software: SoftwareSpec::default(),
            zone,
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
        let mut wanted: Vec<(u16, std::ops::Range<usize>)> = Vec::new();
        let port = |t: &Table| Some((t.integer::<u16>("port")?, t.span_of("port")));
        wanted.extend(table.tables("services").filter_map(port));
        for role in ["pump_server", "database", "directory", "broker"] {
            let role = table.table(role);
            wanted.extend(role.and_then(port));
            wanted.extend(role.and_then(|r| r.table("portal")).and_then(port));
        }
        let answers = table.list("answers").iter();
        wanted.extend(answers.filter_map(|n| match n.value {
            Value::Integer(port) => Some((u16::try_from(port).ok()?, n.span.clone())),
            _ => None,
        }));
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
        for file in table.tables("files") {
            let (Some(path), Some(bytes)) = (file.string("path"), file.integer("bytes")) else {
                continue;
            };
            let content = match file.text("network_key") {
                Some(ssid) => {
                    let Some(phrase) = passphrase(wlans, ssid) else {
                        // A network that could not be read has been told.
                        let mut given = self.table.tables("wlan");
                        if given.any(|w| w.text("ssid") == Some(ssid) && w.is_given("passphrase")) {
                            continue;
                        }
                        let message = format!("network `{ssid}` has no passphrase to store");
                        self.tell(Code::MissingKey, file.span_of("network_key"), message)
                            .hints
                            .push("give the network a `passphrase`".to_owned());
                        continue;
                    };
                    FileContentSpec::NetworkKey {
                        ssid: ssid.to_owned(),
                        passphrase: phrase,
                    }
                }
                None if file.has("account") => {
                    let user = file.text("account").unwrap_or_default();
                    match account_file(table, user) {
                        Some(content) => content,
                        None => {
                            let message = format!("`{host}` has no account `{user}`");
                            self.tell(Code::MissingKey, file.span_of("account"), message)
                                .label = "not among its accounts".to_owned();
                            continue;
                        }
                    }
                }
                None if file.has("patients") => FileContentSpec::Records {
                    patients: numbers(file, "patients"),
                },
                None => FileContentSpec::Data,
            };
            let spec = FileSpec {
                bytes,
                content,
                encrypted: file.bool("encrypted").unwrap_or(false),
                needed: file.bool("needed").unwrap_or(false),
                path,
            };
            files.push(self.ink.item(format!("{host} file {}", spec.path), spec));
        }
        files
    }

    fn roles(&mut self, table: &Table, name: &str) -> Vec<RoleSpec> {
        let mut roles = Vec::new();
        roles.extend(self.pump_server(table, name).map(RoleSpec::PumpServer));
        roles.extend(self.wireless_controller(table).map(RoleSpec::Controller));
        roles.extend(table.table("radius").and_then(radius).map(RoleSpec::Radius));
        let authority = table.table("authority").and_then(|t| {
            Some(AuthoritySpec {
                key: t.string("key")?,
                expiring: t.texts("expiring"),
                expiring_after: t.duration("expiring_after"),
                key_type: t.text("key_type").and_then(KeyType::of).unwrap_or_default(),
            })
        });
        roles.extend(authority.map(RoleSpec::CertificateAuthority));
        roles.extend(table.has("mail").then_some(RoleSpec::Mail));
        roles.extend(
            table
                .table("backup")
                .and_then(|t| self.backup(t, name))
                .map(RoleSpec::Backup),
        );
        roles.extend(table.has("dhcp").then_some(RoleSpec::Dhcp));
        roles.extend(table.has("dns").then_some(RoleSpec::Dns));
        roles.extend(table.table("crowd").and_then(crowd).map(RoleSpec::Crowd));
        let ehr = table.table("ehr").map(|t| t.texts("servers"));
        roles.extend(ehr.map(|servers| RoleSpec::Ehr { servers }));
        let station = table
            .table("alarm_manager")
            .and_then(|t| t.string("station"));
        roles.extend(station.map(|station| RoleSpec::AlarmManager { station }));
        roles.extend(
            table
                .has("nurses_station")
                .then_some(RoleSpec::NursesStation),
        );
        let ink = &mut self.ink;
        roles.extend(table.tables("office").filter_map(|t| {
            let opens = t.number("opens_attachments");
            let opens_attachments = opens.map(|o| ink.item(format!("{name} opens attachments"), o));
            Some(RoleSpec::Office {
                opens_attachments,
                server: t.string("server")?,
                port: t.integer("port")?,
                every: t.duration("every")?,
            })
        }));
        roles.extend(self.around_servers(table, name));
        let collects = table.has("log_collector");
        roles.extend(collects.then(|| RoleSpec::LogCollector(LogCollectorSpec::default())));
        let looks = table.has("traffic_sensor");
        roles.extend(looks.then(|| RoleSpec::TrafficSensor(TrafficSensorSpec::default())));
        let answers = numbers::<u16>(table, "answers");
        roles.extend(answers.into_iter().map(|port| RoleSpec::Answering { port }));
        roles
    }

    fn pump_server(&mut self, table: &Table, name: &str) -> Option<PumpServerSpec> {
        let role = table.table("pump_server")?;
        let version = role.integer("library_version")?;
        self.version(version, role.span_of("library_version"));
        Some(PumpServerSpec {
            port: role.integer("port")?,
            session: self
                .ink
                .item(format!("{name} session with pumps"), SessionSpec::Clear),
            clear_port: None,
            library_version: version,
            signs_with: None,
            alarm_manager: role.string("alarm_manager")?,
            ehr: role.string("ehr")?,
            observations: role.string("observations"),
            last_seen_alert: None,
            tls_min: self
                .ink
                .item(format!("{name} lowest TLS version"), TlsVersion::V10),
            revocation: None,
            change_policy: None,
            portal: role.table("portal").and_then(|t| self.portal(t, name)),
            store: role.table("store").and_then(|t| self.store(t, name)),
        })
    }

    fn backup(&mut self, role: &Table, name: &str) -> Option<BackupSpec> {
        Some(BackupSpec {
            of: role.texts("of"),
            every: role.duration("every")?,
            on: self.ink.item(format!("{name} backup"), false),
        })
    }

    fn wireless_controller(&mut self, table: &Table) -> Option<ControllerSpec> {
        let role = table.table("controller")?;
        let server = role.text("radius")?;
        let host = self
            .table
            .tables("host")
            .find(|t| t.text("name") == Some(server))?;
        let Some(radius) = host.table("radius") else {
            let message = format!("`{server}` is no authentication server");
            self.tell(Code::UnknownServer, role.span_of("radius"), message)
                .label = "has no table `radius`".to_owned();
            return None;
        };
        Some(ControllerSpec {
            radius: self.ip_where(|t| t.text("name") == Some(server))?,
            radius_secret: radius.string("secret")?,
            pmk_cache: role.duration("pmk_cache")?,
        })
    }

    /// Tells where a library version was never issued.
    pub(super) fn version(&mut self, version: u32, span: std::ops::Range<usize>) {
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

/// Devices that people carry.
fn crowd(role: &Table) -> Option<CrowdSpec> {
    Some(CrowdSpec {
        devices: role.integer("devices")?,
        first: role.duration("first")?,
        over: role.duration("over")?,
        stays: role.duration("stays")?,
        every: role.duration("every"),
    })
}

/// The phrase of a network of the bare lab.
pub(super) fn passphrase(wlans: &[WlanSpec], ssid: &str) -> Option<String> {
    let wlan = wlans.iter().find(|w| w.ssid == ssid)?;
    wlan.passphrase.as_ref().map(|p| p.value.clone())
}

/// The content of a file that holds the password of an account of the same host or profile.
fn account_file(table: &Table, user: &str) -> Option<FileContentSpec> {
    let mut accounts = table.tables("accounts");
    let account = accounts.find(|a| a.text("user") == Some(user))?;
    Some(FileContentSpec::Account {
        user: user.to_owned(),
        password: account.string("password")?,
    })
}

pub(super) fn numbers<T: TryFrom<i64>>(table: &Table, key: &str) -> Vec<T> {
    let one = |value: &Value| match value {
        Value::Integer(v) => T::try_from(*v).ok(),
        _ => None,
    };
    table
        .list(key)
        .iter()
        .filter_map(|n| one(&n.value))
        .collect()
}

fn radius(table: &Table) -> Option<RadiusSpec> {
    Some(RadiusSpec {
        secret: table.string("secret")?,
        capacity_per_second: table.number("capacity_per_second"),
        revocation: None,
        session_timeout: table.duration("session_timeout")?,
        session_cache: table.duration("session_cache"),
        preferences: pumplab_sim::spec::RevocationPreferences {
            refresh: table.duration("list_refresh"),
            valid: table.duration("list_valid"),
            hard_fail: table.bool("hard_fail").unwrap_or(false),
            disconnect: table.bool("disconnect_revoked").unwrap_or(false),
        },
        placement: Vec::new(),
    })
}

/// Services of a host or a profile.
pub(super) fn services(table: &Table, host: &str, ink: &mut Provenance) -> Vec<Item<ServiceSpec>> {
    let read = |t: &Table| {
        Some(ServiceSpec {
            port: t.integer("port")?,
            kind: match t.text("kind")? {
                "telnet" => ServiceKind::Telnet,
                "ftp" => ServiceKind::Ftp,
                "web" => ServiceKind::Web,
                "share" => ServiceKind::Share,
                "pump-push" => ServiceKind::PumpPush,
                "ssh" => ServiceKind::Ssh,
                _ => return None,
            },
            login: t.bool("login").unwrap_or(false),
            maintenance: t.bool("maintenance").unwrap_or(false),
        })
    };
    let specs = table.tables("services").filter_map(read);
    specs
        .map(|s| ink.item(format!("{host} service on port {}", s.port), s))
        .collect()
}

/// Flaws of a host or a profile.
pub(super) fn weaknesses(
    table: &Table,
    host: &str,
    ink: &mut Provenance,
) -> Vec<Item<WeaknessSpec>> {
    let read = |t: &Table| {
        let restart = t.duration("restart");
        Some(WeaknessSpec {
            flaw: t.string("flaw")?,
            reach: match (t.integer("port"), t.text("client")) {
                (Some(port), _) => ReachSpec::Port(port),
                (None, Some("dhcp")) => ReachSpec::Client(ClientKind::Dhcp),
                (None, _) => ReachSpec::Client(ClientKind::Dns),
            },
            effect: match t.text("effect")? {
                "stop" => EffectSpec::Stop { restart },
                "execute" => EffectSpec::Execute,
                "read-files" => EffectSpec::ReadFiles,
                "write-files" => EffectSpec::WriteFiles,
                "exhaust" => EffectSpec::Exhaust {
                    per_second: t.number("per_second").unwrap_or(10.0),
                    restart,
                },
                _ => return None,
            },
            patch: t.bool("patch").unwrap_or(false),
        })
    };
    let specs = table.tables("weaknesses").filter_map(read);
    specs
        .map(|s| ink.item(format!("{host} flaw {}", s.flaw), s))
        .collect()
}

/// Accounts of a host or a profile.
pub(super) fn accounts(table: &Table, host: &str, ink: &mut Provenance) -> Vec<Item<AccountSpec>> {
    let read = |t: &Table| {
        Some(AccountSpec {
            user: t.string("user")?,
            password: t.string("password")?,
            fixed: t.bool("fixed").unwrap_or(false),
            role: t.text("role").and_then(super::servers::staff_role),
            dormant: t.bool("dormant").unwrap_or(false),
            server: t.string("server"),
        })
    };
    let specs = table.tables("accounts").filter_map(read);
    specs
        .map(|s| ink.item(format!("{host} account {}", s.user), s))
        .collect()
}
