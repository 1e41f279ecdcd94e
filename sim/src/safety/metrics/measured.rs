//! What was measured in a run: values, their histories, and the records behind them.

use super::contributors::{Contributor, Contributors};
use super::series::Series;
use crate::time::Time;
use std::collections::BTreeMap;

/// What was measured in a run.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Values by identifier at the end of the run; a metric that has no value is not in it.
    pub values: BTreeMap<&'static str, f64>,
    /// Those that have a history, over time.
    pub over_time: OverTime,
    /// The records that make them.
    pub behind: BTreeMap<&'static str, Evidence>,
}

impl Measured {
    pub(super) fn add(
        &mut self,
        id: &'static str,
        value: Option<f64>,
        history: Option<History>,
        behind: Evidence,
    ) {
        self.values.extend(value.map(|v| (id, v)));
        self.over_time.0.extend(history.map(|h| (id, h)));
        self.behind.insert(id, behind);
    }
}

/// The records that make a metric, the greatest part first; the greatest only where they are many.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// What made the value at the end of the run.
    pub at_end: Vec<Contributor>,
    /// Of a level, what was in it at any time, each for as long as its value says.
    pub ever: Option<Vec<Contributor>>,
}

impl Evidence {
    pub(super) fn new(at_end: Contributors, ever: Option<Contributors>) -> Self {
        Self {
            at_end: at_end.into_vec(),
            ever: ever.map(Contributors::into_vec),
        }
    }

    pub(super) fn at_end(all: Contributors) -> Self {
        Self::new(all, None)
    }
}

/// Metrics over time: counts as they grew, levels as they rose and fell, and sums of levels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OverTime(BTreeMap<&'static str, History>);

impl OverTime {
    /// The value of a metric at a time of the run; none for a metric without a history.
    #[must_use]
    pub fn at(&self, id: &str, at: Time) -> Option<f64> {
        self.0.get(id).map(|h| h.at(at))
    }

    /// Least and greatest value of a metric from one time to another, both included; none for a metric without a history.
    #[must_use]
    pub fn range(&self, id: &str, from: Time, until: Time) -> Option<(f64, f64)> {
        self.0.get(id).map(|h| h.range(from, until))
    }
}

/// A metric over time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct History {
    steps: Series,
    /// Where the metric is the sum of the steps over time: seconds in its unit.
    unit_s: Option<f64>,
}

impl From<Series> for History {
    fn from(steps: Series) -> Self {
        Self {
            steps,
            unit_s: None,
        }
    }
}

impl History {
    /// The sum of a level over time, in a unit of so many seconds.
    pub(super) fn integral(steps: Series, unit_s: f64) -> Self {
        Self {
            steps,
            unit_s: Some(unit_s),
        }
    }

    /// The value at a time.
    pub(super) fn at(&self, at: Time) -> f64 {
        match self.unit_s {
            Some(unit_s) => self.steps.integral_s(at) / unit_s,
            None => self.steps.at(at),
        }
    }

    fn range(&self, from: Time, until: Time) -> (f64, f64) {
        match self.unit_s {
            // A sum of what is never below zero only grows.
            Some(_) => (self.at(from), self.at(until)),
            None => self.steps.range(from, until),
        }
    }
}
