//! What people's portals and the directory behind them speak, as bytes: framed as the pump protocol is.
//!
//! `docs/reference/portal-protocol.md` describes it for whoever writes a client. Passwords and tokens travel here: nothing prints a message, and an
//! error says where the fault is without repeating what stood there.

use super::frame::{self, FrameError};
use super::pki::Signatures;
use super::vault::Vault;
use pumplab_sim::clinical::drug_library::DrugLibrary;
use pumplab_sim::crypto::Signature;
use pumplab_sim::wire::file::{Content, PatientRecord};
use pumplab_sim::wire::portal::{Action, Directory, Portal, StaffRole};
use pumplab_sim::wire::pump::SignedLibrary;
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

/// What turns messages of staff into bytes and back.
#[derive(Clone, Copy, Debug)]
pub struct Clerk<'a> {
    /// Secrets of the run.
    pub vault: &'a Vault,
    /// Real signatures.
    pub signatures: &'a Signatures,
}

impl Clerk<'_> {
    /// A message of a portal with its length before it.
    ///
    /// # Errors
    /// For a message that has no form in bytes.
    pub fn write_portal(&self, message: &Portal) -> Result<Vec<u8>, FrameError> {
        frame::framed(&self.frame_of(message)?)
    }

    /// The message of a portal that these bytes are, without their length.
    ///
    /// # Errors
    /// When they are none.
    pub fn read_portal(&self, bytes: &[u8]) -> Result<Portal, FrameError> {
        self.portal_of(read(bytes)?)
    }

    /// A message of a directory with its length before it.
    ///
    /// # Errors
    /// When it cannot be written: it always can.
    pub fn write_directory(&self, message: &Directory) -> Result<Vec<u8>, FrameError> {
        frame::framed(&match message {
            Directory::Bind {
                number,
                user,
                password,
            } => Lookup::Bind {
                number: *number,
                user: user.clone(),
                password: self.vault.text(password).to_owned(),
            },
            Directory::Bound { number, role } => Lookup::Bound {
                number: *number,
                role: *role,
            },
        })
    }

    /// The message of a directory that these bytes are, without their length.
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
                password: self.vault.typed(&word("password", password)?),
            },
            Lookup::Bound { number, role } => Directory::Bound { number, role },
        })
    }

    fn frame_of(&self, message: &Portal) -> Result<Frame, FrameError> {
        let text = |token| {
            let text = self.vault.token_text(token);
            text.map_err(|_| FrameError::NotCarried("a token without random bytes"))
        };
        Ok(match message {
            Portal::Login { user, password } => Frame::Login {
                user: user.clone(),
                password: self.vault.text(password).to_owned(),
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
            let mut issued = self.vault.libraries().iter();
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
                password: self.vault.typed(&word("password", password)?),
            },
            Frame::Claim { user } => Portal::Claim {
                user: word("user", user)?,
            },
            Frame::LoginResult { token, approval } => Portal::LoginResult {
                token: token.map(|t| self.vault.token(&t)),
                approval,
            },
            Frame::Do { token, action } => Portal::Do {
                token: self.vault.token(&word("token", token)?),
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
                name: frame::name("name", name)?,
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
    use crate::live::frame::HEAD;
    use crate::live::vault::tests::vault;
    use pumplab_sim::crypto::{Passphrase, PrivateKey, Sealed};

    fn signatures() -> Signatures {
        let shelf = crate::library::Shelf::open(None, false).expect("the library is embedded");
        let lab = shelf.lab("ward", Some("sp1800-8"), &[]);
        Signatures::of(&lab.expect("the ward resolves").lab).expect("the system has chance")
    }

    fn there_and_back(clerk: &Clerk<'_>, message: &Portal) -> Portal {
        let bytes = clerk.write_portal(message).expect("it has a form");
        clerk.read_portal(&bytes[HEAD..]).expect("it is read back")
    }

    #[test]
    fn a_login_and_its_token_come_through() {
        let (vault, signatures) = (vault(), signatures());
        let clerk = Clerk {
            vault: &vault,
            signatures: &signatures,
        };
        let (user, password) = ("pweber".to_owned(), Passphrase::of("pharmacy-1"));
        let Portal::Login { user, password } =
            there_and_back(&clerk, &Portal::Login { user, password })
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
        } = there_and_back(&clerk, &result)
        else {
            panic!("no token")
        };
        let action = Action::Review { version: 2 };
        let Portal::Do { token, .. } = there_and_back(&clerk, &Portal::Do { token, action }) else {
            panic!("no request")
        };
        assert_eq!(token.open(&key), Some(&"pweber".to_owned()));
    }

    #[test]
    fn an_approval_is_signed_over_the_library_that_it_names() {
        let (vault, signatures) = (vault(), signatures());
        let clerk = Clerk {
            vault: &vault,
            signatures: &signatures,
        };
        let key = PrivateKey::of("pharmacy library key");
        let library = vault.libraries()[1].clone();
        let digest = library.digest();
        let Act::Approve {
            version,
            library: Some(named),
            signature: Some(signature),
        } = clerk.approval(library.version, Some(&key.sign(digest)))
        else {
            panic!("it names nothing")
        };
        let read = |library: &DrugLibrary| {
            let act = Act::Approve {
                version,
                library: Some(library.clone()),
                signature: Some(signature.clone()),
            };
            match clerk.action_of(act).expect("it is read") {
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
        let (vault, signatures) = (vault(), signatures());
        let clerk = Clerk {
            vault: &vault,
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
            let refused = clerk.read_portal(wrong.as_bytes());
            let refused = refused.expect_err("it is no message").to_string();
            assert!(!refused.contains("hunter2"), "{refused}");
            let refused = clerk.read_directory(wrong.as_bytes());
            let refused = refused.err().map(|e| e.to_string()).unwrap_or_default();
            assert!(!refused.contains("hunter2"), "{refused}");
        }
    }
}
