//! Exploits in symbolic form: a message made for one flaw, and what it brings along.

use super::file::File;
use super::program::Program;
use crate::fingerprint::Fingerprint;

/// A message made for a flaw. To software without that flaw it is garbage.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Crafted {
    /// The flaw that it was made for.
    pub flaw: String,
    /// Transaction of the question that it poses as an answer to: of DHCP or DNS. A client looks at no other answer.
    pub answers: Option<u32>,
    /// What it brings along.
    pub payload: Payload,
}

/// What an exploit brings along.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Payload {
    /// Nothing: it breaks what it hits.
    Nothing,
    /// Code that turns the stream on which it came into a shell session.
    Shell,
    /// A program that runs with the rights of the service.
    Program(Program),
    /// A file to be written.
    Write(File),
    /// The path of a file to be sent back.
    Read(String),
}

impl Crafted {
    /// Length in bytes: some hundred for what breaks the parser \[A\], and what it carries.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        400 + match &self.payload {
            Payload::Nothing => 0,
            Payload::Shell => 600,
            Payload::Program(_) => Program::BYTES as u32,
            Payload::Write(file) => file.bytes.min(1 << 20) as u32,
            Payload::Read(path) => path.len() as u32,
        }
    }
}
