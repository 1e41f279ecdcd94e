//! The portal of a pump server, and the question that it asks a directory.
//!
//! The one definition of these messages: the simulation and live sockets use it. `docs/reference/portal-protocol.md` describes its JSON.

use super::file::Content;
use super::json;
use super::pump::SignedLibrary;
use crate::clinical::drug_library::DrugLibrary;
use crate::crypto::{Passphrase, Sealed, Signature};
use crate::fingerprint::Fingerprint;
use pumplab_derive::TryMap;
use serde::{Deserialize, Serialize};

/// What a member of staff is at a portal.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
pub enum StaffRole {
    /// Prepares and publishes drug libraries.
    Pharmacist,
    /// Reviews and approves drug libraries.
    Reviewer,
    /// Nurse.
    Nurse,
    /// Biomedical engineering.
    Biomed,
    /// Runs the server.
    Administrator,
}

impl StaffRole {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Pharmacist,
        Self::Reviewer,
        Self::Nurse,
        Self::Biomed,
        Self::Administrator,
    ];
    /// The roles in words, as files write them.
    pub const WORDS: &'static [&'static str] =
        &["pharmacist", "reviewer", "nurse", "biomed", "administrator"];

    /// The word of this role.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The role of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.word() == word)
    }
}

/// What a portal hands out after a login: the user's name, sealed under the portal's key.
pub type Token = Sealed<String>;

/// A request to a portal or its answer. Travels under TLS.
pub type Portal = PortalOf<Passphrase, Token, Content, Action>;
/// The same as it travels in JSON.
pub type PortalText =
    PortalOf<json::Secret, json::Secret, Row, ActionOf<json::SignedText, ApprovalText>>;

/// A message of a portal, generic over password, token, row of the history and action.
#[derive(Clone, Debug, Fingerprint, Serialize, Deserialize, TryMap)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    deny_unknown_fields,
    bound(
        serialize = "P: Serialize, T: Serialize, R: Serialize, A: Serialize",
        deserialize = "P: Deserialize<'de>, T: Deserialize<'de>, R: Deserialize<'de>, A: Deserialize<'de>"
    )
)]
pub enum PortalOf<P, T, R, A> {
    /// Client logs in.
    Login {
        /// User.
        #[serde(deserialize_with = "json::word")]
        user: String,
        /// Password typed.
        password: P,
    },
    /// Client says that it has checked the password itself.
    Claim {
        /// User.
        #[serde(deserialize_with = "json::word")]
        user: String,
    },
    /// Answer to either.
    LoginResult {
        /// Token of the session; none: refused.
        token: Option<T>,
        /// Whether libraries need an approval before they are published.
        approval: bool,
    },
    /// Something that a token is needed for.
    Do {
        /// Token.
        token: T,
        /// What.
        action: A,
    },
    /// The infusion history, as it is stored.
    #[serde(with = "rows")]
    History(Vec<R>),
    /// Done.
    #[serde(with = "json::empty")]
    Done,
    /// Refused, or not possible.
    #[serde(with = "json::empty")]
    Denied,
}

/// What can be done at a portal.
pub type Action = ActionOf<SignedLibrary, Approval>;

/// What can be done at a portal, generic over a drug library with its signature, and over an approval.
#[derive(Clone, Debug, Fingerprint, Serialize, Deserialize, TryMap)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ActionOf<L, V> {
    /// Lists the infusion history.
    #[serde(with = "json::empty")]
    History,
    /// Publishes a library in one step.
    PublishNow(L),
    /// Saves a draft of a library; its version names it.
    Draft(L),
    /// Reviews a draft.
    Review {
        /// Version.
        version: u32,
    },
    /// Approves a reviewed draft.
    Approve(V),
    /// Publishes an approved draft.
    Publish {
        /// Version.
        version: u32,
    },
    /// Sends alarms to another alarm manager.
    AlarmManager {
        /// Its DNS name.
        #[serde(deserialize_with = "json::host_name")]
        name: String,
    },
}

/// An approval of a draft.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Approval {
    /// Version.
    pub version: u32,
    /// The approver's signature over the digest of the draft.
    pub signature: Option<Signature>,
}

/// An approval as it travels in JSON: a signature can only be checked over what was signed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalText {
    /// Version.
    pub version: u32,
    /// The library that was signed: the draft, as the approver has seen it.
    pub library: Option<DrugLibrary>,
    /// The approver's signature.
    pub signature: Option<String>,
}

/// A row of an infusion history as it travels in JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Row {
    /// Records of patients.
    Records {
        /// Their numbers.
        patients: Vec<u32>,
    },
    /// Nothing that says whose it is.
    #[serde(with = "json::empty")]
    Data,
}

/// Rows of a history, under a key of their own.
mod rows {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    struct Written<'a, R> {
        rows: &'a [R],
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Read<R> {
        rows: Vec<R>,
    }

    pub(super) fn serialize<R: Serialize, S: Serializer>(
        rows: &[R],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        Written { rows }.serialize(to)
    }

    pub(super) fn deserialize<'de, R: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<R>, D::Error> {
        Read::deserialize(from).map(|Read { rows }| rows)
    }
}

impl Portal {
    /// Length in bytes: web requests of the usual size \[A\], a library by its entries.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        let library = |l: &SignedLibrary| 600 + 240 * l.library.entries.len() as u32;
        match self {
            Self::Do {
                action: Action::PublishNow(l) | Action::Draft(l),
                ..
            } => library(l),
            Self::History(rows) => 400 + 200 * rows.len() as u32,
            _ => 500,
        }
    }

    /// Number of patient records that can be read in the message.
    #[must_use]
    pub fn readable_records(&self) -> u32 {
        match self {
            Self::History(rows) => readable(rows),
            _ => 0,
        }
    }
}

/// Number of patient records that can be read in rows of a history.
#[must_use]
pub fn readable(rows: &[Content]) -> u32 {
    let of = |c: &Content| match c {
        Content::Records(r) => r.len() as u32,
        _ => 0,
    };
    rows.iter().map(of).sum()
}

/// A question to a directory of staff or its answer.
pub type Directory = DirectoryOf<Passphrase>;

/// A message of a directory, generic over a password.
#[derive(Clone, Debug, Fingerprint, Serialize, Deserialize, TryMap)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DirectoryOf<P> {
    /// Is this the password of this user?
    Bind {
        /// Number of the question.
        number: u32,
        /// User.
        #[serde(deserialize_with = "json::word")]
        user: String,
        /// Password typed.
        password: P,
    },
    /// Answer.
    Bound {
        /// Number of the question.
        number: u32,
        /// What the user is; none: unknown, or the wrong password.
        role: Option<StaffRole>,
    },
}

/// Port of a portal, unless its server says otherwise.
pub const PORT: u16 = 443;
