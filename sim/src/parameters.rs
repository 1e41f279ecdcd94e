//! Parameters of techniques and goals as types.
//!
//! A struct with `#[derive(Parameters)]` is what its code reads. From its fields come the rows of the catalogue (and from those the checks of files,
//! the schema and the pages of the documentation), the defaults and the reader. The type of a field says the kind of value, its comment is its
//! documentation.

use crate::catalog::{
    GivenParameters, Literal, ParamValue, Parameter, ParameterKind, Relation, Table,
};
use crate::time::Duration;
use crate::wire::{Cidr, Ip};
use std::collections::BTreeMap;

mod tables;
mod values;

pub use pumplab_derive::{Keyed, Parameters, Says, Tagged, Words};
pub use tables::{Keyed, Tagged, checked, list, marked, nested, one, table};
pub use values::*;

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
    /// What it is called, with its rows.
    const TABLE: &'static Table;
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
        checked(Self::TABLE, raw, Self::read)
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

impl ParameterError {
    /// Nothing has this name.
    #[must_use]
    pub fn unknown(name: &str) -> Self {
        Self {
            parameter: name.to_owned(),
            problem: Problem::Unknown,
        }
    }
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
    /// Something in the table that it holds is wrong.
    #[error("is wrong: {0}")]
    Inside(Box<ParameterError>),
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

    pub(crate) fn kind(kind: &ParameterKind) -> Self {
        Self::Type {
            wanted: kind.to_string(),
        }
    }

    pub(crate) fn value(kind: &ParameterKind, given: impl ToString) -> Self {
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
        let with = row.defaults.iter().find(|d| d.holds(self));
        match row.default.or(with.map(|d| d.value)) {
            Some(literal) => T::read(&literal.into(), &row.kind).map_err(wrong),
            None => T::absent().ok_or_else(|| wrong(Problem::Missing)),
        }
    }
}

impl Given<'_> {
    /// The value of a parameter, or the default of its type.
    ///
    /// # Errors
    /// It is wrong.
    pub fn read_or_default<T: ParameterType + Default>(
        &self,
        row: &Parameter,
    ) -> Result<T, ParameterError> {
        match self.has(row.name) {
            true => self.read(row),
            false => Ok(T::default()),
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

#[cfg(test)]
mod tests;
