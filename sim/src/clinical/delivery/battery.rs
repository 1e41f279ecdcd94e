//! The battery: how long it still lasts, in whole nanoseconds.

use super::BatteryConfig;
use crate::time::{Duration, Time};

/// A battery that charges, drains or rests from `since` on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Battery {
    config: BatteryConfig,
    since: Time,
    /// What it lasted at `since`.
    left: Duration,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Charging,
    Draining,
    Resting,
}

impl Battery {
    pub(super) const fn full(config: BatteryConfig) -> Self {
        Self {
            config,
            since: Time::ZERO,
            left: config.run_time,
            mode: Mode::Charging,
        }
    }

    pub(super) fn left(&self, at: Time) -> Duration {
        let span = at - self.since;
        match self.mode {
            Mode::Draining => self.left - span,
            Mode::Resting => self.left,
            Mode::Charging => {
                let full = u128::from(self.config.run_time.as_nanos());
                // The product fits: both factors are 64-bit.
                let gained = u128::from(span.as_nanos()) * full
                    / u128::from(self.config.recharge.as_nanos());
                let left = u128::from(self.left.as_nanos())
                    .saturating_add(gained)
                    .min(full);
                Duration::from_nanos(u64::try_from(left).unwrap_or(u64::MAX))
            }
        }
    }

    pub(super) fn fraction(&self, at: Time) -> f64 {
        self.left(at).as_secs_f64() / self.config.run_time.as_secs_f64()
    }

    pub(super) fn switch(&mut self, at: Time, mode: Mode) {
        self.left = self.left(at);
        self.since = self.since.max(at);
        self.mode = mode;
    }

    /// When it will be low; now, if it drains and is.
    pub(super) fn when_low(&self) -> Option<Time> {
        self.when_left(self.config.low_warning)
    }

    pub(super) fn when_empty(&self) -> Option<Time> {
        self.when_left(Duration::ZERO)
    }

    fn when_left(&self, left: Duration) -> Option<Time> {
        (self.mode == Mode::Draining)
            .then(|| self.since + (self.left - left))
            .filter(|due| *due < Time::LIMIT)
    }
}
