//! Orders cross HL7 links once, and their sender learns what became of them, whatever breaks in between.

use pumplab_sim::record::{LabRecord, OrderOutcome, TherapyRecord};
use pumplab_sim::spec::{EventSpec, HappeningSpec};
use pumplab_sim::time::{Duration, Time};
use pumplab_tests::{Told, under};

const PUMP: &str = "pump-03";

/// A shift in which PUMP is ordered its own rate times `factor` after a minute, with these further events.
fn ordered(defence: &str, factor: f64, further: Vec<EventSpec>) -> Told {
    let mut cell = under("shift-change", defence, &[]);
    let mut pumps = cell.lab.pumps();
    let (_, pump) = pumps.find(|(h, _)| h.name == PUMP).expect("it is there");
    let infusion = pump.infusion.clone().expect("it infuses");
    drop(pumps);
    let order = EventSpec {
        at: Duration::from_secs(60),
        what: HappeningSpec::Order {
            pump: PUMP.to_owned(),
            care_area: infusion.care_area,
            drug: infusion.drug,
            rate_ml_per_h: infusion.rate_ml_per_h * factor,
            vtbi_ml: infusion.vtbi_ml,
            dose: false,
        },
    };
    let others = |e: &EventSpec| !matches!(e.what, HappeningSpec::Order { .. });
    cell.play.events.retain(others);
    cell.play.events.push(order);
    cell.play.events.extend(further);
    cell.play.events.sort_by_key(|e| e.at);
    Told::of(cell)
}

fn reached(told: &Told) -> Vec<Time> {
    let entries = told.trace().entries.iter();
    let at = |e: &&pumplab_sim::engine::Entry<LabRecord>| {
        matches!(
            e.what,
            LabRecord::Therapy(TherapyRecord::OrderAtPump { .. })
        )
    };
    entries.filter(at).map(|e| e.time).collect()
}

fn learned(told: &Told) -> Vec<OrderOutcome> {
    let entries = told.trace().entries.iter();
    let learned = entries.filter_map(|e| match &e.what {
        LabRecord::Therapy(TherapyRecord::OrderAnswered { outcome, .. }) => Some(outcome.clone()),
        _ => None,
    });
    learned.collect()
}

#[test]
fn an_order_whose_answer_is_lost_is_repeated_answered_again_and_shown_once() {
    for defence in ["legacy", "sp1800-8"] {
        let whole = ordered(defence, 1.1, Vec::new());
        assert_eq!(learned(&whole), [OrderOutcome::Taken], "{defence}");
        let [at] = reached(&whole)[..] else {
            panic!("{defence}: {:?}", reached(&whole))
        };
        // The record is off when the answer comes, and on again later.
        let node = || "ehr".to_owned();
        let off = EventSpec {
            at: at - Time::ZERO + Duration::from_nanos(1),
            what: HappeningSpec::PowerOff { node: node() },
        };
        let on = EventSpec {
            at: off.at + Duration::from_secs(40),
            what: HappeningSpec::PowerOn { node: node() },
        };
        let cut = ordered(defence, 1.1, vec![off, on]);
        assert_eq!(reached(&cut), [at], "{defence}: it is shown once");
        assert_eq!(learned(&cut), [OrderOutcome::Taken], "{defence}");
    }
}

#[test]
fn an_order_that_no_pump_would_run_goes_to_none_and_whoever_ordered_learns_why() {
    let told = ordered("legacy", 1000.0, Vec::new());
    assert_eq!(reached(&told), []);
    let learned = learned(&told);
    let [OrderOutcome::Refused { reason }] = &learned[..] else {
        panic!("{learned:?}")
    };
    assert!(reason.contains("beyond the hard limit"), "{reason}");
}

#[test]
fn an_order_that_nobody_answers_is_given_up_and_says_that_nothing_is_known() {
    let off = EventSpec {
        at: Duration::from_secs(59),
        what: HappeningSpec::PowerOff {
            node: PUMP.to_owned(),
        },
    };
    let told = ordered("legacy", 1.1, vec![off]);
    assert_eq!(reached(&told), []);
    // The server still believes the pump to be there, and waits for it; or it knows better, and says so.
    let learned = learned(&told);
    assert!(
        matches!(
            learned[..],
            [OrderOutcome::Unknown] | [OrderOutcome::Refused { .. }]
        ),
        "{learned:?}"
    );
}
