//! Released patches on servers and workstations.

use super::anti_malware::is_managed;
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, Removed};

/// Patches of servers and workstations.
pub(super) struct ServerPatches;

static ENTRY: Entry = Entry {
    id: "server-patches",
    title: "Released patches on servers and workstations",
    summary: "Takes away the flaws of servers and workstations of which the maker has released a patch and validated it for the host. Between release \
              and validation lies a lag; a flaw whose patch is released and not yet validated is marked as having none.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B section 5.3 [M-high]", "SP 800-53 SI-2, RA-5"],
};

impl Mechanism for ServerPatches {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "SRV-06",
            rank: Rank(Stage::Hosts, 170),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for host in lab.hosts.iter_mut().filter(|h| is_managed(h)) {
            for flaw in host.weaknesses.iter().filter(|w| w.patch) {
                ink.bury(&host.name, Removed::Weakness(flaw.flaw.clone()));
                changed = true;
            }
            host.weaknesses.retain(|w| !w.patch);
        }
        Effect::if_any(
            changed,
            "no server or workstation has a flaw that a patch would mend",
        )
    }
}
