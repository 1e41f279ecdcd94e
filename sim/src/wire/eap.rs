//! EAP and EAPOL-Key: 802.1X authentication and the WPA2 key handshakes.

use super::tls::{NoData, Tls};
use crate::crypto::{Key, Sealed};
use crate::fingerprint::Fingerprint;

/// An EAP message between supplicant and authentication server.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Eap {
    /// Who are you?
    IdentityRequest,
    /// The outer identity.
    IdentityResponse {
        /// Name, in clear.
        name: String,
    },
    /// EAP-TLS begins.
    TlsStart,
    /// One fragment of a TLS flight; the flight itself rides on the last one.
    Tls {
        /// Bytes in this fragment.
        bytes: u32,
        /// Whether the length of the whole flight is told with it (the L flag).
        whole: bool,
        /// The flight, on its last fragment.
        flight: Option<Box<Tls<NoData>>>,
    },
    /// Acknowledges a fragment or a finished flight.
    TlsAck,
    /// Authentication succeeded.
    Success,
    /// Authentication failed.
    Failure,
}

impl Eap {
    /// Length in bytes of the EAP packet.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::IdentityRequest => 5,
            Self::IdentityResponse { name } => 5 + name.len() as u32,
            Self::TlsStart | Self::TlsAck => 6,
            Self::Tls { bytes, whole, .. } => 6 + 4 * u32::from(*whole) + bytes,
            Self::Success | Self::Failure => 4,
        }
    }
}

/// The four messages of the four-way handshake. The integrity code is a body sealed under the pairwise key.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum EapolKey {
    /// Authenticator's nonce.
    M1 {
        /// Nonce.
        anonce: u64,
        /// Replay counter.
        replay: u32,
    },
    /// Supplicant's nonce, proven.
    M2 {
        /// Nonce.
        snonce: u64,
        /// Replay counter.
        replay: u32,
        /// Integrity code.
        mic: Sealed<u64>,
    },
    /// Group key, proven.
    M3 {
        /// Nonce again.
        anonce: u64,
        /// Replay counter.
        replay: u32,
        /// Group key under the pairwise key; doubles as integrity code.
        group: Sealed<Key>,
    },
    /// Confirmation.
    M4 {
        /// Replay counter.
        replay: u32,
        /// Integrity code.
        mic: Sealed<u64>,
    },
}

impl EapolKey {
    /// Length in bytes, as measured in a real handshake (155, 155, 189, 133 on the air).
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::M1 { .. } | Self::M2 { .. } => 119,
            Self::M3 { .. } => 153,
            Self::M4 { .. } => 97,
        }
    }

    /// Which of the four messages this is.
    #[must_use]
    pub fn number(&self) -> u8 {
        match self {
            Self::M1 { .. } => 1,
            Self::M2 { .. } => 2,
            Self::M3 { .. } => 3,
            Self::M4 { .. } => 4,
        }
    }
}
