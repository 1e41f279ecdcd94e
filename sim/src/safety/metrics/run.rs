//! The run itself: events, packets, alerts.

use super::count::Count;
use super::metric::{Better, Definition, Family, Gather};
use super::unit::Unit;
use crate::engine::Entry;
use crate::record::{LabRecord, MonitoringRecord, NetworkRecord};
use crate::safety::{Needs, Truth};

/// What a run did.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    alerts: Count,
    dropped: u64,
}

impl Family for Run {
    const METRICS: &'static [Definition<Self>] = &[
        Definition {
            id: "alerts",
            title: "Alerts",
            doc: "Alerts that sensors and people raised.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Sensor,
            gather: Gather::Count(|run| &run.alerts),
        },
        Definition {
            id: "alerts-false",
            title: "False alerts",
            doc: "Alerts whose causes lead to no attacker.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Sensor,
            gather: Gather::Total(|_, end| end.false_alerts as f64),
        },
        Definition {
            id: "events",
            title: "Events",
            doc: "Events that the simulation dispatched.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Nothing,
            gather: Gather::Total(|_, end| end.events as f64),
        },
        Definition {
            id: "packets-dropped",
            title: "Packets dropped",
            doc: "Frames and packets that went no further.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Nothing,
            gather: Gather::Total(|run, _| run.dropped as f64),
        },
    ];

    fn new(_: &Truth) -> Self {
        Self::default()
    }

    fn observe(&mut self, _: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Network(NetworkRecord::Dropped { .. }) => self.dropped += 1,
            LabRecord::Monitoring(MonitoringRecord::Alert { .. }) => self.alerts.one(e),
            _ => {}
        }
    }
}
