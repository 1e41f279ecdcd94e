//! Portals, databases, directories, the pharmacy and the vendors' way in, from their specs.

use super::build::Builder;
use crate::crypto::{Key, Passphrase, PrivateKey};
use crate::device::broker::{Broker, BrokerConfig, VendorAccount};
use crate::device::database::{Database, Table};
use crate::device::directory::Directory;
use crate::device::pharmacy::{Counter, Pharmacy};
use crate::device::pump_server::back::{StoreConfig, stored};
use crate::device::pump_server::portal::{LocalAccount, PortalConfig, Release};
use crate::device::services::Account;
use crate::device::vendor::{Vendor, VendorConfig};
use crate::spec::{
    AccountSpec, BrokerSpec, DatabaseSpec, DirectorySpec, HostSpec, LabSpec, PharmacySpec,
    PortalSpec, PumpServerSpec, ReleaseSpec, RoleSpec, ServiceKind, StoreSpec, VendorSpec,
};
use crate::wire::file::{Content, PatientRecord};
use crate::wire::pump::SignedLibrary;
use std::collections::BTreeMap;

/// The pump server of this name.
fn pump_server<'a>(lab: &'a LabSpec, name: &str) -> Option<&'a PumpServerSpec> {
    lab.host(name)?.roles.iter().find_map(|r| match r {
        RoleSpec::PumpServer(s) => Some(s),
        _ => None,
    })
}

/// Accounts of people, with what they are.
fn staff(host: &HostSpec) -> Vec<LocalAccount> {
    let account = |a: &crate::spec::Item<AccountSpec>| {
        Some(LocalAccount {
            item: a.id,
            user: a.user.clone(),
            password: Passphrase::of(&a.password),
            role: a.role?,
        })
    };
    host.accounts.iter().filter_map(account).collect()
}

/// Accounts that a service of the host takes: those of the portal's ordinary users are not among them.
pub(super) fn service_accounts(host: &HostSpec) -> Vec<Account> {
    let takes = |a: &&crate::spec::Item<AccountSpec>| {
        matches!(a.role, None | Some(crate::spec::StaffRole::Administrator))
    };
    let account = |a: &crate::spec::Item<AccountSpec>| Account {
        item: a.id,
        user: a.user.clone(),
        password: Passphrase::of(&a.password),
    };
    host.accounts.iter().filter(takes).map(account).collect()
}

/// The portal of a pump server.
pub(super) fn portal(lab: &LabSpec, host: &HostSpec, spec: &PortalSpec) -> PortalConfig {
    let directory = spec.directory.as_ref().map(|d| {
        let port = lab.host(&d.value).and_then(|h| {
            h.roles.iter().find_map(|r| match r {
                RoleSpec::Directory(d) => Some(d.port),
                _ => None,
            })
        });
        (d.id, d.value.clone(), port.unwrap_or(636))
    });
    let release = match &spec.release.value {
        ReleaseSpec::OneStep => Release::OneStep,
        ReleaseSpec::Approved { signed_by } => {
            Release::Approved(signed_by.as_ref().map(|key| PrivateKey::of(key).public()))
        }
    };
    let shipped = spec.token_key.as_ref();
    PortalConfig {
        port: spec.port,
        rights: (spec.rights.id, spec.rights.value.clone()),
        directory,
        release: (spec.release.id, release),
        trusts_client: spec.trusts_client.value,
        token_key: shipped.map(|k| Passphrase::of(&k.value).key("portal token")),
        accounts: staff(host),
    }
}

/// The key under which a pump server encrypts its records.
fn records_key(host: &str, store: &StoreSpec) -> Option<Key> {
    let own = || Passphrase::of(&format!("records of {host}")).key("records");
    store.encrypted.value.then(own)
}

/// A pump server's account at its database.
pub(super) fn store(host: &HostSpec, spec: &StoreSpec) -> StoreConfig {
    StoreConfig {
        at: (spec.host.clone(), spec.port),
        account: (spec.user.clone(), Passphrase::of(&spec.password)),
        identified: spec.identified.value,
        records_key: records_key(&host.name, spec),
        refresh: spec.refresh,
        monitor: spec.monitor.as_ref().map(|m| (m.id, m.value)),
    }
}

/// The library that a pump server has at first, signed by whoever released it.
pub(super) fn first_library(b: &Builder<'_>, spec: &PumpServerSpec) -> Option<SignedLibrary> {
    let mut issued = b.libraries.iter();
    let library = issued.find(|l| l.version == spec.library_version)?.clone();
    let card = spec.portal.as_ref().and_then(|p| match &p.release.value {
        ReleaseSpec::Approved { signed_by } => signed_by.clone(),
        ReleaseSpec::OneStep => None,
    });
    let signature = card.map(|key| PrivateKey::of(&key).sign(library.digest()));
    Some(SignedLibrary { library, signature })
}

