//! A small bare lab: flat, default credentials, open services, one shared wireless key.

use crate::spec::*;
use crate::time::Duration;
use crate::wire::dot11::Akm;
use crate::wire::tls::TlsVersion;
use crate::wire::{Cidr, Ip};

const ZONES: [(&str, u8); 9] = [
    ("core", 255),
    ("enterprise", 10),
    ("clinical", 20),
    ("biomed", 30),
    ("meddev", 40),
    ("database", 50),
    ("business", 60),
    ("guest", 70),
    ("vendornet", 80),
];

/// A `/24`.
fn subnet(zone: &str) -> Cidr {
    let inside = ZONES.iter().find(|(z, _)| *z == zone);
    inside.map_or(
        Cidr {
            ip: Ip::new(203, 0, 113, 0),
            len: 24,
        },
        |(_, third)| Cidr {
            ip: Ip::new(10, 0, *third, 0),
            len: 24,
        },
    )
}

fn segment(name: &str, prefix: Cidr) -> SegmentSpec {
    SegmentSpec::bare(name.to_owned(), prefix, Duration::from_micros(10))
}

fn host(zone: &str, name: &str, number: u32, roles: Vec<RoleSpec>) -> HostSpec {
    let prefix = if zone == "external" { 24 } else { 16 };
    let gateway = if zone == "external" {
        Ip::new(203, 0, 113, 1)
    } else {
        Ip::new(10, 0, 0, 1)
    };
    HostSpec {
        name: name.to_owned(),
        zone: zone.to_owned(),
        number,
        link: LinkSpec::Wired {
            segment: if zone == "external" {
                "external"
            } else {
                "flat"
            }
            .to_owned(),
        },
        address: AddressSpec::Static {
            ip: subnet(zone).nth(number),
            prefix,
            gateway: Some(gateway),
            dns: Some(Ip::new(10, 0, 10, 11)),
        },
        services: Vec::new(),
        accounts: Vec::new(),
        files: Vec::new(),
        weaknesses: Vec::new(),
        software: SoftwareSpec::default(),
        storage_bytes: 1 << 30,
        memory_bytes: 1 << 30,
        certificate: None,
        trusts: Vec::new(),
        links: None,
        roles,
    }
}

fn service(
    ink: &mut Provenance,
    host: &str,
    port: u16,
    kind: ServiceKind,
    maintenance: bool,
) -> Item<ServiceSpec> {
    ink.item(
        format!("{host} service on port {port}"),
        ServiceSpec {
            port,
            kind,
            login: false,
            maintenance,
        },
    )
}

fn radio(ink: &mut Provenance, host: &str, capable: bool) -> LinkSpec {
    let known = [
        ("hospital", Akm::Psk, Some("changeme")),
        ("guest", Akm::Open, None),
    ];
    let network = |(ssid, akm, key): (&str, Akm, Option<&str>)| {
        let value = NetworkSpec {
            ssid: ssid.to_owned(),
            akm,
            passphrase: key.map(str::to_owned),
            server_name: None,
        };
        ink.item(format!("{host} network {ssid}"), value)
    };
    let networks = known.map(network).into();
    LinkSpec::Radio {
        position: Position::default(),
        supplicant: SupplicantSpec {
            networks,
            eap_capable: capable,
            reinstalls_keys: false,
            pmf_capable: capable,
        },
    }
}

fn key_file(ink: &mut Provenance, host: &str) -> Item<FileSpec> {
    let content = FileContentSpec::NetworkKey {
        ssid: "hospital".to_owned(),
        passphrase: "changeme".to_owned(),
    };
    let file = FileSpec {
        path: "/flash/wlan.conf".to_owned(),
        bytes: 512,
        content,
        encrypted: false,
        needed: false,
    };
    ink.item(format!("{host} file {}", file.path), file)
}

