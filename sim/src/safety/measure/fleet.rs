//! The fleet: who has a session, who has power, who runs the newest library.

use super::Series;
use crate::engine::NodeId;
use crate::safety::Truth;
use crate::time::Time;
use crate::wire::Ip;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the pumps as a fleet.
#[derive(Clone, Debug, Default)]
pub(in crate::safety) struct Fleet {
    online: BTreeSet<NodeId>,
    known: BTreeSet<NodeId>,
    dark: BTreeSet<NodeId>,
    active: BTreeMap<NodeId, u32>,
    published: BTreeMap<NodeId, (u32, Time)>,
    waiting: BTreeMap<NodeId, Time>,
    stored_s: Vec<f64>,
    /// Pumps with a session with their own server.
    pub(in crate::safety) with_session: Series,
    /// Pumps that had a session and have none.
    pub(in crate::safety) offline: Series,
    /// Pumps without power.
    pub(in crate::safety) without_power: Series,
    /// Share of pumps that run the newest library published on their server.
    pub(in crate::safety) current: Series,
    /// When four in five first ran the newest library, s after the last publication.
    pub(in crate::safety) eighty_s: Option<f64>,
}

impl Fleet {
    /// The fleet of a lab at its beginning.
    pub(in crate::safety) fn new(truth: &Truth) -> Self {
        let mut fleet = Self::default();
        for (&pump, plan) in &truth.pumps {
            fleet.active.insert(pump, plan.library_version);
            fleet
                .published
                .insert(plan.server, (plan.published_version, Time::ZERO));
        }
        fleet.judge_currency(truth, Time::ZERO);
        fleet
    }

    /// A pump has a session. One with somebody else than its server does not count.
    pub(in crate::safety) fn session(&mut self, truth: &Truth, pump: NodeId, peer: Ip, now: Time) {
        let own = truth.pumps.get(&pump).map(|p| p.server);
        let answers = truth.shared.plan.iter().find(|b| b.ip == peer);
        if own.is_some() && answers.map(|b| b.node) == own {
            self.online.insert(pump);
            self.known.insert(pump);
        } else {
            self.online.remove(&pump);
        }
        self.follow(now);
    }

    /// A pump has no session any more.
    pub(in crate::safety) fn lost(&mut self, pump: NodeId, now: Time) {
        self.online.remove(&pump);
        self.follow(now);
    }

    /// A node has power or not.
    pub(in crate::safety) fn power(&mut self, truth: &Truth, node: NodeId, on: bool, now: Time) {
        if !truth.pumps.contains_key(&node) {
            return;
        }
        if on {
            self.dark.remove(&node);
        } else {
            self.dark.insert(node);
            self.online.remove(&node);
        }
        self.without_power.set(now, self.dark.len() as f64);
        self.follow(now);
    }

    fn follow(&mut self, now: Time) {
        self.with_session.set(now, self.online.len() as f64);
        let gone = self.known.difference(&self.online).count();
        self.offline.set(now, gone as f64);
    }

    /// A server publishes a library.
    pub(in crate::safety) fn published(
        &mut self,
        truth: &Truth,
        server: NodeId,
        version: u32,
        now: Time,
    ) {
        self.published.insert(server, (version, now));
        let behind = truth.pumps.iter().filter(|(_, p)| p.server == server);
        for (&pump, _) in behind {
            if self.active.get(&pump).is_none_or(|v| *v < version) {
                self.waiting.insert(pump, now);
            }
        }
        self.eighty_s = None;
        self.judge_currency(truth, now);
    }

    /// A pump stored a library.
    pub(in crate::safety) fn stored(
        &mut self,
        truth: &Truth,
        pump: NodeId,
        version: u32,
        now: Time,
    ) {
        let newest = truth
            .pumps
            .get(&pump)
            .and_then(|p| self.published.get(&p.server));
        if newest.is_some_and(|(v, _)| *v == version)
            && let Some(since) = self.waiting.remove(&pump)
        {
            self.stored_s.push((now - since).as_secs_f64());
        }
    }

    /// A library became active in a pump.
    pub(in crate::safety) fn activated(
        &mut self,
        truth: &Truth,
        pump: NodeId,
        version: u32,
        now: Time,
    ) {
        self.active.insert(pump, version);
        self.judge_currency(truth, now);
    }

    fn judge_currency(&mut self, truth: &Truth, now: Time) {
        let newest = |server: &NodeId| self.published.get(server).map_or(0, |(v, _)| *v);
        let current = truth
            .pumps
            .iter()
            .filter(|(pump, plan)| self.active.get(pump) == Some(&newest(&plan.server)));
        let share = current.count() as f64 / truth.pumps.len().max(1) as f64;
        self.current.set(now, share);
        let last = self.published.values().map(|(_, at)| *at).max();
        if share >= 0.8 && self.eighty_s.is_none() {
            self.eighty_s = last.map(|at| (now - at).as_secs_f64());
        }
    }

    /// From the publication of a library to its storage in each pump that was behind, s. A pump that still lacks it at the end counts with
    /// the time that it has waited.
    pub(in crate::safety) fn library_latencies_s(&self, now: Time) -> Vec<f64> {
        let waiting = self.waiting.values().map(|at| (now - *at).as_secs_f64());
        self.stored_s.iter().copied().chain(waiting).collect()
    }
}
