//! What people's portals and the directory behind them speak, as bytes: framed as the pump protocol is.
//!
//! `docs/reference/portal-protocol.md` describes it for whoever writes a client. Passwords and tokens travel here: nothing prints a message, and an
//! error says where the fault is without repeating what stood there.

use super::pump::{self, FrameError};
use super::{Action as Step, Handler, Reject, Reply};
use crate::pki::Signatures;
use crate::secrets::SecretStore;
use bytes::Bytes;
use pumplab_sim::clinical::drug_library::DrugLibrary;
use pumplab_sim::crypto::Signature;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::file::{Content, PatientRecord};
use pumplab_sim::wire::portal::{Action, Directory, Portal, StaffRole};
use pumplab_sim::wire::pump::SignedLibrary;
use pumplab_sim::wire::shed::Shed as Rejection;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Longest message that a portal takes, in bytes: a library of some hundred entries.
pub const LONGEST_TO_PORTAL: usize = 256 * 1024;
/// Longest message that a directory takes, in bytes.
pub const LONGEST_TO_DIRECTORY: usize = 4 * 1024;
/// Longest user name or password, in bytes.
const LONGEST_WORD: usize = 256;

/// A message of a portal as JSON.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
enum Frame {
    Login {
        user: String,
        password: String,
    },
    Claim {
        user: String,
    },
    LoginResult {
        token: Option<String>,
        approval: bool,
    },
    Do {
        token: String,
        action: Act,
    },
    History {
        rows: Vec<Row>,
    },
    Done {},
    Denied {},
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Act {
    History {},
    PublishNow {
        library: DrugLibrary,
        signature: Option<String>,
    },
    Draft {
        library: DrugLibrary,
        signature: Option<String>,
    },
    Review {
        version: u32,
    },
    Approve {
        version: u32,
        /// The library that was signed: the draft, as the approver has seen it.
        library: Option<DrugLibrary>,
        signature: Option<String>,
    },
    Publish {
        version: u32,
    },
    AlarmManager {
        name: String,
    },
}

/// A row of an infusion history.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Row {
    Records {
        patients: Vec<u32>,
    },
    /// Nothing that says whose it is.
    Data {},
}

/// A message of a directory as JSON.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
enum Lookup {
    Bind {
        number: u32,
        user: String,
        password: String,
    },
    Bound {
        number: u32,
        role: Option<StaffRole>,
    },
}

/// One end of a connection to a portal.
#[derive(Debug)]
pub struct PortalLink {
    secrets: Arc<SecretStore>,
    signatures: Arc<Signatures>,
}

impl PortalLink {
    /// Nothing has been said.
    #[must_use]
    pub fn new(secrets: Arc<SecretStore>, signatures: Arc<Signatures>) -> Self {
        Self {
            secrets,
            signatures,
        }
    }

    fn codec(&self) -> StaffCodec<'_> {
        StaffCodec {
            secrets: &self.secrets,
            signatures: &self.signatures,
        }
    }
}

impl Handler for PortalLink {
    fn request(&mut self, request: Bytes) -> Result<Step, Reject> {
        let message = self.codec().read_portal(&request);
        let message = message.map_err(|_| Reject::silent(Rejection::Malformed))?;
        Ok(Step::Deliver(Box::new(Message::Portal(Box::new(message)))))
    }

    fn message(&mut self, message: &Message) -> Option<Reply> {
        let Message::Portal(message) = message else {
            return None;
        };
        self.codec().write_portal(message).ok().map(Reply::one)
    }
}

/// One end of a connection to a directory.
#[derive(Debug)]
pub struct DirectoryLink(PortalLink);

impl DirectoryLink {
    /// Nothing has been said.
    #[must_use]
    pub fn new(secrets: Arc<SecretStore>, signatures: Arc<Signatures>) -> Self {
        Self(PortalLink::new(secrets, signatures))
    }
}

