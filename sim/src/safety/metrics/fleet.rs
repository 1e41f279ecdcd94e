//! The fleet: who has a session, and who has power.

use super::contributors::{Contributor, Contributors};
use super::count::Count;
use super::metric::{Better, Definition, Family, Gather, Parts};
use super::series::Series;
use super::unit::Unit;
use crate::engine::{Entry, NodeId, RecordId};
use crate::record::{HostRecord, LabRecord, SessionRecord, WirelessRecord};
use crate::safety::{Needs, Truth};
use crate::time::{Duration, Time};
use crate::wire::Ip;
use std::collections::{BTreeMap, BTreeSet};

/// Time that a pump has for its first session before it counts as offline: switching on, joining and a handshake take half a minute.
const FIRST_SESSION_WITHIN: Duration = Duration::from_mins(2);

/// What is known of the pumps as a fleet.
#[derive(Clone, Debug, Default)]
pub(super) struct Fleet {
    pumps: usize,
    online: BTreeSet<NodeId>,
    /// Pumps that have had no session yet, from when on that counts, and what they met with.
    starting: BTreeMap<NodeId, (Time, Option<RecordId>)>,
    /// Pumps without a session that count as offline, since when, and the latest record of why.
    missing: BTreeMap<NodeId, (Time, Option<RecordId>)>,
    outages: Contributors,
    dark: BTreeSet<NodeId>,
    sessions: Count,
    /// Pumps with a session with their own server.
    with_session: Series,
    /// Pumps that ought to have a session and have none.
    offline: Series,
    /// Pumps without power.
    without_power: Series,
}

/// The outages of pumps, s.
const OUTAGES: Parts<Fleet> = Parts {
    unit: Unit::Seconds,
    at_end: Fleet::outages,
    ever: None,
};

impl Family for Fleet {
    const METRICS: &'static [Definition<Self>] = &[
        Definition {
            id: "pump-availability",
            title: "Share of pump-time with power",
            doc: "Share of pump-time, 0 to 1, in which a pump was not switched off, over the whole run. The seconds before pumps are first switched on count as powered.",
            unit: Unit::Share,
            better: Better::Higher,
            needs: Needs::Pump,
            gather: Gather::Ratio(
                |fleet, now| 1.0 - fleet.share_of_pump_time(&fleet.without_power, now),
                None,
            ),
        },
        Definition {
            id: "pumps-offline",
            title: "Pumps offline",
            doc: "Pumps without a session with their server: how many at the end of the run, and at any time in it. A pump that has not had one yet counts from 2 min after it was switched on.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Pump,
            gather: Gather::Level(
                |fleet| &fleet.offline,
                Some(Parts {
                    unit: Unit::Seconds,
                    at_end: |fleet, now| fleet.offline_now(now).into_iter().collect(),
                    ever: Some(Fleet::outages),
                }),
            ),
        },
        Definition {
            id: "pumps-offline-max",
            title: "Pumps offline, at most",
            doc: "Greatest number of pumps without a session at one time, counted as `pumps-offline` is.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Pump,
            gather: Gather::Maximum(|fleet, now| fleet.offline.range(Time::ZERO, now).1, OUTAGES),
        },
        Definition {
            id: "session-availability",
            title: "Share of pump-time with a session",
            doc: "Share of pump-time, 0 to 1, with a session with the pump's own server, over the whole run, the start of the pumps included.",
            unit: Unit::Share,
            better: Better::Higher,
            needs: Needs::Pump,
            gather: Gather::Ratio(
                |fleet, now| fleet.share_of_pump_time(&fleet.with_session, now),
                Some(OUTAGES),
            ),
        },
        Definition {
            id: "sessions",
            title: "Server sessions",
            doc: "Sessions that pumps opened with what they took for their servers.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Nothing,
            gather: Gather::Count(|fleet| &fleet.sessions),
        },
    ];

    fn new(truth: &Truth) -> Self {
        let due = Time::ZERO + FIRST_SESSION_WITHIN;
        Self {
            pumps: truth.shared.lab.pumps().count(),
            starting: truth
                .pumps
                .keys()
                .map(|pump| (*pump, (due, None)))
                .collect(),
            ..Self::default()
        }
    }

    fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        self.until(e.time);
        match &e.what {
            LabRecord::Session(SessionRecord::ServerSession { peer, .. }) => {
                self.session(truth, *peer, e);
                self.sessions.one(e);
            }
            LabRecord::Session(SessionRecord::ServerSessionLost) => self.lost(e),
            LabRecord::Host(HostRecord::CommunicationFailed { .. }) => {
                self.failed(e);
                self.lost(e);
            }
            LabRecord::Host(HostRecord::CommunicationStarted)
            | LabRecord::Wireless(WirelessRecord::JoinFailed { .. })
            | LabRecord::Session(SessionRecord::ServerUnreached { .. }) => self.failed(e),
            LabRecord::Host(HostRecord::PoweredOff) => self.power(truth, false, e),
            LabRecord::Host(HostRecord::PoweredOn) => self.power(truth, true, e),
            _ => {}
        }
    }

    fn close(&mut self, now: Time) {
        self.until(now);
    }
}

impl Fleet {
    /// The share of the time of all pumps that a level of pumps makes.
    fn share_of_pump_time(&self, level: &Series, now: Time) -> f64 {
        let all = self.pumps as f64 * (now - Time::ZERO).as_secs_f64();
        level.integral_s(now) / all.max(f64::MIN_POSITIVE)
    }

    /// Time has gone on: a pump that has not had a session by now is offline. Called before anything else is taken in.
    fn until(&mut self, now: Time) {
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
    fn session(&mut self, truth: &Truth, peer: Ip, e: &Entry<LabRecord>) {
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
    fn lost(&mut self, e: &Entry<LabRecord>) {
        self.gone(e.node, e);
        self.follow(e.time);
    }

    fn gone(&mut self, pump: NodeId, e: &Entry<LabRecord>) {
        if self.online.remove(&pump) {
            self.missing.insert(pump, (e.time, Some(e.id)));
        }
    }

    /// A pump that has had no session yet met with this on the way to one; that it began to look says least.
    fn failed(&mut self, e: &Entry<LabRecord>) {
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
    fn power(&mut self, truth: &Truth, on: bool, e: &Entry<LabRecord>) {
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
    fn outages(&self, now: Time) -> Contributors {
        let mut outages = self.outages.clone();
        for open in self.offline_now(now) {
            outages.add(open);
        }
        outages
    }

    /// The pumps that are offline, and for how long, s.
    fn offline_now(&self, now: Time) -> Vec<Contributor> {
        let open = self.missing.iter();
        open.filter_map(|(&pump, &(since, why))| Some(outage(pump, since, why?, now)))
            .collect()
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
