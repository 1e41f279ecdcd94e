//! What a port takes from whoever connects, and when a connection is rejected.
//!
//! | rejection | when |
//! |---|---|
//! | too many connections | a port has all its [`connections`](Limits::connections) or [`half_open`](Limits::half_open) ones, or the address has its [`share`](Limits::share) of them |
//! | too slow | the handshake, or the first message, is not there within [`opening`](Limits::opening); a request is not whole within [`transfer`](Limits::transfer) of its first byte, one that a person types within [`typing`](Limits::typing) |
//! | idle | no request began for [`idle`](Limits::idle) |
//! | too fast | more than [`rate`](Limits::rate) requests a second on a connection after [`burst`](Limits::burst) of them; more than [`logins`](Limits::logins) logins a second from an address after [`login_burst`](Limits::login_burst) |
//! | too long | a request is longer than its codec takes |
//! | malformed | a request is none of the protocol |
//! | does not read | what is sent is not taken within [`transfer`](Limits::transfer) |
//!
//! A connection that a host of the run has opened to another has no rate and no idle time at the end that opened it, and counts for no share at
//! the other.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Limits of the listening side, in wall time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections to one port at a time, those that are still shaking hands included.
    pub connections: usize,
    /// Connections to one port that may be shaking hands at a time.
    pub half_open: usize,
    /// How many of either one address may have: a share of so many parts. An address is one of IPv4, or a network of 64 bits of IPv6. Hosts of
    /// the run are not counted.
    pub share: usize,
    /// Time for the handshake, and again for the first message.
    pub opening: Duration,
    /// Longest time without a message on an open connection.
    pub idle: Duration,
    /// Time in which a message, once begun, must be complete, and in which what is sent must be taken.
    pub transfer: Duration,
    /// The same for a request that a person may type.
    pub typing: Duration,
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
            share: 4,
            opening: Duration::from_secs(10),
            idle: Duration::from_secs(600),
            transfer: Duration::from_secs(10),
            typing: Duration::from_secs(120),
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

/// What a connection waits for, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The other end takes what was sent.
    Taken,
    /// The device answers.
    Answered,
    /// The request that has begun is whole, or the first message is there.
    Whole,
    /// A request begins.
    Begun,
}

/// The deadlines of one connection.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// When a request last was whole.
    quiet: Instant,
    /// Until when the request that has begun must be whole.
    whole: Option<Instant>,
    /// Until when what was sent must be taken.
    taken: Option<Instant>,
    /// Until when the device has to answer.
    answered: Option<Instant>,
}

impl Deadlines {
    /// Of a connection that is open from now on.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            quiet: now,
            whole: None,
            taken: None,
            answered: None,
        }
    }

    /// Something is to be sent.
    pub fn sending(&mut self, now: Instant, limits: &Limits) {
        self.taken.get_or_insert(now + limits.transfer);
    }

    /// All that was to be sent is taken.
    pub fn sent(&mut self) {
        self.taken = None;
    }

    /// The device was asked.
    pub fn asked(&mut self, now: Instant, limits: &Limits) {
        self.answered = Some(now + limits.transfer);
    }

    /// The device has answered, or is no longer waited for.
    pub fn answered(&mut self, now: Instant) {
        self.answered = None;
        self.quiet = now;
    }

    /// Whether the device has to answer.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.answered.is_some()
    }

    /// A request is whole.
    pub fn whole(&mut self, now: Instant) {
        self.whole = None;
        self.quiet = now;
    }

    /// More of a request has to come; `begun` if some of it is there. However often a byte of it comes, all of it has `time`.
    pub fn waiting(&mut self, begun: bool, now: Instant, time: Duration) {
        self.whole = begun.then(|| self.whole.unwrap_or(now + time));
    }

    /// What is due first. `first`: no valid message has come and one has to; `limited`: the other end may not be silent for ever; `reading`:
    /// requests are taken now.
    #[must_use]
    pub fn due(
        &self,
        limits: &Limits,
        (first, limited, reading): (bool, bool, bool),
    ) -> Option<(Instant, Due)> {
        let read = match self.whole {
            Some(at) => Some((at, Due::Whole)),
            None if !limited => None,
            None if first => Some((self.quiet + limits.opening, Due::Whole)),
            None => Some((self.quiet + limits.idle, Due::Begun)),
        };
        let all = [
            self.taken.map(|at| (at, Due::Taken)),
            self.answered.map(|at| (at, Due::Answered)),
            read.filter(|_| reading),
        ];
        all.into_iter().flatten().min_by_key(|(at, _)| *at)
    }
}

