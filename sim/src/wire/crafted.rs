//! Exploits in symbolic form: a message made for one flaw, and what it brings along.

use super::Print;
use super::file::File;
use super::program::Program;
use crate::engine::Fingerprint;

/// A message made for a flaw. To software without that flaw it is garbage.
#[derive(Clone, Debug)]
pub struct Crafted {
    /// The flaw that it was made for.
    pub flaw: String,
    /// Transaction of the question that it poses as an answer to: of DHCP or DNS. A client looks at no other answer.
    pub answers: Option<u32>,
    /// What it brings along.
    pub payload: Payload,
}
print_message!(struct Crafted { flaw, answers, payload });

/// What an exploit brings along.
#[derive(Clone, Debug)]
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

impl Print for Payload {
    fn print(&self, h: &mut Fingerprint) {
        match self {
            Self::Nothing => h.write_u64(1),
            Self::Shell => h.write_u64(2),
            Self::Write(file) => {
                h.write_u64(3);
                file.print(h);
            }
            Self::Program(program) => {
                h.write_u64(5);
                program.print(h);
            }
            Self::Read(path) => {
                h.write_u64(4);
                path.print(h);
            }
        }
    }
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
