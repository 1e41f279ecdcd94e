//! File transfer by FTP (RFC 959): login and retrieval in passive mode.

use super::{Manner, Parcel, Reply, Wish, line, text_of};
use crate::live::vault::Vault;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::shed::Shed;
use pumplab_sim::wire::shell::Ftp as Said;
use std::net::SocketAddr;
use std::sync::Arc;

/// Commands of RFC 959, RFC 2428 and RFC 3659 that are known and not carried out here.
const KNOWN: [&str; 24] = [
    "ABOR", "ACCT", "ALLO", "APPE", "CDUP", "CWD", "DELE", "EPRT", "HELP", "LIST", "MDTM", "MKD",
    "MLSD", "MLST", "NLST", "PORT", "REIN", "REST", "RMD", "RNFR", "RNTO", "SIZE", "STOR", "STOU",
];

/// One end of a control connection.
#[derive(Debug)]
pub struct Ftp {
    vault: Arc<Vault>,
    user: Option<String>,
    /// Whether the device has let the client in.
    logged_in: bool,
    /// Whether a connection for content is listened for.
    passive: bool,
}

impl Ftp {
    /// Nobody has said anything.
    #[must_use]
    pub fn new(vault: Arc<Vault>) -> Self {
        Self {
            vault,
            user: None,
            logged_in: false,
            passive: false,
        }
    }

    fn wish(&mut self, text: &str) -> Wish {
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        let answer = |text: &str| Wish::Answer(format!("{text}\r\n").into());
        match verb.to_ascii_uppercase().as_str() {
            "USER" => {
                self.user = Some(rest.to_owned());
                answer("331 Please specify the password.")
            }
            "PASS" => match self.user.take() {
                None => answer("503 Login with USER first."),
                // By custom the password of nobody in particular is a mail address.
                Some(user) if ["anonymous", "ftp"].contains(&&*user) => {
                    ask(Said::Login { account: None })
                }
                Some(user) => ask(Said::Login {
                    account: Some((user, self.vault.typed(rest))),
                }),
            },
            "QUIT" => Wish::End(b"221 Goodbye.\r\n".to_vec()),
            "FEAT" => answer("211-Features:\r\n EPSV\r\n PASV\r\n211 End"),
            "NOOP" => answer("200 NOOP ok."),
            _ if !self.logged_in => answer("530 Please login with USER and PASS."),
            "PASV" => Wish::Passive { extended: false },
            "EPSV" => Wish::Passive { extended: true },
            "RETR" if !self.passive => answer("425 Use PASV or EPSV first."),
            "RETR" => ask(Said::Retrieve {
                path: rest.to_owned(),
            }),
            "TYPE" if rest.eq_ignore_ascii_case("A") => answer("200 Switching to ASCII mode."),
            "TYPE" => answer("200 Switching to Binary mode."),
            "MODE" => answer("200 Mode set to S."),
            "STRU" => answer("200 Structure set to F."),
            "SYST" => answer("215 UNIX Type: L8"),
            "PWD" => answer("257 \"/\" is the current directory"),
            verb if KNOWN.contains(&verb) => answer("502 Command not implemented."),
            _ => answer("500 Unknown command."),
        }
    }
}

impl Manner for Ftp {
    fn greeting(&self) -> Vec<u8> {
        b"220 FTP server ready.\r\n".to_vec()
    }

    fn take(&mut self, held: &mut Vec<u8>) -> Option<Wish> {
        Some(match line(held)? {
            Ok(text) => self.wish(&text),
            Err(()) => Wish::Cut(b"500 Input line too long.\r\n".to_vec(), Shed::TooLong),
        })
    }

