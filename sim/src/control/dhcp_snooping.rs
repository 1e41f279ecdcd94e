//! Switches that let only the known servers answer DHCP.

use super::address;
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, LeaseGuardSpec, Provenance, RoleSpec};

/// Clients that may ask for leases on one port: a device, what is plugged in beside it, and a successor \[A\].
const CLIENTS_PER_PORT: u32 = 3;

/// DHCP snooping on the segments of pumps.
pub(super) struct DhcpSnooping;

static ENTRY: Entry = Entry {
    id: "dhcp-snooping",
    title: "DHCP snooping on the device segments",
    summary: "On every segment on which pumps stand, only the lab's DHCP servers and the router may answer for leases; \
              the switch drops the answers of everybody else. Whoever asks for a lease must ask in the name of the hardware address \
              that it sends from, and at most three clients may ask on one port; uplinks to routers and access points are not counted. A \
              station that joins the wireless network anew under address after address is not held.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SC-7, SI-4"],
};

impl Mechanism for DhcpSnooping {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-10",
            rank: Rank(Stage::Rules, 50),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let pumps = address::pump_segments(lab);
        let serves = |r: &RoleSpec| matches!(r, RoleSpec::Dhcp);
        let servers: Vec<String> = lab
            .hosts
            .iter()
            .filter(|h| h.roles.iter().any(serves))
            .map(|h| h.name.clone())
            .collect();
        let mut changed = false;
        for segment in lab
            .segments
            .iter_mut()
            .filter(|s| pumps.contains(&s.name) && s.dhcp_snooping.is_none())
        {
            segment.dhcp_snooping =
                Some(ink.item(format!("{} DHCP snooping", segment.name), servers.clone()));
            let guard = LeaseGuardSpec {
                clients: CLIENTS_PER_PORT,
            };
            segment.lease_guard = Some(ink.item(format!("{} lease guard", segment.name), guard));
            changed = true;
        }
        Effect::if_any(changed, "the segments of pumps have it already")
    }
}
