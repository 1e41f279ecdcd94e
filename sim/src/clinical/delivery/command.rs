//! Commands of whoever operates the pump.

use super::{
    AlarmKind, AlarmSet, Delivery, DeliveryEvent, DeliveryState, Events, Loaded, ProgrammeOutcome,
    Refusal, RefusalReason,
};
use crate::clinical::drug_library::{DrugLibrary, LimitVerdict};
use crate::clinical::order::{Entry, Programme};
use crate::time::Time;

impl Delivery {
    /// Switches the pump on.
    pub fn power_on(&mut self, now: Time) -> Result<Events, Refusal> {
        let mut events = self.catch_up(now);
        if self.state != DeliveryState::Off {
            return Err(self.not_now(events));
        }
        let charged = self
            .battery
            .is_some_and(|battery| !battery.left(now).is_zero());
        if !self.on_mains && !charged {
            return Err(Refusal {
                reason: RefusalReason::NoPower,
                events,
            });
        }
        self.state = DeliveryState::Standby;
        self.switch_battery(now);
        events.push(DeliveryEvent::PoweredOn);
        Ok(events)
    }

    /// Switches the pump off, whatever it does. Programme and alarms are gone.
    pub fn power_off(&mut self, now: Time) -> Result<Events, Refusal> {
        let mut events = self.catch_up(now);
        if self.state == DeliveryState::Off {
            return Err(self.not_now(events));
        }
        self.go_off(now, &mut events);
        Ok(events)
    }

    /// Dials in a programme in standby, over one not started, or over one that is paused. It is held
    /// against `library`: a hard limit cannot be passed, a soft one only with `override_soft`. A drug
    /// that the library does not have for the care area runs as a basic infusion, without limits, if
    /// it was entered by hand and the configuration allows.
    pub fn programme(
        &mut self,
        now: Time,
        library: &DrugLibrary,
        programme: Programme,
        override_soft: bool,
    ) -> Result<ProgrammeOutcome, Refusal> {
        let mut events = self.catch_up(now);
        let ready = matches!(
            self.state,
            DeliveryState::Standby | DeliveryState::Programming | DeliveryState::Paused
        );
        let verdict = if ready {
            self.admit(library, &programme, override_soft)
        } else {
            Err(RefusalReason::NotNow { state: self.state })
        };
        let verdict = log_verdict(verdict, programme.rate_ml_per_h, &mut events)?;
        for kind in [AlarmKind::HoldExpired, AlarmKind::VtbiComplete] {
            self.forget(kind, &mut events);
        }
        let kvo_ml_per_h = library
            .entry(
                &programme.care_area,
                &programme.drug,
                &programme.concentration,
            )
            .map(|entry| entry.kvo_ml_per_h)
            .filter(|rate| self.can_do(*rate))
            .unwrap_or(self.config.kvo_ml_per_h);
        self.flow.count_from_zero(now);
        self.loaded = Some(Loaded {
            programme,
            kvo_ml_per_h,
            started: false,
            vtbi_complete: false,
        });
        self.state = DeliveryState::Programming;
        events.push(DeliveryEvent::Programmed);
        Ok(ProgrammeOutcome { verdict, events })
    }

    /// Starts the programme that is dialled in.
    pub fn start(&mut self, now: Time) -> Result<Events, Refusal> {
        self.run_from(now, DeliveryState::Programming, DeliveryEvent::Started)
    }

    /// Holds delivery.
    pub fn pause(&mut self, now: Time) -> Result<Events, Refusal> {
        let mut events = self.catch_up(now);
        if !matches!(self.state, DeliveryState::Infusing | DeliveryState::Kvo) {
            return Err(self.not_now(events));
        }
        self.flow.halt(now);
        self.state = DeliveryState::Paused;
        self.paused_since = now;
        events.push(DeliveryEvent::Paused);
        Ok(events)
    }

    /// Goes on after a pause, at the KVO rate if the volume was infused before.
    pub fn resume(&mut self, now: Time) -> Result<Events, Refusal> {
        self.run_from(now, DeliveryState::Paused, DeliveryEvent::Resumed)
    }

