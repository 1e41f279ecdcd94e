//! Builds a simulation from a spec, and hands each event to the part of the lab that it is for; the one place that knows every kind.

mod attacker;
mod build;
mod happenings;
mod hosts;
mod servers;
mod software;

pub use attacker::{Implant, Mind};
pub use build::build;
pub use hosts::ports;

use crate::clinical::drug_library::DrugLibrary;
use crate::clinical::order::InfusionOrder;
use crate::defend::{log_collector, traffic_sensor};
use crate::device::host::Parts;
use crate::device::{
    access_point, backup, broker, case, clinical_systems, controller, crowd, database, directory,
    host, infrastructure, mail, nurse, office, pharmacy, power_sensor, pump, pump_delivery,
    pump_server, radius, services, share, software as programs, vendor, weakness,
};
use crate::engine::{Context, Model, NodeMut};
use crate::event::{Lab, LabEvent, NodeKind, Owner, Shared, Vitals};
use crate::net::host::{Interface, Io};
use crate::net::router::flow_of;
use crate::net::stack::{App, SocketEvent};
use crate::net::{air, outside, router, segment};
use crate::record::{DropReason, HostRecord, LabRecord, NetworkRecord, SessionRecord};
use crate::spec::{HappeningSpec, HostSpec};
use crate::time::Duration;
use crate::wire::pump::SignedLibrary;
use crate::wire::{Body, Frame, Ip};

impl Model for Lab {
    type Event = LabEvent;
    type Hot = Vitals;
    type Record = LabRecord;
    type Shared = Shared;

    fn on_hot(cx: &mut Context<'_, Self>, hot: &mut Vitals, event: LabEvent) -> Option<LabEvent> {
        match event {
            LabEvent::Power(on) => {
                if on == hot.powered {
                    return None;
                }
                hot.powered = on;
                if on {
                    hot.boots += 1;
                }
                if !on {
                    hot.off = Some(cx.emit(HostRecord::PoweredOff));
                } else if hot.boots > 1 {
                    cx.emit(HostRecord::PoweredOn);
                }
                Some(event)
            }
            LabEvent::Timer { boot, .. } if boot != hot.boots => None,
            event if hot.powered => Some(event),
            LabEvent::Frame { frame, .. } => {
                lost_at(cx, hot, &frame);
                None
            }
            _ => None,
        }
    }

    fn on_event(cx: &mut Context<'_, Self>, node: &mut NodeMut<'_>, event: LabEvent) {
        match cx.shared().kinds[cx.node().index()] {
            NodeKind::Air => air::on_event(cx, node, event),
            NodeKind::Segment => segment::on_event(cx, node, event),
            NodeKind::Router => router::on_event(cx, node, event),
            NodeKind::AccessPoint => access_point::on_event::<Self>(cx, node, event),
            NodeKind::Nurse => nurse::on_event(cx, node, event),
            NodeKind::Edge => outside::on_event(cx, node, event),
            NodeKind::Host => match event {
                event if pump_delivery::is_for_delivery(&event) => {
                    if let LabEvent::Touch { by, .. } = event {
                        case::somebody_comes(cx, node, by);
                    }
                    pump_delivery::on_event(cx, node, event)
                }
                LabEvent::Bridge(message) if is_down(node).is_some() => {
                    pump::on_bridge_while_down(cx.now(), node, *message)
                }
                // Delivery has power, whatever became of the communication module.
                LabEvent::Power(true) if is_down(node) == Some(host::Down::ForGood) => {
                    let boot = node.get::<Vitals>().map_or(0, |v| v.boots);
                    pump_delivery::power(cx, node, true, boot);
                }
                LabEvent::Mirrored(frame) => traffic_sensor::on_mirrored(cx, node, &frame),
                LabEvent::Timer {
                    owner: Owner::PowerSensor,
                    boot,
                    ..
                } => power_sensor::on_timer(cx, node, boot),
                LabEvent::Case { by, stage, work } => case::on_event(cx, node, (by, stage), work),
                LabEvent::Power(false) => {
                    pump_delivery::power(cx, node, false, 0);
                    let (from, air) = (cx.node(), cx.shared().air);
                    let command = crate::event::AirCommand::Off;
                    cx.after(Duration::ZERO, air, LabEvent::Air { from, command });
                    outside::off(cx);
                }
                event if access_point::is_for_own(node, &event) => {
                    access_point::on_own(cx, node, event)
                }
                event => {
                    if let LabEvent::Heard { frame, .. } = &event
                        && node.has::<access_point::AccessPoint>()
                    {
                        access_point::hear_own::<Self>(cx, node, frame);
                    }
                    host::on_event::<Self>(cx, node, event)
                }
            },
        }
    }
}

