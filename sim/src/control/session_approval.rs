//! Vendor sessions that the house has approved, for a time, and a second factor.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, RoleSpec};

/// Approval in force and second factor for makers' sessions.
pub(super) struct SessionApproval;

static ENTRY: Entry = Entry {
    id: "session-approval",
    title: "Vendor sessions approved, limited in time, with a second factor",
    summary: "A broker lets a maker's user in only while an approval of the house is in force, and only with the answer \
              of the user's token to a challenge. Sessions end with the approval.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 IA-2(1), MA-4"],
};

impl Mechanism for SessionApproval {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "ID-07",
            rank: Rank(Stage::Hosts, 140),
            needs: &["ID-06"],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for role in lab.hosts.iter_mut().flat_map(|h| &mut h.roles) {
            if let RoleSpec::Broker(b) = role
                && b.brokered.value
                && !b.approval.value
            {
                ink.set(&mut b.approval, true);
                changed = true;
            }
        }
        Effect::if_any(changed, "no broker carries sessions: it needs ID-06")
    }
}
