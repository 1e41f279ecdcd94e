//! What nurses do in a run is what the page says that they do in the field.

use crate::pages::named;
use pumplab_scenarios::Library;
use pumplab_sim::engine::Budget;
use pumplab_sim::record::{AlarmRecord, DeliveryChange, LabRecord, TherapyRecord};
use pumplab_sim::run::{Outcome, RunConfig, run};
use pumplab_sim::spec::{EventSpec, HappeningSpec, LabSpec, PlaySpec};
use pumplab_sim::time::Duration;

const HOURS: u64 = 12;

/// Twelve hours of the bare ward in which lines kink on one side, and a nurse programmes all the time on the other.
fn busy_day() -> Outcome {
    let mut lab: LabSpec = Library::embedded().lab("ward").expect("it is there").spec;
    for host in lab.pumps_mut() {
        for role in &mut host.roles {
            if let pumplab_sim::spec::RoleSpec::Pump(pump) = role {
                pump.infusion = Some(pumplab_sim::spec::InfusionSpec {
                    patient: 1,
                    care_area: "Med-Surg".to_owned(),
                    drug: "saline".to_owned(),
                    rate_ml_per_h: 100.0,
                    vtbi_ml: 9000.0,
                    dose: false,
                    bag_ml: 9000.0,
                    start: Duration::from_mins(1),
                });
            }
        }
    }
    let seconds = HOURS * 3600;
    let mut events = Vec::new();
    for (n, at) in (300..seconds - 3600).step_by(100).enumerate() {
        let what = HappeningSpec::Occlude {
            pump: format!("pump-{:02}", n % 6 + 1),
        };
        events.push((at, what));
    }
    for (n, at) in (300..seconds - 60).step_by(20).enumerate() {
        let what = HappeningSpec::Programme {
            pump: format!("pump-{:02}", n % 6 + 7),
            care_area: "Med-Surg".to_owned(),
            drug: "saline".to_owned(),
            rate_ml_per_h: 100.0,
            intended_ml_per_h: None,
            vtbi_ml: 9000.0,
            dose: false,
            override_soft: true,
        };
        events.push((at, what));
    }
    let events = events.into_iter().map(|(at, what)| EventSpec {
        at: Duration::from_secs(at),
        what,
    });
    let play = PlaySpec {
        duration: Duration::from_secs(seconds),
        attackers: Vec::new(),
        events: events.collect(),
    };
    run(&RunConfig {
        seed: 1,
        lab,
        play,
        budget: Budget::default(),
        keep_trace: true,
    })
    .expect("it can be built")
}

#[test]
fn answers_and_slips_of_a_run_come_as_often_as_published() {
    let outcome = busy_day();
    let trace = outcome.trace.as_ref().expect("a trace was kept");
    let answers: Vec<f64> = trace
        .entries
        .iter()
        .filter_map(|e| match e.what {
            LabRecord::Alarm(AlarmRecord::AlarmAnswered { after, .. }) => Some(after.as_secs_f64()),
            _ => None,
        })
        .collect();
    let fast = answers.iter().filter(|s| **s <= 68.0).count();
    let share = fast as f64 / answers.len() as f64;
    assert!(answers.len() > 150, "{} alarms", answers.len());
    assert!((0.50..0.72).contains(&share), "{share} within 68 s");
    let (mut tried, mut wrong) = (0, 0);
    for e in &trace.entries {
        let rate = match e.what {
            LabRecord::Therapy(TherapyRecord::ProgrammeRefused { rate_ml_per_h, .. }) => {
                rate_ml_per_h
            }
            LabRecord::Therapy(TherapyRecord::Delivery {
                change: DeliveryChange::Started { rate_ml_per_h },
                ..
            }) => rate_ml_per_h,
            _ => continue,
        };
        tried += 1;
        wrong += u32::from((rate - 100.0).abs() > 1e-6);
    }
    let share = f64::from(wrong) / f64::from(tried);
    assert!(tried > 2000, "{tried} programmings");
    assert!((0.003..0.012).contains(&share), "{share} slips");
    let page = named("docs/models/nurses.md").text;
    assert!(page.contains("within 68 s") && page.contains("0.007"));
}