/// Connections that addresses have to a port, so that no one of them takes all its places.
#[derive(Clone, Debug, Default)]
pub struct Shares(Arc<Mutex<BTreeMap<IpAddr, usize>>>);

/// A place that an address has; given up when it is dropped.
#[derive(Debug)]
pub struct Share {
    of: Shares,
    peer: IpAddr,
}

impl Shares {
    /// A place for this address, if it has less than `most`.
    #[must_use]
    pub fn take(&self, peer: IpAddr, most: usize) -> Option<Share> {
        let peer = whole(peer);
        let mut held = self.held();
        let count = held.entry(peer).or_insert(0);
        if *count >= most.max(1) {
            return None;
        }
        *count += 1;
        let of = self.clone();
        Some(Share { of, peer })
    }

    fn held(&self) -> std::sync::MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        // A count is whole after every call: whoever panicked elsewhere left it so.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.of.held();
        if let Some(count) = held.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.peer);
            }
        }
    }
}

/// The address by which somebody is counted: whoever has one of IPv6 has 2^64 of them.
fn whole(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(ip) => {
            let network = u128::from(ip) >> 64 << 64;
            IpAddr::V6(network.into())
        }
        v4 => v4,
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
        let peer = whole(peer);
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
    fn an_address_has_its_share_and_gives_it_back() {
        let shares = Shares::default();
        let [one, mapped, two] =
            ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().expect("one"));
        let held: Vec<_> = (0..3).map(|_| shares.take(one, 2)).collect();
        assert_eq!(held.iter().flatten().count(), 2);
        assert!(shares.take(mapped, 2).is_none(), "the same in other words");
        assert!(shares.take(two, 2).is_some(), "another has its own");
        drop(held);
        assert!(shares.take(one, 2).is_some());
        assert!(shares.held().is_empty(), "nobody is there any more");
        let [near, far] = ["2001:db8::1", "2001:db8::ffff:1"].map(|ip| ip.parse().expect("one"));
        let held = shares.take(near, 1);
        assert!(held.is_some() && shares.take(far, 1).is_none());
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

    #[test]
    fn a_request_has_its_time_from_its_first_byte_however_often_a_byte_comes() {
        let (limits, start) = (Limits::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let due = |d: &Deadlines, first| d.due(&limits, (first, true, true));
        let mut deadlines = Deadlines::new(start);
        assert_eq!(due(&deadlines, true), Some((at(10), Due::Whole)));
        assert_eq!(due(&deadlines, false), Some((at(600), Due::Begun)));
        for second in 1..5 {
            deadlines.waiting(true, at(second), limits.transfer);
        }
        assert_eq!(due(&deadlines, false), Some((at(11), Due::Whole)));
        deadlines.whole(at(6));
        deadlines.waiting(false, at(6), limits.transfer);
        assert_eq!(due(&deadlines, false), Some((at(606), Due::Begun)));
        // A host of the run may be silent, and who may not send yet is not waited for.
        assert_eq!(deadlines.due(&limits, (false, false, true)), None);
        assert_eq!(deadlines.due(&limits, (false, true, false)), None);
        deadlines.sending(at(7), &limits);
        deadlines.sending(at(9), &limits);
        assert_eq!(due(&deadlines, false), Some((at(17), Due::Taken)));
        deadlines.sent();
        deadlines.asked(at(8), &limits);
        assert_eq!(due(&deadlines, false), Some((at(18), Due::Answered)));
    }
}
