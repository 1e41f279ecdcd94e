//! Controls as the simulator knows them. Until its mechanisms are there, no control has an effect.

use crate::scenario::{AppliedControl, ControlEffect};
use pumplab_sim::spec::{LabSpec, Provenance};

/// Applies controls to a lab in the order of the table of controls.
pub(crate) fn apply(_: &mut LabSpec, _: &mut Provenance, controls: &[&str]) -> Vec<AppliedControl> {
    let none = |id: &&str| AppliedControl {
        id: (*id).to_owned(),
        effect: ControlEffect::NotSimulated("its mechanism is not there yet".to_owned()),
    };
    controls.iter().map(none).collect()
}
