//! The event loop.

use std::hint::black_box;

use bevy_ecs::entity::Entity;

use super::context::Context;
use super::queue::{Due, Queue};
use super::simulation::Simulation;
use super::{BudgetKind, Dispatched, End, Event, Model, NodeMut, Sink};
use crate::fingerprint::{Fingerprint, FingerprintHasher};
use crate::time::{Duration, Time};

impl<M: Model> Simulation<M> {
    /// Dispatches every event up to and including `until`.
    pub fn run(&mut self, until: Time, sink: &mut impl Sink<M>) -> End {
        self.drive(u64::MAX, until, sink)
    }

    /// Dispatches at most `n` events up to and including `until`; [`End::Paused`] means that `n` were
    /// dispatched and nothing else ended the run.
    pub fn run_events(&mut self, n: u64, until: Time, sink: &mut impl Sink<M>) -> End {
        self.drive(n, until, sink)
    }

    fn drive(&mut self, n: u64, until: Time, sink: &mut impl Sink<M>) -> End {
        // What is scheduled for the last representable time is meant never to happen.
        let never = Queue::<M::Event>::LAST - Duration::from_nanos(1);
        let end = self.dispatch(n, until.min(self.budget.until).min(never), sink);
        if end != End::Horizon {
            return end;
        }
        self.now = self.now.max(until.min(self.budget.until));
        if self.budget.until < until {
            End::Spent(BudgetKind::SimulatedTime)
        } else {
            End::Horizon
        }
    }

    /// Whether the table's rows are in the order of node ids, as dispatch takes for granted.
    fn rows_are_dense(&self) -> bool {
        let row = |entity: Entity| {
            self.world
                .get_entity(entity)
                .ok()
                .map(|entity| entity.location().table_row.index())
        };
        self.nodes
            .hot
            .iter()
            .enumerate()
            .all(|(index, entity)| row(*entity) == Some(index))
    }

    fn dispatch(&mut self, n: u64, until: Time, sink: &mut impl Sink<M>) -> End {
        // Nothing is ever despawned; cleared all the same, so that trackers can never pile up.
        self.world.clear_trackers();
        let rows_are_dense = !cfg!(debug_assertions) || self.rows_are_dense();
        let (mut hot, mut capabilities) = self
            .access
            .0
            .get_mut(&mut self.world)
            .expect("queries have no conditions");
        let mut tables = hot
            .contiguous_iter_mut()
            .expect("hot state is kept in a table");
        let mut table = tables.next();
        // Change detection is not used: marking every row of the table would cost a pass over it.
        let hot: &mut [M::Hot] = table
            .as_mut()
            .map_or(&mut [], |table| table.bypass_change_detection());
        let complete = hot.len() == self.nodes.hot.len();
        assert!(complete, "all hot state is in one table");
        debug_assert!(rows_are_dense, "the hot row of a node is its id");
        let core = &mut self.core;
        let paused_at = self.events.saturating_add(n);
        loop {
            if self.events >= paused_at {
                return End::Paused;
            }
            if self.events >= self.budget.events && core.queue.is_due(until) {
                return End::Spent(BudgetKind::Events);
            }
            if core.record_bytes > self.budget.record_bytes {
                return End::Spent(BudgetKind::RecordBytes);
            }
            if core.queue.len() > self.pending_limit {
                return End::Spent(BudgetKind::PendingEvents);
            }
            let Some(due) = core.queue.pop(until) else {
                let idle = core.queue.is_empty();
                return if idle { End::Idle } else { End::Horizon };
            };
            if let Some(node) = core.queue.look_ahead() {
                black_box(core.keys[node.index()]);
                M::touch(&hot[node.index()]);
            }
            self.now = due.time;
            self.events += 1;
            hash(&mut self.fingerprint, &due);
            sink.event(Dispatched::of(&due));
            let root = due.cause.root();
            let (mut cx, node, event) = Context::of(core, &self.shared, due);
            let row = &mut hot[node.index()];
            if let Some(event) = M::on_hot(&mut cx, row, event) {
                let entity = self.nodes.capabilities[node.index()];
                let entity = entity.map(|id| capabilities.get_mut(id).expect("capabilities stay"));
                M::on_event(&mut cx, &mut NodeMut::new(row, entity), event);
            }
            cx.end();
            for entry in core.out.drain(..) {
                sink.record_of(&entry, core.origins.behind(entry.id.origin()), root);
            }
        }
    }
}

/// What the fingerprint of a run is made of.
#[inline]
fn hash<E: Event>(hasher: &mut FingerprintHasher, due: &Due<E>) {
    due.time.fingerprint(hasher);
    due.node.fingerprint(hasher);
    due.event.fingerprint(hasher);
}
