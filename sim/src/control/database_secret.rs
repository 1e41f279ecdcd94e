//! Databases of pump servers: a secret of the server's own, and records that are encrypted before they are stored.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{AccountSpec, LabSpec, Provenance, RoleSpec};

/// Own database credentials, and encryption of records at rest.
pub(super) struct DatabaseSecret;

static ENTRY: Entry = Entry {
    id: "database-secret",
    title: "Database credentials of the server's own, records encrypted",
    summary: "Replaces the password with which a pump server logs in to its database, also where it is built into the \
              product, by a secret of the server's own, at both ends; and lets the server encrypt the records that it \
              stores under its own key. Libraries are stored in clear.",
    parameters: &[],
    relations: &[],
    references: &["CVE-2014-5405", "SP 800-53 IA-5, SC-28"],
};

impl Mechanism for DatabaseSecret {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "SRV-08",
            rank: Rank(Stage::Hosts, 220),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut accounts: Vec<(String, String, String)> = Vec::new();
        let mut changed = false;
        for host in &mut lab.hosts {
            for role in &mut host.roles {
                let RoleSpec::PumpServer(server) = role else {
                    continue;
                };
                let Some(store) = &mut server.store else {
                    continue;
                };
                // Servers that share an account at a database share its secret.
                let secret = format!("secret of {} at {}", store.user, store.host);
                if store.password.value != secret {
                    ink.set(&mut store.password, secret.clone());
                    changed = true;
                }
                if !store.encrypted.value {
                    ink.set(&mut store.encrypted, true);
                    changed = true;
                }
                accounts.push((store.host.clone(), store.user.clone(), secret));
            }
        }
        for (host, user, secret) in accounts {
            let account = lab
                .host_mut(&host)
                .and_then(|h| h.accounts.iter_mut().find(|a| a.value.user == user));
            if let Some(account) = account.filter(|a| a.value.password != secret) {
                let value = AccountSpec {
                    password: secret,
                    ..account.value.clone()
                };
                ink.set(account, value);
                changed = true;
            }
        }
        Effect::if_any(
            changed,
            "no pump server keeps anything in a database with a shipped password",
        )
    }
}
