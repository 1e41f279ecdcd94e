//! EAP-TLS (RFC 5216): the [`Peer`] is the station's end, the [`Server`] that of the authentication server. Flights travel in fragments.

mod fragments;
mod peer;
mod server;

pub use self::fragments::{PEER_FRAGMENT, SERVER_FRAGMENT};
pub use self::peer::{Peer, PeerConfig, PeerEvent};
pub use self::server::{Server, ServerEvent};
use crate::crypto::Key;
use crate::wire::tls::TlsVersion;

/// Version of TLS inside EAP, at both ends: the one that was measured (`feasibility.md` 1, `tls_max_version = "1.2"`).
pub const HIGHEST: TlsVersion = TlsVersion::V12;

/// The pairwise master key that follows from a TLS session.
fn master_key(session: &Key) -> Key {
    session.derive("eap master session key", &[])
}

#[cfg(test)]
mod tests;
