//! Positions on the floor.

use crate::catalog::{ParamValue, ParameterKind};
use crate::fingerprint::Fingerprint;
use crate::parameters::{FLOOR_M, ParameterType, Problem, number};
use serde::{Deserialize, Serialize};

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

impl ParameterType for Position {
    const KIND: ParameterKind = ParameterKind::Position;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        let ParamValue::List(items) = value else {
            return Err(Problem::kind(kind));
        };
        let metres = |value| number(value, kind, (-FLOOR_M, FLOOR_M));
        match items.as_slice() {
            [x, y] => Ok(Self {
                x: metres(x)?,
                y: metres(y)?,
            }),
            _ => Err(Problem::kind(kind)),
        }
    }

    fn write(&self) -> Option<ParamValue> {
        let both = [self.x, self.y].map(ParamValue::Float);
        Some(ParamValue::List(both.to_vec()))
    }
}
