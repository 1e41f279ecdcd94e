//! What a user of the engine writes: a model, its events and its records.

use std::fmt::Debug;

use bevy_ecs::component::{Component, Mutable};
use smallvec::SmallVec;

use super::queue::Due;
use super::{Behind, Context, EventId, Lead, NodeId, NodeMut, RecordId};
use crate::fingerprint::Fingerprint;
use crate::label::Label;
use crate::time::Time;

/// A family of simulations: the types of its events, state and records, and how events are handled.
///
/// Handlers must be functions of what they are given: no clock, no global, no interior mutability
/// in shared facts.
pub trait Model: Sized + Send + Sync + 'static {
    /// What is scheduled and dispatched.
    type Event: Event;
    /// Per-node state that most events need, kept small: one component in one table, its dense rows
    /// being [`NodeId`]s.
    type Hot: Component<Mutability = Mutable> + Clone;
    /// What is written to the trace.
    type Record: Record;
    /// Immutable run-wide facts, shared by forks.
    type Shared: Send + Sync + 'static;

    /// First look at an event, with only the node's hot state at hand. Returns the event when the
    /// whole node is needed for it: then [`Model::on_event`] follows at once.
    fn on_hot(
        cx: &mut Context<'_, Self>,
        hot: &mut Self::Hot,
        event: Self::Event,
    ) -> Option<Self::Event>;

    /// Reads something of a node's hot state, a few events before an event of that node. With very many
    /// nodes that hides the wait for memory: `std::hint::black_box(hot.field)` is enough. Does nothing
    /// unless overridden.
    #[inline]
    fn touch(_hot: &Self::Hot) {}

    /// Handles an event with all of the node's components.
    fn on_event(cx: &mut Context<'_, Self>, node: &mut NodeMut<'_>, event: Self::Event);
}

/// Something that happens at a node at a time. Its label is its kind in words; its fingerprint holds all of it.
pub trait Event: Clone + Fingerprint + Label + Send + Sync + 'static {}

impl<E: Clone + Fingerprint + Label + Send + Sync + 'static> Event for E {}

/// A fact for the trace.
pub trait Record: Clone + Debug + Send + Sync + 'static {
    /// What the record counts against [`Budget::record_bytes`](super::Budget::record_bytes).
    fn bytes(&self) -> usize;

    /// How the record takes part in what is behind its event.
    fn lead(&self) -> Lead {
        Lead::Follows
    }
}

/// A record with when, where and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<R> {
    /// The record's number, from 1 in order of emission.
    pub id: RecordId,
    /// When it was emitted.
    pub time: Time,
    /// The node whose event was being dispatched.
    pub node: NodeId,
    /// The event during whose dispatch it was emitted.
    pub event: EventId,
    /// The earlier records that were needed for this one, besides the event's own chain of causes.
    pub because: SmallVec<[RecordId; 2]>,
    /// The fact.
    pub what: R,
}

/// An event that is about to be dispatched.
#[derive(Clone, Copy, Debug)]
pub struct Dispatched<'a, E> {
    /// The event's number.
    pub id: EventId,
    /// The event that caused it.
    pub cause: EventId,
    /// When it happens: now.
    pub time: Time,
    /// Where it happens.
    pub node: NodeId,
    /// What happens.
    pub event: &'a E,
}

impl<'a, E> Dispatched<'a, E> {
    /// An event that was taken from the queue.
    #[inline]
    pub(super) fn of(due: &'a Due<E>) -> Self {
        Self {
            id: due.id,
            cause: due.cause.event(),
            time: due.time,
            node: due.node,
            event: &due.event,
        }
    }
}

/// Where records go. They are handed over right after the dispatch that emitted them, in order; the
/// simulation does not keep them.
pub trait Sink<M: Model> {
    /// Takes a record.
    fn record(&mut self, entry: &Entry<M::Record>);

    /// Takes a record with what is behind it, and with the node at which the chain of causes of its event began. Leaves that aside unless overridden.
    #[inline]
    fn record_of(&mut self, entry: &Entry<M::Record>, _behind: &Behind, _root: NodeId) {
        self.record(entry);
    }

    /// Sees an event just before its dispatch. Does nothing unless overridden.
    #[inline]
    fn event(&mut self, _event: Dispatched<'_, M::Event>) {}
}

/// Drops everything.
impl<M: Model> Sink<M> for () {
    #[inline]
    fn record(&mut self, _entry: &Entry<M::Record>) {}
}

/// Keeps every record.
impl<M: Model> Sink<M> for Vec<Entry<M::Record>> {
    fn record(&mut self, entry: &Entry<M::Record>) {
        self.push(entry.clone());
    }
}
