//! What a TLS handshake costs: bytes of each flight, and processor time to compute it.

use super::tls::TlsVersion;
use crate::time::Duration;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Kind of the key in a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeyType {
    /// ECDSA on P-256.
    #[default]
    #[serde(rename = "p256")]
    P256,
    /// RSA with 2,048 bits.
    #[serde(rename = "rsa-2048")]
    Rsa2048,
}

impl KeyType {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::P256, Self::Rsa2048];
    /// The kinds in words, as files write them.
    pub const WORDS: &'static [&'static str] = &["p256", "rsa-2048"];

    /// The word of this kind.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The kind of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }
}

/// How much of a handshake takes place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handshake {
    /// Both ends show a certificate.
    #[default]
    Mutual,
    /// Only the server shows one.
    ServerOnly,
    /// An earlier session is resumed: nobody shows one.
    Resumed,
}

impl Handshake {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mutual, Self::ServerOnly, Self::Resumed];
    /// The kinds in words, as files write them.
    pub const WORDS: &'static [&'static str] = &["mutual", "server-only", "resumed"];

    /// The word of this kind.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The kind of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }
}

/// A value for each flight of a handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flights<T> {
    /// Client's opening.
    pub client_opening: T,
    /// Server's flight.
    pub server_flight: T,
    /// Client's flight.
    pub client_flight: T,
    /// What the server closes with, tickets among it; nothing where a session of TLS 1.2 is resumed.
    pub server_closing: T,
}

/// What a handshake costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandshakeCost {
    /// Bytes of each flight, with chains of one certificate.
    pub bytes: Flights<u32>,
    /// Processor time from what came before to each flight, on the machine that was measured. What the client does with the server's
    /// closing is in its flight.
    pub work: Flights<Duration>,
}

/// Versions of TLS that have figures of their own.
pub const MEASURED: [TlsVersion; 2] = [TlsVersion::V12, TlsVersion::V13];

/// The costs of every handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsCosts {
    rows: [[[HandshakeCost; 3]; 2]; 2],
    certificate_bytes: [u32; 2],
}

impl TlsCosts {
    /// A table from the cost of each handshake and the length of a leaf certificate, in bytes, with each kind of key.
    #[must_use]
    pub fn new(
        cost: impl Fn(TlsVersion, KeyType, Handshake) -> HandshakeCost,
        certificate_bytes: impl Fn(KeyType) -> u32,
    ) -> Self {
        let row = |v, k| Handshake::ALL.map(|h| cost(v, k, h));
        Self {
            rows: MEASURED.map(|v| KeyType::ALL.map(|k| row(v, k))),
            certificate_bytes: KeyType::ALL.map(certificate_bytes),
        }
    }

    /// What a handshake of this version costs an end that holds a key of this kind. TLS 1.0 has the flights of 1.2, and its figures.
    #[must_use]
    pub fn of(&self, version: TlsVersion, key: KeyType, handshake: Handshake) -> &HandshakeCost {
        let version = usize::from(version >= TlsVersion::V13);
        &self.rows[version][key as usize][handshake as usize]
    }

    /// Length in bytes of a leaf certificate with a key of this kind.
    #[must_use]
    pub fn certificate_bytes(&self, key: KeyType) -> u32 {
        self.certificate_bytes[key as usize]
    }
}

/// The lengths that handshakes have where no measurement speaks: those of `feasibility.md` 7 for TLS 1.2 with P-256 certificates of 415 bytes.
/// Nothing takes processor time.
impl Default for TlsCosts {
    fn default() -> Self {
        const CERTIFICATE: u32 = 415;
        let bytes = |handshake| match handshake {
            Handshake::Mutual => [176, 260 + CERTIFICATE, 163 + CERTIFICATE, 86],
            Handshake::ServerOnly => [176, 235 + CERTIFICATE, 84, 86],
            Handshake::Resumed => [188, 141, 51, 0],
        };
        let cost = |handshake| {
            let [client_opening, server_flight, client_flight, server_closing] = bytes(handshake);
            HandshakeCost {
                bytes: Flights {
                    client_opening,
                    server_flight,
                    client_flight,
                    server_closing,
                },
                work: Flights::default(),
            }
        };
        Self::new(|_, _, handshake| cost(handshake), |_| CERTIFICATE)
    }
}

/// What handshakes cost an end: the table, and the kind of its key.
#[derive(Clone, Debug, Default)]
pub struct KeyCosts {
    /// The table.
    pub table: Arc<TlsCosts>,
    /// Kind of the end's key.
    pub key: KeyType,
}

impl KeyCosts {
    /// What a handshake of this version costs this end.
    #[must_use]
    pub fn of(&self, version: TlsVersion, handshake: Handshake) -> &HandshakeCost {
        self.table.of(version, self.key, handshake)
    }

    /// Length of a flight in bytes that carries `chain` certificates where `bytes` were measured with one.
    #[must_use]
    pub fn with_chain(&self, bytes: u32, chain: usize) -> u32 {
        let certificate = self.table.certificate_bytes(self.key);
        let further = u32::try_from(chain)
            .unwrap_or(u32::MAX)
            .saturating_mul(certificate);
        bytes.saturating_add(further).saturating_sub(certificate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_handshake_has_its_own_figures() {
        let mark =
            |v: TlsVersion, k: KeyType, h: Handshake| (v as u32) * 100 + (k as u32) * 10 + h as u32;
        let table = TlsCosts::new(
            |v, k, h| HandshakeCost {
                bytes: Flights {
                    client_opening: mark(v, k, h),
                    ..Flights::default()
                },
                work: Flights::default(),
            },
            |k| k as u32 + 1,
        );
        for version in MEASURED {
            for key in KeyType::ALL {
                for handshake in Handshake::ALL {
                    let cost = table.of(version, key, handshake);
                    assert_eq!(cost.bytes.client_opening, mark(version, key, handshake));
                }
                assert_eq!(KeyType::of(key.word()), Some(key));
                assert_eq!(table.certificate_bytes(key), key as u32 + 1);
            }
        }
        let old = table.of(TlsVersion::V10, KeyType::P256, Handshake::Mutual);
        assert_eq!(
            old,
            table.of(TlsVersion::V12, KeyType::P256, Handshake::Mutual)
        );
    }

    #[test]
    fn a_longer_chain_is_longer_by_its_certificates() {
        let costs = KeyCosts::default();
        assert_eq!(costs.with_chain(675, 1), 675);
        assert_eq!(costs.with_chain(675, 2), 675 + 415);
        assert_eq!(costs.with_chain(675, 0), 260);
    }
}
