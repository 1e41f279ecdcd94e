//! The pending events, in the total order (time, sequence number).
//!
//! Keys and payloads are apart: the order is kept over 16-byte keys (time, sequence, slot), the
//! payloads lie in a slab. Cancelling frees the payload at once; its key is skipped when it comes up,
//! because the slot then holds another sequence number.

use std::collections::BTreeSet;
use std::hint::black_box;

use super::calendar::Calendar;
use super::{Cause, EventId, NodeId};
use crate::time::Time;

const SLOT_BITS: u32 = 32;
const SEQUENCE_BITS: u32 = 40;
/// How many events ahead of their turn payloads and then nodes are fetched.
const SLOTS_AHEAD: usize = 7;
const NODES_AHEAD: usize = 3;
/// Of a slot that holds nothing. Sequence numbers start at 1.
const VACANT: u64 = 0;

/// The pending events of a simulation.
#[derive(Clone, Debug)]
pub struct Queue<E> {
    keys: Calendar,
    slots: Vec<Slot<E>>,
    free: Vec<u32>,
    next_number: u64,
    suppressed: BTreeSet<u64>,
    /// Keys in `keys` whose event was cancelled.
    stale: usize,
}

#[derive(Clone, Debug)]
struct Slot<E> {
    number: u64,
    cause: Cause,
    node: NodeId,
    event: Option<E>,
}

/// An event taken from the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due<E> {
    /// The event's number.
    pub id: EventId,
    /// The event that caused it, with what is behind it.
    pub cause: Cause,
    /// The time it was scheduled for.
    pub time: Time,
    /// The node it was scheduled for.
    pub node: NodeId,
    /// What happens.
    pub event: E,
}

