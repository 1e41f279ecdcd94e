//! Ordered keys of pending events.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A priority queue of 128-bit keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Calendar {
    heap: BinaryHeap<Reverse<u128>>,
}

impl Calendar {
    #[inline]
    pub(super) fn push(&mut self, key: u128) {
        self.heap.push(Reverse(key));
    }

    /// Takes the smallest key if it is at most `limit`.
    #[inline]
    pub(super) fn pop(&mut self, limit: u128) -> Option<u128> {
        if self.heap.peek()?.0 > limit {
            return None;
        }
        self.heap.pop().map(|key| key.0)
    }

    /// Number of keys.
    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    /// Drops the keys that are not wanted.
    pub(super) fn retain(&mut self, mut wanted: impl FnMut(u128) -> bool) {
        self.heap.retain(|key| wanted(key.0));
    }
}
