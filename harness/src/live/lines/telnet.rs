//! The remote shell by telnet (RFC 854): a login where the device asks for one, then commands.

use super::{Manner, Reply, Wish, line, text_of};
use crate::live::vault::Vault;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::file::{Content, File};
use pumplab_sim::wire::shed::Shed;
use pumplab_sim::wire::shell::{Command, Output, Shell};
use std::sync::Arc;

const IAC: u8 = 255;
const SUBNEGOTIATION: u8 = 250;
const SUBNEGOTIATION_END: u8 = 240;
/// Asks the client not to show what is typed, and to show it again (RFC 857).
const HIDE: [u8; 3] = [IAC, 251, 1];
const SHOW: [u8; 3] = [IAC, 252, 1];
const PROMPT: &str = "# ";
const USER: &str = "login: ";
const HELP: &str =
    "Built-in commands: ls, cat PATH, write PATH BYTES, expand PATH, run PATH, netstat, exit\r\n# ";

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing is asked before the device has greeted.
    Greeting,
    User,
    Password(String),
    Shell,
}

/// One end of a telnet connection.
#[derive(Debug)]
pub struct Telnet {
    vault: Arc<Vault>,
    stage: Stage,
}

impl Telnet {
    /// Nobody has said anything.
    #[must_use]
    pub fn new(vault: Arc<Vault>) -> Self {
        Self {
            vault,
            stage: Stage::Greeting,
        }
    }

    fn typed(&mut self, text: &str) -> Wish {
        match &self.stage {
            Stage::Greeting | Stage::User => {
                self.stage = Stage::Password(text.to_owned());
                Wish::Answer([HIDE.as_slice(), b"Password: "].concat())
            }
            Stage::Password(user) => {
                let (user, password) = (user.clone(), self.vault.typed(text));
                self.stage = Stage::User;
                ask(Shell::Login { user, password })
            }
            Stage::Shell => command(text),
        }
    }

    fn said(&self, output: &Output) -> Vec<u8> {
        let mut bytes = match output {
            Output::Listing(files) => {
                let row = |f: &pumplab_sim::wire::file::FileInfo| {
                    format!("{:>10} {}\r\n", f.bytes, f.path)
                };
                files.iter().map(row).collect::<String>().into_bytes()
            }
            Output::File(file) => {
                let text = text_of(file, &self.vault);
                [
                    String::from_utf8_lossy(&text)
                        .replace('\n', "\r\n")
                        .as_bytes(),
                    b"\r\n",
                ]
                .concat()
            }
            // A shell says nothing of what went well.
            Output::Done | Output::Onward(_) => Vec::new(),
            Output::NotFound => b"No such file or directory\r\n".to_vec(),
            Output::NoSpace => b"write error: No space left on device\r\n".to_vec(),
            Output::Refused => b"Permission denied\r\n".to_vec(),
            Output::Unreachable => b"Network is unreachable\r\n".to_vec(),
            Output::Peers(peers) => {
                let row = |p: &pumplab_sim::wire::shell::Peer| {
                    let peer = format!("{}:{}", p.ip, p.port);
                    format!("tcp   {peer:<23} ESTABLISHED\r\n")
                };
                let head = "Proto Foreign Address         State\r\n".to_owned();
                let rows = peers.iter().map(row);
                std::iter::once(head)
                    .chain(rows)
                    .collect::<String>()
                    .into_bytes()
            }
        };
        bytes.extend_from_slice(PROMPT.as_bytes());
        bytes
    }
}

impl Manner for Telnet {
    fn take(&mut self, held: &mut Vec<u8>) -> Option<Wish> {
        // Options of the terminal are neither asked for nor granted: the defaults of RFC 854 do.
        strip(held);
        Some(match line(held)? {
            Ok(text) => self.typed(&text),
            Err(()) => Wish::Cut(b"Line too long\r\n".to_vec(), Shed::TooLong),
        })
    }

    fn tell(&mut self, message: &Message) -> Reply {
        let Message::Shell(said) = message else {
            return Reply::default();
        };
        Reply::line(match &**said {
            Shell::Banner { open } => {
                self.stage = if *open { Stage::Shell } else { Stage::User };
                if *open { PROMPT } else { USER }.as_bytes().to_vec()
            }
            Shell::LoginResult { accepted: true } => {
                self.stage = Stage::Shell;
                [SHOW.as_slice(), b"\r\n", PROMPT.as_bytes()].concat()
            }
            Shell::LoginResult { accepted: false } => {
                self.stage = Stage::User;
                [SHOW.as_slice(), b"\r\nLogin incorrect\r\n", USER.as_bytes()].concat()
            }
            Shell::Output(output) => self.said(output),
            _ => Vec::new(),
        })
    }
}

fn ask(shell: Shell) -> Wish {
    Wish::Ask(Box::new(Message::Shell(Box::new(shell))))
}

