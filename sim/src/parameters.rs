//! Parameters of techniques and goals as types.
//!
//! A struct with `#[derive(Parameters)]` is what its code reads. From its fields come the rows of the catalogue (and from those the checks of files,
//! the schema and the pages of the documentation), the defaults and the reader. The type of a field says the kind of value, its comment is its
//! documentation.

use crate::catalog::{GivenParameters, Literal, Parameter, ParameterKind, Relation};
use crate::spec::ParamValue;
use crate::time::Duration;
use crate::wire::{Cidr, Ip};
use std::collections::BTreeMap;
use std::ops::Deref;

pub use pumplab_derive::{Parameters, Words};

/// Parameters as they stand in a plan.
pub type Raw = BTreeMap<String, ParamValue>;

/// Days of the longest time that a parameter takes: the engine ends at 2^56 ns, about 834 days.
pub const LONGEST_DAYS: u64 = 800;

/// That time.
pub const LONGEST: Duration = Duration::from_hours(LONGEST_DAYS * 24);

/// Shortest time between things that repeat.
pub const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);

/// A struct of parameters. Derived, never written by hand.
pub trait Parameters: Sized {
    /// A row per parameter.
    const PARAMETERS: &'static [Parameter];
    /// What binds them to each other.
    const RELATIONS: &'static [Relation];

    /// Reads each field; called by [`Self::parse`].
    ///
    /// # Errors
    /// The first parameter that is missing or wrong.
    fn read(given: &Given<'_>) -> Result<Self, ParameterError>;

    /// The parameters as a file would give them, defaults included: what a step goes by can be compared with what stands in the file.
    fn write(&self) -> Raw;

    /// Reads parameters. Whatever is not known, missing, out of its range or not together with what it needs is refused.
    ///
    /// # Errors
    /// The first parameter that is wrong.
    fn parse(raw: &Raw) -> Result<Self, ParameterError> {
        let given = Given(raw);
        let known = |k: &&String| !Self::PARAMETERS.iter().any(|p| p.name == k.as_str());
        if let Some(unknown) = raw.keys().find(known) {
            return Err(ParameterError {
                parameter: unknown.clone(),
                problem: Problem::Unknown,
            });
        }
        let read = Self::read(&given)?;
        match Self::RELATIONS.iter().find_map(|r| r.broken(&given)) {
            Some(broken) => Err(ParameterError {
                parameter: broken
                    .given
                    .or(broken.missing)
                    .unwrap_or_default()
                    .to_owned(),
                problem: Problem::Relation(broken.message),
            }),
            None => Ok(read),
        }
    }
}

/// A type that a parameter can have.
pub trait ParameterType: Sized {
    /// The kind of value that it is read from.
    const KIND: ParameterKind;
    /// Whether it may be left out.
    const OPTIONAL: bool = false;

    /// Reads a value; `kind` has the range.
    ///
    /// # Errors
    /// What is wrong with the value.
    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem>;

    /// The value as a file would give it; none where there is none.
    fn write(&self) -> Option<ParamValue>;

    /// What stands for it where it is left out and has no default.
    fn absent() -> Option<Self> {
        None
    }
}

/// Why parameters cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parameter `{parameter}` {problem}")]
pub struct ParameterError {
    /// The parameter.
    pub parameter: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It must be given and is not.
    #[error("is missing")]
    Missing,
    /// There is none of this name.
    #[error("does not exist")]
    Unknown,
    /// A value of another type.
    #[error("takes another type of value: {wanted}")]
    Type {
        /// What it takes.
        wanted: String,
    },
    /// A word that it does not take.
    #[error("does not take the word `{word}`, only {words}")]
    Word {
        /// The word.
        word: String,
        /// Those that it takes.
        words: String,
    },
    /// A value out of its range, or text that does not mean what it should.
    #[error("takes a {wanted}, not `{given}`")]
    Value {
        /// What it takes.
        wanted: String,
        /// What is given.
        given: String,
    },
    /// It does not go together with the other parameters.
    #[error("does not go with the others: {0}")]
    Relation(String),
}

impl Problem {
    /// A word that is none of those that are taken.
    #[must_use]
    pub fn word(word: &str, words: &[&str]) -> Self {
        Self::Word {
            word: word.to_owned(),
            words: words.join(", "),
        }
    }

    fn kind(kind: &ParameterKind) -> Self {
        Self::Type {
            wanted: kind.to_string(),
        }
    }

    fn value(kind: &ParameterKind, given: impl ToString) -> Self {
        Self::Value {
            wanted: kind.to_string(),
            given: given.to_string(),
        }
    }
}

/// Parameters under reading.
#[derive(Debug)]
pub struct Given<'a>(&'a Raw);

impl Given<'_> {
    /// The value of a parameter, or its default.
    ///
    /// # Errors
    /// It is missing or wrong.
    pub fn read<T: ParameterType>(&self, row: &Parameter) -> Result<T, ParameterError> {
        let wrong = |problem| ParameterError {
            parameter: row.name.to_owned(),
            problem,
        };
        if let Some(value) = self.0.get(row.name) {
            return T::read(value, &row.kind).map_err(wrong);
        }
        match row.default {
            Some(literal) => T::read(&literal.into(), &row.kind).map_err(wrong),
            None => T::absent().ok_or_else(|| wrong(Problem::Missing)),
        }
    }
}

