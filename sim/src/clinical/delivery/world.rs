//! What happens to the pump: bag, line, door, mains, faults. Somebody's hands or bad luck, no command.

use super::battery::Mode;
use super::{AlarmKind, Delivery, DeliveryEvent, DeliveryState, Events, Refusal, RefusalReason};
use crate::time::Time;

impl Delivery {
    /// Hangs a new bag of `volume_ml` in place of the old one. Ends the alarms of an empty bag; the
    /// pump then stands paused.
    pub fn new_bag(&mut self, now: Time, volume_ml: f64) -> Result<Events, Refusal> {
        let mut events = self.catch_up(now);
        if !(0.0..=1e6).contains(&volume_ml) {
            return Err(Refusal {
                reason: RefusalReason::VolumeOutOfRange { volume_ml },
                events,
            });
        }
        self.flow.hang(now, volume_ml);
        self.bag_empty = volume_ml == 0.0;
        if volume_ml > self.config.near_end_ml {
            self.clear(now, AlarmKind::NearEndOfInfusion, &mut events);
        }
        if !self.bag_empty {
            self.clear(now, AlarmKind::BagEmpty, &mut events);
        }
        Ok(events)
    }

    /// Something blocks the line downstream. The pump notices when the pressure reaches its limit.
    pub fn occlude(&mut self, now: Time) -> Events {
        let events = self.catch_up(now);
        self.flow.occlude(now);
        events
    }

    /// The line is free again. What had gathered reaches the patient at once; the alarm ends and the
    /// pump then stands paused.
    pub fn clear_occlusion(&mut self, now: Time) -> Events {
        let mut events = self.catch_up(now);
        let volume_ml = self.flow.open(now);
        if volume_ml > 0.0 {
            events.push(DeliveryEvent::PostOcclusionBolus { volume_ml });
        }
        self.clear(now, AlarmKind::OcclusionDownstream, &mut events);
        events
    }

    /// Air reaches the detector. Alarms and stops delivery if it runs.
    pub fn air_in_line(&mut self, now: Time) -> Events {
        let mut events = self.catch_up(now);
        self.air_in_line = true;
        self.interrupt_if_running(now, AlarmKind::AirInLine, &mut events);
        events
    }

    /// The air is removed. The alarm ends and the pump then stands paused.
    pub fn clear_air(&mut self, now: Time) -> Events {
        let mut events = self.catch_up(now);
        self.air_in_line = false;
        self.clear(now, AlarmKind::AirInLine, &mut events);
        events
    }

    /// The door over the line is opened. Alarms and stops delivery if it runs.
    pub fn open_door(&mut self, now: Time) -> Events {
        let mut events = self.catch_up(now);
        self.door_open = true;
        self.interrupt_if_running(now, AlarmKind::DoorOpen, &mut events);
        events
    }

    /// The door is closed. The alarm ends and the pump then stands paused.
    pub fn close_door(&mut self, now: Time) -> Events {
        let mut events = self.catch_up(now);
        self.door_open = false;
        self.clear(now, AlarmKind::DoorOpen, &mut events);
        events
    }

    /// The pump is plugged in. The battery charges and its alarms end.
    pub fn plug_in(&mut self, now: Time) -> Events {
        let mut events = self.catch_up(now);
        self.on_mains = true;
        self.switch_battery(now);
        self.clear(now, AlarmKind::BatteryLow, &mut events);
        self.clear(now, AlarmKind::BatteryEmpty, &mut events);
        events
    }

    /// The pump is unplugged and runs on its battery; without one it is off.
    pub fn unplug(&mut self, now: Time) -> Events {
        let mut events = self.catch_up(now);
        self.on_mains = false;
        self.switch_battery(now);
        if self.battery.is_none() {
            self.go_off(now, &mut events);
        }
        events
    }

    /// The controller finds a fault in itself and stops. Without power nothing happens.
    pub fn system_error(&mut self, now: Time) -> Events {
        let mut events = self.catch_up(now);
        if self.is_powered() {
            self.interrupt(now, AlarmKind::SystemError, &mut events);
        }
        events
    }

    fn interrupt_if_running(&mut self, now: Time, kind: AlarmKind, events: &mut Events) {
        if self.flow.motor_ml_per_h > 0.0 {
            self.interrupt(now, kind, events);
        }
    }

    /// Ends an alarm; with the last one that held delivery the pump comes to stand paused.
    fn clear(&mut self, now: Time, kind: AlarmKind, events: &mut Events) {
        if !self.alarms.remove(kind) {
            return;
        }
        events.push(DeliveryEvent::AlarmCleared(kind));
        if self.state != DeliveryState::Alarming
            || self.alarms.iter().any(AlarmKind::stops_delivery)
        {
            return;
        }
        match &self.loaded {
            Some(loaded) if loaded.started => {
                self.state = DeliveryState::Paused;
                self.paused_since = now;
                events.push(DeliveryEvent::Paused);
            }
            Some(_) => self.state = DeliveryState::Programming,
            None => self.state = DeliveryState::Standby,
        }
    }

    /// Whether the controller runs: it is on and has mains or a battery that is not empty.
    pub fn is_powered(&self) -> bool {
        self.state != DeliveryState::Off && !self.alarms.contains(AlarmKind::BatteryEmpty)
    }

    pub(super) fn switch_battery(&mut self, now: Time) {
        let mode = if self.on_mains {
            Mode::Charging
        } else if self.is_powered() {
            Mode::Draining
        } else {
            Mode::Resting
        };
        if let Some(battery) = &mut self.battery {
            battery.switch(now, mode);
        }
    }
}
