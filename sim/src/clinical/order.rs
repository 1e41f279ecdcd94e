//! What was ordered and what is dialled in. They differ when somebody errs or interferes.

use crate::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};

use super::drug_library::Concentration;

/// A physician's order for an infusion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(deny_unknown_fields)]
pub struct InfusionOrder {
    /// Number of the order, unique in the lab.
    pub id: u32,
    /// Number of the patient it is for.
    pub patient: u32,
    /// Care area the patient lies in.
    pub care_area: String,
    /// Drug name.
    pub drug: String,
    /// Concentration to be hung.
    pub concentration: Concentration,
    /// Rate, mL/h.
    pub rate_ml_per_h: f64,
    /// Volume to be infused, mL.
    pub vtbi_ml: f64,
    /// Whether it is an intermittent dose: the volume is all there is to give. A continuous infusion goes on until somebody ends it; its
    /// volume says when the pump asks for a nurse.
    #[serde(default)]
    pub dose: bool,
}

/// What is dialled in at a pump. A basic infusion outside the library is a programme whose drug the
/// library does not hold: the pump then has no limits to check (`Refusal` says when it declines).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// The order it carries out, where the pump was told of one.
    pub order: Option<u32>,
    /// Number of the patient, where the pump was told.
    pub patient: Option<u32>,
    /// Care area selected at the pump.
    pub care_area: String,
    /// Drug selected at the pump.
    pub drug: String,
    /// Concentration selected at the pump.
    pub concentration: Concentration,
    /// Rate, mL/h.
    pub rate_ml_per_h: f64,
    /// Volume to be infused, mL.
    pub vtbi_ml: f64,
    /// Who entered it.
    pub entered: Entry,
}

/// Who entered a programme.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// Sent to the pump from an order and confirmed there by a nurse.
    AutoProgrammed,
    /// Dialled in by a nurse.
    ByHand,
}

impl InfusionOrder {
    /// The programme that carries out this order to the letter.
    pub fn programme(&self, entered: Entry) -> Programme {
        Programme {
            order: Some(self.id),
            patient: Some(self.patient),
            care_area: self.care_area.clone(),
            drug: self.drug.clone(),
            concentration: self.concentration.clone(),
            rate_ml_per_h: self.rate_ml_per_h,
            vtbi_ml: self.vtbi_ml,
            entered,
        }
    }
}

impl Programme {
    /// Whether this carries out `order` to the letter: patient, care area, drug, amount per
    /// millilitre, rate and volume.
    pub fn carries_out(&self, order: &InfusionOrder) -> bool {
        self.order == Some(order.id)
            && self.patient == Some(order.patient)
            && self.care_area == order.care_area
            && self.drug == order.drug
            && self.concentration.same_amount(&order.concentration)
            && self.rate_ml_per_h == order.rate_ml_per_h
            && self.vtbi_ml == order.vtbi_ml
    }
}
