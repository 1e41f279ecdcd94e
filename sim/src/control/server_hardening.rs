//! Pump servers that offer what they must and nothing else.

use super::{Effect, Mechanism, Rank, Realises, Stage, close_services};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, RoleSpec};

/// Closed maintenance services on pump servers.
pub(super) struct ServerHardening;

static ENTRY: Entry = Entry {
    id: "server-hardening",
    title: "Unneeded services on pump servers closed",
    summary: "Closes every service of a pump server that serves maintenance and is not needed for care. The lists of \
              permitted programs that belong to the control are `program-list`.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B section 5.3 [M-med]"],
};

impl Mechanism for ServerHardening {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "SRV-01",
            rank: Rank(Stage::Hosts, 150),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let serves = |r: &RoleSpec| matches!(r, RoleSpec::PumpServer(_));
        let mut changed = false;
        for server in lab.hosts.iter_mut().filter(|h| h.roles.iter().any(serves)) {
            changed |= close_services::close(server, ink);
        }
        Effect::if_any(
            changed,
            "no pump server has a service open that it does not need",
        )
    }
}
