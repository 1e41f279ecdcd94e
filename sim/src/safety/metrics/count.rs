//! What happened, counted.

use super::contributors::{Contributor, Contributors};
use super::series::Series;
use crate::engine::Entry;
use crate::record::LabRecord;

/// A number of things that happened, its history, and the records behind it.
#[derive(Clone, Debug, Default)]
pub(super) struct Count {
    /// The number over time.
    pub(super) number: Series,
    /// The records behind it.
    pub(super) behind: Contributors,
}

impl Count {
    /// It happened.
    pub(super) fn one(&mut self, e: &Entry<LabRecord>) {
        self.add(e, 1.0);
    }

    /// It happened so many times, or to so many.
    pub(super) fn add(&mut self, e: &Entry<LabRecord>, n: f64) {
        self.number.add(e.time, n);
        if n > 0.0 {
            self.behind.add(Contributor {
                record: e.id,
                node: e.node,
                at: e.time,
                value: n,
            });
        }
    }
}