    fn tell(&mut self, message: &Message) -> Reply {
        let Message::Ftp(said) = message else {
            return Reply::default();
        };
        match &**said {
            Said::LoginResult { accepted } => {
                self.logged_in = *accepted;
                Reply::line(if *accepted {
                    "230 Login successful.\r\n"
                } else {
                    "530 Login incorrect.\r\n"
                })
            }
            Said::File(file) => {
                self.passive = false;
                let content = text_of(file, &self.vault);
                let length = content.len();
                Reply {
                    // The path is not repeated: it may hold anything.
                    bytes: format!("150 Opening data connection ({length} bytes).\r\n").into(),
                    content: Some(Parcel {
                        bytes: content,
                        sent: b"226 Transfer complete.\r\n",
                        failed: b"425 Failed to establish connection.\r\n",
                    }),
                    ends: false,
                }
            }
            Said::Done => Reply::line("226 Transfer complete.\r\n"),
            Said::Failed => Reply::line("550 Failed to open file.\r\n"),
            _ => Reply::default(),
        }
    }

    fn passive(&mut self, at: Option<SocketAddr>, extended: bool) -> Vec<u8> {
        self.passive = at.is_some();
        let text = match at {
            Some(at) if extended => {
                format!("229 Entering Extended Passive Mode (|||{}|)\r\n", at.port())
            }
            Some(SocketAddr::V4(at)) => {
                let ([a, b, c, d], port) = (at.ip().octets(), at.port());
                let (high, low) = (port >> 8, port & 0xFF);
                format!("227 Entering Passive Mode ({a},{b},{c},{d},{high},{low}).\r\n")
            }
            _ => "425 Cannot open a passive connection.\r\n".to_owned(),
        };
        text.into_bytes()
    }
}

fn ask(said: Said) -> Wish {
    Wish::Ask(Box::new(Message::Ftp(Box::new(said))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::vault::tests::vault;
    use pumplab_sim::crypto::Passphrase;
    use pumplab_sim::wire::file::{Content, File};

    fn asked(wish: Option<Wish>) -> Said {
        match wish {
            Some(Wish::Ask(message)) => match *message {
                Message::Ftp(said) => *said,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_is_fetched_after_a_login_in_passive_mode() {
        let mut ftp = Ftp::new(Arc::new(vault()));
        let mut held =
            b"RETR /a\r\nUSER admin\r\nPASS admin\r\nRETR /a\r\nPASV\r\nRETR /a\r\n".to_vec();
        let Some(Wish::Answer(early)) = ftp.take(&mut held) else {
            panic!("a file before the login")
        };
        assert!(early.starts_with(b"530 "), "{early:?}");
        assert!(matches!(ftp.take(&mut held), Some(Wish::Answer(_))));
        let Said::Login {
            account: Some((user, password)),
        } = asked(ftp.take(&mut held))
        else {
            panic!("no account")
        };
        assert_eq!(user, "admin");
        assert!(password.matches(&Passphrase::of("admin")));
        let said = Said::LoginResult { accepted: true };
        let welcome = ftp.tell(&Message::Ftp(Box::new(said))).bytes;
        assert_eq!(welcome, b"230 Login successful.\r\n");
        let refused = ftp.take(&mut held);
        assert!(matches!(refused, Some(Wish::Answer(_))), "{refused:?}");
        assert!(matches!(
            ftp.take(&mut held),
            Some(Wish::Passive { extended: false })
        ));
        let at = "127.0.0.1:513".parse().ok();
        let told = String::from_utf8(ftp.passive(at, false)).expect("text");
        assert!(told.contains("(127,0,0,1,2,1)"), "{told}");
        assert!(matches!(asked(ftp.take(&mut held)), Said::Retrieve { .. }));
        let file = File {
            path: "/a".to_owned(),
            bytes: 5,
            content: Content::Data,
        };
        let reply = ftp.tell(&Message::Ftp(Box::new(Said::File(file))));
        assert_eq!(reply.content.expect("content").bytes.len(), 5);
    }

    #[test]
    fn nobody_in_particular_has_no_account() {
        let mut ftp = Ftp::new(Arc::new(vault()));
        let mut held = b"user anonymous\r\npass a@example.org\r\n".to_vec();
        ftp.take(&mut held);
        let login = asked(ftp.take(&mut held));
        assert!(matches!(login, Said::Login { account: None }), "{login:?}");
    }
}
