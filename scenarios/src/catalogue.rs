//! What this version of pumplab knows by name: techniques, goals, properties, metrics and controls.

mod pending;

use crate::controls;
use pumplab_sim::catalog::Entry;

/// The catalogue that files are checked against.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Attack techniques.
    pub techniques: Vec<&'static Entry>,
    /// Attackers' goals.
    pub goals: Vec<&'static Entry>,
    /// Safety properties.
    pub properties: Vec<&'static Entry>,
    /// Metrics.
    pub metrics: Vec<&'static Entry>,
    /// Identifiers of the controls.
    pub controls: Vec<&'static str>,
}

impl Catalogue {
    /// Everything that this version has.
    #[must_use]
    pub fn known() -> Self {
        Self {
            techniques: pending::TECHNIQUES.iter().collect(),
            goals: pending::GOALS.iter().collect(),
            properties: pending::PROPERTIES.iter().collect(),
            metrics: pending::METRICS.iter().collect(),
            controls: controls::ids(),
        }
    }
}

/// The identifiers of entries.
pub(crate) fn ids(entries: &[&'static Entry]) -> Vec<String> {
    entries.iter().map(|e| e.id.to_owned()).collect()
}
