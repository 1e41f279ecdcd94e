//! A value over time, as steps.

use crate::time::Time;

/// A value that changes in steps. Before its first step it is zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    steps: Vec<(Time, f64)>,
}

impl Series {
    /// The value is this from `at` on. Times must not go back.
    pub fn set(&mut self, at: Time, value: f64) {
        if self.last() == value {
            return;
        }
        match self.steps.last_mut() {
            Some((t, v)) if *t == at => *v = value,
            _ => self.steps.push((at, value)),
        }
    }

    /// The value grows by this much at `at`.
    pub fn add(&mut self, at: Time, by: f64) {
        self.set(at, self.last() + by);
    }

    /// The value after the last step.
    #[must_use]
    pub fn last(&self) -> f64 {
        self.steps.last().map_or(0.0, |(_, v)| *v)
    }

    /// The value at a time; a step counts from its own instant on.
    #[must_use]
    pub fn at(&self, at: Time) -> f64 {
        let after = self.steps.partition_point(|(t, _)| *t <= at);
        after.checked_sub(1).map_or(0.0, |last| self.steps[last].1)
    }

    /// Least and greatest value from one time to another, both included.
    #[must_use]
    pub fn range(&self, from: Time, until: Time) -> (f64, f64) {
        let first = self.at(from);
        let within = self.steps.iter().filter(|(t, _)| *t > from && *t <= until);
        within.fold((first, first), |(least, most), (_, v)| {
            (least.min(*v), most.max(*v))
        })
    }

    /// The value summed over time from the beginning of the run to `until`, in units of the value times seconds.
    #[must_use]
    pub fn integral_s(&self, until: Time) -> f64 {
        let mut sum = 0.0;
        for (i, &(from, value)) in self.steps.iter().enumerate() {
            let to = self.steps.get(i + 1).map_or(until, |(t, _)| *t).min(until);
            if to > from {
                sum += value * (to - from).as_secs_f64();
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    fn at(s: u64) -> Time {
        Time::ZERO + Duration::from_secs(s)
    }

    #[test]
    fn a_series_is_its_last_step_and_sums_over_time() {
        let mut s = Series::default();
        assert_eq!(
            (s.at(at(5)), s.last(), s.integral_s(at(9))),
            (0.0, 0.0, 0.0)
        );
        s.set(at(10), 3.0);
        s.add(at(20), -1.0);
        s.set(at(20), 1.0);
        assert_eq!((s.at(at(9)), s.at(at(10)), s.at(at(30))), (0.0, 3.0, 1.0));
        assert_eq!(s.range(at(0), at(15)), (0.0, 3.0));
        assert_eq!(s.range(at(12), at(19)), (3.0, 3.0));
        assert_eq!(s.range(at(12), at(20)), (1.0, 3.0));
        assert_eq!(s.integral_s(at(15)), 15.0);
        assert_eq!(s.integral_s(at(25)), 35.0);
    }
}
