//! What pumps tell of libraries and of therapy.

use crate::report::words::{self, Words};
use pumplab_sim::record::{DeliveryChange, LabRecord, OrderOutcome};

pub(super) fn library(words: &Words, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::LibraryPublished { version, .. } => {
            format!("publishes drug library {version} to its pumps")
        }
        LabRecord::LibraryRefused {
            version,
            from,
            why,
            item,
        } => format!(
            "refused drug library {version} from {}: {} ({})",
            words.ip(*from),
            words::library_fault(*why),
            words.item(*item)
        ),
        LabRecord::LibraryStored {
            version,
            digest,
            from,
        } => format!(
            "stored drug library {version} ({digest:016x}) from {}",
            words.ip(*from)
        ),
        LabRecord::LibraryActivated { version, digest } => {
            format!("now runs drug library {version} ({digest:016x})")
        }
        LabRecord::Bridge { what, to_delivery } => {
            let way = if *to_delivery {
                "to delivery"
            } else {
                "to communication"
            };
            format!("{what} crossed the bridge {way}")
        }
        _ => return None,
    })
}

pub(super) fn therapy(words: &Words, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::Delivery {
            change,
            drug,
            care_area,
            infused_ml,
        } => format!(
            "{} ({drug} in {care_area}, {infused_ml:.2} mL so far)",
            delivery(*change)
        ),
        LabRecord::InfusionHeld => "an infusion that was to run stands still".to_owned(),
        LabRecord::ProgrammeRefused {
            drug,
            rate_ml_per_h,
            limit,
        } => {
            let why = limit.map_or_else(
                || "the library has no entry for it".to_owned(),
                |l| format!("the hard limit is {l} mL/h"),
            );
            format!("refused {drug} at {rate_ml_per_h} mL/h: {why}")
        }
        LabRecord::LimitOverridden {
            drug,
            rate_ml_per_h,
        } => format!("soft limit overridden: {drug} at {rate_ml_per_h} mL/h"),
        LabRecord::OrderQuestioned {
            rate_ml_per_h,
            charted_ml_per_h,
            item,
        } => {
            let chart = charted_ml_per_h.map_or_else(
                || "the chart has no order".to_owned(),
                |rate| format!("the chart says {rate} mL/h"),
            );
            format!(
                "a nurse questions {rate_ml_per_h} mL/h: {chart} ({})",
                words.item(*item)
            )
        }
        LabRecord::PumpReplaced { by } => {
            format!("taken out of service, {} does its work", words.node(*by))
        }
        LabRecord::OrderRefused { order, reason } => {
            format!("does not pass order {order} on: {reason}")
        }
        LabRecord::OrderAnswered { order, outcome } => match outcome {
            OrderOutcome::Taken => format!("learned that order {order} waits at the pump"),
            OrderOutcome::Refused { reason } => {
                format!("learned that order {order} is refused: {reason}")
            }
            OrderOutcome::Unknown => format!("nobody says what became of order {order}"),
        },
        LabRecord::ObservationStored {
            pump,
            rate_ml_per_h,
        } => format!(
            "keeps that {} runs at {rate_ml_per_h} mL/h",
            words.node(*pump)
        ),
        LabRecord::OrderAtPump {
            order,
            rate_ml_per_h,
        } => format!("received order {order}: {rate_ml_per_h} mL/h"),
        _ => return None,
    })
}

fn delivery(change: DeliveryChange) -> String {
    match change {
        DeliveryChange::Started { rate_ml_per_h } => {
            format!("infusion began at {rate_ml_per_h} mL/h")
        }
        DeliveryChange::RateChanged { from, to } => {
            format!("rate changed from {from} to {to} mL/h")
        }
        DeliveryChange::Interrupted => "infusion was interrupted".to_owned(),
        DeliveryChange::Resumed => "infusion goes on".to_owned(),
        DeliveryChange::Kvo => "volume is in, keeping the vein open".to_owned(),
        DeliveryChange::Stopped => "infusion was ended".to_owned(),
        DeliveryChange::NewBag => "bag was changed".to_owned(),
    }
}
