//! Maintenance services in the words of programs that everybody has: telnet, FTP, the web.
//!
//! Each is a machine without sockets: bytes in, messages for the device out; the device's answers in, bytes out. One request is under way at a time.
//! The device is the simulation's own: it lets in, refuses, gives out files and keeps its records. Where it has nothing to say a machine answers itself.

pub mod ftp;
pub mod telnet;
pub mod web;

use super::vault::Vault;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::file::{Content, File};
use pumplab_sim::wire::shed::Shed;
use std::net::SocketAddr;

/// Longest request that is taken, in bytes.
pub const LONGEST: usize = 8 * 1024;
/// Longest line of it, in bytes.
const LONGEST_LINE: usize = 1024;
/// Bytes of a file that are made up at the most where a file has a size and no text.
const FILLING: u64 = 64 * 1024;

/// What a client wanted.
#[derive(Debug)]
pub enum Wish {
    /// The device is to answer this.
    Ask(Box<Message>),
    /// These bytes answer it.
    Answer(Vec<u8>),
    /// These bytes answer it, and the connection ends.
    End(Vec<u8>),
    /// A connection of its own for a file's content is to be listened for.
    Passive {
        /// Whether by the newer command, whose answer names no address.
        extended: bool,
    },
    /// Not to go on: these bytes say so, and the connection is cut for this reason.
    Cut(Vec<u8>, Shed),
}

/// How the device's answer goes out.
#[derive(Debug, Default)]
pub struct Reply {
    /// Bytes for the connection.
    pub bytes: Vec<u8>,
    /// Content for the connection of its own, and what is said when it is there, and when it cannot be.
    pub content: Option<Parcel>,
    /// Whether the connection ends.
    pub ends: bool,
}

/// A file's content for a connection of its own.
#[derive(Debug)]
pub struct Parcel {
    /// The content.
    pub bytes: Vec<u8>,
    /// Said when it is over.
    pub sent: &'static [u8],
    /// Said when nobody took it.
    pub failed: &'static [u8],
}

impl Reply {
    fn line(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            ..Self::default()
        }
    }
}

/// A protocol of lines, for one connection.
pub trait Manner: Send + Sync {
    /// What is said first.
    fn greeting(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Takes a request off the front of what came; none while it is not whole.
    fn take(&mut self, held: &mut Vec<u8>) -> Option<Wish>;

    /// How an answer of the device goes out.
    fn tell(&mut self, message: &Message) -> Reply;

    /// What is said of a connection for content that is listened for here now; none: it cannot be.
    fn passive(&mut self, _at: Option<SocketAddr>, _extended: bool) -> Vec<u8> {
        Vec::new()
    }
}

/// Takes a line off the front, without its end; none while there is no whole one. A line that is too long is an error.
fn line(held: &mut Vec<u8>) -> Option<Result<String, ()>> {
    let end = held.iter().position(|b| *b == b'\n');
    let Some(end) = end else {
        return (held.len() > LONGEST_LINE).then_some(Err(()));
    };
    if end > LONGEST_LINE {
        return Some(Err(()));
    }
    let mut line: Vec<u8> = held.drain(..=end).collect();
    while matches!(line.last(), Some(b'\n' | b'\r' | 0)) {
        line.pop();
    }
    // Telnet sends a zero after a carriage return that is no end of a line.
    line.retain(|b| *b != 0);
    Some(Ok(String::from_utf8_lossy(&line).into_owned()))
}

/// What a file looks like outside. A password that stands in it is given out as it is: that is what a file with a password does.
fn text_of(file: &File, vault: &Vault) -> Vec<u8> {
    match &file.content {
        Content::Records(records) => {
            let row =
                |r: &pumplab_sim::wire::file::PatientRecord| format!("patient {}\n", r.patient);
            records.iter().map(row).collect::<String>().into_bytes()
        }
        Content::Account { user, password } => {
            format!("user={user}\npassword={}\n", vault.text(password)).into_bytes()
        }
        Content::NetworkKey { ssid, .. } => format!("ssid={ssid}\nkey=(stored)\n").into_bytes(),
        Content::Library(signed) => serde_json::to_vec(&*signed.library).unwrap_or_default(),
        Content::Identity { .. } => b"(a certificate and its key)\n".to_vec(),
        Content::Program(_) => b"(a program)\n".to_vec(),
        Content::Data | Content::Archive { .. } | Content::Sealed(_) => {
            vec![b'.'; usize::try_from(file.bytes.min(FILLING)).unwrap_or(0)]
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::live::vault::tests::vault;
    use std::sync::Arc;

    /// A generator of bytes that repeats: xorshift.
    pub(crate) fn noise(seed: u64) -> impl Iterator<Item = u8> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        std::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
    }

    fn machines(vault: &Arc<Vault>) -> [Box<dyn Manner>; 3] {
        [
            Box::new(telnet::Telnet::new(vault.clone())),
            Box::new(ftp::Ftp::new(vault.clone())),
            Box::new(web::Web::new(vault.clone())),
        ]
    }

    #[test]
    fn whatever_comes_is_taken_or_refused_and_nothing_is_held_without_bound() {
        let vault = Arc::new(vault());
        let words: [&[u8]; 12] = [
            b"admin\r\n",
            b"GET / HTTP/1.1\r\n",
            b"\r\n\r\n",
            b"USER a\r\n",
            b"PASS b\r\n",
            b"POST /settings HTTP/1.1\r\nContent-Length: 9999999999999999999999\r\n\r\n",
            b"Content-Length: 7\r\n\r\n",
            b"\xff\xfb\x01",
            b"\xff\xfa",
            b"%zz%",
            b"RETR ../../x\r\n",
            b"write /a 99999999999999999999\n",
        ];
        for seed in 0..400 {
            for mut machine in machines(&vault) {
                let mut held = Vec::new();
                let mut noise = noise(seed);
                let mut asked = 0;
                'one: for _ in 0..40 {
                    let pick = noise.next().unwrap_or(0);
                    match pick % 3 {
                        0 => held.extend(noise.by_ref().take(usize::from(pick))),
                        _ => held.extend(words[usize::from(pick / 3) % words.len()]),
                    }
                    loop {
                        let before = held.len();
                        match machine.take(&mut held) {
                            None => break,
                            Some(Wish::End(_) | Wish::Cut(..)) => break 'one,
                            Some(Wish::Ask(_)) => {
                                asked += 1;
                                machine.tell(&Message::Opaque { bytes: 1 });
                            }
                            Some(_) => {}
                        }
                        assert!(held.len() < before, "a request that takes nothing");
                    }
                    assert!(
                        held.len() <= LONGEST + 1024,
                        "{} bytes are held",
                        held.len()
                    );
                }
                assert!(asked < 1000);
            }
        }
    }
}
