//! Promise 3: a fork continues as the original does, and does not disturb it.

use pumplab::cell::Cell;
use pumplab_sim::engine::{End, Entry};
use pumplab_sim::record::LabRecord;
use pumplab_sim::run::{Live, Outcome};
use pumplab_sim::time::Time;
use pumplab_tests::{Told, config, in_parallel, library_cells};

const EVERY: u64 = 1_000;
/// Events that every fork is followed for.
const WINDOW: u64 = 2 * EVERY;
/// Forks of a run that are followed to the end, with those who watch them, at equal distances.
const TO_THE_END: u64 = 6;

#[test]
fn forks_at_every_thousandth_event_continue_identically() {
    let cells = library_cells();
    let forks: u64 = in_parallel(cells, forks_of).into_iter().sum();
    assert!(forks > 300, "{forks} forks are few");
}

fn forks_of(cell: Cell) -> u64 {
    let name = cell.name();
    let told = Told::of(cell);
    let horizon = Time::ZERO + told.cell.play.duration;
    let mut live = Live::new(&config(&told.cell, true)).expect("it ran before");
    let to_the_end = (told.outcome.events / EVERY / TO_THE_END).max(1);
    let mut at_count = vec![live.simulation().fingerprint()];
    let mut windows = Vec::new();
    let mut forks = 0;
    loop {
        let mut fork = live.simulation().fork();
        let mut records: Vec<Entry<LabRecord>> = Vec::new();
        let first = fork.records() as usize;
        let end = fork.run_events(WINDOW, horizon, &mut records);
        if end == End::Paused {
            windows.push((fork.events(), fork.fingerprint()));
        } else {
            assert_eq!(fork.fingerprint(), told.outcome.fingerprint, "{name}");
        }
        let same = &told.trace().entries[first..fork.records() as usize];
        assert_eq!(records, same, "{name}: records of fork {forks}");
        if forks % to_the_end == 0 {
            let mut fork = live.fork();
            let end = fork.run_until(horizon);
            assert_same(&name, &fork.finish(end), &told.outcome);
        }
        forks += 1;
        match live.run_events(EVERY, horizon) {
            End::Paused => at_count.push(live.simulation().fingerprint()),
            end => {
                assert_same(&name, &live.finish(end), &told.outcome);
                break;
            }
        }
    }
    for (events, fingerprint) in windows {
        let original = at_count[(events / EVERY) as usize];
        assert_eq!(fingerprint, original, "{name}: a fork at event {events}");
    }
    forks
}

/// That two runs told the same, byte for byte.
fn assert_same(name: &str, a: &Outcome, b: &Outcome) {
    assert_eq!(a.fingerprint, b.fingerprint, "{name}");
    assert_eq!((a.end, a.now, a.events), (b.end, b.now, b.events), "{name}");
    assert_eq!(a.violations, b.violations, "{name}");
    assert_eq!(a.goals, b.goals, "{name}");
    assert_eq!(a.steps, b.steps, "{name}");
    assert_eq!(a.metrics, b.metrics, "{name}");
    let (a, b) = (a.trace.as_ref(), b.trace.as_ref());
    let (a, b) = (a.expect("kept"), b.expect("kept"));
    assert!(a.entries == b.entries, "{name}: records differ");
    assert!(a.events == b.events, "{name}: lineage differs");
}