impl GivenParameters for Given<'_> {
    fn has(&self, parameter: &str) -> bool {
        self.0.contains_key(parameter)
    }

    fn word(&self, parameter: &str) -> Option<&str> {
        match self.0.get(parameter) {
            Some(ParamValue::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl From<Literal> for ParamValue {
    fn from(literal: Literal) -> Self {
        match literal {
            Literal::Bool(b) => Self::Bool(b),
            Literal::Integer(n) => Self::Integer(n),
            Literal::Number(n) => Self::Float(n),
            Literal::Text(t) => Self::Text(t.to_owned()),
        }
    }
}

/// The text of a value.
///
/// # Errors
/// The value is no text.
pub fn text(value: &ParamValue) -> Result<&str, Problem> {
    match value {
        ParamValue::Text(text) => Ok(text),
        _ => Err(Problem::Type {
            wanted: "text".to_owned(),
        }),
    }
}

/// Whether a text is written as a kind asks for.
#[must_use]
pub fn fits(written: &str, kind: ParameterKind) -> bool {
    let value = ParamValue::Text(written.to_owned());
    match kind {
        ParameterKind::Account => Account::read(&value, &kind).is_ok(),
        ParameterKind::Address => Ip::read(&value, &kind).is_ok(),
        ParameterKind::Addresses => Addresses::read(&value, &kind).is_ok(),
        ParameterKind::Prefix => Cidr::read(&value, &kind).is_ok(),
        ParameterKind::Prefixes => Prefixes::read(&value, &kind).is_ok(),
        ParameterKind::Ports => Ports::read(&value, &kind).is_ok(),
        _ => text(&value).is_ok(),
    }
}

impl<T: ParameterType> ParameterType for Option<T> {
    const KIND: ParameterKind = T::KIND;
    const OPTIONAL: bool = true;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        T::read(value, kind).map(Some)
    }

    fn write(&self) -> Option<ParamValue> {
        self.as_ref().and_then(T::write)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

fn named(value: &ParamValue, kind: &ParameterKind) -> Result<String, Problem> {
    let text = text(value)?;
    if text.trim().is_empty() {
        return Err(Problem::value(kind, ""));
    }
    Ok(text.to_owned())
}

macro_rules! names {
    ($( $(#[$doc:meta])* $name:ident; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub String);

        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl ParameterType for $name {
            const KIND: ParameterKind = ParameterKind::$name;

            fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
                named(value, kind).map(Self)
            }

            fn write(&self) -> Option<ParamValue> {
                Some(ParamValue::Text(self.0.clone()))
            }
        }
    )* };
}

names! {
    /// Name of a host of the lab.
    Host;
    /// Name of a pump of the lab.
    Pump;
    /// Name of a wireless network.
    Network;
    /// Name of a drug.
    Drug;
    /// Name of a care area.
    CareArea;
    /// Name of one of the attacker's programs.
    Program;
    /// Name of a vulnerability.
    Vulnerability;
}

impl ParameterType for String {
    const KIND: ParameterKind = ParameterKind::Text;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        named(value, kind)
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Text(self.clone()))
    }
}

/// An account, written `user:password`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// User.
    pub user: String,
    /// Password.
    pub password: String,
}

impl ParameterType for Account {
    const KIND: ParameterKind = ParameterKind::Account;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        let text = text(value)?;
        match text.split_once(':') {
            Some((user, password)) if !user.is_empty() => Ok(Self {
                user: user.to_owned(),
                password: password.to_owned(),
            }),
            _ => Err(Problem::value(kind, text)),
        }
    }

    fn write(&self) -> Option<ParamValue> {
        let text = format!("{}:{}", self.user, self.password);
        Some(ParamValue::Text(text))
    }
}

/// Items of a text with blanks or commas between them; none where one of them is wrong, or there is none.
fn items<T>(text: &str, one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let parts = text.split([',', ' ']).filter(|p| !p.is_empty());
    let all: Option<Vec<T>> = parts.map(one).collect();
    all.filter(|all| !all.is_empty())
}

/// A port by its text, as it may stand in a list.
fn port_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|p| *p != 0)
}

/// A subnet that is small enough to be gone through.
fn prefix_of(text: &str) -> Option<Cidr> {
    let prefix: Cidr = text.parse().ok()?;
    (16..=32).contains(&prefix.len).then_some(prefix)
}

macro_rules! lists {
    ($( $(#[$doc:meta])* $name:ident: $item:ty = $one:expr; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub Vec<$item>);

        impl Deref for $name {
            type Target = [$item];
            fn deref(&self) -> &[$item] {
                &self.0
            }
        }

        impl ParameterType for $name {
            const KIND: ParameterKind = ParameterKind::$name;

            fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
                let text = text(value)?;
                let all = items(text, $one);
                all.map(Self).ok_or_else(|| Problem::value(kind, text))
            }

            fn write(&self) -> Option<ParamValue> {
                let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
                Some(ParamValue::Text(all.join(",")))
            }
        }
    )* };
}

