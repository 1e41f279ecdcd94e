use proptest::prelude::*;
use serde::Deserialize;
use serde::de::value::{Error, MapDeserializer};

use super::*;

fn entry(care_area: &str, drug: &str, per_ml: f64, limits: [Option<f64>; 4]) -> LibraryEntry {
    let [hard_min, soft_min, soft_max, hard_max] = limits;
    LibraryEntry {
        care_area: care_area.to_owned(),
        drug: drug.to_owned(),
        concentration: Concentration {
            text: format!("{per_ml} mg/mL"),
            per_ml,
            unit: AmountUnit::Mg,
        },
        limits: Limits {
            hard_min,
            soft_min,
            soft_max,
            hard_max,
        },
        kvo_ml_per_h: 1.0,
        high_alert: true,
    }
}

fn library() -> DrugLibrary {
    let limits = [Some(1.0), Some(2.0), Some(20.0), Some(40.0)];
    DrugLibrary {
        version: 7,
        entries: vec![
            entry("ICU", "propofol", 10.0, limits),
            entry(
                "ICU",
                "propofol",
                20.0,
                [None, None, Some(10.0), Some(20.0)],
            ),
            entry("ward", "saline", 9.0, [None; 4]),
        ],
    }
}

fn amount(per_ml: f64) -> Concentration {
    Concentration {
        text: "as the label has it".to_owned(),
        per_ml,
        unit: AmountUnit::Mg,
    }
}

#[test]
fn limits_are_inclusive_and_hard_comes_before_soft() {
    let limits = library().entries[0].limits;
    assert_eq!(limits.check(40.0), LimitVerdict::Soft { limit: 20.0 });
    assert_eq!(limits.check(40.000_001), LimitVerdict::Hard { limit: 40.0 });
    assert_eq!(limits.check(20.0), LimitVerdict::Within);
    assert_eq!(limits.check(2.0), LimitVerdict::Within);
    assert_eq!(limits.check(1.5), LimitVerdict::Soft { limit: 2.0 });
    assert_eq!(limits.check(1.0), LimitVerdict::Soft { limit: 2.0 });
    assert_eq!(limits.check(0.999), LimitVerdict::Hard { limit: 1.0 });
    assert_eq!(limits.check(f64::NAN), LimitVerdict::Hard { limit: 40.0 });
    assert_eq!(
        limits.check(f64::INFINITY),
        LimitVerdict::Hard { limit: 40.0 }
    );
    assert_eq!(Limits::default().check(1e9), LimitVerdict::Within);
}

#[test]
fn a_pump_that_knows_the_concentration_is_judged_by_it() {
    let library = library();
    let exact =
        |per_ml, rate| library.check_concentration("ICU", "propofol", &amount(per_ml), rate);
    assert_eq!(exact(10.0, 15.0), LimitVerdict::Within);
    assert_eq!(exact(20.0, 15.0), LimitVerdict::Soft { limit: 10.0 });
    assert_eq!(exact(5.0, 15.0), LimitVerdict::NotInLibrary);
    let units = Concentration {
        unit: AmountUnit::Units,
        ..amount(10.0)
    };
    let other_unit = library.check_concentration("ICU", "propofol", &units, 15.0);
    assert_eq!(other_unit, LimitVerdict::NotInLibrary);
    // Without the concentration the strictest entry counts.
    assert_eq!(
        library.check("ICU", "propofol", 15.0),
        LimitVerdict::Soft { limit: 10.0 }
    );
    assert_eq!(
        library.check("ICU", "propofol", 30.0),
        LimitVerdict::Hard { limit: 20.0 }
    );
}

#[test]
fn names_match_exactly() {
    let library = library();
    assert_eq!(library.check("ward", "saline", 999.0), LimitVerdict::Within);
    assert_eq!(
        library.check("ward", "propofol", 5.0),
        LimitVerdict::NotInLibrary
    );
    assert_eq!(
        library.check("icu", "propofol", 5.0),
        LimitVerdict::NotInLibrary
    );
}

#[test]
fn a_scaled_limit_lets_a_tenfold_rate_pass_and_shows_in_the_digest() {
    let (honest, tampered) = (library(), library().with_limit_scaled("propofol", 10.0));
    assert_eq!(
        honest.check("ICU", "propofol", 150.0),
        LimitVerdict::Hard { limit: 40.0 }
    );
    assert_eq!(
        tampered.check("ICU", "propofol", 90.0),
        LimitVerdict::Within
    );
    assert_eq!(tampered.validate(), Ok(()));
    assert_eq!(tampered.version, honest.version);
    assert_ne!(tampered.digest(), honest.digest());
    assert_eq!(tampered.entries[2], honest.entries[2]);
    let open = honest.with_limits_removed("propofol");
    assert_eq!(open.check("ICU", "propofol", 1e9), LimitVerdict::Within);
}

#[test]
fn every_mistake_is_named_with_its_place() {
    let mut library = library();
    library.entries[0].limits.soft_max = Some(50.0);
    library.entries[0].kvo_ml_per_h = 45.0;
    library.entries[1].concentration.per_ml = f64::NAN;
    library.entries[2].drug = " ".to_owned();
    library.entries[2].limits.hard_min = Some(0.0);
    library
        .entries
        .push(entry("ICU", "propofol", 10.0, [None; 4]));
    let texts: Vec<String> = library.errors().iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "entry 0: soft_max is 50, above hard_max, which is 40",
            "entry 0: the KVO rate 45 is above hard_max, which is 40",
            "entry 1: concentration per_ml is NaN, but must be a positive number",
            "entry 2: the drug is empty",
            "entry 2: hard_min is 0, but must be a positive number",
            "entry 3 is for the same care area, drug and concentration as entry 0",
        ]
    );
    assert_eq!(library.validate(), Err(library.errors().remove(0)));
}