    /// Ends the programme: on to standby. A fault in the controller or an empty battery does not end so.
    pub fn stop(&mut self, now: Time) -> Result<Events, Refusal> {
        let mut events = self.catch_up(now);
        let idle = matches!(self.state, DeliveryState::Off | DeliveryState::Standby);
        if idle || self.alarms.contains(AlarmKind::SystemError) || !self.is_powered() {
            return Err(self.not_now(events));
        }
        self.unload(now, &mut events);
        for kind in self
            .alarms
            .iter()
            .filter(|kind| *kind != AlarmKind::BatteryLow)
        {
            self.forget(kind, &mut events);
        }
        self.state = DeliveryState::Standby;
        Ok(events)
    }

    /// Changes the rate of the programme, before or during infusion or while paused, held against
    /// `library` like a programme.
    pub fn change_rate(
        &mut self,
        now: Time,
        library: &DrugLibrary,
        rate_ml_per_h: f64,
        override_soft: bool,
    ) -> Result<ProgrammeOutcome, Refusal> {
        let mut events = self.catch_up(now);
        let verdict = match &self.loaded {
            Some(loaded) if self.takes_rate() => {
                let changed = Programme {
                    rate_ml_per_h,
                    ..loaded.programme.clone()
                };
                self.admit(library, &changed, override_soft)
            }
            _ => Err(RefusalReason::NotNow { state: self.state }),
        };
        let verdict = log_verdict(verdict, rate_ml_per_h, &mut events)?;
        self.apply_rate(now, rate_ml_per_h, &mut events);
        Ok(ProgrammeOutcome { verdict, events })
    }

    /// Changes the rate without asking any library: the door that a documented weakness leaves open.
    /// The range of the mechanism still binds. In KVO it changes the KVO rate.
    pub fn set_rate_unchecked(&mut self, now: Time, rate_ml_per_h: f64) -> Result<Events, Refusal> {
        let mut events = self.catch_up(now);
        if self.loaded.is_none() || !(self.takes_rate() || self.state == DeliveryState::Kvo) {
            return Err(self.not_now(events));
        }
        if !self.can_do(rate_ml_per_h) {
            return Err(Refusal {
                reason: RefusalReason::RateOutOfRange { rate_ml_per_h },
                events,
            });
        }
        self.apply_rate(now, rate_ml_per_h, &mut events);
        Ok(events)
    }

    /// Silences the active alarms. They remain active, and a new one sounds.
    pub fn silence(&mut self, now: Time) -> Result<Events, Refusal> {
        let mut events = self.catch_up(now);
        if !self.is_audible() {
            return Err(self.not_now(events));
        }
        self.silenced = true;
        events.push(DeliveryEvent::Silenced);
        Ok(events)
    }

    /// How a programme stands to the mechanism and the library, or why it may not run.
    fn admit(
        &self,
        library: &DrugLibrary,
        programme: &Programme,
        override_soft: bool,
    ) -> Result<LimitVerdict, RefusalReason> {
        let rate_ml_per_h = programme.rate_ml_per_h;
        if !self.can_do(rate_ml_per_h) {
            return Err(RefusalReason::RateOutOfRange { rate_ml_per_h });
        }
        let volume_ml = programme.vtbi_ml;
        if !(volume_ml > 0.0 && volume_ml <= self.config.vtbi_max_ml) {
            return Err(RefusalReason::VolumeOutOfRange { volume_ml });
        }
        let Programme {
            care_area,
            drug,
            concentration,
            ..
        } = programme;
        let verdict = library.check_concentration(care_area, drug, concentration, rate_ml_per_h);
        match verdict {
            LimitVerdict::Hard { limit } => Err(RefusalReason::HardLimit {
                rate_ml_per_h,
                limit,
            }),
            LimitVerdict::Soft { limit } if !override_soft => Err(RefusalReason::SoftLimit {
                rate_ml_per_h,
                limit,
            }),
            LimitVerdict::NotInLibrary if library.entries_for(care_area, drug).next().is_some() => {
                Err(RefusalReason::ConcentrationNotInLibrary)
            }
            LimitVerdict::NotInLibrary
                if programme.entered == Entry::AutoProgrammed
                    || !self.config.basic_infusion_allowed =>
            {
                Err(RefusalReason::NotInLibrary)
            }
            LimitVerdict::Soft { .. } | LimitVerdict::NotInLibrary | LimitVerdict::Within => {
                Ok(verdict)
            }
        }
    }

