use super::*;
use proptest::prelude::*;

#[test]
fn text_is_readable() {
    let ms = Duration::from_millis;
    for (span, expected) in [
        (Duration::ZERO, "0s"),
        (Duration::from_nanos(7), "7ns"),
        (Duration::from_nanos(12_500), "12.500us"),
        (ms(250), "250ms"),
        (ms(250) + Duration::from_nanos(1), "250.000001ms"),
        (ms(603_250), "10m 3.250s"),
        (Duration::from_mins(90), "1h 30m"),
        (Duration::from_hours(48), "48h"),
    ] {
        assert_eq!(span.to_string(), expected);
        assert_eq!((Time::ZERO + span).to_string(), expected);
    }
    assert_eq!(format!("{:>6}|", ms(250)), " 250ms|");
}

#[test]
fn people_get_two_units_or_three_digits() {
    for (nanos, span, point) in [
        (0, "0 s", "0 s"),
        (7, "7 ns", "7 ns"),
        (63_412, "63.4 µs", "63.4 µs"),
        (63_000, "63 µs", "63 µs"),
        (999_600, "1 ms", "999 µs"),
        (178_873_334, "179 ms", "178 ms"),
        (45_991_666, "46 ms", "45.9 ms"),
        (999_999_999, "1 s", "999 ms"),
        (9_400 * MILLI, "9.4 s", "9.4 s"),
        (10 * SECOND, "10 s", "10 s"),
        (59_960 * MILLI, "1 min", "59.9 s"),
        (2_188_823_529_412, "36 min 29 s", "36 min 28 s"),
        (3_599_700 * MILLI, "1 h", "59 min 59 s"),
        (6_816_201_316_255, "1 h 54 min", "1 h 53 min"),
        (DAY - 1, "1 d", "23 h 59 min"),
        (51 * HOUR, "2 d 3 h", "2 d 3 h"),
    ] {
        assert_eq!(Duration(nanos).for_people(), span, "{nanos}");
        assert_eq!(Time(nanos).for_people(), point, "{nanos}");
    }
    assert!(Duration::MAX.for_people().ends_with(" h"));
    assert_eq!(Duration::from_secs(90).in_full_for_people(), "1 min 30 s");
    let odd = Duration::from_hours(1) + Duration::from_secs(10);
    assert_eq!(
        (odd.for_people(), odd.in_full_for_people()),
        ("1 h".into(), "1h 10s".into())
    );
}

proptest! {
    #[test]
    fn what_people_get_is_close_and_short(nanos in 1_u64..(1 << 56)) {
        let said: Duration = Duration(nanos).for_people().parse().expect("it can be read back");
        let error = said.0.abs_diff(nanos) as f64 / nanos as f64;
        // An hour beside a day is the coarsest.
        prop_assert!(error <= 0.5 / 24.0, "{nanos} is said as {said}");
        let point: Duration = Time(nanos).for_people().parse().expect("it can be read back");
        prop_assert!(point.0 <= nanos);
    }
}

#[test]
fn durations_are_read() {
    for (text, expected) in [
        ("4h", Duration::from_hours(4)),
        ("90s", Duration::from_secs(90)),
        ("10m", Duration::from_mins(10)),
        ("250ms", Duration::from_millis(250)),
        ("1h30m", Duration::from_mins(90)),
        (" 1.5 h ", Duration::from_mins(90)),
        ("2d", Duration::from_hours(48)),
        ("0s", Duration::ZERO),
        ("18446744073709551615ns", Duration::MAX),
    ] {
        assert_eq!(text.parse(), Ok(expected), "{text}");
    }
}

#[test]
fn wrong_durations_say_why() {
    use ParseDurationError as E;
    let of = |text: &str| text.parse::<Duration>().unwrap_err();
    assert_eq!(of("  "), E::Empty);
    assert_eq!(
        of("fast"),
        E::Number {
            rest: "fast".into()
        }
    );
    assert_eq!(of("-3s"), E::Number { rest: "-3s".into() });
    assert_eq!(
        of("1.2.3s"),
        E::Number {
            rest: "1.2.3s".into()
        }
    );
    assert_eq!(
        of("10"),
        E::Unit {
            unit: String::new()
        }
    );
    assert_eq!(
        of("3 weeks"),
        E::Unit {
            unit: "weeks".into()
        }
    );
    assert_eq!(of("30m1h"), E::Order { unit: "h".into() });
    assert_eq!(of("1s1s"), E::Order { unit: "s".into() });
    assert_eq!(
        of("0.5ns"),
        E::Precision {
            number: "0.5".into(),
            unit: "ns".into()
        }
    );
    assert_eq!(of("18446744073709551616ns"), E::Range);
    assert_eq!(of("999999d"), E::Range);
}

#[test]
fn seconds_round_and_saturate() {
    let of = Duration::from_secs_f64;
    assert_eq!(of(0.25), Duration::from_millis(250));
    assert_eq!(of(1.4e-9), Duration::from_nanos(1));
    assert_eq!(of(1.6e-9), Duration::from_nanos(2));
    assert_eq!(of(-1.0), Duration::ZERO);
    assert_eq!(of(f64::NAN), Duration::ZERO);
    assert_eq!(of(f64::INFINITY), Duration::MAX);
}

#[test]
fn arithmetic_saturates() {
    let (one, two) = (Time::from_nanos(1), Time::from_nanos(2));
    assert_eq!(two - one, Duration::from_nanos(1));
    assert_eq!(one - two, Duration::ZERO);
    assert_eq!(Time::MAX + Duration::MAX, Time::MAX);
    assert_eq!(
        Duration::from_secs(3) * 2 + Duration::from_secs(1),
        Duration::from_secs(7)
    );
    assert_eq!(Duration::MAX * 2, Duration::MAX);
    assert!(Time::LIMIT.as_secs_f64() > 2.0 * 365.0 * 86_400.0);
}

proptest! {
    #[test]
    fn text_reads_back(nanos in any::<u64>(), shift in 0_u32..64) {
        let span = Duration::from_nanos(nanos >> shift);
        prop_assert_eq!(span.to_string().parse(), Ok(span));
    }

    #[test]
    fn reading_never_panics(text in "\\PC*") {
        let _ = text.parse::<Duration>();
    }
}
