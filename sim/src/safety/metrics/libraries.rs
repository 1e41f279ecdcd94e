//! Drug libraries: how soon a new one comes to the pumps, and who runs the newest.

use super::contributors::Contributor;
use super::count::Count;
use super::metric::{Better, Definition, Family, Gather};
use super::series::Series;
use super::unit::Unit;
use crate::engine::{Entry, NodeId, RecordId};
use crate::record::{AccessRecord, LabRecord, LibraryRecord, Task};
use crate::safety::{Needs, Truth};
use crate::time::Time;
use std::collections::BTreeMap;

/// What became of drug libraries.
#[derive(Clone, Debug, Default)]
pub(super) struct Libraries {
    active: BTreeMap<NodeId, u32>,
    published: BTreeMap<NodeId, (u32, Time, RecordId)>,
    waiting: BTreeMap<NodeId, (Time, RecordId)>,
    stored: Vec<Contributor>,
    /// Share of pumps that run the newest library published on their server.
    current: Series,
    /// When four in five first ran the newest library, s after the last publication.
    eighty_s: Option<f64>,
    activated: Count,
    released: Count,
}

impl Family for Libraries {
    const METRICS: &'static [Definition<Self>] = &[
        Definition {
            id: "libraries-activated",
            title: "Libraries activated",
            doc: "Libraries that became active in pumps.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Pump,
            gather: Gather::Count(|libraries| &libraries.activated),
        },
        Definition {
            id: "libraries-released",
            title: "Libraries released",
            doc: "Releases of drug libraries that the pharmacy's people brought to their end.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Nothing,
            gather: Gather::Count(|libraries| &libraries.released),
        },
        Definition {
            id: "library-currency",
            title: "Share of pumps with the newest library",
            doc: "Share of pumps, 0 to 1, whose active library is the newest that their server has published: at the end of the run, and at any time in it.",
            unit: Unit::Share,
            better: Better::Higher,
            needs: Needs::Pump,
            gather: Gather::Level(|libraries| &libraries.current, None),
        },
        Definition {
            id: "library-latency-p99",
            title: "99th percentile of the time to a new library",
            doc: "From the publication of a library to its storage in a pump that was behind, waiting for activation. A pump that lacks it at the end counts with the time that it has waited.",
            unit: Unit::Seconds,
            better: Better::Lower,
            needs: Needs::LibraryRelease,
            gather: Gather::Quantile(0.99, Libraries::latencies),
        },
        Definition {
            id: "library-time-80",
            title: "Time to a new library in four of five pumps",
            doc: "From the last publication to the moment when the newest library is active in 80 % of the pumps. Without a value if that was not reached.",
            unit: Unit::Seconds,
            better: Better::Lower,
            needs: Needs::LibraryRelease,
            gather: Gather::Delay(|libraries| libraries.eighty_s),
        },
    ];

    fn new(truth: &Truth) -> Self {
        let mut libraries = Self::default();
        for (&pump, plan) in &truth.pumps {
            libraries.active.insert(pump, plan.library_version);
            let first = (plan.published_version, Time::ZERO, RecordId::from_number(0));
            libraries.published.insert(plan.server, first);
        }
        libraries.judge_currency(truth, Time::ZERO);
        libraries
    }

    fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Library(LibraryRecord::LibraryPublished { version, .. }) => {
                self.published(truth, *version, e);
            }
            LabRecord::Library(LibraryRecord::LibraryStored { version, .. }) => {
                self.stored(truth, *version, e);
            }
            LabRecord::Library(LibraryRecord::LibraryActivated { version, .. }) => {
                self.activated(truth, *version, e);
            }
            LabRecord::Access(AccessRecord::TaskEnded {
                task: Task::LibraryRelease,
                success: true,
            }) => self.released.one(e),
            _ => {}
        }
    }
}

impl Libraries {
    /// A server publishes a library.
    fn published(&mut self, truth: &Truth, version: u32, e: &Entry<LabRecord>) {
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
    fn stored(&mut self, truth: &Truth, version: u32, e: &Entry<LabRecord>) {
        let pump = e.node;
        let newest = truth
            .pumps
            .get(&pump)
            .and_then(|p| self.published.get(&p.server));
        if newest.is_some_and(|(v, ..)| *v == version)
            && let Some((since, _)) = self.waiting.remove(&pump)
        {
            self.stored.push(waited(pump, since, e.id, e.time));
        }
    }

    /// A library became active in a pump.
    fn activated(&mut self, truth: &Truth, version: u32, e: &Entry<LabRecord>) {
        self.active.insert(e.node, version);
        self.judge_currency(truth, e.time);
        self.activated.one(e);
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
    fn latencies(&self, now: Time) -> Vec<Contributor> {
        let waiting = self.waiting.iter();
        let waiting = waiting.map(|(&pump, &(at, published))| waited(pump, at, published, now));
        self.stored.iter().copied().chain(waiting).collect()
    }
}

/// A pump waited from one time to another, as a record tells.
fn waited(pump: NodeId, since: Time, record: RecordId, until: Time) -> Contributor {
    Contributor {
        record,
        node: pump,
        at: since,
        value: (until - since).as_secs_f64(),
    }
}
