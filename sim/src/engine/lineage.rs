//! Who scheduled what: kept on request, for explanations.

use super::{EventId, NodeId};
use crate::time::Time;

/// What is known of a scheduled event, whether it was dispatched or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// The event that caused it; [`EventId::GENESIS`] when it was scheduled before the run.
    pub parent: EventId,
    /// The node it is for.
    pub node: NodeId,
    /// The time it is for.
    pub time: Time,
    /// Its kind in words.
    pub label: &'static str,
    /// Its kind as a number.
    pub kind: u16,
}

/// The lineage of every event scheduled since it was switched on, indexed by sequence number.
#[derive(Clone, Debug)]
pub(super) struct Book {
    first: u64,
    rows: Vec<Lineage>,
}

impl Book {
    /// An empty book whose first row will be event `first`.
    pub(super) const fn starting_at(first: u64) -> Self {
        Self {
            first,
            rows: Vec::new(),
        }
    }

    /// Adds the row of the next event in sequence.
    pub(super) fn push(&mut self, event: EventId, row: Lineage) {
        debug_assert_eq!(event.number(), self.first + self.rows.len() as u64);
        self.rows.push(row);
    }

    pub(super) fn row(&self, event: EventId) -> Option<Lineage> {
        let index = event.number().checked_sub(self.first)?;
        self.rows.get(usize::try_from(index).ok()?).copied()
    }
}
