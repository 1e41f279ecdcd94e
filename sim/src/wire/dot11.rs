//! 802.11 frames. Beacons are not sent: what a beacon would say is computed when a scan asks.

use super::eap::{Eap, EapolKey};
use super::{Frame, Mac};
use crate::crypto::Sealed;
use crate::fingerprint::Fingerprint;
use crate::label::Label;
use serde::{Deserialize, Serialize};

/// How a BSS says it authenticates stations, in its RSN element.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
pub enum Akm {
    /// No authentication, no encryption.
    Open,
    /// Pre-shared key (WPA2-Personal, CCMP).
    Psk,
    /// 802.1X with EAP-TLS (WPA2-Enterprise, CCMP).
    EapTls,
}

impl Akm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Psk, Self::EapTls];
    /// The kinds in words, as files write them.
    pub const WORDS: &'static [&'static str] = &["open", "psk", "eap-tls"];

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

/// A frame on the air.
#[derive(Clone, Debug, Fingerprint, Label)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[label(body)]
pub struct Dot11 {
    /// Transmitter, as it wrote itself.
    pub ta: Mac,
    /// Receiver.
    pub ra: Mac,
    /// The BSS that the frame belongs to.
    pub bssid: Mac,
    /// Kind and content.
    pub body: Dot11Body,
}

/// Kinds of frame.
#[derive(Clone, Debug, Fingerprint, Label)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Dot11Body {
    /// Station asks who serves a network; no name asks everybody.
    ProbeRequest {
        /// Network asked for.
        ssid: Option<String>,
    },
    /// Access point answers with what its beacon says.
    ProbeResponse {
        /// Network name.
        ssid: String,
        /// Authentication.
        akm: Akm,
        /// Whether management frames must be protected.
        pmf: bool,
        /// Channel.
        channel: u8,
    },
    /// Open-system authentication, sequence 1 (station) and 2 (access point).
    Authentication {
        /// 1 or 2.
        sequence: u8,
        /// 0 is success.
        status: u16,
    },
    /// Station asks to join.
    AssociationRequest {
        /// Network.
        ssid: String,
        /// Authentication it will use.
        akm: Akm,
        /// Whether it can protect management frames.
        pmf: bool,
        /// Identifier of a cached pairwise master key.
        pmkid: Option<u64>,
        /// Whether it comes from another access point of the network.
        reassociation: bool,
    },
    /// Access point decides.
    AssociationResponse {
        /// 0 is success.
        status: u16,
        /// Whether the offered cached key is accepted, so that 802.1X is skipped.
        cached: bool,
    },
    /// Ends authentication.
    Deauthentication {
        /// Reason code of the standard.
        reason: u16,
        /// Integrity under the pairwise key, where management frames are protected.
        mic: Option<Sealed<u64>>,
    },
    /// EAP over LAN.
    Eapol(Eap),
    /// Starts 802.1X.
    EapolStart,
    /// Key exchange.
    EapolKey(EapolKey),
    /// A data frame of an open network.
    #[label = "data-clear"]
    Clear(Box<Frame>),
    /// A data frame under the pairwise key: sealed under the key that the pairwise key gives for the packet number, which
    /// stands in clear in the frame's header, as CCMP has it.
    #[label = "data"]
    Pairwise {
        /// Packet number; a receiver takes rising numbers only.
        number: u64,
        /// The frame.
        frame: Box<Sealed<Frame>>,
    },
    /// A data frame to all stations under the group key.
    #[label = "data-group"]
    Group(Box<Sealed<Frame>>),
}

impl Dot11 {
    /// Length on the air in bytes. Management and EAPOL sizes are those measured in a real join
    /// (`feasibility.md` 1c); data adds 24 header, 8 LLC/SNAP, 16 CCMP and 4 check bytes to the packet.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match &self.body {
            Dot11Body::ProbeRequest { .. } => 100,
            Dot11Body::ProbeResponse { .. } => 150,
            Dot11Body::Authentication { .. } => 34,
            Dot11Body::AssociationRequest { .. } => 153,
            Dot11Body::AssociationResponse { .. } => 143,
            Dot11Body::Deauthentication { mic, .. } => 30 + if mic.is_some() { 16 } else { 0 },
            Dot11Body::Eapol(e) => 44 + e.wire_len(),
            Dot11Body::EapolStart => 44,
            Dot11Body::EapolKey(k) => 40 + k.wire_len(),
            Dot11Body::Clear(f) => f.wire_len() + 18,
            Dot11Body::Pairwise { frame: s, .. } | Dot11Body::Group(s) => s.wire_len() + 34,
        }
    }

    /// Whether this is a management frame.
    #[must_use]
    pub fn is_management(&self) -> bool {
        matches!(
            self.body,
            Dot11Body::ProbeRequest { .. }
                | Dot11Body::ProbeResponse { .. }
                | Dot11Body::Authentication { .. }
                | Dot11Body::AssociationRequest { .. }
                | Dot11Body::AssociationResponse { .. }
                | Dot11Body::Deauthentication { .. }
        )
    }
}
