//! Reads what must come out: expectations and the contrast.

use super::read::Reader;
use super::{Contrast, Expect, When};
use crate::defence::repeated;
use crate::diagnostic::Code;
use crate::library::Library;
use crate::shape::entry;
use crate::table::Table;
use pumplab_sim::safety;
use pumplab_sim::time::Duration;
use std::collections::BTreeSet;

impl Reader<'_> {
    pub(super) fn expect(
        &mut self,
        table: &Table,
        goals: &[&str],
        techniques: &[String],
    ) -> Option<Expect> {
        let when = self.when(table);
        if !table.has("metric")
            && let Some(key) = ["at_most", "at_least"].into_iter().find(|k| table.has(k))
        {
            let message = format!("`{key}` belongs to a `metric`");
            self.tell(Code::Bound, table.span_of(key), message, "bounds nothing");
        }
        if let Some(metric) = table.string("metric") {
            return Some(self.metric(table, metric, when));
        }
        for key in ["reaches", "not_reaches"] {
            self.goal(table, key, goals);
        }
        for key in ["stopped", "detected", "undetected"] {
            if let Some(technique) = table.string(key) {
                self.used(table, key, &technique, techniques);
                return Some(match key {
                    "stopped" => Expect::Stopped { technique },
                    "detected" => Expect::Detected {
                        technique,
                        within: table.duration("within"),
                    },
                    _ => Expect::Undetected { technique },
                });
            }
        }
        let property = |key| table.string(key);
        let holds = property("holds").map(|property| Expect::Holds { property, when });
        let violated = || property("violated").map(|property| Expect::Violated { property, when });
        let reaches = || {
            table
                .string("reaches")
                .map(|goal| Expect::Reaches { goal, when })
        };
        let not_reaches = || {
            table
                .string("not_reaches")
                .map(|goal| Expect::NotReaches { goal, when })
        };
        holds
            .or_else(violated)
            .or_else(reaches)
            .or_else(not_reaches)
            .or_else(|| table.has("repeats").then_some(Expect::Repeats))
    }

    fn used(&mut self, table: &Table, key: &str, technique: &String, techniques: &[String]) {
        // A technique that does not exist, here or in a step, has been told.
        let exists = |t: &String| entry(&self.catalogue.techniques, t).is_some();
        if !techniques.contains(technique) && exists(technique) && techniques.iter().all(exists) {
            let message = format!("no step uses `{technique}`");
            let label = if key == "stopped" {
                "nothing to stop"
            } else {
                "nothing to notice"
            };
            self.tell(Code::UnusedTechnique, table.span_of(key), message, label);
        }
    }

    fn metric(&mut self, table: &Table, metric: String, when: When) -> Expect {
        let (at_most, at_least) = (bound(table, "at_most"), bound(table, "at_least"));
        // A bound that cannot be read has been told already.
        if !table.is_given("at_most") && !table.is_given("at_least") {
            let message = format!("nothing is said about `{metric}`");
            self.tell(
                Code::NoBound,
                table.span_of("metric"),
                message,
                "needs `at_most` or `at_least`",
            );
        }
        if !when.is_whole() && safety::metric(&metric).is_some_and(|m| !m.over_time) {
            let key = ["at", "from", "until"].into_iter().find(|k| table.has(k));
            let message = format!("`{metric}` has a value at the end of the run only");
            self.tell(
                Code::Bound,
                table.span_of(key.unwrap_or("metric")),
                message,
                "no value at this time",
            );
        }
        Expect::Metric {
            metric,
            at_most,
            at_least,
            when,
        }
    }

    fn goal(&mut self, table: &Table, key: &str, goals: &[&str]) {
        let exists = |g: &&str| entry(&self.catalogue.goals, g).is_some();
        if let Some(goal) = table.text(key)
            && !goals.contains(&goal)
            && exists(&goal)
            && goals.iter().all(exists)
        {
            let message = format!("no attacker has the goal `{goal}`");
            let known: Vec<String> = goals.iter().map(|g| format!("`{g}`")).collect();
            let d = self.tell(
                Code::ForeignGoal,
                table.span_of(key),
                message,
                "no attacker has this goal",
            );
            if !known.is_empty() {
                d.hints.push(format!("goals here: {}", known.join(", ")));
            }
        }
    }

    fn differs(&mut self, library: &Library, table: &Table, contrast: &Table) {
        let own = controls_of(library, table, &[]);
        if !table.has("defence") || !contrast.has("defence") || own.is_none() {
            return;
        }
        let reaches_too = table
            .tables("expect")
            .any(|e| e.has("reaches") && e.text("reaches") == contrast.text("reaches"));
        // Where a defence does not help, the scenario says that the goal is reached under it as well.
        if own == controls_of(library, contrast, &contrast.texts("without")) && !reaches_too {
            let message = "the contrast has the same controls as the defence".to_owned();
            let d = self.tell(
                Code::SameContrast,
                contrast.span_of("defence"),
                message,
                "the same run",
            );
            d.hints
                .push("name a weaker defence, or leave controls out with `without`".to_owned());
        }
    }

    /// The outer option says whether the contrast could be read, the inner one whether there is one.
    #[expect(clippy::option_option, reason = "absent and unreadable are different")]
    pub(super) fn contrast(
        &mut self,
        library: &Library,
        table: &Table,
        goals: &[&str],
    ) -> Option<Option<Contrast>> {
        let attacked = table.has("attacker");
        let Some(contrast) = table.table("contrast") else {
            if let Some(first) = table
                .tables("attacker")
                .next()
                .filter(|_| !table.has("contrast"))
            {
                let d = self.tell(
                    Code::NoContrast,
                    first.span.clone(),
                    "there is an attacker and no contrast".to_owned(),
                    "where does this succeed?",
                );
                d.hints.push(
                    "add `[contrast]` with a weaker `defence` and the goal that is reached there as `reaches`"
                        .to_owned(),
                );
            }
            return Some(None);
        };
        if !attacked {
            self.tell(
                Code::IdleContrast,
                contrast.span.clone(),
                "there is a contrast and no attacker".to_owned(),
                "nobody attacks",
            );
        } else {
            self.goal(contrast, "reaches", goals);
        }
        repeated(contrast, "without", self.source, &mut self.found);
        self.differs(library, table, contrast);
        Some(Some(Contrast {
            defence: self.defence(contrast)?,
            without: contrast.texts("without"),
            reaches: contrast.string("reaches")?,
        }))
    }
}

/// The controls that a table's defence has on, without those that are left out; none where the defence is not there, which is told elsewhere.
fn controls_of(library: &Library, table: &Table, without: &[String]) -> Option<BTreeSet<String>> {
    let controls = match table.text("defence") {
        Some(name) => library.defence(name).ok()?.controls,
        None => table.texts("defence"),
    };
    Some(
        controls
            .into_iter()
            .filter(|c| !without.contains(c))
            .collect(),
    )
}

/// A bound in the metric's unit; a duration is seconds.
fn bound(table: &Table, key: &str) -> Option<f64> {
    table
        .duration(key)
        .map(Duration::as_secs_f64)
        .or_else(|| table.number(key))
}
