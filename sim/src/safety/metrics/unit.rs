//! What values are counted in, and how they are said to people.

use crate::time::Duration;

/// What values are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds of simulated time.
    Seconds,
    /// Minutes of simulated time.
    Minutes,
    /// Millilitres.
    Millilitres,
    /// A share of something, from 0 to 1.
    Share,
}

impl Unit {
    /// Seconds in it, of a unit of time.
    pub(super) const fn seconds(self) -> f64 {
        match self {
            Self::Minutes => 60.0,
            Self::Seconds | Self::Count | Self::Millilitres | Self::Share => 1.0,
        }
    }

    /// What a column of values is headed with.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Share => "share, 0 to 1",
            Self::Seconds => "s",
            Self::Minutes => "min",
            Self::Millilitres => "mL",
        }
    }

    /// A value for people: `1 h 54 min`, `24.9 %`, `12`, `3.5 mL`.
    #[must_use]
    pub fn for_people(self, value: f64) -> String {
        match self {
            Self::Seconds => seconds(value),
            Self::Minutes => seconds(value * 60.0),
            Self::Share => format!("{} %", three_digits(value * 100.0)),
            Self::Millilitres => format!("{} mL", three_digits(value)),
            Self::Count => three_digits(value),
        }
    }

    /// The same in full, for values that differ by less than people are told, and for limits that somebody has chosen.
    #[must_use]
    pub fn in_full(self, value: f64) -> String {
        let exact = |scale: f64| {
            let said = self.for_people(value);
            let number = said.split(' ').next().and_then(|n| n.parse::<f64>().ok());
            (number == Some(value * scale)).then_some(said)
        };
        let said = match self {
            Self::Seconds => Some(Duration::from_secs_f64(value).in_full_for_people()),
            Self::Minutes => Some(Duration::from_secs_f64(value * 60.0).in_full_for_people()),
            Self::Share => exact(100.0),
            Self::Count | Self::Millilitres => exact(1.0),
        };
        said.unwrap_or_else(|| match self {
            Self::Millilitres => format!("{value} mL"),
            _ => value.to_string(),
        })
    }
}

fn seconds(value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    format!(
        "{sign}{}",
        Duration::from_secs_f64(value.abs()).for_people()
    )
}

/// A number with three digits that count; whole numbers as they are.
pub(in crate::safety) fn three_digits(value: f64) -> String {
    if !value.is_finite() || libm::trunc(value) == value || value.abs() >= 100.0 {
        return format!("{value:.0}");
    }
    // As many decimals as make three digits: one behind `24`, five behind `0.00`.
    let before = libm::floor(libm::log10(value.abs())) as i32 + 1;
    let decimals = usize::try_from(3 - before).unwrap_or(0).min(6);
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_with_their_unit() {
        for (unit, value, said) in [
            (Unit::Seconds, 6_816.201_316_255, "1 h 54 min"),
            (Unit::Seconds, 0.045_991_666, "46 ms"),
            (Unit::Minutes, 52.0, "52 min"),
            (Unit::Share, 0.248_738_042_222, "24.9 %"),
            (Unit::Share, 1.0, "100 %"),
            (Unit::Share, 0.999_96, "100 %"),
            (Unit::Millilitres, 0.004_217, "0.00422 mL"),
            (Unit::Millilitres, 1_234.7, "1235 mL"),
            (Unit::Count, 12.0, "12"),
            (Unit::Count, 0.0, "0"),
            (Unit::Count, f64::NAN, "NaN"),
        ] {
            assert_eq!(unit.for_people(value), said, "{value}");
        }
        for (unit, value, said) in [
            (Unit::Seconds, 30.0, "30 s"),
            (Unit::Seconds, 30.000_4, "30.000400s"),
            (Unit::Minutes, 90.0, "1 h 30 min"),
            (Unit::Share, 0.9, "90 %"),
            (Unit::Share, 0.999_96, "0.99996"),
            (Unit::Millilitres, 0.0, "0 mL"),
            (Unit::Millilitres, 1.234_5, "1.2345 mL"),
            (Unit::Count, 0.0, "0"),
        ] {
            assert_eq!(unit.in_full(value), said, "{value}");
        }
    }
}
