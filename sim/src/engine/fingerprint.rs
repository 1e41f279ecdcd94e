//! A 128-bit running hash of everything a run dispatched.

use std::fmt;
use std::str::FromStr;

/// The running hash. Not cryptographic: it tells runs apart, it does not resist forgery.
///
/// Fixed algorithm, the same on every machine. Each 64-bit word `w` goes into two lanes:
/// `a = fold((a ^ w) * A)`, `b = fold((b ^ rotl(w, 32) ^ B') * B)`, where `fold` is the exclusive or
/// of the halves of the 128-bit product. Shorter numbers are widened; bytes go in as their length and
/// then little-endian words, the last filled up with zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
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

impl Default for Fingerprint {
    fn default() -> Self {
        Self::new()
    }
}

impl Fingerprint {
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

    /// Adds a 32-bit word.
    #[inline]
    pub const fn write_u32(&mut self, word: u32) {
        self.write_u64(word as u64);
    }

    /// Adds a 16-bit word.
    #[inline]
    pub const fn write_u16(&mut self, word: u16) {
        self.write_u64(word as u64);
    }

    /// Adds a byte.
    #[inline]
    pub const fn write_u8(&mut self, byte: u8) {
        self.write_u64(byte as u64);
    }

    /// Adds a truth value.
    #[inline]
    pub const fn write_bool(&mut self, value: bool) {
        self.write_u64(value as u64);
    }

    /// Adds a floating-point number by its bits.
    #[inline]
    pub const fn write_f64(&mut self, value: f64) {
        self.write_u64(value.to_bits());
    }

    /// Adds a byte string.
    pub fn write_bytes(&mut self, bytes: &[u8]) {
        self.write_u64(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(write: impl FnOnce(&mut Fingerprint)) -> String {
        let mut fingerprint = Fingerprint::new();
        write(&mut fingerprint);
        fingerprint.value().to_string()
    }

    /// Computed by an independent implementation of the algorithm in the documentation.
    #[test]
    fn vectors() {
        assert_eq!(of(|_| ()), "0938a6a9bd7d2b8c429a707843b83038");
        assert_eq!(of(|h| h.write_u8(0)), "0fbbcd97d349db406eb602b34e15c66e");
        let words = of(|h| {
            h.write_u64(1);
            h.write_u32(2);
            h.write_u64(u64::MAX);
        });
        assert_eq!(words, "1f5ae49140ebb548f8c88f1edfacb011");
        assert_eq!(
            of(|h| h.write_str("infusion pump")),
            "f9acf693444fe4bb58e8db63da329aac"
        );
    }

    #[test]
    fn order_and_boundaries_matter() {
        let two = |a: &'static str, b: &'static str| {
            of(|h| {
                h.write_str(a);
                h.write_str(b);
            })
        };
        assert_ne!(two("a", "b"), two("b", "a"));
        assert_ne!(two("ab", "c"), two("a", "bc"));
        assert_ne!(two("a", ""), two("a\0", ""));
    }

    #[test]
    fn text_reads_back() {
        let value = FingerprintValue(0x0123 << 64 | 0xFF);
        assert_eq!(value.to_string().parse(), Ok(value));
        assert_eq!("12".parse::<FingerprintValue>(), Err(ParseFingerprintError));
        assert_eq!(
            format!("+{:031x}", 1).parse::<FingerprintValue>(),
            Err(ParseFingerprintError)
        );
    }
}
