//! Hosts and people from their specs.

use super::build::{Builder, unknown};
use super::servers;
use super::software;
use crate::attack::{self, Attacker, Knowledge, Known};
use crate::clinical::delivery::{BatteryConfig, Delivery, DeliveryConfig};
use crate::clinical::drug_library::DrugLibrary;
use crate::clinical::order::{Entry, InfusionOrder, Programme};
use crate::crypto::{Certificate, Passphrase, PrivateKey, Sealed, TrustStore};
use crate::defend::log_collector::LogCollector;
use crate::defend::traffic_sensor::{Inventory, TrafficSensor};
use crate::device::case::Case;
use crate::device::clinical_systems::{AlarmManager, Ehr, NursesStation};
use crate::device::controller::{Controller, RADIUS_CLIENT_PORT};
use crate::device::crowd::Crowd;
use crate::device::guarded::Guard;
use crate::device::hl7_link::Hl7Inbox;
use crate::device::image::{ImageChecks, Running};
use crate::device::infrastructure::{Authority, DhcpServer, DnsServer};
use crate::device::office::Office;
use crate::device::panel::{Operator, Panel};
use crate::device::power_sensor::PowerSensor;
use crate::device::pump::{CommsConfig, PumpComms};
use crate::device::pump_delivery::PumpDelivery;
use crate::device::pump_server::change::ChangePolicy;
use crate::device::pump_server::{PumpServer, PumpServerConfig};
use crate::device::radius::{RadiusConfig, RadiusServer};
use crate::device::services::{Services, Storage};
use crate::device::weakness::Weaknesses;
use crate::engine::{NodeId, Simulation};
use crate::event::{Lab, NO_ITEM};
use crate::net::host::NetworkItems;
use crate::net::port::Door;
use crate::net::stack::{App, Listener};
use crate::proto::tls::Credentials;
use crate::proto::wlan::supplicant::{KnownNetwork, SupplicantConfig};
use crate::run::AssembleError;
use crate::spec::ItemId;
use crate::spec::{
    AttackerSpec, DeviceSpec, FileContentSpec, FileSpec, HappeningSpec, HostSpec, KnowledgeSpec,
    LabSpec, LibraryCheckSpec, LinkSpec, PlaceSpec, PumpServerSpec, PumpSpec, RadiusSpec, RoleSpec,
    ServiceKind, SessionSpec, SupplicantSpec, TamperSpec,
};
use crate::time::{Duration, Time};
use crate::wire::file::{Content, File, PatientRecord};
use crate::wire::http::Revoked;
use crate::wire::pump::SignedLibrary;
use crate::wire::tls_cost::{KeyCosts, TlsCosts};
use crate::wire::{Ip, Mac, capwap, dhcp, dns, hl7, http, mail, radius, syslog};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Time from switching a rebuilt host on until files can be given back to it \[A\].
pub(super) const STARTING: Duration = Duration::from_mins(1);

/// Slowest processor of a pump, in times that the one that was measured is faster.
const FACTOR_MAX: f64 = 100_000.0;

/// Port on which mail is read.
const MAIL_READING_PORT: u16 = 993;

/// What a host listens on and who on it is told when it comes up.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    pub(super) listeners: Vec<Listener>,
    pub(super) bound: Vec<(u16, App)>,
    pub(super) apps: Vec<App>,
}

