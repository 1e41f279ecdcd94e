//! Simulated time: nanoseconds since the run began.
//!
//! [`Time`] is a point, [`Duration`] a span; both count whole nanoseconds in a `u64`, so that
//! arithmetic is exact and equal on every machine. Arithmetic saturates: a span that would reach
//! beyond the representable range ends at [`Time::MAX`] or [`Duration::MAX`].

use crate::fingerprint::Fingerprint;
use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A point in simulated time: nanoseconds since the run began. Serialised as that number.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(transparent)]
pub struct Time(u64);

/// A span of simulated time in nanoseconds. Serialised as text, for example `"1h30m"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Duration(u64);

impl Time {
    /// The start of the run.
    pub const ZERO: Self = Self(0);
    /// The largest representable time. Beyond [`Time::LIMIT`]: an horizon, never an event's time.
    pub const MAX: Self = Self(u64::MAX);
    /// Events lie strictly before this time (2^56 ns, about 2.28 years): the event queue packs
    /// time, sequence number and slot into 128 bits.
    pub const LIMIT: Self = Self(1 << 56);

    /// The point `nanos` nanoseconds after the start of the run.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the start of the run.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start of the run; exact to about 16 digits.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }

    /// The span since the start of the run.
    pub const fn since_start(self) -> Duration {
        Duration(self.0)
    }