impl Handler for DirectoryLink {
    fn request(&mut self, request: Bytes) -> Result<Step, Reject> {
        let message = self.0.codec().read_directory(&request);
        let message = message.map_err(|_| Reject::silent(Rejection::Malformed))?;
        Ok(Step::Deliver(Box::new(Message::Directory(Box::new(
            message,
        )))))
    }

    fn message(&mut self, message: &Message) -> Option<Reply> {
        let Message::Directory(message) = message else {
            return None;
        };
        self.0.codec().write_directory(message).ok().map(Reply::one)
    }
}

/// What turns messages of staff into bytes and back.
#[derive(Clone, Copy, Debug)]
pub struct StaffCodec<'a> {
    /// SecretStore of the run.
    pub secrets: &'a SecretStore,
    /// Real signatures.
    pub signatures: &'a Signatures,
}

impl StaffCodec<'_> {
    /// A message of a portal as JSON.
    ///
    /// # Errors
    /// For a message that has no form in bytes.
    pub fn write_portal(&self, message: &Portal) -> Result<Bytes, FrameError> {
        pump::json(&self.frame_of(message)?)
    }

    /// The message of a portal that these bytes are.
    ///
    /// # Errors
    /// When they are none.
    pub fn read_portal(&self, bytes: &[u8]) -> Result<Portal, FrameError> {
        self.portal_of(read(bytes)?)
    }

    /// A message of a directory as JSON.
    ///
    /// # Errors
    /// When it cannot be written: it always can.
    pub fn write_directory(&self, message: &Directory) -> Result<Bytes, FrameError> {
        pump::json(&match message {
            Directory::Bind {
                number,
                user,
                password,
            } => Lookup::Bind {
                number: *number,
                user: user.clone(),
                password: self.secrets.text(password).to_owned(),
            },
            Directory::Bound { number, role } => Lookup::Bound {
                number: *number,
                role: *role,
            },
        })
    }

    /// The message of a directory that these bytes are.
    ///
    /// # Errors
    /// When they are none.
    pub fn read_directory(&self, bytes: &[u8]) -> Result<Directory, FrameError> {
        Ok(match read(bytes)? {
            Lookup::Bind {
                number,
                user,
                password,
            } => Directory::Bind {
                number,
                user: word("user", user)?,
                password: self.secrets.typed(&word("password", password)?),
            },
            Lookup::Bound { number, role } => Directory::Bound { number, role },
        })
    }

    fn frame_of(&self, message: &Portal) -> Result<Frame, FrameError> {
        let text = |token| {
            let text = self.secrets.token_text(token);
            text.map_err(|_| FrameError::NotCarried("a token without random bytes"))
        };
        Ok(match message {
            Portal::Login { user, password } => Frame::Login {
                user: user.clone(),
                password: self.secrets.text(password).to_owned(),
            },
            Portal::Claim { user } => Frame::Claim { user: user.clone() },
            Portal::LoginResult { token, approval } => Frame::LoginResult {
                token: token.as_ref().map(text).transpose()?,
                approval: *approval,
            },
            Portal::Do { token, action } => Frame::Do {
                token: text(token)?,
                action: self.act_of(action),
            },
            Portal::History(rows) => Frame::History {
                rows: rows.iter().map(row_of).collect::<Result<_, _>>()?,
            },
            Portal::Done => Frame::Done {},
            Portal::Denied => Frame::Denied {},
        })
    }

    fn act_of(&self, action: &Action) -> Act {
        let parts = |l: &SignedLibrary| {
            let signature = l
                .signature
                .map(|s| self.signatures.to_bytes(&s, &l.library));
            ((*l.library).clone(), signature)
        };
        match action {
            Action::History => Act::History {},
            Action::PublishNow(library) => {
                let (library, signature) = parts(library);
                Act::PublishNow { library, signature }
            }
            Action::Draft(library) => {
                let (library, signature) = parts(library);
                Act::Draft { library, signature }
            }
            Action::Review { version } => Act::Review { version: *version },
            Action::Approve { version, signature } => self.approval(*version, signature.as_ref()),
            Action::Publish { version } => Act::Publish { version: *version },
            Action::AlarmManager { name } => Act::AlarmManager { name: name.clone() },
        }
    }

    /// An approval names what was signed: whoever approves in the lab signs what the pharmacy has issued.
    fn approval(&self, version: u32, signature: Option<&Signature>) -> Act {
        let signed = signature.and_then(|s| {
            let mut issued = self.secrets.libraries().iter();
            let library = issued.find(|l| self.signatures.covers(s, l))?;
            Some((s, library))
        });
        Act::Approve {
            version,
            library: signed.map(|(_, l)| (**l).clone()),
            signature: signed.map(|(s, l)| self.signatures.to_bytes(s, l)),
        }
    }

    fn portal_of(&self, frame: Frame) -> Result<Portal, FrameError> {
        Ok(match frame {
            Frame::Login { user, password } => Portal::Login {
                user: word("user", user)?,
                password: self.secrets.typed(&word("password", password)?),
            },
            Frame::Claim { user } => Portal::Claim {
                user: word("user", user)?,
            },
            Frame::LoginResult { token, approval } => Portal::LoginResult {
                token: token.map(|t| self.secrets.token(&t)),
                approval,
            },
            Frame::Do { token, action } => Portal::Do {
                token: self.secrets.token(&word("token", token)?),
                action: self.action_of(action)?,
            },
            Frame::History { rows } => Portal::History(rows.into_iter().map(content_of).collect()),
            Frame::Done {} => Portal::Done,
            Frame::Denied {} => Portal::Denied,
        })
    }

    fn action_of(&self, act: Act) -> Result<Action, FrameError> {
        let whole = |library: DrugLibrary, signature: Option<String>| SignedLibrary {
            signature: signature.map(|s| self.signatures.from_bytes(&s, &library)),
            library: Arc::new(library),
        };
        Ok(match act {
            Act::History {} => Action::History,
            Act::PublishNow { library, signature } => Action::PublishNow(whole(library, signature)),
            Act::Draft { library, signature } => Action::Draft(whole(library, signature)),
            Act::Review { version } => Action::Review { version },
            Act::Approve {
                version,
                library,
                signature,
            } => Action::Approve {
                version,
                signature: match (library, signature) {
                    (Some(library), Some(s)) => Some(self.signatures.from_bytes(&s, &library)),
                    (None, Some(_)) => {
                        return Err(FrameError::Value {
                            key: "library",
                            problem:
                                "is missing: a signature is over the library that was approved"
                                    .to_owned(),
                        });
                    }
                    _ => None,
                },
            },
            Act::Publish { version } => Action::Publish { version },
            Act::AlarmManager { name } => Action::AlarmManager {
                name: pump::name("name", name)?,
            },
        })
    }
}

