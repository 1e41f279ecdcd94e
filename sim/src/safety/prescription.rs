//! What prescribers and nurses meant each pump to run, from the plan of the lab and of the play.
//!
//! It is ground truth, as far as a lab has one: the infusion that a pump begins with, orders as the health record sent them, and programmes as
//! the person who dialled them in meant them.

use crate::engine::NodeId;
use crate::event::Shared;
use crate::spec::HappeningSpec;
use crate::time::{Duration, Time};
use std::collections::BTreeMap;

/// A prescription that another replaces stays good for this time: orders have to be confirmed at the pump \[A\].
pub const SUPERSEDED_AFTER: Duration = Duration::from_mins(15);

/// What a pump is to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Prescription {
    /// From when on.
    pub at: Time,
    /// Number of the order, where the health record sends one: one more than the number of the event in the play.
    pub order: Option<u32>,
    /// Drug.
    pub drug: String,
    /// Rate in mL/h.
    pub rate_ml_per_h: f64,
}

/// The prescriptions of every pump, oldest first.
pub(super) fn prescriptions(shared: &Shared) -> BTreeMap<NodeId, Vec<Prescription>> {
    let mut all: BTreeMap<NodeId, Vec<Prescription>> = BTreeMap::new();
    for (host, pump) in shared.lab.pumps() {
        if let (Some(node), Some(infusion)) = (shared.node(&host.name), &pump.infusion) {
            all.entry(node).or_default().push(Prescription {
                at: Time::ZERO + infusion.start,
                order: None,
                drug: infusion.drug.clone(),
                rate_ml_per_h: infusion.rate_ml_per_h,
            });
        }
    }
    for (n, event) in shared.play.events.iter().enumerate() {
        let (pump, order, drug, rate) = match &event.what {
            HappeningSpec::Order {
                pump,
                drug,
                rate_ml_per_h,
                ..
            } => (pump, Some(n as u32 + 1), drug, *rate_ml_per_h),
            HappeningSpec::Programme {
                pump,
                drug,
                rate_ml_per_h,
                intended_ml_per_h,
                ..
            } => (
                pump,
                None,
                drug,
                intended_ml_per_h.unwrap_or(*rate_ml_per_h),
            ),
            HappeningSpec::ReplacePump { pump, by } => {
                replaced(&mut all, shared, Time::ZERO + event.at, (pump, by));
                continue;
            }
            _ => continue,
        };
        if let Some(node) = shared.node(pump) {
            all.entry(node).or_default().push(Prescription {
                at: Time::ZERO + event.at,
                order,
                drug: drug.clone(),
                rate_ml_per_h: rate,
            });
        }
    }
    for of_pump in all.values_mut() {
        of_pump.sort_by_key(|p| p.at);
    }
    all
}

/// From a time on a pump runs what another was to run, and the other nothing.
fn replaced(
    all: &mut BTreeMap<NodeId, Vec<Prescription>>,
    shared: &Shared,
    at: Time,
    (pump, by): (&str, &str),
) {
    let (Some(pump), Some(by)) = (shared.node(pump), shared.node(by)) else {
        return;
    };
    let of = all.entry(pump).or_default();
    of.sort_by_key(|p| p.at);
    if let Some(last) = in_force(of, at).cloned() {
        of.push(Prescription {
            at,
            order: None,
            drug: String::new(),
            rate_ml_per_h: 0.0,
        });
        all.entry(by).or_default().push(Prescription { at, ..last });
    }
}

/// The prescription in force at a time.
pub(super) fn in_force(prescriptions: &[Prescription], now: Time) -> Option<&Prescription> {
    prescriptions.iter().rfind(|p| p.at <= now)
}

/// Whether a pump may run this at a time: it is prescribed, or was until a moment ago.
pub(super) fn permits(
    prescriptions: &[Prescription],
    now: Time,
    drug: &str,
    rate_ml_per_h: f64,
) -> bool {
    let begun = prescriptions.iter().filter(|p| p.at <= now).count();
    prescriptions[..begun].iter().enumerate().any(|(i, p)| {
        let until = prescriptions[..begun].get(i + 1).map(|next| next.at);
        let good = until.is_none_or(|until| now - until < SUPERSEDED_AFTER);
        good && p.drug == drug && same(p.rate_ml_per_h, rate_ml_per_h)
    })
}

/// Rates are copied and never computed, so all but equal is equal.
pub(super) fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mins: u64) -> Time {
        Time::ZERO + Duration::from_mins(mins)
    }

    fn p(mins: u64, rate_ml_per_h: f64) -> Prescription {
        Prescription {
            at: at(mins),
            order: None,
            drug: "heparin".to_owned(),
            rate_ml_per_h,
        }
    }

    #[test]
    fn what_runs_is_what_is_prescribed_or_was_a_moment_ago() {
        let all = [p(10, 12.0), p(60, 9.0)];
        assert!(!permits(&all, at(5), "heparin", 12.0), "before it begins");
        assert!(permits(&all, at(30), "heparin", 12.0));
        assert!(!permits(&all, at(30), "heparin", 120.0));
        assert!(!permits(&all, at(30), "insulin", 12.0));
        assert!(!permits(&all, at(30), "heparin", 9.0), "not yet");
        assert!(permits(&all, at(70), "heparin", 12.0), "being replaced");
        assert!(!permits(&all, at(76), "heparin", 12.0), "replaced");
        assert!(permits(&all, at(76), "heparin", 9.0));
        assert_eq!(in_force(&all, at(61)), Some(&all[1]));
        assert_eq!(in_force(&all, at(9)), None);
    }
}
