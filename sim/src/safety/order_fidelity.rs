//! Pumps run what was ordered or meant.

use super::metrics::three_digits;
use super::{Needs, Property, Truth};
use crate::catalog::Entry as CatalogEntry;
use crate::engine::Entry;
use crate::record::{DeliveryChange, LabRecord, TherapyRecord};

/// Property `order-fidelity`.
#[derive(Debug)]
pub(super) struct OrderFidelity;

static ENTRY: CatalogEntry = CatalogEntry {
    id: "order-fidelity",
    title: "Pumps run what was ordered or meant",
    summary: "Every infusion that starts or changes its rate runs the drug and the rate that the prescriber sent or that the person at the pump \
              meant to dial in. A prescription that a later one replaces stays good for 15 minutes.",
    parameters: &[],
    relations: &[],
    references: &["GPCA 1.1", "IHE PCD-03"],
};

impl Property for OrderFidelity {
    fn entry(&self) -> &'static CatalogEntry {
        &ENTRY
    }

    fn needs(&self) -> Needs {
        Needs::Pump
    }

    fn judge(&self, truth: &Truth, entry: &Entry<LabRecord>) -> Option<String> {
        let LabRecord::Therapy(TherapyRecord::Delivery { change, drug, .. }) = &entry.what else {
            return None;
        };
        let rate = match change {
            DeliveryChange::Started { rate_ml_per_h } => *rate_ml_per_h,
            DeliveryChange::RateChanged { to, .. } => *to,
            _ => return None,
        };
        if truth.permits(entry.node, entry.time, drug, rate) {
            return None;
        }
        let meant = truth.meant(entry.node, entry.time);
        let meant = meant.map_or_else(
            || "nothing was prescribed".to_owned(),
            |p| format!("{} at {} mL/h was meant", p.drug, p.rate_ml_per_h),
        );
        let rate = three_digits(rate);
        Some(format!("{drug} runs at {rate} mL/h, but {meant}"))
    }
}
