//! Tables of parameters: structs, enums that a word tells apart, enums that a key tells apart.

use super::{Given, ParamValue, ParameterError, ParameterType, Parameters, Problem, Raw};
use crate::catalog::{Parameter, ParameterKind, Table};

/// Kinds of thing that a file tells apart by a word, each with parameters. Derived, never written by hand.
pub trait Tagged: Sized {
    /// A table per kind; its name is the word.
    const TABLES: &'static [Table];

    /// The word of this one.
    fn id(&self) -> &'static str;

    /// Reads the fields of a kind; called by [`Self::parse`].
    ///
    /// # Errors
    /// The first parameter that is missing or wrong, or the word if there is no such kind.
    fn read(id: &str, given: &Given<'_>) -> Result<Self, ParameterError>;

    /// The parameters as a file would give them, defaults included.
    fn write(&self) -> Raw;

    /// The table of a word.
    #[must_use]
    fn table(id: &str) -> Option<&'static Table> {
        Self::TABLES.iter().find(|t| t.name == id)
    }

    /// Reads one. Whatever is not known, missing, out of its range or not together with what it needs is refused.
    ///
    /// # Errors
    /// The first parameter that is wrong, or the word if there is no such kind.
    fn parse(id: &str, raw: &Raw) -> Result<Self, ParameterError> {
        let table = Self::table(id).ok_or_else(|| ParameterError::unknown(id))?;
        checked(table, raw, |given| Self::read(id, given))
    }
}

/// Kinds of thing that a table has by key. Derived, never written by hand.
pub trait Keyed: Sized {
    /// A row per key.
    const KEYS: &'static [Parameter];

    /// Reads what stands under a key; several where that is a list.
    ///
    /// # Errors
    /// The key, and what is wrong in it.
    fn read(key: &str, value: &ParamValue) -> Result<Vec<Self>, ParameterError>;
}

/// Reads parameters by their table, whatever they become.
///
/// # Errors
/// The first parameter that is not known, missing, out of its range or not together with what it needs.
pub fn checked<T>(
    table: &Table,
    raw: &Raw,
    read: impl FnOnce(&Given<'_>) -> Result<T, ParameterError>,
) -> Result<T, ParameterError> {
    let known = |k: &&String| !table.parameters.iter().any(|p| p.name == k.as_str());
    if let Some(unknown) = raw.keys().find(known) {
        return Err(ParameterError::unknown(unknown));
    }
    let given = Given(raw);
    let read = read(&given)?;
    match table.relations.iter().find_map(|r| r.broken(&given)) {
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

/// Reads a struct that is the value of a parameter.
///
/// # Errors
/// The value is no table, or something in it is wrong.
pub fn nested<P: Parameters>(value: &ParamValue) -> Result<P, Problem> {
    match value {
        ParamValue::Table(raw) => P::parse(raw).map_err(|e| Problem::Inside(Box::new(e))),
        _ => Err(Problem::kind(&ParameterKind::Table(P::TABLE))),
    }
}

fn wrong(key: &str, problem: Problem) -> ParameterError {
    ParameterError {
        parameter: key.to_owned(),
        problem,
    }
}

/// Reads the table under a key.
///
/// # Errors
/// There is no table, or something in it is wrong.
pub fn table<T>(
    key: &str,
    value: &ParamValue,
    parse: impl FnOnce(&Raw) -> Result<T, ParameterError>,
) -> Result<T, ParameterError> {
    match value {
        ParamValue::Table(raw) => parse(raw).map_err(|e| wrong(key, Problem::Inside(Box::new(e)))),
        _ => {
            let wanted = "table".to_owned();
            Err(wrong(key, Problem::Type { wanted }))
        }
    }
}

/// The list under a key.
///
/// # Errors
/// There is no list.
pub fn list<'a>(key: &str, value: &'a ParamValue) -> Result<&'a [ParamValue], ParameterError> {
    match value {
        ParamValue::List(items) => Ok(items),
        _ => {
            let wanted = "list".to_owned();
            Err(wrong(key, Problem::Type { wanted }))
        }
    }
}

/// One value of a list under a key.
///
/// # Errors
/// It is wrong.
pub fn one<T: ParameterType>(
    key: &str,
    value: &ParamValue,
    kind: &ParameterKind,
) -> Result<T, ParameterError> {
    T::read(value, kind).map_err(|problem| wrong(key, problem))
}

/// What a key that is only there or not stands for.
///
/// # Errors
/// It is something other than `true`.
pub fn marked<T>(key: &str, value: &ParamValue, made: T) -> Result<T, ParameterError> {
    one::<bool>(key, value, &ParameterKind::Marker).map(|_| made)
}
