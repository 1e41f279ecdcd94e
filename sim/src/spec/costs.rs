//! What computing and sending cost, as measured: see `pumplab calibrate`.

use crate::time::Duration;
use crate::wire::tls::TlsVersion;
use crate::wire::tls_cost::{Flights, Handshake, HandshakeCost, KeyType, MEASURED, TlsCosts};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What handshakes cost in a lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// What was measured, and when: the machine in words.
    pub measured_on: String,
    /// Length of leaf certificates.
    pub certificates: Vec<CertificateCostSpec>,
    /// Handshakes: each version, kind of key and kind of handshake once.
    pub handshakes: Vec<HandshakeSpec>,
}

/// Length of a leaf certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateCostSpec {
    /// Kind of its key.
    pub key: KeyType,
    /// Length in bytes of its DER.
    pub bytes: u32,
}

/// What one kind of handshake costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandshakeSpec {
    /// Version: 1.2 or 1.3.
    pub version: TlsVersion,
    /// Kind of the keys of both ends.
    pub key: KeyType,
    /// How much of a handshake takes place.
    pub kind: Handshake,
    /// Bytes of each flight, with chains of one certificate.
    pub bytes: Flights<u32>,
    /// Processor time to each flight.
    pub work: Flights<Duration>,
}

/// What is wrong with costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CostFault {
    /// A handshake that has no figures.
    Missing(TlsVersion, KeyType, Handshake),
    /// A handshake that has figures twice; the place of the second in the list.
    Twice(usize),
    /// A version that is not measured; the place in the list.
    Version(usize),
    /// A figure that cannot be; the place in the list, and the flight.
    Figure(usize, &'static str),
    /// The length of a certificate that is not there, is there twice, or cannot be.
    Certificate(KeyType),
}

/// Longest flight in bytes, and longest certificate: what a TLS handshake message may hold in practice.
pub const LONGEST_FLIGHT: u32 = 65_536;
/// Longest processor time to a flight on the machine that was measured.
pub const LONGEST_WORK: Duration = Duration::from_secs(10);

impl fmt::Display for CostFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(version, key, kind) => write!(
                f,
                "there is no handshake with version {}, key {} and kind {}",
                version.word(),
                key.word(),
                kind.word()
            ),
            Self::Twice(n) => write!(f, "handshake {} has figures already", n + 1),
            Self::Version(n) => write!(f, "handshake {}: only TLS 1.2 and 1.3 are measured", n + 1),
            Self::Figure(n, flight) => write!(
                f,
                "handshake {}: the {flight} has a figure that cannot be: 1 to {LONGEST_FLIGHT} bytes, and up to {LONGEST_WORK}",
                n + 1
            ),
            Self::Certificate(key) => write!(
                f,
                "the length of a certificate with key {} must be there once, as 1 to {LONGEST_FLIGHT} bytes",
                key.word()
            ),
        }
    }
}

impl Costs {
    /// Everything that is wrong.
    #[must_use]
    pub fn faults(&self) -> Vec<CostFault> {
        let mut faults = Vec::new();
        for (n, row) in self.handshakes.iter().enumerate() {
            let same =
                |r: &HandshakeSpec| (r.version, r.key, r.kind) == (row.version, row.key, row.kind);
            if !MEASURED.contains(&row.version) {
                faults.push(CostFault::Version(n));
            } else if self.handshakes[..n].iter().any(same) {
                faults.push(CostFault::Twice(n));
            }
            faults.extend(impossible(row).map(|flight| CostFault::Figure(n, flight)));
        }
        for version in MEASURED {
            for key in KeyType::ALL {
                let missing = Handshake::ALL
                    .into_iter()
                    .filter(|kind| self.row(version, key, *kind).is_none());
                faults.extend(missing.map(|kind| CostFault::Missing(version, key, kind)));
            }
        }
        for key in KeyType::ALL {
            let mut of = self.certificates.iter().filter(|c| c.key == key);
            let possible = |c: &CertificateCostSpec| (1..=LONGEST_FLIGHT).contains(&c.bytes);
            if !of.next().is_some_and(possible) || of.next().is_some() {
                faults.push(CostFault::Certificate(key));
            }
        }
        faults
    }

