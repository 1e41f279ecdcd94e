//! Pumps from their specs: the communication module and the delivery controller, two machines with a bridge between them.

use super::host::{Down, Host};
use super::id;
use super::image::{ImageChecks, Running};
use super::panel::{Operator, Panel};
use super::part::{BuildError, Part, Site, Sockets, role};
use super::pump::{self, CommsConfig, PumpComms};
use super::pump_delivery::{self, PumpDelivery, is_for_delivery};
use crate::clinical::delivery::{BatteryConfig, Delivery, DeliveryConfig};
use crate::crypto::{Passphrase, PrivateKey};
use crate::engine::NodeMut;
use crate::event::{Cx, LabEvent, Vitals};
use crate::spec::{
    DeviceSpec, HostSpec, LibraryCheckSpec, PumpSpec, RoleSpec, ServiceKind, SessionSpec,
};
use crate::time::{Duration, Time};

/// Pump: communication module.
pub(super) const COMMS: Part = Part {
    on: |_, host| role!(host, RoleSpec::Pump(_) => Sockets::default().hear_link()),
    build: comms,
    on_socket: pump::on_socket,
    on_timer: pump::on_timer,
    before_network: Some(|cx, node, event| match event {
        // What delivery says while communication has stopped is kept.
        LabEvent::Bridge(message) if !is_for_delivery(&message) && down(node).is_some() => {
            pump::on_bridge_while_down(cx.now(), node, *message);
            None
        }
        event => Some(event),
    }),
    on_event: Some(|io, node, event| {
        match event {
            LabEvent::Bridge(message) => pump::on_bridge(io, node, *message),
            LabEvent::Plug { by, load } => pump::on_plug(io, node, by, *load),
            event => return Some(event),
        }
        None
    }),
    power_on: pump::power_on,
    restarts: true,
    records_start: true,
    renew: |node, credentials| {
        if let Some(comms) = node.get_mut::<PumpComms>() {
            comms.renew(credentials.clone());
        }
    },
    ..Part::new(id::PUMP_COMMS)
};

/// Pump: service that takes libraries and orders from whoever connects.
pub(super) const PUSH: Part = Part {
    on: |_, host| Sockets::of_services(host, &[ServiceKind::PumpPush]),
    on_socket: pump::on_push,
    ..Part::new(id::PUMP_PUSH)
};

/// Pump: delivery controller. It needs no network.
pub(super) const DELIVERY: Part = Part {
    on: |_, host| role!(host, RoleSpec::Pump(_) => Sockets::default()),
    build: delivery,
    on_own_timer: Some(pump_delivery::on_event),
    before_network: Some(|cx, node, event| {
        match event {
            LabEvent::Touch { .. } => pump_delivery::on_event(cx, node, event),
            LabEvent::Bridge(message) if is_for_delivery(&message) => {
                pump_delivery::on_event(cx, node, LabEvent::Bridge(message));
            }
            LabEvent::Power(false) => {
                pump_delivery::power(cx, node, false, 0);
                return Some(LabEvent::Power(false));
            }
            // Delivery has power, whatever became of the communication module.
            LabEvent::Power(true) if down(node) == Some(Down::ForGood) => power_on(cx, node),
            event => return Some(event),
        }
        None
    }),
    power_on: |io, node| power_on(io.cx, node),
    ..Part::new(id::PUMP_DELIVERY)
};

/// How far communication has stopped, if it has.
fn down(node: &NodeMut<'_>) -> Option<Down> {
    node.get::<Host>().and_then(Host::down)
}

fn power_on(cx: &mut Cx<'_>, node: &mut NodeMut<'_>) {
    let boot = node.get::<Vitals>().map_or(0, |v| v.boots);
    pump_delivery::power(cx, node, true, boot);
}

/// Slowest processor of a pump, in times that the one that was measured is faster.
const FACTOR_MAX: f64 = 100_000.0;

/// Whether a pump's processor can be so many times slower than the one that was measured.
fn possible(site: &Site<'_>, factor: f64) -> Result<(), BuildError> {
    if factor > 0.0 && factor <= FACTOR_MAX {
        return Ok(());
    }
    Err(site.value(format!(
        "processor_factor is {factor}, but must be above 0 and up to {FACTOR_MAX}"
    )))
}

fn pump(host: &HostSpec) -> Option<&PumpSpec> {
    role!(host, RoleSpec::Pump(pump) => &**pump)
}

/// The delivery controller.
fn delivery(site: &mut Site<'_>) -> Result<(), BuildError> {
    let Some(spec) = pump(site.host) else {
        return Ok(());
    };
    let library = site.library(spec.library_version);
    let library =
        library.ok_or_else(|| site.unknown("library version", spec.library_version.to_string()))?;
    let delivery = Delivery::new(delivery_config(spec));
    let mut delivery = delivery.map_err(|e| site.value(e.to_string()))?;
    if spec.battery_hours.is_some() {
        delivery.unplug(Time::ZERO);
    }
    let patient = spec.infusion.as_ref().map_or(0, |i| i.patient);
    let maker = PrivateKey::of(&spec.device.maker).public();
    let running = (Running::nominal(maker), Panel::new(operator(&spec.device)));
    site.insert(PumpDelivery::new(delivery, library, patient, running));
    Ok(())
}

/// The communication module.
fn comms(site: &mut Site<'_>) -> Result<(), BuildError> {
    let Some(spec) = pump(site.host) else {
        return Ok(());
    };
    possible(site, spec.processor_factor)?;
    let device = &spec.device;
    let comms = CommsConfig {
        name: site.host.name.clone(),
        server: spec.server.clone(),
        port: spec.server_port,
        tls: match spec.session.value {
            SessionSpec::Clear => None,
            SessionSpec::Tls { check_peer } => Some(check_peer),
        },
        tls_max: spec.tls_max,
        processor_factor: spec.processor_factor,
        session_item: spec.session.id,
        credentials: site.credentials(),
        authority: match &spec.library_check.value {
            LibraryCheckSpec::None => None,
            LibraryCheckSpec::Signature { authority } => Some(PrivateKey::of(authority).public()),
        },
        check_item: spec.library_check.id,
        status: (spec.status_infusing, spec.status_idle),
        buffered: spec.log_buffer.value,
        images: ImageChecks {
            maker: PrivateKey::of(&device.maker).public(),
            firmware: (device.firmware_check.id, device.firmware_check.value),
            calibration: (device.calibration_check.id, device.calibration_check.value),
        },
        local_port: (device.local_port.id, device.local_port.value),
    };
    site.insert(PumpComms::new(comms, spec.library_version));
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

/// What a pump asks an operator for.
fn operator(device: &DeviceSpec) -> Option<Operator> {
    device.operator.as_ref().map(|o| Operator {
        item: o.id,
        code: Passphrase::of(&o.code),
        logoff: o.logoff,
    })
}
