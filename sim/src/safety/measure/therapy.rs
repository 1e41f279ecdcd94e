//! Therapy: infusions that stand still, and what ran beyond what was prescribed.

use super::{Contributor, Contributors, Series};
use crate::engine::{Entry, NodeId, RecordId};
use crate::record::{DeliveryChange, LabRecord};
use crate::safety::Truth;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// An infusion that runs since a time.
#[derive(Clone, Copy, Debug)]
struct Running {
    since: Time,
    record: RecordId,
    rate_ml_per_h: f64,
    meant_ml_per_h: f64,
}

/// What became of infusions.
#[derive(Clone, Debug, Default)]
pub(in crate::safety) struct Therapy {
    held: BTreeMap<NodeId, (Time, RecordId)>,
    running: BTreeMap<NodeId, Running>,
    rates: BTreeMap<NodeId, f64>,
    begun: BTreeSet<NodeId>,
    overdose_ml: f64,
    beyond: Contributors,
    gaps: Contributors,
    /// Infusions that were to run and stand still.
    pub(in crate::safety) standing: Series,
}

impl Therapy {
    /// An infusion that was to run stands still.
    pub(in crate::safety) fn held(&mut self, pump: NodeId, e: &Entry<LabRecord>) {
        self.held.entry(pump).or_insert((e.time, e.id));
        self.standing.set(e.time, self.held.len() as f64);
    }

    /// Delivery of a pump changed.
    pub(in crate::safety) fn changed(
        &mut self,
        truth: &Truth,
        drug: &str,
        change: DeliveryChange,
        e: &Entry<LabRecord>,
    ) {
        let (pump, now) = (e.node, e.time);
        match change {
            DeliveryChange::Started { rate_ml_per_h }
            | DeliveryChange::RateChanged {
                to: rate_ml_per_h, ..
            } => {
                self.rates.insert(pump, rate_ml_per_h);
                self.runs(truth, drug, rate_ml_per_h, e);
                self.goes_on(pump, now);
            }
            DeliveryChange::Resumed => {
                let rate = self.rates.get(&pump).copied().unwrap_or(0.0);
                self.runs(truth, drug, rate, e);
                self.goes_on(pump, now);
            }
            DeliveryChange::Stopped => {
                self.stands(pump, now);
                self.begun.remove(&pump);
                self.goes_on(pump, now);
            }
            DeliveryChange::Kvo => {
                self.stands(pump, now);
                self.begun.remove(&pump);
            }
            DeliveryChange::Interrupted => self.stands(pump, now),
            DeliveryChange::NewBag => {}
        }
    }

    /// A pump lost its power: what ran in it stands still.
    pub(in crate::safety) fn dark(&mut self, e: &Entry<LabRecord>) {
        self.stands(e.node, e.time);
        if self.begun.contains(&e.node) {
            self.held(e.node, e);
        }
    }

    fn runs(&mut self, truth: &Truth, drug: &str, rate: f64, e: &Entry<LabRecord>) {
        let (pump, now) = (e.node, e.time);
        self.stands(pump, now);
        self.begun.insert(pump);
        let meant = truth.meant(pump, now).filter(|p| p.drug == drug);
        let running = Running {
            since: now,
            record: e.id,
            rate_ml_per_h: rate,
            meant_ml_per_h: meant.map_or(0.0, |p| p.rate_ml_per_h),
        };
        self.running.insert(pump, running);
    }

    fn stands(&mut self, pump: NodeId, now: Time) {
        if let Some(run) = self.running.remove(&pump) {
            let excess = (run.rate_ml_per_h - run.meant_ml_per_h).max(0.0);
            let value = excess * (now - run.since).as_secs_f64() / 3600.0;
            self.overdose_ml += value;
            if value > 0.0 {
                self.beyond.add(Contributor {
                    record: run.record,
                    node: pump,
                    at: run.since,
                    value,
                });
            }
        }
    }

    fn goes_on(&mut self, pump: NodeId, now: Time) {
        if let Some((since, record)) = self.held.remove(&pump) {
            self.gaps.add(gap(pump, since, record, now));
        }
        self.standing.set(now, self.held.len() as f64);
    }

    /// The infusions that stand still, and for how long, s.
    pub(in crate::safety) fn standing_now(&self, now: Time) -> Vec<Contributor> {
        let held = self.held.iter();
        held.map(|(&pump, &(since, record))| gap(pump, since, record, now))
            .collect()
    }

    /// Volume infused beyond what was prescribed, mL, its parts, and the gaps, s; what runs or stands at the end counts until then.
    pub(in crate::safety) fn finish(&mut self, now: Time) -> (f64, Contributors, Contributors) {
        for pump in self.running.keys().copied().collect::<Vec<_>>() {
            self.stands(pump, now);
        }
        let mut gaps = std::mem::take(&mut self.gaps);
        for open in self.standing_now(now) {
            gaps.add(open);
        }
        (self.overdose_ml, std::mem::take(&mut self.beyond), gaps)
    }
}

fn gap(pump: NodeId, since: Time, record: RecordId, until: Time) -> Contributor {
    Contributor {
        record,
        node: pump,
        at: since,
        value: (until - since).as_secs_f64(),
    }
}
