//! Backup servers that run.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, RoleSpec};

/// Backups of servers.
pub(super) struct Backups;

static ENTRY: Entry = Entry {
    id: "backups",
    title: "Copies of servers' files",
    summary: "Switches the backup servers of the lab on: they pull copies of the files that their clients share, keep the last copy of each that can be read, \
              and give them back to a host that staff rebuild. They open sessions and take none, so what encrypts a client does not reach its copies.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B Appendix B [M-high]", "SP 800-53 CP-9, CP-10"],
};

impl Mechanism for Backups {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "SRV-07",
            rank: Rank(Stage::Hosts, 180),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for role in lab.hosts.iter_mut().flat_map(|h| &mut h.roles) {
            if let RoleSpec::Backup(backup) = role
                && !backup.on.value
            {
                ink.set(&mut backup.on, true);
                changed = true;
            }
        }
        Effect::if_any(changed, "the lab has no backup server that is switched off")
    }
}
