//! The fleet: who has a session, who has power, who runs the newest library.

use super::{Contributor, Contributors, Series};
use crate::engine::{Entry, NodeId, RecordId};
use crate::record::{HostRecord, LabRecord};
use crate::safety::Truth;
use crate::time::{Duration, Time};
use crate::wire::Ip;
use std::collections::{BTreeMap, BTreeSet};

/// Time that a pump has for its first session before it counts as offline: switching on, joining and a handshake take half a minute.
const FIRST_SESSION_WITHIN: Duration = Duration::from_mins(2);

/// What is known of the pumps as a fleet.
#[derive(Clone, Debug, Default)]
pub(in crate::safety) struct Fleet {
    online: BTreeSet<NodeId>,
    /// Pumps that have had no session yet, from when on that counts, and what they met with.
    starting: BTreeMap<NodeId, (Time, Option<RecordId>)>,
    /// Pumps without a session that count as offline, since when, and the latest record of why.
    missing: BTreeMap<NodeId, (Time, Option<RecordId>)>,
    outages: Contributors,
    dark: BTreeSet<NodeId>,
    active: BTreeMap<NodeId, u32>,
    published: BTreeMap<NodeId, (u32, Time, RecordId)>,
    waiting: BTreeMap<NodeId, (Time, RecordId)>,
    stored: Vec<Contributor>,
    /// Pumps with a session with their own server.
    pub(in crate::safety) with_session: Series,
    /// Pumps that ought to have a session and have none.
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
            let first = (plan.published_version, Time::ZERO, RecordId::from_number(0));
            fleet.published.insert(plan.server, first);
            let due = Time::ZERO + FIRST_SESSION_WITHIN;
            fleet.starting.insert(pump, (due, None));
        }
        fleet.judge_currency(truth, Time::ZERO);
        fleet
    }

    /// Time has gone on: a pump that has not had a session by now is offline. Called before anything else is taken in.
    pub(in crate::safety) fn until(&mut self, now: Time) {
        while let Some((&pump, &(due, why))) = self.starting.iter().min_by_key(|(_, s)| s.0)
            && due <= now
        {
            if self.dark.contains(&pump) {
                // Nobody expects anything of it until it is switched on.
                self.starting.insert(pump, (Time::MAX, why));
                continue;
            }
            self.starting.remove(&pump);
            self.missing.insert(pump, (due, why));
            self.follow(due);
        }
    }

    /// A pump has a session. One with somebody else than its server does not count.
    pub(in crate::safety) fn session(&mut self, truth: &Truth, peer: Ip, e: &Entry<LabRecord>) {
        let own = truth.pumps.get(&e.node).map(|p| p.server);
        let answers = truth.shared.plan.iter().find(|b| b.ip == peer);
        if own.is_some() && answers.map(|b| b.node) == own {
            self.online.insert(e.node);
            self.starting.remove(&e.node);
            if let Some((since, Some(why))) = self.missing.remove(&e.node) {
                self.outages.add(outage(e.node, since, why, e.time));
            }
        } else {
            self.gone(e.node, e);
        }
        self.follow(e.time);
    }

    /// A pump has no session any more.
    pub(in crate::safety) fn lost(&mut self, e: &Entry<LabRecord>) {
        self.gone(e.node, e);
        self.follow(e.time);
    }

    fn gone(&mut self, pump: NodeId, e: &Entry<LabRecord>) {
        if self.online.remove(&pump) {
            self.missing.insert(pump, (e.time, Some(e.id)));
        }
    }

    /// A pump that has had no session yet met with this on the way to one; that it began to look says least.
    pub(in crate::safety) fn failed(&mut self, e: &Entry<LabRecord>) {
        let begins = e.what == LabRecord::Host(HostRecord::CommunicationStarted);
        let first = |why: &mut Option<RecordId>| {
            if why.is_none() || !begins {
                *why = Some(e.id);
            }
        };
        if let Some((_, why)) = self.starting.get_mut(&e.node) {
            first(why);
        } else if let Some((_, why)) = self.missing.get_mut(&e.node)
            && why.is_none()
        {
            first(why);
        }
    }

    /// A node has power or not.
    pub(in crate::safety) fn power(&mut self, truth: &Truth, on: bool, e: &Entry<LabRecord>) {
        let node = e.node;
        if !truth.pumps.contains_key(&node) {
            return;
        }
        if on {
            self.dark.remove(&node);
            if let Some((due, _)) = self.starting.get_mut(&node) {
                *due = e.time + FIRST_SESSION_WITHIN;
            }
        } else {
            self.dark.insert(node);
            self.failed(e);
            self.gone(node, e);
        }
        self.without_power.set(e.time, self.dark.len() as f64);
        self.follow(e.time);
    }

    fn follow(&mut self, now: Time) {
        self.with_session.set(now, self.online.len() as f64);
        self.offline.set(now, self.missing.len() as f64);
    }

    /// How long pumps were offline, s, outages open at the end included.
    pub(in crate::safety) fn outages(&self, now: Time) -> Contributors {
        let mut outages = self.outages.clone();
        for open in self.offline_now(now) {
            outages.add(open);
        }
        outages
    }

    /// The pumps that are offline, and for how long, s.
    pub(in crate::safety) fn offline_now(&self, now: Time) -> Vec<Contributor> {
        let open = self.missing.iter();
        open.filter_map(|(&pump, &(since, why))| Some(outage(pump, since, why?, now)))
            .collect()
    }

    /// A server publishes a library.
    pub(in crate::safety) fn published(
        &mut self,
        truth: &Truth,
        version: u32,
        e: &Entry<LabRecord>,
    ) {
        let (server, now) = (e.node, e.time);
        self.published.insert(server, (version, now, e.id));
        let behind = truth.pumps.iter().filter(|(_, p)| p.server == server);
        for (&pump, _) in behind {
            if self.active.get(&pump).is_none_or(|v| *v < version) {
                self.waiting.insert(pump, (now, e.id));
            }
        }
        self.eighty_s = None;
        self.judge_currency(truth, now);
    }

    /// A pump stored a library.
    pub(in crate::safety) fn stored(&mut self, truth: &Truth, version: u32, e: &Entry<LabRecord>) {
        let pump = e.node;
        let newest = truth
            .pumps
            .get(&pump)
            .and_then(|p| self.published.get(&p.server));
        if newest.is_some_and(|(v, ..)| *v == version)
            && let Some((since, _)) = self.waiting.remove(&pump)
        {
            self.stored.push(outage(pump, since, e.id, e.time));
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
        let newest = |server: &NodeId| self.published.get(server).map_or(0, |(v, ..)| *v);
        let current = truth
            .pumps
            .iter()
            .filter(|(pump, plan)| self.active.get(pump) == Some(&newest(&plan.server)));
        let share = current.count() as f64 / truth.pumps.len().max(1) as f64;
        self.current.set(now, share);
        let last = self.published.values().map(|(_, at, _)| *at).max();
        if share >= 0.8 && self.eighty_s.is_none() {
            self.eighty_s = last.map(|at| (now - at).as_secs_f64());
        }
    }

    /// From the publication of a library to its storage in each pump that was behind, s. A pump that still lacks it at the end counts with
    /// the time that it has waited.
    pub(in crate::safety) fn library_latencies(&self, now: Time) -> Vec<Contributor> {
        let waiting = self.waiting.iter();
        let waiting = waiting.map(|(&pump, &(at, published))| outage(pump, at, published, now));
        self.stored.iter().copied().chain(waiting).collect()
    }
}

/// A pump waited from one time to another, as a record tells.
fn outage(pump: NodeId, since: Time, record: RecordId, until: Time) -> Contributor {
    Contributor {
        record,
        node: pump,
        at: since,
        value: (until - since).as_secs_f64(),
    }
}
