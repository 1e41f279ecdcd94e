//! What a port takes from whoever connects.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

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
    /// Logins per second and address on a port, on average; hosts of the run are not counted.
    pub logins: f64,
    /// Logins that may come at once from an address.
    pub login_burst: f64,
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
            logins: 1.0,
            login_burst: 20.0,
            backlog: 1024,
        }
    }
}

/// Lets messages through at a rate, with bursts.
#[derive(Clone, Debug)]
pub struct Bucket {
    level: f64,
    last: Instant,
    rate: f64,
    burst: f64,
}

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub fn new(limits: &Limits, now: Instant) -> Self {
        Self::of(limits.rate, limits.burst, now)
    }

    fn of(rate: f64, burst: f64, now: Instant) -> Self {
        Self {
            level: burst,
            last: now,
            rate,
            burst,
        }
    }

    /// Whether one more message may pass now.
    pub fn take(&mut self, now: Instant) -> bool {
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

/// Addresses whose logins are counted at a port at a time; of more, the one that tried longest ago is forgotten.
const ADDRESSES: usize = 1024;

/// Counts who tries to log in at a port, over all connections from an address: whoever guesses passwords comes again and again.
#[derive(Debug)]
pub struct Logins {
    rate: f64,
    burst: f64,
    tried: Mutex<BTreeMap<IpAddr, Bucket>>,
}

impl Logins {
    /// Nobody has tried.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            rate: limits.logins,
            burst: limits.login_burst,
            tried: Mutex::default(),
        }
    }

    /// Whether this address may try once more now.
    pub fn may_try(&self, peer: IpAddr, now: Instant) -> bool {
        // A bucket is whole after every call: whoever panicked elsewhere left it so.
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if tried.len() == ADDRESSES && !tried.contains_key(&peer) {
            let oldest = tried.iter().min_by_key(|(_, b)| b.last).map(|(ip, _)| *ip);
            oldest.and_then(|ip| tried.remove(&ip));
        }
        let bucket = tried.entry(peer);
        let bucket = bucket.or_insert_with(|| Bucket::of(self.rate, self.burst, now));
        bucket.take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_guesses_is_slowed_down_and_others_are_not() {
        let limits = Limits {
            logins: 1.0,
            login_burst: 3.0,
            ..Limits::default()
        };
        let (logins, start) = (Logins::new(&limits), Instant::now());
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().expect("an address"));
        let tries = |peer, at| (0..10).filter(|_| logins.may_try(peer, at)).count();
        assert_eq!(tries(one, start), 3);
        assert_eq!(tries(two, start), 3);
        assert_eq!(tries(one, start + Duration::from_secs(2)), 2);
        for n in 0..2 * ADDRESSES as u32 {
            logins.may_try(std::net::Ipv4Addr::from(n).into(), start);
        }
        let held = logins.tried.lock().expect("nobody panicked").len();
        assert_eq!(held, ADDRESSES, "they do not grow");
    }

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let limits = Limits {
            rate: 2.0,
            burst: 3.0,
            ..Limits::default()
        };
        let start = Instant::now();
        let mut bucket = Bucket::new(&limits, start);
        let passed = (0..5).filter(|_| bucket.take(start)).count();
        assert_eq!(passed, 3);
        let later = start + Duration::from_secs(1);
        let passed = (0..5).filter(|_| bucket.take(later)).count();
        assert_eq!(passed, 2, "a second brings two");
    }
}
