//! Judges a run: what was asked of it against what it told.

use crate::cell::Cell;
use crate::counterfactual::{Deciding, all_done, chosen};
use crate::report::words::Words;
use crate::verdict::{
    DetectionReport, FORMAT, GoalReport, Judged, StepReport, UndoneReport, Variant, Verdict,
    ViolationReport,
};
use pumplab_scenarios::{Expect, When, not_judged};
use pumplab_sim::fingerprint::FingerprintValue;
use pumplab_sim::record::PROGRAM_STEPS;
use pumplab_sim::run::{GoalReached, Outcome, StepOutcome};
use pumplab_sim::spec::AttackerSpec;
use pumplab_sim::time::{Duration, Time};
use std::collections::BTreeSet;

mod metric;

/// What other runs of the same tell.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Fingerprint of a second run, for the expectation that both are the same.
    pub second: Option<FingerprintValue>,
    /// Which of several controls that refused a step decided.
    pub deciding: Deciding,
}

/// Judges a run.
#[must_use]
pub fn judge(cell: &Cell, outcome: &Outcome, words: &Words, beside: &Beside) -> Verdict {
    let Beside { second, deciding } = beside;
    let expectations: Vec<Judged> = cell
        .questions
        .iter()
        .map(|q| Judged {
            unjudged: not_judged(q, &cell.lab, &cell.play.events).map(str::to_owned),
            ..answer(q, cell, outcome, words, *second)
        })
        .collect();
    let steps = outcome.steps.iter().enumerate();
    let steps: Vec<StepReport> = steps
        .map(|(i, s)| step(s, deciding.of_step(i), words))
        .collect();
    let undone = undone_report(cell, outcome, deciding, words);
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
                record: v.record.number(),
            })
            .collect(),
        unasked: unasked(cell, outcome),
        goals: outcome
            .goals
            .iter()
            .map(|g| GoalReport {
                attacker: g.attacker.clone(),
                goal: g.goal.clone(),
                at: g.at.to_string(),
                record: g.record.number(),
            })
            .collect(),
        happened: happened(cell, outcome, &steps, undone.as_ref()),
        detections: outcome
            .noticed
            .detections
            .iter()
            .map(|d| DetectionReport {
                technique: d.technique.to_owned(),
                started: d.started.to_string(),
                at: d.at.to_string(),
                after_s: d.after().as_secs_f64(),
                sensor: d.sensor.to_owned(),
                record: d.alert.number(),
            })
            .collect(),
        expectations,
        steps,
        undone,
    }
}

/// Properties that were broken and that no expectation of the run speaks of.
fn unasked(cell: &Cell, outcome: &Outcome) -> Vec<String> {
    let asked = |property: &str| {
        cell.questions.iter().any(|q| {
            matches!(q, Expect::Holds { property: p, .. } | Expect::Violated { property: p, .. } if p == property)
        })
    };
    let broken: BTreeSet<&str> = outcome.violations.iter().map(|v| v.property).collect();
    let unasked = broken.into_iter().filter(|property| !asked(property));
    // A contrast is asked for its goal alone: what breaks there is what the scenario is about.
    let unasked = unasked.filter(|_| cell.variant == Variant::Run);
    unasked.map(str::to_owned).collect()
}

fn answer(
    question: &Expect,
    cell: &Cell,
    outcome: &Outcome,
    words: &Words,
    second: Option<FingerprintValue>,
) -> Judged {
    let expected = question.to_string();
    let reversed = |mut judged: Judged| {
        judged.held = !judged.held;
        judged
    };
    match question {
        Expect::Holds { property, when } => property_holds(expected, property, *when, outcome),
        Expect::Violated { property, when } => {
            reversed(property_holds(expected, property, *when, outcome))
        }
        Expect::Reaches { goal, when } => reversed(goal_prevented(expected, goal, *when, outcome)),
        Expect::NotReaches { goal, when } => goal_prevented(expected, goal, *when, outcome),
        Expect::Metric {
            metric,
            at_least,
            at_most,
            when,
        } => {
            let mut judged =
                metric::within(expected, metric, (*at_least, *at_most), *when, outcome);
            metric::name_parts(&mut judged, metric, *when, outcome, words);
            judged
        }
        Expect::Repeats => repeats(expected, outcome, second),
        Expect::Detected { technique, within } => detected(expected, technique, *within, outcome),
        Expect::Undetected { technique } => {
            let mut judged = detected(expected, technique, None, outcome);
            // A technique that nobody used is not one that went unnoticed.
            judged.held = !judged.held && used(technique, outcome);
            judged
        }
        Expect::Stopped { technique } => {
            technique_stopped(expected, technique, &cell.play.attackers, outcome)
        }
    }
}

