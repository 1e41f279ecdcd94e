//! RADIUS: authenticator to authentication server.

use super::Mac;
use super::eap::Eap;
use crate::crypto::{Key, Sealed};
use crate::fingerprint::Fingerprint;

/// A RADIUS packet. Its authenticator is sealed under the secret that client and server share.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
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

/// Code and attributes.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum RadiusCode {
    /// Carries the supplicant's EAP message.
    AccessRequest {
        /// User-Name: the identity that the supplicant gave.
        user: String,
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
        /// User-Name.
        user: String,
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

/// Code, identifier, length, authenticator.
const HEADER: u32 = 20;
/// State, as the server makes it: 16 bytes.
const STATE: u32 = 18;
/// Message-Authenticator.
const AUTHENTICATOR: u32 = 18;
/// An attribute with a number, as NAS-IP-Address or Session-Timeout.
const NUMBER: u32 = 6;
/// NAS-IP-Address, Framed-MTU, NAS-Port-Type and Service-Type, Calling-Station-Id (17 characters), Connect-Info (22).
const ABOUT_STATION: u32 = 4 * NUMBER + 19 + 24;
/// MS-MPPE-Send-Key or MS-MPPE-Recv-Key.
const MASTER_KEY: u32 = 58;
/// Tunnel-Type and Tunnel-Medium-Type.
const TUNNEL: u32 = 2 * NUMBER;

/// Length of an EAP message in its attributes.
fn eap_message(eap: &Eap) -> u32 {
    let n = eap.wire_len();
    n + 2 * n.div_ceil(253)
}

impl Radius {
    /// Length in bytes: header and attributes, EAP in attributes of at most 253 bytes. Which attributes there are was read from the exchange of
    /// eapol_test 2.10 with FreeRADIUS 3.2.1 (test target `freeradius`); other authenticators send more of them or fewer.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        let text = |t: &str| 2 + t.len() as u32;
        HEADER
            + match &self.code {
                RadiusCode::AccessRequest { user, eap } => {
                    // A request that answers a challenge gives its State back.
                    let first = matches!(eap, Eap::IdentityResponse { .. });
                    let state = if first { 0 } else { STATE };
                    text(user) + ABOUT_STATION + eap_message(eap) + state + AUTHENTICATOR
                }
                RadiusCode::AccessChallenge { eap } => eap_message(eap) + STATE + AUTHENTICATOR,
                RadiusCode::AccessAccept { user, segment, .. } => {
                    let placed = segment.as_deref().map_or(0, |s| TUNNEL + text(s));
                    2 * MASTER_KEY
                        + eap_message(&Eap::Success)
                        + AUTHENTICATOR
                        + text(user)
                        + NUMBER
                        + placed
                }
                RadiusCode::Disconnect => 40,
                RadiusCode::AccessReject => eap_message(&Eap::Failure) + AUTHENTICATOR,
            }
    }
}

/// Port of the server.
pub const PORT: u16 = 1812;
