//! Programmes: what is accepted, what runs, how it ends.

use super::*;

#[test]
fn a_programme_runs_to_its_volume_and_then_keeps_the_vein_open() {
    let mut pump = infusing(DeliveryConfig::default(), 60.0, 30.0);
    near(pump.infused_ml(secs(600)), 10.0);
    near(pump.remaining_ml(secs(600)), 20.0);
    let complete = vec![
        Event::VtbiComplete,
        Event::EnteredKvo,
        Event::Alarm(Kind::VtbiComplete),
    ];
    assert_eq!(next(&mut pump), (secs(1800), complete));
    assert_eq!((pump.state(), pump.rate_now()), (State::Kvo, 3.0));
    near(pump.infused_ml(secs(1800 + 3600)), 33.0);
    near(pump.counted_ml(secs(1800 + 3600)), 30.0);
    assert_eq!(pump.remaining_ml(secs(1800 + 3600)), 0.0);
    assert_eq!(
        pump.stop(secs(5400)).unwrap()[..],
        [
            Event::Stopped,
            Event::ProgrammeEnded,
            Event::AlarmCleared(Kind::VtbiComplete)
        ]
    );
    near(pump.infused_ml(secs(90_000)), 33.0);
}

#[test]
fn the_kvo_rate_is_never_above_the_rate_before() {
    let mut pump = infusing(DeliveryConfig::default(), 1.5, 1.0);
    next(&mut pump);
    assert_eq!((pump.state(), pump.rate_now()), (State::Kvo, 1.5));
    pump.pause(secs(3000)).unwrap();
    pump.resume(secs(3001)).unwrap();
    assert_eq!((pump.state(), pump.rate_now()), (State::Kvo, 1.5));
}

#[test]
fn a_kvo_rate_that_makes_no_sense_is_not_taken_from_the_library() {
    for nonsense in [f64::NAN, -1.0, 0.0, 1e9] {
        let mut library = library();
        library.entries[0].kvo_ml_per_h = nonsense;
        let mut pump = on(DeliveryConfig::default());
        pump.programme(Time::ZERO, &library, programme(60.0, 1.0), false)
            .unwrap();
        pump.start(Time::ZERO).unwrap();
        next(&mut pump);
        assert_eq!(pump.rate_now(), 5.0);
    }
}

#[test]
fn overinfusion_by_a_rate_too_high_is_mitigated_by_the_library() {
    let mut pump = on(DeliveryConfig::default());
    let reason = RefusalReason::HardLimit {
        rate_ml_per_h: 600.0,
        limit: 120.0,
    };
    let refusal = pump
        .programme(Time::ZERO, &library(), programme(600.0, 30.0), true)
        .unwrap_err();
    assert_eq!(refusal.reason, reason);
    assert_eq!(refusal.events[..], [Event::ProgrammeRefused { reason }]);
    assert_eq!(pump.state(), State::Standby);

    let reason = RefusalReason::SoftLimit {
        rate_ml_per_h: 100.0,
        limit: 60.0,
    };
    let refusal = pump
        .programme(Time::ZERO, &library(), programme(100.0, 30.0), false)
        .unwrap_err();
    assert_eq!(refusal.reason, reason);
    let outcome = pump
        .programme(Time::ZERO, &library(), programme(100.0, 30.0), true)
        .unwrap();
    assert_eq!(outcome.verdict, LimitVerdict::Soft { limit: 60.0 });
    let overridden = Event::SoftLimitOverridden {
        rate_ml_per_h: 100.0,
        limit: 60.0,
    };
    assert_eq!(outcome.events[..], [overridden, Event::Programmed]);
}

#[test]
fn a_rate_change_meets_the_same_limits_and_the_weak_door_meets_none() {
    let mut pump = infusing(DeliveryConfig::default(), 30.0, 200.0);
    let refusal = pump
        .change_rate(secs(60), &library(), 300.0, true)
        .unwrap_err();
    assert_eq!(
        refusal.reason,
        RefusalReason::HardLimit {
            rate_ml_per_h: 300.0,
            limit: 120.0
        }
    );
    assert_eq!(pump.rate_now(), 30.0);
    let outcome = pump
        .change_rate(secs(3600), &library(), 60.0, false)
        .unwrap();
    assert_eq!(
        outcome.events[..],
        [Event::RateChanged {
            from: 30.0,
            to: 60.0
        }]
    );
    let events = pump.set_rate_unchecked(secs(7200), 300.0).unwrap();
    assert_eq!(
        events[..],
        [Event::RateChanged {
            from: 60.0,
            to: 300.0
        }]
    );
    near(pump.infused_ml(secs(7200 + 360)), 30.0 + 60.0 + 30.0);
    for rate_ml_per_h in [f64::NAN, -5.0, 0.0, 1200.1, f64::INFINITY] {
        let refusal = pump
            .set_rate_unchecked(secs(7300), rate_ml_per_h)
            .unwrap_err();
        assert!(matches!(
            refusal.reason,
            RefusalReason::RateOutOfRange { .. }
        ));
    }
}

#[test]
fn outside_the_library_only_hands_may_run_a_drug_and_only_where_allowed() {
    let basic = Programme {
        drug: "basic".to_owned(),
        ..programme(600.0, 30.0)
    };
    let auto = Programme {
        entered: Entry::AutoProgrammed,
        ..basic.clone()
    };
    let strict = DeliveryConfig {
        basic_infusion_allowed: false,
        ..DeliveryConfig::default()
    };
    let dial = |config, programme: &Programme| {
        on(config)
            .programme(Time::ZERO, &library(), programme.clone(), false)
            .map_err(|refusal| refusal.reason)
    };
    let outcome = dial(DeliveryConfig::default(), &basic).unwrap();
    assert_eq!(outcome.verdict, LimitVerdict::NotInLibrary);
    assert_eq!(
        dial(DeliveryConfig::default(), &auto),
        Err(RefusalReason::NotInLibrary)
    );
    assert_eq!(dial(strict, &basic), Err(RefusalReason::NotInLibrary));
    let wrong = Programme {
        concentration: amount(1.0),
        ..programme(30.0, 30.0)
    };
    assert_eq!(
        dial(DeliveryConfig::default(), &wrong),
        Err(RefusalReason::ConcentrationNotInLibrary)
    );
}

#[test]
fn a_programme_that_an_alarm_caught_before_its_start_still_needs_one() {
    let mut pump = on(DeliveryConfig::default());
    pump.unplug(Time::ZERO);
    pump.programme(Time::ZERO, &library(), programme(30.0, 100.0), false)
        .unwrap();
    let empty = secs(6 * 3600);
    pump.on_deadline(empty);
    assert_eq!(pump.state(), State::Alarming);
    pump.plug_in(empty);
    assert_eq!(pump.state(), State::Programming);
    assert!(pump.resume(empty).is_err());
    pump.start(empty).unwrap();
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused() {
    let config = DeliveryConfig {
        flow_error: 0.2,
        ..DeliveryConfig::default()
    };
    assert_eq!(
        Delivery::new(config).unwrap_err().to_string(),
        "flow_error is 0.2, but must lie between -0.05 and 0.05"
    );
    let config = DeliveryConfig {
        hold_max: Duration::ZERO,
        ..DeliveryConfig::default()
    };
    assert_eq!(
        Delivery::new(config),
        Err(ConfigError::ZeroDuration { field: "hold_max" })
    );
}
