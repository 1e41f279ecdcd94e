//! What a metric is: everything that is said of it, and how it is gathered, in one value.

use super::contributors::{Contributor, Contributors};
use super::count::Count;
use super::measured::{Evidence, History, Measured};
use super::series::Series;
use super::unit::Unit;
use crate::catalog::Entry;
use crate::engine;
use crate::record::LabRecord;
use crate::safety::{Needs, Truth};
use crate::time::Time;
use std::fmt;

/// A metric, as lists, checks and documents know it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// Name and meaning.
    pub entry: Entry,
    /// What it is made of.
    pub kind: Kind,
    /// What its values are counted in.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// What a run has to have so that the metric can tell anything.
    pub needs: Needs,
    /// Whether it has a value at every time of the run, and not only at the end.
    pub over_time: bool,
    /// What its contributors are counted in.
    pub part_unit: Unit,
}

/// What a metric is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What happened, counted.
    Count,
    /// How many there are of something, or what share of all, at a time.
    Level,
    /// An amount, summed up over the run.
    Sum,
    /// The value below which a share of all values lies.
    Quantile,
    /// A share of the whole run.
    Ratio,
    /// The greatest of several values.
    Maximum,
    /// The time until something was so for the first time.
    Delay,
}

impl Kind {
    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Level => "level",
            Self::Sum => "sum",
            Self::Quantile => "quantile",
            Self::Ratio => "ratio",
            Self::Maximum => "maximum",
            Self::Delay => "delay",
        }
    }
}

/// Which values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Lower ones.
    Lower,
    /// Higher ones.
    Higher,
    /// Neither: it tells how much there was of something.
    Neither,
}

impl Better {
    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::Neither => "-",
        }
    }
}

/// What a run knows of itself at its end besides its records.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunEnd {
    /// Simulated time at the end.
    pub now: Time,
    /// Events dispatched.
    pub events: u64,
    /// Alerts whose causes lead to no attacker.
    pub false_alerts: usize,
}

/// A metric and how it is gathered: the definition that a family of metrics, with its state `F`, has one of for each of its metrics.
pub(super) struct Definition<F: 'static> {
    /// Identifier, as expectations and results name it.
    pub(super) id: &'static str,
    /// Title, one line, without a unit.
    pub(super) title: &'static str,
    /// What is counted, from when to when, and what counts for what never came.
    pub(super) doc: &'static str,
    pub(super) unit: Unit,
    pub(super) better: Better,
    pub(super) needs: Needs,
    pub(super) gather: Gather<F>,
}

/// A list of contributors that a family can give at the end of a run.
type List<F, C> = fn(&F, Time) -> C;

/// How a metric comes out of the state of its family. Times are those of the end of the run.
pub(super) enum Gather<F: 'static> {
    /// What happened, counted with its history and the records behind it.
    Count(fn(&F) -> &Count),
    /// A number that only grows, with its history and without records.
    Growing(fn(&F) -> &Series),
    /// What happens too often for a history.
    Total(fn(&F, &RunEnd) -> f64),
    /// How many there are of something at a time.
    Level(fn(&F) -> &Series, Option<Parts<F>>),
    /// A level summed up over time, in the metric's unit.
    Integral(fn(&F) -> &Series, Option<Parts<F>>),
    /// An amount that is summed up to the end.
    Sum(fn(&F) -> f64, Parts<F>),
    /// The value at or below which this share of the values lies; none without values.
    Quantile(f64, List<F, Vec<Contributor>>),
    /// A share of the run.
    Ratio(fn(&F, Time) -> f64, Option<Parts<F>>),
    /// The greatest of several values; zero without values.
    Maximum(fn(&F, Time) -> f64, Parts<F>),
    /// The time until something was so; none if it never was.
    Delay(fn(&F) -> Option<f64>),
}

/// The contributors of a metric.
pub(super) struct Parts<F: 'static> {
    /// What they are counted in.
    pub(super) unit: Unit,
    /// Those that make the value at the end.
    pub(super) at_end: List<F, Contributors>,
    /// Of a level, all that were ever in it, each with its time: they make the value at a time of the run.
    pub(super) ever: Option<List<F, Contributors>>,
}

