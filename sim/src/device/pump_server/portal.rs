//! The server's portal: logins, rights, drafts, approval and publication of libraries.

use super::PumpServer;
use super::back::Ask;
use crate::crypto::{Key, Passphrase, PrivateKey, PublicKey, Sealed, Signature};
use crate::device::host::Io;
use crate::device::part::role;
use crate::net::stack::StreamId;
use crate::record::{AccessRecord, SessionRecord};
use crate::rng::Purpose;
use crate::spec::{
    AccountSpec, HostSpec, Item, ItemId, LabSpec, PortalSpec, ReleaseSpec, Right, RoleRights,
    RoleSpec, StaffRole,
};
use crate::wire::Message;
use crate::wire::portal::{Action, Portal as Said, Token};
use crate::wire::pump::SignedLibrary;
use crate::wire::query::Query;
use std::collections::BTreeMap;

/// Drafts that wait for a review at the most \[A\]: whoever may edit cannot fill the memory.
const DRAFTS: usize = 64;
const TOKEN_KEY: Purpose = Purpose::new("portal token key");

/// A local account of a portal.
#[derive(Clone, Debug)]
pub struct LocalAccount {
    /// Configuration item.
    pub item: ItemId,
    /// User.
    pub user: String,
    /// Password.
    pub password: Passphrase,
    /// What the user is.
    pub role: StaffRole,
}

impl LocalAccount {
    /// Accounts of a host that belong to people of the staff.
    #[must_use]
    pub fn of_staff(host: &HostSpec) -> Vec<Self> {
        let account = |a: &Item<AccountSpec>| {
            Some(Self {
                item: a.id,
                user: a.user.clone(),
                password: Passphrase::of(&a.password),
                role: a.role?,
            })
        };
        host.accounts.iter().filter_map(account).collect()
    }
}

impl PortalConfig {
    /// The portal of a pump server's host.
    pub(super) fn of(lab: &LabSpec, host: &HostSpec, spec: &PortalSpec) -> Self {
        let directory = spec.directory.as_ref().map(|d| {
            let at = lab.host(&d.value);
            let port = at.and_then(|h| role!(h, RoleSpec::Directory(d) => d.port));
            (d.id, d.value.clone(), port.unwrap_or(636))
        });
        let release = match &spec.release.value {
            ReleaseSpec::OneStep => Release::OneStep,
            ReleaseSpec::Approved { signed_by } => {
                Release::Approved(signed_by.as_ref().map(|key| PrivateKey::of(key).public()))
            }
        };
        let shipped = spec.token_key.as_ref();
        Self {
            port: spec.port,
            rights: (spec.rights.id, spec.rights.value.clone()),
            directory,
            release: (spec.release.id, release),
            trusts_client: spec.trusts_client.value,
            token_key: shipped.map(|k| Passphrase::of(&k.value).key("portal token")),
            accounts: LocalAccount::of_staff(host),
        }
    }
}

/// How libraries come to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// In one step.
    OneStep,
    /// After approval by another person; with the key that the approval must verify against, if it is to be signed.
    Approved(Option<PublicKey>),
}

/// Configuration of a portal.
#[derive(Clone, Debug)]
pub struct PortalConfig {
    /// Port.
    pub port: u16,
    /// What each role may do.
    pub rights: (ItemId, Vec<RoleRights>),
    /// The directory that is asked: item, name, port.
    pub directory: Option<(ItemId, String, u16)>,
    /// How libraries come to be published.
    pub release: (ItemId, Release),
    /// Whether the client's word is taken for who it is.
    pub trusts_client: bool,
    /// Key of tokens that the maker ships to everybody.
    pub token_key: Option<Key>,
    /// Local accounts; of no use while a directory is asked.
    pub accounts: Vec<LocalAccount>,
}

#[derive(Clone, Debug)]
struct Draft {
    library: SignedLibrary,
    author: String,
    reviewed: bool,
    approved: bool,
}

/// The portal's state.
#[derive(Clone, Debug)]
pub(super) struct Portal {
    pub(super) config: PortalConfig,
    drafts: BTreeMap<u32, Draft>,
    /// Roles that the directory gave.
    roles: BTreeMap<String, StaffRole>,
    key: Option<Key>,
    boots: u64,
}

impl Portal {
    pub(super) fn new(config: PortalConfig) -> Self {
        Self {
            config,
            drafts: BTreeMap::new(),
            roles: BTreeMap::new(),
            key: None,
            boots: 0,
        }
    }