/// Sockets of a host's services and roles.
// long: an arm per service and role.
pub(super) fn sockets(lab: &LabSpec, host: &HostSpec) -> Sockets {
    let mut s = Sockets::default();
    for service in &host.services {
        let app = match service.kind {
            ServiceKind::Telnet => App::Telnet,
            ServiceKind::Ftp => App::Ftp,
            ServiceKind::Web => App::Web,
            ServiceKind::Share => App::Share,
            ServiceKind::PumpPush => App::PumpPush,
            ServiceKind::Ssh => App::Telnet,
        };
        s.listeners.push(Listener {
            port: service.port,
            app,
            item: service.id,
            because: None,
        });
    }
    for role in &host.roles {
        match role {
            RoleSpec::Pump(_) => s.apps.push(App::Pump),
            RoleSpec::PumpServer(spec) => {
                s.listeners
                    .push(Listener::of_role(spec.port, App::PumpServer));
                s.listeners.extend(spec.clear_port.iter().map(|p| Listener {
                    port: p.value,
                    app: App::PumpServer,
                    item: p.id,
                    because: None,
                }));
                s.listeners
                    .push(Listener::of_role(hl7::PORT, App::PumpServer));
                let portal = spec.portal.as_ref();
                s.listeners
                    .extend(portal.map(|p| Listener::of_role(p.port, App::PumpServer)));
                // Outside, whoever ends TLS for the server fetches the revocation list.
                let fetches = spec.revocation.is_some() && host.link != LinkSpec::Outside;
                if spec.store.is_some() || fetches {
                    s.apps.push(App::PumpServerBack);
                }
            }
            RoleSpec::Controller(_) => {
                s.bound.push((capwap::PORT, App::Controller));
                s.bound.push((RADIUS_CLIENT_PORT, App::Controller));
            }
            RoleSpec::Radius(_) => {
                s.bound.push((radius::PORT, App::Radius));
                s.apps.push(App::Radius);
            }
            RoleSpec::CertificateAuthority(_) => {
                s.listeners.push(Listener::of_role(http::PORT, App::Web))
            }
            RoleSpec::Dhcp => s.bound.push((dhcp::SERVER_PORT, App::DhcpServer)),
            RoleSpec::Crowd(_) => {
                s.bound.push((dhcp::CLIENT_PORT, App::Crowd));
                s.apps.push(App::Crowd);
            }
            RoleSpec::Dns => s.bound.push((dns::PORT, App::DnsServer)),
            RoleSpec::Ehr { .. } => {
                let told = is_documented_to(lab, &host.name);
                s.listeners
                    .extend(told.then(|| Listener::of_role(hl7::PORT, App::Ehr)));
            }
            RoleSpec::AlarmManager { .. } => s
                .listeners
                .push(Listener::of_role(hl7::PORT, App::AlarmManager)),
            RoleSpec::NursesStation => s
                .listeners
                .push(Listener::of_role(hl7::PORT, App::NursesStation)),
            RoleSpec::Office { .. } => s.apps.push(App::Office),
            // Letters are handed in on one port and read over the web on another.
            RoleSpec::Mail => {
                for port in [mail::PORT, MAIL_READING_PORT] {
                    s.listeners.push(Listener::of_role(port, App::Mail));
                }
            }
            RoleSpec::Backup(_) => s.apps.push(App::Backup),
            RoleSpec::Database(d) => s.listeners.push(Listener::of_role(d.port, App::Database)),
            RoleSpec::Directory(d) => s.listeners.push(Listener::of_role(d.port, App::Directory)),
            RoleSpec::Broker(b) => s.listeners.push(Listener::of_role(b.port, App::Broker)),
            RoleSpec::Pharmacy(_) | RoleSpec::Vendor(_) => {}
            RoleSpec::LogCollector(_) => s.bound.push((syslog::PORT, App::LogCollector)),
            RoleSpec::TrafficSensor(_) => {}
            RoleSpec::Answering { port } => {
                s.listeners.push(Listener::of_role(*port, App::Answering))
            }
        }
    }
    s
}

