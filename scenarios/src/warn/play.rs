//! What is to happen in a scenario and never can.

use super::{Warner, radio};
use crate::diagnostic::Code;
use crate::scenario::Scenario;
use pumplab_sim::attack::technique_named;
use pumplab_sim::catalog::{ParameterKind, Vocabulary};
use pumplab_sim::spec::{
    EventSpec, HappeningSpec, HostSpec, LabSpec, LinkSpec, ParamValue, PlaceSpec, ReachSpec,
    RoleSpec, WeaknessSpec,
};
use std::collections::BTreeSet;

/// Looks at a scenario; `labs` are those of its runs.
pub(super) fn look(w: &mut Warner<'_>, scenario: &Scenario, labs: &[&LabSpec]) {
    attackers(w, scenario);
    certificates(w, scenario);
    late(w, scenario);
    vulnerabilities(w, scenario, labs);
    for (i, event) in scenario.events.iter().enumerate() {
        if let Some((why, hint)) = idle(w.lab, &event.what) {
            let at = [format!("event/{i}/what"), format!("event/{i}/with")];
            w.warn(
                Code::IdleEvent,
                &at,
                format!("nothing comes of this event: {why}"),
                "changes nothing",
                hint,
            );
        }
    }
}

/// A radio that nobody hears.
fn attackers(w: &mut Warner<'_>, scenario: &Scenario) {
    for attacker in &scenario.attackers {
        let PlaceSpec::Radio(at) = attacker.at else {
            continue;
        };
        if !radio::hears_anybody(w.lab, at) {
            let name = &attacker.name;
            let message =
                format!("`{name}` is out of range of every access point and every wireless host");
            let paths = [format!("attacker/{name}/at"), format!("attacker/{name}")];
            let hint = "move the attacker nearer: whatever its radio tries fails here, under every defence";
            w.warn(
                Code::AttackerOutOfRange,
                &paths,
                message,
                "hears nobody",
                hint,
            );
        }
    }
}

/// Certificates that are not valid all through the run, unless the scenario renews them.
fn certificates(w: &mut Warner<'_>, scenario: &Scenario) {
    let lab = w.lab;
    let end = lab.calendar + scenario.duration.as_nanos() / 1_000_000_000;
    let renewed: BTreeSet<&str> = scenario
        .events
        .iter()
        .filter_map(|e| match &e.what {
            HappeningSpec::RenewCertificate { host } => Some(host.as_str()),
            _ => None,
        })
        .collect();
    let (mut early, mut late) = (Vec::new(), Vec::new());
    for host in lab
        .hosts
        .iter()
        .filter(|h| !renewed.contains(h.name.as_str()))
    {
        let Some(certificate) = &host.certificate else {
            continue;
        };
        if certificate.value.not_before > lab.calendar {
            early.push(host.name.as_str());
        } else if certificate.value.not_after < end {
            late.push(host.name.as_str());
        }
    }
    let at = ["duration".to_owned()];
    if !late.is_empty() {
        let message = format!(
            "{} of {} within this run",
            super::verb(&late, "the certificate", "the certificates"),
            format_args!(
                "{} {}",
                super::names(&late),
                super::verb(&late, "runs out", "run out")
            )
        );
        let hint = "shorten the run, renew it in time with the event `renew-certificate`, or change when it expires (`expiring` of the scenario, \
                    `expiring_after` of the lab); if it is meant, write `accept_warnings = [\"PL0812\"]`";
        w.warn(
            Code::CertificateEnds,
            &at,
            message,
            "the run is longer than that",
            hint,
        );
    } else if !early.is_empty() {
        let message = format!(
            "not valid yet when the run begins: the certificate of {}",
            super::names(&early)
        );
        w.warn(
            Code::CertificateEnds,
            &at,
            message,
            "begins too early",
            "look at `calendar` of the lab",
        );
    }
}

/// Vulnerabilities that a step goes for and that its target does not have in any run of the scenario.
fn vulnerabilities(w: &mut Warner<'_>, scenario: &Scenario, labs: &[&LabSpec]) {
    for attacker in &scenario.attackers {
        for (i, step) in attacker.steps.iter().enumerate() {
            let text = |key: &str| match step.with.get(key) {
                Some(ParamValue::Text(text)) => Some(text.as_str()),
                _ => None,
            };
            let technique = technique_named(&step.technique);
            let parameters = technique.map_or(&[][..], |t| t.entry().parameters);
            let vulnerability = parameters
                .iter()
                .find(|p| p.kind == ParameterKind::Name(Vocabulary::Vulnerability))
                .and_then(|p| Some((p.name, text(p.name)?)));
            let (Some((key, name)), Some(target)) = (vulnerability, text("target")) else {
                continue;
            };
            let port = match step.with.get("port") {
                Some(ParamValue::Integer(n)) => u16::try_from(*n).ok(),
                _ => None,
            };
            let reaches = |weakness: &WeaknessSpec| match weakness.reach {
                ReachSpec::Port(at) => Some(at) == port,
                ReachSpec::Client(_) => port.is_none(),
            };
            let mut of = labs.iter().filter_map(|lab| lab.host(target));
            if of.any(|h| h.weaknesses.iter().any(|k| k.flaw == name && reaches(k))) {
                continue;
            }
            let message = format!("`{target}` has no vulnerability `{name}` there");
            let path = format!("attacker/{}/step/{i}/with", attacker.name);
            let paths = [format!("{path}/{key}"), path];
            let hint = "give the host or its profile the vulnerability, or choose another target: the step fails under every defence";
            w.warn(
                Code::NotVulnerable,
                &paths,
                message,
                "the target does not have it",
                hint,
            );
        }
    }
}

