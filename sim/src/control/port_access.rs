//! Network access control on cables.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, LinkSpec, PortAccessSpec, Provenance};

/// The internet is nobody's to guard, and visitors come with computers of their own.
const OPEN: &[&str] = &["external", "guest"];

/// Ports of switches admit the hosts of the inventory.
pub(super) struct PortAccess;

static ENTRY: Entry = Entry {
    id: "port-access",
    title: "Switch ports admit known hosts only",
    summary: "Every segment of the house but that of the guests admits frames on its ports from the hardware addresses of the inventory only: those of the hosts that stand \
              on it by cable. Uplinks to routers and access points are not asked; stations were asked on the air. This is profiling by hardware \
              address: somebody who writes a known address on its frames is admitted, as a port that asked for a certificate would not.",
    parameters: &[],
    relations: &[],
    references: &["IEEE 802.1X", "SP 1800-8B section 5.3 [M-high]"],
};

impl Mechanism for PortAccess {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-05",
            rank: Rank(Stage::Joining, 100),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        let LabSpec {
            segments,
            hosts,
            access_points,
            ..
        } = lab;
        let own = segments
            .iter_mut()
            .filter(|s| !OPEN.contains(&s.name.as_str()) && s.port_access.is_none());
        for segment in own {
            let mut known: Vec<String> = hosts
                .iter()
                .filter(|h| matches!(&h.link, LinkSpec::Wired { segment: s } if *s == segment.name))
                .map(|h| h.name.clone())
                .collect();
            let managed = access_points
                .iter()
                .filter(|a| a.management.value == segment.name);
            known.extend(managed.map(|a| a.name.clone()));
            let value = PortAccessSpec { hosts: known };
            segment.port_access = Some(ink.item(format!("{} port access", segment.name), value));
            changed = true;
        }
        Effect::if_any(changed, "every segment admits known hosts only already")
    }
}
