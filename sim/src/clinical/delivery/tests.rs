//! Tests of the delivery controller, and what they share.

mod hazard;
mod programme;
mod property;

use super::*;
use crate::clinical::drug_library::{
    AmountUnit, Concentration, DrugLibrary, LibraryEntry, LimitVerdict, Limits,
};
use crate::clinical::order::Entry;
use crate::time::Duration;

use AlarmKind as Kind;
use DeliveryEvent as Event;
use DeliveryState as State;

fn amount(per_ml: f64) -> Concentration {
    Concentration {
        text: "10 mg/mL".to_owned(),
        per_ml,
        unit: AmountUnit::Mg,
    }
}

fn library() -> DrugLibrary {
    DrugLibrary {
        version: 1,
        entries: vec![LibraryEntry {
            care_area: "ICU".to_owned(),
            drug: "propofol".to_owned(),
            concentration: amount(10.0),
            limits: Limits {
                hard_min: Some(1.0),
                soft_min: Some(2.0),
                soft_max: Some(60.0),
                hard_max: Some(120.0),
            },
            kvo_ml_per_h: 3.0,
            high_alert: true,
        }],
    }
}

fn programme(rate_ml_per_h: f64, vtbi_ml: f64) -> Programme {
    Programme {
        order: None,
        patient: Some(4),
        care_area: "ICU".to_owned(),
        drug: "propofol".to_owned(),
        concentration: amount(10.0),
        rate_ml_per_h,
        vtbi_ml,
        entered: Entry::ByHand,
    }
}

fn secs(secs: u64) -> Time {
    Time::ZERO + Duration::from_secs(secs)
}

/// A pump in standby.
fn on(config: DeliveryConfig) -> Delivery {
    let mut pump = Delivery::new(config).expect("the configuration makes sense");
    assert_eq!(pump.power_on(Time::ZERO).unwrap()[..], [Event::PoweredOn]);
    pump
}

/// A pump that infuses since time zero.
fn infusing(config: DeliveryConfig, rate_ml_per_h: f64, vtbi_ml: f64) -> Delivery {
    let mut pump = on(config);
    let outcome = pump.programme(
        Time::ZERO,
        &library(),
        programme(rate_ml_per_h, vtbi_ml),
        true,
    );
    assert!(outcome.is_ok());
    assert_eq!(pump.start(Time::ZERO).unwrap()[..], [Event::Started]);
    pump
}

/// Goes to the next deadline and returns when it was and what it brought.
fn next(pump: &mut Delivery) -> (Time, Vec<Event>) {
    let due = pump.next_deadline(Time::ZERO).expect("something falls due");
    (due, pump.on_deadline(due).to_vec())
}

#[track_caller]
fn near(left: f64, right: f64) {
    assert!(
        (left - right).abs() <= 1e-9 * (1.0 + right.abs()),
        "{left} is not {right}"
    );
}
