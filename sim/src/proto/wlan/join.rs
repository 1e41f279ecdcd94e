//! How far a join got, and why it got no further.

use crate::crypto::CertificateFault;
use crate::fingerprint::Fingerprint;
use serde::Serialize;

/// How far a station got in joining a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum JoinStage {
    /// Looked for the network.
    Scan,
    /// Open-system authentication.
    Authentication,
    /// Association.
    Association,
    /// 802.1X with EAP-TLS.
    Eap,
    /// Four-way handshake.
    FourWay,
    /// Address lease.
    Address,
}

/// Why a join did not get further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum JoinFault {
    /// No access point in range offers the network with an authentication that the station accepts.
    NotFound,
    /// The other end did not answer in time.
    Timeout,
    /// The access point refused (status code).
    Refused(u16),
    /// The pairwise keys differ: the passphrase is not the network's.
    WrongKey,
    /// The authentication server refused the station's certificate.
    CertificateRefused(CertificateFault),
    /// The station refused the authentication server's certificate.
    ServerRefused(CertificateFault),
}

impl JoinStage {
    /// Its words, which are those of the standards.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Scan => "scanning",
            Self::Authentication => "802.11 authentication",
            Self::Association => "association",
            Self::Eap => "802.1X",
            Self::FourWay => "the four-way handshake",
            Self::Address => "the address lease",
        }
    }
}

impl JoinFault {
    /// Its words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::NotFound => {
                "no access point in range offers it in a way the station accepts".to_owned()
            }
            Self::Timeout => "no answer in time".to_owned(),
            Self::Refused(status) => format!("refused with status {status}"),
            Self::WrongKey => "the passphrase is not the network's".to_owned(),
            Self::CertificateRefused(fault) => {
                let why = fault.words();
                format!("the authentication server refused the station: {why}")
            }
            Self::ServerRefused(fault) => {
                let why = fault.words();
                format!("the station refused the authentication server: {why}")
            }
        }
    }
}