    /// The point as people read a clock: its two largest units, cut off below them, as in `36 min 26 s`. For prose; what a program reads
    /// gets the exact form.
    #[must_use]
    pub fn for_people(self) -> String {
        // A point in time is looked up later: to the minute, also after days.
        let step = step_for_people(self.0).min(MINUTE);
        in_units(self.0 / step * step)
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest representable span, about 584 years.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A span of `micros` microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(MICRO))
    }

    /// A span of `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(MILLI))
    }

    /// A span of `secs` seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(SECOND))
    }

    /// A span of `mins` minutes.
    pub const fn from_mins(mins: u64) -> Self {
        Self(mins.saturating_mul(MINUTE))
    }

    /// A span of `hours` hours.
    pub const fn from_hours(hours: u64) -> Self {
        Self(hours.saturating_mul(HOUR))
    }

    /// A span of `secs` seconds, rounded to the nearest nanosecond. Negative values and NaN give
    /// zero, values beyond the range give [`Duration::MAX`].
    pub fn from_secs_f64(secs: f64) -> Self {
        let nanos = secs * SECOND as f64;
        // A positive double of 2^53 or more is whole already; adding a half there could round up.
        let rounded = if nanos < (1_u64 << 52) as f64 {
            nanos + 0.5
        } else {
            nanos
        };
        // Float to integer casts saturate and turn NaN into zero.
        Self(rounded as u64)
    }

    /// The span in whole nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The span in seconds; exact to about 16 digits.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }

    /// The span `factor` times, rounded to the nearest nanosecond. Factors below zero and NaN give zero.
    pub fn scaled(self, factor: f64) -> Self {
        Self::from_secs_f64(self.as_secs_f64() * factor)
    }

    /// The span as people say it: rounded to its two largest units, or to three digits below a minute, as in `1 h 54 min`, `9.4 s` or
    /// `63 µs`. For prose; what a program reads gets the exact form.
    #[must_use]
    pub fn for_people(self) -> String {
        let step = step_for_people(self.0);
        in_units(self.0.saturating_add(step / 2) / step * step)
    }

    /// As [`Self::for_people`] where nothing is lost by that, and in full otherwise: for spans that somebody has chosen, such as a limit.
    #[must_use]
    pub fn in_full_for_people(self) -> String {
        let said = self.for_people();
        match said.parse::<Self>() {
            Ok(same) if same == self => said,
            _ => self.to_string(),
        }
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add<Duration> for Time {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub for Time {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Sub<Duration> for Time {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Duration {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for Duration {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Mul<u64> for Duration {
    type Output = Self;
    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Div<u64> for Duration {
    type Output = Self;
    /// Panics when dividing by zero, like integer division.
    fn div(self, parts: u64) -> Self {
        Self(self.0 / parts)
    }
}

impl std::iter::Sum for Duration {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text(self.0))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text(self.0))
    }
}

/// Exact text of a number of nanoseconds: parsing it gives the number again.
fn text(nanos: u64) -> String {
    if nanos == 0 {
        return "0s".to_owned();
    }
    if nanos < SECOND {
        return match nanos {
            ..MICRO => format!("{nanos}ns"),
            MICRO..MILLI => decimal(nanos, MICRO, "us"),
            _ => decimal(nanos, MILLI, "ms"),
        };
    }
    let mut parts = Vec::with_capacity(3);
    if nanos >= HOUR {
        parts.push(format!("{}h", nanos / HOUR));
    }
    if nanos % HOUR >= MINUTE {
        parts.push(format!("{}m", nanos % HOUR / MINUTE));
    }
    if !nanos.is_multiple_of(MINUTE) {
        parts.push(decimal(nanos % MINUTE, SECOND, "s"));
    }
    parts.join(" ")
}

/// The finest span that is worth saying beside this many nanoseconds: the second largest unit, or the third digit below a minute.
const fn step_for_people(nanos: u64) -> u64 {
    match nanos {
        DAY.. => HOUR,
        HOUR.. => MINUTE,
        MINUTE.. => SECOND,
        0..1_000 => 1,
        _ => 10_u64.pow(nanos.ilog10() - 2),
    }
}

/// What is wrong with the unit of a time.
fn unknown_unit(unit: &str) -> String {
    if unit.is_empty() {
        "a time needs a unit".to_owned()
    } else {
        format!("`{unit}` is not a unit of time")
    }
}

/// Nanoseconds that were rounded before, in the units that they are whole in: `1 d 3 h`, `2 h`, `46 ms`.
fn in_units(nanos: u64) -> String {
    if nanos == 0 {
        return "0 s".to_owned();
    }
    let pairs = [
        (DAY, "d", HOUR, "h"),
        (HOUR, "h", MINUTE, "min"),
        (MINUTE, "min", SECOND, "s"),
    ];
    if let Some((large, name, small, below)) = pairs.into_iter().find(|(large, ..)| nanos >= *large)
    {
        let (whole, rest) = (nanos / large, nanos % large / small);
        let minutes = if large == DAY {
            nanos % HOUR / MINUTE
        } else {
            0
        };
        let parts = [(whole, name), (rest, below), (minutes, "min")];
        let said = parts.into_iter().filter(|(count, _)| *count > 0);
        let said: Vec<String> = said
            .map(|(count, unit)| format!("{count} {unit}"))
            .collect();
        return said.join(" ");
    }
    let units = [(SECOND, "s"), (MILLI, "ms"), (MICRO, "µs"), (1, "ns")];
    let (unit, name) = units
        .into_iter()
        .find(|(u, _)| nanos >= *u)
        .unwrap_or((1, "ns"));
    // Three digits at most are left: what stands behind the point is worth a double.
    format!("{} {name}", nanos as f64 / unit as f64)
}

/// `nanos` in units of `unit` nanoseconds, with as many groups of three decimals as are needed.
fn decimal(nanos: u64, unit: u64, suffix: &str) -> String {
    let mut whole = (nanos / unit).to_string();
    let (mut rest, mut unit) = (nanos % unit, unit);
    if rest > 0 {
        whole.push('.');
    }
    while rest > 0 {
        unit /= 1_000;
        whole.push_str(&format!("{:03}", rest / unit));
        rest %= unit;
    }
    whole + suffix
}

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseDurationError {
    /// The text is empty or blank.
    #[error("a duration is missing: write for example `90s`, `10m` or `1h30m`")]
    Empty,
    /// A number was expected here.
    #[error("expected a number at `{rest}`: write for example `90s`, `10m` or `1h30m`")]
    Number {
        /// The text from the place of the error on.
        rest: String,
    },
    /// The number has no unit after it, or one that is not known.
    #[error("{}: use d, h, m, s, ms, us or ns, as in `90s` or `10m`", unknown_unit(.unit))]
    Unit {
        /// What stood in the unit's place; empty at the end of the text.
        unit: String,
    },
    /// Units must go from long to short, each at most once.
    #[error(
        "`{unit}` comes after a unit of the same length or a shorter one: go from long to short"
    )]
    Order {
        /// The unit that is out of order.
        unit: String,
    },
    /// The number has decimals finer than a nanosecond.
    #[error("`{number}{unit}` is not a whole number of nanoseconds")]
    Precision {
        /// The number as written.
        number: String,
        /// Its unit.
        unit: String,
    },
    /// The span is longer than [`Duration::MAX`].
    #[error("a duration must stay below 584 years")]
    Range,
}

impl FromStr for Duration {
    type Err = ParseDurationError;

    /// Reads numbers with units (`d`, `h`, `m`, `s`, `ms`, `us`, `ns`) from long to short, with or
    /// without spaces between: `4h`, `1h30m`, `10m 3.250s`.
    fn from_str(text: &str) -> Result<Self, ParseDurationError> {
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(ParseDurationError::Empty);
        }
        let (mut total, mut shortest) = (0_u64, u64::MAX);
        while !rest.is_empty() {
            let (number, after) = split_while(rest, |c| c.is_ascii_digit() || c == '.');
            if number.is_empty() {
                return Err(ParseDurationError::Number {
                    rest: rest.to_owned(),
                });
            }
            let (unit, after) = split_while(after.trim_start(), char::is_alphabetic);
            let scale = scale(unit).ok_or_else(|| ParseDurationError::Unit {
                unit: unit.to_owned(),
            })?;
            if scale >= shortest {
                return Err(ParseDurationError::Order {
                    unit: unit.to_owned(),
                });
            }
            let nanos = nanos(number, unit, scale, rest)?;
            total = total.checked_add(nanos).ok_or(ParseDurationError::Range)?;
            shortest = scale;
            rest = after.trim_start();
        }
        Ok(Self(total))
    }
}

fn split_while(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !wanted(c)).unwrap_or(text.len()))
}

