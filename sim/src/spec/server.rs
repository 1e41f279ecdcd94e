//! What stands around a pump server: its portal and staff, its database, the directory, and the vendors' way in.

use super::Item;
use crate::parameters::Parameters;
use crate::time::Duration;
pub use crate::wire::portal::StaffRole;
use serde::{Deserialize, Serialize};

/// A change is tried on some pumps first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePolicySpec {
    /// Names of the pumps on which a change is tried.
    pub canary: Vec<String>,
    /// How long they are watched before the change goes on to the others.
    pub watch: Duration,
}

/// What somebody may do at a portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Read the infusion history of patients.
    Records,
    /// Write a draft of a drug library.
    Edit,
    /// Review a draft.
    Review,
    /// Approve a reviewed draft.
    Approve,
    /// Publish a library.
    Publish,
    /// Change settings of the server.
    Settings,
}

/// What a role may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRights {
    /// Role.
    pub role: StaffRole,
    /// Its rights.
    pub rights: Vec<Right>,
}

/// Rights as portals ship them: generous \[A\].
#[must_use]
pub fn shipped_rights() -> Vec<RoleRights> {
    use Right::*;
    let of = |role, rights: &[Right]| RoleRights {
        role,
        rights: rights.to_vec(),
    };
    let library = [Records, Edit, Review, Approve, Publish];
    vec![
        of(StaffRole::Pharmacist, &library),
        of(StaffRole::Reviewer, &library),
        of(StaffRole::Nurse, &[Records]),
        of(StaffRole::Biomed, &[Records, Edit, Publish, Settings]),
        of(
            StaffRole::Administrator,
            &[Records, Edit, Review, Approve, Publish, Settings],
        ),
    ]
}

/// Each role with what its work needs and no more.
#[must_use]
pub fn least_rights() -> Vec<RoleRights> {
    use Right::*;
    let of = |role, rights: &[Right]| RoleRights {
        role,
        rights: rights.to_vec(),
    };
    vec![
        of(StaffRole::Pharmacist, &[Edit, Publish]),
        of(StaffRole::Reviewer, &[Review, Approve]),
        of(StaffRole::Nurse, &[Records]),
        of(StaffRole::Biomed, &[Settings]),
        of(StaffRole::Administrator, &[Settings]),
    ]
}

/// The web application of a pump server, under TLS. Its local accounts are the host's accounts that have a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a portal")]
pub struct PortalSpec {
    /// Port.
    pub port: u16,
    /// What each role may do.
    #[param(skip = Item::bare(shipped_rights()), item = "rights")]
    pub rights: Item<Vec<RoleRights>>,
    /// Name of the directory that is asked at each login; none: local accounts.
    #[param(skip)]
    pub directory: Option<Item<String>>,
    /// How a library comes to be published.
    #[param(skip = Item::bare(ReleaseSpec::OneStep), item = "release")]
    pub release: Item<ReleaseSpec>,
    /// Whether the check of passwords is left to the client: the server believes who it says that it is.
    #[param(default = false, item = "check of passwords by the client")]
    pub trusts_client: Item<bool>,
    /// Key of session tokens, where the manufacturer ships the same one to everybody; the server's own if not given.
    #[param(item = "token key")]
    pub token_key: Option<Item<String>>,
}

/// How a library comes to be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReleaseSpec {
    /// Whoever may edit and publish does it in one step.
    OneStep,
    /// Draft, review, approval by somebody other than the author, then publication.
    Approved {
        /// Name of the key with which the approver signs, on a card of the approver's; none: the approval is not signed.
        signed_by: Option<String>,
    },
}

/// A pump server's account at its database, and how it keeps things there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a store")]
pub struct StoreSpec {
    /// Host of the database.
    #[param(name = Server)]
    pub host: String,
    /// Its port.
    #[param(port_of = "host")]
    pub port: u16,
    /// User; needed unless the host's profile gives it.
    #[param(elsewhere)]
    pub user: String,
    /// Password; needed unless the host's profile gives it.
    #[param(elsewhere, item = "password")]
    pub password: Item<String>,
    /// Patients whose infusion history is there at first.
    #[param(optional)]
    pub patients: Vec<u32>,
    /// Whether records carry the identity of patients.
    #[param(skip = Item::bare(true), item = "identity of patients")]
    pub identified: Item<bool>,
    /// Whether records are encrypted under the server's own key before they are stored.
    #[param(skip = Item::bare(false), item = "encryption of records")]
    pub encrypted: Item<bool>,
    /// How often the stored library is read.
    #[param(kind = Interval)]
    pub refresh: Duration,
    /// Interval at which the digest of the stored library is compared with what was released; none: never.
    #[param(skip)]
    pub monitor: Option<Item<Duration>>,
}

/// A database. Its accounts are the host's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a database")]
pub struct DatabaseSpec {
    /// Port.
    pub port: u16,
}

/// A directory of staff. Its accounts are the host's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a directory")]
pub struct DirectorySpec {
    /// Port.
    pub port: u16,
}

/// The pharmacy's workstation, with the two people who release libraries there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a pharmacy")]
pub struct PharmacySpec {
    /// User who prepares and publishes libraries.
    pub pharmacist: String,
    /// User who reviews and approves them.
    pub reviewer: String,
}

/// Where makers' support lands. Its accounts are the host's; each names the server that it is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a broker")]
pub struct BrokerSpec {
    /// Port.
    pub port: u16,
    /// Whether sessions are carried to the account's own server only, recorded, and can be ended; otherwise it is a host to jump from.
    #[param(skip = Item::bare(false), item = "brokered sessions")]
    pub brokered: Item<bool>,
    /// Whether a session needs an approval that is in force and a second factor.
    #[param(skip = Item::bare(false), item = "approval of sessions")]
    pub approval: Item<bool>,
}

/// A maker's support engineer at a computer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a support engineer")]
pub struct VendorSpec {
    /// Server that is looked after.
    #[param(name = PumpServer)]
    pub server: String,
    /// Port of its shell.
    #[param(port_of = "server")]
    pub port: u16,
    /// User, at the server and at the broker.
    pub user: String,
    /// Name of the broker through which the server is reached; none: directly.
    #[param(skip = Item::bare(None), item = "way to the server")]
    pub through: Item<Option<String>>,
}
