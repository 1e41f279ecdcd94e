//! Safety properties, goals and metrics: judged from outside, by ground truth. They see records and change nothing.

mod alarm_delivery;
mod delivery_accuracy;
mod dose_limits;
mod goals;
mod library_integrity;
mod metrics;
mod needs;
mod order_fidelity;
mod phi_confinement;
mod prescription;
mod therapy_continuity;

use crate::catalog::Entry as CatalogEntry;
use crate::engine::{Entry, NodeId};
use crate::event::Shared;
use crate::record::LabRecord;
use crate::spec::RoleSpec;
use crate::time::Time;
pub use goals::{GOALS, Goal, GoalJudge, Pursuit};
pub use metrics::{
    Better, Contributor, Evidence, Kind, METRICS, Measured, Metric, Metrics, OverTime, RunEnd,
    Series, Unit, metric,
};
pub use needs::Needs;
pub use prescription::{Prescription, SUPERSEDED_AFTER};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a checker may know of the lab: its plan, never its state.
#[derive(Debug)]
pub struct Truth {
    /// Shared facts of the run.
    pub shared: Arc<Shared>,
    /// Hosts whose business patient records are.
    pub may_hold_records: BTreeSet<NodeId>,
    /// Pumps, and what the plan says of them.
    pub pumps: BTreeMap<NodeId, PlannedPump>,
    /// What each pump is to run, oldest first.
    pub prescriptions: BTreeMap<NodeId, Vec<Prescription>>,
}

/// What the plan of a lab says of a pump.
#[derive(Clone, Copy, Debug)]
pub struct PlannedPump {
    /// Its server.
    pub server: NodeId,
    /// Version of the library that is active in it at first.
    pub library_version: u32,
    /// Version of the library that its server publishes at first.
    pub published_version: u32,
}

fn planned_pumps(shared: &Shared) -> BTreeMap<NodeId, PlannedPump> {
    let published = |server: &str| {
        let roles = shared.lab.host(server).map(|h| h.roles.as_slice());
        let mut roles = roles.unwrap_or_default().iter();
        roles.find_map(|r| match r {
            RoleSpec::PumpServer(spec) => Some(spec.library_version),
            _ => None,
        })
    };
    let planned = |(host, pump): (&crate::spec::HostSpec, &crate::spec::PumpSpec)| {
        let plan = PlannedPump {
            server: shared.node(&pump.server)?,
            library_version: pump.library_version,
            published_version: published(&pump.server)?,
        };
        Some((shared.node(&host.name)?, plan))
    };
    shared.lab.pumps().filter_map(planned).collect()
}

impl Truth {
    /// Ground truth of a run.
    #[must_use]
    pub fn new(shared: &Arc<Shared>) -> Self {
        let hosts = shared
            .lab
            .hosts
            .iter()
            .filter(|h| h.roles.iter().any(|r| r.facts().holds_records));
        Self {
            shared: shared.clone(),
            may_hold_records: hosts.filter_map(|h| shared.node(&h.name)).collect(),
            pumps: planned_pumps(shared),
            prescriptions: prescription::prescriptions(shared),
        }
    }

    /// What a pump is to run at a time.
    #[must_use]
    pub fn meant(&self, pump: NodeId, now: Time) -> Option<&Prescription> {
        prescription::in_force(self.prescriptions.get(&pump)?, now)
    }

    /// Whether a pump may run this at a time: it is prescribed, or was until [`SUPERSEDED_AFTER`] ago.
    #[must_use]
    pub fn permits(&self, pump: NodeId, now: Time, drug: &str, rate_ml_per_h: f64) -> bool {
        self.prescriptions
            .get(&pump)
            .is_some_and(|of| prescription::permits(of, now, drug, rate_ml_per_h))
    }
}

/// A safety property: stateless over a single record, because records carry what is needed to judge them.
pub trait Property: Sync + std::fmt::Debug {
    /// Name and meaning.
    fn entry(&self) -> &'static CatalogEntry;
    /// What a run has to have so that it can tell whether the property holds.
    fn needs(&self) -> Needs;
    /// What a record shows to be violated, in words; none if nothing.
    fn judge(&self, truth: &Truth, entry: &Entry<LabRecord>) -> Option<String>;
}

/// All properties, by identifier.
pub static PROPERTIES: &[&dyn Property] = &[
    &alarm_delivery::AlarmDelivery,
    &delivery_accuracy::DeliveryAccuracy,
    &dose_limits::DoseLimits,
    &library_integrity::LibraryIntegrity,
    &order_fidelity::OrderFidelity,
    &phi_confinement::PhiConfinement,
    &therapy_continuity::TherapyContinuity,
];