fn used(technique: &str, outcome: &Outcome) -> bool {
    outcome.steps.iter().any(|s| s.technique == technique)
}

/// Some alert leads back to a step that uses the technique, in time.
fn detected(
    expected: String,
    technique: &str,
    within: Option<Duration>,
    outcome: &Outcome,
) -> Judged {
    let found = outcome.noticed.of(technique);
    Judged {
        expected,
        unjudged: None,
        held: found.is_some_and(|d| within.is_none_or(|most| d.after() <= most)),
        seen: match found {
            Some(d) => format!("noticed by {} after {}", d.sensor, d.after().for_people()),
            None if used(technique, outcome) => "no alert leads back to it".to_owned(),
            None => "no step came to use it".to_owned(),
        },
        at: found.map(|d| d.at.to_string()),
        record: found.map(|d| d.alert.number()),
        parts: Vec::new(),
    }
}

/// No step that uses the technique came to its end: it was tried and failed, or a step before it failed.
fn technique_stopped(
    expected: String,
    technique: &str,
    attackers: &[AttackerSpec],
    outcome: &Outcome,
) -> Judged {
    let mut seen = Vec::new();
    let mut held = true;
    for attacker in attackers {
        let tried = |number: usize| {
            outcome
                .steps
                .iter()
                .find(|s| s.attacker == attacker.name && s.step as usize == number)
        };
        for number in 0..attacker.steps.len() {
            if attacker.steps[number].technique != technique {
                continue;
            }
            let failed_before = (0..number)
                .filter_map(tried)
                .find(|s| s.success == Some(false));
            let step = number + 1;
            let (stopped, what) = match (tried(number).map(|s| s.success), failed_before) {
                (Some(Some(false)), _) => (true, format!("step {step} failed")),
                (Some(Some(true)), _) => (false, format!("step {step} succeeded")),
                (Some(None), _) => (false, format!("step {step} still ran at the end")),
                (None, Some(before)) => (
                    true,
                    format!(
                        "step {step} was never reached: {} failed before it",
                        before.technique
                    ),
                ),
                (None, None) => (false, format!("step {step} was never reached")),
            };
            held &= stopped;
            seen.push(what);
        }
    }
    for attacker in attackers {
        let carried = attacker.programs.iter().flat_map(|p| &p.steps);
        if carried.filter(|s| s.technique == technique).count() == 0 {
            continue;
        }
        let (stopped, what) = program_stopped(technique, &attacker.name, outcome);
        held &= stopped;
        seen.push(what);
    }
    Judged {
        expected,
        unjudged: None,
        held: held && !seen.is_empty(),
        seen: if seen.is_empty() {
            "no step uses it".to_owned()
        } else {
            seen.join("; ")
        },
        at: None,
        record: None,
        parts: Vec::new(),
    }
}

/// Whether no program of an attacker brought a step with the technique to its end: none ran, or none came to it, or each failed.
fn program_stopped(technique: &str, attacker: &str, outcome: &Outcome) -> (bool, String) {
    let steps = outcome.steps.iter();
    let mut tried = steps
        .filter(|s| s.step >= PROGRAM_STEPS && s.attacker == attacker && s.technique == technique)
        .peekable();
    if tried.peek().is_none() {
        return (true, "no program came to it".to_owned());
    }
    match tried.find(|s| s.success != Some(false)) {
        Some(s) if s.success.is_none() => (false, "a program still tried at the end".to_owned()),
        Some(_) => (false, "a program did it".to_owned()),
        None => (true, "every program that tried it failed".to_owned()),
    }
}

/// Time since the run began.
fn since_begin(at: Time) -> Duration {
    at - Time::ZERO
}

fn repeats(expected: String, outcome: &Outcome, second: Option<FingerprintValue>) -> Judged {
    let first = outcome.fingerprint;
    Judged {
        expected,
        unjudged: None,
        held: second == Some(first),
        seen: match second {
            Some(second) if second == first => format!("both have the fingerprint {first}"),
            Some(second) => format!("fingerprints {first} and {second}"),
            None => "there was no second run".to_owned(),
        },
        at: None,
        record: None,
        parts: Vec::new(),
    }
}