    /// Switched on: who was logged in is so no more, drafts are lost with the memory that they were in.
    pub(super) fn power_on(&mut self) {
        self.drafts.clear();
        self.roles.clear();
        self.key = None;
        self.boots += 1;
    }

    fn key(&mut self, io: &Io<'_, '_>) -> Key {
        let boots = self.boots;
        let shipped = self.config.token_key;
        *self.key.get_or_insert_with(|| {
            shipped.unwrap_or_else(|| Key::generate(&mut io.cx.stream(TOKEN_KEY, boots)))
        })
    }

    fn role(&self, user: &str) -> Option<StaffRole> {
        if self.config.directory.is_some() {
            return self.roles.get(user).copied();
        }
        let mut accounts = self.config.accounts.iter();
        accounts.find(|a| a.user == user).map(|a| a.role)
    }

    fn may(&self, user: &str, right: Right) -> bool {
        self.role(user).is_some_and(|role| {
            let mut of = self.config.rights.1.iter();
            of.any(|r| r.role == role && r.rights.contains(&right))
        })
    }

    fn welcome(&mut self, io: &Io<'_, '_>, user: String) -> Said {
        let key = self.key(io);
        Said::LoginResult {
            token: Some(Sealed::seal(&key, user, 48)),
            approval: matches!(self.config.release.1, Release::Approved(_)),
        }
    }
}

const REFUSED: Said = Said::LoginResult {
    token: None,
    approval: false,
};

impl PumpServer {
    fn reply(&self, io: &mut Io<'_, '_>, stream: StreamId, said: Said) {
        if let Some(session) = self.sessions.get(&stream) {
            io.send(
                stream,
                session.channel.wrap(Message::Portal(Box::new(said))),
            );
        }
    }

    /// Somebody said something at the portal.
    pub(super) fn at_portal(&mut self, io: &mut Io<'_, '_>, stream: StreamId, said: Said) {
        match said {
            Said::Login { user, password } => self.login(io, stream, user, password),
            Said::Claim { user } => {
                let believed = self
                    .portal
                    .as_ref()
                    .is_some_and(|p| p.config.trusts_client && p.role(&user).is_some());
                self.let_in(io, stream, user, believed, None);
            }
            Said::Do { token, action } => self.act(io, stream, &token, action),
            _ => {}
        }
    }

    fn login(&mut self, io: &mut Io<'_, '_>, stream: StreamId, user: String, password: Passphrase) {
        let Some(portal) = &self.portal else { return };
        if portal.config.directory.is_some() {
            return self.ask_directory(io, stream, user, password);
        }
        let account = portal.config.accounts.iter().find(|a| a.user == user);
        let (accepted, item) = (
            account.is_some_and(|a| a.password.matches(&password)),
            account.map(|a| a.item),
        );
        self.let_in(io, stream, user, accepted, item);
    }

    /// The directory says what a user is, or that it is nobody.
    pub(super) fn bound(
        &mut self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        user: String,
        role: Option<StaffRole>,
    ) {
        let Some(portal) = &mut self.portal else {
            return;
        };
        let item = portal.config.directory.as_ref().map(|d| d.0);
        if let Some(role) = role {
            portal.roles.insert(user.clone(), role);
        }
        self.let_in(io, stream, user, role.is_some(), item);
    }

    fn let_in(
        &mut self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        user: String,
        accepted: bool,
        item: Option<ItemId>,
    ) {
        let Some(portal) = &mut self.portal else {
            return;
        };
        let (peer, port) = (io.peer(stream), portal.config.port);
        let answer = if accepted {
            io.cx.emit(SessionRecord::LoggedIn { peer, port });
            portal.welcome(io, user)
        } else {
            let item = item.or(Some(portal.config.rights.0));
            io.cx.emit(SessionRecord::LoginRefused { peer, port, item });
            REFUSED
        };
        self.reply(io, stream, answer);
    }

    fn act(&mut self, io: &mut Io<'_, '_>, stream: StreamId, token: &Token, action: Action) {
        let Some(portal) = &mut self.portal else {
            return;
        };
        let key = portal.key(io);
        let Some(user) = token.open(&key).cloned() else {
            return self.reply(io, stream, Said::Denied);
        };
        let done = match action {
            Action::History => return self.history(io, stream, &user),
            Action::AlarmManager { name } => {
                self.permitted(io, &user, Right::Settings, "a change of settings")
                    && self.route_alarms(name)
            }
            Action::PublishNow(library) => self.publish_now(io, &user, library),
            Action::Draft(library) => self.draft(io, user, library),
            Action::Review { version } => {
                self.permitted(io, &user, Right::Review, "a review")
                    && self.another(io, &user, version, |d| {
                        d.reviewed = true;
                        true
                    })
            }
            Action::Approve(approval) => {
                self.approve(io, &user, approval.version, approval.signature)
            }
            Action::Publish { version } => self.publish_approved(io, &user, version),
        };
        self.reply(io, stream, if done { Said::Done } else { Said::Denied });
    }

