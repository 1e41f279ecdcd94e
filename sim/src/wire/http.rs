//! Web: enough to publish and fetch files.

use super::file::File;
use crate::crypto::{Passphrase, PublicKey};
use crate::fingerprint::Fingerprint;

/// A request or a response.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Http {
    /// Fetches a path.
    Get {
        /// Path.
        path: String,
    },
    /// Changes the settings of a device on its configuration page.
    Configure {
        /// Account and password typed in, if any.
        account: Option<(String, Passphrase)>,
        /// New name or address of the server that it reports to.
        server: String,
    },
    /// Answers.
    Response {
        /// Status code.
        status: u16,
        /// Body.
        file: Option<File>,
    },
    /// Sends a file to the server.
    Post {
        /// File.
        file: File,
    },
    /// A revocation list, as a certificate authority publishes it.
    Crl {
        /// Issuer and serial of each revoked certificate.
        revoked: Vec<Revoked>,
    },
}

/// One revoked certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Revoked {
    /// Issuer.
    pub issuer: PublicKey,
    /// Serial.
    pub serial: u32,
}

impl Http {
    /// Length in bytes.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Get { path } => 120 + path.len() as u32,
            Self::Configure { server, .. } => 200 + server.len() as u32,
            Self::Response { file, .. } => {
                160 + file.as_ref().map_or(0, |f| f.bytes.min(1 << 20) as u32)
            }
            Self::Post { file } => 200 + file.bytes.min(1 << 20) as u32,
            Self::Crl { revoked } => 400 + 36 * revoked.len() as u32,
        }
    }
}

/// Plain web port.
pub const PORT: u16 = 80;
/// Where a certificate authority publishes its revocation list.
pub const CRL_PATH: &str = "/crl";