fn device(ink: &mut Provenance, name: &str, capable: bool) -> DeviceSpec {
    let checksum = ImageCheckSpec::Checksum;
    DeviceSpec {
        maker: "maker".to_owned(),
        firmware_version: 1,
        firmware_check: ink.item(format!("{name} firmware check"), checksum),
        calibration_check: ink.item(format!("{name} calibration check"), checksum),
        image_signature_capable: capable,
        local_port: ink.item(format!("{name} local port"), true),
        local_port_lockable: capable,
        lock: ink.item(format!("{name} case lock"), Duration::ZERO),
        tamper: ink.item(format!("{name} tamper switch"), TamperSpec::None),
        tamper_capable: capable,
        operator: None,
        operator_capable: capable,
        power_sensor: None,
    }
}

/// A pump of a maker; the incapable one can do neither TLS nor EAP-TLS nor signatures.
fn pump(ink: &mut Provenance, name: &str, number: u32, server: &str, capable: bool) -> HostSpec {
    let spec = PumpSpec {
        processor_factor: 1.0,
        profile: "fixture".to_owned(),
        server: server.to_owned(),
        server_port: 4000,
        session: ink.item(format!("{name} session"), SessionSpec::Clear),
        tls_capable: capable,
        tls_max: TlsVersion::V13,
        library_check: ink.item(format!("{name} library check"), LibraryCheckSpec::None),
        signature_capable: capable,
        library_version: 1,
        status_infusing: Duration::from_secs(30),
        status_idle: Duration::from_mins(5),
        flow_error: 0.0,
        battery_hours: None,
        infusion: None,
        log_buffer: ink.item(format!("{name} log buffer"), false),
        room: 1,
        device: device(ink, name, capable),
    };
    let mut host = host("meddev", name, number, vec![RoleSpec::Pump(Box::new(spec))]);
    host.link = radio(ink, name, capable);
    host.address = AddressSpec::Dhcp {
        ip: subnet("meddev").nth(number),
    };
    host.services = vec![
        service(ink, name, 23, ServiceKind::Telnet, true),
        service(ink, name, 5000, ServiceKind::PumpPush, false),
    ];
    let account = AccountSpec {
        user: "biomed".to_owned(),
        password: "default".to_owned(),
        fixed: false,
        role: None,
        dormant: false,
        server: None,
    };
    let fixed = AccountSpec {
        user: "service".to_owned(),
        password: "service".to_owned(),
        fixed: true,
        role: None,
        dormant: false,
        server: None,
    };
    host.accounts = [account, fixed]
        .map(|a| ink.item(format!("{name} account {}", a.user), a))
        .into();
    let records = FileSpec {
        path: "/log/records".to_owned(),
        bytes: 4096,
        content: FileContentSpec::Records {
            patients: vec![number],
        },
        encrypted: false,
        needed: false,
    };
    host.files = vec![
        key_file(ink, name),
        ink.item(format!("{name} file {}", records.path), records),
    ];
    host.weaknesses = vec![mendable(ink, name)];
    host
}

fn pump_server(ink: &mut Provenance, name: &str, number: u32) -> HostSpec {
    let spec = PumpServerSpec {
        port: 4000,
        session: ink.item(format!("{name} session"), SessionSpec::Clear),
        clear_port: None,
        library_version: 1,
        signs_with: None,
        alarm_manager: "alarms".to_owned(),
        ehr: "ehr".to_owned(),
        observations: None,
        last_seen_alert: None,
        tls_min: ink.item(format!("{name} lowest TLS version"), TlsVersion::V10),
        revocation: None,
        change_policy: None,
        portal: Some(portal(ink, name)),
        store: Some(store(ink, name)),
    };
    let mut host = host("clinical", name, number, vec![RoleSpec::PumpServer(spec)]);
    host.services = vec![service(ink, name, 23, ServiceKind::Telnet, true)];
    let account = AccountSpec {
        user: "admin".to_owned(),
        password: "admin".to_owned(),
        fixed: false,
        role: None,
        dormant: false,
        server: None,
    };
    let admin = AccountSpec {
        role: Some(StaffRole::Administrator),
        ..account.clone()
    };
    host.accounts = vec![ink.item(format!("{name} account admin"), admin)];
    let records = FileSpec {
        path: "/data/records.db".to_owned(),
        bytes: 4096,
        content: FileContentSpec::Records { patients: vec![1] },
        encrypted: false,
        needed: false,
    };
    host.files = vec![ink.item(format!("{name} file {}", records.path), records)];
    host.weaknesses = vec![mendable(ink, name)];
    host
}

