//! The portal of a pump server, and the question that it asks a directory.

use super::file::Content;
use super::pump::SignedLibrary;
use crate::crypto::{Passphrase, Sealed, Signature};
use crate::fingerprint::Fingerprint;
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

/// What a portal hands out after a login: the user's name, sealed under the portal's key.
pub type Token = Sealed<String>;

/// A request to a portal or its answer. Travels under TLS.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Portal {
    /// Client logs in.
    Login {
        /// User.
        user: String,
        /// Password typed.
        password: Passphrase,
    },
    /// Client says that it has checked the password itself.
    Claim {
        /// User.
        user: String,
    },
    /// Answer to either.
    LoginResult {
        /// Token of the session; none: refused.
        token: Option<Token>,
        /// Whether libraries need an approval before they are published.
        approval: bool,
    },
    /// Something that a token is needed for.
    Do {
        /// Token.
        token: Token,
        /// What.
        action: Action,
    },
    /// The infusion history, as it is stored.
    History(Vec<Content>),
    /// Done.
    Done,
    /// Refused, or not possible.
    Denied,
}

/// What can be done at a portal.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Action {
    /// Lists the infusion history.
    History,
    /// Publishes a library in one step.
    PublishNow(SignedLibrary),
    /// Saves a draft of a library; its version names it.
    Draft(SignedLibrary),
    /// Reviews a draft.
    Review {
        /// Version.
        version: u32,
    },
    /// Approves a reviewed draft.
    Approve {
        /// Version.
        version: u32,
        /// The approver's signature over the digest of the draft.
        signature: Option<Signature>,
    },
    /// Publishes an approved draft.
    Publish {
        /// Version.
        version: u32,
    },
    /// Sends alarms to another alarm manager.
    AlarmManager {
        /// Its DNS name.
        name: String,
    },
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
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Directory {
    /// Is this the password of this user?
    Bind {
        /// Number of the question.
        number: u32,
        /// User.
        user: String,
        /// Password typed.
        password: Passphrase,
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
