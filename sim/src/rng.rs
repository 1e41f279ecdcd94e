//! Random draws as pure functions of (run seed, node, purpose, counter).
//!
//! A draw does not depend on what was drawn before it elsewhere: adding a node, a control or a draw
//! shifts nobody's luck, so two builds of one lab are compared under the same luck. The counter is
//! something meaningful (attempt 3, exchange 17), not the order of calls.
//!
//! ```
//! use pumplab_sim::rng::{Luck, NodeKey, Purpose};
//!
//! const BACKOFF: Purpose = Purpose::new("association backoff");
//! let luck = Luck::new(7);
//! let mut draws = luck.stream(NodeKey::of("pump-03"), BACKOFF, 2);
//! let slots = draws.below(16);
//! assert_eq!(luck.stream(NodeKey::of("pump-03"), BACKOFF, 2).below(16), slots);
//! ```
//!
//! # Algorithm
//!
//! Fixed; the vectors in the tests pin it. `fold(x, k)` is the exclusive or of the two halves of the
//! 128-bit product. With `K0..K3` the odd constants below and `(s0, s1)` the mixed seed:
//!
//! - names: FNV-1a over the UTF-8 bytes, then a mixing step;
//! - stream: `a = fold(node ^ s0, K0)`, `b = fold(purpose ^ s1, K1)`,
//!   `state = fold(a ^ counter, K2) + b`, `key = a.rotate_left(32) ^ b`;
//! - draw: `state += K3`, then SplitMix64's output function of `state` with `key` exclusive-ored in
//!   between its two multiplications, so that two streams whose states meet still differ.

use rand::TryRng;
use rand::rand_core::Infallible;

const K0: u64 = 0xA076_1D64_78BD_642F;
const K1: u64 = 0xE703_7ED1_A0B4_28DB;
const K2: u64 = 0x8EBC_6AF0_9C88_C6E3;
const K3: u64 = 0x9E37_79B9_7F4A_7C15;
const MIX_A: u64 = 0xBF58_476D_1CE4_E5B9;
const MIX_B: u64 = 0x94D0_49BB_1331_11EB;

/// Exclusive or of the halves of the 128-bit product.
#[inline]
const fn fold(x: u64, k: u64) -> u64 {
    let product = x as u128 * k as u128;
    product as u64 ^ (product >> 64) as u64
}

/// SplitMix64's output function: a bijection in which every input bit reaches every output bit.
#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(MIX_A);
    z = (z ^ (z >> 27)).wrapping_mul(MIX_B);
    z ^ (z >> 31)
}

const fn hash_text(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        i += 1;
    }
    mix(hash)
}

/// A node's identity for random draws: a hash of its name, so that it stays the same whatever other
/// nodes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeKey(u64);

impl NodeKey {
    /// The key of the node called `name`.
    pub const fn of(name: &str) -> Self {
        Self(hash_text(name))
    }

    /// The key as a number.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

/// What a draw is for. Two purposes of one node never share draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purpose(u64);

impl Purpose {
    /// The purpose described by `text`, for example `"eapol snonce"`; meant for constants.
    pub const fn new(text: &str) -> Self {
        Self(hash_text(text))
    }
}

/// The luck of one run: everything random in it, fixed by the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Luck {
    seed: u64,
    s0: u64,
    s1: u64,
}

impl Luck {
    /// The luck of the run with this seed.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            s0: mix(seed ^ K2),
            s1: mix(seed.wrapping_add(K3)),
        }
    }

    /// The run's seed.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The stream of draws of `node` for `purpose` and `counter`.
    #[inline]
    pub const fn stream(&self, node: NodeKey, purpose: Purpose, counter: u64) -> Stream {
        let a = fold(node.0 ^ self.s0, K0);
        let b = fold(purpose.0 ^ self.s1, K1);
        Stream {
            state: fold(a ^ counter, K2).wrapping_add(b),
            key: a.rotate_left(32) ^ b,
        }
    }
}

/// A sequence of uniform draws, fixed by (seed, node, purpose, counter). It implements rand 0.10's
/// traits, so `rand::RngExt` and the distributions of `rand_distr` work with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    state: u64,
    key: u64,
}

impl Stream {
    /// 64 uniform bits.
    #[inline]
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(K3);
        let z = self.state;
        let z = (z ^ (z >> 30)).wrapping_mul(MIX_A) ^ self.key;
        let z = (z ^ (z >> 27)).wrapping_mul(MIX_B);
        z ^ (z >> 31)
    }

    /// A uniform number in `0.0..1.0`, a multiple of 2^-53.
    #[inline]
    pub const fn unit_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A uniform number in `0..n`, without bias. Zero for `n == 0`.
    #[inline]
    pub const fn below(&mut self, n: u64) -> u64 {
        let mut product = self.next_u64() as u128 * n as u128;
        if (product as u64) < n {
            let threshold = n.wrapping_neg() % n;
            while (product as u64) < threshold {
                product = self.next_u64() as u128 * n as u128;
            }
        }
        (product >> 64) as u64
    }

    /// True with probability `p`: never for `p <= 0`, always for `p >= 1`.
    #[inline]
    pub const fn chance(&mut self, p: f64) -> bool {
        self.unit_f64() < p
    }

    /// An exponentially distributed number with mean 1, for waiting times.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.unit_f64())
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_u64() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_u64())
    }

    /// Fills in little-endian order; a last partial word loses its upper bytes.
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(8) {
            let word = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