/// Ports on which a host of a lab listens for streams, whoever it is that listens.
#[must_use]
pub fn ports(lab: &LabSpec, host: &HostSpec) -> Vec<u16> {
    let listeners = sockets(lab, host).listeners;
    let mut ports: Vec<u16> = listeners.iter().map(|l| l.port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The table of what handshakes cost in a lab.
pub(super) fn costs(lab: &LabSpec) -> Result<TlsCosts, AssembleError> {
    lab.costs.table().map_err(|fault| AssembleError::Value {
        holder: "costs".to_owned(),
        problem: fault.to_string(),
    })
}

/// What a host has to show and to check in TLS.
pub(super) fn credentials(host: &HostSpec, costs: &Arc<TlsCosts>) -> Credentials {
    let anchors = host
        .trusts
        .iter()
        .map(|t| PrivateKey::of(&t.value).public())
        .collect();
    let trust = TrustStore { anchors };
    let key = host.certificate.as_ref().map(|c| c.key_type);
    let costs = KeyCosts {
        table: costs.clone(),
        key: key.unwrap_or_default(),
    };
    let Some(spec) = &host.certificate else {
        return Credentials {
            trust,
            costs,
            ..Credentials::default()
        };
    };
    let (issuer, key) = (PrivateKey::of(&spec.issuer), PrivateKey::of(&spec.key));
    let valid = (spec.not_before, spec.not_after);
    let leaf = Certificate::issue(
        &issuer,
        &spec.subject,
        key.public(),
        spec.serial,
        valid,
        false,
    );
    // The root goes along, as usual software sends it.
    let root = Certificate::issue(
        &issuer,
        &spec.issuer,
        issuer.public(),
        0,
        (0, u64::MAX),
        true,
    );
    Credentials {
        chain: vec![leaf, root],
        key: Some(key),
        trust,
        costs,
    }
}

/// The station of a wireless host, and the configuration items of its networks.
pub(super) fn station(
    lab: &LabSpec,
    host: &HostSpec,
    supplicant: &SupplicantSpec,
    credentials: Credentials,
    channels: &[u8],
) -> (SupplicantConfig, Vec<NetworkItems>) {
    let networks = supplicant
        .networks
        .iter()
        .enumerate()
        .map(|(i, n)| KnownNetwork {
            ssid: n.ssid.clone(),
            akm: n.akm,
            psk: n
                .passphrase
                .as_ref()
                .map(|p| Passphrase::of(p).wlan_key(&n.ssid)),
            server_name: n.server_name.clone(),
            configured: Some(i),
        })
        .collect();
    let items = supplicant.networks.iter().map(|n| {
        let offered = lab.wlan(&n.ssid);
        NetworkItems {
            pmf: offered.map(|w| w.pmf.id),
            akm: offered.map_or(n.id, |w| w.akm.id),
        }
    });
    let config = SupplicantConfig {
        mac: Mac::of(&host.name),
        identity: host.name.clone(),
        networks,
        credentials,
        eap_capable: supplicant.eap_capable,
        pmf_capable: supplicant.pmf_capable,
        reinstalls_keys: supplicant.reinstalls_keys,
        channels: channels.to_vec(),
        processor_factor: host.roles.iter().find_map(factor).unwrap_or(1.0),
    };
    (config, items.collect())
}

/// How many times longer the processor of a pump takes than the one that was measured.
fn factor(role: &RoleSpec) -> Option<f64> {
    match role {
        RoleSpec::Pump(pump) => Some(pump.processor_factor),
        _ => None,
    }
}

fn content(spec: &FileContentSpec) -> Content {
    match spec {
        FileContentSpec::Records { patients } => Content::Records(
            patients
                .iter()
                .map(|&patient| PatientRecord { patient })
                .collect(),
        ),
        FileContentSpec::NetworkKey { ssid, passphrase } => Content::NetworkKey {
            ssid: ssid.clone(),
            passphrase: Passphrase::of(passphrase),
        },
        FileContentSpec::Account { user, password } => Content::Account {
            user: user.clone(),
            password: Passphrase::of(password),
        },
        FileContentSpec::Data => Content::Data,
    }
}

fn file(host: &str, spec: &FileSpec) -> File {
    let plain = content(&spec.content);
    let content = if spec.encrypted {
        let key = Passphrase::of(host).key("storage");
        Content::Sealed(Box::new(Sealed::seal(
            &key,
            plain,
            u32::try_from(spec.bytes).unwrap_or(u32::MAX),
        )))
    } else {
        plain
    };
    File {
        path: spec.path.clone(),
        bytes: spec.bytes,
        content,
    }
}

/// The certificate and key that a device has in its memory when it is in somebody's hands.
fn stored_identity(host: &HostSpec) -> Option<(ItemId, File)> {
    let item = host.certificate.as_ref()?.id;
    let Credentials { chain, key, .. } = credentials(host, &Arc::default());
    let file = File {
        path: "/flash/identity".to_owned(),
        bytes: 2048,
        content: Content::Identity { chain, key: key? },
    };
    (host.link == LinkSpec::None).then_some((item, file))
}

/// Puts a host's parts on its node.
pub(super) fn equip(
    b: &Builder<'_>,
    sim: &mut Simulation<Lab>,
    node: NodeId,
    host: &HostSpec,
) -> Result<(), AssembleError> {
    let mut files: Vec<_> = host
        .files
        .iter()
        .map(|f| (f.id, file(&host.name, f)))
        .collect();
    files.extend(stored_identity(host));
    sim.insert(
        node,
        Storage {
            files,
            free: host.storage_bytes,
            memory: host.memory_bytes,
            touched: false,
        },
    );
    if !host.weaknesses.is_empty() {
        let flaws = host.weaknesses.iter().map(|w| (w.id, w.value.clone()));
        sim.insert(node, Weaknesses::new(flaws));
    }
    let is_pump = host.roles.iter().any(|r| matches!(r, RoleSpec::Pump(_)));
    if is_pump || !host.services.is_empty() || !host.weaknesses.is_empty() {
        let accounts = servers::service_accounts(host);
        let guarded = host
            .services
            .iter()
            .filter(|s| s.login)
            .map(|s| (s.port, s.id))
            .collect();
        sim.insert(node, Services::new(accounts, guarded));
    }
    host.roles
        .iter()
        .try_for_each(|role| equip_role(b, sim, node, host, role))
}

// long: an arm per role.
fn equip_role(
    b: &Builder<'_>,
    sim: &mut Simulation<Lab>,
    node: NodeId,
    host: &HostSpec,
    role: &RoleSpec,
) -> Result<(), AssembleError> {
    match role {
        RoleSpec::Pump(spec) => equip_pump(b, sim, node, host, spec)?,
        RoleSpec::PumpServer(spec) => sim.insert(node, pump_server(b, host, spec)),
        RoleSpec::Controller(spec) => {
            let dtls = b
                .lab
                .access_points
                .iter()
                .filter(|a| a.dtls.value)
                .map(|a| (a.ip, dtls_key(&a.name)));
            let secret = Passphrase::of(&spec.radius_secret);
            let mut points = b.lab.access_points.iter();
            let sensors = points.find_map(|a| a.sensor.as_ref().map(|s| s.id));
            sim.insert(
                node,
                Controller::new(spec.radius, secret, spec.pmk_cache, dtls.collect())
                    .with_sensors(sensors),
            );
        }
        RoleSpec::Radius(spec) => sim.insert(node, radius_server(b, host, spec)?),
        RoleSpec::CertificateAuthority(spec) => {
            let own = b.lab.revoked.iter().filter(|r| r.issuer == spec.key);
            let issuer = PrivateKey::of(&spec.key).public();
            let revoked = own
                .map(|r| Revoked {
                    issuer,
                    serial: r.serial,
                })
                .collect();
            sim.insert(node, Authority { revoked });
        }
        RoleSpec::Dhcp => sim.insert(node, DhcpServer::new(b.pools(), &b.plan)),
        RoleSpec::Dns => sim.insert(node, DnsServer),
        RoleSpec::Crowd(spec) => sim.insert(node, Crowd::new(&host.name, spec)),
        RoleSpec::Ehr { servers } => {
            let ehr = Ehr::new(inbox(b, host), servers, guard(b, host).as_ref());
            sim.insert(node, ehr);
        }
        RoleSpec::AlarmManager { station } => {
            sim.insert(node, AlarmManager::new(inbox(b, host), station.clone()));
        }
        RoleSpec::NursesStation => sim.insert(node, NursesStation::new(inbox(b, host))),
        RoleSpec::Office {
            server,
            port,
            every,
            opens_attachments,
        } => {
            let office = Office::new(server.clone(), *port, *every);
            sim.insert(
                node,
                match opens_attachments {
                    Some(opens) => office.reading(host.name.clone(), (opens.id, opens.value)),
                    None => office,
                },
            );
        }
        RoleSpec::Mail => sim.insert(node, software::mail_server(b.lab, host)),
        RoleSpec::Backup(spec) => sim.insert(node, software::backup(b, host, spec)?),
        RoleSpec::Database(spec) => sim.insert(node, servers::database(b, host, spec)),
        RoleSpec::Directory(spec) => sim.insert(node, servers::directory(host, spec)),
        RoleSpec::Pharmacy(spec) => sim.insert(node, servers::pharmacy(b.lab, spec)),
        RoleSpec::Broker(spec) => sim.insert(node, servers::broker(b.lab, host, spec)),
        RoleSpec::Vendor(spec) => {
            let vendor = servers::vendor(b.lab, spec)
                .ok_or_else(|| unknown(&host.name, "pump server", &spec.server))?;
            sim.insert(node, vendor);
        }
        RoleSpec::LogCollector(spec) => sim.insert(node, LogCollector::new(spec)),
        RoleSpec::TrafficSensor(spec) => {
            sim.insert(node, TrafficSensor::new(spec, inventory(b.lab)))
        }
        RoleSpec::Answering { .. } => {}
    }
    Ok(())
}

/// The end of a host's HL7 links on which it is told something.
fn inbox(b: &Builder<'_>, host: &HostSpec) -> Hl7Inbox {
    Hl7Inbox::new(&host.name, b.lab.calendar)
}

/// Whether a pump server documents infusions to this host.
fn is_documented_to(lab: &LabSpec, name: &str) -> bool {
    let mut roles = lab.hosts.iter().flat_map(|h| &h.roles);
    roles.any(|r| matches!(r, RoleSpec::PumpServer(p) if p.observations.as_deref() == Some(name)))
}

/// What guards a host's links to other systems, if anything does.
pub(super) fn guard(b: &Builder<'_>, host: &HostSpec) -> Option<Guard> {
    let links = host.links.as_ref()?;
    matches!(links.value, SessionSpec::Tls { .. }).then(|| Guard {
        item: links.id,
        credentials: credentials(host, &b.costs),
    })
}

/// The addresses that the operator of a sensor has listed.
fn inventory(lab: &LabSpec) -> Inventory {
    let of = |h: &HostSpec| Some((h.name.clone(), h.address.ip()?));
    Inventory {
        addresses: lab.hosts.iter().filter_map(of).collect(),
        pumps: lab.pumps().filter_map(|(h, _)| h.address.ip()).collect(),
    }
}

/// The key of the control channel between an access point and its controller.
pub(super) fn dtls_key(access_point: &str) -> crate::crypto::Key {
    Passphrase::of(access_point).key("capwap dtls")
}

fn radius_server(
    b: &Builder<'_>,
    host: &HostSpec,
    spec: &RadiusSpec,
) -> Result<RadiusServer, AssembleError> {
    let capacity = spec.capacity_per_second;
    if let Some(n) = capacity.filter(|n| !(*n > 0.0 && n.is_finite())) {
        let problem = format!("capacity_per_second is {n}, but must be above zero");
        return Err(AssembleError::Value {
            holder: host.name.clone(),
            problem,
        });
    }
    Ok(RadiusServer::new(RadiusConfig {
        secret: Passphrase::of(&spec.secret),
        credentials: credentials(host, &b.costs),
        trust_item: host.trusts.first().map_or(NO_ITEM, |t| t.id),
        service_time: capacity.map(|n| Duration::from_secs_f64(1.0 / n)),
        revocation: spec.revocation.as_ref().map(|r| (r.id, r.value.clone())),
        session_timeout: spec.session_timeout,
        session_cache: spec.session_cache,
        placement: spec.placement.iter().map(|p| p.value.clone()).collect(),
    }))
}

fn pump_server(b: &Builder<'_>, host: &HostSpec, spec: &PumpServerSpec) -> PumpServer {
    let mut tls = match spec.session.value {
        SessionSpec::Clear => BTreeMap::new(),
        SessionSpec::Tls { check_peer } => BTreeMap::from([(spec.port, check_peer)]),
    };
    // Portals are web applications: always under TLS, and nobody there has a certificate of his own.
    tls.extend(spec.portal.as_ref().map(|p| (p.port, false)));
    PumpServer::new(PumpServerConfig {
        name: host.name.clone(),
        tls,
        session_item: spec.session.id,
        credentials: credentials(host, &b.costs),
        library: servers::first_library(b, spec),
        signs_with: spec.signs_with.as_ref().map(|k| PrivateKey::of(&k.value)),
        alarm_manager: spec.alarm_manager.clone(),
        health_record: spec.ehr.clone(),
        observations: spec.observations.clone(),
        inbox: inbox(b, host),
        guard: guard(b, host),
        last_seen_alert: spec.last_seen_alert.as_ref().map(|d| d.value),
        tls_min: (spec.tls_min.id, spec.tls_min.value),
        revocation: spec.revocation.as_ref().map(|r| (r.id, r.value.clone())),
        change_policy: spec.change_policy.as_ref().map(|p| ChangePolicy {
            item: p.id,
            canary: p.value.canary.clone(),
            watch: p.value.watch,
        }),
        portal: spec
            .portal
            .as_ref()
            .map(|p| servers::portal(b.lab, host, p)),
        store: spec.store.as_ref().map(|s| servers::store(host, s)),
    })
}

/// Whether a pump's processor can be so many times slower than the one that was measured.
fn possible(host: &HostSpec, factor: f64) -> Result<(), AssembleError> {
    if factor > 0.0 && factor <= FACTOR_MAX {
        return Ok(());
    }
    Err(AssembleError::Value {
        holder: host.name.clone(),
        problem: format!(
            "processor_factor is {factor}, but must be above 0 and up to {FACTOR_MAX}"
        ),
    })
}

fn equip_pump(
    b: &Builder<'_>,
    sim: &mut Simulation<Lab>,
    node: NodeId,
    host: &HostSpec,
    spec: &PumpSpec,
) -> Result<(), AssembleError> {
    possible(host, spec.processor_factor)?;
    let library = b
        .libraries
        .iter()
        .find(|l| l.version == spec.library_version)
        .cloned();
    let library = library.ok_or_else(|| {
        unknown(
            &host.name,
            "library version",
            &spec.library_version.to_string(),
        )
    })?;
    let config = delivery_config(spec);
    let value = |e: crate::clinical::delivery::ConfigError| AssembleError::Value {
        holder: host.name.clone(),
        problem: e.to_string(),
    };
    let mut delivery = Delivery::new(config).map_err(value)?;
    if spec.battery_hours.is_some() {
        delivery.unplug(Time::ZERO);
    }
    let patient = spec.infusion.as_ref().map_or(0, |i| i.patient);
    let device = &spec.device;
    let maker = PrivateKey::of(&device.maker).public();
    let running = (Running::nominal(maker), Panel::new(operator(device)));
    let delivery = PumpDelivery::new(delivery, library, patient, running);
    sim.insert(node, delivery);
    fit(sim, node, device);
    let comms = CommsConfig {
        name: host.name.clone(),
        server: spec.server.clone(),
        port: spec.server_port,
        tls: match spec.session.value {
            SessionSpec::Clear => None,
            SessionSpec::Tls { check_peer } => Some(check_peer),
        },
        tls_max: spec.tls_max,
        processor_factor: spec.processor_factor,
        session_item: spec.session.id,
        credentials: credentials(host, &b.costs),
        authority: match &spec.library_check.value {
            LibraryCheckSpec::None => None,
            LibraryCheckSpec::Signature { authority } => Some(PrivateKey::of(authority).public()),
        },
        check_item: spec.library_check.id,
        status: (spec.status_infusing, spec.status_idle),
        buffered: spec.log_buffer.value,
        images: ImageChecks {
            maker,
            firmware: (device.firmware_check.id, device.firmware_check.value),
            calibration: (device.calibration_check.id, device.calibration_check.value),
        },
        local_port: (device.local_port.id, device.local_port.value),
    };
    sim.insert(node, PumpComms::new(comms, spec.library_version));
    Ok(())
}

fn delivery_config(spec: &PumpSpec) -> DeliveryConfig {
    DeliveryConfig {
        bag_ml: spec.infusion.as_ref().map_or(250.0, |i| i.bag_ml),
        flow_error: spec.flow_error,
        // Every pump has a battery; the key says that it runs on it from the start.
        battery: Some(
            spec.battery_hours
                .map_or_else(BatteryConfig::default, |h| BatteryConfig {
                    run_time: Duration::from_secs_f64(h * 3600.0),
                    ..BatteryConfig::default()
                }),
        ),
        ..DeliveryConfig::default()
    }
}

/// Fits a pump with what is at its case and its power lead.
fn fit(sim: &mut Simulation<Lab>, node: NodeId, device: &DeviceSpec) {
    if let Some(sensor) = &device.power_sensor {
        sim.insert(node, PowerSensor::new(sensor.id, sensor.value));
    }
    let tamper = &device.tamper;
    sim.insert(
        node,
        Case::new(
            (device.lock.id, device.lock.value),
            (tamper.value != TamperSpec::None).then_some(tamper.id),
        ),
    );
}

/// What a pump asks an operator for.
fn operator(device: &DeviceSpec) -> Option<Operator> {
    device.operator.as_ref().map(|o| Operator {
        item: o.id,
        code: Passphrase::of(&o.code),
        logoff: o.logoff,
    })
}

/// An order as a happening words it, with the concentration that the newest library lists first.
pub(super) fn order(libraries: &[Arc<DrugLibrary>], what: &HappeningSpec) -> Option<InfusionOrder> {
    let (HappeningSpec::Order {
        care_area,
        drug,
        rate_ml_per_h,
        vtbi_ml,
        dose,
        ..
    }
    | HappeningSpec::Programme {
        care_area,
        drug,
        rate_ml_per_h,
        vtbi_ml,
        dose,
        ..
    }) = what
    else {
        return None;
    };
    // The newest library that has the drug says how it is prepared.
    let with = |l: &&Arc<DrugLibrary>| l.entries_for(care_area, drug).next().is_some();
    let newest = libraries.iter().filter(with).max_by_key(|l| l.version)?;
    let entry = newest.entries_for(care_area, drug).next()?;
    Some(InfusionOrder {
        id: 0,
        patient: 0,
        care_area: care_area.clone(),
        drug: drug.clone(),
        concentration: entry.concentration.clone(),
        rate_ml_per_h: *rate_ml_per_h,
        vtbi_ml: *vtbi_ml,
        dose: *dose,
    })
}

/// A programme dialled in by hand.
pub(super) fn by_hand(order: &InfusionOrder) -> Programme {
    Programme {
        order: None,
        patient: None,
        ..order.programme(Entry::ByHand)
    }
}

/// An attacker from its spec, and the doors it stands at. `home` is its address on the internet, if it stands there.
pub(super) fn attacker(
    lab: &LabSpec,
    spec: &AttackerSpec,
    libraries: &[Arc<DrugLibrary>],
    home: Option<Ip>,
    node: impl Fn(&str) -> Option<NodeId>,
) -> Result<(Attacker, Vec<Door>), AssembleError> {
    let knowledge = knowledge(spec, libraries, home)?;
    // A device that is attached to nothing is in the hands of whoever has a step for it.
    let in_hand = |h: &&HostSpec| {
        h.link == LinkSpec::None && spec.steps.iter().any(|s| attack::names(s, &h.name))
    };
    let mut doors: Vec<Door> = lab
        .hosts
        .iter()
        .filter(in_hand)
        .filter_map(|h| Some(Door::new(h.name.clone(), node(&h.name)?)))
        .collect();
    if let PlaceSpec::Bedside(pump) = &spec.at {
        let there = node(pump).ok_or_else(|| unknown(&spec.name, "pump", pump))?;
        doors.push(Door::at_bedside(pump.clone(), there));
    }
    let attacker = Attacker::new(&spec.steps, knowledge);
    let attacker = attacker.map_err(|error| AssembleError::Plan {
        attacker: spec.name.clone(),
        error: Box::new(error),
    })?;
    Ok((attacker, doors))
}

/// What an attacker knows from the start.
fn knowledge(
    spec: &AttackerSpec,
    libraries: &[Arc<DrugLibrary>],
    home: Option<Ip>,
) -> Result<Knowledge, AssembleError> {
    let mut knowledge = Knowledge {
        programs: software::programs(spec, home)?,
        ..Knowledge::default()
    };
    for piece in &spec.knows {
        match piece {
            KnowledgeSpec::Passphrase { ssid, passphrase } => {
                let value = (ssid.clone(), Passphrase::of(passphrase));
                knowledge.passphrases.push(Known {
                    value,
                    taught: None,
                });
            }
            KnowledgeSpec::Account { user, password } => {
                let value = (user.clone(), Passphrase::of(password));
                knowledge.accounts.push(Known {
                    value,
                    taught: None,
                });
            }
            KnowledgeSpec::Token { user } => {
                let value = (user.clone(), servers::token(user));
                knowledge.tokens.push(value);
            }
            KnowledgeSpec::Address { host, ip } => {
                knowledge.addresses.insert(
                    host.clone(),
                    Known {
                        value: *ip,
                        taught: None,
                    },
                );
            }
            KnowledgeSpec::Library { version } => {
                let library = libraries.iter().find(|l| l.version == *version).cloned();
                let library = library
                    .ok_or_else(|| unknown(&spec.name, "library version", &version.to_string()))?;
                knowledge.library = Some(SignedLibrary {
                    library,
                    signature: None,
                });
            }
        }
    }
    Ok(knowledge)
}
