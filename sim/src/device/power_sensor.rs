//! A sensor at the power lead of a pump: compares the draw of the running firmware with what is known of its maker's.

use super::part::{Part, Sockets, role};
use super::pump_delivery::PumpDelivery;
use crate::catalog::Entry;
use crate::device::id;
use crate::engine::{Cause, NodeMut};
use crate::event::{Cx, LabEvent, Vitals};
use crate::record::MonitoringRecord;
use crate::rng::Purpose;
use crate::spec::{ItemId, PowerSensorSpec, RoleSpec};
use bevy_ecs::component::Component;

/// What is said of the sensor.
pub static SENSOR: Entry = Entry::plain(
    "power-sensor",
    "Power sensor at the lead of a pump",
    "Measures at an interval whether the pump draws power as its manufacturer's firmware does. A reading errs both ways: altered firmware may pass, and \
     genuine firmware may be taken for altered. It does not say what was altered.",
);

/// Sensor at a pump's power lead. It works without the pump.
pub(super) const PART: Part = Part {
    on: |_, host| {
        let pump = role!(host, RoleSpec::Pump(pump) => pump)?;
        pump.device
            .power_sensor
            .as_ref()
            .map(|_| Sockets::default())
    },
    build: |site| {
        let pump = role!(site.host, RoleSpec::Pump(pump) => pump);
        if let Some(sensor) = pump.and_then(|p| p.device.power_sensor.as_ref()) {
            site.insert(PowerSensor::new(sensor.id, sensor.value));
        }
        Ok(())
    },
    on_own_timer: Some(|cx, node, event| {
        if let LabEvent::Timer { boot, .. } = event {
            on_timer(cx, node, boot);
        }
    }),
    power_on: |io, node| {
        let boot = node.get::<Vitals>().map_or(0, |v| v.boots);
        power_on(io.cx, node, boot);
    },
    ..Part::new(id::POWER_SENSOR)
};

const READING: Purpose = Purpose::new("power sensor reading");

/// The sensor.
#[derive(Component, Clone, Debug)]
pub struct PowerSensor {
    item: ItemId,
    spec: PowerSensorSpec,
    /// Number of the next reading.
    reading: u64,
    raised: bool,
    began: Cause,
}

impl PowerSensor {
    /// A sensor that has read nothing yet.
    #[must_use]
    pub fn new(item: ItemId, spec: PowerSensorSpec) -> Self {
        Self {
            item,
            spec,
            reading: 0,
            raised: false,
            began: Cause::GENESIS,
        }
    }

    fn next(&self, cx: &mut Cx<'_>, boot: u32) {
        let timer = LabEvent::Timer {
            owner: id::POWER_SENSOR,
            boot,
            token: 0,
        };
        cx.at_caused(cx.now() + self.spec.every, cx.node(), timer, self.began);
    }
}

/// The pump has power, and something to measure.
fn power_on(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, boot: u32) {
    if let Some(sensor) = node.get_mut::<PowerSensor>() {
        sensor.began = cx.as_cause();
        sensor.next(cx, boot);
    }
}

/// Time for a reading. A reading is a measurement: what it says of genuine and of altered firmware has errors, drawn per reading.
fn on_timer(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, boot: u32) {
    let Some(running) = node.get::<PumpDelivery>().map(PumpDelivery::running) else {
        return;
    };
    let (altered, because) = (!running.genuine(), running.because());
    let Some(sensor) = node.get_mut::<PowerSensor>() else {
        return;
    };
    let share = if altered {
        sensor.spec.true_positive
    } else {
        sensor.spec.false_positive
    };
    let differs = cx.stream(READING, sensor.reading).unit_f64() < share;
    sensor.reading += 1;
    if differs && !sensor.raised {
        let alert = MonitoringRecord::Alert {
            sensor: SENSOR.id,
            item: sensor.item,
            about: "the power draw is not that of the known firmware".to_owned(),
        };
        cx.emit_because(alert, if altered { &because } else { &[] });
    }
    sensor.raised = differs;
    sensor.next(cx, boot);
}
