//! Drug libraries are published after somebody other than their author approved them.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, ReleaseSpec, Removed, RoleSpec};

/// Draft, review, approval, publication.
pub(super) struct ReleaseWorkflow;

static ENTRY: Entry = Entry {
    id: "release-workflow",
    title: "Release of drug libraries by two people",
    summary: "A portal publishes a library only after somebody other than its author reviewed and approved it. Where the \
              server signs libraries, the key moves to a card of the approver's, and the server publishes what was signed \
              with it: it can no longer sign what somebody altered in its store.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 AC-5, CM-3", "CVE-2023-30562"],
};

impl Mechanism for ReleaseWorkflow {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "SRV-05",
            rank: Rank(Stage::Hosts, 210),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let pharmacy = |r: &RoleSpec| matches!(r, RoleSpec::Pharmacy(_));
        if !lab.hosts.iter().any(|h| h.roles.iter().any(pharmacy)) {
            return Effect::None("the lab has no pharmacy whose people could approve");
        }
        let mut changed = false;
        for host in &mut lab.hosts {
            for role in &mut host.roles {
                let RoleSpec::PumpServer(server) = role else {
                    continue;
                };
                let Some(portal) = server
                    .portal
                    .as_mut()
                    .filter(|p| p.release.value == ReleaseSpec::OneStep)
                else {
                    continue;
                };
                let signed_by = server.signs_with.take().map(|k| k.value);
                if let Some(key) = &signed_by {
                    ink.bury(&host.name, Removed::Key(key.clone()));
                }
                ink.set(&mut portal.release, ReleaseSpec::Approved { signed_by });
                changed = true;
            }
        }
        Effect::if_any(changed, "no portal publishes libraries in one step")
    }
}
