//! Passwords of the hospital's own instead of the maker's, on pumps.

use super::{Effect, Mechanism, Rank, Realises, Stage, address};
use crate::catalog::Entry;
use crate::spec::{AccountSpec, HostSpec, LabSpec, Provenance};

/// Replaced default credentials on pumps.
pub(super) struct ReplaceCredentials;

static ENTRY: Entry = Entry {
    id: "replace-credentials",
    title: "Default credentials of pumps replaced",
    summary: "Gives every account of a pump that can be changed a password of its own. Built-in accounts that cannot be \
              changed stay as they are, and a service that asks for no account asks for none.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 IA-5", "SP 1800-8B appendix B [M-high]"],
};

impl Mechanism for ReplaceCredentials {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "DEV-02",
            rank: Rank(Stage::Hosts, 20),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for pump in lab.hosts.iter_mut().filter(|h| address::is_pump(h)) {
            changed |= replace(pump, ink);
        }
        Effect::if_any(
            changed,
            "no pump has an account whose password could be replaced",
        )
    }
}

/// Gives a host's changeable accounts passwords of their own. Whether one changed.
pub(super) fn replace(host: &mut HostSpec, ink: &mut Provenance) -> bool {
    let HostSpec { name, accounts, .. } = host;
    let mut changed = false;
    for account in accounts.iter_mut().filter(|a| !a.value.fixed) {
        let password = format!("password of {} on {name}", account.value.user);
        if account.value.password != password {
            let value = AccountSpec {
                password,
                ..account.value.clone()
            };
            ink.set(account, value);
            changed = true;
        }
    }
    changed
}