fn scale(unit: &str) -> Option<u64> {
    Some(match unit {
        "d" => DAY,
        "h" => HOUR,
        "m" | "min" => MINUTE,
        "s" => SECOND,
        "ms" => MILLI,
        "us" | "µs" => MICRO,
        "ns" => 1,
        _ => return None,
    })
}

/// `number` (digits with at most one point) times `scale`, exactly.
fn nanos(number: &str, unit: &str, scale: u64, rest: &str) -> Result<u64, ParseDurationError> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
        return Err(ParseDurationError::Number {
            rest: rest.to_owned(),
        });
    }
    let whole: u64 = whole.parse().map_err(|_| ParseDurationError::Range)?;
    let mut total = whole.checked_mul(scale).ok_or(ParseDurationError::Range)?;
    let digits = fraction.trim_end_matches('0');
    let precision = || ParseDurationError::Precision {
        number: number.to_owned(),
        unit: unit.to_owned(),
    };
    if !digits.is_empty() {
        // The finest decimal of a day in whole nanoseconds has 14 digits.
        let exponent = u32::try_from(digits.len())
            .ok()
            .filter(|n| *n <= 18)
            .ok_or_else(precision)?;
        let numerator: u128 = digits.parse::<u128>().map_err(|_| precision())? * u128::from(scale);
        let denominator = 10_u128.pow(exponent);
        if !numerator.is_multiple_of(denominator) {
            return Err(precision());
        }
        let part = u64::try_from(numerator / denominator).map_err(|_| ParseDurationError::Range)?;
        total = total.checked_add(part).ok_or(ParseDurationError::Range)?;
    }
    Ok(total)
}

impl schemars::JsonSchema for Duration {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "A duration such as `1m 30s`." })
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Duration;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as \"90s\", \"10m\" or \"1h30m\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests;
