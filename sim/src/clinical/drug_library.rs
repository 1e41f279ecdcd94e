//! The drug library: which drug may run how fast in which care area.
//!
//! An entry is known by care area, drug and concentration. Its [`Limits`] are inclusive: a rate at a
//! limit is within it. A soft limit can be overridden by the clinician, a hard limit cannot.
//! Matching is exact, letter case included. Libraries come from files; there is no built-in one.

mod digest;
mod validation;

#[cfg(test)]
mod tests;

use crate::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};

pub use validation::LibraryError;

/// A drug library as it stands on a server or in a pump.
///
/// A value of this type may come from a file or from an attacker and need not make sense:
/// [`DrugLibrary::validate`] tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(deny_unknown_fields)]
pub struct DrugLibrary {
    /// Number given by whoever released the library. It is a claim: [`DrugLibrary::digest`] ignores it.
    pub version: u32,
    /// The entries, in no particular order.
    pub entries: Vec<LibraryEntry>,
}

/// One drug in one concentration in one care area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(deny_unknown_fields)]
pub struct LibraryEntry {
    /// Care area (profile), for example `ICU`.
    pub care_area: String,
    /// Drug name.
    pub drug: String,
    /// Concentration this entry is for.
    pub concentration: Concentration,
    /// Limits on the rate.
    #[serde(default)]
    pub limits: Limits,
    /// Rate that keeps the vein open once the volume is infused, mL/h, positive.
    pub kvo_ml_per_h: f64,
    /// Whether an error with this drug bears a heightened risk of harm.
    #[serde(default)]
    pub high_alert: bool,
}

/// An amount of drug per millilitre, with the text of its label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(deny_unknown_fields)]
pub struct Concentration {
    /// Label text, for example `1 mg in 50 mL`. Not used for matching.
    pub text: String,
    /// Amount per millilitre in `unit`, positive.
    pub per_ml: f64,
    /// Unit of the amount.
    pub unit: AmountUnit,
}

/// Unit in which an amount of drug is counted.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "lowercase")]
pub enum AmountUnit {
    /// Milligrams.
    Mg,
    /// International units, as for insulin and heparin.
    Units,
}

/// Limits on a rate, mL/h, each positive, inclusive and optional:
/// `hard_min <= soft_min <= soft_max <= hard_max`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Below this no programme is accepted, mL/h.
    pub hard_min: Option<f64>,
    /// Below this the pump asks for an override, mL/h.
    pub soft_min: Option<f64>,
    /// Above this the pump asks for an override, mL/h.
    pub soft_max: Option<f64>,
    /// Above this no programme is accepted, mL/h.
    pub hard_max: Option<f64>,
}

/// How a rate stands to the limits of a library.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitVerdict {
    /// Inside every limit.
    Within,
    /// Beyond a soft limit, inside the hard ones.
    Soft {
        /// The limit that is crossed, mL/h.
        limit: f64,
    },
    /// Beyond a hard limit.
    Hard {
        /// The limit that is crossed, mL/h.
        limit: f64,
    },
    /// The library says nothing about this care area, drug and concentration.
    NotInLibrary,
}

impl Concentration {
    /// Whether both mean the same amount per millilitre, whatever their labels say.
    pub fn same_amount(&self, other: &Self) -> bool {
        self.unit == other.unit && self.per_ml == other.per_ml
    }
}

impl LibraryEntry {
    /// Whether this entry is for exactly this care area, drug and concentration.
    pub fn is_for(&self, care_area: &str, drug: &str, concentration: &Concentration) -> bool {
        self.care_area == care_area
            && self.drug == drug
            && self.concentration.same_amount(concentration)
    }
}

impl Limits {
    /// How `rate_ml_per_h` stands to these limits; hard limits are looked at first. A rate that is
    /// not a number is beyond every limit that exists.
    pub fn check(&self, rate_ml_per_h: f64) -> LimitVerdict {
        let below = |limit: &f64| rate_ml_per_h.is_nan() || rate_ml_per_h < *limit;
        let above = |limit: &f64| rate_ml_per_h.is_nan() || rate_ml_per_h > *limit;
        if let Some(limit) = self.hard_max.filter(above).or(self.hard_min.filter(below)) {
            LimitVerdict::Hard { limit }
        } else if let Some(limit) = self.soft_max.filter(above).or(self.soft_min.filter(below)) {
            LimitVerdict::Soft { limit }
        } else {
            LimitVerdict::Within
        }
    }
}

