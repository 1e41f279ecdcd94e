//! Files on hosts, and what their content is worth.

use super::program::Program;
use super::pump::SignedLibrary;
use crate::crypto::{Certificate, Passphrase, PrivateKey, Sealed};
use crate::fingerprint::Fingerprint;

/// One patient's record: what must stay confined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct PatientRecord {
    /// Patient number in the lab.
    pub patient: u32,
}

/// A file.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct File {
    /// Path.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Content.
    pub content: Content,
}

/// What a file holds.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Content {
    /// Patient records.
    Records(Vec<PatientRecord>),
    /// Ordinary data.
    Data,
    /// A compressed archive.
    Archive {
        /// Size in bytes once decompressed.
        expands_to: u64,
    },
    /// A stored network key.
    NetworkKey {
        /// Network.
        ssid: String,
        /// Its passphrase.
        passphrase: Passphrase,
    },
    /// A certificate chain and its private key, for networks that ask for one.
    Identity {
        /// Chain, leaf first.
        chain: Vec<Certificate>,
        /// Private key.
        key: PrivateKey,
    },
    /// An account.
    Account {
        /// User name.
        user: String,
        /// Password.
        password: Passphrase,
    },
    /// A drug library.
    Library(SignedLibrary),
    /// Encrypted at rest.
    Sealed(Box<Sealed<Content>>),
    /// A program that somebody may run.
    Program(Program),
}

impl File {
    /// The patient records that can be read in the file as it lies.
    #[must_use]
    pub fn readable_records(&self) -> &[PatientRecord] {
        match &self.content {
            Content::Records(r) => r,
            _ => &[],
        }
    }
}

/// What a directory listing says of a file.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct FileInfo {
    /// Path.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
}
