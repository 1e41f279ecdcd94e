//! Whether a drug library makes sense.

use std::collections::BTreeMap;

use super::{AmountUnit, DrugLibrary, LibraryEntry};

/// Why a drug library does not make sense.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LibraryError {
    /// A name is empty.
    #[error("entry {entry}: the {field} is empty")]
    EmptyName {
        /// Index of the entry.
        entry: usize,
        /// Which name.
        field: &'static str,
    },
    /// A number is not finite or not positive.
    #[error("entry {entry}: {field} is {value}, but must be a positive number")]
    NotPositive {
        /// Index of the entry.
        entry: usize,
        /// Which number.
        field: &'static str,
        /// Its value.
        value: f64,
    },
    /// Two limits are in the wrong order.
    #[error("entry {entry}: {lower} is {lower_value}, above {upper}, which is {upper_value}")]
    LimitOrder {
        /// Index of the entry.
        entry: usize,
        /// The limit that should be lower.
        lower: &'static str,
        /// Its value, mL/h.
        lower_value: f64,
        /// The limit that should be higher.
        upper: &'static str,
        /// Its value, mL/h.
        upper_value: f64,
    },
    /// The rate that keeps the vein open is above the hard limit.
    #[error("entry {entry}: the KVO rate {kvo_ml_per_h} is above hard_max, which is {hard_max}")]
    KvoAboveHardMax {
        /// Index of the entry.
        entry: usize,
        /// The KVO rate, mL/h.
        kvo_ml_per_h: f64,
        /// The hard limit, mL/h.
        hard_max: f64,
    },
    /// Two entries are for the same care area, drug and concentration.
    #[error("entry {entry} is for the same care area, drug and concentration as entry {earlier}")]
    Duplicate {
        /// Index of the later entry.
        entry: usize,
        /// Index of the earlier entry.
        earlier: usize,
    },
}

/// What an entry is known by; the amount by its bits, which order like positive numbers.
type Key<'a> = (&'a str, &'a str, AmountUnit, u64);

impl DrugLibrary {
    /// Whether the library makes sense; the first thing wrong otherwise. A pump asks before it
    /// takes a library over: limits that are not numbers would limit nothing.
    pub fn validate(&self) -> Result<(), LibraryError> {
        self.errors().into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that does not make sense, in the order of the entries.
    pub fn errors(&self) -> Vec<LibraryError> {
        let mut errors = Vec::new();
        let mut seen: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        for (index, entry) in self.entries.iter().enumerate() {
            check_names(index, entry, &mut errors);
            check_numbers(index, entry, &mut errors);
            check_order(index, entry, &mut errors);
            let amount = entry.concentration.per_ml.to_bits();
            let key = (
                &*entry.care_area,
                &*entry.drug,
                entry.concentration.unit,
                amount,
            );
            if let Some(earlier) = seen.get(&key) {
                errors.push(LibraryError::Duplicate {
                    entry: index,
                    earlier: *earlier,
                });
            } else {
                seen.insert(key, index);
            }
        }
        errors
    }
}

fn check_names(index: usize, entry: &LibraryEntry, errors: &mut Vec<LibraryError>) {
    for (field, name) in [
        ("care_area", &entry.care_area),
        ("drug", &entry.drug),
        ("concentration text", &entry.concentration.text),
    ] {
        if name.trim().is_empty() {
            errors.push(LibraryError::EmptyName {
                entry: index,
                field,
            });
        }
    }
}

fn check_numbers(index: usize, entry: &LibraryEntry, errors: &mut Vec<LibraryError>) {
    let limits = &entry.limits;
    for (field, value) in [
        ("concentration per_ml", Some(entry.concentration.per_ml)),
        ("kvo_ml_per_h", Some(entry.kvo_ml_per_h)),
        ("hard_min", limits.hard_min),
        ("soft_min", limits.soft_min),
        ("soft_max", limits.soft_max),
        ("hard_max", limits.hard_max),
    ] {
        if let Some(value) = value.filter(|value| !value.is_finite() || *value <= 0.0) {
            errors.push(LibraryError::NotPositive {
                entry: index,
                field,
                value,
            });
        }
    }
}

fn check_order(index: usize, entry: &LibraryEntry, errors: &mut Vec<LibraryError>) {
    let limits = &entry.limits;
    let mut below: Option<(&'static str, f64)> = None;
    for (upper, limit) in [
        ("hard_min", limits.hard_min),
        ("soft_min", limits.soft_min),
        ("soft_max", limits.soft_max),
        ("hard_max", limits.hard_max),
    ] {
        let Some(upper_value) = limit else { continue };
        if let Some((lower, lower_value)) = below.filter(|(_, value)| *value > upper_value) {
            errors.push(LibraryError::LimitOrder {
                entry: index,
                lower,
                lower_value,
                upper,
                upper_value,
            });
        }
        below = Some((upper, upper_value));
    }
    let kvo_ml_per_h = entry.kvo_ml_per_h;
    if let Some(hard_max) = limits.hard_max.filter(|limit| kvo_ml_per_h > *limit) {
        errors.push(LibraryError::KvoAboveHardMax {
            entry: index,
            kvo_ml_per_h,
            hard_max,
        });
    }
}
