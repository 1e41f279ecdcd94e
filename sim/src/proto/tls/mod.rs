//! TLS with symbolic keys: the [`Client`] and the [`Server`] end of one handshake, full or mutual, and of the records after it.

mod channel;
mod client;
pub mod resumption;
mod server;
pub mod session;

pub use self::channel::Channel;
pub use self::client::{Client, ClientConfig};
pub use self::server::Server;
use crate::crypto::{Certificate, CertificateFault, Key, PrivateKey, TrustStore};
use crate::wire::Message;
use crate::wire::tls_cost::{Handshake, KeyCosts, TlsCosts};
use std::sync::Arc;

/// What an end has to show and to check.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Own chain, leaf first.
    pub chain: Vec<Certificate>,
    /// Own private key.
    pub key: Option<PrivateKey>,
    /// What it trusts.
    pub trust: TrustStore,
    /// What its handshakes cost.
    pub costs: KeyCosts,
}

impl Credentials {
    /// Nothing to show and nothing to check, where handshakes cost what this table says.
    #[must_use]
    pub fn with_nothing(costs: &Arc<TlsCosts>) -> Self {
        let costs = KeyCosts {
            table: costs.clone(),
            ..KeyCosts::default()
        };
        Self {
            costs,
            ..Self::default()
        }
    }
}

/// What an end tells whoever uses it. A message leads to one event and one message to be sent at most.
#[derive(Clone, Debug)]
pub enum TlsEvent<D = Message> {
    /// The handshake is done on this side. A last flight of it may still wait to be sent.
    Open,
    /// Application data.
    Data(D),
    /// This end refuses the other. An alert waits to be sent.
    Refused(CertificateFault),
    /// The other end refused this one.
    RefusedByPeer(CertificateFault),
}

/// The key of a session that goes on, for this handshake.
fn resumed_key(master: &Key, digest: u64) -> Key {
    master.derive("tls session resumed", &[digest])
}

/// How much of a handshake takes place in which both ends show what they are asked for.
fn kind(client_shows: bool) -> Handshake {
    if client_shows {
        Handshake::Mutual
    } else {
        Handshake::ServerOnly
    }
}

#[cfg(test)]
mod tests;
