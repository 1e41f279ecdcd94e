//! A file after checking: only keys that exist, only values of the right kind, each with its place.

use pumplab_sim::parameters::{ParameterError, Parameters};
use pumplab_sim::spec::{ParamValue, Position};
use pumplab_sim::time::Duration;
use pumplab_sim::wire::Cidr;
use std::collections::BTreeMap;
use std::ops::Range;

/// A checked value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Number(f64),
    Bool(bool),
    Duration(Duration),
    Position(Position),
    Cidr(Cidr),
    Calendar(u64),
    List(Vec<Node>),
    Table(Table),
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

/// A checked table. A key that is wrong or missing has been told already and is not here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) span: Range<usize>,
    pub(crate) entries: BTreeMap<String, Node>,
    /// Keys that are there and could not be read, which has been told.
    pub(crate) unreadable: Vec<&'static str>,
    /// Keys that its shape has: in tests, a reader that asks for another is found.
    #[cfg(debug_assertions)]
    pub(crate) known: Vec<&'static str>,
}

macro_rules! readers {
    ($( $name:ident: $variant:ident => $t:ty; )*) => { $(
        pub(crate) fn $name(&self, key: &str) -> Option<$t> {
            match self.get(key)?.value {
                Value::$variant(v) => Some(v),
                _ => None,
            }
        }
    )* };
}

impl Table {
    readers! {
        bool: Bool => bool;
        duration: Duration => Duration;
        position: Position => Position;
        calendar: Calendar => u64;
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match &self.get(key)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn string(&self, key: &str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        match self.get(key)?.value {
            Value::Number(v) => Some(v),
            Value::Integer(v) => Some(v as f64),
            _ => None,
        }
    }

    /// A whole number that fits the type asked for; ranges in the shape make sure that it does.
    pub(crate) fn integer<T: TryFrom<i64>>(&self, key: &str) -> Option<T> {
        match self.get(key)?.value {
            Value::Integer(v) => T::try_from(v).ok(),
            _ => None,
        }
    }

    pub(crate) fn list(&self, key: &str) -> &[Node] {
        match self.get(key).map(|n| &n.value) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    pub(crate) fn table(&self, key: &str) -> Option<&Self> {
        match &self.get(key)?.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The tables of a list.
    pub(crate) fn tables(&self, key: &str) -> impl Iterator<Item = &Self> {
        self.list(key).iter().filter_map(|n| match &n.value {
            Value::Table(table) => Some(table),
            _ => None,
        })
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        self.list(key)
            .iter()
            .filter_map(|n| match &n.value {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value of a key of its shape.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        #[cfg(debug_assertions)]
        debug_assert!(
            self.known.is_empty() || self.known.contains(&key),
            "a reader asks for `{key}`, which the shape of the table does not have: {:?}",
            self.known
        );
        self.entries.get(key)
    }

    /// Notes the keys of its shape.
    pub(crate) fn know(&mut self, keys: &[&'static str]) {
        #[cfg(debug_assertions)]
        self.known.extend_from_slice(keys);
        let _ = keys;
    }

    /// Reads the keys that a struct has; other keys are somebody else's.
    pub(crate) fn read<P: Parameters>(&self) -> Result<P, ParameterError> {
        let own = P::PARAMETERS.iter();
        let own = own.filter_map(|p| Some((p.name.to_owned(), self.parameter(p.name)?)));
        P::parse(&own.collect())
    }

    /// The value of a key as a parameter.
    pub(crate) fn parameter(&self, key: &str) -> Option<ParamValue> {
        self.get(key)?.value.parameter()
    }

    /// Whether the key stands in the file, readable or not.
    pub(crate) fn is_given(&self, key: &str) -> bool {
        self.has(key) || self.unreadable.contains(&key)
    }

    /// The place of a key's value, or of the table.
    pub(crate) fn span_of(&self, key: &str) -> Range<usize> {
        self.get(key)
            .map_or_else(|| self.span.clone(), |n| n.span.clone())
    }

    /// As parameters of a step.
    pub(crate) fn parameters(&self) -> BTreeMap<String, ParamValue> {
        let pair = |(key, node): (&String, &Node)| Some((key.clone(), node.value.parameter()?));
        self.entries.iter().filter_map(pair).collect()
    }
}

impl Value {
    fn parameter(&self) -> Option<ParamValue> {
        Some(match self {
            Self::Text(v) => ParamValue::Text(v.clone()),
            Self::Integer(v) => ParamValue::Integer(*v),
            Self::Number(v) => ParamValue::Float(*v),
            Self::Bool(v) => ParamValue::Bool(*v),
            Self::Duration(v) => ParamValue::Text(v.to_string()),
            Self::Table(v) => ParamValue::Table(v.parameters()),
            Self::Position(at) => ParamValue::List([at.x, at.y].map(ParamValue::Float).to_vec()),
            Self::Cidr(v) => ParamValue::Text(v.to_string()),
            Self::List(v) => {
                let items = v.iter().map(|n| n.value.parameter());
                ParamValue::List(items.collect::<Option<_>>()?)
            }
            Self::Calendar(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "a reader asks for `seceret`")]
    fn a_reader_that_asks_for_a_key_that_the_shape_does_not_have_is_found() {
        let mut table = Table::default();
        table.know(&["secret"]);
        assert_eq!(table.text("secret"), None);
        let _ = table.text("seceret");
    }
}
