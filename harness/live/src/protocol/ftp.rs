//! File transfer by FTP (RFC 959): login and retrieval in passive mode.

use super::lines::{text, text_of};
use super::{Action, Body, Handler, Reject, Reply};
use crate::secrets::SecretStore;
use bytes::Bytes;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::shell::Ftp as Said;
use std::net::SocketAddr;
use std::sync::Arc;

/// Commands of RFC 959, RFC 2428 and RFC 3659 that are known and not carried out here.
const KNOWN: [&str; 24] = [
    "ABOR", "ACCT", "ALLO", "APPE", "CDUP", "CWD", "DELE", "EPRT", "HELP", "LIST", "MDTM", "MKD",
    "MLSD", "MLST", "NLST", "PORT", "REIN", "REST", "RMD", "RNFR", "RNTO", "SIZE", "STOR", "STOU",
];

/// The answer to a line that is too long.
pub const TOO_LONG: &str = "500 Input line too long.\r\n";

/// One end of a control connection.
#[derive(Debug)]
pub struct Ftp {
    secrets: Arc<SecretStore>,
    user: Option<String>,
    /// Whether the device has let the client in.
    logged_in: bool,
    /// Which command opens a data port now.
    passive: Passive,
    /// Whether a data port is open.
    open: bool,
    /// Whether files go as they are (`TYPE I`).
    binary: bool,
}

/// The command that opens a data port: its answer depends on it.
#[derive(Clone, Copy, Debug)]
enum Passive {
    /// `PASV` (RFC 959).
    Address,
    /// `EPSV` (RFC 2428).
    Extended,
}

impl Ftp {
    /// Nothing has been said.
    #[must_use]
    pub fn new(secrets: Arc<SecretStore>) -> Self {
        Self {
            secrets,
            user: None,
            logged_in: false,
            passive: Passive::Address,
            open: false,
            binary: false,
        }
    }

    fn command(&mut self, text: &str) -> Action {
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        match verb.to_ascii_uppercase().as_str() {
            "USER" => {
                self.user = Some(rest.to_owned());
                reply("331 Please specify the password.")
            }
            "PASS" => match self.user.take() {
                None => reply("503 Login with USER first."),
                // By custom the password of an anonymous user is an e-mail address.
                Some(user) if ["anonymous", "ftp"].contains(&&*user) => {
                    ask(Said::Login { account: None })
                }
                Some(user) => ask(Said::Login {
                    account: Some((user, self.secrets.typed(rest))),
                }),
            },
            "QUIT" => Action::Close("221 Goodbye.\r\n".into()),
            "FEAT" => reply("211-Features:\r\n EPSV\r\n PASV\r\n211 End"),
            "NOOP" => reply("200 NOOP ok."),
            _ if !self.logged_in => reply("530 Please login with USER and PASS."),
            "PASV" => {
                self.passive = Passive::Address;
                Action::OpenDataPort
            }
            "EPSV" => {
                self.passive = Passive::Extended;
                Action::OpenDataPort
            }
            "RETR" if !self.open => reply("425 Use PASV or EPSV first."),
            "RETR" => ask(Said::Retrieve {
                path: rest.to_owned(),
            }),
            "TYPE" => {
                self.binary = !rest.eq_ignore_ascii_case("A");
                reply(if self.binary {
                    "200 Switching to Binary mode."
                } else {
                    "200 Switching to ASCII mode."
                })
            }
            "MODE" => reply("200 Mode set to S."),
            "STRU" => reply("200 Structure set to F."),
            "SYST" => reply("215 UNIX Type: L8"),
            "PWD" => reply("257 \"/\" is the current directory"),
            verb if KNOWN.contains(&verb) => reply("502 Command not implemented."),
            _ => reply("500 Unknown command."),
        }
    }
}

impl Handler for Ftp {
    fn greeting(&self) -> Option<Bytes> {
        Some("220 FTP server ready.\r\n".into())
    }

    fn request(&mut self, request: Bytes) -> Result<Action, Reject> {
        Ok(self.command(&text(&request)))
    }

    fn message(&mut self, message: &Message) -> Option<Reply> {
        let Message::Ftp(said) = message else {
            return None;
        };
        Some(match &**said {
            Said::LoginResult { accepted } => {
                self.logged_in = *accepted;
                Reply::one(if *accepted {
                    "230 Login successful.\r\n"
                } else {
                    "530 Login incorrect.\r\n"
                })
            }
            Said::File(file) => {
                self.open = false;
                let content = text_of(file, &self.secrets);
                let (mode, length) = (if self.binary { "BINARY" } else { "ASCII" }, content.len());
                // The path is not repeated: it may hold anything.
                let opening =
                    format!("150 Opening {mode} mode data connection ({length} bytes).\r\n");
                Reply {
                    data: Some(Body {
                        bytes: content.into(),
                        sent: "226 Transfer complete.\r\n",
                        failed: "425 Failed to establish connection.\r\n",
                    }),
                    ..Reply::one(opening)
                }
            }
            Said::Done => Reply::one("226 Transfer complete.\r\n"),
            Said::Failed => Reply::one("550 Failed to open file.\r\n"),
            _ => return None,
        })
    }

