//! File transfer by FTP (RFC 959): login and retrieval in passive mode.

use super::{Manner, Parcel, Reply, Wish, line, text_of};
use crate::live::vault::Vault;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::shed::Shed;
use pumplab_sim::wire::shell::Ftp as Said;
use std::net::SocketAddr;
use std::sync::Arc;

/// One end of a control connection.
#[derive(Debug)]
pub struct Ftp {
    vault: Arc<Vault>,
    user: Option<String>,
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
            passive: false,
        }
    }

    fn wish(&mut self, text: &str) -> Wish {
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        let answer = |text: &str| Wish::Answer(format!("{text}\r\n").into());
        match verb.to_ascii_uppercase().as_str() {
            "USER" => {
                self.user = Some(rest.to_owned());
                answer("331 password, please")
            }
            "PASS" => match self.user.take() {
                None => answer("503 USER comes first"),
                // By custom the password of nobody in particular is a mail address.
                Some(user) if ["anonymous", "ftp"].contains(&&*user) => {
                    ask(Said::Login { account: None })
                }
                Some(user) => ask(Said::Login {
                    account: Some((user, self.vault.typed(rest))),
                }),
            },
            "PASV" => Wish::Passive { extended: false },
            "EPSV" => Wish::Passive { extended: true },
            "RETR" if !self.passive => answer("425 PASV or EPSV comes first"),
            "RETR" => ask(Said::Retrieve {
                path: rest.to_owned(),
            }),
            "TYPE" | "MODE" | "STRU" | "NOOP" => answer("200 all right"),
            "SYST" => answer("215 UNIX"),
            "QUIT" => Wish::End(b"221 bye\r\n".to_vec()),
            _ => answer("502 not here"),
        }
    }
}

impl Manner for Ftp {
    fn greeting(&self) -> Vec<u8> {
        b"220 pumplab\r\n".to_vec()
    }

    fn take(&mut self, held: &mut Vec<u8>) -> Option<Wish> {
        Some(match line(held)? {
            Ok(text) => self.wish(&text),
            Err(()) => Wish::Cut(b"500 too long\r\n".to_vec(), Shed::TooLong),
        })
    }

    fn tell(&mut self, message: &Message) -> Reply {
        let Message::Ftp(said) = message else {
            return Reply::default();
        };
        match &**said {
            Said::LoginResult { accepted: true } => Reply::line("230 you are in\r\n"),
            Said::LoginResult { accepted: false } => Reply::line("530 no\r\n"),
            Said::File(file) => {
                self.passive = false;
                Reply {
                    bytes: b"150 it comes\r\n".to_vec(),
                    content: Some(Parcel {
                        bytes: text_of(file, &self.vault),
                        sent: b"226 there it is\r\n",
                        failed: b"425 nobody came for it\r\n",
                    }),
                    ends: false,
                }
            }
            Said::Done => Reply::line("250 done\r\n"),
            Said::Failed => Reply::line("550 not possible\r\n"),
            _ => Reply::default(),
        }
    }

    fn passive(&mut self, at: Option<SocketAddr>, extended: bool) -> Vec<u8> {
        self.passive = at.is_some();
        let text = match at {
            Some(at) if extended => format!("229 come here (|||{}|)\r\n", at.port()),
            Some(SocketAddr::V4(at)) => {
                let ([a, b, c, d], port) = (at.ip().octets(), at.port());
                let (high, low) = (port >> 8, port & 0xFF);
                format!("227 come here ({a},{b},{c},{d},{high},{low})\r\n")
            }
            _ => "425 not here\r\n".to_owned(),
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
        let mut held = b"USER admin\r\nPASS admin\r\nRETR /a\r\nPASV\r\nRETR /a\r\n".to_vec();
        assert!(matches!(ftp.take(&mut held), Some(Wish::Answer(_))));
        let Said::Login {
            account: Some((user, password)),
        } = asked(ftp.take(&mut held))
        else {
            panic!("no account")
        };
        assert_eq!(user, "admin");
        assert!(password.matches(&Passphrase::of("admin")));
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
