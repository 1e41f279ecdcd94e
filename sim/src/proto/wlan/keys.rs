//! The keys of an association and the packet numbers under them.

use crate::crypto::{Key, Sealed};
use crate::wire::dot11::Dot11Body;
use crate::wire::{Frame, Mac};

/// The pairwise transient key of a four-way handshake.
#[must_use]
pub fn pairwise_key(
    pmk: &Key,
    anonce: u64,
    snonce: u64,
    authenticator: Mac,
    supplicant: Mac,
) -> Key {
    pmk.derive("pairwise", &[anonce, snonce, authenticator.0, supplicant.0])
}

/// A pairwise key that is installed, with its packet numbers. Installing a key sets both numbers to zero.
#[derive(Clone, Copy, Debug)]
pub struct PairwiseKeys {
    key: Key,
    /// Number of the last packet sent.
    sent: u64,
    /// Number of the last packet taken.
    taken: u64,
}

impl PairwiseKeys {
    /// Installs a key.
    #[must_use]
    pub fn install(key: Key) -> Self {
        Self {
            key,
            sent: 0,
            taken: 0,
        }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// A data frame under the key, with the next packet number.
    #[must_use]
    pub fn seal(&mut self, frame: Frame) -> Dot11Body {
        self.sent += 1;
        let len = frame.wire_len();
        Dot11Body::Pairwise {
            number: self.sent,
            frame: Box::new(Sealed::seal(&self.key.packet(self.sent), frame, len)),
        }
    }

    /// The frame in a packet; none where the number was taken before, or the packet is not under this key.
    #[must_use]
    pub fn open(&mut self, number: u64, packet: Sealed<Frame>) -> Option<Frame> {
        if number <= self.taken {
            return None;
        }
        let frame = packet.into_opened(&self.key.packet(number)).ok()?;
        self.taken = number;
        Some(frame)
    }

    /// The integrity code of a management frame or a handshake message.
    #[must_use]
    pub fn mic(&self, of: u64) -> Sealed<u64> {
        Sealed::seal(&self.key, of, 16)
    }

    /// Whether this is the integrity code of what it is said to belong to.
    #[must_use]
    pub fn proves(&self, mic: Option<&Sealed<u64>>, of: u64) -> bool {
        mic.is_some_and(|m| m.open(&self.key) == Some(&of))
    }
}
