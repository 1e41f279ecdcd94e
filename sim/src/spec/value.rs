//! Values that stand in files: parameters, and positions on the floor.

use crate::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A position on the floor in metres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// East.
    pub x: f64,
    /// North.
    pub y: f64,
}

impl Position {
    /// Distance in metres.
    #[must_use]
    pub fn distance(self, other: Self) -> f64 {
        libm::hypot(self.x - other.x, self.y - other.y)
    }
}

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