/// Infusions that the lab begins after the run's end.
fn late(w: &mut Warner<'_>, scenario: &Scenario) {
    let all = w
        .lab
        .pumps()
        .filter_map(|(h, p)| Some((h, p.infusion.as_ref()?)));
    let late: Vec<&str> = all
        .filter(|(_, i)| i.start >= scenario.duration)
        .map(|(h, _)| h.name.as_str())
        .collect();
    if !late.is_empty() {
        let message = format!(
            "what {} to infuse begins after the end of this run",
            format_args!(
                "{} {}",
                super::names(&late),
                super::verb(&late, "is", "are")
            )
        );
        let hint = "make the run longer, or let the infusion `start` earlier in the lab";
        w.warn(
            Code::LateInfusion,
            &["duration".to_owned()],
            message,
            "over before",
            hint,
        );
    }
}

fn has(lab: &LabSpec, name: &str, is: impl Fn(&RoleSpec) -> bool) -> bool {
    lab.host(name).is_some_and(|h| h.roles.iter().any(is))
}

/// Why nothing comes of an event in this lab, and what to do about it.
fn idle(lab: &LabSpec, what: &HappeningSpec) -> Option<(String, &'static str)> {
    match what {
        HappeningSpec::Move { host, .. } => {
            let wireless = |h: &HostSpec| matches!(h.link, LinkSpec::Radio { .. });
            (!lab.host(host).is_some_and(wireless)).then(|| {
                (
                    format!("`{host}` is not wireless"),
                    "only a host with a position can be moved",
                )
            })
        }
        HappeningSpec::RevokeCertificate { host } | HappeningSpec::RenewCertificate { host } => {
            let holder = lab.host(host).is_some_and(|h| h.certificate.is_some());
            (!holder).then(|| {
                let hint = "the control ID-01 issues certificates to hosts that can use them";
                (format!("`{host}` has no certificate"), hint)
            })
        }
        HappeningSpec::VendorVisit { host } => {
            let vendor = has(lab, host, |r| matches!(r, RoleSpec::Vendor(_)));
            (!vendor).then(|| {
                (
                    format!("`{host}` is no vendor's computer"),
                    "name a host with the key `vendor`",
                )
            })
        }
        HappeningSpec::ApproveVendor { broker, .. } | HappeningSpec::KillSessions { broker } => {
            let is = has(lab, broker, |r| matches!(r, RoleSpec::Broker(_)));
            (!is).then(|| {
                (
                    format!("`{broker}` is no broker"),
                    "name a host with the key `broker`",
                )
            })
        }
        HappeningSpec::Order { pump, .. } => {
            let server = lab
                .pumps()
                .find(|(h, _)| h.name == *pump)
                .map(|(_, p)| &p.server)?;
            let serves =
                |r: &RoleSpec| matches!(r, RoleSpec::Ehr { servers } if servers.contains(server));
            let served = lab.hosts.iter().any(|h| h.roles.iter().any(serves));
            (!served).then(|| {
                let hint = "add the server to `servers` of the host with the key `ehr`";
                (
                    format!("no health record sends orders to `{server}`, the server of `{pump}`"),
                    hint,
                )
            })
        }
        other => idle_of_staff(lab, other),
    }
}

/// The same for what people do at the bedside and to computers.
fn idle_of_staff(lab: &LabSpec, what: &HappeningSpec) -> Option<(String, &'static str)> {
    match what {
        HappeningSpec::ShiftChange { nurse, to, .. } if nurse == to => Some((
            format!("`{nurse}` hands over to nobody else"),
            "name another nurse in `to`",
        )),
        HappeningSpec::ReplacePump { pump, by } if pump == by => Some((
            format!("`{pump}` replaces itself"),
            "name another pump in `by`",
        )),
        HappeningSpec::Restore { host, .. } => {
            let keeps = |r: &RoleSpec| matches!(r, RoleSpec::Backup(b) if b.of.contains(host));
            let kept = lab.hosts.iter().any(|h| h.roles.iter().any(keeps));
            let files = lab.host(host).is_some_and(|h| !h.files.is_empty());
            (files && !kept).then(|| {
                let hint = "add it to `of` of a host with the key `backup`: what is rebuilt without a backup is empty";
                (format!("no backup server keeps files of `{host}`"), hint)
            })
        }
        _ => None,
    }
}

/// Whether a pump infuses anything in the run, by the lab or by an event.
pub(super) fn infuses(lab: &LabSpec, events: &[EventSpec]) -> bool {
    let by_lab = lab.pumps().any(|(_, p)| p.infusion.is_some());
    let begins = |e: &EventSpec| {
        matches!(
            e.what,
            HappeningSpec::Programme { .. } | HappeningSpec::Order { .. }
        )
    };
    by_lab || events.iter().any(begins)
}
