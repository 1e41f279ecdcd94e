//! What people's portals and the directory behind them speak, as bytes: framed as the pump protocol is.
//!
//! The messages and their JSON are those of `pumplab_sim::wire::portal`; here symbolic passwords, tokens and signatures are turned into real ones.
//! `docs/reference/portal-protocol.md` describes the format for whoever writes a client. Passwords and tokens travel here: nothing prints a message, and an
//! error says where the fault is without repeating what stood there.

use super::pump::{self, FrameError};
use super::{Action as Step, Handler, Reject, Reply};
use crate::pki::Signatures;
use crate::secrets::SecretStore;
use bytes::Bytes;
use pumplab_sim::crypto::{Passphrase, Signature};
use pumplab_sim::wire::Message;
use pumplab_sim::wire::file::{Content, PatientRecord};
use pumplab_sim::wire::json::{Secret, SignedText};
use pumplab_sim::wire::portal::{
    Action, ActionOf, Approval, ApprovalText, Directory, DirectoryOf, Portal, PortalText, Row,
    Token,
};
use pumplab_sim::wire::shed::Shed as Rejection;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Longest message that a portal takes, in bytes: a library of some hundred entries.
pub const LONGEST_TO_PORTAL: usize = 256 * 1024;
/// Longest message that a directory takes, in bytes.
pub const LONGEST_TO_DIRECTORY: usize = 4 * 1024;

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
        let action = |action: Action| {
            action.try_map(
                |library| Ok(self.signatures.to_text(&library)),
                |approval| Ok(self.approval_text(&approval)),
            )
        };
        let token = |token: Token| {
            let text = self.secrets.token_text(&token);
            text.map_err(|_| FrameError::NotCarried("a token without random bytes"))
                .map(Secret::from)
        };
        let password = |password: Passphrase| Ok(self.password_text(&password));
        pump::json(&message.clone().try_map(password, token, row_of, action)?)
    }

    /// The message of a portal that these bytes are.
    ///
    /// # Errors
    /// When they are none.
    pub fn read_portal(&self, bytes: &[u8]) -> Result<Portal, FrameError> {
        let text: PortalText = read(bytes)?;
        let action = |action: ActionOf<SignedText, ApprovalText>| {
            action.try_map(
                |library| Ok(self.signatures.from_text(library)),
                |approval| self.approval(approval),
            )
        };
        text.try_map(
            |password| Ok(self.secrets.typed(password.text())),
            |token| Ok(self.secrets.token(token.text())),
            |row| Ok(content_of(row)),
            action,
        )
    }

    /// A message of a directory as JSON.
    ///
    /// # Errors
    /// When it cannot be written: it always can.
    pub fn write_directory(&self, message: &Directory) -> Result<Bytes, FrameError> {
        let password = |password: Passphrase| Ok::<_, FrameError>(self.password_text(&password));
        pump::json(&message.clone().try_map(password)?)
    }

    /// The message of a directory that these bytes are.
    ///
    /// # Errors
    /// When they are none.
    pub fn read_directory(&self, bytes: &[u8]) -> Result<Directory, FrameError> {
        let text: DirectoryOf<Secret> = read(bytes)?;
        text.try_map(|password| Ok(self.secrets.typed(password.text())))
    }

    fn password_text(&self, password: &Passphrase) -> Secret {
        self.secrets.text(password).to_owned().into()
    }

    /// An approval names what was signed: whoever approves in the lab signs what the pharmacy has issued.
    fn approval_text(&self, Approval { version, signature }: &Approval) -> ApprovalText {
        let signed = signature.as_ref().and_then(|s: &Signature| {
            let mut issued = self.secrets.libraries().iter();
            let library = issued.find(|l| self.signatures.covers(s, l))?;
            Some((s, library))
        });
        ApprovalText {
            version: *version,
            library: signed.map(|(_, l)| (**l).clone()),
            signature: signed.map(|(s, l)| self.signatures.to_bytes(s, l)),
        }
    }

    fn approval(&self, text: ApprovalText) -> Result<Approval, FrameError> {
        let signature = match (text.library, text.signature) {
            (Some(library), Some(s)) => Some(self.signatures.from_bytes(&s, &library)),
            (None, Some(_)) => {
                return Err(FrameError::Value {
                    key: "library",
                    problem: "is missing: a signature is over the library that was approved"
                        .to_owned(),
                });
            }
            _ => None,
        };
        Ok(Approval {
            version: text.version,
            signature,
        })
    }
}

fn row_of(content: Content) -> Result<Row, FrameError> {
    match content {
        Content::Records(records) => Ok(Row::Records {
            patients: records.iter().map(|r| r.patient).collect(),
        }),
        Content::Data => Ok(Row::Data),
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
        Row::Data => Content::Data,
    }
}

/// Reads JSON; a fault is told by its place alone.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FrameError> {
    serde_json::from_slice(bytes).map_err(|e| FrameError::Unread { column: e.column() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::secrets;
    use pumplab_sim::clinical::drug_library::DrugLibrary;
    use pumplab_sim::crypto::{PrivateKey, Sealed};

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
        let ApprovalText {
            version,
            library: Some(named),
            signature: Some(signature),
        } = codec.approval_text(&Approval {
            version: library.version,
            signature: Some(key.sign(digest)),
        })
        else {
            panic!("it names nothing")
        };
        let read = |library: &DrugLibrary| {
            let text = ApprovalText {
                version,
                library: Some(library.clone()),
                signature: Some(signature.clone()),
            };
            let approval = codec.approval(text).expect("it is read");
            approval.signature.expect("it is signed")
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