#[inline]
const fn number_in(key: u128) -> u64 {
    (key >> SLOT_BITS) as u64 & ((1 << SEQUENCE_BITS) - 1)
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Queue<E> {
    /// The latest time an event can have: scheduling later means this.
    pub const LAST: Time = Time::from_nanos(Time::LIMIT.as_nanos() - 1);

    /// An empty queue.
    pub fn new() -> Self {
        Self {
            keys: Calendar::default(),
            slots: Vec::new(),
            free: Vec::new(),
            next_number: 1,
            suppressed: BTreeSet::new(),
            stale: 0,
        }
    }

    /// Number of pending events, those to be suppressed included.
    #[inline]
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether no event is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of keys held: the pending events and what is left of cancelled ones.
    pub fn keys_held(&self) -> usize {
        self.keys.len()
    }

    /// The sequence number that the next event will get.
    pub fn next_number(&self) -> u64 {
        self.next_number
    }

    /// Adds an event. Equal times keep the order of scheduling. A time before what was popped last
    /// is allowed: the event comes up next.
    #[inline]
    pub fn schedule(
        &mut self,
        time: Time,
        node: NodeId,
        event: E,
        cause: impl Into<Cause>,
    ) -> EventId {
        let number = self.next_number;
        self.next_number += 1;
        let filled = Slot {
            number,
            cause: cause.into().at(node),
            node,
            event: Some(event),
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = filled;
            slot
        } else {
            let slot = self.slots.len() as u32;
            self.slots.push(filled);
            slot
        };
        let time = time.min(Self::LAST);
        let key = u128::from(time.as_nanos()) << (SEQUENCE_BITS + SLOT_BITS)
            | u128::from(number) << SLOT_BITS
            | u128::from(slot);
        self.keys.push(key);
        EventId::in_slot(number, slot)
    }

    /// Takes the next event, if its time is at most `until`.
    #[inline]
    pub fn pop(&mut self, until: Time) -> Option<Due<E>> {
        let last = Self::last_key(until);
        loop {
            let key = self.keys.pop(last)?;
            let slot = key as u32;
            let number = number_in(key);
            let held = &mut self.slots[slot as usize];
            if held.number != number {
                self.stale -= 1;
                continue;
            }
            let Some(event) = held.event.take() else {
                continue;
            };
            held.number = VACANT;
            let due = Due {
                id: EventId::in_slot(number, slot),
                cause: held.cause,
                time: Time::from_nanos((key >> (SEQUENCE_BITS + SLOT_BITS)) as u64),
                node: held.node,
                event,
            };
            self.free.push(slot);
            if !self.suppressed.is_empty() && self.suppressed.contains(&number) {
                continue;
            }
            return Some(due);
        }
    }

    /// The time of the next event that is not to be suppressed, if there is one.
    pub fn next_time(&mut self) -> Option<Time> {
        // Clears away what was cancelled or is suppressed.
        self.is_due(Self::LAST)
            .then(|| self.keys.peek())
            .flatten()
            .map(|key| Time::from_nanos((key >> (SEQUENCE_BITS + SLOT_BITS)) as u64))
    }

    /// Whether an event is pending whose time is at most `until` and that is not to be suppressed.
    pub fn is_due(&mut self, until: Time) -> bool {
        let last = Self::last_key(until);
        loop {
            let Some(key) = self.keys.peek().filter(|key| *key <= last) else {
                return false;
            };
            let number = number_in(key);
            let live = self.slots[key as u32 as usize].number == number;
            if live && !self.suppressed.contains(&number) {
                return true;
            }
            self.keys.pop(key);
            if live {
                self.release(key as u32);
            } else {
                self.stale -= 1;
            }
        }
    }

    /// The node of an event that comes up soon, if that is known without work. A hint: it fetches
    /// what later calls and the event itself will need, so that several cache misses overlap.
    #[inline]
    pub(super) fn look_ahead(&self) -> Option<NodeId> {
        if let Some(key) = self.keys.ahead(SLOTS_AHEAD) {
            black_box(self.slots[key as u32 as usize].node);
        }
        let key = self.keys.ahead(NODES_AHEAD)?;
        Some(self.slots[key as u32 as usize].node)
    }

    #[inline]
    fn last_key(until: Time) -> u128 {
        u128::from(until.min(Self::LAST).as_nanos()) << (SEQUENCE_BITS + SLOT_BITS)
            | ((1 << (SEQUENCE_BITS + SLOT_BITS)) - 1)
    }

    /// Gives the events from number `first` on that an event caused what is behind it by now.
    pub(super) fn hand_on(&mut self, first: u64, cause: Cause) {
        let caused =
            |held: &&mut Slot<E>| held.number >= first && held.cause.event() == cause.event();
        self.slots
            .iter_mut()
            .filter(caused)
            .for_each(|held| held.cause = cause);
    }

    fn release(&mut self, slot: u32) {
        let held = &mut self.slots[slot as usize];
        held.number = VACANT;
        held.event = None;
        self.free.push(slot);
    }

    /// Takes an event back before it is dispatched. Says whether it was still pending.
    pub fn cancel(&mut self, id: EventId) -> bool {
        let number = id.number();
        if number == VACANT {
            return false;
        }
        let slot = match id.slot() {
            Some(slot) => slot as usize,
            // An id that was read, not returned by scheduling: look for it.
            None => match self.slots.iter().position(|held| held.number == number) {
                Some(slot) => slot,
                None => return false,
            },
        };
        let Some(held) = self
            .slots
            .get_mut(slot)
            .filter(|held| held.number == number)
        else {
            return false;
        };
        held.number = VACANT;
        held.event = None;
        self.free.push(slot as u32);
        self.stale += 1;
        self.sweep();
        true
    }

    /// Makes the queue drop this event, pending or yet to be scheduled, when it comes up.
    pub fn suppress(&mut self, id: EventId) {
        self.suppressed.insert(id.number());
    }

    /// Drops the keys of cancelled events once they outnumber the rest.
    fn sweep(&mut self) {
        if self.stale <= 1024 + self.len() {
            return;
        }
        let slots = &self.slots;
        self.keys
            .retain(|key| slots[key as u32 as usize].number == number_in(key));
        debug_assert_eq!(self.keys.len(), self.len());
        self.stale = 0;
    }
}
