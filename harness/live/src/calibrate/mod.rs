//! `pumplab calibrate`: what TLS handshakes cost on this machine, measured in memory with rustls on ring.
//!
//! No sockets: the bytes of each flight go from one end to the other in a buffer, and the clock runs while an end computes. Rounds of all kinds of
//! handshake are interleaved, so that whatever else the machine does falls on all of them alike; medians are told. The time is that of the wall clock in one
//! thread: what the system takes away from the thread lengthens single rounds, and shows in the spread rather than in the median.

mod ends;
mod file;
mod machine;

use crate::LiveError;
use ends::{Ends, Times};
pub use machine::Machine;
use pumplab_sim::wire::tls::TlsVersion;
use pumplab_sim::wire::tls_cost::{Handshake, KeyType, MEASURED};
use std::time::{Duration, Instant};

/// Rounds where nothing is said: about six seconds.
pub const ROUNDS: u32 = 800;
/// Most rounds: beyond them nothing changes any more.
pub const MOST_ROUNDS: u32 = 100_000;
/// Before anything is measured, handshakes run for this long: caches, branch predictors and the clock of the processor settle.
const WARM_UP: Duration = Duration::from_millis(300);

/// What one flight took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flight {
    /// Length in bytes, median.
    pub bytes: u32,
    /// Processor time, median.
    pub took: Duration,
}

/// What one kind of handshake costs.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Version.
    pub version: TlsVersion,
    /// Kind of the keys of both ends.
    pub key: KeyType,
    /// How much of a handshake takes place.
    pub kind: Handshake,
    /// Client's opening, server's flight, client's flight, server's closing.
    pub flights: [Flight; 4],
    /// Client's time: median, and from the first to the third quartile.
    pub client: (Duration, Duration),
    /// Server's time: median, and from the first to the third quartile.
    pub server: (Duration, Duration),
}

impl Measured {
    /// Bytes from the client to the server, and from the server to the client.
    #[must_use]
    pub fn bytes(&self) -> (u32, u32) {
        let [opening, server, client, closing] = self.flights.map(|f| f.bytes);
        (opening + client, server + closing)
    }
}

/// What was measured on a machine.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// The machine.
    pub machine: Machine,
    /// Handshakes of each kind that were measured.
    pub rounds: u32,
    /// Length of leaf certificates in bytes.
    pub certificates: [(KeyType, u32); 2],
    /// Each kind of handshake.
    pub handshakes: Vec<Measured>,
}

/// Measures `rounds` handshakes of each kind; `progress` is told how many rounds are done.
///
/// # Errors
/// When rustls or ring refuse a key, a certificate or a handshake: a fault of pumplab, not of the machine.
pub fn measure(rounds: u32, mut progress: impl FnMut(u32)) -> Result<Calibration, LiveError> {
    let mut lanes = Vec::new();
    let mut certificates = Vec::new();
    for key in KeyType::ALL {
        let keys = ends::Keys::new(key)?;
        certificates.push((key, keys.leaf_bytes()));
        for version in MEASURED {
            for kind in Handshake::ALL {
                lanes.push((
                    Ends::new(&keys, version, kind)?,
                    (version, key, kind),
                    Vec::new(),
                ));
            }
        }
    }
    let begun = Instant::now();
    while begun.elapsed() < WARM_UP {
        for (ends, ..) in &lanes {
            ends.shake()?;
        }
    }
    for round in 1..=rounds {
        for (ends, _, taken) in &mut lanes {
            taken.push(ends.shake()?);
        }
        progress(round);
    }
    let [p256, rsa] = [certificates[0], certificates[1]];
    Ok(Calibration {
        machine: Machine::this(),
        rounds,
        certificates: [p256, rsa],
        handshakes: lanes
            .into_iter()
            .map(|(_, what, taken)| summary(what, &taken))
            .collect(),
    })
}

fn summary((version, key, kind): (TlsVersion, KeyType, Handshake), taken: &[Times]) -> Measured {
    let flights = [0, 1, 2, 3].map(|n| Flight {
        bytes: middle(taken.iter().map(|t| t.bytes[n])),
        took: middle(taken.iter().map(|t| t.took[n])),
    });
    let end = |flights: [usize; 2]| {
        let times = || {
            taken
                .iter()
                .map(move |t| t.took[flights[0]] + t.took[flights[1]])
        };
        let spread = quartile(times(), 3).saturating_sub(quartile(times(), 1));
        (middle(times()), spread)
    };
    Measured {
        version,
        key,
        kind,
        flights,
        client: end([0, 2]),
        server: end([1, 3]),
    }
}

fn middle<T: Ord + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    quartile(values, 2)
}

/// The value below which a quarter, half or three quarters of the others lie.
fn quartile<T: Ord + Copy + Default>(values: impl Iterator<Item = T>, quarters: usize) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    let last = values.len().saturating_sub(1);
    values.get(last * quarters / 4).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_values_that_were_measured() {
        let values = [5, 1, 4, 2, 3];
        assert_eq!(
            [1, 2, 3].map(|q| quartile(values.into_iter(), q)),
            [2, 3, 4]
        );
        assert_eq!(middle([7].into_iter()), 7);
        assert_eq!(middle(std::iter::empty::<u32>()), 0);
    }

    #[test]
    fn what_is_measured_is_what_tls_is_known_for() {
        let calibration = measure(3, |_| {}).expect("handshakes take place");
        let of = |version, key, kind| {
            let mut all = calibration.handshakes.iter();
            all.find(|m| (m.version, m.key, m.kind) == (version, key, kind))
                .expect("it was measured")
        };
        for version in MEASURED {
            for key in KeyType::ALL {
                let certificate = calibration.certificates[key as usize].1;
                let full = of(version, key, Handshake::Mutual);
                let alone = of(version, key, Handshake::ServerOnly);
                let resumed = of(version, key, Handshake::Resumed);
                // A certificate and a proof are what the client saves, and no certificate travels where a session is resumed.
                assert!(full.bytes().0 > alone.bytes().0 + certificate);
                assert!(full.bytes().1 > resumed.bytes().1 + certificate);
                assert!(
                    full.flights
                        .iter()
                        .all(|f| f.bytes > 0 && !f.took.is_zero())
                );
            }
            let [small, large] = KeyType::ALL.map(|k| of(version, k, Handshake::Mutual).bytes());
            assert!(large.0 > small.0 && large.1 > small.1);
        }
        let closing = |version| of(version, KeyType::P256, Handshake::Resumed).flights[3].bytes;
        assert_eq!(
            closing(TlsVersion::V12),
            0,
            "a resumed session of TLS 1.2 ends with the client"
        );
        assert!(closing(TlsVersion::V13) > 0, "TLS 1.3 sends tickets");
    }
}
