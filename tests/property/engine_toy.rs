//! A model without meaning that does everything a model can do.

use std::sync::Arc;

use bevy_ecs::component::Component;
use pumplab_sim::engine::{
    Budget, Context, Dispatched, Entry, EventId, Model, NodeId, NodeMut, Record, RecordId,
    Simulation, Sink,
};
use pumplab_sim::fingerprint::Fingerprint;
use pumplab_sim::label::Label;
use pumplab_sim::rng::Purpose;
use pumplab_sim::time::{Duration, Time};

const CHILDREN: Purpose = Purpose::new("toy children");
const OTHER: Purpose = Purpose::new("toy draws that nobody uses");
const PALETTE: [Duration; 7] = [
    Duration::ZERO,
    Duration::from_micros(1),
    Duration::from_micros(250),
    Duration::from_millis(3),
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_mins(10),
];

/// What the toys may do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// Events go to other nodes and state matters: anything can depend on anything.
    pub(crate) entangled: bool,
    /// Draws made and thrown away at every event.
    pub(crate) idle_draws: u8,
}

#[derive(Debug)]
pub(crate) struct Toy;

#[derive(Clone, Debug, PartialEq, Fingerprint, Label)]
#[label = "hop"]
pub(crate) struct Hop {
    /// What it does depends on this, which it has from its parent.
    pub(crate) value: u64,
    pub(crate) generation: u8,
}

#[derive(Component, Clone, Debug, Default, PartialEq)]
pub(crate) struct Hot {
    pub(crate) count: u64,
    pub(crate) sum: u64,
}

#[derive(Component, Clone, Debug, Default, PartialEq)]
pub(crate) struct Memory {
    pub(crate) seen: Vec<u64>,
    pub(crate) armed: Option<EventId>,
    pub(crate) last_record: RecordId,
}

#[derive(Component, Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally(pub(crate) u64);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Note {
    pub(crate) value: u64,
    pub(crate) draw: u64,
}

impl Record for Note {
    fn bytes(&self) -> usize {
        10
    }
}

impl Model for Toy {
    type Event = Hop;
    type Hot = Hot;
    type Record = Note;
    type Shared = Rules;

    fn on_hot(cx: &mut Context<'_, Self>, hot: &mut Hot, event: Hop) -> Option<Hop> {
        hot.count += 1;
        hot.sum = hot.sum.rotate_left(5) ^ event.value;
        if event.value.is_multiple_of(3) {
            return Some(event);
        }
        spread(cx, hot.sum, &event);
        None
    }

    fn on_event(cx: &mut Context<'_, Self>, node: &mut NodeMut<'_>, event: Hop) {
        // One component twice is no pair, and the hot state is a component like others.
        assert!(node.pair_mut::<Tally, Tally>().is_none() && node.pair_mut::<Hot, Hot>().is_none());
        assert!(node.has::<Hot>() && node.get_mut::<Hot>().is_some());
        assert_eq!(node.has::<Tally>(), node.get::<Tally>().is_some());
        let mut sum = node.get::<Hot>().map_or(0, |hot| hot.sum);
        if let Some((hot, tally)) = node.pair_mut::<Hot, Tally>() {
            tally.0 += hot.count;
            sum ^= tally.0;
        }
        if let Some((memory, tally)) = node.pair_mut::<Memory, Tally>() {
            memory.seen.push(event.value ^ tally.0);
            if cx.shared().entangled {
                let armed = memory.armed.take().is_some_and(|armed| cx.cancel(armed));
                let timer = Hop {
                    value: event.value ^ u64::from(armed),
                    generation: 1,
                };
                memory.armed =
                    Some(cx.at_caused(cx.now() + PALETTE[5], cx.node(), timer, cx.cause()));
            }
            let note = Note {
                value: event.value,
                draw: memory.seen.len() as u64,
            };
            memory.last_record = cx.emit_because(note, &[memory.last_record]);
        }
        spread(cx, sum, &event);
    }
}

/// Schedules the event's children.
fn spread(cx: &mut Context<'_, Toy>, state: u64, event: &Hop) {
    let rules = cx.shared();
    for n in 0..rules.idle_draws {
        std::hint::black_box(cx.stream(OTHER, u64::from(n)).next_u64());
    }
    let counter = if rules.entangled {
        event.value ^ state
    } else {
        event.value
    };
    let mut draws = cx.stream(CHILDREN, counter);
    let draw = draws.next_u64();
    cx.emit(Note {
        value: event.value,
        draw,
    });
    if event.generation == 0 {
        return;
    }
    for _ in 0..draws.below(4) {
        let target = if rules.entangled {
            draws.below(3) as u32
        } else {
            cx.node().0
        };
        let delay = PALETTE[draws.below(PALETTE.len() as u64) as usize];
        let child = Hop {
            value: draws.next_u64(),
            generation: event.generation - 1,
        };
        cx.after(delay, NodeId(target), child);
    }
}

/// A simulation of nodes of these names, each with a few first events.
pub(crate) fn simulation(
    seed: u64,
    names: &[&str],
    rules: Rules,
    budget: Budget,
) -> Simulation<Toy> {
    let mut simulation = Simulation::new(seed, Arc::new(rules), budget);
    simulation.keep_lineage(true);
    for (index, name) in names.iter().enumerate() {
        let node = simulation.add_node(name, Hot::default());
        if index % 3 != 2 {
            simulation.insert(node, Memory::default());
            simulation.insert(node, Tally::default());
        }
    }
    for (index, name) in names.iter().enumerate() {
        for n in 0..4_u64 {
            // Odd multipliers keep the values of different nodes apart whatever nodes there are.
            let value = name.bytes().fold(seed, |v, b| {
                (v ^ u64::from(b)).wrapping_mul(0x100_0000_01B3)
            }) ^ n;
            simulation.schedule(
                Time::from_nanos(n * 700),
                NodeId(index as u32),
                Hop {
                    value,
                    generation: 7,
                },
            );
        }
    }
    simulation
}

/// An event as dispatched, without its number.
pub(crate) type Seen = (Time, u32, u64);

/// Everything a run shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Entry<Note>>,
    pub(crate) events: Vec<(EventId, EventId, Seen)>,
}

impl Sink<Toy> for Log {
    fn record(&mut self, entry: &Entry<Note>) {
        self.entries.push(entry.clone());
    }
    fn event(&mut self, due: Dispatched<'_, Hop>) {
        self.events
            .push((due.id, due.cause, (due.time, due.node.0, due.event.value)));
    }
}
