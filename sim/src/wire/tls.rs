//! TLS as its handshake flights and sealed records.

use crate::crypto::{Certificate, CertificateFault, Sealed, Signature};
use crate::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};

/// A version of TLS, lowest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[derive(schemars::JsonSchema)]
pub enum TlsVersion {
    /// TLS 1.0, deprecated by RFC 8996.
    #[serde(rename = "1.0")]
    V10,
    /// TLS 1.2, RFC 5246.
    #[serde(rename = "1.2")]
    V12,
    /// TLS 1.3, RFC 8446.
    #[default]
    #[serde(rename = "1.3")]
    V13,
}

impl TlsVersion {
    /// The versions in words, as lab files write them.
    pub const WORDS: &'static [&'static str] = &["1.0", "1.2", "1.3"];

    /// The version of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::V10, Self::V12, Self::V13]
            .into_iter()
            .find(|v| v.word() == word)
    }

    /// The word of this version.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::V10 => "1.0",
            Self::V12 => "1.2",
            Self::V13 => "1.3",
        }
    }
}

/// A TLS flight, or a record with application data of the type `D`.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Tls<D> {
    /// Client's opening.
    ClientHello {
        /// Highest version that the client can do.
        highest: TlsVersion,
        /// Client random.
        random: u64,
        /// Key share.
        share: u64,
        /// Name of the server that the client asks for.
        name: Option<String>,
        /// Ticket of an earlier session.
        ticket: Option<u64>,
        /// Length in bytes.
        bytes: u32,
    },
    /// Server's flight: key share, certificates, proof of possession.
    ServerHello {
        /// Version that the server chose.
        version: TlsVersion,
        /// Server random.
        random: u64,
        /// Key share.
        share: u64,
        /// Certificate chain, leaf first; empty when resumed.
        chain: Vec<Certificate>,
        /// Signature over the transcript.
        proof: Option<Signature>,
        /// Whether the client is asked for a certificate.
        ask_client: bool,
        /// Finished code under the session key, where the session of the ticket is resumed: the server's proof in place of the signature.
        resumed: Option<Sealed<u64>>,
        /// Length in bytes.
        bytes: u32,
    },
    /// Client's flight: certificates if asked, proof, finished.
    ClientFinished {
        /// Certificate chain, leaf first.
        chain: Vec<Certificate>,
        /// Signature over the transcript.
        proof: Option<Signature>,
        /// Finished code under the session key.
        finished: Sealed<u64>,
        /// Length in bytes.
        bytes: u32,
    },
    /// Server's finished, with a ticket for resumption.
    ServerFinished {
        /// Finished code under the session key.
        finished: Sealed<u64>,
        /// Ticket for a later session.
        ticket: Option<u64>,
        /// Length in bytes.
        bytes: u32,
    },
    /// Handshake refused.
    Alert {
        /// Why.
        fault: CertificateFault,
    },
    /// Application data under the session key.
    Data(Sealed<D>),
}

impl<D> Tls<D> {
    /// Length in bytes. A flight's is what its sender put on the wire: see [`super::tls_cost`].
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::ClientHello { bytes, .. }
            | Self::ServerHello { bytes, .. }
            | Self::ClientFinished { bytes, .. }
            | Self::ServerFinished { bytes, .. } => *bytes,
            Self::Alert { .. } => 7,
            Self::Data(sealed) => sealed.wire_len() + 29,
        }
    }
}

/// Application data of a TLS that carries none, as inside EAP.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct NoData;

/// The digest that both ends sign or seal at a point of the handshake.
#[must_use]
pub fn transcript(
    client_random: u64,
    server_random: u64,
    client_share: u64,
    server_share: u64,
) -> u64 {
    crate::crypto::digest(&[client_random, server_random, client_share, server_share])
}
