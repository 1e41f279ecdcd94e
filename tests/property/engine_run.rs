//! Runs of random toy models.

use std::collections::BTreeSet;

use proptest::prelude::*;
use pumplab_sim::engine::{Budget, BudgetKind, End, EventId, NodeId, Simulation};
use pumplab_sim::time::{Duration, Time};

use super::toy::{Hop, Hot, Log, Memory, Rules, Seen, Tally, Toy, simulation};

const NAMES: [&str; 3] = ["a", "b", "c"];

fn budget() -> Budget {
    Budget {
        events: 6_000,
        ..Budget::default()
    }
}

fn entangled(seed: u64) -> Simulation<Toy> {
    simulation(
        seed,
        &NAMES,
        Rules {
            entangled: true,
            idle_draws: 0,
        },
        budget(),
    )
}

type States = Vec<(Hot, Option<Memory>, Option<Tally>)>;

/// Everything that can be seen of the nodes from outside.
fn state(simulation: &Simulation<Toy>) -> States {
    let node = |index| {
        let node = NodeId(index as u32);
        (
            simulation.hot(node).clone(),
            simulation.peek(node).cloned(),
            simulation.peek(node).cloned(),
        )
    };
    (0..simulation.node_count()).map(node).collect()
}

fn finish(mut simulation: Simulation<Toy>, log: &mut Log) -> (End, String, States) {
    let end = simulation.run(Time::MAX, log);
    (
        end,
        simulation.fingerprint().to_string(),
        state(&simulation),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn same_seed_same_run(seed in any::<u64>()) {
        let (mut first, mut second) = (Log::default(), Log::default());
        prop_assert_eq!(finish(entangled(seed), &mut first), finish(entangled(seed), &mut second));
        prop_assert_eq!(&first, &second);
        let other = finish(entangled(seed ^ 1), &mut Log::default());
        prop_assert_ne!(finish(entangled(seed), &mut Log::default()).1, other.1);
    }

    #[test]
    fn events_come_in_order(seed in any::<u64>()) {
        let mut log = Log::default();
        let _ = finish(entangled(seed), &mut log);
        // In one instant the order is that of scheduling.
        let key = |event: &(EventId, EventId, Seen)| (event.2.0, event.0);
        prop_assert!(log.events.windows(2).all(|two| key(&two[0]) < key(&two[1])));
        prop_assert!(log.entries.iter().enumerate().all(|(index, entry)| entry.id.number() == index as u64 + 1));
    }

    #[test]
    fn a_run_in_parts_is_the_run(seed in any::<u64>(), parts in prop::collection::vec((1_u64..900, 0_u64..4_000), 0..8)) {
        let (mut whole, mut split) = (Log::default(), Log::default());
        let expected = finish(entangled(seed), &mut whole);
        let mut simulation = entangled(seed);
        for (n, millis) in parts {
            let _ = simulation.run_events(n, Time::MAX, &mut split);
            let until = simulation.now() + Duration::from_millis(millis);
            if simulation.run(until, &mut split) == End::Horizon {
                prop_assert_eq!(simulation.now(), until);
            }
        }
        prop_assert_eq!(finish(simulation, &mut split), expected);
        prop_assert_eq!(split, whole);
    }

    #[test]
    fn forks_continue_identically(seed in any::<u64>(), at in 0_u64..3_000, ahead in 0_u64..500) {
        let mut log = Log::default();
        let mut original = entangled(seed);
        let _ = original.run_events(at, Time::MAX, &mut log);
        let before = (state(&original), original.fingerprint(), original.pending(), original.now());
        let mut fork = original.fork();
        prop_assert_eq!(state(&fork), state(&original));
        prop_assert_eq!((fork.now(), fork.events(), fork.records()), (original.now(), original.events(), original.records()));
        // A fork that goes elsewhere does not disturb the original.
        let mut stray = fork.fork();
        stray.insert(NodeId(2), Tally(99));
        stray.schedule(stray.now(), NodeId(2), Hop { value: 3, generation: 5 });
        let _ = stray.run(Time::MAX, &mut ());
        let _ = fork.run_events(ahead, Time::MAX, &mut ());
        prop_assert_eq!(&before, &(state(&original), original.fingerprint(), original.pending(), original.now()));
        let (mut rest, mut again) = (Log::default(), Log::default());
        let second = original.fork();
        prop_assert_eq!(finish(second, &mut again), finish(original, &mut rest));
        prop_assert_eq!(&again, &rest);
        // The parts make the whole.
        let mut unbroken = Log::default();
        let (_, fingerprint, _) = finish(entangled(seed), &mut unbroken);
        log.events.extend(rest.events);
        log.entries.extend(rest.entries);
        prop_assert_eq!(log, unbroken);
        prop_assert_eq!(finish(fork, &mut Log::default()).1, fingerprint);
    }

    #[test]
    fn others_shift_nobodys_luck(seed in any::<u64>(), idle_draws in 0_u8..3, first in any::<bool>()) {
        let alone = Rules::default();
        let mut expected = Log::default();
        let mut base = simulation(seed, &NAMES, alone.clone(), Budget::default());
        let _ = base.run(Time::MAX, &mut expected);
        // One node more, before or after the others, and draws that nobody uses.
        let names = if first { ["x", "a", "b", "c"] } else { ["a", "b", "c", "x"] };
        let mut log = Log::default();
        let mut more = simulation(seed, &names, Rules { idle_draws, ..alone }, Budget::default());
        let _ = more.run(Time::MAX, &mut log);
        let of = |simulation: &Simulation<Toy>, log: &Log, name| -> Vec<(Time, u64)> {
            let node = simulation.node_named(name).map(|node| node.0);
            let mine = log.events.iter().filter(|(_, _, seen)| Some(seen.1) == node);
            let mut mine: Vec<_> = mine.map(|(_, _, seen)| (seen.0, seen.2)).collect();
            mine.sort_unstable();
            mine
        };
        for name in NAMES {
            prop_assert_eq!(of(&base, &expected, name), of(&more, &log, name));
        }
    }

    #[test]
    fn suppression_removes_the_descendants_and_nothing_else(seed in any::<u64>(), pick in any::<prop::sample::Index>(), from in 0_u64..40) {
        let start = || simulation(seed, &NAMES, Rules::default(), Budget::default());
        let mut log = Log::default();
        let mut base = start();
        let _ = base.run(Time::MAX, &mut log);
        let (suppressed, _, _) = log.events[pick.index(log.events.len())];
        let mut gone = BTreeSet::from([suppressed]);
        let mut left: Vec<Seen> = Vec::new();
        for (id, cause, seen) in &log.events {
            let lineage = base.lineage(*id).expect("lineage was kept");
            prop_assert_eq!((lineage.parent, lineage.time, lineage.node.0), (*cause, seen.0, seen.1));
            if *id == suppressed || gone.contains(&lineage.parent) { gone.insert(*id); } else { left.push(*seen); }
        }
        // In a fork some time before it.
        let mut other = start();
        let mut seen = Log::default();
        let before = log.events.iter().position(|(id, _, _)| *id == suppressed).expect("it was dispatched") as u64;
        let _ = other.run_events(from.min(before), Time::MAX, &mut seen);
        let mut other = other.fork();
        other.suppress(EventId::from_number(suppressed.number()));
        prop_assert_eq!(other.run(Time::MAX, &mut seen), End::Idle);
        let mut seen: Vec<Seen> = seen.events.into_iter().map(|(_, _, seen)| seen).collect();
        prop_assert_eq!(other.events(), left.len() as u64);
        seen.sort_unstable();
        left.sort_unstable();
        prop_assert_eq!(seen, left);
    }

    #[test]
    fn budgets_end_a_run_with_their_reason(seed in any::<u64>(), events in 1_u64..12, bytes in 0_u64..200, millis in 0_u64..3) {
        let full = || simulation(seed, &NAMES, Rules::default(), Budget::default());
        let mut reference = full();
        prop_assert_eq!(reference.run(Time::MAX, &mut ()), End::Idle);
        // At least the twelve first events are there, each with a record.
        let until = Time::from_nanos(millis * 1_000);
        let cases = [
            (Budget { events, ..Budget::default() }, BudgetKind::Events),
            (Budget { record_bytes: bytes.min(110), ..Budget::default() }, BudgetKind::RecordBytes),
            (Budget { until, ..Budget::default() }, BudgetKind::SimulatedTime),
        ];
        for (budget, kind) in cases {
            let mut limited = full();
            limited.set_budget(budget);
            let late = limited.schedule(Time::ZERO + Duration::from_hours(8_000), NodeId(0), Hop { value: 1, generation: 0 });
            prop_assert_eq!(limited.run(Time::MAX, &mut ()), End::Spent(kind));
            prop_assert_eq!(limited.run(Time::MAX, &mut ()), End::Spent(kind), "and again");
            match kind {
                BudgetKind::Events => prop_assert_eq!(limited.events(), events),
                BudgetKind::SimulatedTime => prop_assert_eq!(limited.now(), until),
                _ => prop_assert!(limited.records() * 10 > budget.record_bytes),
            }
            // It is consistent: with more budget, and without the late event, it ends as ever.
            limited.set_budget(Budget::default());
            limited.suppress(late);
            prop_assert_eq!(limited.run(Time::MAX, &mut ()), End::Idle);
            prop_assert_eq!((limited.events(), limited.records()), (reference.events(), reference.records()));
        }
        let mut limited = full();
        limited.limit_pending(11);
        prop_assert_eq!(limited.run(Time::MAX, &mut ()), End::Spent(BudgetKind::PendingEvents));
    }
}

#[test]
fn a_budget_of_events_is_met_only_when_one_more_is_due() {
    let mut all = simulation(1, &NAMES, Rules::default(), Budget::default());
    assert_eq!(all.run(Time::MAX, &mut ()), End::Idle);
    let exact = Budget {
        events: all.events(),
        ..Budget::default()
    };
    let mut limited = simulation(1, &NAMES, Rules::default(), exact);
    assert_eq!(limited.run(Time::MAX, &mut ()), End::Idle);
    limited.schedule(
        limited.now() + Duration::from_secs(2),
        NodeId(0),
        Hop {
            value: 1,
            generation: 0,
        },
    );
    assert_eq!(
        limited.run(limited.now() + Duration::from_secs(1), &mut ()),
        End::Horizon
    );
    assert_eq!(
        limited.run(Time::MAX, &mut ()),
        End::Spent(BudgetKind::Events)
    );
}

#[test]
fn what_is_inserted_is_in_the_fork() {
    let mut simulation = entangled(1);
    simulation.insert(NodeId(2), Tally(7));
    let mut fork = simulation.fork();
    assert_eq!(fork.peek::<Tally>(NodeId(2)), Some(&Tally(7)));
    assert_eq!(fork.peek::<Memory>(NodeId(2)), None);
    // The fork knows how to copy it too.
    fork.insert(NodeId(2), Memory::default());
    let second = fork.fork();
    assert_eq!(second.peek::<Tally>(NodeId(2)), Some(&Tally(7)));
    assert_eq!(second.peek::<Memory>(NodeId(2)), Some(&Memory::default()));
    assert_eq!(
        (second.name(NodeId(1)), second.node_named("c")),
        ("b", Some(NodeId(2)))
    );
    assert_eq!(second.node_named("d"), None);
}

#[test]
fn what_is_scheduled_beyond_the_limit_never_comes() {
    let mut simulation = simulation(
        1,
        &["a"],
        Rules::default(),
        Budget {
            until: Time::MAX,
            ..Budget::default()
        },
    );
    simulation.schedule(
        Time::MAX,
        NodeId(0),
        Hop {
            value: 1,
            generation: 0,
        },
    );
    assert_eq!(simulation.run(Time::MAX, &mut ()), End::Horizon);
    assert_eq!(simulation.pending(), 1);
}

#[test]
fn all_that_is_dispatched_is_in_the_fingerprint() {
    let with = |nanos, node, value, generation| {
        let mut simulation = simulation(1, &NAMES, Rules::default(), Budget::default());
        let hop = Hop { value, generation };
        simulation.schedule(Time::from_nanos(nanos), NodeId(node), hop);
        let _ = simulation.run_events(13, Time::from_nanos(nanos), &mut ());
        simulation.fingerprint()
    };
    let base = with(5, 0, 1, 0);
    assert_eq!(with(5, 0, 1, 0), base);
    for other in [
        with(6, 0, 1, 0),
        with(5, 1, 1, 0),
        with(5, 0, 2, 0),
        with(5, 0, 1, 1),
    ] {
        assert_ne!(other, base);
    }
}
