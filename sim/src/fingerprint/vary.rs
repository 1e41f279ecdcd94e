//! For tests: values of a type, and the neighbours of a value that differ from it in exactly one place.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A type whose values can be made and altered.
pub(crate) trait Vary: Clone {
    /// Some value.
    fn sample(source: &mut Source) -> Self;

    /// Values in which every variant of every type that the type is made of appears at least once.
    fn cover(source: &mut Source) -> Vec<Self>;

    /// Values that differ from this one in one place, each with the place: of every field its own variations, and every other variant.
    fn variations(&self, source: &mut Source) -> Vec<(String, Self)>;
}

/// Where values come from (SplitMix64), and which types were covered.
#[derive(Debug)]
pub(crate) struct Source {
    state: u64,
    covered: BTreeSet<&'static str>,
}

impl Source {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed,
            covered: BTreeSet::new(),
        }
    }

    fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.word() % end.max(1) as u64) as usize
    }

    /// Whether a type is met for the first time. One that contains itself, or stands in many places, is covered once.
    pub(crate) fn is_new<T>(&mut self) -> bool {
        self.covered.insert(type_name::<T>())
    }

    /// The types that were covered.
    pub(crate) fn covered(&self) -> &BTreeSet<&'static str> {
        &self.covered
    }
}

/// Types without parts: one value covers them.
macro_rules! whole {
    ($($t:ty, $sample:expr, $variations:expr;)*) => { $(
        impl Vary for $t {
            fn sample(source: &mut Source) -> Self {
                let sample: fn(&mut Source) -> Self = $sample;
                sample(source)
            }
            fn cover(source: &mut Source) -> Vec<Self> {
                vec![Self::sample(source)]
            }
            fn variations(&self, _: &mut Source) -> Vec<(String, Self)> {
                let variations: fn(&Self) -> Vec<Self> = $variations;
                variations(self).into_iter().map(|v| (String::new(), v)).collect()
            }
        }
    )* };
}

macro_rules! numbers {
    ($($t:ty),*) => { whole! { $(
        $t, |s| s.word() as $t, |n| vec![n.wrapping_add(1), n ^ (1 << (<$t>::BITS - 1))];
    )* } };
}
numbers!(u8, u16, u32, u64, usize, i8, i64);

const TEXTS: [&str; 4] = ["", "a", "pump-01", "an infusion pump of ward 3"];

whole! {
    bool, |s| s.below(2) == 1, |b| vec![!b];
    f64, |s| s.below(1_000_000) as f64 / 8.0, |x| vec![x.next_up(), -x - 1.0, x + 100.0];
    String, |s| TEXTS[s.below(TEXTS.len())].to_owned(), |t| vec![format!("{t}x"), format!("{t}\0")];
    Box<str>, |s| TEXTS[s.below(TEXTS.len())].into(), |t| vec![format!("{t}x").into(), format!("{t}\0").into()];
    &'static str, |s| TEXTS[s.below(TEXTS.len())], |t| TEXTS.into_iter().filter(|o| o != t).collect();
}

macro_rules! pointers {
    ($($p:ident),*) => { $(
        impl<T: Vary> Vary for $p<T> {
            fn sample(source: &mut Source) -> Self {
                $p::new(T::sample(source))
            }
            fn cover(source: &mut Source) -> Vec<Self> {
                T::cover(source).into_iter().map($p::new).collect()
            }
            fn variations(&self, source: &mut Source) -> Vec<(String, Self)> {
                let inner = (**self).variations(source).into_iter();
                inner.map(|(place, value)| (place, $p::new(value))).collect()
            }
        }
    )* };
}
pointers!(Box, Arc);

impl<T: Vary> Vary for Option<T> {
    fn sample(source: &mut Source) -> Self {
        (source.below(3) > 0).then(|| T::sample(source))
    }

    fn cover(source: &mut Source) -> Vec<Self> {
        let mut found: Vec<_> = T::cover(source).into_iter().map(Some).collect();
        found.push(None);
        found
    }

