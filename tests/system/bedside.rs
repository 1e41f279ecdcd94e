//! What nurses do at the end of a volume.

use pumplab_sim::record::{DeliveryChange, LabRecord, TherapyRecord};
use pumplab_sim::spec::{EventSpec, HappeningSpec, ParamValue, PlaceSpec};
use pumplab_sim::time::Duration;
use pumplab_tests::{Told, under};

/// The ward under no attack for as long, with what happens there.
fn ward(hours: u64, events: Vec<(u64, HappeningSpec)>) -> Told {
    let mut cell = under("silent-pumps", "bare", &[]);
    let play = &mut cell.play;
    play.attackers.clear();
    play.duration = Duration::from_hours(hours);
    play.events = events
        .into_iter()
        .map(|(mins, what)| EventSpec {
            at: Duration::from_mins(mins),
            what,
        })
        .collect();
    Told::of(cell)
}

/// What a pump's delivery did, in the order of the trace, each with what has reached the patient by then.
fn deliveries(told: &Told, pump: &str) -> Vec<(DeliveryChange, f64)> {
    let trace = told.trace();
    let named = |n: pumplab_sim::engine::NodeId| trace.nodes[n.index()] == pump;
    let of_pump = trace.entries.iter().filter(|e| named(e.node));
    of_pump
        .filter_map(|e| match &e.what {
            LabRecord::Therapy(TherapyRecord::Delivery {
                change, infused_ml, ..
            }) => Some((*change, *infused_ml)),
            _ => None,
        })
        .collect()
}

fn starts(changes: &[(DeliveryChange, f64)]) -> usize {
    let started = |c: &&(DeliveryChange, f64)| matches!(c.0, DeliveryChange::Started { .. });
    changes.iter().filter(started).count()
}

#[test]
fn a_dose_is_given_once_and_an_infusion_goes_on() {
    let told = ward(8, Vec::new());
    for (pump, dose_ml) in [("pump-05", 150.0), ("pump-08", 100.0)] {
        let changes = deliveries(&told, pump);
        assert_eq!(starts(&changes), 1, "{pump}: {changes:?}");
        let (last, infused_ml) = changes.last().expect("it ran");
        assert!(matches!(last, DeliveryChange::Stopped), "{pump}: {last:?}");
        let over = infused_ml / dose_ml - 1.0;
        assert!(over.abs() < 0.06, "{pump}: {infused_ml} mL of {dose_ml} mL");
    }
    // Saline goes on, volume by volume, out of the one bag as long as that holds a volume: three times after the first.
    let saline = deliveries(&told, "pump-04");
    assert!(starts(&saline) >= 3, "{saline:?}");
    let bags = saline
        .iter()
        .position(|c| matches!(c.0, DeliveryChange::NewBag));
    let hung = bags.map(|i| saline[i].1);
    assert!(
        hung.is_none_or(|ml| ml > 740.0),
        "a bag too early: {hung:?} mL"
    );
}

#[test]
fn a_pump_in_the_place_of_another_does_not_give_a_dose_that_was_given() {
    let recall = |mins| {
        let what = HappeningSpec::ReplacePump {
            pump: "pump-05".to_owned(),
            by: "pump-12".to_owned(),
        };
        ward(4, vec![(mins, what)])
    };
    // The dose runs for three quarters of an hour from the fifth minute on.
    assert_eq!(
        starts(&deliveries(&recall(30), "pump-12")),
        1,
        "in the middle of it"
    );
    assert_eq!(starts(&deliveries(&recall(180), "pump-12")), 0, "after it");
}

#[test]
fn a_nurse_does_not_give_again_what_nobody_ordered() {
    let mut cell = under("insider-at-the-bedside", "legacy", &[]);
    cell.play.duration = Duration::from_hours(3);
    let visitor = &mut cell.play.attackers[0];
    visitor.at = PlaceSpec::Bedside("pump-12".to_owned());
    let with = &mut visitor.steps[0].with;
    with.insert("device".to_owned(), ParamValue::Text("pump-12".to_owned()));
    with.insert("vtbi_ml".to_owned(), ParamValue::Float(3.0));
    let changes = deliveries(&Told::of(cell), "pump-12");
    assert_eq!(starts(&changes), 1, "{changes:?}");
    let ended = changes.last().map(|(change, _)| *change);
    assert_eq!(ended, Some(DeliveryChange::Stopped));
}