lists! {
    /// Addresses.
    Addresses: Ip = |t| t.parse().ok();
    /// Subnets of at most 65,536 addresses.
    Prefixes: Cidr = prefix_of;
    /// Ports.
    Ports: u16 = port_of;
}

impl ParameterType for Ip {
    const KIND: ParameterKind = ParameterKind::Address;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        let text = text(value)?;
        text.parse().map_err(|_| Problem::value(kind, text))
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Text(self.to_string()))
    }
}

impl ParameterType for Cidr {
    const KIND: ParameterKind = ParameterKind::Prefix;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        let text = text(value)?;
        prefix_of(text).ok_or_else(|| Problem::value(kind, text))
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Text(self.to_string()))
    }
}

/// A port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port(pub u16);

impl ParameterType for Port {
    const KIND: ParameterKind = ParameterKind::Port;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        match value {
            ParamValue::Integer(n) => match u16::try_from(*n) {
                Ok(port) if port != 0 => Ok(Self(port)),
                _ => Err(Problem::value(kind, n)),
            },
            _ => Err(Problem::kind(kind)),
        }
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Integer(i64::from(self.0)))
    }
}

macro_rules! integers {
    ($($int:ty => $from:expr, $to:expr;)*) => { $(
        impl ParameterType for $int {
            const KIND: ParameterKind = ParameterKind::Integer($from, $to);

            fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
                let (ParamValue::Integer(n), ParameterKind::Integer(from, to)) = (value, *kind) else {
                    return Err(Problem::kind(kind));
                };
                match Self::try_from(*n) {
                    Ok(read) if (from..=to).contains(n) => Ok(read),
                    _ => Err(Problem::value(kind, n)),
                }
            }

            fn write(&self) -> Option<ParamValue> {
                Some(ParamValue::Integer(i64::from(*self)))
            }
        }
    )* };
}

integers! {
    u8 => 0, 255;
    u32 => 0, 4_294_967_295;
}

/// The number of a value, within a range.
fn number(value: &ParamValue, kind: &ParameterKind, range: (f64, f64)) -> Result<f64, Problem> {
    let number = match value {
        ParamValue::Integer(n) => *n as f64,
        ParamValue::Float(n) => *n,
        _ => return Err(Problem::kind(kind)),
    };
    if (range.0..=range.1).contains(&number) {
        Ok(number)
    } else {
        Err(Problem::value(kind, number))
    }
}

impl ParameterType for f64 {
    const KIND: ParameterKind = ParameterKind::Number(-1e12, 1e12);

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        match *kind {
            ParameterKind::Number(from, to) => number(value, kind, (from, to)),
            _ => Err(Problem::kind(kind)),
        }
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Float(*self))
    }
}

/// A factor, written `x10`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor(pub f64);

/// The number of a factor as it is written.
#[must_use]
pub fn factor(text: &str) -> Option<f64> {
    let number = text.strip_prefix('x')?;
    let number: f64 = number
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| number.parse().ok())??;
    (number.is_finite() && number > 0.0).then_some(number)
}

impl ParameterType for Factor {
    const KIND: ParameterKind = ParameterKind::Factor(0.001, 1000.0);

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        let (text, ParameterKind::Factor(from, to)) = (text(value)?, *kind) else {
            return Err(Problem::kind(kind));
        };
        let factor = factor(text).filter(|n| (from..=to).contains(n));
        factor.map(Self).ok_or_else(|| Problem::value(kind, text))
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Text(format!("x{}", self.0)))
    }
}

/// A time not shorter than `least`.
fn span(value: &ParamValue, kind: &ParameterKind, least: Duration) -> Result<Duration, Problem> {
    let text = text(value)?;
    let span: Option<Duration> = text.parse().ok();
    let span = span.filter(|s| (least..=LONGEST).contains(s));
    span.ok_or_else(|| Problem::value(kind, text))
}

impl ParameterType for Duration {
    const KIND: ParameterKind = ParameterKind::Duration;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        span(value, kind, Self::ZERO)
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Text(self.to_string()))
    }
}

/// Time between things that repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval(pub Duration);

impl ParameterType for Interval {
    const KIND: ParameterKind = ParameterKind::Interval;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        span(value, kind, SHORTEST_INTERVAL).map(Self)
    }

    fn write(&self) -> Option<ParamValue> {
        self.0.write()
    }
}

/// Nested parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Nested<P>(pub P);

impl<P: Parameters> ParameterType for Nested<P> {
    const KIND: ParameterKind = ParameterKind::Table(P::PARAMETERS);

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        match value {
            ParamValue::Table(raw) => P::parse(raw)
                .map(Self)
                .map_err(|e| Problem::Relation(e.to_string())),
            _ => Err(Problem::kind(kind)),
        }
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Table(self.0.write()))
    }
}

#[cfg(test)]
mod tests;