/// A flaw of which the maker has released a patch.
fn mendable(ink: &mut Provenance, host: &str) -> Item<WeaknessSpec> {
    let flaw = WeaknessSpec {
        flaw: "mendable".to_owned(),
        reach: ReachSpec::Port(4000),
        effect: EffectSpec::Stop { restart: None },
        patch: true,
    };
    ink.item(format!("{host} flaw mendable"), flaw)
}

fn portal(ink: &mut Provenance, name: &str) -> PortalSpec {
    PortalSpec {
        port: 443,
        rights: ink.item(format!("{name} portal rights"), shipped_rights()),
        directory: None,
        release: ink.item(format!("{name} release of libraries"), ReleaseSpec::OneStep),
        trusts_client: ink.item(format!("{name} portal check of passwords"), false),
        token_key: None,
    }
}

fn store(ink: &mut Provenance, name: &str) -> StoreSpec {
    StoreSpec {
        host: "db".to_owned(),
        port: 1433,
        user: "sa".to_owned(),
        password: ink.item(format!("{name} database password"), "built in".to_owned()),
        patients: vec![1, 2],
        identified: ink.item(format!("{name} patients in records"), true),
        encrypted: ink.item(format!("{name} encryption of records"), false),
        refresh: Duration::from_mins(15),
        monitor: None,
    }
}

/// Accounts that a maker ships, and one of somebody who has left.
fn with_accounts(ink: &mut Provenance, mut host: HostSpec, users: &[(&str, bool)]) -> HostSpec {
    for &(user, ours) in users {
        let account = AccountSpec {
            user: user.to_owned(),
            password: "built in".to_owned(),
            fixed: !ours,
            role: ours.then_some(StaffRole::Pharmacist),
            dormant: user == "left",
            server: match user {
                "maker" => Some("server-a".to_owned()),
                "other" => Some("server-b".to_owned()),
                _ => None,
            },
        };
        let what = format!("{} account {user}", host.name);
        host.accounts.push(ink.item(what, account));
    }
    host
}

fn infrastructure() -> Vec<HostSpec> {
    let radius = RadiusSpec {
        preferences: crate::spec::RevocationPreferences::default(),
        secret: "radius".to_owned(),
        capacity_per_second: Some(20.0),
        revocation: None,
        session_cache: None,
        session_timeout: Duration::from_hours(8),
        placement: Vec::new(),
    };
    let controller = ControllerSpec {
        server: "radius".to_owned(),
        radius: Ip::new(10, 0, 10, 20),
        radius_secret: "radius".to_owned(),
        pmk_cache: Duration::from_hours(8),
    };
    vec![
        host(
            "external",
            "ca",
            10,
            vec![RoleSpec::CertificateAuthority(AuthoritySpec {
                key_type: crate::wire::tls_cost::KeyType::P256,
                key: "root".to_owned(),
                expiring: Vec::new(),
                expiring_after: None,
            })],
        ),
        host("external", "maker", 20, Vec::new()),
        host("enterprise", "dhcp", 10, vec![RoleSpec::Dhcp]),
        host("enterprise", "dns", 11, vec![RoleSpec::Dns]),
        host(
            "enterprise",
            "ntp",
            12,
            vec![RoleSpec::Answering { port: 123 }],
        ),
        host(
            "enterprise",
            "mail",
            13,
            vec![RoleSpec::Answering { port: 25 }],
        ),
        host(
            "enterprise",
            "logs",
            14,
            vec![RoleSpec::LogCollector(LogCollectorSpec::default())],
        ),
        host(
            "enterprise",
            "sensor",
            15,
            vec![RoleSpec::TrafficSensor(TrafficSensorSpec::default())],
        ),
        host("enterprise", "radius", 20, vec![RoleSpec::Radius(radius)]),
        host(
            "enterprise",
            "wlc",
            30,
            vec![RoleSpec::Controller(controller)],
        ),
    ]
}

