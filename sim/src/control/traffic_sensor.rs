//! A sensor that knows patterns, on a mirror port of the pumps' segments.

use super::address;
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, MirrorSpec, Provenance, RoleSpec, SignatureSpec, TrafficSensorSpec};
use std::collections::BTreeSet;

/// Network threat detection.
pub(super) struct TrafficSensor;

static ENTRY: Entry = Entry {
    id: "traffic-sensor",
    title: "A pattern sensor on mirrored traffic of the pumps' segments",
    summary: "Every frame that enters a segment of pumps is copied to the sensor, which knows messages made for published flaws of the lab's \
              hosts, shells and file transfers to pumps, libraries and orders from hosts that are no pump server, leases from hosts that are no \
              DHCP server, and addresses and names claimed twice.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SI-3, SI-4"],
};

/// Copies the pumps' segments to the lab's sensor. Its name, and whether anything changed; none without a sensor.
pub(super) fn mirror(lab: &mut LabSpec, ink: &mut Provenance) -> Option<(String, bool)> {
    let looks = |r: &RoleSpec| matches!(r, RoleSpec::TrafficSensor(_));
    let sensor = lab.host_with(looks)?.name.clone();
    let mut changed = false;
    for segment in address::pump_segments(lab) {
        if !lab.watch.mirrors.iter().any(|m| m.segment == segment) {
            let what = format!("{segment} mirror port");
            let to = sensor.clone();
            lab.watch
                .mirrors
                .push(ink.item(what, MirrorSpec { segment, to }));
            changed = true;
        }
    }
    Some((sensor, changed))
}

/// The sensor of a host, to change.
pub(super) fn of_host<'a>(
    lab: &'a mut LabSpec,
    sensor: &str,
) -> impl Iterator<Item = &'a mut TrafficSensorSpec> {
    let roles = lab.host_mut(sensor).into_iter().flat_map(|h| &mut h.roles);
    roles.filter_map(|r| match r {
        RoleSpec::TrafficSensor(spec) => Some(spec),
        _ => None,
    })
}

/// Patterns and what each is called.
fn signatures(lab: &LabSpec) -> Vec<(&'static str, SignatureSpec)> {
    let flaws: BTreeSet<&String> = lab
        .hosts
        .iter()
        .flat_map(|h| &h.weaknesses)
        .filter(|w| w.value.patch)
        .map(|w| &w.value.flaw)
        .collect();
    let names = |is: fn(&RoleSpec) -> bool| {
        let hosts = lab.hosts.iter().filter(|h| h.roles.iter().any(is));
        hosts.map(|h| h.name.clone()).collect()
    };
    let servers = names(|r| matches!(r, RoleSpec::PumpServer(_)));
    let leases = names(|r| matches!(r, RoleSpec::Dhcp));
    let mut all = vec![
        ("shells to pumps", SignatureSpec::Maintenance),
        ("foreign libraries", SignatureSpec::ForeignPush { servers }),
        (
            "foreign leases",
            SignatureSpec::ForeignLease { servers: leases },
        ),
        ("addresses claimed twice", SignatureSpec::AddressConflict),
        ("names answered twice", SignatureSpec::NameConflict),
    ];
    if !flaws.is_empty() {
        let flaws = flaws.into_iter().cloned().collect();
        all.push(("published exploits", SignatureSpec::Exploit { flaws }));
    }
    all
}

impl Mechanism for TrafficSensor {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-06",
            rank: Rank(Stage::Rules, 60),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let Some((sensor, mut changed)) = mirror(lab, ink) else {
            return Effect::None("the lab has no sensor for mirrored traffic");
        };
        let known = signatures(lab);
        for spec in of_host(lab, &sensor).filter(|s| s.signatures.is_empty()) {
            changed = true;
            let item = |(what, s)| ink.item(format!("{sensor} pattern of {what}"), s);
            spec.signatures = known.iter().cloned().map(item).collect();
        }
        Effect::if_any(changed, "the sensor knows its patterns already")
    }
}
