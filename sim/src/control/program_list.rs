//! Pump servers that run what they came with and nothing else.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, RoleSpec};

/// Lists of permitted programs on pump servers.
pub(super) struct ProgramList;

static ENTRY: Entry = Entry {
    id: "program-list",
    title: "Only listed programs run on pump servers",
    summary: "Gives every pump server a list of the programs that may run besides those that it came with. The list is empty: a program that \
              somebody brings does not run, whichever way it came, and an alert says so.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B section 5.3 [M-med]", "SP 800-53 CM-7"],
};

impl Mechanism for ProgramList {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "SRV-01",
            rank: Rank(Stage::Hosts, 151),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let serves = |r: &RoleSpec| matches!(r, RoleSpec::PumpServer(_));
        let mut changed = false;
        for server in lab.hosts.iter_mut().filter(|h| h.roles.iter().any(serves)) {
            if server.software.allow_list.is_none() {
                let what = format!("{} list of programs", server.name);
                server.software.allow_list = Some(ink.item(what, Vec::new()));
                changed = true;
            }
        }
        Effect::if_any(changed, "every pump server has a list of programs")
    }
}
