//! Files on hosts, and what their content is worth.

use super::Print;
use super::program::Program;
use super::pump::SignedLibrary;
use crate::crypto::{Certificate, Passphrase, PrivateKey, Sealed};
use crate::engine::Fingerprint;

/// One patient's record: what must stay confined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatientRecord {
    /// Patient number in the lab.
    pub patient: u32,
}
print_message!(struct PatientRecord { patient });

/// A file.
#[derive(Clone, Debug)]
pub struct File {
    /// Path.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Content.
    pub content: Content,
}
print_message!(struct File { path, bytes, content });

/// What a file holds.
#[derive(Clone, Debug)]
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
print_message!(enum Content { Records(r), Data, Archive { expands_to }, NetworkKey { ssid, passphrase }, Identity { chain, key }, Account { user, password }, Library(l), Sealed(s), Program(p) });

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
#[derive(Clone, Debug)]
pub struct FileInfo {
    /// Path.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
}
print_message!(struct FileInfo { path, bytes });

/// Writes a file to a fingerprint.
pub fn fingerprint(file: &File, h: &mut Fingerprint) {
    file.print(h);
}