    fn can_do(&self, rate_ml_per_h: f64) -> bool {
        (self.config.rate_min_ml_per_h..=self.config.rate_max_ml_per_h).contains(&rate_ml_per_h)
    }

    const fn takes_rate(&self) -> bool {
        matches!(
            self.state,
            DeliveryState::Infusing | DeliveryState::Paused | DeliveryState::Programming
        )
    }

    fn apply_rate(&mut self, now: Time, rate_ml_per_h: f64, events: &mut Events) {
        let Some(loaded) = &mut self.loaded else {
            return;
        };
        let in_kvo = self.state == DeliveryState::Kvo;
        let rate = if in_kvo {
            &mut loaded.kvo_ml_per_h
        } else {
            &mut loaded.programme.rate_ml_per_h
        };
        let from = std::mem::replace(rate, rate_ml_per_h);
        if self.flow.motor_ml_per_h > 0.0 {
            self.flow.run(now, rate_ml_per_h, !in_kvo);
        }
        events.push(DeliveryEvent::RateChanged {
            from,
            to: rate_ml_per_h,
        });
    }

    fn run_from(
        &mut self,
        now: Time,
        from: DeliveryState,
        event: DeliveryEvent,
    ) -> Result<Events, Refusal> {
        let mut events = self.catch_up(now);
        if self.state != from {
            return Err(self.not_now(events));
        }
        if let Some(kind) = self.hindrance() {
            return Err(Refusal {
                reason: RefusalReason::ConditionPresent(kind),
                events,
            });
        }
        let Some(loaded) = &mut self.loaded else {
            return Err(self.not_now(events));
        };
        loaded.started = true;
        if loaded.vtbi_complete {
            self.flow.run(now, loaded.kvo_ml_per_h, false);
            self.state = DeliveryState::Kvo;
        } else {
            self.flow.run(now, loaded.programme.rate_ml_per_h, true);
            self.state = DeliveryState::Infusing;
        }
        events.push(event);
        self.forget(AlarmKind::HoldExpired, &mut events);
        Ok(events)
    }

    /// What the pump can see that forbids to begin. An occlusion it sees only by its pressure.
    const fn hindrance(&self) -> Option<AlarmKind> {
        if self.door_open {
            Some(AlarmKind::DoorOpen)
        } else if self.air_in_line {
            Some(AlarmKind::AirInLine)
        } else if self.bag_empty {
            Some(AlarmKind::BagEmpty)
        } else {
            None
        }
    }

    /// Ends an alarm without a change of state.
    fn forget(&mut self, kind: AlarmKind, events: &mut Events) {
        if self.alarms.remove(kind) {
            events.push(DeliveryEvent::AlarmCleared(kind));
        }
    }

    fn unload(&mut self, now: Time, events: &mut Events) {
        if self.flow.motor_ml_per_h > 0.0 {
            events.push(DeliveryEvent::Stopped);
        }
        self.flow.halt(now);
        if self.loaded.take().is_some() {
            events.push(DeliveryEvent::ProgrammeEnded);
        }
    }

    pub(super) fn go_off(&mut self, now: Time, events: &mut Events) {
        if self.state == DeliveryState::Off {
            return;
        }
        self.unload(now, events);
        self.alarms = AlarmSet::default();
        self.silenced = false;
        self.state = DeliveryState::Off;
        self.switch_battery(now);
        events.push(DeliveryEvent::PoweredOff);
    }

    pub(super) const fn not_now(&self, events: Events) -> Refusal {
        Refusal {
            reason: RefusalReason::NotNow { state: self.state },
            events,
        }
    }
}

/// Notes an override or a refusal.
fn log_verdict(
    verdict: Result<LimitVerdict, RefusalReason>,
    rate_ml_per_h: f64,
    events: &mut Events,
) -> Result<LimitVerdict, Refusal> {
    match verdict {
        Ok(verdict) => {
            if let LimitVerdict::Soft { limit } = verdict {
                events.push(DeliveryEvent::SoftLimitOverridden {
                    rate_ml_per_h,
                    limit,
                });
            }
            Ok(verdict)
        }
        Err(reason) => {
            events.push(DeliveryEvent::ProgrammeRefused { reason });
            Err(Refusal {
                reason,
                events: std::mem::take(events),
            })
        }
    }
}
