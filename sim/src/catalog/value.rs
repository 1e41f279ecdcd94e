//! Values of parameters.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A parameter's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParamValue {
    /// Yes or no.
    Bool(bool),
    /// Whole number.
    Integer(i64),
    /// Number.
    Float(f64),
    /// Text, also durations and factors.
    Text(String),
    /// Nested parameters.
    Table(BTreeMap<String, ParamValue>),
    /// A list.
    List(Vec<ParamValue>),
}
