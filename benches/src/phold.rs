//! PHOLD, the customary load for event queues: N logical processes (LPs) with M events each. Each
//! event schedules one more at a uniformly drawn LP after 0.1 s plus an exponential delay of mean 1 s.
//!
//! Twice: as a [`Model`] of the engine, and over the standard library's binary heap with state in a
//! `Vec` ([`Baseline`]). Both make the same draws through the same streams and end with the same
//! [`checksum`](Baseline::checksum).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use bevy_ecs::component::Component;
use pumplab_sim::engine::{Budget, Context, Model, NodeId, NodeMut, Record, Simulation};
use pumplab_sim::fingerprint::Fingerprint;
use pumplab_sim::label::Label;
use pumplab_sim::rng::{Luck, NodeKey, Purpose, Stream};
use pumplab_sim::time::{Duration, Time};

const STEP: Purpose = Purpose::new("phold step");
const START: Purpose = Purpose::new("phold start");
const MIN_DELAY: Duration = Duration::from_millis(100);
const BILLION: f64 = 1e9;

/// The seed of both variants.
pub const SEED: u64 = 0x5EED;

/// State of an LP: 32 bytes.
#[derive(Component, Clone, Debug, PartialEq, Eq)]
pub struct Lp {
    count: u64,
    hash: u64,
    last: Time,
    key: NodeKey,
}

impl Lp {
    fn new(key: NodeKey) -> Self {
        Self {
            count: 0,
            hash: 0,
            last: Time::ZERO,
            key,
        }
    }

    /// Takes an event at `now`; what follows is drawn from `draws`: (delay, target below `lps`).
    #[inline]
    fn step(&mut self, now: Time, draws: &mut Stream, lps: u64) -> (Duration, u32) {
        self.count += 1;
        self.last = now;
        self.hash = (self.hash ^ now.as_nanos())
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(17);
        (delay(draws), draws.below(lps) as u32)
    }
}

#[inline]
fn delay(draws: &mut Stream) -> Duration {
    MIN_DELAY + Duration::from_nanos((draws.exponential() * BILLION) as u64)
}

fn name(lp: u32) -> String {
    format!("lp-{lp}")
}

/// The first events: (time, LP), in order of scheduling.
fn genesis(luck: Luck, lps: u32, per_lp: u32) -> impl Iterator<Item = (Time, u32)> {
    (0..per_lp).flat_map(move |round| {
        (0..lps).map(move |lp| {
            let mut draws = luck.stream(NodeKey::of(&name(lp)), START, u64::from(round));
            (Time::ZERO + delay(&mut draws), lp)
        })
    })
}

fn checksum<'a>(lps: impl Iterator<Item = &'a Lp>) -> u64 {
    lps.fold(0, |sum, lp| {
        (sum ^ lp.hash ^ lp.count ^ lp.last.as_nanos())
            .wrapping_mul(0xD6E8_FEB8_6659_FD93)
            .rotate_left(29)
    })
}

/// PHOLD as a model. `NEEDS_NODE`: every event asks for the whole node ([`Model::on_event`]).
#[derive(Debug)]
pub struct Phold<const NEEDS_NODE: bool>;

/// The one kind of event.
#[derive(Clone, Copy, Debug, Fingerprint, Label)]
#[label = "hop"]
pub struct Hop;

/// PHOLD writes no trace.
#[derive(Clone, Debug)]
pub enum Nothing {}

impl Record for Nothing {
    fn bytes(&self) -> usize {
        match *self {}
    }
}

/// A capability that the whole-node variant counts in.
#[derive(Component, Clone, Debug, Default)]
pub struct Counter(pub u64);

impl<const NEEDS_NODE: bool> Model for Phold<NEEDS_NODE> {
    type Event = Hop;
    type Hot = Lp;
    type Record = Nothing;
    /// Number of LPs.
    type Shared = u32;

    #[inline]
    fn on_hot(cx: &mut Context<'_, Self>, lp: &mut Lp, event: Hop) -> Option<Hop> {
        if NEEDS_NODE {
            return Some(event);
        }
        hop(cx, lp);
        None
    }

    #[inline]
    fn touch(lp: &Lp) {
        std::hint::black_box(lp.count);
    }

    fn on_event(cx: &mut Context<'_, Self>, node: &mut NodeMut<'_>, _: Hop) {
        if let Some((lp, counter)) = node.pair_mut::<Lp, Counter>() {
            counter.0 += 1;
            hop(cx, lp);
        }
    }
}

#[inline]
fn hop<M: Model<Event = Hop, Shared = u32>>(cx: &mut Context<'_, M>, lp: &mut Lp) {
    let mut draws = cx.stream(STEP, lp.count);
    let (delay, target) = lp.step(cx.now(), &mut draws, u64::from(*cx.shared()));
    cx.after(delay, NodeId(target), Hop);
}

/// A simulation of `lps` LPs with `per_lp` events each.
pub fn simulation<const NEEDS_NODE: bool>(lps: u32, per_lp: u32) -> Simulation<Phold<NEEDS_NODE>> {
    let budget = Budget {
        events: u64::MAX,
        ..Budget::default()
    };
    let mut simulation = Simulation::new(SEED, Arc::new(lps), budget);
    for lp in 0..lps {
        let name = name(lp);
        let node = simulation.add_node(&name, Lp::new(NodeKey::of(&name)));
        if NEEDS_NODE {
            simulation.insert(node, Counter::default());
        }
    }
    for (time, lp) in genesis(Luck::new(SEED), lps, per_lp) {
        simulation.schedule(time, NodeId(lp), Hop);
    }
    simulation
}

/// The checksum of a simulation's state.
pub fn state_checksum<const NEEDS_NODE: bool>(simulation: &Simulation<Phold<NEEDS_NODE>>) -> u64 {
    checksum((0..simulation.node_count() as u32).map(|lp| simulation.hot(NodeId(lp))))
}

/// An entry of the baseline's heap: 24 bytes, ordered by derived comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pending {
    time: Time,
    number: u64,
    target: u32,
    kind: u32,
}

/// PHOLD in plain Rust: `BinaryHeap` and `Vec`.
#[derive(Clone, Debug)]
pub struct Baseline {
    heap: BinaryHeap<Reverse<Pending>>,
    lps: Vec<Lp>,
    luck: Luck,
    number: u64,
}

impl Baseline {
    /// `lps` LPs with `per_lp` events each.
    pub fn new(lps: u32, per_lp: u32) -> Self {
        let luck = Luck::new(SEED);
        let mut baseline = Self {
            heap: BinaryHeap::new(),
            lps: (0..lps).map(|lp| Lp::new(NodeKey::of(&name(lp)))).collect(),
            luck,
            number: 0,
        };
        for (time, target) in genesis(luck, lps, per_lp) {
            baseline.push(time, target);
        }
        baseline
    }

    #[inline]
    fn push(&mut self, time: Time, target: u32) {
        self.number += 1;
        self.heap.push(Reverse(Pending {
            time,
            number: self.number,
            target,
            kind: 1,
        }));
    }

    /// Dispatches `n` events.
    pub fn run(&mut self, n: u64) {
        for _ in 0..n {
            let Some(Reverse(due)) = self.heap.pop() else {
                return;
            };
            let lps = self.lps.len() as u64;
            let lp = &mut self.lps[due.target as usize];
            let mut draws = self.luck.stream(lp.key, STEP, lp.count);
            let (delay, target) = lp.step(due.time, &mut draws, lps);
            self.push(due.time + delay, target);
        }
    }

    /// The checksum of the state.
    pub fn checksum(&self) -> u64 {
        checksum(self.lps.iter())
    }
}