    fn variations(&self, source: &mut Source) -> Vec<(String, Self)> {
        let Some(value) = self else {
            return vec![("=Some".to_owned(), Some(T::sample(source)))];
        };
        let inner = value.variations(source).into_iter();
        let mut found: Vec<_> = inner.map(|(place, v)| (place, Some(v))).collect();
        found.push(("=None".to_owned(), None));
        found
    }
}

impl<T: Vary> Vary for Vec<T> {
    fn sample(source: &mut Source) -> Self {
        let length = source.below(3);
        (0..length).map(|_| T::sample(source)).collect()
    }

    fn cover(source: &mut Source) -> Vec<Self> {
        let mut found = vec![Vec::new(), vec![T::sample(source), T::sample(source)]];
        found.extend(T::cover(source).into_iter().map(|v| vec![v]));
        found
    }

    fn variations(&self, source: &mut Source) -> Vec<(String, Self)> {
        let mut longer = self.clone();
        longer.push(T::sample(source));
        let mut found = vec![("+".to_owned(), longer)];
        if let Some((_, shorter)) = self.split_last() {
            found.push(("-".to_owned(), shorter.to_vec()));
        }
        for (n, value) in self.iter().enumerate() {
            for (place, varied) in value.variations(source) {
                let mut other = self.clone();
                other[n] = varied;
                found.push((format!("[].{place}"), other));
            }
        }
        found
    }
}

impl<T: Vary, const N: usize> Vary for [T; N] {
    fn sample(source: &mut Source) -> Self {
        std::array::from_fn(|_| T::sample(source))
    }

    fn cover(source: &mut Source) -> Vec<Self> {
        let covering = T::cover(source);
        covering
            .into_iter()
            .map(|v| std::array::from_fn(|_| v.clone()))
            .collect()
    }

    fn variations(&self, source: &mut Source) -> Vec<(String, Self)> {
        let mut found = Vec::new();
        for (n, value) in self.iter().enumerate() {
            for (place, varied) in value.variations(source) {
                let mut other = self.clone();
                other[n] = varied;
                found.push((format!("[{n}].{place}"), other));
            }
        }
        found
    }
}

impl<K: Vary + Ord, V: Vary> Vary for BTreeMap<K, V> {
    fn sample(source: &mut Source) -> Self {
        Vec::sample(source).into_iter().collect()
    }

    fn cover(source: &mut Source) -> Vec<Self> {
        let covering = Vec::cover(source);
        covering
            .into_iter()
            .map(|v| v.into_iter().collect())
            .collect()
    }

    fn variations(&self, source: &mut Source) -> Vec<(String, Self)> {
        let entries: Vec<(K, V)> = self.clone().into_iter().collect();
        let varied = entries.variations(source).into_iter();
        let varied = varied.map(|(place, entries)| (place, entries.into_iter().collect::<Self>()));
        // A key that is varied into another one that is there already takes an entry away.
        let as_long = |(place, map): &(String, Self)| match place.as_str() {
            "+" => map.len() == self.len() + 1,
            "-" => true,
            _ => map.len() == self.len(),
        };
        varied.filter(as_long).collect()
    }
}

macro_rules! tuples {
    ($($t:ident.$n:tt)*) => {
        impl<$($t: Vary),*> Vary for ($($t,)*) {
            fn sample(source: &mut Source) -> Self {
                ($($t::sample(source),)*)
            }
            fn cover(source: &mut Source) -> Vec<Self> {
                let mut found = Vec::new();
                $( for value in $t::cover(source) {
                    let mut tuple = Self::sample(source);
                    tuple.$n = value;
                    found.push(tuple);
                } )*
                found
            }
            fn variations(&self, source: &mut Source) -> Vec<(String, Self)> {
                let mut found = Vec::new();
                $( for (place, value) in self.$n.variations(source) {
                    let mut tuple = self.clone();
                    tuple.$n = value;
                    found.push((format!("{}.{place}", $n), tuple));
                } )*
                found
            }
        }
    };
}
tuples!(A.0 B.1);
tuples!(A.0 B.1 C.2);
