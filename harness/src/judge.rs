//! Judges a run: what was asked of it against what it told.

use crate::execute::Cell;
use crate::report::explanation::clock;
use crate::report::reason::reason;
use crate::report::words::Words;
use crate::verdict::{FORMAT, GoalReport, Judged, StepReport, Variant, Verdict, ViolationReport};
use pumplab_scenarios::Expect;
use pumplab_sim::run::{GoalReached, Outcome, StepOutcome};
use pumplab_sim::time::Time;

/// Judges a run.
#[must_use]
pub fn judge(cell: &Cell, outcome: &Outcome, words: &Words) -> Verdict {
    let expectations: Vec<Judged> = cell.questions.iter().map(|q| answer(q, outcome)).collect();
    let steps: Vec<StepReport> = outcome
        .steps
        .iter()
        .map(|s| step(s, outcome, words))
        .collect();
    Verdict {
        format: FORMAT,
        held: expectations.iter().all(|e| e.held),
        violations: outcome
            .violations
            .iter()
            .map(|v| ViolationReport {
                property: v.property.to_owned(),
                at: v.at.to_string(),
                node: words.node(v.node).to_owned(),
                text: v.text.clone(),
                record: v.record.0,
            })
            .collect(),
        goals: outcome
            .goals
            .iter()
            .map(|g| GoalReport {
                attacker: g.attacker.clone(),
                goal: g.goal.clone(),
                at: g.at.to_string(),
                record: g.record.0,
            })
            .collect(),
        happened: happened(cell, outcome, &steps),
        expectations,
        steps,
    }
}

fn answer(question: &Expect, outcome: &Outcome) -> Judged {
    let expected = question.to_string();
    match question {
        Expect::Holds { property } => property_holds(expected, property, outcome),
        Expect::Violated { property } => {
            let mut judged = property_holds(expected, property, outcome);
            judged.held = !judged.held;
            judged
        }
        Expect::Reaches { goal } => {
            let mut judged = goal_prevented(expected, goal, outcome);
            judged.held = !judged.held;
            judged
        }
        Expect::NotReaches { goal } => goal_prevented(expected, goal, outcome),
        Expect::Metric {
            metric,
            at_least,
            at_most,
        } => metric_within(expected, metric, (*at_least, *at_most), outcome),
        Expect::Stopped { technique } => technique_stopped(expected, technique, outcome),
    }
}

/// Every step that uses the technique was tried and failed: one that was never tried, or still ran at the end, was not stopped.
fn technique_stopped(expected: String, technique: &str, outcome: &Outcome) -> Judged {
    let mut steps = outcome
        .steps
        .iter()
        .filter(|s| s.technique == technique)
        .peekable();
    let tried = steps.peek().is_some();
    let open = steps.find(|s| s.success != Some(false));
    let seen = match (tried, open) {
        (false, _) => "it was never tried".to_owned(),
        (true, None) => "it failed whenever it was tried".to_owned(),
        (true, Some(s)) if s.success == Some(true) => format!("step {} succeeded", s.step + 1),
        (true, Some(s)) => format!("step {} still ran at the end", s.step + 1),
    };
    Judged {
        expected,
        held: tried && open.is_none(),
        seen,
        at: None,
        record: None,
    }
}

fn property_holds(expected: String, property: &str, outcome: &Outcome) -> Judged {
    let broken: Vec<_> = outcome
        .violations
        .iter()
        .filter(|v| v.property == property)
        .collect();
    let Some(first) = broken.first() else {
        return Judged {
            expected,
            held: true,
            seen: "no violation".to_owned(),
            at: None,
            record: None,
        };
    };
    let more = match broken.len() {
        1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    Judged {
        expected,
        held: false,
        seen: format!("{} at {}{more}", first.text, short(first.at)),
        at: Some(first.at.to_string()),
        record: Some(first.record.0),
    }
}

fn goal_prevented(expected: String, goal: &str, outcome: &Outcome) -> Judged {
    let reached: Option<&GoalReached> = outcome.goals.iter().find(|g| g.goal == goal);
    Judged {
        expected,
        held: reached.is_none(),
        seen: reached.map_or_else(
            || "the goal was not reached".to_owned(),
            |g| format!("{} reached the goal at {}", g.attacker, short(g.at)),
        ),
        at: reached.map(|g| g.at.to_string()),
        record: reached.map(|g| g.record.0),
    }
}

fn metric_within(
    expected: String,
    metric: &str,
    (at_least, at_most): (Option<f64>, Option<f64>),
    outcome: &Outcome,
) -> Judged {
    let value = outcome.metrics.get(metric).copied();
    // A metric without a value, such as the percentile of nothing, is not within bounds.
    let held = value.is_some_and(|v| {
        at_least.is_none_or(|least| v >= least) && at_most.is_none_or(|most| v <= most)
    });
    Judged {
        expected,
        held,
        seen: value.map_or_else(
            || format!("{metric} has no value in this run"),
            |v| format!("{metric} is {v}"),
        ),
        at: None,
        record: None,
    }
}

fn step(step: &StepOutcome, outcome: &Outcome, words: &Words) -> StepReport {
    let refusal = match (&outcome.trace, step.stopped_by) {
        (Some(trace), Some(id)) => trace.record(id),
        _ => None,
    };
    let reason = refusal.and_then(|entry| reason(words, entry.node, &entry.what));
    StepReport {
        attacker: step.attacker.clone(),
        number: step.step + 1,
        technique: step.technique.to_owned(),
        success: step.success,
        stage: step.stage_name.to_owned(),
        saw: step.saw.to_owned(),
        stopped_by: step
            .stopped_by
            .filter(|_| step.success == Some(false))
            .map(|r| r.0),
        item: reason.as_ref().map(|r| r.short.clone()),
        control: reason.and_then(|r| r.control),
    }
}

fn happened(cell: &Cell, outcome: &Outcome, steps: &[StepReport]) -> String {
    if cell.play.attackers.is_empty() {
        return outcome.violations.first().map_or_else(
            || "no violation".to_owned(),
            |v| format!("{} broken at {}", v.property, short(v.at)),
        );
    }
    if let Some(goal) = outcome.goals.first() {
        let at = short(goal.at);
        return match cell.variant {
            Variant::Run => format!("reached {} at {at}", goal.goal),
            Variant::Contrast => format!("reached at {at}"),
        };
    }
    if let Some(failed) = steps.iter().find(|s| s.success == Some(false)) {
        return stopped(failed);
    }
    steps.iter().find(|s| s.success.is_none()).map_or_else(
        || "every step done, goal not reached".to_owned(),
        |s| format!("still at {} of {}", s.stage, s.technique),
    )
}

fn stopped(step: &StepReport) -> String {
    let at = format!("stopped at {}", step.stage);
    match (&step.control, &step.item) {
        (Some(control), Some(item)) => format!("{at} by {control} ({item})"),
        (None, Some(item)) => format!("{at} by {item}"),
        _ => format!("{at}: {}", step.saw),
    }
}

fn short(at: Time) -> String {
    clock(at.as_nanos())
}
