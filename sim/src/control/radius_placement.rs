//! Segments by certificate.

use super::provision::PUMP_EAP;
use super::{Effect, Mechanism, Rank, Realises, Stage, address};
use crate::catalog::Entry;
use crate::spec::{LabSpec, PlacementSpec, Provenance, RoleSpec, SegmentSpec};
use crate::wire::{Cidr, Ip};

/// The segment for stations that no policy places: no gateway, no way on.
const QUARANTINE: &str = "quarantine";
/// Its prefix, outside the address plan of the zones.
const QUARANTINE_PREFIX: Cidr = Cidr {
    ip: Ip::new(10, 0, 99, 0),
    len: 24,
};

/// Placement of stations by what their certificates say.
pub(super) struct RadiusPlacement;

static ENTRY: Entry = Entry {
    id: "radius-placement",
    title: "Segments by certificate",
    summary: "The authentication server places each pump on the device segment by the subject of its certificate; a \
              station with a certificate of somebody else lands on a segment that leads nowhere.",
    parameters: &[],
    relations: &[],
    references: &["RFC 3580", "SP 1800-8B section 5.3 [M-med]"],
};

impl Mechanism for RadiusPlacement {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "ID-03",
            rank: Rank(Stage::Joining, 40),
            needs: &["NET-01", "WL-03"],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        if !address::is_segmented(lab) {
            return Effect::None("there is one segment only: it needs NET-01");
        }
        let Some(wlan) = lab.wlan(PUMP_EAP) else {
            return Effect::None("no station shows a certificate: it needs WL-03");
        };
        let segment = wlan.segment.value.clone();
        if segment == QUARANTINE {
            return Effect::None("stations are placed by their certificates already");
        }
        let users = address::users(lab, PUMP_EAP).filter_map(|h| h.certificate.as_ref());
        let subjects: Vec<String> = users.map(|c| c.value.subject.clone()).collect();
        if let Some(model) = lab.segment(&segment).cloned() {
            let name = QUARANTINE.to_owned();
            lab.segments.push(SegmentSpec {
                name,
                prefix: QUARANTINE_PREFIX,
                gateway: None,
                pool: None,
                ..model
            });
        }
        for host in &mut lab.hosts {
            for role in &mut host.roles {
                let RoleSpec::Radius(radius) = role else {
                    continue;
                };
                for subject in &subjects {
                    let value = PlacementSpec {
                        subject_prefix: subject.clone(),
                        segment: segment.clone(),
                    };
                    radius
                        .placement
                        .push(ink.item(format!("{} placement of {subject}", host.name), value));
                }
            }
        }
        if let Some(wlan) = lab.wlan_mut(PUMP_EAP) {
            ink.set(&mut wlan.segment, QUARANTINE.to_owned());
        }
        Effect::Applied
    }
}