impl LimitVerdict {
    /// Whether a clinician may run this rate without an override.
    pub const fn is_within(self) -> bool {
        matches!(self, Self::Within)
    }

    /// Hard before soft before within; `NotInLibrary` is no verdict on the rate and comes last.
    const fn strictness(self) -> u8 {
        match self {
            Self::Hard { .. } => 3,
            Self::Soft { .. } => 2,
            Self::Within => 1,
            Self::NotInLibrary => 0,
        }
    }
}

impl DrugLibrary {
    /// How a rate stands to the limits for a drug in a care area. Where the library holds several
    /// concentrations of it, the strictest verdict counts, the earlier entry first; a pump knows
    /// the concentration and asks [`DrugLibrary::check_concentration`].
    pub fn check(&self, care_area: &str, drug: &str, rate_ml_per_h: f64) -> LimitVerdict {
        let mut strictest = LimitVerdict::NotInLibrary;
        for entry in self.entries_for(care_area, drug) {
            let verdict = entry.limits.check(rate_ml_per_h);
            if verdict.strictness() > strictest.strictness() {
                strictest = verdict;
            }
        }
        strictest
    }

    /// How a rate stands to the limits for a drug in exactly this concentration.
    pub fn check_concentration(
        &self,
        care_area: &str,
        drug: &str,
        concentration: &Concentration,
        rate_ml_per_h: f64,
    ) -> LimitVerdict {
        self.entry(care_area, drug, concentration)
            .map_or(LimitVerdict::NotInLibrary, |entry| {
                entry.limits.check(rate_ml_per_h)
            })
    }

    /// The entry for a drug in exactly this concentration; the first where several stand.
    pub fn entry(
        &self,
        care_area: &str,
        drug: &str,
        concentration: &Concentration,
    ) -> Option<&LibraryEntry> {
        self.entries
            .iter()
            .find(|entry| entry.is_for(care_area, drug, concentration))
    }

    /// Every entry for a drug in a care area.
    pub fn entries_for<'a>(
        &'a self,
        care_area: &'a str,
        drug: &'a str,
    ) -> impl Iterator<Item = &'a LibraryEntry> {
        self.entries
            .iter()
            .filter(move |entry| entry.care_area == care_area && entry.drug == drug)
    }

    /// A hash of what the library says. The version is left out and the order of the entries does
    /// not count, so two libraries with equal digests allow the same rates. It is a checksum
    /// (64 bits, no key), no proof of origin: signatures are the business of whoever sends a library.
    pub fn digest(&self) -> u64 {
        digest::of_entries(&self.entries)
    }

    /// A copy whose upper limits for `drug`, in every care area, are multiplied by `factor`. With a
    /// factor below 1 the result may fail [`DrugLibrary::validate`]. The version stays.
    #[must_use]
    pub fn with_limit_scaled(&self, drug: &str, factor: f64) -> Self {
        self.edited(drug, |limits| Limits {
            soft_max: limits.soft_max.map(|limit| limit * factor),
            hard_max: limits.hard_max.map(|limit| limit * factor),
            ..limits
        })
    }

    /// A copy without any limit for `drug`, in every care area. The version stays.
    #[must_use]
    pub fn with_limits_removed(&self, drug: &str) -> Self {
        self.edited(drug, |_| Limits::default())
    }

    /// A copy that claims another version. The digest stays.
    #[must_use]
    pub fn with_version(&self, version: u32) -> Self {
        Self {
            version,
            ..self.clone()
        }
    }

    fn edited(&self, drug: &str, edit: impl Fn(Limits) -> Limits) -> Self {
        let mut library = self.clone();
        for entry in library
            .entries
            .iter_mut()
            .filter(|entry| entry.drug == drug)
        {
            entry.limits = edit(entry.limits);
        }
        library
    }
}
