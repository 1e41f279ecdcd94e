//! Staff accounts in the directory instead of on each server, with the rights that their work needs.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{HostSpec, LabSpec, Provenance, Removed, RoleSpec, least_rights};

/// Portals ask the directory, roles have the least rights, dormant accounts are gone.
pub(super) struct DirectoryAccounts;

static ENTRY: Entry = Entry {
    id: "directory-accounts",
    title: "Accounts of staff in the directory, with the least rights",
    summary: "Portals of pump servers ask the directory at each login, over the network, and take the role from it. Their \
              local accounts are removed, also those that makers ship, and accounts in the directory whose holder has \
              left. Each role keeps the rights that its work needs. Without the directory nobody can log in to a portal.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 AC-2, AC-6", "45 CFR 164.308(a)(3)(ii)(C)"],
};

impl Mechanism for DirectoryAccounts {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "ID-04",
            rank: Rank(Stage::Hosts, 110),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let serves = |h: &&HostSpec| h.roles.iter().any(|r| matches!(r, RoleSpec::Directory(_)));
        let Some(directory) = lab.hosts.iter().find(serves).map(|h| h.name.clone()) else {
            return Effect::None("the lab has no directory of staff");
        };
        let mut changed = false;
        for host in &mut lab.hosts {
            let HostSpec {
                name,
                roles,
                accounts,
                ..
            } = host;
            let mut portal = false;
            for role in roles {
                let RoleSpec::PumpServer(server) = role else {
                    continue;
                };
                let Some(spec) = server.portal.as_mut().filter(|p| p.directory.is_none()) else {
                    continue;
                };
                let what = format!("{name} portal directory");
                spec.directory = Some(ink.item(what, directory.clone()));
                ink.set(&mut spec.rights, least_rights());
                portal = true;
            }
            let own = *name == directory;
            accounts.retain(|a| {
                let local = portal && a.value.role.is_some();
                let left = own && a.value.dormant;
                if local || left {
                    ink.bury(name, Removed::Account(a.value.user.clone()));
                }
                !(local || left)
            });
            changed |= portal;
        }
        Effect::if_any(changed, "no portal keeps accounts of its own")
    }
}
