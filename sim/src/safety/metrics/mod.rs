//! Metrics of a run, gathered from its records.
//!
//! One file per family. A family is a state that sees every record, and a list of definitions that read it: what a metric is called, what it means,
//! its unit, and how it is gathered stand in its [`Definition`] and nowhere else. A new metric goes into the file of its family; a new family is
//! named below once.

mod alarms;
mod contributors;
mod count;
mod fleet;
mod libraries;
mod maintenance;
mod measured;
mod metric;
mod programs;
mod run;
mod series;
mod server;
mod therapy;
mod unit;
mod wireless;

pub use contributors::Contributor;
pub use measured::{Evidence, Measured, OverTime};
pub use metric::{Better, Kind, Metric, RunEnd};
pub use series::Series;
pub use unit::Unit;

pub(super) use unit::three_digits;

use super::Truth;
use crate::engine::Entry;
use crate::record::LabRecord;
use metric::{Definition, Family};
use std::sync::LazyLock;

/// Writes out what is done with every family.
macro_rules! families {
    ($($name:ident: $family:ty),+ $(,)?) => {
        /// Gathers metrics.
        #[derive(Clone, Debug)]
        pub struct Metrics {
            $($name: $family),+
        }

        impl Metrics {
            /// Nothing gathered yet.
            #[must_use]
            pub fn new(truth: &Truth) -> Self {
                Self { $($name: Family::new(truth)),+ }
            }

            /// Takes a record in.
            pub fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
                $(self.$name.observe(truth, e);)+
            }

            /// What was gathered, at the end of a run.
            #[must_use]
            pub fn finish(mut self, end: &RunEnd) -> Measured {
                let mut measured = Measured::default();
                $(
                    self.$name.close(end.now);
                    for definition in <$family as Family>::METRICS {
                        definition.read(&self.$name, end, &mut measured);
                    }
                )+
                measured
            }
        }

        fn all() -> Vec<Metric> {
            let mut all = Vec::new();
            $(all.extend(<$family as Family>::METRICS.iter().map(Definition::metric));)+
            all.sort_unstable_by_key(|m| m.entry.id);
            all
        }
    };
}

families! {
    alarms: alarms::Alarms,
    fleet: fleet::Fleet,
    libraries: libraries::Libraries,
    maintenance: maintenance::Maintenance,
    programs: programs::Programs,
    run: run::Run,
    server: server::Server,
    therapy: therapy::Therapy,
    wireless: wireless::Wireless,
}

/// All metrics, by identifier.
pub static METRICS: LazyLock<Vec<Metric>> = LazyLock::new(all);

/// The metric of this identifier.
#[must_use]
pub fn metric(id: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|m| m.entry.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_title_has_no_unit_in_it_and_every_identifier_is_one() {
        let ids: BTreeSet<&str> = METRICS.iter().map(|m| m.entry.id).collect();
        assert_eq!(ids.len(), METRICS.len(), "two metrics have one identifier");
        for m in METRICS.iter() {
            let (id, title) = (m.entry.id, m.entry.title);
            assert!(!title.is_empty() && !title.contains('('), "{id}: {title}");
            assert!(m.entry.summary.ends_with('.'), "{id}: {}", m.entry.summary);
        }
    }
}
