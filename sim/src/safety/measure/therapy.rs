//! Therapy: infusions that stand still, and what ran beyond what was prescribed.

use super::Series;
use crate::engine::NodeId;
use crate::record::DeliveryChange;
use crate::safety::Truth;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// An infusion that runs since a time.
#[derive(Clone, Copy, Debug)]
struct Running {
    since: Time,
    rate_ml_per_h: f64,
    meant_ml_per_h: f64,
}

/// What became of infusions.
#[derive(Clone, Debug, Default)]
pub(in crate::safety) struct Therapy {
    held: BTreeMap<NodeId, Time>,
    running: BTreeMap<NodeId, Running>,
    rates: BTreeMap<NodeId, f64>,
    begun: BTreeSet<NodeId>,
    overdose_ml: f64,
    /// Longest time that an infusion stood still, s.
    gap_max_s: f64,
    /// Infusions that were to run and stand still.
    pub(in crate::safety) standing: Series,
}

impl Therapy {
    /// An infusion that was to run stands still.
    pub(in crate::safety) fn held(&mut self, pump: NodeId, now: Time) {
        self.held.entry(pump).or_insert(now);
        self.standing.set(now, self.held.len() as f64);
    }

    /// Delivery of a pump changed.
    pub(in crate::safety) fn changed(
        &mut self,
        truth: &Truth,
        pump: NodeId,
        drug: &str,
        change: DeliveryChange,
        now: Time,
    ) {
        match change {
            DeliveryChange::Started { rate_ml_per_h }
            | DeliveryChange::RateChanged {
                to: rate_ml_per_h, ..
            } => {
                self.rates.insert(pump, rate_ml_per_h);
                self.runs(truth, pump, drug, rate_ml_per_h, now);
                self.goes_on(pump, now);
            }
            DeliveryChange::Resumed => {
                let rate = self.rates.get(&pump).copied().unwrap_or(0.0);
                self.runs(truth, pump, drug, rate, now);
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
    pub(in crate::safety) fn dark(&mut self, pump: NodeId, now: Time) {
        self.stands(pump, now);
        if self.begun.contains(&pump) {
            self.held(pump, now);
        }
    }

    fn runs(&mut self, truth: &Truth, pump: NodeId, drug: &str, rate: f64, now: Time) {
        self.stands(pump, now);
        self.begun.insert(pump);
        let meant = truth.meant(pump, now).filter(|p| p.drug == drug);
        let running = Running {
            since: now,
            rate_ml_per_h: rate,
            meant_ml_per_h: meant.map_or(0.0, |p| p.rate_ml_per_h),
        };
        self.running.insert(pump, running);
    }

    fn stands(&mut self, pump: NodeId, now: Time) {
        if let Some(run) = self.running.remove(&pump) {
            let excess = (run.rate_ml_per_h - run.meant_ml_per_h).max(0.0);
            self.overdose_ml += excess * (now - run.since).as_secs_f64() / 3600.0;
        }
    }

    fn goes_on(&mut self, pump: NodeId, now: Time) {
        if let Some(since) = self.held.remove(&pump) {
            self.gap_max_s = self.gap_max_s.max((now - since).as_secs_f64());
        }
        self.standing.set(now, self.held.len() as f64);
    }

    /// Volume infused beyond what was prescribed, mL, and the longest gap, s; what runs or stands at the end counts until then.
    pub(in crate::safety) fn finish(&mut self, now: Time) -> (f64, f64) {
        for pump in self.running.keys().copied().collect::<Vec<_>>() {
            self.stands(pump, now);
        }
        let open = self.held.values().map(|since| (now - *since).as_secs_f64());
        (self.overdose_ml, open.fold(self.gap_max_s, f64::max))
    }
}
