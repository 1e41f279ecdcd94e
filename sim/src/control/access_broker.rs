//! Makers' support through a broker.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{HostSpec, LabSpec, Provenance, RoleSpec};

/// Brokered, recorded sessions of makers' support.
pub(super) struct AccessBroker;

static ENTRY: Entry = Entry {
    id: "access-broker",
    title: "Makers' support through a broker",
    summary: "The host where makers' support lands carries a session on to the server that the account is for and to no \
              other, records the session and its commands, and can end it; before, it is a host to jump from. Makers' \
              engineers come through it instead of going to the server directly.",
    parameters: &[],
    relations: &[],
    references: &[
        "SP 800-53 AC-17, MA-4, AU-14",
        "SP 1800-8B section 5.3 [M-high]",
    ],
};

impl Mechanism for AccessBroker {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "ID-06",
            rank: Rank(Stage::Hosts, 130),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let serves = |h: &&HostSpec| h.roles.iter().any(|r| matches!(r, RoleSpec::Broker(_)));
        let Some(broker) = lab.hosts.iter().find(serves).map(|h| h.name.clone()) else {
            return Effect::None("the lab has no host where makers' support lands");
        };
        let mut changed = false;
        for role in lab.hosts.iter_mut().flat_map(|h| &mut h.roles) {
            match role {
                RoleSpec::Broker(b) if !b.brokered.value => {
                    ink.set(&mut b.brokered, true);
                    changed = true;
                }
                RoleSpec::Vendor(v) if v.through.value.is_none() => {
                    ink.set(&mut v.through, Some(broker.clone()));
                    changed = true;
                }
                _ => {}
            }
        }
        Effect::if_any(changed, "sessions of makers are brokered already")
    }
}
