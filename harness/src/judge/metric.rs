//! Judges metrics, and says what makes them what they are.

use super::since_begin;
use crate::report::words::Words;
use crate::verdict::{Judged, Part};
use pumplab_scenarios::When;
use pumplab_sim::run::Outcome;
use pumplab_sim::safety::{self, Contributor, Unit};
use pumplab_sim::time::{Duration, Time};

/// Judges a metric against its bounds.
pub(super) fn within(
    expected: String,
    id: &str,
    (at_least, at_most): (Option<f64>, Option<f64>),
    when: When,
    outcome: &Outcome,
) -> Judged {
    // Least and greatest value in the time that is asked about; at the end of the run both are the same.
    let value = if when.is_whole() {
        outcome.metrics.get(id).map(|v| (*v, *v))
    } else {
        let end = when.until.unwrap_or(since_begin(outcome.now));
        outcome.metric_range(id, Time::ZERO + when.from, Time::ZERO + end)
    };
    // A metric without a value, such as the percentile of nothing, is not within bounds.
    let held = value.is_some_and(|(least, most)| {
        at_least.is_none_or(|bound| least >= bound) && at_most.is_none_or(|bound| most <= bound)
    });
    let (title, unit) = safety::metric(id).map_or((id, Unit::Count), |m| (m.entry.title, m.unit));
    let seen = match value {
        None => format!("{title} has no value in this run{when}"),
        Some((least, most)) => {
            // What was rounded must not look as if it were within the bound that it is beyond.
            let bounds = [at_least, at_most];
            let as_bound = |v: f64| {
                let same = |b: f64| b != v && unit.in_full(b) == unit.for_people(v);
                bounds.into_iter().flatten().any(same)
            };
            let say = |v: f64| match as_bound(v) {
                true => unit.in_full(v),
                false => unit.for_people(v),
            };
            let value = match (say(least), say(most)) {
                (least, most) if least == most => most,
                (least, most) => format!("between {least} and {most}"),
            };
            format!("{title}: {value}{when}, {}", limit(unit, at_least, at_most))
        }
    };
    Judged {
        expected,
        unjudged: None,
        held,
        seen,
        at: None,
        record: None,
        parts: Vec::new(),
    }
}

fn limit(unit: Unit, at_least: Option<f64>, at_most: Option<f64>) -> String {
    match (at_least, at_most) {
        (Some(least), Some(most)) if least == most => {
            format!("expected {}", unit.in_full(most))
        }
        (Some(least), Some(most)) => {
            let (least, most) = (unit.in_full(least), unit.in_full(most));
            format!("limits {least} to {most}")
        }
        (Some(least), None) => format!("at least {} expected", unit.in_full(least)),
        (None, most) => format!("limit {}", unit.in_full(most.unwrap_or_default())),
    }
}

/// How many parts of a metric are named.
const NAMED: usize = 12;

/// Adds the records that make a metric, where they are known, and says which has the greatest part.
pub(super) fn name_parts(
    judged: &mut Judged,
    id: &str,
    when: When,
    outcome: &Outcome,
    words: &Words,
) {
    let Some(behind) = outcome.behind.get(id) else {
        return;
    };
    // At a time of the run, a level is made by what lasted then, whether or not it still does at the end.
    let (behind, lasts) = match &behind.ever {
        Some(ever) if !when.is_whole() => (ever, true),
        _ => (&behind.at_end, false),
    };
    let unit = safety::metric(id).map_or(Unit::Count, |m| m.part_unit);
    let end = when.until.map_or(Time::MAX, |until| Time::ZERO + until);
    let begin = Time::ZERO + when.from;
    let over = |c: &Contributor| match lasts {
        true => c.at + Duration::from_secs_f64(c.value),
        false => c.at,
    };
    let within = behind.iter().filter(|c| c.at <= end && over(c) >= begin);
    let parts: Vec<_> = within.filter(|c| c.value > 0.0).take(NAMED).collect();
    if let Some(first) = parts.first() {
        let differ = parts.iter().any(|c| c.value < first.value);
        let first = match differ {
            true => Some(*first),
            false => parts.iter().copied().min_by_key(|c| (c.at, c.record)),
        };
        if let (Some(first), false) = (first, judged.held) {
            let word = if differ { "worst" } else { "first" };
            let (node, at) = (words.node(first.node), first.at.for_people());
            judged.seen.push_str(&format!("; {word} {node} at {at}"));
            judged.record = Some(first.record.number());
        }
    }
    judged.parts = parts
        .into_iter()
        .map(|c| Part {
            record: c.record.number(),
            node: words.node(c.node).to_owned(),
            at: c.at.to_string(),
            value: unit.for_people(c.value),
        })
        .collect();
}
