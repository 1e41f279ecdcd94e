//! A calendar queue over the keys of pending events.
//!
//! Time is cut into buckets of equal width (a power of two of nanoseconds). Keys of the next buckets
//! lie unsorted in a ring; a bucket is sorted when its turn comes. Keys beyond the ring wait in a
//! heap and move into the ring as it turns. Keys that arrive for the bucket under way, such as events
//! without delay, go to a small heap of their own, so that no load makes insertion slower than
//! logarithmic. Width and length of the ring follow the load ([`Calendar::tune`]).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::ring::Ring;

/// The time is in a key's highest bits.
const TIME_SHIFT: u32 = 72;
/// Bounds of the number of keys aimed at in a bucket, which grows like the square root of the number
/// pending: the ring's headers should stay in the cache as well as the bucket under way.
const MIN_PER_BUCKET: f64 = 16.0;
const MAX_PER_BUCKET: f64 = 512.0;
/// The ring's length in mean delays when it is made. Below [`RING_TOO_SHORT`] it is made anew.
const RING_DELAYS: f64 = 6.0;
const RING_TOO_SHORT: f64 = 3.0;
/// The ring is made anew only when the width is off by more than this factor, either way: about twice
/// the rounding to a power of two, so that it does not swing.
const WIDTH_TOLERANCE: f64 = 2.8;
/// Keys between two looks at the load.
const MIN_TUNING_PERIOD: u64 = 1024;

/// The keys of pending events, smallest first. The highest 56 bits of a key are a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Calendar {
    /// What is left of the bucket under way, sorted with the smallest last.
    front: Vec<u128>,
    /// Keys at or before the bucket under way that came after it was sorted.
    near: BinaryHeap<Reverse<u128>>,
    ring: Ring,
    /// Keys beyond the ring.
    far: BinaryHeap<Reverse<u128>>,
    /// The bucket under way, counted from time zero.
    current: u64,
    /// Binary logarithm of the buckets' width in nanoseconds.
    shift: u32,
    /// Keys that came up since the last look at the load.
    served: u64,
    /// Start of that period, in nanoseconds.
    tuned_at: u64,
}

const fn time(key: u128) -> u64 {
    (key >> TIME_SHIFT) as u64
}

impl Calendar {
    /// Adds a key.
    #[inline]
    pub(super) fn push(&mut self, key: u128) {
        let bucket = time(key) >> self.shift;
        // Without a ring, before the first key is wanted, everything is far.
        let ahead = bucket.wrapping_sub(self.current).wrapping_sub(1);
        if ahead < self.ring.reach() {
            self.ring.push(bucket, key);
        } else if bucket > self.current || self.ring.reach() == 0 {
            self.far.push(Reverse(key));
        } else {
            self.served += 1;
            self.near.push(Reverse(key));
        }
    }

    /// Takes the smallest key if it is at most `limit`.
    #[inline]
    pub(super) fn pop(&mut self, limit: u128) -> Option<u128> {
        if self.front.is_empty() && self.near.is_empty() && !self.advance() {
            return None;
        }
        match (self.front.last(), self.near.peek()) {
            (Some(&key), None) => {
                if key > limit {
                    return None;
                }
                self.front.pop()
            }
            (front, Some(&Reverse(near))) => {
                let key = front.map_or(near, |&front| front.min(near));
                if key > limit {
                    return None;
                }
                if key == near {
                    self.near.pop().map(|key| key.0)
                } else {
                    self.front.pop()
                }
            }
            (None, None) => None,
        }
    }

    /// The smallest key.
    pub(super) fn peek(&mut self) -> Option<u128> {
        if self.front.is_empty() && self.near.is_empty() && !self.advance() {
            return None;
        }
        let near = self.near.peek().map(|key| key.0);
        self.front.last().copied().into_iter().chain(near).min()
    }

    /// The key that comes up after `n` others, if that is known without work. A hint: a key may still
    /// come in between.
    #[inline]
    pub(super) fn ahead(&self, n: usize) -> Option<u128> {
        self.front
            .get(self.front.len().wrapping_sub(n + 1))
            .copied()
    }

    /// Number of keys.
    pub(super) fn len(&self) -> usize {
        self.front.len() + self.near.len() + self.ring.len() + self.far.len()
    }

