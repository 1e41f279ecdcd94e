//! Nothing infuses above the hard limit that the pharmacy issued.

use super::metrics::three_digits;
use super::{Needs, Property, Truth};
use crate::catalog::Entry as CatalogEntry;
use crate::clinical::drug_library::LimitVerdict;
use crate::engine::Entry;
use crate::record::{DeliveryChange, LabRecord, TherapyRecord};

/// Property `dose-limits`.
#[derive(Debug)]
pub(super) struct DoseLimits;

static ENTRY: CatalogEntry = CatalogEntry {
    id: "dose-limits",
    title: "Hard limits of the pharmacy hold",
    summary: "No infusion of a drug that the pharmacy's newest library lists for the care area runs at a rate beyond that library's hard limits, \
              whatever library the pump holds and whatever it displays.",
    parameters: &[],
    relations: &[],
    references: &["GPCA 1.1"],
};

impl Property for DoseLimits {
    fn entry(&self) -> &'static CatalogEntry {
        &ENTRY
    }

    fn needs(&self) -> Needs {
        Needs::Pump
    }

    fn judge(&self, truth: &Truth, entry: &Entry<LabRecord>) -> Option<String> {
        let (drug, care_area, rate) = match &entry.what {
            LabRecord::Therapy(TherapyRecord::Delivery {
                change,
                drug,
                care_area,
                ..
            }) => match change {
                DeliveryChange::Started { rate_ml_per_h } => (drug, care_area, *rate_ml_per_h),
                DeliveryChange::RateChanged { to, .. } => (drug, care_area, *to),
                _ => return None,
            },
            // What the patient gets counts, whatever the display says.
            LabRecord::Therapy(TherapyRecord::FlowDiffers {
                drug,
                care_area,
                delivered_ml_per_h,
                ..
            }) => (drug, care_area, *delivered_ml_per_h),
            _ => return None,
        };
        let authority = truth.shared.libraries.iter().max_by_key(|l| l.version)?;
        match authority.check(care_area, drug, rate) {
            LimitVerdict::Hard { limit, .. } => {
                let rate = three_digits(rate);
                Some(format!(
                    "{drug} runs at {rate} mL/h, beyond the pharmacy's hard limit of {limit} mL/h"
                ))
            }
            _ => None,
        }
    }
}
