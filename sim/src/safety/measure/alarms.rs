//! Alarms, from the sound to the hand.

use super::Series;
use crate::engine::NodeId;
use crate::time::Time;
use std::collections::BTreeMap;

/// Alarms that were raised, and how long they waited.
#[derive(Clone, Debug, Default)]
pub(in crate::safety) struct Alarms {
    raised: BTreeMap<(NodeId, u32), Time>,
    open: BTreeMap<(NodeId, u32), Time>,
    /// From the beginning of an alarm to its display, s.
    pub(in crate::safety) displayed_s: Vec<f64>,
    answered_s: Vec<f64>,
    /// Alarms that nobody has answered.
    pub(in crate::safety) unanswered: Series,
}

impl Alarms {
    pub(in crate::safety) fn raised(&mut self, pump: NodeId, number: u32, now: Time) {
        self.raised.insert((pump, number), now);
        self.open.insert((pump, number), now);
        self.unanswered.set(now, self.open.len() as f64);
    }

    pub(in crate::safety) fn shown(&mut self, pump: NodeId, number: u32, now: Time) {
        if let Some(since) = self.raised.get(&(pump, number)) {
            self.displayed_s.push((now - *since).as_secs_f64());
        }
    }

    pub(in crate::safety) fn answered(&mut self, pump: NodeId, number: u32, now: Time) {
        if let Some(since) = self.open.remove(&(pump, number)) {
            self.answered_s.push((now - since).as_secs_f64());
        }
        self.unanswered.set(now, self.open.len() as f64);
    }

    /// From the beginning of each alarm to the hand at the pump, s. An alarm that still waits at the end counts with the time that it has waited.
    pub(in crate::safety) fn latencies_s(&self, now: Time) -> Vec<f64> {
        let waiting = self.open.values().map(|since| (now - *since).as_secs_f64());
        self.answered_s.iter().copied().chain(waiting).collect()
    }
}