    /// Drops the keys that are not wanted.
    pub(super) fn retain(&mut self, mut wanted: impl FnMut(u128) -> bool) {
        self.front.retain(|key| wanted(*key));
        self.near.retain(|key| wanted(key.0));
        self.far.retain(|key| wanted(key.0));
        let mut keys = Vec::with_capacity(self.ring.len());
        self.ring.drain_all(&mut keys);
        for key in keys.into_iter().filter(|key| wanted(*key)) {
            self.ring.push(time(key) >> self.shift, key);
        }
    }

    /// Makes the next bucket that has keys the one under way. False when there is none.
    #[inline(never)]
    fn advance(&mut self) -> bool {
        if self.served >= MIN_TUNING_PERIOD.max(2 * self.len() as u64) || self.ring.reach() == 0 {
            self.tune();
            if !self.near.is_empty() {
                return true;
            }
        }
        self.current = match (self.ring.next_after(self.current), self.far.peek()) {
            (Some(bucket), _) => bucket,
            (None, Some(Reverse(key))) => time(*key) >> self.shift,
            (None, None) => return false,
        };
        self.ring.drain(self.current, &mut self.front);
        while let Some(Reverse(key)) = self.far.peek() {
            let bucket = time(*key) >> self.shift;
            if bucket - self.current > self.ring.reach() {
                break;
            }
            if bucket == self.current {
                self.front.push(*key)
            } else {
                self.ring.push(bucket, *key)
            }
            self.far.pop();
        }
        self.served += self.front.len() as u64;
        self.front.sort_unstable_by(|a, b| b.cmp(a));
        true
    }

    /// Looks at the load of the period that ends and, if width or length of the ring are far off,
    /// makes the ring anew. To be called between two buckets.
    #[cold]
    fn tune(&mut self) {
        debug_assert!(self.front.is_empty() && self.near.is_empty());
        let pending = self.len();
        if pending == 0 {
            return;
        }
        let unmade = self.ring.reach() == 0;
        let now = if unmade {
            0
        } else {
            (self.current + 1) << self.shift
        };
        let mean_gap = if unmade {
            self.first_gap()
        } else {
            now.saturating_sub(self.tuned_at) as f64 / self.served as f64
        };
        self.served = 0;
        self.tuned_at = now;
        let per_bucket = ((pending as f64).sqrt() / 4.0).clamp(MIN_PER_BUCKET, MAX_PER_BUCKET);
        let width = (mean_gap * per_bucket).max(1.0);
        let mean_delay = mean_gap * pending as f64;
        let old_width = (1_u64 << self.shift) as f64;
        let off = width / old_width;
        let span = self.ring.reach() as f64 * old_width;
        let fits = (1.0 / WIDTH_TOLERANCE..WIDTH_TOLERANCE).contains(&off)
            && (RING_TOO_SHORT * mean_delay..8.0 * RING_DELAYS * mean_delay + 128.0 * width)
                .contains(&span);
        if unmade || !fits {
            // The exponent of the width rounded to the nearest power of two.
            let shift = (libm::log2(width) + 0.5).clamp(0.0, 48.0) as u32;
            let buckets = RING_DELAYS * mean_delay / (1_u64 << shift) as f64;
            self.rebuild(
                shift,
                (buckets as usize).clamp(64, 1 << 20).next_power_of_two(),
                now,
            );
        }
    }

    /// Mean gap between the earlier half of the keys: the far half may be timers far apart.
    fn first_gap(&mut self) -> f64 {
        let mut times: Vec<u64> = self.far.iter().map(|key| time(key.0)).collect();
        let half = times.len() / 2;
        let (before, median, _) = times.select_nth_unstable(half);
        let first = before.iter().copied().min().unwrap_or(*median);
        self.tuned_at = first;
        (*median - first) as f64 / (half.max(1)) as f64
    }

    /// Makes the ring anew, all remaining keys being at `now` (in nanoseconds) or later.
    fn rebuild(&mut self, shift: u32, buckets: usize, now: u64) {
        let mut keys: Vec<u128> = std::mem::take(&mut self.far)
            .into_iter()
            .map(|key| key.0)
            .collect();
        self.ring.drain_all(&mut keys);
        self.ring = Ring::new(buckets);
        self.shift = shift;
        self.current = now >> shift;
        for key in keys {
            self.push(key);
        }
        self.served = 0;
    }
}
