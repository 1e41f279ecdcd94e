//! Expectations about which a run of this lab can say nothing: they would hold whatever happened.

use super::{Warner, play};
use crate::diagnostic::Code;
use crate::scenario::{Expect, Scenario};
use pumplab_sim::safety::{self, Needs, PROPERTIES};
use pumplab_sim::spec::{EventSpec, HappeningSpec, HostSpec, LabSpec, RoleSpec};

pub(super) fn look(w: &mut Warner<'_>, scenario: &Scenario) {
    for (i, expect) in scenario.expects.iter().enumerate() {
        if let Some((why, hint)) = lack(expect, w.lab, &scenario.events) {
            let message = format!("this cannot be judged in this lab: {why}");
            let at = [format!("expect/{i}/{}", expect.key())];
            w.warn(Code::NotJudged, &at, message, "nothing to judge by", hint);
        }
    }
}

/// Why a run of a lab can say nothing about an expectation; none where it can.
#[must_use]
pub fn not_judged(expect: &Expect, lab: &LabSpec, events: &[EventSpec]) -> Option<&'static str> {
    lack(expect, lab, events).map(|(why, _)| why)
}

/// What a run of a lab lacks to say anything about an expectation.
fn lack(expect: &Expect, lab: &LabSpec, events: &[EventSpec]) -> Option<Lack> {
    match expect {
        Expect::Holds { property, .. } | Expect::Violated { property, .. } => {
            let property = PROPERTIES.iter().find(|p| p.entry().id == *property);
            property.and_then(|p| lacking(lab, events, p.needs()))
        }
        Expect::Metric { metric, .. } => {
            safety::metric(metric).and_then(|m| lacking(lab, events, m.needs))
        }
        Expect::Detected { .. } | Expect::Undetected { .. } => (!senses(lab)).then_some(NO_SENSOR),
        Expect::Reaches { .. }
        | Expect::NotReaches { .. }
        | Expect::Repeats
        | Expect::Stopped { .. } => None,
    }
}

type Lack = (&'static str, &'static str);

const NO_SENSOR: Lack = (
    "nothing in it raises alerts",
    "switch on a control that senses: `pumplab list sensors` prints what raises alerts, and the control that brings it",
);
const NO_PUMP: Lack = ("it has no pump", "add a `[[pump]]` to the lab");
const NO_INFUSION: Lack = (
    "no pump infuses anything in it",
    "give a pump an `infusion`, or add an event `programme` or `order`",
);
const NO_RELEASE: Lack = (
    "no drug library is released in the run",
    "add an event `publish-library`",
);
const NO_VENDOR: Lack = (
    "no vendor visits in the run",
    "add an event `vendor-visit`, and a host with the key `vendor`",
);

/// What a run of this lab lacks of what a property or metric needs; none where it lacks nothing.
fn lacking(lab: &LabSpec, events: &[EventSpec], needs: Needs) -> Option<Lack> {
    let pumps = lab.pumps().next().is_some();
    let happens = |is: fn(&HappeningSpec) -> bool| events.iter().any(|e| is(&e.what));
    match needs {
        Needs::Nothing => None,
        Needs::Pump => (!pumps).then_some(NO_PUMP),
        Needs::Infusion if !pumps => Some(NO_PUMP),
        Needs::Infusion => (!play::infuses(lab, events)).then_some(NO_INFUSION),
        Needs::LibraryRelease => {
            (!happens(|h| matches!(h, HappeningSpec::PublishLibrary { .. }))).then_some(NO_RELEASE)
        }
        Needs::VendorVisit => {
            let visits = happens(|h| matches!(h, HappeningSpec::VendorVisit { .. }));
            let vendor = |r: &RoleSpec| matches!(r, RoleSpec::Vendor(_));
            (!visits || lab.host_with(vendor).is_none()).then_some(NO_VENDOR)
        }
        Needs::Sensor => (!senses(lab)).then_some(NO_SENSOR),
    }
}

/// Whether anything in a lab raises alerts: one of what `pumplab list sensors` prints.
fn senses(lab: &LabSpec) -> bool {
    let on_host = |h: &HostSpec| {
        h.software.allow_list.is_some()
            || h.software.anti_malware.is_some()
            || h.roles.iter().any(|r| match r {
                RoleSpec::PumpServer(s) => s.store.as_ref().is_some_and(|s| s.monitor.is_some()),
                RoleSpec::Pump(p) => p.device.power_sensor.is_some(),
                _ => false,
            })
    };
    !lab.watch.logs.is_empty()
        || !lab.watch.mirrors.is_empty()
        || lab.access_points.iter().any(|a| a.sensor.is_some())
        || lab.segments.iter().any(|s| s.port_binding.is_some())
        || lab.hosts.iter().any(on_host)
}
