//! What a port takes from whoever connects.

use std::time::Duration;

/// Limits of the listening side, in wall time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections to one port at a time, those that are still shaking hands included.
    pub connections: usize,
    /// Connections to one port that may be shaking hands at a time.
    pub half_open: usize,
    /// Time for the handshake, and again for the first message.
    pub opening: Duration,
    /// Longest time without a message on an open connection.
    pub idle: Duration,
    /// Time in which a message, once begun, must be complete, and in which what is sent must be taken.
    pub transfer: Duration,
    /// Messages per second on a connection, on average.
    pub rate: f64,
    /// Messages that may come at once.
    pub burst: f64,
    /// Messages that wait for one who does not read, before the connection is cut.
    pub backlog: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            half_open: 512,
            opening: Duration::from_secs(10),
            idle: Duration::from_secs(600),
            transfer: Duration::from_secs(10),
            rate: 50.0,
            burst: 500.0,
            backlog: 1024,
        }
    }
}

/// Lets messages through at a rate, with bursts.
#[derive(Clone, Debug)]
pub struct Bucket {
    level: f64,
    last: std::time::Instant,
    rate: f64,
    burst: f64,
}

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub fn new(limits: &Limits, now: std::time::Instant) -> Self {
        Self {
            level: limits.burst,
            last: now,
            rate: limits.rate,
            burst: limits.burst,
        }
    }

    /// Whether one more message may pass now.
    pub fn take(&mut self, now: std::time::Instant) -> bool {
        let passed = now.saturating_duration_since(self.last).as_secs_f64();
        self.last = now;
        self.level = (self.level + passed * self.rate).min(self.burst);
        let passes = self.level >= 1.0;
        if passes {
            self.level -= 1.0;
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let limits = Limits {
            rate: 2.0,
            burst: 3.0,
            ..Limits::default()
        };
        let start = std::time::Instant::now();
        let mut bucket = Bucket::new(&limits, start);
        let passed = (0..5).filter(|_| bucket.take(start)).count();
        assert_eq!(passed, 3);
        let later = start + Duration::from_secs(1);
        let passed = (0..5).filter(|_| bucket.take(later)).count();
        assert_eq!(passed, 2, "a second brings two");
    }
}
