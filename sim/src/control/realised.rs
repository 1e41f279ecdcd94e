//! Which mechanisms realise which control, and why the others have none.

use super::Realisation::{self, Mechanisms, Pending};
use super::*;

/// What this version does about a control.
pub(super) fn realisation(id: &str) -> Realisation {
    match id {
        "NET-01" => Mechanisms(&[&zone_segmentation::ZoneSegmentation]),
        "NET-02" => Mechanisms(&[&default_deny::DefaultDeny]),
        "NET-03" => Mechanisms(&[&guest_isolation::GuestIsolation]),
        "NET-04" => Mechanisms(&[&boundary_firewall::BoundaryFirewall]),
        "NET-08" => Mechanisms(&[&rate_limit::RateLimit]),
        "NET-09" => Mechanisms(&[&known_infrastructure::KnownInfrastructure]),
        "NET-10" => Mechanisms(&[&dhcp_snooping::DhcpSnooping, &arp_inspection::ArpInspection]),
        _ => Pending("this version has no mechanism for it yet"),
    }
}
