//! Records of therapy: what a pump delivers, what it was ordered to.

use super::{Crossing, DeliveryChange, OrderOutcome};
use crate::engine::NodeId;
use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What was ordered, programmed and delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum TherapyRecord {
    /// A command or a fact crossed the bridge between communication module and delivery controller.
    #[record(
        plain,
        passing,
        says(
            "{what} crossed the bridge {way}",
            way = if *to_delivery { "to delivery" } else { "to communication" },
        )
    )]
    Bridge {
        /// What crossed.
        what: Crossing,
        /// Whether it went toward delivery.
        to_delivery: bool,
    },
    /// Delivery changed.
    #[record(
        plain,
        says("{change} ({drug} in {care_area}, {infused_ml:.2} mL so far)")
    )]
    Delivery {
        /// How.
        change: DeliveryChange,
        /// Drug, by its position in the lab's newest library.
        drug: Box<str>,
        /// Care area.
        care_area: Box<str>,
        /// Infused volume so far in mL.
        infused_ml: f64,
    },
    /// An infusion that was to run stands still.
    #[record(absence, says("an infusion that was to run stands still"))]
    InfusionHeld,
    /// A programme was refused by the library's hard limit or for lack of an entry.
    #[record(
        refusal,
        nobody,
        says(
            "refused {drug} at {rate_ml_per_h} mL/h: {why}",
            why = match limit {
                Some(limit) => format!("the hard limit is {limit} mL/h"),
                None => "the library has no entry for it".to_owned(),
            },
        )
    )]
    ProgrammeRefused {
        /// Drug.
        drug: String,
        /// Rate dialled in, in mL/h.
        rate_ml_per_h: f64,
        /// Hard limit that held, in mL/h.
        #[record(unit = "mL/h")]
        limit: Option<f64>,
    },
    /// A soft limit was overridden.
    #[record(plain, says("soft limit overridden: {drug} at {rate_ml_per_h} mL/h"))]
    LimitOverridden {
        /// Drug.
        drug: String,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
    },
    /// What reaches the patient differs from what the pump displays by more than the pump's flow error may.
    #[record(
        plain,
        says(
            "{drug} runs at {delivered_ml_per_h:.2} mL/h, the display says {displayed_ml_per_h:.2} mL/h"
        )
    )]
    FlowDiffers {
        /// Drug.
        drug: Box<str>,
        /// Care area.
        care_area: Box<str>,
        /// Displayed rate in mL/h.
        displayed_ml_per_h: f64,
        /// True rate in mL/h.
        delivered_ml_per_h: f64,
    },
    /// A nurse compared a pump with the chart, and they differ.
    #[record(
        refusal,
        item = Some(*item),
        says(
            "a nurse questions {rate_ml_per_h} mL/h: {chart} ({item})",
            chart = match charted_ml_per_h {
                Some(rate) => format!("the chart says {rate} mL/h"),
                None => "the chart has no order".to_owned(),
            },
        )
    )]
    OrderQuestioned {
        /// What the pump shows or runs, in mL/h.
        rate_ml_per_h: f64,
        /// What the chart says, in mL/h; none where it has no order.
        charted_ml_per_h: Option<f64>,
        /// The rule that asked for the second look.
        item: ItemId,
    },
    /// A pump was taken out of service; another does its work.
    #[record(plain, says("taken out of service, {by} does its work"))]
    PumpReplaced {
        /// The other.
        by: NodeId,
    },
    /// A pump server did not pass an order on.
    #[record(refusal, nobody, says("does not pass order {order} on: {reason}"))]
    OrderRefused {
        /// Order number.
        order: u32,
        /// Why.
        reason: String,
    },
    /// A health record learned what became of its order, or gave up asking.
    #[record(plain, says("{answer}", answer = answer(*order, outcome)))]
    OrderAnswered {
        /// Order number.
        order: u32,
        /// What became of it.
        outcome: OrderOutcome,
    },
    /// A health record was told what a pump does.
    #[record(plain, says("keeps that {pump} runs at {rate_ml_per_h} mL/h"))]
    ObservationStored {
        /// Pump.
        pump: NodeId,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
    },
    /// An order reached a pump.
    #[record(plain, says("received order {order}: {rate_ml_per_h} mL/h"))]
    OrderAtPump {
        /// Order number.
        order: u32,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
    },
}

fn answer(order: u32, outcome: &OrderOutcome) -> String {
    match outcome {
        OrderOutcome::Taken => format!("learned that order {order} waits at the pump"),
        OrderOutcome::Refused { reason } => {
            format!("learned that order {order} is refused: {reason}")
        }
        OrderOutcome::Unknown => format!("nobody says what became of order {order}"),
    }
}