    /// Whether a user may do something; if not, it is written down.
    fn permitted(&self, io: &mut Io<'_, '_>, user: &str, right: Right, what: &'static str) -> bool {
        let Some(portal) = &self.portal else {
            return false;
        };
        let may = portal.may(user, right);
        if !may {
            let item = portal.config.rights.0;
            io.cx.emit(AccessRecord::PortalDenied { what, item });
        }
        may
    }

    fn unapproved(&self, io: &mut Io<'_, '_>, what: &'static str) -> bool {
        if let Some(portal) = &self.portal {
            let item = portal.config.release.0;
            io.cx.emit(AccessRecord::PortalDenied { what, item });
        }
        false
    }

    fn history(&mut self, io: &mut Io<'_, '_>, stream: StreamId, user: &str) {
        if !self.permitted(io, user, Right::Records, "the infusion history") {
            return self.reply(io, stream, Said::Denied);
        }
        let of = self.config.name.clone();
        if !self.ask_store(io, Ask::History(stream), Query::ReadHistory { of }) {
            self.reply(io, stream, Said::History(Vec::new()));
        }
    }

    /// The history that was asked for.
    pub(super) fn show_history(
        &self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        rows: Vec<crate::wire::file::Content>,
    ) {
        self.reply(io, stream, Said::History(rows));
    }

    fn publish_now(&mut self, io: &mut Io<'_, '_>, user: &str, library: SignedLibrary) -> bool {
        if !self.permitted(io, user, Right::Edit, "an edit of the library")
            || !self.permitted(io, user, Right::Publish, "a publication")
        {
            return false;
        }
        if self.release() != Release::OneStep {
            return self.unapproved(io, "a publication without approval");
        }
        self.publish(io, library, false);
        true
    }

    fn release(&self) -> Release {
        self.portal
            .as_ref()
            .map_or(Release::OneStep, |p| p.config.release.1)
    }

    fn draft(&mut self, io: &mut Io<'_, '_>, author: String, library: SignedLibrary) -> bool {
        if !self.permitted(io, &author, Right::Edit, "an edit of the library") {
            return false;
        }
        let Some(portal) = &mut self.portal else {
            return false;
        };
        let (version, drafts) = (library.library.version, &portal.drafts);
        if drafts.len() == DRAFTS && !drafts.contains_key(&version) {
            return self.unapproved(io, "one more draft, so many wait for a review");
        }
        let draft = Draft {
            author,
            reviewed: false,
            approved: false,
            library,
        };
        portal.drafts.insert(version, draft);
        true
    }

    /// Does something with a draft if the user is not its author.
    fn another(
        &mut self,
        io: &mut Io<'_, '_>,
        user: &str,
        version: u32,
        act: impl FnOnce(&mut Draft) -> bool,
    ) -> bool {
        let draft = self
            .portal
            .as_mut()
            .and_then(|p| p.drafts.get_mut(&version));
        match draft {
            None => false,
            Some(draft) if draft.author == user => {
                self.unapproved(io, "an approval of one's own draft")
            }
            Some(draft) => act(draft),
        }
    }

    fn approve(
        &mut self,
        io: &mut Io<'_, '_>,
        user: &str,
        version: u32,
        signature: Option<Signature>,
    ) -> bool {
        let release = self.release();
        if !self.permitted(io, user, Right::Approve, "an approval") {
            return false;
        }
        let mut wrong = false;
        let done = self.another(io, user, version, |draft| {
            draft.library.signature = signature;
            wrong = match release {
                Release::Approved(Some(key)) => !draft.library.verifies(key),
                _ => false,
            };
            draft.approved = draft.reviewed && !wrong;
            draft.approved
        });
        if wrong {
            return self.unapproved(io, "an approval without the release authority's signature");
        }
        done
    }

    fn publish_approved(&mut self, io: &mut Io<'_, '_>, user: &str, version: u32) -> bool {
        if !self.permitted(io, user, Right::Publish, "a publication") {
            return false;
        }
        let draft = self.portal.as_ref().and_then(|p| p.drafts.get(&version));
        match draft.map(|d| (d.approved, d.library.clone())) {
            Some((true, library)) => {
                self.publish(io, library, true);
                true
            }
            _ => self.unapproved(io, "a publication without approval"),
        }
    }
}
