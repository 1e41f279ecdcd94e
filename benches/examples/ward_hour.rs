//! Runs a ward for an hour as often as a second allows: `cargo run --release -p pumplab-benches --example ward_hour`.
//!
//! Twelve pumps, checkers on, trace not stored. Wall time of the whole run, building the lab included.

use pumplab_scenarios::Library;
use pumplab_sim::run::{RunConfig, run};
use std::error::Error;
use std::io::Write;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: u64 = std::env::args().nth(1).map_or(Ok(200), |n| n.parse())?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "defence        runs/s   events/run   ns/event   ms/run (median)"
    )?;
    for defence in ["legacy", "psk-segmented", "sp1800-8", "sp1800-8-plus"] {
        let config = pumplab_benches::ward_hour(&Library::embedded(), defence)?;
        let mut times: Vec<f64> = Vec::new();
        let mut events = 0;
        for seed in 0..rounds {
            let config = RunConfig {
                seed,
                ..config.clone()
            };
            let begun = Instant::now();
            let outcome = run(&config)?;
            times.push(begun.elapsed().as_secs_f64());
            events += outcome.events;
        }
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        let per_run = events as f64 / rounds as f64;
        writeln!(
            out,
            "{defence:14} {:7.0} {per_run:12.0} {:10.0} {:10.2}",
            1.0 / median,
            median * 1e9 / per_run,
            median * 1e3
        )?;
    }
    Ok(())
}
