//! CAPWAP: access points and their controller. Data is bridged at the access point; this is the control channel.

use super::Mac;
use super::eap::Eap;
use crate::crypto::{Key, Sealed};
use crate::fingerprint::Fingerprint;

/// A control message, in clear or under DTLS.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Capwap {
    /// Sealed control channel.
    Dtls(Sealed<CapwapControl>),
    /// Control channel without DTLS.
    Clear(CapwapControl),
}

/// What access point and controller say to each other.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum CapwapControl {
    /// A station began 802.1X, or sent an EAP message (access point to controller).
    FromStation {
        /// Station.
        station: Mac,
        /// BSS it is on.
        bssid: Mac,
        /// Message; none starts authentication.
        eap: Option<Eap>,
    },
    /// An EAP message for a station (controller to access point).
    ToStation {
        /// Station.
        station: Mac,
        /// Message.
        eap: Eap,
    },
    /// The station is authenticated: run the four-way handshake with this key.
    Install {
        /// Station.
        station: Mac,
        /// Pairwise master key.
        pmk: Key,
        /// Segment to bridge it to.
        segment: Option<String>,
    },
    /// The station is refused.
    Refuse {
        /// Station.
        station: Mac,
    },
    /// A station offers a cached key (access point to controller).
    AskCached {
        /// Station.
        station: Mac,
        /// BSS it is on.
        bssid: Mac,
        /// Key identifier.
        pmkid: u64,
    },
    /// No such key: authenticate in full.
    NotCached {
        /// Station.
        station: Mac,
    },
    /// Start again (controller to access point; RFC 5415, reset request).
    Reset,
    /// The access point's radio noticed something (access point to controller).
    Report {
        /// What, one line.
        about: String,
    },
    /// Is the controller there? (access point to controller)
    Echo,
    /// It is.
    EchoReply,
}

impl Capwap {
    /// Length in bytes.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Dtls(s) => s.wire_len() + 29,
            Self::Clear(c) => c.wire_len(),
        }
    }
}

impl CapwapControl {
    /// Length in bytes.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::FromStation { eap, .. } => 60 + eap.as_ref().map_or(0, Eap::wire_len),
            Self::ToStation { eap, .. } => 50 + eap.wire_len(),
            Self::Install { .. } => 120,
            Self::Refuse { .. } | Self::NotCached { .. } => 44,
            Self::AskCached { .. } => 66,
            Self::Reset => 24,
            Self::Report { about } => 40 + about.len() as u32,
            Self::Echo | Self::EchoReply => 24,
        }
    }
}

/// Control port of the controller.
pub const PORT: u16 = 5246;
/// Port on which an access point hears its controller.
pub const AP_PORT: u16 = 5245;
