//! Therapy: infusions that stand still, what ran beyond what was prescribed, and orders that are not those that were sent.

use super::contributors::{Contributor, Contributors};
use super::count::Count;
use super::metric::{Better, Definition, Family, Gather, Parts};
use super::series::Series;
use super::unit::Unit;
use crate::engine::{Entry, NodeId, RecordId};
use crate::record::{DeliveryChange, HostRecord, LabRecord, TherapyRecord};
use crate::safety::prescription::{self, Prescription};
use crate::safety::{Needs, Truth};
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
pub(super) struct Therapy {
    held: BTreeMap<NodeId, (Time, RecordId)>,
    running: BTreeMap<NodeId, Running>,
    rates: BTreeMap<NodeId, f64>,
    begun: BTreeSet<NodeId>,
    overdose_ml: f64,
    beyond: Contributors,
    gaps: Contributors,
    /// Infusions that were to run and stand still.
    standing: Series,
    orders_altered: Count,
}

impl Family for Therapy {
    const METRICS: &'static [Definition<Self>] = &[
        Definition {
            id: "infusions-standing",
            title: "Infusions standing still",
            doc: "Infusions that are to run and stand still: how many at the end of the run, and at any time in it.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Infusion,
            gather: Gather::Level(
                |therapy| &therapy.standing,
                Some(Parts {
                    unit: Unit::Seconds,
                    at_end: |therapy, now| therapy.standing_now(now).into_iter().collect(),
                    ever: Some(Therapy::all_gaps),
                }),
            ),
        },
        Definition {
            id: "orders-altered",
            title: "Orders altered",
            doc: "Orders that reached a pump and differ from what the health record sent for it at that number, or that it never sent.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Pump,
            gather: Gather::Count(|therapy| &therapy.orders_altered),
        },
        Definition {
            id: "overdose-ml",
            title: "Volume beyond prescription",
            doc: "Volume that pumps ran above the prescribed rate, or of a drug that was not prescribed, over all pumps; as the pump counts, without its flow error, until the end of the run.",
            unit: Unit::Millilitres,
            better: Better::Lower,
            needs: Needs::Infusion,
            gather: Gather::Sum(
                |therapy| therapy.overdose_ml,
                Parts {
                    unit: Unit::Millilitres,
                    at_end: |therapy, _| therapy.beyond.clone(),
                    ever: None,
                },
            ),
        },
        Definition {
            id: "therapy-gap-max",
            title: "Longest gap in therapy",
            doc: "Longest time that a programmed infusion stood still, gaps open at the end included.",
            unit: Unit::Seconds,
            better: Better::Lower,
            needs: Needs::Infusion,
            gather: Gather::Maximum(
                |therapy, now| therapy.all_gaps(now).greatest(),
                Parts {
                    unit: Unit::Seconds,
                    at_end: Therapy::all_gaps,
                    ever: None,
                },
            ),
        },
        Definition {
            id: "therapy-minutes-lost",
            title: "Therapy lost",
            doc: "Minutes that infusions stood still though they were to run, over all pumps; pumps that lost power included; until the end of the run.",
            unit: Unit::Minutes,
            better: Better::Lower,
            needs: Needs::Infusion,
            gather: Gather::Integral(
                |therapy| &therapy.standing,
                Some(Parts {
                    unit: Unit::Minutes,
                    at_end: |therapy, now| {
                        let gaps = therapy.all_gaps(now).into_vec().into_iter();
                        let minutes = |gap: Contributor| Contributor {
                            value: gap.value / 60.0,
                            ..gap
                        };
                        gaps.map(minutes).collect()
                    },
                    ever: None,
                }),
            ),
        },
    ];

    fn new(_: &Truth) -> Self {
        Self::default()
    }

    fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Therapy(TherapyRecord::InfusionHeld) => self.held(e.node, e),
            LabRecord::Therapy(TherapyRecord::Delivery { change, drug, .. }) => {
                self.changed(truth, drug, *change, e);
            }
            // The patient goes without until the other pump starts.
            LabRecord::Therapy(TherapyRecord::PumpReplaced { by }) => self.held(*by, e),
            LabRecord::Therapy(TherapyRecord::OrderAtPump {
                order,
                rate_ml_per_h,
            }) => {
                let sent = truth.prescriptions.get(&e.node);
                let mut sent = sent.into_iter().flatten();
                let as_sent = |p: &Prescription| {
                    p.order == Some(*order)
                        && p.at <= e.time
                        && prescription::same(p.rate_ml_per_h, *rate_ml_per_h)
                };
                if !sent.any(as_sent) {
                    self.orders_altered.one(e);
                }
            }
            LabRecord::Host(HostRecord::PoweredOff) => self.dark(e),
            _ => {}
        }
    }

    fn close(&mut self, now: Time) {
        for pump in self.running.keys().copied().collect::<Vec<_>>() {
            self.stands(pump, now);
        }
    }
}

impl Therapy {
    /// An infusion that was to run stands still.
    fn held(&mut self, pump: NodeId, e: &Entry<LabRecord>) {
        self.held.entry(pump).or_insert((e.time, e.id));
        self.standing.set(e.time, self.held.len() as f64);
    }

    /// Delivery of a pump changed.
    fn changed(&mut self, truth: &Truth, drug: &str, change: DeliveryChange, e: &Entry<LabRecord>) {
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
    fn dark(&mut self, e: &Entry<LabRecord>) {
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
    fn standing_now(&self, now: Time) -> Vec<Contributor> {
        let held = self.held.iter();
        held.map(|(&pump, &(since, record))| gap(pump, since, record, now))
            .collect()
    }

    /// The gaps, s; those that are open at the end included.
    fn all_gaps(&self, now: Time) -> Contributors {
        let mut gaps = self.gaps.clone();
        for open in self.standing_now(now) {
            gaps.add(open);
        }
        gaps
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
