//! Simulated time as a function of the wall clock.

use pumplab_sim::time::Time;
use rustls::pki_types::UnixTime;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The clock of a live run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
    /// Unix time at the beginning.
    unix: Duration,
    speed: f64,
}

impl Clock {
    /// A clock that begins now. `speed` is simulated seconds per second, above 0.
    #[must_use]
    pub fn start(speed: f64) -> Self {
        Self {
            began: Instant::now(),
            unix: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
            speed,
        }
    }

    /// Simulated time now.
    #[must_use]
    pub fn now(&self) -> Time {
        self.at(Instant::now())
    }

    fn at(&self, instant: Instant) -> Time {
        let wall = instant.saturating_duration_since(self.began);
        Time::from_nanos((wall.as_nanos() as f64 * self.speed) as u64)
    }

    /// When a simulated time comes.
    #[must_use]
    pub fn when(&self, time: Time) -> Instant {
        let wall = Duration::from_nanos((time.as_nanos() as f64 / self.speed).ceil() as u64);
        self.began + wall
    }

    /// Unix time at the beginning, in seconds.
    #[must_use]
    pub fn start_unix(&self) -> i64 {
        i64::try_from(self.unix.as_secs()).unwrap_or(i64::MAX)
    }

    /// Unix time by the simulated clock: what certificates are judged against.
    #[must_use]
    pub fn unix_now(&self) -> Duration {
        self.unix + Duration::from_nanos(self.now().as_nanos())
    }
}

impl rustls::time_provider::TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(self.unix_now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simulated_time_runs_at_its_speed_and_back() {
        let clock = Clock::start(60.0);
        let then = clock.began + Duration::from_secs(2);
        assert_eq!(clock.at(then), Time::from_nanos(120_000_000_000));
        assert_eq!(clock.when(Time::from_nanos(120_000_000_000)), then);
    }
}