    fn data_port(&mut self, at: Option<SocketAddr>) -> Bytes {
        self.open = at.is_some();
        let text = match (at, self.passive) {
            (Some(at), Passive::Extended) => {
                format!("229 Entering Extended Passive Mode (|||{}|)\r\n", at.port())
            }
            (Some(SocketAddr::V4(at)), Passive::Address) => {
                let ([a, b, c, d], port) = (at.ip().octets(), at.port());
                let (high, low) = (port >> 8, port & 0xFF);
                format!("227 Entering Passive Mode ({a},{b},{c},{d},{high},{low}).\r\n")
            }
            _ => "425 Can't open data connection.\r\n".to_owned(),
        };
        text.into()
    }
}

fn reply(text: &str) -> Action {
    Action::Reply(vec![format!("{text}\r\n").into()])
}

fn ask(said: Said) -> Action {
    Action::Deliver(Box::new(Message::Ftp(Box::new(said))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::secrets;
    use pumplab_sim::crypto::Passphrase;
    use pumplab_sim::wire::file::{Content, File};

    fn say(ftp: &mut Ftp, line: &'static str) -> Action {
        ftp.request(line.into()).expect("any line will do")
    }

    fn delivered(action: Action) -> Said {
        match action {
            Action::Deliver(message) => match *message {
                Message::Ftp(said) => *said,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    fn replied(action: Action) -> String {
        match action {
            Action::Reply(parts) => String::from_utf8_lossy(&parts.concat()).into(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_is_fetched_after_a_login_in_passive_mode() {
        let ftp = &mut Ftp::new(Arc::new(secrets()));
        assert!(replied(say(ftp, "RETR /a\r")).starts_with("530 Please login"));
        assert!(replied(say(ftp, "USER admin\r")).starts_with("331 "));
        let login = delivered(say(ftp, "PASS admin\r"));
        let Said::Login {
            account: Some((user, password)),
        } = login
        else {
            panic!("no account")
        };
        assert_eq!(user, "admin");
        assert!(password.matches(&Passphrase::of("admin")));
        let said = Said::LoginResult { accepted: true };
        let welcome = ftp.message(&Message::Ftp(Box::new(said)));
        let welcome = welcome.expect("it is answered").parts.concat();
        assert_eq!(welcome, b"230 Login successful.\r\n");
        assert!(replied(say(ftp, "RETR /a\r")).starts_with("425 "));
        assert!(matches!(say(ftp, "PASV\r"), Action::OpenDataPort));
        let told = ftp.data_port("127.0.0.1:513".parse().ok());
        assert_eq!(told, "227 Entering Passive Mode (127,0,0,1,2,1).\r\n");
        let retrieve = delivered(say(ftp, "RETR /a\r"));
        assert!(matches!(retrieve, Said::Retrieve { .. }));
        let file = File {
            path: "/a".to_owned(),
            bytes: 5,
            content: Content::Data,
        };
        let reply = ftp.message(&Message::Ftp(Box::new(Said::File(file))));
        let body = reply.expect("it is answered").data.expect("content");
        assert_eq!(body.bytes.len(), 5);
        let again = replied(say(ftp, "RETR /a\r"));
        assert!(again.starts_with("425 "), "a data port is for one file");
    }

    #[test]
    fn an_anonymous_user_has_no_account() {
        let ftp = &mut Ftp::new(Arc::new(secrets()));
        say(ftp, "user anonymous");
        let login = delivered(say(ftp, "pass a@example.org"));
        assert!(matches!(login, Said::Login { account: None }), "{login:?}");
    }

    #[test]
    fn replies_are_those_of_a_server() {
        let ftp = &mut Ftp::new(Arc::new(secrets()));
        for (line, code) in [
            ("PASS x", "503"),
            ("SYST", "530"),
            ("NOOP", "200"),
            ("FEAT", "211"),
        ] {
            assert!(replied(say(ftp, line)).starts_with(code), "{line}");
        }
        ftp.logged_in = true;
        for (line, code) in [
            ("SYST", "215"),
            ("TYPE I", "200"),
            ("LIST", "502"),
            ("XYZZY", "500"),
        ] {
            assert!(replied(say(ftp, line)).starts_with(code), "{line}");
        }
        assert!(matches!(say(ftp, "QUIT"), Action::Close(b) if b == "221 Goodbye.\r\n"));
    }
}
