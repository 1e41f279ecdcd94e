//! The records that make a metric what it is, as many as are worth keeping.

use crate::engine::{NodeId, RecordId};
use crate::time::Time;

/// A record that makes a metric what it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contributor {
    /// The record; of several that tell of the same, the one that explains most.
    pub record: RecordId,
    /// Whose value it is.
    pub node: NodeId,
    /// When what it tells of began.
    pub at: Time,
    /// Its part, in the metric's unit.
    pub value: f64,
}

/// How many are kept of a metric: a lab that fails repeats itself.
const KEPT: usize = 32;

/// The contributors with the greatest values, the greatest first; of equal ones, the earlier first.
#[derive(Clone, Debug, Default)]
pub(super) struct Contributors(Vec<Contributor>);

impl Contributors {
    pub(super) fn add(&mut self, one: Contributor) {
        let place = self.0.partition_point(|c| c.value >= one.value);
        if place < KEPT {
            self.0.insert(place, one);
            self.0.truncate(KEPT);
        }
    }

    /// The greatest value; zero without any.
    pub(super) fn greatest(&self) -> f64 {
        self.0.first().map_or(0.0, |c| c.value)
    }

    /// All of them.
    pub(super) fn into_vec(self) -> Vec<Contributor> {
        self.0
    }
}

impl FromIterator<Contributor> for Contributors {
    fn from_iter<I: IntoIterator<Item = Contributor>>(all: I) -> Self {
        let mut kept = Self::default();
        for one in all {
            kept.add(one);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_are_kept_in_order_and_the_earlier_first() {
        let one = |n: u64, value| Contributor {
            record: RecordId::from_number(n),
            node: NodeId(0),
            at: Time::ZERO,
            value,
        };
        let mut kept = Contributors::default();
        for n in 0..1_000 {
            kept.add(one(n, (n % 100) as f64));
        }
        let kept = kept.into_vec();
        assert_eq!(kept.len(), KEPT);
        let first: Vec<u64> = kept.iter().take(11).map(|c| c.record.number()).collect();
        assert_eq!(first, [99, 199, 299, 399, 499, 599, 699, 799, 899, 999, 98]);
    }
}