#[test]
fn limits_compare_across_absent_ones() {
    let library = DrugLibrary {
        version: 1,
        entries: vec![entry("ICU", "x", 1.0, [Some(9.0), None, None, Some(3.0)])],
    };
    let error = LibraryError::LimitOrder {
        entry: 0,
        lower: "hard_min",
        lower_value: 9.0,
        upper: "hard_max",
        upper_value: 3.0,
    };
    assert_eq!(library.validate(), Err(error));
}

#[test]
fn unknown_keys_are_rejected() {
    let read =
        |key| Limits::deserialize(MapDeserializer::<_, Error>::new([(key, 4.0)].into_iter()));
    assert!(
        read("hard_maximum")
            .unwrap_err()
            .to_string()
            .contains("unknown field")
    );
}

/// Digests travel in traces and fingerprints: these numbers, computed by a second implementation,
/// may only change on purpose.
#[test]
fn the_digest_is_the_same_everywhere() {
    assert_eq!(library().digest(), 0x9266_a30b_9980_a060);
    let empty = DrugLibrary {
        version: 1,
        entries: vec![],
    };
    assert_eq!(empty.digest(), 0x813f_0174_a236_7c13);
}

fn any_limit() -> impl Strategy<Value = Option<f64>> {
    proptest::option::of(0.1_f64..1000.0)
}

fn any_entry() -> impl Strategy<Value = LibraryEntry> {
    let limits = (any_limit(), any_limit(), any_limit(), any_limit());
    (
        "[a-c]{1,3}",
        "[a-c]{1,3}",
        0.1_f64..100.0,
        limits,
        any::<bool>(),
    )
        .prop_map(
            |(care_area, drug, per_ml, limits, high_alert)| LibraryEntry {
                high_alert,
                ..entry(&care_area, &drug, per_ml, limits.into())
            },
        )
}

fn any_library() -> impl Strategy<Value = DrugLibrary> {
    (any::<u32>(), proptest::collection::vec(any_entry(), 1..8))
        .prop_map(|(version, entries)| DrugLibrary { version, entries })
}

/// The `n`-th way to change what an entry says.
fn change(entry: &mut LibraryEntry, n: usize) {
    let limits = &mut entry.limits;
    let bump =
        |limit: &mut Option<f64>| *limit = limit.map_or(Some(0.0), |value| Some(value + 0.1));
    match n {
        0 => std::mem::swap(&mut entry.care_area, &mut entry.drug),
        1 => entry.drug.push('a'),
        2 => entry.care_area.push('a'),
        3 => entry.concentration.per_ml *= 10.0,
        4 => entry.concentration.unit = AmountUnit::Units,
        5 => entry.concentration.text.push(' '),
        6 => bump(&mut limits.hard_min),
        7 => bump(&mut limits.soft_min),
        8 => bump(&mut limits.soft_max),
        9 => bump(&mut limits.hard_max),
        10 => entry.kvo_ml_per_h += 0.1,
        11 => entry.high_alert = !entry.high_alert,
        // A limit under another name is another limit.
        12 => std::mem::swap(&mut limits.soft_max, &mut limits.hard_max),
        _ => limits.hard_max = None,
    }
}

proptest! {
    #[test]
    fn the_digest_changes_if_the_content_does(
        library in any_library(), place: prop::sample::Index, way in 0_usize..14,
    ) {
        let mut changed = library.clone();
        let index = place.index(changed.entries.len());
        change(&mut changed.entries[index], way);
        prop_assert_eq!(changed.digest() == library.digest(), changed == library);
        let mut shorter = library.clone();
        shorter.entries.remove(index);
        prop_assert_ne!(shorter.digest(), library.digest());
    }

    #[test]
    fn the_digest_changes_only_if_the_content_does(
        library in any_library(), version: u32, turn: prop::sample::Index,
    ) {
        let mut other = library.with_version(version);
        let middle = turn.index(other.entries.len());
        other.entries.rotate_left(middle);
        other.entries.reverse();
        prop_assert_eq!(other.digest(), library.digest());
        let signed_zero = |zero| {
            let mut library = library.clone();
            library.entries[0].limits.hard_min = Some(zero);
            library.digest()
        };
        prop_assert_eq!(signed_zero(0.0), signed_zero(-0.0));
    }

    #[test]
    fn a_rate_within_every_concentration_is_within_each(library in any_library(), rate in 0.1_f64..2000.0) {
        for entry in &library.entries {
            let LibraryEntry { care_area, drug, concentration, .. } = entry;
            let exact = library.check_concentration(care_area, drug, concentration, rate);
            prop_assert_ne!(exact, LimitVerdict::NotInLibrary);
            match library.check(care_area, drug, rate) {
                LimitVerdict::Within => prop_assert_eq!(exact, LimitVerdict::Within),
                LimitVerdict::Soft { .. } => {
                    let hard = matches!(exact, LimitVerdict::Hard { .. });
                    prop_assert!(!hard, "the stricter entry counts");
                }
                LimitVerdict::Hard { .. } => {}
                LimitVerdict::NotInLibrary => prop_assert!(false, "the drug is there"),
            }
        }
    }
}
