//! Who scheduled what: kept on request, for explanations.

use super::{EventId, NodeId, RecordId};
use crate::time::Time;

/// Records that an event needed besides its cause, three at the most: an address that was leased, a neighbour that was believed, a door that was
/// opened. A fixed few, because every frame may have some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Because([u32; Self::MOST]);

impl Because {
    /// How many there can be.
    pub const MOST: usize = 3;

    /// Adds a record, unless it is there. Of more than [`Self::MOST`] the later ones are lost, as are numbers beyond 2^32.
    pub fn push(&mut self, record: RecordId) {
        let number = u32::try_from(record.number()).unwrap_or(0);
        if number != 0
            && !self.0.contains(&number)
            && let Some(free) = self.0.iter_mut().find(|n| **n == 0)
        {
            *free = number;
        }
    }

    /// The records.
    pub fn iter(&self) -> impl Iterator<Item = RecordId> {
        let told = self.0.into_iter().filter(|n| *n != 0);
        told.map(|n| RecordId::from_number(u64::from(n)))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0[0] == 0
    }
}

impl FromIterator<RecordId> for Because {
    fn from_iter<T: IntoIterator<Item = RecordId>>(records: T) -> Self {
        let mut because = Self::default();
        records.into_iter().for_each(|r| because.push(r));
        because
    }
}

/// What is known of a scheduled event, whether it was dispatched or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// The event that caused it; [`EventId::GENESIS`] when it was scheduled before the run.
    pub parent: EventId,
    /// Records that it needed besides: what had to be so for it to go where it went.
    pub because: Because,
    /// The node it is for.
    pub node: NodeId,
    /// The time it is for.
    pub time: Time,
    /// Its kind in words.
    pub label: &'static str,
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

    /// The row of an event that is in the book, to add to it.
    pub(super) fn row_mut(&mut self, event: EventId) -> Option<&mut Lineage> {
        let index = event.number().checked_sub(self.first)?;
        self.rows.get_mut(usize::try_from(index).ok()?)
    }

    pub(super) fn row(&self, event: EventId) -> Option<Lineage> {
        let index = event.number().checked_sub(self.first)?;
        self.rows.get(usize::try_from(index).ok()?).copied()
    }
}
