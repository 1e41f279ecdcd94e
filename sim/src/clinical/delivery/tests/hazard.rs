//! Hazards: each is answered by its alarm, in its time.

use super::*;

#[test]
fn a_true_flow_beside_the_rate_empties_the_bag_early_but_not_the_count() {
    let config = DeliveryConfig {
        flow_error: 0.05,
        bag_ml: 105.0,
        near_end_ml: 0.0,
        ..DeliveryConfig::default()
    };
    let mut pump = infusing(config, 100.0, 200.0);
    near(pump.flow_now(), 105.0);
    near(pump.counted_ml(secs(1800)), 50.0);
    near(pump.infused_ml(secs(1800)), 52.5);
    let (due, events) = next(&mut pump);
    near(due.as_secs_f64(), 3600.0);
    assert_eq!(
        events,
        [
            Event::Alarm(Kind::NearEndOfInfusion),
            Event::Alarm(Kind::BagEmpty),
            Event::Stopped
        ]
    );
    near(pump.counted_ml(due), 100.0);
}

#[test]
fn an_empty_bag_warns_first_then_stops_until_a_new_one_hangs() {
    let config = DeliveryConfig {
        bag_ml: 40.0,
        ..DeliveryConfig::default()
    };
    let mut pump = infusing(config, 60.0, 200.0);
    assert_eq!(
        next(&mut pump),
        (secs(1800), vec![Event::Alarm(Kind::NearEndOfInfusion)])
    );
    assert_eq!(
        next(&mut pump),
        (
            secs(2400),
            vec![Event::Alarm(Kind::BagEmpty), Event::Stopped]
        )
    );
    assert_eq!((pump.state(), pump.flow_now()), (State::Alarming, 0.0));
    assert_eq!(pump.next_deadline(secs(2400)), None);
    let events = pump.new_bag(secs(3000), 100.0).unwrap();
    assert_eq!(
        events[..],
        [
            Event::AlarmCleared(Kind::NearEndOfInfusion),
            Event::AlarmCleared(Kind::BagEmpty),
            Event::Paused
        ]
    );
    pump.resume(secs(3060)).unwrap();
    near(pump.infused_ml(secs(3120)), 41.0);
    assert!(pump.new_bag(secs(3120), f64::NAN).is_err());
}

/// The worked case of the model page: 12 mL/h against 0.010 mL/kPa from 15 to 85 kPa takes 210 s.
#[test]
fn a_downstream_occlusion_alarms_by_compliance_and_leaves_a_bounded_bolus() {
    let mut pump = infusing(DeliveryConfig::default(), 12.0, 100.0);
    assert!(pump.occlude(secs(100)).is_empty());
    assert_eq!((pump.rate_now(), pump.flow_now()), (12.0, 0.0));
    let before = pump.infused_ml(secs(100));
    let (due, events) = next(&mut pump);
    near(due.as_secs_f64(), 310.0);
    assert_eq!(
        events,
        [Event::Alarm(Kind::OcclusionDownstream), Event::Stopped]
    );
    near(pump.infused_ml(due), before);
    let events = pump.clear_occlusion(secs(400));
    let [
        Event::PostOcclusionBolus { volume_ml },
        Event::AlarmCleared(Kind::OcclusionDownstream),
        Event::Paused,
    ] = events[..]
    else {
        panic!("{events:?}");
    };
    near(volume_ml, 0.5);
    near(pump.infused_ml(secs(400)), before + 0.5);
    assert_eq!(pump.state(), State::Paused);
}

/// Published occlusion times of a small pump at three rates agree with one stored volume.
#[test]
fn occlusion_times_scale_with_the_inverse_of_the_rate() {
    let occlusion = OcclusionConfig {
        compliance_ml_per_kpa: 0.006,
        ..OcclusionConfig::default()
    };
    let config = DeliveryConfig {
        occlusion,
        ..DeliveryConfig::default()
    };
    let mut library = library();
    library.entries[0].limits = Limits::default();
    for (rate, published_mins) in [(0.1, 300.0), (0.5, 50.0), (5.0, 5.0)] {
        let mut pump = on(config);
        pump.programme(Time::ZERO, &library, programme(rate, 100.0), false)
            .unwrap();
        pump.start(Time::ZERO).unwrap();
        pump.occlude(Time::ZERO);
        let mins = next(&mut pump).0.as_secs_f64() / 60.0;
        assert!(
            (mins / published_mins - 1.0).abs() < 0.2,
            "{rate} mL/h: {mins} min"
        );
    }
}

#[test]
fn air_and_an_open_door_stop_delivery_and_forbid_to_begin() {
    type Fact = fn(&mut Delivery, Time) -> Events;
    let cases: [(Fact, Fact, Kind); 2] = [
        (Delivery::air_in_line, Delivery::clear_air, Kind::AirInLine),
        (Delivery::open_door, Delivery::close_door, Kind::DoorOpen),
    ];
    for (begin, end, kind) in cases {
        let mut pump = infusing(DeliveryConfig::default(), 60.0, 100.0);
        assert_eq!(
            begin(&mut pump, secs(60))[..],
            [Event::Alarm(kind), Event::Stopped]
        );
        assert_eq!(
            pump.stop(secs(61)).unwrap()[..],
            [Event::ProgrammeEnded, Event::AlarmCleared(kind)]
        );
        pump.programme(secs(62), &library(), programme(30.0, 100.0), false)
            .unwrap();
        let refusal = pump.start(secs(63)).unwrap_err();
        assert_eq!(refusal.reason, RefusalReason::ConditionPresent(kind));
        assert!(end(&mut pump, secs(64)).is_empty());
        pump.start(secs(65)).unwrap();
        begin(&mut pump, secs(66));
        assert_eq!(
            end(&mut pump, secs(67))[..],
            [Event::AlarmCleared(kind), Event::Paused]
        );
        pump.resume(secs(68)).unwrap();
        near(pump.infused_ml(secs(68)), 1.0 + 30.0 / 3600.0);
    }
}

