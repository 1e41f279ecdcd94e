//! Controls as the simulator knows them.

use pumplab_sim::control::{self, Effect, Realisation};
use pumplab_sim::spec::{LabSpec, Provenance};

/// A control that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedControl {
    /// Identifier.
    pub id: String,
    /// What came of it.
    pub effect: ControlEffect,
}

/// What came of a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlEffect {
    /// It changed the lab.
    Applied,
    /// It is realised, and changed nothing here.
    WithoutEffect(String),
    /// This version does not simulate it.
    NotSimulated(String),
}

/// Identifiers of all controls, in the order of their table.
pub(crate) fn ids() -> Vec<&'static str> {
    control::table().iter().map(|c| c.row.id.as_str()).collect()
}

/// Whether a control can change a lab at all.
pub(crate) fn simulated(id: &str) -> bool {
    control::control(id).is_none_or(|c| matches!(c.realisation, Realisation::Mechanisms(_)))
}

/// Applies controls to a lab; they come back in the order of application.
pub(crate) fn apply(
    lab: &mut LabSpec,
    provenance: &mut Provenance,
    controls: &[&str],
) -> Vec<AppliedControl> {
    let applied = control::apply(lab, provenance, controls);
    let told = applied.into_iter().map(|a| {
        let simulated = control::control(&a.id)
            .is_some_and(|c| matches!(c.realisation, Realisation::Mechanisms(_)));
        let effect = match a.effect {
            Effect::Applied => ControlEffect::Applied,
            Effect::None(why) if simulated => ControlEffect::WithoutEffect(why.to_owned()),
            Effect::None(why) => ControlEffect::NotSimulated(why.to_owned()),
        };
        AppliedControl { id: a.id, effect }
    });
    told.collect()
}