/// A database with the tables of the pump servers that have an account there.
pub(super) fn database(b: &Builder<'_>, host: &HostSpec, spec: &DatabaseSpec) -> Database {
    let mut tables = BTreeMap::new();
    for server in &b.lab.hosts {
        let Some(role) = pump_server(b.lab, &server.name) else {
            continue;
        };
        let Some(store) = role.store.as_ref().filter(|s| s.host == host.name) else {
            continue;
        };
        let key = records_key(&server.name, store);
        let row = |&patient: &u32| {
            let plain = if store.identified.value {
                Content::Records(vec![PatientRecord { patient }])
            } else {
                Content::Data
            };
            stored(plain, key.as_ref())
        };
        let table = Table {
            library: first_library(b, role),
            history: store.patients.iter().map(row).collect(),
            unreadable: (!store.identified.value)
                .then_some(store.identified.id)
                .or_else(|| store.encrypted.value.then_some(store.encrypted.id)),
            written: None,
        };
        tables.insert(server.name.clone(), table);
    }
    let account = |a: &crate::spec::Item<AccountSpec>| Account {
        item: a.id,
        user: a.user.clone(),
        password: Passphrase::of(&a.password),
    };
    Database::new(
        host.accounts.iter().map(account).collect(),
        spec.port,
        tables,
        super::hosts::guard(b, host),
    )
}

pub(super) fn directory(host: &HostSpec, spec: &DirectorySpec) -> Directory {
    Directory::new(staff(host), spec.port)
}

/// A password that a person knows: that of the account in force.
fn password_of(lab: &LabSpec, host: &str, user: &str) -> Passphrase {
    let accounts = lab.host(host).map(|h| h.accounts.as_slice());
    let account = accounts.unwrap_or_default().iter().find(|a| a.user == user);
    Passphrase::of(account.map_or("", |a| &a.password))
}

/// The pharmacy's people, with what they need at each pump server that has a portal.
pub(super) fn pharmacy(lab: &LabSpec, spec: &PharmacySpec) -> Pharmacy {
    let mut counters = BTreeMap::new();
    for server in &lab.hosts {
        let Some(portal) = pump_server(lab, &server.name).and_then(|s| s.portal.as_ref()) else {
            continue;
        };
        let holder = portal.directory.as_ref().map_or(&server.name, |d| &d.value);
        let person = |user: &String| (user.clone(), password_of(lab, holder, user));
        let card = match &portal.release.value {
            ReleaseSpec::Approved { signed_by } => signed_by.as_ref(),
            ReleaseSpec::OneStep => None,
        };
        let counter = Counter {
            port: portal.port,
            pharmacist: person(&spec.pharmacist),
            reviewer: person(&spec.reviewer),
            card: card.map(|key| PrivateKey::of(key)),
        };
        counters.insert(server.name.clone(), counter);
    }
    Pharmacy::new(counters)
}

/// The secret in the token of a maker's engineer.
pub(super) fn token(user: &str) -> Passphrase {
    Passphrase::of(&format!("token of {user}"))
}

/// The port of a server's shell for support.
fn shell_port(host: &HostSpec) -> u16 {
    let mut services = host.services.iter();
    services
        .find(|s| s.kind == ServiceKind::Ssh)
        .map_or(22, |s| s.port)
}

/// A broker.
pub(super) fn broker(lab: &LabSpec, host: &HostSpec, spec: &BrokerSpec) -> Broker {
    let account = |a: &crate::spec::Item<AccountSpec>| {
        let server = a.server.as_ref().and_then(|s| lab.host(s));
        VendorAccount {
            item: a.id,
            user: a.user.clone(),
            password: Passphrase::of(&a.password),
            token: token(&a.user),
            server: server.and_then(|s| Some((s.address.ip()?, shell_port(s)))),
        }
    };
    Broker::new(BrokerConfig {
        port: spec.port,
        accounts: host.accounts.iter().map(account).collect(),
        brokered: (spec.brokered.id, spec.brokered.value),
        approval: (spec.approval.id, spec.approval.value),
    })
}

/// A maker's support engineer; none where the server has no address.
pub(super) fn vendor(lab: &LabSpec, spec: &VendorSpec) -> Option<Vendor> {
    let ip = lab.host(&spec.server)?.address.ip()?;
    let broker = spec.through.value.as_ref().and_then(|name| {
        let host = lab.host(name)?;
        let port = host.roles.iter().find_map(|r| match r {
            RoleSpec::Broker(b) => Some(b.port),
            _ => None,
        })?;
        Some((host.address.ip()?, port, password_of(lab, name, &spec.user)))
    });
    Some(Vendor::new(VendorConfig {
        user: spec.user.clone(),
        server_password: password_of(lab, &spec.server, &spec.user),
        server: (ip, spec.port),
        broker,
        token: token(&spec.user),
    }))
}