/// Hosts that need nothing of the network but their ways.
fn neighbours() -> Vec<HostSpec> {
    let office = |server: &str, port| RoleSpec::Office {
        server: server.to_owned(),
        port,
        every: Duration::from_mins(1),
        opens_attachments: None,
    };
    vec![
        host(
            "clinical",
            "ehr",
            20,
            vec![RoleSpec::Ehr {
                servers: vec!["server-a".to_owned(), "server-b".to_owned()],
            }],
        ),
        host(
            "clinical",
            "alarms",
            21,
            vec![RoleSpec::AlarmManager {
                station: "station".to_owned(),
            }],
        ),
        host("clinical", "station", 22, vec![RoleSpec::NursesStation]),
        host("biomed", "bench", 10, Vec::new()),
        host(
            "business",
            "clerk",
            10,
            vec![office("mail", 25), office("maker", 80), office("db", 1433)],
        ),
    ]
}

/// What stands around a pump server.
fn around_servers(ink: &mut Provenance) -> Vec<HostSpec> {
    let database = RoleSpec::Database(DatabaseSpec { port: 1433 });
    let directory = RoleSpec::Directory(DirectorySpec { port: 636 });
    let pharmacy = RoleSpec::Pharmacy(PharmacySpec {
        pharmacist: "pharmacist".to_owned(),
        reviewer: "reviewer".to_owned(),
    });
    let broker = RoleSpec::Broker(BrokerSpec {
        port: 443,
        brokered: ink.item("landing sessions", false),
        approval: ink.item("landing approval", false),
    });
    let vendor = RoleSpec::Vendor(VendorSpec {
        server: "server-a".to_owned(),
        port: 22,
        user: "maker".to_owned(),
        through: ink.item("engineer way in", None),
    });
    let db = host("database", "db", 10, vec![database]);
    let people = host("enterprise", "people", 40, vec![directory]);
    let landing = host("vendornet", "landing", 10, vec![broker]);
    vec![
        with_accounts(ink, db, &[("sa", false)]),
        with_accounts(
            ink,
            people,
            &[("pharmacist", true), ("reviewer", true), ("left", true)],
        ),
        with_accounts(ink, landing, &[("maker", false), ("other", false)]),
        host("clinical", "pharmacy", 30, vec![pharmacy]),
        host("external", "engineer", 40, vec![vendor]),
    ]
}

fn hosts(ink: &mut Provenance) -> Vec<HostSpec> {
    let mut hosts = infrastructure();
    hosts.extend(neighbours());
    hosts.extend(around_servers(ink));
    let backup = BackupSpec {
        of: vec!["server-a".to_owned()],
        every: Duration::from_mins(10),
        on: ink.item("backup backup", false),
    };
    hosts.push(host(
        "enterprise",
        "backup",
        21,
        vec![RoleSpec::Backup(backup)],
    ));
    hosts.push(pump_server(ink, "server-a", 10));
    hosts.push(pump_server(ink, "server-b", 11));
    hosts.push(pump(ink, "pump-a1", 11, "server-a", true));
    hosts.push(pump(ink, "pump-a2", 12, "server-a", false));
    hosts.push(pump(ink, "pump-b1", 21, "server-b", true));
    for (zone, name, number) in [("clinical", "tablet", 50), ("guest", "visitor", 10)] {
        let mut host = host(zone, name, number, Vec::new());
        host.link = radio(ink, name, true);
        host.address = AddressSpec::Dhcp {
            ip: subnet(zone).nth(number),
        };
        hosts.push(host);
    }
    let mut resold = host("meddev", "resold", 99, Vec::new());
    resold.link = LinkSpec::None;
    resold.address = AddressSpec::None;
    resold.files = vec![key_file(ink, "resold")];
    hosts.push(resold);
    hosts
}

