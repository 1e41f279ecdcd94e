//! The delivery controller of one pump channel.
//!
//! A state machine in closed form: between two changes the flow is constant, so volumes are
//! evaluated when asked for and deadlines are computed, never polled. The caller asks
//! [`Delivery::next_deadline`], calls [`Delivery::on_deadline`] at that time, and asks again after
//! every call. Times given to one controller must not go back.
//!
//! Only the methods that take `&mut self` change delivery, and there are three kinds: commands of
//! whoever operates the pump ([`Delivery::start`] and its like), facts of the world around it
//! ([`Delivery::occlude`], [`Delivery::open_door`] and their like) and deadlines. None of them knows
//! of a network: an attacker who changes delivery has found a way to one of these commands.
//!
//! A command at the very time of a deadline comes before it. Deadlines that a caller has let pass
//! by are handled first, and their events come first in the answer.

mod battery;
mod command;
mod config;
mod deadline;
mod event;
mod flow;
mod world;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use smallvec::smallvec;

pub use config::{BatteryConfig, ConfigError, DeliveryConfig, OcclusionConfig};
pub use event::{
    AlarmKind, AlarmSet, DeliveryEvent, Events, ProgrammeOutcome, Refusal, RefusalReason,
};

use crate::clinical::order::Programme;
use crate::time::Time;
use battery::Battery;
use flow::Flow;

/// State of a delivery controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// An alarm holds delivery. [`Delivery::alarms`] tells which.
    Alarming,
    /// The programme runs at its rate.
    Infusing,
    /// The volume is infused; the pump keeps the vein open.
    Kvo,
    /// Without power.
    Off,
    /// A programme is loaded and held by somebody.
    Paused,
    /// A programme is dialled in and not started.
    Programming,
    /// On, without a programme.
    Standby,
}

/// The delivery controller of one pump channel, with its bag and its line.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    config: DeliveryConfig,
    state: DeliveryState,
    /// Present in `Infusing`, `Kvo`, `Paused` and `Programming`; maybe in `Alarming`.
    loaded: Option<Loaded>,
    alarms: AlarmSet,
    /// Whether every active alarm was silenced.
    silenced: bool,
    flow: Flow,
    battery: Option<Battery>,
    on_mains: bool,
    door_open: bool,
    air_in_line: bool,
    bag_empty: bool,
    /// When `Paused` was entered.
    paused_since: Time,
}

/// A programme that was accepted.
#[derive(Clone, Debug, PartialEq)]
struct Loaded {
    programme: Programme,
    kvo_ml_per_h: f64,
    started: bool,
    vtbi_complete: bool,
}

impl Delivery {
    /// A controller that is off, on mains, with a full battery, at time zero.
    pub fn new(config: DeliveryConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            config,
            state: DeliveryState::Off,
            loaded: None,
            alarms: AlarmSet::default(),
            silenced: false,
            flow: Flow::new(config.bag_ml, config.flow_error),
            battery: config.battery.map(Battery::full),
            on_mains: true,
            door_open: false,
            air_in_line: false,
            bag_empty: config.bag_ml == 0.0,
            paused_since: Time::ZERO,
        })
    }

    /// The parameters it was made with.
    pub const fn config(&self) -> &DeliveryConfig {
        &self.config
    }

    /// The state as of the last call that changed something.
    pub const fn state(&self) -> DeliveryState {
        self.state
    }

    /// What is dialled in: present in every state but `Off` and `Standby`, except that an alarm may
    /// come without. Its rate is the one now set, after every change.
    pub fn current_programme(&self) -> Option<&Programme> {
        self.loaded.as_ref().map(|loaded| &loaded.programme)
    }

    /// Whether the controller is idle in the sense of a library update: off or in standby.
    pub const fn is_idle(&self) -> bool {
        matches!(self.state, DeliveryState::Off | DeliveryState::Standby)
    }

    /// The active alarms.
    pub const fn alarms(&self) -> AlarmSet {
        self.alarms
    }

    /// Whether an alarm sounds: one is active and came after the last silencing.
    pub const fn is_audible(&self) -> bool {
        !self.alarms.is_empty() && !self.silenced
    }

    /// The rate at which the pump believes to deliver, mL/h; 0 when it stands still.
    pub const fn rate_now(&self) -> f64 {
        self.flow.motor_ml_per_h
    }

    /// The flow that reaches the patient, mL/h: the rate with this pump's error, 0 behind an
    /// occlusion. Constant until the next call that changes something.
    pub fn flow_now(&self) -> f64 {
        self.flow.patient_ml_per_h()
    }

    /// Whether the line is occluded in truth; the pump knows only once the alarm comes.
    pub const fn is_occluded(&self) -> bool {
        self.flow.occluded
    }

    /// Whether the pump is plugged in.
    pub const fn is_on_mains(&self) -> bool {
        self.on_mains
    }

    /// From `now` on the mechanism moves `scale` times what it would by its own error: what firmware and calibration make of it, 1 if honest,
    /// 0 to 10. The pump goes on believing its programme.
    pub fn set_scale(&mut self, now: Time, scale: f64) {
        let scale = if scale.is_finite() {
            scale.clamp(0.0, 10.0)
        } else {
            1.0
        };
        self.flow
            .set_factor(now, scale * (1.0 + self.config.flow_error));
    }

    /// What a battery on its own would still last as a fraction of full, 0 to 1; `None` without one.
    pub fn battery_fraction(&self, at: Time) -> Option<f64> {
        self.battery.map(|battery| battery.fraction(at))
    }

    /// Volume that has reached the patient by `at` since the controller was made, mL: over all
    /// programmes, KVO and boluses. Never falls. Looks ahead over deadlines if `at` is beyond some.
    pub fn infused_ml(&self, at: Time) -> f64 {
        self.evaluate(at, |pump| pump.flow.delivered_ml(at))
    }

    /// Volume of the present programme infused by `at` as the pump counts, mL, KVO not included.
    pub fn counted_ml(&self, at: Time) -> f64 {
        self.evaluate(at, |pump| pump.flow.counted_ml(at))
    }

    /// Volume still to be infused at `at` as the pump counts, mL; 0 without a programme.
    pub fn remaining_ml(&self, at: Time) -> f64 {
        self.evaluate(at, |pump| pump.remaining_here(at))
    }

    /// Volume left in the bag at `at`, mL.
    pub fn bag_ml(&self, at: Time) -> f64 {
        self.evaluate(at, |pump| pump.flow.bag_ml(at))
    }

    fn remaining_here(&self, at: Time) -> f64 {
        match &self.loaded {
            Some(loaded) if loaded.vtbi_complete => 0.0,
            Some(loaded) => (loaded.programme.vtbi_ml - self.flow.counted_ml(at)).max(0.0),
            None => 0.0,
        }
    }

    /// Evaluates on this controller, or on a copy brought up to `at` if deadlines lie before it.
    fn evaluate(&self, at: Time, query: impl Fn(&Self) -> f64) -> f64 {
        if self.earliest().is_none_or(|(due, _)| due >= at) {
            return query(self);
        }
        let mut ahead = self.clone();
        ahead.catch_up(at);
        query(&ahead)
    }

    /// Handles the deadlines strictly before `now`.
    fn catch_up(&mut self, now: Time) -> Events {
        let mut events = smallvec![];
        while let Some((due, deadline)) = self.earliest().filter(|(due, _)| *due < now) {
            self.meet(due, deadline, &mut events);
        }
        events
    }
}
