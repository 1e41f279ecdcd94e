//! What a handler can do besides changing its own node.

use std::fmt;

use smallvec::SmallVec;

use super::lineage::{Because, Book, Lineage};
use super::origin::{Number, Origins};
use super::queue::{Due, Queue};
use super::{Cause, Entry, EventId, Lead, Model, NodeId, Record, RecordId};
use crate::label::Label;
use crate::rng::{Luck, NodeKey, Purpose, Stream};
use crate::time::{Duration, Time};

/// The part of a simulation that handlers reach through [`Context`].
pub(super) struct Core<M: Model> {
    pub(super) queue: Queue<M::Event>,
    pub(super) luck: Luck,
    pub(super) keys: Vec<NodeKey>,
    /// Records of the dispatch under way.
    pub(super) out: Vec<Entry<M::Record>>,
    /// Records emitted so far.
    pub(super) records: u64,
    pub(super) record_bytes: u64,
    pub(super) origins: Origins,
    pub(super) lineage: Option<Book>,
}

impl<M: Model> Core<M> {
    #[inline]
    pub(super) fn schedule(
        &mut self,
        time: Time,
        node: NodeId,
        event: M::Event,
        cause: Cause,
    ) -> EventId {
        debug_assert!(node.index() < self.keys.len(), "{node} does not exist");
        if self.lineage.is_some() {
            return self.schedule_with_lineage(time, node, event, cause);
        }
        self.queue.schedule(time, node, event, cause)
    }

    #[cold]
    fn schedule_with_lineage(
        &mut self,
        time: Time,
        node: NodeId,
        event: M::Event,
        cause: Cause,
    ) -> EventId {
        let row = Lineage {
            parent: cause.event(),
            because: Because::default(),
            node,
            time,
            label: event.label(),
        };
        let id = self.queue.schedule(time, node, event, cause);
        if let Some(book) = &mut self.lineage {
            book.push(id, row);
        }
        id
    }
}

/// A handler's access to the future, to its luck and to the trace, during one dispatch.
pub struct Context<'a, M: Model> {
    core: &'a mut Core<M>,
    shared: &'a M::Shared,
    now: Time,
    node: NodeId,
    event: EventId,
    cause: Cause,
    /// What is behind what this dispatch schedules.
    origin: Number,
    /// Whether this dispatch has begun an origin.
    begun: bool,
    /// The first number that this dispatch could give to an event.
    first: u64,
    /// Whether something came behind this event after it had scheduled others or emitted records.
    late: bool,
}

impl<'a, M: Model> Context<'a, M> {
    /// The context of dispatching `due`, with the event itself and its node.
    #[inline]
    pub(super) fn of(
        core: &'a mut Core<M>,
        shared: &'a M::Shared,
        due: Due<M::Event>,
    ) -> (Self, NodeId, M::Event) {
        let first = core.queue.next_number();
        let cx = Self {
            core,
            shared,
            now: due.time,
            node: due.node,
            event: due.id,
            cause: due.cause,
            origin: due.cause.origin(),
            begun: false,
            first,
            late: false,
        };
        (cx, due.node, due.event)
    }

    /// Ends the dispatch. What came behind the event late is behind what it scheduled and emitted before, too.
    #[inline]
    pub(super) fn end(self) {
        if self.late {
            self.hand_on();
        }
    }

    #[cold]
    fn hand_on(self) {
        let cause = self.as_cause();
        let Core {
            queue,
            origins,
            out,
            ..
        } = self.core;
        queue.hand_on(self.first, cause);
        for entry in out {
            let origin = origins.late(entry.id.origin(), self.origin);
            entry.id = RecordId::with_origin(entry.id.number(), origin);
        }
    }

    /// The time of the event being dispatched.
    #[inline]
    pub fn now(&self) -> Time {
        self.now
    }

    /// The node whose event is being dispatched.
    #[inline]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// That node's identity for random draws.
    #[inline]
    pub fn key(&self) -> NodeKey {
        self.core.keys[self.node.index()]
    }

