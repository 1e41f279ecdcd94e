//! A day on the ward.

use pumplab_sim::engine::End;
use pumplab_sim::run::run;
use pumplab_sim::time::Duration;
use pumplab_tests::{config, under};

#[test]
fn a_day_without_an_attacker_loses_nothing() {
    let cell = under("radius-outage", "sp1800-8", &[]);
    let mut config = config(&cell, false);
    config.play.attackers.clear();
    config.play.events.clear();
    config.play.duration = Duration::from_hours(24);
    let outcome = run(&config).expect("the ward can be built");
    assert_eq!(outcome.end, End::Horizon);
    assert!(outcome.events > 200_000, "{} events", outcome.events);
    assert_eq!(outcome.violations, [], "a quiet day");
    for nothing in [
        "log-entries-lost",
        "log-duplicates",
        "alarms-undelivered",
        "records-exposed",
    ] {
        assert_eq!(outcome.metrics[nothing], 0.0, "{nothing}");
    }
    assert!(outcome.metrics["alarms-raised"] > 0.0, "bags run empty");
}
