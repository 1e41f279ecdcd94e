//! The queue beside an ordered set.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use pumplab_sim::engine::queue::Queue;
use pumplab_sim::engine::{EventId, NodeId};
use pumplab_sim::time::{Duration, Time};

#[derive(Clone, Debug)]
enum Step {
    /// Schedules this many events, each after the delay.
    Schedule {
        delay: u64,
        count: u8,
    },
    /// Takes up to this many events that are due within the span.
    Pop {
        count: u8,
        within: u64,
    },
    /// Takes back the n-th id handed out, counted from the last.
    Cancel {
        back: usize,
        hinted: bool,
    },
    /// Drops the n-th id, counted from the last, when it comes up.
    Suppress {
        back: usize,
    },
    Due {
        within: u64,
    },
    Fork,
}

/// From no delay over the same few instants to years.
fn delay() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => Just(0),
        4 => 1_u64..4,
        4 => (0_u64..5).prop_map(|n| n * 1_000),
        8 => 0_u64..1_000_000,
        8 => (0_u64..40).prop_map(|n| n * 25_000_000),
        8 => 0_u64..2_000_000_000,
        2 => (1_u64..4).prop_map(|n| n * 600_000_000_000),
        1 => 0_u64..(1 << 57),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (delay(), 1_u8..8).prop_map(|(delay, count)| Step::Schedule { delay, count }),
        8 => (any::<u8>(), delay()).prop_map(|(count, within)| Step::Pop { count: count / 16, within }),
        1 => delay().prop_map(|within| Step::Pop { count: u8::MAX, within }),
        4 => (0_usize..200, any::<bool>()).prop_map(|(back, hinted)| Step::Cancel { back, hinted }),
        1 => (0_usize..50).prop_map(|back| Step::Suppress { back }),
        1 => delay().prop_map(|within| Step::Due { within }),
        1 => Just(Step::Fork),
    ]
}

#[derive(Default)]
struct Reference {
    pending: BTreeSet<(Time, u64)>,
    times: BTreeMap<u64, Time>,
    suppressed: BTreeSet<u64>,
}

impl Reference {
    fn next(&self, until: Time) -> Option<(Time, u64)> {
        let live = self
            .pending
            .iter()
            .find(|(_, number)| !self.suppressed.contains(number));
        live.copied().filter(|(time, _)| *time <= until)
    }

    /// Takes the next event; the suppressed ones before it are gone as well.
    fn pop(&mut self, until: Time) -> Option<(Time, u64)> {
        let next = self.next(until);
        let gone = |event: &(Time, u64)| event.0 <= until && next.is_none_or(|next| *event <= next);
        self.pending.retain(|event| !gone(event));
        next
    }

    fn remove(&mut self, number: u64) -> bool {
        self.times
            .get(&number)
            .is_some_and(|time| self.pending.remove(&(*time, number)))
    }
}

/// Takes the next event from both and compares them. Its time.
fn popped(
    queue: &mut Queue<u64>,
    reference: &mut Reference,
    until: Time,
) -> Result<Option<Time>, TestCaseError> {
    let expected = reference.pop(until);
    let due = queue.pop(until);
    prop_assert_eq!(
        due.as_ref().map(|due| (due.time, due.id.number())),
        expected
    );
    let Some(due) = due else { return Ok(None) };
    prop_assert_eq!(due.event, due.id.number());
    prop_assert_eq!(u64::from(due.node.0), due.event);
    prop_assert_eq!(due.cause.event().number(), due.event / 2);
    Ok(Some(due.time))
}

fn check(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut queue = Queue::new();
    let mut reference = Reference::default();
    let mut ids: Vec<EventId> = Vec::new();
    let mut now = Time::ZERO;
    for step in steps {
        match step {
            Step::Schedule { delay, count } => {
                for _ in 0..count {
                    let time = (now + Duration::from_nanos(delay)).min(Queue::<u64>::LAST);
                    let number = ids.len() as u64 + 1;
                    let cause = EventId::from_number(number / 2);
                    let id = queue.schedule(time, NodeId(number as u32), number, cause);
                    prop_assert_eq!(id.number(), number);
                    ids.push(id);
                    reference.pending.insert((time, number));
                    reference.times.insert(number, time);
                }
            }
            Step::Pop { count, within } => {
                let until = now + Duration::from_nanos(within);
                for _ in 0..count {
                    match popped(&mut queue, &mut reference, until)? {
                        Some(time) => now = time,
                        None => break,
                    }
                }
            }
            Step::Cancel { back, hinted } => {
                let Some(&id) = ids.iter().rev().nth(back) else {
                    continue;
                };
                let id = if hinted {
                    id
                } else {
                    EventId::from_number(id.number())
                };
                prop_assert_eq!(queue.cancel(id), reference.remove(id.number()));
                prop_assert!(!queue.cancel(id));
            }
            Step::Suppress { back } => {
                let Some(id) = ids.iter().rev().nth(back) else {
                    continue;
                };
                queue.suppress(*id);
                reference.suppressed.insert(id.number());
            }
            Step::Due { within } => {
                let until = now + Duration::from_nanos(within);
                prop_assert_eq!(queue.is_due(until), reference.next(until).is_some());
                // Looking may drop what is suppressed and next.
                let next = reference.next(Time::MAX);
                let pending = &mut reference.pending;
                pending.retain(|event| next.is_some_and(|next| *event >= next) || event.0 > until);
            }
            Step::Fork => queue = queue.clone(),
        }
        prop_assert_eq!(queue.len(), reference.pending.len());
    }
    while let Some(expected) = reference.pop(Time::MAX) {
        prop_assert_eq!(
            queue.pop(Time::MAX).map(|due| (due.time, due.id.number())),
            Some(expected)
        );
    }
    prop_assert!(queue.pop(Time::MAX).is_none());
    prop_assert!(queue.is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn order_is_that_of_an_ordered_set(steps in prop::collection::vec(step(), 0..120)) {
        check(steps)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Long enough for the ring to be made anew several times.
    #[test]
    fn order_holds_while_the_ring_adapts(steps in prop::collection::vec(step(), 3_000..5_000)) {
        check(steps)?;
    }
}

/// Timers re-armed for ever leave nothing behind: their keys are swept away.
#[test]
fn cancelled_events_do_not_pile_up() {
    let mut queue = Queue::new();
    let far = Time::ZERO + Duration::from_hours(1);
    let mut armed = queue.schedule(far, NodeId(0), 0, EventId::GENESIS);
    for n in 1..100_000 {
        assert!(queue.cancel(armed));
        armed = queue.schedule(far, NodeId(0), n, EventId::GENESIS);
        assert!(queue.keys_held() < 3_000);
    }
    assert_eq!(queue.pop(Time::MAX).map(|due| due.event), Some(99_999));
}