/// A packet came to a node without power, or a question for the node's own address: what was expected of it does not come, and this is why.
fn lost_at(cx: &mut Context<'_, Lab>, hot: &Vitals, frame: &Frame) {
    let (why, flow) = match &frame.body {
        Body::Ip(packet) if !frame.dst.is_broadcast() => (DropReason::Off, Some(flow_of(packet))),
        Body::Arp(arp) if !arp.reply && would_answer(cx, arp.target_ip) => (DropReason::Off, None),
        _ => return,
    };
    cx.emit_because(NetworkRecord::Dropped { why, flow }, hot.off.as_slice());
}

/// Whether an address is asked for in vain where this node has no power: it is the node's own, or the question would have to pass here.
fn would_answer(cx: &Context<'_, Lab>, ip: Ip) -> bool {
    let shared = cx.shared();
    let node = cx.node();
    match shared.kinds[node.index()] {
        NodeKind::Segment => true,
        NodeKind::Router => {
            let name = &shared.names[node.index()];
            let mut routers = shared.lab.routers.iter().filter(|r| r.name == *name);
            routers.any(|r| r.interfaces.iter().any(|leg| leg.ip == ip))
        }
        _ => shared.plan.iter().any(|b| b.node == node && b.ip == ip),
    }
}

fn is_down(node: &NodeMut<'_>) -> Option<host::Down> {
    node.get::<host::Host>().and_then(host::Host::down)
}

impl Parts for Lab {
    fn deliver(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, app: App, event: SocketEvent) {
        if io.network.stack.is_suspended(app) {
            return;
        }
        match app {
            App::AlarmManager | App::Ehr | App::NursesStation => {
                clinical_systems::on_socket(io, node, app, &event)
            }
            App::Answering => services::on_answering(io, &event),
            App::ApControl => access_point::on_socket(io, node, &event),
            App::Attacker => attacker::on_socket(io, node, event),
            App::Backup => backup::on_socket(io, node, &event),
            App::Broker => broker::on_socket(io, node, event),
            App::Controller => controller::on_socket(io, node, &event),
            App::Crowd => crowd::on_socket(io, node, &event),
            App::Database => database::on_socket(io, node, event),
            App::DhcpServer => infrastructure::on_dhcp(io, node, &event),
            App::Directory => directory::on_socket(io, node, event),
            App::DnsServer => infrastructure::on_dns(io, &event),
            App::Ftp => services::on_ftp(io, node, event),
            App::Implant => attacker::on_program_socket(io, node, event),
            App::Mail => mail::on_socket(io, node, &event),
            App::LogCollector => log_collector::on_socket(io, node, &event),
            App::Office => office::on_socket(io, node, &event),
            App::Pharmacy => pharmacy::on_socket(io, node, event),
            App::Pump => pump::on_socket(io, node, event),
            App::PumpPush => pump::on_push(io, node, event),
            App::PumpServer => pump_server::on_socket(io, node, event),
            App::PumpServerBack => pump_server::back::on_socket(io, node, event),
            App::Radius => radius::on_socket(io, node, &event),
            App::Share => share::on_share(io, node, &event),
            App::Telnet => services::on_telnet(io, node, event),
            App::Vendor => vendor::on_socket(io, node, event),
            App::Web => services::on_web(io, node, event),
        }
        settle(io, node);
    }

    fn local(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: LabEvent) {
        match event {
            LabEvent::Timer { owner, .. } if sleeps(io, owner) => {}
            LabEvent::Timer { owner, token, .. } => match owner {
                Owner::Controller => controller::on_timer(io, node, token),
                Owner::Radius => radius::on_timer(io, node, token),
                Owner::PumpComms => pump::on_timer(io, node, token),
                Owner::PumpServer => pump_server::on_timer(io, node, token),
                Owner::Clinical => clinical_systems::on_timer(io, node),
                Owner::Office => office::on_timer(io, node, token),
                Owner::Attacker => attacker::on_timer(io, node, token),
                Owner::Crowd => crowd::on_timer(io, node, token),
                Owner::DhcpServer => infrastructure::on_dhcp_timer(io, node, token),
                Owner::Implant => attacker::on_program_timer(io, node, token),
                Owner::Backup => backup::on_timer(io, node),
                Owner::Software => programs::on_timer(io, node),
                Owner::Broker => broker::on_timer(io, node),
                Owner::Pharmacy => pharmacy::on_timer(io, node),
                Owner::PumpServerBack => pump_server::back::on_timer(io, node, token),
                Owner::LogCollector => log_collector::on_timer(io, node, token),
                Owner::Host
                | Owner::PowerSensor
                | Owner::Stack
                | Owner::Station
                | Owner::AccessPoint
                | Owner::PumpDelivery
                | Owner::Nurse => {}
            },
            LabEvent::Bridge(message) => pump::on_bridge(io, node, *message),
            LabEvent::Contents(files) => attacker::on_contents(io, node, files),
            LabEvent::Shown(shown) => attacker::on_shown(io, node, shown),
            LabEvent::Cable { pump, on } => attacker::on_cable(io, node, pump, on),
            LabEvent::Plug { by, load } => pump::on_plug(io, node, by, *load),
            LabEvent::Happening(n) => happen(io, node, n),
            LabEvent::Launch(program) => attacker::launch(io, node, &program),
            LabEvent::Equipment(e) => attacker::on_equipment(io, node, *e),
            _ => {}
        }
        settle(io, node);
    }