fn row_of(content: &Content) -> Result<Row, FrameError> {
    match content {
        Content::Records(records) => Ok(Row::Records {
            patients: records.iter().map(|r| r.patient).collect(),
        }),
        Content::Data => Ok(Row::Data {}),
        _ => Err(FrameError::NotCarried("a row that is no record")),
    }
}

fn content_of(row: Row) -> Content {
    match row {
        Row::Records { patients } => Content::Records(
            patients
                .into_iter()
                .map(|patient| PatientRecord { patient })
                .collect(),
        ),
        Row::Data {} => Content::Data,
    }
}

/// Reads JSON; a fault is told by its place alone.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FrameError> {
    serde_json::from_slice(bytes).map_err(|e| FrameError::Unread { column: e.column() })
}

/// A user name, a password or a token; it may be empty, as people's may be.
fn word(key: &'static str, word: String) -> Result<String, FrameError> {
    if word.len() > LONGEST_WORD {
        let problem = format!("is longer than {LONGEST_WORD} bytes");
        return Err(FrameError::Value { key, problem });
    }
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::secrets;
    use pumplab_sim::crypto::{Passphrase, PrivateKey, Sealed};

    fn signatures() -> Signatures {
        Signatures::of(&crate::lab::tests::ward("sp1800-8")).expect("the system has random bytes")
    }

    fn there_and_back(codec: &StaffCodec<'_>, message: &Portal) -> Portal {
        let bytes = codec.write_portal(message).expect("it has a form");
        codec.read_portal(&bytes).expect("it is read back")
    }

    #[test]
    fn a_login_and_its_token_come_through() {
        let (secrets, signatures) = (secrets(), signatures());
        let codec = StaffCodec {
            secrets: &secrets,
            signatures: &signatures,
        };
        let (user, password) = ("pweber".to_owned(), Passphrase::of("pharmacy-1"));
        let Portal::Login { user, password } =
            there_and_back(&codec, &Portal::Login { user, password })
        else {
            panic!("no login")
        };
        assert_eq!(user, "pweber");
        assert!(password.matches(&Passphrase::of("pharmacy-1")));
        let key = Passphrase::of("a server's").key("portal token");
        let result = Portal::LoginResult {
            token: Some(Sealed::seal(&key, user, 48)),
            approval: true,
        };
        let Portal::LoginResult {
            token: Some(token),
            approval: true,
        } = there_and_back(&codec, &result)
        else {
            panic!("no token")
        };
        let action = Action::Review { version: 2 };
        let Portal::Do { token, .. } = there_and_back(&codec, &Portal::Do { token, action }) else {
            panic!("no request")
        };
        assert_eq!(token.open(&key), Some(&"pweber".to_owned()));
    }

    #[test]
    fn an_approval_is_signed_over_the_library_that_it_names() {
        let (secrets, signatures) = (secrets(), signatures());
        let codec = StaffCodec {
            secrets: &secrets,
            signatures: &signatures,
        };
        let key = PrivateKey::of("pharmacy library key");
        let library = secrets.libraries()[1].clone();
        let digest = library.digest();
        let Act::Approve {
            version,
            library: Some(named),
            signature: Some(signature),
        } = codec.approval(library.version, Some(&key.sign(digest)))
        else {
            panic!("it names nothing")
        };
        let read = |library: &DrugLibrary| {
            let act = Act::Approve {
                version,
                library: Some(library.clone()),
                signature: Some(signature.clone()),
            };
            match codec.action_of(act).expect("it is read") {
                Action::Approve { signature, .. } => signature.expect("it is signed"),
                other => panic!("{other:?}"),
            }
        };
        assert!(read(&named).verifies(key.public(), digest));
        let altered = named.with_limits_removed(&named.entries[0].drug);
        assert!(!read(&altered).verifies(key.public(), altered.digest()));
    }

    #[test]
    fn what_is_no_message_is_refused_without_being_repeated() {
        let (secrets, signatures) = (secrets(), signatures());
        let codec = StaffCodec {
            secrets: &secrets,
            signatures: &signatures,
        };
        let long = format!(
            r#"{{"type":"login","user":"a","password":"{}"}}"#,
            "hunter2".repeat(60)
        );
        for wrong in [
            "",
            "hunter2",
            r#"{"type":"hunter2"}"#,
            r#"{"type":"login","user":"a","password":{"hunter2":1}}"#,
            r#"{"type":"login","user":"a","password":"hunter2","hunter2":1}"#,
            r#"{"type":"do","token":"hunter2","action":{"kind":"review","version":"hunter2"}}"#,
            r#"{"type":"do","token":"","action":{"kind":"approve","version":1,"library":null,"signature":"hunter2"}}"#,
            &long,
        ] {
            let refused = codec.read_portal(wrong.as_bytes());
            let refused = refused.expect_err("it is no message").to_string();
            assert!(!refused.contains("hunter2"), "{refused}");
            let refused = codec.read_directory(wrong.as_bytes());
            let refused = refused.err().map(|e| e.to_string()).unwrap_or_default();
            assert!(!refused.contains("hunter2"), "{refused}");
        }
    }
}