impl<F> Definition<F> {
    /// What is said of it.
    pub(super) const fn metric(&self) -> Metric {
        let (kind, over_time, parts) = match &self.gather {
            Gather::Count(_) | Gather::Growing(_) => (Kind::Count, true, None),
            Gather::Total(_) => (Kind::Count, false, None),
            Gather::Level(_, parts) => (Kind::Level, true, parts.as_ref()),
            Gather::Integral(_, parts) => (Kind::Sum, true, parts.as_ref()),
            Gather::Sum(_, parts) => (Kind::Sum, false, Some(parts)),
            Gather::Quantile(..) => (Kind::Quantile, false, None),
            Gather::Ratio(_, parts) => (Kind::Ratio, false, parts.as_ref()),
            Gather::Maximum(_, parts) => (Kind::Maximum, false, Some(parts)),
            Gather::Delay(_) => (Kind::Delay, false, None),
        };
        Metric {
            entry: Entry::plain(self.id, self.title, self.doc),
            kind,
            unit: self.unit,
            better: self.better,
            needs: self.needs,
            over_time,
            part_unit: match parts {
                Some(parts) => parts.unit,
                None => self.unit,
            },
        }
    }

    /// Reads value, history and contributors at the end of a run.
    pub(super) fn read(&self, of: &F, end: &RunEnd, out: &mut Measured) {
        let now = end.now;
        let (value, history, behind) = match &self.gather {
            Gather::Count(count) => {
                let Count { number, behind } = count(of);
                let behind = Evidence::at_end(behind.clone());
                (Some(number.last()), Some(number.clone().into()), behind)
            }
            Gather::Growing(number) => {
                let number = number(of);
                let history = Some(number.clone().into());
                (Some(number.last()), history, Evidence::default())
            }
            Gather::Total(total) => (Some(total(of, end)), None, Evidence::default()),
            Gather::Level(level, parts) => {
                let level = level(of);
                let behind = behind(parts.as_ref(), of, now);
                (Some(level.last()), Some(level.clone().into()), behind)
            }
            Gather::Integral(level, parts) => {
                let history = History::integral(level(of).clone(), self.unit.seconds());
                let behind = behind(parts.as_ref(), of, now);
                (Some(history.at(now)), Some(history), behind)
            }
            Gather::Sum(sum, parts) => (Some(sum(of)), None, behind(Some(parts), of, now)),
            Gather::Quantile(share, values) => {
                let all = values(of, now);
                let value = quantile(&mut all.iter().map(|c| c.value).collect::<Vec<_>>(), *share);
                (value, None, Evidence::at_end(all.into_iter().collect()))
            }
            Gather::Ratio(ratio, parts) => {
                let behind = behind(parts.as_ref(), of, now);
                (Some(ratio(of, now)), None, behind)
            }
            Gather::Maximum(most, parts) => {
                (Some(most(of, now)), None, behind(Some(parts), of, now))
            }
            Gather::Delay(delay) => (delay(of), None, Evidence::default()),
        };
        out.add(self.id, value, history, behind);
    }
}

fn behind<F>(parts: Option<&Parts<F>>, of: &F, now: Time) -> Evidence {
    parts.map_or_else(Evidence::default, |parts| {
        Evidence::new(
            (parts.at_end)(of, now),
            parts.ever.map(|ever| ever(of, now)),
        )
    })
}

/// Metrics that are gathered together: one state that sees every record, and the definitions that read it.
pub(super) trait Family: Clone + fmt::Debug + Sized + 'static {
    /// Its metrics.
    const METRICS: &'static [Definition<Self>];

    /// The state before the first record.
    fn new(truth: &Truth) -> Self;

    /// Takes a record in. It is called for every record of a run, in order of time.
    fn observe(&mut self, truth: &Truth, e: &engine::Entry<LabRecord>);

    /// The run is over: what still goes on counts until now.
    fn close(&mut self, _now: Time) {}
}

/// The value at or below which this share of the sorted values lies (nearest rank); none without values.
fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = libm::ceil(share * values.len() as f64) as usize;
    values.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_are_by_nearest_rank() {
        assert_eq!(quantile(&mut [], 0.99), None);
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(
            quantile(&mut (1..=100).map(f64::from).collect::<Vec<_>>(), 0.99),
            Some(99.0)
        );
        assert_eq!(quantile(&mut [1.0, 2.0, 3.0, 4.0], 0.5), Some(2.0));
    }
}
