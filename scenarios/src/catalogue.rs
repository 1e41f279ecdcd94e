//! What this version of pumplab knows by name: techniques, goals, properties, metrics and controls.

use crate::controls;
use pumplab_sim::attack::TECHNIQUES;
use pumplab_sim::catalog::Entry;
use pumplab_sim::safety::{GOALS, METRICS, PROPERTIES};

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
            techniques: TECHNIQUES.iter().map(|t| t.entry()).collect(),
            goals: GOALS.iter().map(|g| &g.entry).collect(),
            properties: PROPERTIES.iter().map(|p| p.entry()).collect(),
            metrics: METRICS.iter().collect(),
            controls: controls::ids(),
        }
    }
}

/// The identifiers of entries.
pub(crate) fn ids(entries: &[&'static Entry]) -> Vec<String> {
    entries.iter().map(|e| e.id.to_owned()).collect()
}