    /// The table that the ends of handshakes read.
    ///
    /// # Errors
    /// The first of what is wrong.
    pub fn table(&self) -> Result<TlsCosts, CostFault> {
        if let Some(fault) = self.faults().into_iter().next() {
            return Err(fault);
        }
        let cost = |version, key, kind| {
            let row = self.row(version, key, kind);
            row.map_or_else(HandshakeCost::default, |row| HandshakeCost {
                bytes: row.bytes,
                work: row.work,
            })
        };
        let bytes = |key| {
            let of = self.certificates.iter().find(|c| c.key == key);
            of.map_or(0, |c| c.bytes)
        };
        Ok(TlsCosts::new(cost, bytes))
    }

    fn row(&self, version: TlsVersion, key: KeyType, kind: Handshake) -> Option<&HandshakeSpec> {
        let mut rows = self.handshakes.iter();
        rows.find(|r| (r.version, r.key, r.kind) == (version, key, kind))
    }
}

/// Flights with a figure that cannot be.
fn impossible(row: &HandshakeSpec) -> impl Iterator<Item = &'static str> {
    let (bytes, work) = (&row.bytes, &row.work);
    let flights = [
        (
            "client's opening",
            bytes.client_opening,
            work.client_opening,
            1,
        ),
        (
            "server's flight",
            bytes.server_flight,
            work.server_flight,
            1,
        ),
        (
            "client's flight",
            bytes.client_flight,
            work.client_flight,
            1,
        ),
        (
            "server's closing",
            bytes.server_closing,
            work.server_closing,
            0,
        ),
    ];
    flights
        .into_iter()
        .filter(|(_, bytes, work, least)| {
            !(*least..=LONGEST_FLIGHT).contains(bytes) || *work > LONGEST_WORK
        })
        .map(|(flight, ..)| flight)
}

/// The lengths where no measurement speaks, and no processor time.
impl Default for Costs {
    fn default() -> Self {
        let table = TlsCosts::default();
        let mut handshakes = Vec::new();
        for version in MEASURED {
            for key in KeyType::ALL {
                handshakes.extend(Handshake::ALL.map(|kind| {
                    let cost = table.of(version, key, kind);
                    HandshakeSpec {
                        version,
                        key,
                        kind,
                        bytes: cost.bytes,
                        work: cost.work,
                    }
                }));
            }
        }
        let certificate = |key| CertificateCostSpec {
            key,
            bytes: table.certificate_bytes(key),
        };
        Self {
            measured_on: "no machine: nominal lengths, no processor time".to_owned(),
            certificates: KeyType::ALL.map(certificate).to_vec(),
            handshakes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nominal_costs_make_their_own_table() {
        assert_eq!(Costs::default().table(), Ok(TlsCosts::default()));
    }

    #[test]
    fn everything_that_is_wrong_is_told() {
        let mut costs = Costs::default();
        let first = costs.handshakes[0].clone();
        costs.handshakes[1] = first;
        costs.handshakes[2].work.client_flight = Duration::from_secs(11);
        costs.handshakes[3].bytes.server_flight = 0;
        costs.handshakes[4].version = TlsVersion::V10;
        costs.certificates.pop();
        let told = costs.faults();
        let expected = [
            CostFault::Twice(1),
            CostFault::Figure(2, "client's flight"),
            CostFault::Figure(3, "server's flight"),
            CostFault::Version(4),
            CostFault::Missing(TlsVersion::V12, KeyType::P256, Handshake::ServerOnly),
            CostFault::Missing(TlsVersion::V12, KeyType::Rsa2048, Handshake::ServerOnly),
            CostFault::Certificate(KeyType::Rsa2048),
        ];
        assert_eq!(told, expected);
        assert_eq!(costs.table(), Err(CostFault::Twice(1)));
    }

    #[test]
    fn a_resumed_session_may_close_with_nothing() {
        let mut costs = Costs::default();
        for row in &mut costs.handshakes {
            row.bytes.server_closing = 0;
        }
        assert_eq!(costs.faults(), []);
    }
}
