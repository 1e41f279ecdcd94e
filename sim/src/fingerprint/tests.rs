//! Of the hasher; and that no two values of anything that is dispatched or recorded are taken for the same.

use super::vary::{Source, Vary};
use super::{Fingerprint, FingerprintHasher, FingerprintValue, ParseFingerprintError, Vary, tag};
use crate::clinical::drug_library::{AmountUnit, Concentration};
use crate::clinical::order::{Entry, InfusionOrder, Programme};
use crate::crypto::{Key, Passphrase, PrivateKey, Sealed};
use crate::engine::NodeId;
use crate::event::{Equipment, HandOver, LabEvent, Percept, Touch};
use crate::label::Label;
use crate::record::LabRecord;
use crate::time::Duration;
use crate::wire::Message;
use std::collections::{BTreeMap, BTreeSet};

fn of(write: impl FnOnce(&mut FingerprintHasher)) -> String {
    let mut fingerprint = FingerprintHasher::new();
    write(&mut fingerprint);
    fingerprint.value().to_string()
}

/// Computed by an independent implementation of the algorithm in the documentation.
#[test]
fn vectors() {
    assert_eq!(of(|_| ()), "0938a6a9bd7d2b8c429a707843b83038");
    assert_eq!(of(|h| h.write_u64(0)), "0fbbcd97d349db406eb602b34e15c66e");
    let words = of(|h| {
        h.write_u64(1);
        h.write_u64(2);
        h.write_u64(u64::MAX);
    });
    assert_eq!(words, "1f5ae49140ebb548f8c88f1edfacb011");
    let tags = of(|h| {
        h.write_tag(tag("Frame"));
        h.write_u64(7);
        h.write_tag(tag("Stop"));
    });
    assert_eq!(tags, "8a42507648f53e5af9a013b0b24e54be");
    assert_eq!(
        of(|h| h.write_str("infusion pump")),
        "f9acf693444fe4bb58e8db63da329aac"
    );
}

#[test]
fn a_tag_shows_however_many_follow() {
    let followed = |first: &str, count| {
        of(|h| {
            h.write_tag(tag(first));
            (0..count).for_each(|_| h.write_tag(tag("Next")));
        })
    };
    for count in 0..200 {
        assert_ne!(followed("Scan", count), followed("Eap", count), "{count}");
    }
}

#[test]
fn order_and_boundaries_matter() {
    let two = |a: &'static str, b: &'static str| {
        of(|h| {
            h.write_str(a);
            h.write_str(b);
        })
    };
    assert_ne!(two("a", "b"), two("b", "a"));
    assert_ne!(two("ab", "c"), two("a", "bc"));
    assert_ne!(two("a", ""), two("a\0", ""));
}

#[test]
fn text_reads_back() {
    let value = FingerprintValue(0x0123 << 64 | 0xFF);
    assert_eq!(value.to_string().parse(), Ok(value));
    assert_eq!("12".parse::<FingerprintValue>(), Err(ParseFingerprintError));
    assert_eq!(
        format!("+{:031x}", 1).parse::<FingerprintValue>(),
        Err(ParseFingerprintError)
    );
}

fn hashed(value: &impl Fingerprint) -> String {
    of(|hasher| value.fingerprint(hasher))
}

/// What a walk over a type found.
#[derive(Default)]
struct Walk {
    /// Pairs of values that differ in one place.
    pairs: usize,
    /// Places at which a difference did not show.
    hidden: BTreeSet<String>,
    /// Types that were covered.
    types: usize,
}

/// Compares values of a type, in which every variant below it appears, with everything that differs from them in one place.
fn walk<T: Vary + Fingerprint>() -> Walk {
    let mut walk = Walk::default();
    for seed in 0..4 {
        let mut source = Source::new(seed);
        for value in T::cover(&mut source) {
            let own = hashed(&value);
            assert_eq!(hashed(&value.clone()), own);
            for (place, other) in value.variations(&mut source) {
                walk.pairs += 1;
                if hashed(&other) == own {
                    walk.hidden.insert(place);
                }
            }
        }
        walk.types = source.covered().len();
    }
    walk
}

#[test]
fn values_that_differ_in_any_place_have_different_fingerprints() {
    for (what, types, walk) in [
        ("events", 80, walk::<LabEvent>()),
        ("messages", 50, walk::<Message>()),
        ("records", 20, walk::<LabRecord>()),
    ] {
        assert_eq!(walk.hidden, BTreeSet::new(), "{what}");
        assert!(
            walk.types > types && walk.pairs > 10 * types,
            "{what}: only {} types",
            walk.types
        );
    }
}

/// The walk sees what a fingerprint written by hand leaves out.
#[test]
fn an_omission_is_found() {
    #[derive(Clone, Vary)]
    struct Inner {
        kept: u32,
        forgotten: Option<String>,
    }
    impl Fingerprint for Inner {
        fn fingerprint(&self, hasher: &mut FingerprintHasher) {
            self.kept.fingerprint(hasher);
        }
    }
    #[derive(Clone, Fingerprint, Vary)]
    enum Outer {
        Nothing,
        Some(Vec<Inner>),
    }
    let places = [
        "Some.0.[].forgotten.",
        "Some.0.[].forgotten.=None",
        "Some.0.[].forgotten.=Some",
    ];
    assert_eq!(
        walk::<Outer>().hidden,
        places.map(str::to_owned).into_iter().collect()
    );
}

