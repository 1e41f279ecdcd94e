//! Safety properties, goals and metrics: judged from outside, by ground truth. They see records and change nothing.

mod alarm_delivery;
mod damage;
mod dose_limits;
mod goals;
mod library_integrity;
mod metrics;
mod phi_confinement;
mod therapy_continuity;

pub use goals::{GOALS, Goal, GoalJudge, Pursuit};
pub use metrics::{METRICS, Metrics};

use crate::catalog::Entry as CatalogEntry;
use crate::engine::{Entry, NodeId};
use crate::event::Shared;
use crate::record::LabRecord;
use crate::spec::RoleSpec;
use std::collections::BTreeSet;

/// What a checker may know of the lab: its plan, never its state.
#[derive(Debug)]
pub struct Truth<'a> {
    /// Shared facts of the run.
    pub shared: &'a Shared,
    /// Hosts whose business patient records are.
    pub may_hold_records: BTreeSet<NodeId>,
}

impl<'a> Truth<'a> {
    /// Ground truth of a run.
    #[must_use]
    pub fn new(shared: &'a Shared) -> Self {
        let business = |r: &RoleSpec| {
            matches!(
                r,
                RoleSpec::Pump(_)
                    | RoleSpec::PumpServer(_)
                    | RoleSpec::Ehr { .. }
                    | RoleSpec::AlarmManager { .. }
                    | RoleSpec::NursesStation
                    | RoleSpec::Backup(_)
            )
        };
        let hosts = shared
            .lab
            .hosts
            .iter()
            .filter(|h| h.roles.iter().any(business));
        Self {
            shared,
            may_hold_records: hosts.filter_map(|h| shared.node(&h.name)).collect(),
        }
    }
}

/// A safety property: stateless over a single record, because records carry what is needed to judge them.
pub trait Property: Sync + std::fmt::Debug {
    /// Name and meaning.
    fn entry(&self) -> &'static CatalogEntry;
    /// What a record shows to be violated, in words; none if nothing.
    fn judge(&self, truth: &Truth<'_>, entry: &Entry<LabRecord>) -> Option<String>;
}

/// All properties, by identifier.
pub static PROPERTIES: &[&dyn Property] = &[
    &alarm_delivery::AlarmDelivery,
    &dose_limits::DoseLimits,
    &library_integrity::LibraryIntegrity,
    &phi_confinement::PhiConfinement,
    &therapy_continuity::TherapyContinuity,
];
