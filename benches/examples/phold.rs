//! PHOLD through the engine beside a plain binary heap: rates, ratios and memory.
//!
//! `cargo run --release -p pumplab-benches --example phold`
//!
//! Both variants are built once per configuration, warmed up, and then take turns; a rate is the
//! median of the rounds, in events per second on the processor (`/proc/self/schedstat`; wall time
//! where that is missing). "node" is the variant in which every event asks for the whole node. Memory
//! is the growth of the resident set (`/proc/self/statm`) over the number of LPs, pending events
//! included: counting allocations would need unsafe code. The ratios matter, not the rates: they are
//! taken in one run, on one machine, under one load.

use std::fs;
use std::time::Instant;

use pumplab_benches::phold::{Baseline, Phold, simulation, state_checksum};
use pumplab_sim::engine::{End, Simulation};
use pumplab_sim::time::Time;

const ROUNDS: usize = 5;

fn main() {
    println!(
        "| LPs x events | heap Mev/s | engine Mev/s | ratio | node Mev/s | node ratio | node - hot ns | heap B/LP | engine B/LP |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let only: Option<u32> = std::env::args().nth(1).and_then(|n| n.parse().ok());
    for (lps, per_lp, events) in [
        (64, 1, 2_000_000),
        (1024, 1, 2_000_000),
        (1024, 16, 2_000_000),
        (100_000, 1, 1_500_000),
        (100_000, 16, 3_200_000),
    ] {
        if only.is_none_or(|only| only == lps) {
            row(lps, per_lp, events);
        }
    }
}

fn row(lps: u32, per_lp: u32, events: u64) {
    let before = resident_bytes();
    let mut engine = simulation::<false>(lps, per_lp);
    advance(&mut engine, events);
    let engine_bytes = resident_bytes().saturating_sub(before);
    let before = resident_bytes();
    let mut baseline = Baseline::new(lps, per_lp);
    baseline.run(events);
    let baseline_bytes = resident_bytes().saturating_sub(before);
    let mut whole = simulation::<true>(lps, per_lp);
    advance(&mut whole, events);

    let mut rates = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        rates[0].push(rate(events, || baseline.run(events)));
        rates[1].push(rate(events, || advance(&mut engine, events)));
        rates[2].push(rate(events, || advance(&mut whole, events)));
        let sums = [
            baseline.checksum(),
            state_checksum(&engine),
            state_checksum(&whole),
        ];
        assert!(
            sums.iter().all(|sum| *sum == sums[0]),
            "the variants differ: {sums:x?}"
        );
        assert_eq!(engine.fingerprint(), whole.fingerprint());
    }
    let [heap, engine, node] = rates.map(median);
    println!(
        "| {lps} x {per_lp} | {heap:.2} | {engine:.2} | {:.2} | {node:.2} | {:.2} | {:.1} | {} | {} |",
        engine / heap,
        node / heap,
        1e3 / node - 1e3 / engine,
        baseline_bytes / u64::from(lps),
        engine_bytes / u64::from(lps),
    );
}

fn advance<const NEEDS_NODE: bool>(simulation: &mut Simulation<Phold<NEEDS_NODE>>, events: u64) {
    assert_eq!(
        simulation.run_events(events, Time::MAX, &mut ()),
        End::Paused
    );
}

/// Millions of events per second on the processor.
fn rate(events: u64, work: impl FnOnce()) -> f64 {
    let (wall, cpu) = (Instant::now(), cpu_nanos());
    work();
    let wall = wall.elapsed().as_nanos() as u64;
    let nanos = cpu
        .and_then(|start| Some(cpu_nanos()? - start))
        .filter(|nanos| *nanos > 0)
        .unwrap_or(wall);
    events as f64 * 1e3 / nanos as f64
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[ROUNDS / 2]
}

fn cpu_nanos() -> Option<u64> {
    fs::read_to_string("/proc/self/schedstat")
        .ok()?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

fn resident_bytes() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok())
        .unwrap_or(0);
    pages * 4096
}
