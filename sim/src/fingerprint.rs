//! The fingerprint of a run: a 128-bit running hash of everything that was dispatched, and what feeds it.
//!
//! A type takes part by `#[derive(Fingerprint)]`, which names every field; there is no way to leave one out. Written by hand are only the
//! types of the standard library, in `leaf.rs`. Secrets derive it too, where they are private: a fingerprint tells two runs apart and shows no key.

mod leaf;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod vary;

pub use pumplab_derive::Fingerprint;
#[cfg(test)]
pub(crate) use pumplab_derive::Vary;

use std::fmt;
use std::str::FromStr;

/// A value that is fed to the fingerprint of a run.
pub trait Fingerprint {
    /// Feeds everything that distinguishes this value from others of its type.
    fn fingerprint(&self, hasher: &mut FingerprintHasher);
}

/// The word that stands for a variant: FNV-1a of its name. A variant keeps its word when others come and go.
#[must_use]
pub const fn tag(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut h = 0xCBF2_9CE4_8422_2325u64;
    let mut i = 0;
    while i < bytes.len() {
        h = (h ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        i += 1;
    }
    h
}

/// The running hash. Not cryptographic: it tells runs apart, it does not resist forgery.
///
/// Fixed algorithm, the same on every machine. Each 64-bit word `w` goes into two lanes:
/// `a = fold((a ^ w) * A)`, `b = fold((b ^ rotl(w, 32) ^ B') * B)`, where `fold` is the exclusive or
/// of the halves of the 128-bit product. A tag `t` goes in without a product: `a = rotl(a, 5) ^ t`,
/// `b = rotl(b, 11) ^ rotl(t, 28)`; nearly every event has several, and the next word
/// mixes them. With these rotations [`value`](Self::value) sees a difference of one tag however many follow. Shorter numbers are widened; bytes go in as their length and
/// then little-endian words, the last filled up with zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FingerprintHasher {
    a: u64,
    b: u64,
}

const SEED_A: u64 = 0x243F_6A88_85A3_08D3;
const SEED_B: u64 = 0x1319_8A2E_0370_7344;
const MUL_A: u64 = 0x9E37_79B9_7F4A_7C15;
const MUL_B: u64 = 0xD6E8_FEB8_6659_FD93;
const ADD_B: u64 = 0xA409_3822_299F_31D0;

#[inline]
const fn fold(x: u64, k: u64) -> u64 {
    let product = x as u128 * k as u128;
    product as u64 ^ (product >> 64) as u64
}

impl Default for FingerprintHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl FingerprintHasher {
    /// The hash of nothing.
    pub const fn new() -> Self {
        Self {
            a: SEED_A,
            b: SEED_B,
        }
    }

    /// Adds a 64-bit word.
    #[inline]
    pub const fn write_u64(&mut self, word: u64) {
        self.a = fold(self.a ^ word, MUL_A);
        self.b = fold(self.b ^ word.rotate_left(32) ^ ADD_B, MUL_B);
    }

    /// Adds the tag of a variant.
    #[inline]
    pub const fn write_tag(&mut self, tag: u64) {
        self.a = self.a.rotate_left(5) ^ tag;
        self.b = self.b.rotate_left(11) ^ tag.rotate_left(28);
    }

    /// Adds a byte string.
    pub fn write_bytes(&mut self, bytes: &[u8]) {
        self.write_u64(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let word = rest.iter().rev();
            self.write_u64(word.fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    /// Adds a text.
    pub fn write_str(&mut self, text: &str) {
        self.write_bytes(text.as_bytes());
    }

    /// The hash of what was added so far.
    pub const fn value(&self) -> FingerprintValue {
        let a = fold(self.a ^ self.b.rotate_left(23), MUL_B);
        let b = fold(self.b ^ self.a.rotate_left(41), MUL_A);
        FingerprintValue((a as u128) << 64 | b as u128)
    }
}

/// A finished fingerprint. As text, 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FingerprintValue(pub u128);

impl fmt::Display for FingerprintValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for FingerprintValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 32 hexadecimal digits")]
pub struct ParseFingerprintError;

impl FromStr for FingerprintValue {
    type Err = ParseFingerprintError;

    fn from_str(text: &str) -> Result<Self, ParseFingerprintError> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if !digits {
            return Err(ParseFingerprintError);
        }
        u128::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| ParseFingerprintError)
    }
}
