//! The part of a run that an expectation is about.

use super::read::Reader;
use super::shapes::EXPECT;
use crate::diagnostic::Code;
use crate::table::Table;
use pumplab_sim::time::Duration;
use std::fmt;

/// From one time since the run began to another, both included; the whole run by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// Beginning.
    pub from: Duration,
    /// End; none for the end of the run.
    pub until: Option<Duration>,
}

impl When {
    /// Whether it is the whole run.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a time since the run began lies in it.
    #[must_use]
    pub fn contains(&self, at: Duration) -> bool {
        at >= self.from && self.until.is_none_or(|until| at <= until)
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = Duration::in_full_for_people;
        match (self.from, self.until) {
            (from, Some(until)) if from == until => return write!(f, " at {}", said(from)),
            (from, _) if from > Duration::ZERO => write!(f, " from {}", said(from))?,
            _ => {}
        }
        match self.until {
            Some(until) => write!(f, " until {}", said(until)),
            None => Ok(()),
        }
    }
}

/// Keys that bound an expectation in time, and what each belongs to.
const KEYS: &[(&str, &[&str])] = &[
    ("at", &["metric"]),
    ("from", &["holds", "violated", "metric"]),
    ("until", &["holds", "violated", "metric"]),
    ("after", &["reaches"]),
    ("within", &["detected", "reaches", "not_reaches"]),
];

impl Reader<'_> {
    /// When an expectation is about; tells of keys that do not belong to it.
    pub(super) fn when(&mut self, table: &Table) -> When {
        let subject = EXPECT.one_of.iter().find(|key| table.has(key));
        for (key, owners) in KEYS {
            let Some(subject) = subject.filter(|_| table.has(key)) else {
                continue;
            };
            if !owners.contains(subject) {
                let owners: Vec<String> = owners.iter().map(|o| format!("`{o}`")).collect();
                let message = format!("`{key}` belongs to {}", owners.join(", "));
                self.tell(Code::Bound, table.span_of(key), message, "bounds nothing");
            } else if *subject != "detected" {
                self.before_end(table, key);
            }
        }
        if let Some(at) = table.duration("at") {
            for key in ["from", "until"] {
                if table.has(key) {
                    let message = format!("`at` is a moment; `{key}` bounds a time");
                    self.tell(Code::Choice, table.span_of(key), message, "one too many");
                }
            }
            return When {
                from: at,
                until: Some(at),
            };
        }
        let either = |a: &str, b: &str| table.duration(a).or_else(|| table.duration(b));
        let when = When {
            from: either("from", "after").unwrap_or_default(),
            until: either("until", "within"),
        };
        if let Some(until) = when.until.filter(|until| *until <= when.from)
            && subject != Some(&"detected")
        {
            let key = if table.has("until") {
                "until"
            } else {
                "within"
            };
            let message = format!("the time from {} until {until} is empty", when.from);
            self.tell(
                Code::OutOfOrder,
                table.span_of(key),
                message,
                "ends before it begins",
            );
        }
        when
    }

    fn before_end(&mut self, table: &Table, key: &str) {
        if let (Some(at), Some(end)) = (table.duration(key), self.duration)
            && at > end
        {
            let message = format!("this is about {at}; the run ends at {end}");
            self.tell(Code::AfterEnd, table.span_of(key), message, "after the end");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::When;
    use pumplab_sim::time::Duration;

    #[test]
    fn a_time_includes_its_ends_and_reads_well() {
        let m = Duration::from_mins;
        let some = |from, until| When { from, until };
        let all = [
            (some(m(0), None), "", [true, true, true]),
            (some(m(10), None), " from 10 min", [false, true, true]),
            (some(m(0), Some(m(20))), " until 20 min", [true, true, true]),
            (
                some(m(10), Some(m(15))),
                " from 10 min until 15 min",
                [false, true, false],
            ),
            (some(m(10), Some(m(10))), " at 10 min", [false, true, false]),
        ];
        for (when, text, inside) in all {
            assert_eq!(when.to_string(), text);
            assert_eq!([5, 10, 20].map(|t| when.contains(m(t))), inside, "{text}");
        }
        assert!(all[0].0.is_whole());
    }
}