    fn overheard(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, heard: crate::net::port::Overheard) {
        attacker::on_overheard(io, node, heard);
    }

    fn meets(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) -> bool {
        weakness::meets(io, node, event)
    }

    fn restart(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
        services::power_on(node);
        let boot = io.network.boot;
        programs::power_on(io, node, boot);
        radius::power_on(node);
        controller::power_on(node);
        clinical_systems::power_on(node);
        pump_server::power_on(node);
        pump::power_on(io, node);
        if !node.has::<pump::PumpComms>() {
            io.cx.emit(HostRecord::CommunicationStarted);
        }
    }

    fn power_on(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
        let boot = node.get::<Vitals>().map_or(0, |v| v.boots);
        services::power_on(node);
        share::power_on(node);
        mail::power_on(node);
        backup::power_on(node);
        programs::power_on(io, node, boot);
        radius::power_on(node);
        controller::power_on(node);
        clinical_systems::power_on(node);
        pump_server::power_on(node);
        database::power_on(node);
        pharmacy::power_on(node);
        broker::power_on(node);
        pump::power_on(io, node);
        pump_delivery::power(io.cx, node, true, boot);
        power_sensor::power_on(io.cx, node, boot);
        attacker::power_on(io, node, boot);
        clinical_systems::resume(io, node);
        pump_server::resume(io, node);
    }
}

/// Whether the part of a host that a timer belongs to has stopped.
fn sleeps(io: &Io<'_, '_>, owner: Owner) -> bool {
    let app = match owner {
        Owner::PumpServer => App::PumpServer,
        Owner::Clinical => App::AlarmManager,
        _ => return false,
    };
    io.network.stack.is_suspended(app)
}

/// Stops what a host does for others when a file that it needs is gone, and starts it afresh when the file is back.
fn settle(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    if programs::settle(io, node) {
        clinical_systems::power_on(node);
        pump_server::power_on(node);
        clinical_systems::resume(io, node);
        pump_server::resume(io, node);
    }
}

/// Staff rebuild a host whose files are encrypted or gone; its copies are given back when it runs again.
fn rebuild(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, host: &str, takes: Duration) {
    if io.cx.shared().names[io.cx.node().index()] != host {
        if let Some(backup) = node.get_mut::<backup::Backup>() {
            backup.give_back(io, host);
        }
        return;
    }
    let stopped = node.get::<programs::Software>().is_some_and(|s| s.stopped);
    let sealed = node
        .get::<services::Storage>()
        .is_some_and(services::Storage::has_sealed);
    if !stopped && !sealed {
        return;
    }
    io.cx.emit(HostRecord::Rebuilt);
    attacker::wipe(node);
    let own = io.cx.node();
    io.cx.after(Duration::ZERO, own, LabEvent::Power(false));
    io.cx.after(takes, own, LabEvent::Power(true));
}

/// A new certificate for the same key, valid for two years from now.
fn renew(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, mut host: HostSpec) {
    const SECONDS: u64 = 730 * 86_400;
    /// Added to the serial number that the lab gave: what is revoked there is not revoked here.
    const SERIALS: u32 = 100_000;
    let now = io.calendar();
    let Some(certificate) = &mut host.certificate else {
        return;
    };
    let value = &mut certificate.value;
    (value.not_before, value.not_after) = (now, now + SECONDS);
    value.serial += SERIALS;
    let subject = value.subject.clone();
    let credentials = hosts::credentials(&host, &io.cx.shared().costs);
    if let Interface::Radio(wireless) = &mut io.network.interface
        && wireless.supplicant.is_enrolled()
    {
        wireless.supplicant.enrol(credentials.clone());
    }
    if let Some(server) = node.get_mut::<radius::RadiusServer>() {
        server.renew(credentials.clone());
    }
    if let Some(server) = node.get_mut::<pump_server::PumpServer>() {
        server.renew(credentials.clone());
    }
    if let Some(comms) = node.get_mut::<pump::PumpComms>() {
        comms.renew(credentials);
    }
    io.cx.emit(SessionRecord::CertificateRenewed { subject });
}