fn wlan(ink: &mut Provenance, ssid: &str, akm: Akm, passphrase: Option<&str>) -> WlanSpec {
    WlanSpec {
        ssid: ssid.to_owned(),
        akm: ink.item(format!("network {ssid} authentication"), akm),
        passphrase: passphrase
            .map(|p| ink.item(format!("network {ssid} passphrase"), p.to_owned())),
        segment: ink.item(format!("network {ssid} segment"), "flat".to_owned()),
        pmf: ink.item(format!("network {ssid} management frame protection"), false),
        client_isolation: ink.item(format!("network {ssid} client isolation"), false),
    }
}

fn radio_spec() -> RadioSpec {
    RadioSpec {
        transmit_dbm: 17.0,
        loss_at_1m_db: 40.0,
        exponent: 3.0,
        sensitivity_dbm: -90.0,
        roam_below_dbm: -75.0,
        rate_mbps: 54.0,
        overhead: Duration::from_micros(200),
    }
}

/// The bare lab and its provenance.
pub(super) fn bare() -> (LabSpec, Provenance) {
    let mut ink = Provenance::default();
    let flat = Cidr {
        ip: Ip::new(10, 0, 0, 0),
        len: 16,
    };
    let segments = vec![
        segment("flat", flat),
        segment("external", subnet("external")),
    ];
    let interface = |s: &SegmentSpec| InterfaceSpec {
        segment: s.name.clone(),
        ip: s.prefix.nth(1),
        prefix: s.prefix.len,
    };
    let router = RouterSpec {
        name: "fw-external".to_owned(),
        interfaces: segments.iter().map(interface).collect(),
        routes: Vec::new(),
        rules: Vec::new(),
        default: ink.item("fw-external default", Verdict::Permit),
        rate_limits: Vec::new(),
        connection_table: 1000,
        translate_toward: None,
        delay: Duration::from_micros(50),
        dhcp_relay: None,
    };
    let zones = ZONES.iter().map(|(z, _)| *z).chain(["external"]);
    let lab = LabSpec {
        word_list: Vec::new(),
        costs: crate::spec::Costs::default(),
        name: "fixture".to_owned(),
        calendar: 1_800_000_000,
        zones: zones
            .map(|z| ZoneSpec {
                id: z.to_owned(),
                title: z.to_owned(),
                subnet: subnet(z),
                leases: None,
            })
            .collect(),
        segments,
        routers: vec![router],
        wlans: vec![
            wlan(&mut ink, "hospital", Akm::Psk, Some("changeme")),
            wlan(&mut ink, "guest", Akm::Open, None),
        ],
        access_points: vec![
            access_point(&mut ink, "ap-1", 201),
            access_point(&mut ink, "ap-2", 202),
        ],
        radio: radio_spec(),
        hosts: hosts(&mut ink),
        nurses: vec![nurse(&mut ink)],
        libraries: Vec::new(),
        watch: crate::spec::WatchSpec::default(),
        revoked: Vec::new(),
        known_malware: vec!["old-worm".to_owned()],
    };
    (lab, ink)
}

fn access_point(ink: &mut Provenance, name: &str, number: u32) -> AccessPointSpec {
    AccessPointSpec {
        sensor: None,
        name: name.to_owned(),
        position: Position::default(),
        channel: 1,
        ssids: vec!["hospital".to_owned(), "guest".to_owned()],
        ip: subnet("meddev").nth(number),
        management: ink.item(format!("{name} management segment"), "flat".to_owned()),
        dtls: ink.item(format!("{name} control channel protection"), false),
        controller: Ip::new(10, 0, 10, 30),
    }
}

fn nurse(ink: &mut Provenance) -> crate::spec::NurseSpec {
    crate::spec::NurseSpec {
        name: "nurse-1".to_owned(),
        station: "nurses-station".to_owned(),
        pumps: Vec::new(),
        rounds_every: crate::time::Duration::from_hours(1),
        response_median: crate::time::Duration::from_secs(44),
        response_sigma: 1.6,
        slips: ink.item(
            "nurse-1 slips",
            crate::spec::SlipSpec {
                probability: 0.007,
                factor: 10.0,
            },
        ),
        overrides: ink.item("nurse-1 overrides", 0.65),
        double_check: ink.item("nurse-1 second look", false),
        watches_silent: ink.item("nurse-1 silent pumps", None),
        earshot_rooms: None,
    }
}
