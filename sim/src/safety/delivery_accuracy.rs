//! What reaches the patient is what the pump displays.

use super::{Needs, Property, Truth};
use crate::catalog::Entry as CatalogEntry;
use crate::engine::Entry;
use crate::record::{LabRecord, TherapyRecord};

/// Property `delivery-accuracy`.
#[derive(Debug)]
pub(super) struct DeliveryAccuracy;

static ENTRY: CatalogEntry = CatalogEntry {
    id: "delivery-accuracy",
    title: "Pumps deliver what they display",
    summary: "No pump delivers at a rate that differs from the displayed one by more than 5 %, the largest error of a volumetric pump.",
    parameters: &[],
    relations: &[],
    references: &["IEC 60601-2-24"],
};

impl Property for DeliveryAccuracy {
    fn entry(&self) -> &'static CatalogEntry {
        &ENTRY
    }

    fn needs(&self) -> Needs {
        Needs::Pump
    }

    fn judge(&self, _: &Truth, entry: &Entry<LabRecord>) -> Option<String> {
        let LabRecord::Therapy(TherapyRecord::FlowDiffers {
            drug,
            displayed_ml_per_h,
            delivered_ml_per_h,
            ..
        }) = &entry.what
        else {
            return None;
        };
        Some(format!(
            "{drug} runs at {delivered_ml_per_h:.1} mL/h where the pump displays {displayed_ml_per_h:.1} mL/h"
        ))
    }
}