fn property_holds(expected: String, property: &str, when: When, outcome: &Outcome) -> Judged {
    let broken: Vec<_> = outcome
        .violations
        .iter()
        .filter(|v| v.property == property && when.contains(since_begin(v.at)))
        .collect();
    let Some(first) = broken.first() else {
        return Judged {
            expected,
            unjudged: None,
            held: true,
            seen: "no violation".to_owned(),
            at: None,
            record: None,
            parts: Vec::new(),
        };
    };
    let more = match broken.len() {
        1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    Judged {
        expected,
        unjudged: None,
        held: false,
        seen: format!("at {}: {}{more}", short(first.at), first.text),
        at: Some(first.at.to_string()),
        record: Some(first.record.number()),
        parts: Vec::new(),
    }
}

fn goal_prevented(expected: String, goal: &str, when: When, outcome: &Outcome) -> Judged {
    let reached: Option<&GoalReached> = outcome.goals.iter().find(|g| g.goal == goal);
    Judged {
        expected,
        unjudged: None,
        held: !reached.is_some_and(|g| when.contains(since_begin(g.at))),
        seen: reached.map_or_else(
            || "the goal was not reached".to_owned(),
            |g| format!("{} reached the goal at {}", g.attacker, short(g.at)),
        ),
        at: reached.map(|g| g.at.to_string()),
        record: reached.map(|g| g.record.number()),
        parts: Vec::new(),
    }
}

fn step(step: &StepOutcome, deciding: Option<&str>, words: &Words) -> StepReport {
    let stopping = words.reasons().stopping(&step.refused);
    let stopping = chosen(stopping, deciding);
    let number = step.step.checked_sub(PROGRAM_STEPS);
    let record = stopping.as_ref().map(|refusal| refusal.entry.id);
    let reason = stopping.and_then(|refusal| refusal.reason);
    StepReport {
        attacker: match number {
            Some(_) => format!("{} (program on {})", step.attacker, words.node(step.node)),
            None => step.attacker.clone(),
        },
        number: number.unwrap_or(step.step) + 1,
        technique: step.technique.to_owned(),
        success: step.success,
        stage: step.stage_name.to_owned(),
        saw: step.saw.to_owned(),
        stopped_by: record.map(|r| r.number()),
        item: reason.as_ref().map(|r| words.ground(&r.ground)),
        control: reason.and_then(|r| r.control),
    }
}

/// What kept the attack from its goal, where no step failed and none still runs.
fn undone_report(
    cell: &Cell,
    outcome: &Outcome,
    deciding: &Deciding,
    words: &Words,
) -> Option<UndoneReport> {
    if cell.play.attackers.is_empty() || !all_done(outcome) || !outcome.goals.is_empty() {
        return None;
    }
    let undone = words.reasons().undone(&outcome.undone);
    let refusal = chosen(undone, deciding.of_effect())?;
    let reason = refusal.reason?;
    Some(UndoneReport {
        record: refusal.entry.id.number(),
        item: Some(words.ground(&reason.ground)),
        control: reason.control,
    })
}

fn happened(
    cell: &Cell,
    outcome: &Outcome,
    steps: &[StepReport],
    undone: Option<&UndoneReport>,
) -> String {
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
        let at = format!("stopped at {}", failed.stage);
        return match by(failed.control.as_deref(), failed.item.as_deref()) {
            Some(by) => format!("{at} {by}"),
            None => format!("{at}: {}", failed.saw),
        };
    }
    if let Some(runs) = steps.iter().find(|s| s.success.is_none()) {
        let at = format!("still at {} of {}", runs.stage, runs.technique);
        return match by(runs.control.as_deref(), runs.item.as_deref()) {
            Some(by) => format!("{at}, held up {by}"),
            None => at,
        };
    }
    match undone.and_then(|u| by(u.control.as_deref(), u.item.as_deref())) {
        Some(by) => format!("every step done, goal prevented {by}"),
        None => "every step done, goal not reached".to_owned(),
    }
}

fn by(control: Option<&str>, item: Option<&str>) -> Option<String> {
    match (control, item) {
        (Some(control), Some(item)) => Some(format!("by {control} ({item})")),
        (None, Some(item)) => Some(format!("by {item}")),
        _ => None,
    }
}

fn short(at: Time) -> String {
    at.for_people()
}