fn command(text: &str) -> Wish {
    let words: Vec<&str> = text.split_whitespace().collect();
    let path = |p: &&str| (*p).to_owned();
    let command = match words.as_slice() {
        [] => return Wish::Answer(PROMPT.into()),
        ["exit" | "quit" | "logout"] => return Wish::End(b"logout\r\n".to_vec()),
        ["help"] => return Wish::Answer(HELP.into()),
        ["ls"] => Command::List,
        ["netstat"] => Command::Netstat,
        ["cat", p] => Command::Read { path: path(p) },
        ["expand", p] => Command::Expand { path: path(p) },
        ["run", p] => Command::Run { path: path(p) },
        ["write", p, bytes] => match bytes.parse() {
            Ok(bytes) => Command::Write {
                file: File {
                    path: path(p),
                    bytes,
                    content: Content::Data,
                },
            },
            Err(_) => return Wish::Answer(b"write: invalid number of bytes\r\n# ".to_vec()),
        },
        [other, ..] => {
            let known: String = other.chars().filter(|c| !c.is_control()).take(40).collect();
            return Wish::Answer(format!("sh: {known}: not found\r\n# ").into());
        }
    };
    ask(Shell::Run(command))
}

/// Takes commands of the telnet protocol out, as far as they are whole.
fn strip(held: &mut Vec<u8>) {
    if !held.contains(&IAC) {
        return;
    }
    let mut kept = Vec::with_capacity(held.len());
    let mut i = 0;
    while i < held.len() {
        let rest = &held[i..];
        let skipped = match rest {
            [IAC, IAC, ..] => 2,
            [IAC, SUBNEGOTIATION, ..] => {
                let end = rest.windows(2).position(|w| w == [IAC, SUBNEGOTIATION_END]);
                // One that does not end in what is held is dropped with all that came of it.
                end.map_or(rest.len(), |e| e + 2)
            }
            [IAC, 251..=254, _, ..] => 3,
            // Not whole yet.
            [IAC] | [IAC, 251..=254] => break,
            [IAC, _, ..] => 2,
            [byte, ..] => {
                kept.push(*byte);
                1
            }
            [] => break,
        };
        i += skipped;
    }
    kept.extend_from_slice(&held[i..]);
    *held = kept;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::vault::tests::vault;
    use pumplab_sim::crypto::Passphrase;

    fn asked(wish: Option<Wish>) -> Shell {
        match wish {
            Some(Wish::Ask(message)) => match *message {
                Message::Shell(shell) => *shell,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    fn tell(telnet: &mut Telnet, shell: Shell) -> String {
        let reply = telnet.tell(&Message::Shell(Box::new(shell)));
        String::from_utf8_lossy(&reply.bytes).into_owned()
    }

    #[test]
    fn a_login_and_a_command_of_a_terminal() {
        let mut telnet = Telnet::new(Arc::new(vault()));
        assert_eq!(tell(&mut telnet, Shell::Banner { open: false }), USER);
        let mut held =
            b"\xff\xfd\x03\xff\xfa\x18\x00xterm\xff\xf0admin\r\0\nadmin\r\nls\r\n".to_vec();
        assert!(matches!(telnet.take(&mut held), Some(Wish::Answer(_))));
        let Shell::Login { user, password } = asked(telnet.take(&mut held)) else {
            panic!("no login")
        };
        assert_eq!(user, "admin");
        assert!(password.matches(&Passphrase::of("admin")));
        let told = tell(&mut telnet, Shell::LoginResult { accepted: true });
        assert!(told.ends_with(PROMPT), "{told}");
        assert!(matches!(
            asked(telnet.take(&mut held)),
            Shell::Run(Command::List)
        ));
        assert!(telnet.take(&mut held).is_none());
        held.extend(b"cat /etc/passwd\nwrite /a many\nwrite /a 7\nrm -r /\nexit\n");
        let Shell::Run(Command::Read { path }) = asked(telnet.take(&mut held)) else {
            panic!("no reading")
        };
        assert_eq!(path, "/etc/passwd");
        assert!(matches!(telnet.take(&mut held), Some(Wish::Answer(_))));
        assert!(matches!(
            asked(telnet.take(&mut held)),
            Shell::Run(Command::Write { .. })
        ));
        assert!(matches!(telnet.take(&mut held), Some(Wish::Answer(_))));
        assert!(matches!(telnet.take(&mut held), Some(Wish::End(_))));
    }

    #[test]
    fn who_is_refused_is_asked_again_and_an_open_shell_asks_nobody() {
        let mut telnet = Telnet::new(Arc::new(vault()));
        tell(&mut telnet, Shell::Banner { open: false });
        let mut held = b"admin\nguess\nls\n".to_vec();
        telnet.take(&mut held);
        assert!(matches!(asked(telnet.take(&mut held)), Shell::Login { .. }));
        let told = tell(&mut telnet, Shell::LoginResult { accepted: false });
        assert!(told.ends_with(USER), "{told}");
        let next = telnet.take(&mut held);
        assert!(matches!(next, Some(Wish::Answer(_))), "a name: {next:?}");
        let mut open = Telnet::new(Arc::new(vault()));
        assert_eq!(tell(&mut open, Shell::Banner { open: true }), PROMPT);
        assert!(matches!(
            asked(open.take(&mut b"ls\n".to_vec())),
            Shell::Run(Command::List)
        ));
    }
}
