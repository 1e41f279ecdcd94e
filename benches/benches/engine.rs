//! The event queue alone, beside a binary heap; the engine under PHOLD; forks.
//!
//! The queue is measured by "hold": take the next event, schedule one. The ward's delays are the hard
//! case for a calendar: radio frames after microseconds, answers after milliseconds, timers after
//! seconds and ten minutes, a few hundred events in all.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pumplab_benches::phold::simulation;
use pumplab_sim::engine::queue::Queue;
use pumplab_sim::engine::{EventId, NodeId};
use pumplab_sim::rng::{Luck, NodeKey, Purpose, Stream};
use pumplab_sim::time::{Duration, Time};

const EVENTS: u64 = 100_000;

type Delay = fn(&mut Stream) -> Duration;

fn phold(draws: &mut Stream) -> Duration {
    Duration::from_millis(100) + Duration::from_secs_f64(draws.exponential())
}

fn ward(draws: &mut Stream) -> Duration {
    let nanos = match draws.below(100) {
        0..10 => 0,
        10..50 => 1_000 + draws.below(300_000),
        50..80 => 1_000_000 + draws.below(100_000_000),
        80..95 => 1_000_000_000 + draws.below(30_000_000_000),
        _ => 600_000_000_000,
    };
    Duration::from_nanos(nanos)
}

/// 300 timers, of which one at a time fires and sets off a burst of frames.
fn bursts(draws: &mut Stream) -> Duration {
    let nanos = match draws.below(100) {
        0..95 => 1_000 + draws.below(50_000),
        _ => 60_000_000_000 + draws.below(1_000_000),
    };
    Duration::from_nanos(nanos)
}

fn draws() -> Stream {
    Luck::new(1).stream(NodeKey::of("bench"), Purpose::new("delay"), 0)
}

fn queue(c: &mut Criterion) {
    let mut group = c.benchmark_group("queue");
    group.throughput(Throughput::Elements(EVENTS));
    let loads: [(&str, Delay, u64); 6] = [
        ("ward", ward, 300),
        ("ward", ward, 5_000),
        ("bursts", bursts, 300),
        ("phold", phold, 16),
        ("phold", phold, 1024),
        ("phold", phold, 100_000),
    ];
    for (name, delay, pending) in loads {
        group.bench_function(BenchmarkId::new(format!("calendar/{name}"), pending), |b| {
            let (mut queue, mut draws) = (Queue::new(), draws());
            for _ in 0..pending {
                queue.schedule(
                    Time::ZERO + delay(&mut draws),
                    NodeId(0),
                    0_u32,
                    EventId::GENESIS,
                );
            }
            b.iter(|| {
                for _ in 0..EVENTS {
                    let Some(due) = queue.pop(Time::MAX) else {
                        return;
                    };
                    queue.schedule(due.time + delay(&mut draws), due.node, due.event, due.id);
                }
            });
        });
        group.bench_function(BenchmarkId::new(format!("heap/{name}"), pending), |b| {
            let (mut heap, mut draws) = (BinaryHeap::new(), draws());
            let mut number = 0_u64;
            for _ in 0..pending {
                number += 1;
                heap.push(Reverse((
                    Time::ZERO + delay(&mut draws),
                    number,
                    0_u32,
                    0_u32,
                )));
            }
            b.iter(|| {
                for _ in 0..EVENTS {
                    let Some(Reverse((time, _, target, kind))) = heap.pop() else {
                        return;
                    };
                    number += 1;
                    heap.push(Reverse((time + delay(&mut draws), number, target, kind)));
                }
            });
        });
    }
    group.finish();
}

/// Timers armed and taken back, as every answered request does.
fn cancel(c: &mut Criterion) {
    let mut group = c.benchmark_group("cancel");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("arm and cancel", |b| {
        let mut queue = Queue::new();
        let mut now = Time::ZERO;
        b.iter(|| {
            for _ in 0..EVENTS {
                let armed = queue.schedule(
                    now + Duration::from_secs(30),
                    NodeId(0),
                    0_u64,
                    EventId::GENESIS,
                );
                queue.schedule(
                    now + Duration::from_millis(2),
                    NodeId(0),
                    1,
                    EventId::GENESIS,
                );
                now = queue.pop(Time::MAX).map_or(now, |due| due.time);
                black_box(queue.cancel(armed));
            }
        });
    });
    group.finish();
}

fn engine(c: &mut Criterion) {
    let mut group = c.benchmark_group("engine");
    group.throughput(Throughput::Elements(EVENTS));
    for lps in [64, 1024] {
        group.bench_function(BenchmarkId::new("phold", lps), |b| {
            let mut simulation = simulation::<false>(lps, 1);
            b.iter(|| simulation.run_events(EVENTS, Time::MAX, &mut ()));
        });
        group.bench_function(BenchmarkId::new("phold, whole node", lps), |b| {
            let mut simulation = simulation::<true>(lps, 1);
            b.iter(|| simulation.run_events(EVENTS, Time::MAX, &mut ()));
        });
    }
    group.finish();
    c.bench_function("fork/1024 nodes", |b| {
        let mut simulation = simulation::<true>(1024, 1);
        let _ = simulation.run_events(EVENTS, Time::MAX, &mut ());
        b.iter(|| simulation.fork());
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(500))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = queue, cancel, engine
}
criterion_main!(benches);
