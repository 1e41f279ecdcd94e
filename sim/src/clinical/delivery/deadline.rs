//! The controller's own deadlines.

use smallvec::smallvec;

use super::{AlarmKind, Delivery, DeliveryEvent, DeliveryState, Events};
use crate::time::Time;

/// What can fall due. Those due at the same time are met in this order, the harmless ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deadline {
    NearEnd,
    BatteryLow,
    Hold,
    VtbiComplete,
    Occlusion,
    BagEmpty,
    BatteryEmpty,
}

impl Deadline {
    const ALL: [Self; 7] = [
        Self::NearEnd,
        Self::BatteryLow,
        Self::Hold,
        Self::VtbiComplete,
        Self::Occlusion,
        Self::BagEmpty,
        Self::BatteryEmpty,
    ];
}

impl Delivery {
    /// When the controller will next do something by itself; `now` if that is overdue. Ask again
    /// after every call that takes `&mut self`.
    pub fn next_deadline(&self, now: Time) -> Option<Time> {
        self.earliest().map(|(due, _)| due.max(now))
    }

    /// Does what is due by `now`. Called early it does nothing.
    pub fn on_deadline(&mut self, now: Time) -> Events {
        let mut events = smallvec![];
        while let Some((due, deadline)) = self.earliest().filter(|(due, _)| *due <= now) {
            self.meet(due, deadline, &mut events);
        }
        events
    }

    /// The first deadline; ties go by the order of [`Deadline`].
    pub(super) fn earliest(&self) -> Option<(Time, Deadline)> {
        Deadline::ALL
            .into_iter()
            .filter_map(|deadline| self.due(deadline).map(|due| (due, deadline)))
            .min()
    }

    /// When `deadline` falls due, as things stand.
    fn due(&self, deadline: Deadline) -> Option<Time> {
        match deadline {
            Deadline::NearEnd if !self.alarms.contains(AlarmKind::NearEndOfInfusion) => {
                self.flow.when_bag_at(self.config.near_end_ml)
            }
            Deadline::BatteryLow if !self.alarms.contains(AlarmKind::BatteryLow) => {
                self.battery.and_then(|battery| battery.when_low())
            }
            Deadline::Hold
                if self.state == DeliveryState::Paused
                    && !self.alarms.contains(AlarmKind::HoldExpired) =>
            {
                Some(self.paused_since + self.config.hold_max).filter(|due| *due < Time::LIMIT)
            }
            Deadline::VtbiComplete if self.state == DeliveryState::Infusing => self
                .loaded
                .as_ref()
                .and_then(|loaded| self.flow.when_counted(loaded.programme.vtbi_ml)),
            Deadline::Occlusion => self.flow.when_stored(self.config.occlusion.limit_ml()),
            Deadline::BagEmpty => self.flow.when_bag_at(0.0),
            Deadline::BatteryEmpty => self.battery.and_then(|battery| battery.when_empty()),
            Deadline::NearEnd | Deadline::BatteryLow | Deadline::Hold | Deadline::VtbiComplete => {
                None
            }
        }
    }

    /// Does what `deadline` brings, at the time it fell due. Each leaves a state in which the same
    /// deadline is no longer due, so that meeting deadlines comes to an end.
    pub(super) fn meet(&mut self, at: Time, deadline: Deadline, events: &mut Events) {
        match deadline {
            Deadline::NearEnd => self.raise(AlarmKind::NearEndOfInfusion, events),
            Deadline::BatteryLow => self.raise(AlarmKind::BatteryLow, events),
            Deadline::Hold => self.raise(AlarmKind::HoldExpired, events),
            Deadline::VtbiComplete => self.complete(at, events),
            Deadline::Occlusion => {
                self.interrupt(at, AlarmKind::OcclusionDownstream, events);
                self.flow.draw_back(at, self.config.occlusion.bolus_max_ml);
            }
            Deadline::BagEmpty => {
                self.bag_empty = true;
                self.flow.hang(at, 0.0);
                self.interrupt(at, AlarmKind::BagEmpty, events);
            }
            Deadline::BatteryEmpty => {
                self.interrupt(at, AlarmKind::BatteryEmpty, events);
                self.switch_battery(at);
            }
        }
    }

    /// The volume is infused: on to the KVO rate, never above the rate before.
    fn complete(&mut self, at: Time, events: &mut Events) {
        let Some(loaded) = &mut self.loaded else {
            return;
        };
        loaded.vtbi_complete = true;
        loaded.kvo_ml_per_h = loaded.kvo_ml_per_h.min(loaded.programme.rate_ml_per_h);
        self.flow.run(at, loaded.kvo_ml_per_h, false);
        self.state = DeliveryState::Kvo;
        events.push(DeliveryEvent::VtbiComplete);
        events.push(DeliveryEvent::EnteredKvo);
        self.raise(AlarmKind::VtbiComplete, events);
    }

    /// Raises an alarm that is not active yet; it sounds, whatever was silenced before.
    pub(super) fn raise(&mut self, kind: AlarmKind, events: &mut Events) {
        if self.alarms.insert(kind) {
            self.silenced = false;
            events.push(DeliveryEvent::Alarm(kind));
        }
    }

    /// Raises an alarm that stops delivery.
    pub(super) fn interrupt(&mut self, at: Time, kind: AlarmKind, events: &mut Events) {
        let flowed = self.flow.motor_ml_per_h > 0.0;
        self.flow.halt(at);
        self.state = DeliveryState::Alarming;
        self.raise(kind, events);
        if flowed {
            events.push(DeliveryEvent::Stopped);
        }
    }
}
