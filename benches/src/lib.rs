//! Shared fixtures of the benchmarks.

pub mod phold;

use pumplab_scenarios::{Diagnostics, Library};
use pumplab_sim::engine::Budget;
use pumplab_sim::run::RunConfig;
use pumplab_sim::spec::PlaySpec;
use pumplab_sim::time::Duration;

/// The ward under a defence for an hour, with nobody attacking: checkers on, trace not stored, seed 1.
///
/// # Errors
/// Where the library has no such defence.
pub fn ward_hour(library: &Library, defence: &str) -> Result<RunConfig, Diagnostics> {
    let controls = library.defence(defence)?.controls;
    let resolved = library.resolve_lab("ward", &controls, &[])?;
    let play = PlaySpec {
        duration: Duration::from_hours(1),
        attackers: Vec::new(),
        events: Vec::new(),
    };
    Ok(RunConfig {
        seed: 1,
        lab: resolved.lab,
        play,
        budget: Budget::default(),
        keep_trace: false,
    })
}