/// A happening of the play that is a host's own doing.
fn happen(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, n: u32) {
    let shared = io.cx.shared();
    let Some(event) = shared.play.events.get(n as usize) else {
        return;
    };
    match &event.what {
        HappeningSpec::RevokeCertificate { host } => {
            let holder = shared.lab.host(host).and_then(|h| h.certificate.as_ref());
            if let (Some(authority), Some(c)) =
                (node.get_mut::<infrastructure::Authority>(), holder)
            {
                authority.revoke(&c.value.issuer, c.value.serial);
                io.cx.emit(SessionRecord::CertificateRevoked {
                    subject: c.value.subject.clone(),
                });
            }
        }
        HappeningSpec::RenewCertificate { host } => {
            if let Some(host) = shared.lab.host(host) {
                renew(io, node, host.clone());
            }
        }
        HappeningSpec::ClockSkew { seconds, .. } => {
            io.network.clock_skew = *seconds;
            io.cx.emit(HostRecord::ClockSkewed { seconds: *seconds });
        }
        HappeningSpec::Restore { host, takes } => rebuild(io, node, host, *takes),
        HappeningSpec::PublishLibrary { server, version } => {
            if let Some(library) = shared.library(*version).cloned() {
                released(io, node, server, library);
            }
        }
        HappeningSpec::SetTlsMinimum { version, .. } => {
            if let Some(server) = node.get_mut::<pump_server::PumpServer>() {
                server.set_tls_minimum(io, *version);
            }
        }
        HappeningSpec::SetSessionCache { lifetime, .. } => {
            if let Some(server) = node.get_mut::<radius::RadiusServer>() {
                server.set_session_cache(*lifetime);
            }
        }
        HappeningSpec::VendorVisit { .. } => {
            if let Some(vendor) = node.get_mut::<vendor::Vendor>() {
                vendor.visit(io);
            }
        }
        HappeningSpec::ApproveVendor { user, lasts, .. } => {
            if let Some(broker) = node.get_mut::<broker::Broker>() {
                broker.approve(io, user, *lasts);
            }
        }
        HappeningSpec::KillSessions { .. } => {
            if let Some(broker) = node.get_mut::<broker::Broker>() {
                broker.kill(io);
            }
        }
        HappeningSpec::Order { pump, .. } => {
            let order = hosts::order(&shared.libraries, &event.what);
            if let (Some(ehr), Some(mut order)) = (node.get_mut::<clinical_systems::Ehr>(), order) {
                // The number by which ground truth knows it.
                order.id = n + 1;
                ordered(io, ehr, pump, order);
            }
        }
        _ => {}
    }
}

/// A drug library is released: at the pharmacy's workstation, or in a house without one at the server itself.
fn released(
    io: &mut Io<'_, '_>,
    node: &mut NodeMut<'_>,
    server: &str,
    library: std::sync::Arc<DrugLibrary>,
) {
    if let Some(pharmacy) = node.get_mut::<pharmacy::Pharmacy>() {
        pharmacy.release(io, server, library);
    } else if let Some(server) = node.get_mut::<pump_server::PumpServer>() {
        let signature = None;
        server.publish(io, SignedLibrary { library, signature }, false);
    }
}

/// A clinician orders an infusion in the health record.
fn ordered(io: &mut Io<'_, '_>, ehr: &mut clinical_systems::Ehr, pump: &str, order: InfusionOrder) {
    let shared = io.cx.shared();
    let mut pumps = shared.lab.pumps();
    let Some((_, spec)) = pumps.find(|(h, _)| h.name == *pump) else {
        return;
    };
    // The chart at the bedside is written from the health record too, on paper where there is no network.
    if let Some(pump) = shared.node(pump)
        && let Some(&nurse) = shared.nurse_of.get(&pump)
    {
        let order = Box::new(order.clone());
        let percept = crate::event::Percept::Charted { pump, order };
        io.cx
            .after(Duration::ZERO, nurse, LabEvent::Perceived(percept));
    }
    ehr.order(io, &spec.server, pump, order);
}
