//! RADIUS: authenticator to authentication server.

use super::eap::Eap;
use super::{Mac, Print};
use crate::crypto::{Key, Sealed};

/// A RADIUS packet. Its authenticator is sealed under the secret that client and server share.
#[derive(Clone, Debug)]
pub struct Radius {
    /// Matches answer to request.
    pub id: u32,
    /// The station that authenticates.
    pub station: Mac,
    /// Code and attributes.
    pub code: RadiusCode,
    /// Message-Authenticator: the identifier sealed under the shared secret.
    pub authenticator: Sealed<u32>,
}
print_message!(struct Radius { id, station, code, authenticator });

/// Code and attributes.
#[derive(Clone, Debug)]
pub enum RadiusCode {
    /// Carries the supplicant's EAP message.
    AccessRequest {
        /// EAP-Message.
        eap: Eap,
    },
    /// Carries the server's EAP message.
    AccessChallenge {
        /// EAP-Message.
        eap: Eap,
    },
    /// Success, with the pairwise master key.
    AccessAccept {
        /// MS-MPPE keys under the shared secret.
        pmk: Sealed<Key>,
        /// Segment (VLAN) to place the station in.
        segment: Option<String>,
        /// Session-Timeout in seconds.
        session_seconds: u32,
    },
    /// Refusal.
    AccessReject,
    /// Ends a session (RFC 5176; authentication server to authenticator).
    Disconnect,
}
print_message!(enum RadiusCode { AccessRequest { eap }, AccessChallenge { eap }, AccessAccept { pmk, segment, session_seconds }, AccessReject, Disconnect });

impl Radius {
    /// Length in bytes: header and usual attributes, plus EAP in attributes of 253 bytes.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match &self.code {
            RadiusCode::AccessRequest { eap } => {
                let n = eap.wire_len();
                130 + n + 2 * n.div_ceil(253)
            }
            RadiusCode::AccessChallenge { eap } => {
                let n = eap.wire_len();
                60 + n + 2 * n.div_ceil(253)
            }
            RadiusCode::AccessAccept { .. } => 190,
            RadiusCode::Disconnect => 60,
            RadiusCode::AccessReject => 44,
        }
    }
}

/// Port of the server.
pub const PORT: u16 = 1812;

/// Writes a packet to a fingerprint.
pub fn fingerprint(packet: &Radius, h: &mut crate::engine::Fingerprint) {
    packet.print(h);
}