#[test]
fn a_pause_that_is_forgotten_alarms_and_a_resume_ends_it() {
    let mut pump = infusing(DeliveryConfig::default(), 60.0, 100.0);
    assert_eq!(pump.pause(secs(60)).unwrap()[..], [Event::Paused]);
    assert_eq!(
        next(&mut pump),
        (secs(180), vec![Event::Alarm(Kind::HoldExpired)])
    );
    assert!(pump.is_audible());
    assert_eq!(pump.silence(secs(190)).unwrap()[..], [Event::Silenced]);
    assert!(!pump.is_audible() && pump.alarms().contains(Kind::HoldExpired));
    let events = pump.resume(secs(200)).unwrap();
    assert_eq!(
        events[..],
        [Event::Resumed, Event::AlarmCleared(Kind::HoldExpired)]
    );
    near(pump.infused_ml(secs(260)), 2.0);
}

#[test]
fn a_battery_warns_empties_and_recovers_on_mains() {
    let config = DeliveryConfig {
        bag_ml: 1000.0,
        ..DeliveryConfig::default()
    };
    let mut pump = infusing(config, 60.0, 900.0);
    pump.unplug(secs(3600));
    let hours = |hours: f64| Time::ZERO + Duration::from_secs_f64(hours * 3600.0);
    assert_eq!(
        next(&mut pump),
        (hours(6.5), vec![Event::Alarm(Kind::BatteryLow)])
    );
    assert_eq!(
        next(&mut pump),
        (
            hours(7.0),
            vec![Event::Alarm(Kind::BatteryEmpty), Event::Stopped]
        )
    );
    assert!(!pump.is_powered());
    assert!(pump.stop(hours(7.0)).is_err() && pump.resume(hours(7.0)).is_err());
    assert_eq!(pump.battery_fraction(hours(7.5)), Some(0.0));
    let events = pump.plug_in(hours(8.0));
    assert_eq!(
        events[..],
        [
            Event::AlarmCleared(Kind::BatteryLow),
            Event::AlarmCleared(Kind::BatteryEmpty),
            Event::Paused
        ]
    );
    near(pump.battery_fraction(hours(13.0)).unwrap(), 0.5);
    pump.resume(hours(8.0)).unwrap();
    near(pump.infused_ml(hours(9.0)), 480.0);
}

#[test]
fn without_a_battery_unplugging_ends_everything() {
    let config = DeliveryConfig {
        battery: None,
        ..DeliveryConfig::default()
    };
    let mut pump = infusing(config, 60.0, 100.0);
    assert_eq!(
        pump.unplug(secs(60))[..],
        [Event::Stopped, Event::ProgrammeEnded, Event::PoweredOff]
    );
    assert_eq!(
        pump.power_on(secs(61)).unwrap_err().reason,
        RefusalReason::NoPower
    );
    pump.plug_in(secs(62));
    pump.power_on(secs(63)).unwrap();
    assert_eq!(
        (pump.state(), pump.current_programme()),
        (State::Standby, None)
    );
}

#[test]
fn a_system_error_ends_only_with_a_power_cycle() {
    let mut pump = infusing(DeliveryConfig::default(), 60.0, 100.0);
    assert_eq!(
        pump.system_error(secs(60))[..],
        [Event::Alarm(Kind::SystemError), Event::Stopped]
    );
    assert!(
        pump.stop(secs(61)).is_err()
            && pump.resume(secs(61)).is_err()
            && pump.start(secs(61)).is_err()
    );
    assert!(pump.new_bag(secs(62), 500.0).unwrap().is_empty());
    assert_eq!(pump.state(), State::Alarming);
    pump.power_off(secs(63)).unwrap();
    pump.power_on(secs(64)).unwrap();
    assert_eq!(
        (pump.state(), pump.alarms().is_empty()),
        (State::Standby, true)
    );
    near(pump.infused_ml(secs(64)), 1.0);
}

#[test]
fn a_query_looks_ahead_over_deadlines_without_meeting_them() {
    let pump = infusing(DeliveryConfig::default(), 60.0, 30.0);
    near(pump.infused_ml(secs(1800 + 3600)), 33.0);
    assert_eq!(pump.state(), State::Infusing);
}

#[test]
fn a_late_caller_gets_the_events_it_missed_first() {
    let mut pump = infusing(DeliveryConfig::default(), 60.0, 30.0);
    let events = pump.pause(secs(1900)).unwrap();
    assert_eq!(
        events[..],
        [
            Event::VtbiComplete,
            Event::EnteredKvo,
            Event::Alarm(Kind::VtbiComplete),
            Event::Paused
        ]
    );
    let refusal = infusing(DeliveryConfig::default(), 60.0, 30.0)
        .start(secs(1900))
        .unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.events.len()),
        (RefusalReason::NotNow { state: State::Kvo }, 3)
    );
}
