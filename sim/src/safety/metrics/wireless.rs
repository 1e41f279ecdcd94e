//! Joins of wireless networks.

use super::contributors::Contributor;
use super::count::Count;
use super::metric::{Better, Definition, Family, Gather};
use super::unit::Unit;
use crate::engine::Entry;
use crate::record::{LabRecord, WirelessRecord};
use crate::safety::{Needs, Truth};

/// Stations that joined, and what they took.
#[derive(Clone, Debug, Default)]
pub(super) struct Wireless {
    times: Vec<Contributor>,
    joins: Count,
    failures: Count,
}

impl Family for Wireless {
    const METRICS: &'static [Definition<Self>] = &[
        Definition {
            id: "join-failures",
            title: "Failed joins",
            doc: "Attempts to join a wireless network that failed.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Count(|wireless| &wireless.failures),
        },
        Definition {
            id: "join-time-median",
            title: "Median time to join",
            doc: "As `join-time-p99`.",
            unit: Unit::Seconds,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Quantile(0.5, |wireless, _| wireless.times.clone()),
        },
        Definition {
            id: "join-time-p99",
            title: "99th percentile of the time to join",
            doc: "From the start of an attempt to the installed key, over attempts that succeeded. A station that never joined is not in it: `join-failures` and `pumps-offline` count it.",
            unit: Unit::Seconds,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Quantile(0.99, |wireless, _| wireless.times.clone()),
        },
        Definition {
            id: "joins",
            title: "Joins",
            doc: "Times that a station joined a wireless network.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Nothing,
            gather: Gather::Count(|wireless| &wireless.joins),
        },
    ];

    fn new(_: &Truth) -> Self {
        Self::default()
    }

    fn observe(&mut self, _: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Wireless(WirelessRecord::Joined { took, .. }) => {
                self.times.push(Contributor {
                    record: e.id,
                    node: e.node,
                    at: e.time - *took,
                    value: took.as_secs_f64(),
                });
                self.joins.one(e);
            }
            LabRecord::Wireless(WirelessRecord::JoinFailed { .. }) => self.failures.one(e),
            _ => {}
        }
    }
}