#[test]
fn generic_unit_and_tuple_shapes_have_a_fingerprint() {
    #[derive(Clone, Fingerprint, Vary)]
    struct Unit;
    #[derive(Clone, Fingerprint, Vary)]
    struct Pair<T>(T, T);
    #[derive(Clone, Fingerprint, Vary)]
    enum Any<T> {
        Unit(Unit),
        Pair(Pair<T>),
        Named { first: T, second: [bool; 2] },
        Nothing,
    }
    assert_eq!(walk::<Any<u8>>().hidden, BTreeSet::new());
    assert_ne!(hashed(&Pair(1u8, 2)), hashed(&Pair(2u8, 1)));
    assert_ne!(hashed(&Any::Unit::<u8>(Unit)), hashed(&Any::Nothing::<u8>));
}

fn order() -> InfusionOrder {
    InfusionOrder {
        id: 1,
        patient: 2,
        care_area: "ICU".to_owned(),
        drug: "morphine".to_owned(),
        concentration: Concentration {
            text: "1 mg/mL".to_owned(),
            per_ml: 1.0,
            unit: AmountUnit::Mg,
        },
        rate_ml_per_h: 2.0,
        vtbi_ml: 50.0,
        dose: false,
    }
}

fn programme() -> Programme {
    order().programme(Entry::ByHand)
}

/// Pairs that fingerprints written by hand took for the same.
#[test]
fn what_was_once_taken_for_the_same_is_told_apart() {
    let concentrated = |per_ml| InfusionOrder {
        concentration: Concentration {
            per_ml,
            ..order().concentration
        },
        ..order()
    };
    assert_ne!(hashed(&concentrated(1.0)), hashed(&concentrated(100.0)));
    assert_ne!(hashed(&Touch::Silence), hashed(&Touch::Kink));
    let compared = |then| Touch::Compared {
        chart: None,
        then: Box::new(then),
    };
    assert_ne!(
        hashed(&compared(Touch::Stop)),
        hashed(&compared(Touch::Silence))
    );
    let slip = |meant: f64, vtbi_ml| Touch::Slip {
        dialled: Programme {
            vtbi_ml,
            ..programme()
        },
        meant: Programme {
            vtbi_ml: meant,
            ..programme()
        },
        override_soft: false,
    };
    assert_ne!(hashed(&slip(50.0, 50.0)), hashed(&slip(50.0, 500.0)));
    assert_ne!(hashed(&slip(50.0, 50.0)), hashed(&slip(500.0, 50.0)));
    let guessed = |unlisted: Option<&str>| Equipment::Guessed {
        step: 1,
        passphrase: None,
        unlisted: unlisted.map(str::to_owned),
    };
    assert_ne!(hashed(&guessed(None)), hashed(&guessed(Some("ward"))));
}

#[test]
fn a_hand_over_is_more_than_the_number_of_its_pumps() {
    let hand_over = |bag_ml, room, pause, chart: Option<InfusionOrder>| {
        Percept::TakesOver(Box::new(HandOver {
            pumps: vec![(NodeId(3), bag_ml, room)],
            charts: chart
                .map(|order| (NodeId(3), order))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            pause: Duration::from_secs(pause),
        }))
    };
    let one = hashed(&hand_over(100.0, 1, 60, None));
    assert_ne!(one, hashed(&hand_over(200.0, 1, 60, None)));
    assert_ne!(one, hashed(&hand_over(100.0, 2, 60, None)));
    assert_ne!(one, hashed(&hand_over(100.0, 1, 61, None)));
    assert_ne!(one, hashed(&hand_over(100.0, 1, 60, Some(order()))));
}

#[test]
fn events_of_one_shape_are_told_apart_by_their_kind() {
    let power = hashed(&LabEvent::Power(true));
    let plain = |token| hashed(&LabEvent::Happening(token));
    assert_ne!(power, plain(1));
    let mut source = Source::new(1);
    let kinds = LabEvent::sample(&mut source).variations(&mut source);
    let kinds: BTreeSet<_> = kinds.iter().map(|(_, event)| hashed(event)).collect();
    assert!(kinds.len() > 20);
}

/// Secrets cannot be looked at or compared; two of them still make two fingerprints.
#[test]
fn secrets_are_told_apart() {
    let key = |text: &str| -> Key { Passphrase::of(text).key("test") };
    assert_ne!(hashed(&Passphrase::of("a")), hashed(&Passphrase::of("b")));
    assert_ne!(hashed(&key("a")), hashed(&key("b")));
    assert_ne!(hashed(&PrivateKey::of("a")), hashed(&PrivateKey::of("b")));
    assert_ne!(
        hashed(&PrivateKey::of("a").sign(1)),
        hashed(&PrivateKey::of("a").sign(2))
    );
    assert_ne!(
        hashed(&PrivateKey::of("a").sign(1)),
        hashed(&PrivateKey::of("b").sign(1))
    );
    let sealed = |k: &str, body: u32, len| hashed(&Sealed::seal(&key(k), body, len));
    let one = sealed("a", 1, 4);
    assert_ne!(one, sealed("b", 1, 4));
    assert_ne!(one, sealed("a", 2, 4));
    assert_ne!(one, sealed("a", 1, 5));
}

/// The words that `explain` and traces show for events.
#[test]
fn labels_of_events() {
    let mut source = Source::new(1);
    let labels: BTreeSet<_> = LabEvent::cover(&mut source)
        .iter()
        .map(Label::label)
        .collect();
    let known = "
        arrival association-request association-response authentication bridge cable case contents data data-clear data-group
        deauthentication departure eapol eapol-key eapol-start equipment frame happening launch mirrored
        perceived plug power probe-request probe-response radio shown signal timer touch two-timer";
    assert_eq!(labels, known.split_whitespace().collect());
}