    /// The event being dispatched.
    #[inline]
    pub fn event(&self) -> EventId {
        self.event
    }

    /// The event that caused the one being dispatched.
    #[inline]
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// The event being dispatched as a cause, with what is behind it so far: for what is scheduled later and was for this.
    #[inline]
    pub fn as_cause(&self) -> Cause {
        Cause::new(self.event, self.origin, self.cause.root())
    }

    /// The run-wide facts. The reference outlives the borrow of the context.
    #[inline]
    pub fn shared(&self) -> &'a M::Shared {
        self.shared
    }

    /// The luck of the run.
    #[inline]
    pub fn luck(&self) -> &Luck {
        &self.core.luck
    }

    /// This node's draws for `purpose` and `counter`.
    #[inline]
    pub fn stream(&self, purpose: Purpose, counter: u64) -> Stream {
        self.core.luck.stream(self.key(), purpose, counter)
    }

    /// Schedules an event at a node, caused by the one being dispatched. A time in the past is a bug
    /// of the caller (debug builds panic) and means now; a time from [`Time::LIMIT`] on never comes.
    #[inline]
    pub fn at(&mut self, time: Time, node: NodeId, event: M::Event) -> EventId {
        self.at_caused(time, node, event, self.as_cause())
    }

    /// Schedules an event at a node, `delay` from now, caused by the one being dispatched.
    #[inline]
    pub fn after(&mut self, delay: Duration, node: NodeId, event: M::Event) -> EventId {
        let cause = self.as_cause();
        self.core.schedule(self.now + delay, node, event, cause)
    }

    /// Like [`Context::at`] for an event whose cause is another one than that being dispatched: a
    /// periodic timer keeps the event that started it.
    #[inline]
    pub fn at_caused(
        &mut self,
        time: Time,
        node: NodeId,
        event: M::Event,
        cause: Cause,
    ) -> EventId {
        debug_assert!(
            time >= self.now,
            "event scheduled at {time}, in the past of {}",
            self.now
        );
        self.core.schedule(time.max(self.now), node, event, cause)
    }

    /// Notes what an event that was just scheduled needed besides its cause. For explanations only: nothing is kept where lineage is not.
    #[inline]
    pub fn needed(&mut self, event: EventId, because: Because) {
        if !because.is_empty()
            && let Some(row) = self.core.lineage.as_mut().and_then(|b| b.row_mut(event))
        {
            because.iter().for_each(|r| row.because.push(r));
        }
    }

    /// Takes an event back. Says whether it was still pending.
    #[inline]
    pub fn cancel(&mut self, id: EventId) -> bool {
        self.core.queue.cancel(id)
    }

    /// Writes a record to the trace.
    #[inline]
    pub fn emit(&mut self, what: impl Into<M::Record>) -> RecordId {
        self.emit_because(what, &[])
    }

    /// Writes a record that needed earlier ones, to the trace.
    pub fn emit_because(&mut self, what: impl Into<M::Record>, because: &[RecordId]) -> RecordId {
        let what = what.into();
        self.core.records += 1;
        self.core.record_bytes += what.bytes() as u64;
        let number = self.core.records;
        let lead = what.lead();
        let mut origin = self.origin;
        if lead != Lead::Follows || because.iter().any(|r| r.origin() != 0) {
            let core = &mut *self.core;
            let before = self.origin;
            (self.origin, origin) =
                (core.origins).emitted(before, lead, number, because, self.begun);
            self.begun |= lead == Lead::Begins;
            let told = core.queue.next_number() != self.first || !core.out.is_empty();
            self.late |= told && self.origin != before;
        }
        let id = RecordId::with_origin(number, origin);
        self.core.out.push(Entry {
            id,
            time: self.now,
            node: self.node,
            event: self.event,
            because: SmallVec::from_slice(because),
            what,
        });
        id
    }
}

impl<M: Model> fmt::Debug for Context<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("now", &self.now)
            .field("node", &self.node)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}
