//! What of a run calls for an explanation.

use crate::verdict::{Judged, StepReport, Verdict};
use pumplab_sim::time::Duration;
use std::collections::BTreeSet;

/// Something that calls for an explanation.
#[derive(Clone, Debug)]
pub(super) struct Question<'a> {
    /// What happened, or did not: one line each; several where one record shows several things.
    pub(super) titles: Vec<String>,
    /// The record that shows it.
    pub(super) record: Option<u64>,
    /// What it is about.
    pub(super) about: About<'a>,
}

/// What a question is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum About<'a> {
    /// A property that did not hold, a goal that was reached, an expectation that was not met: a record shows it.
    Record,
    /// A metric out of its bounds: several records make it.
    Metric(&'a Judged),
    /// A step that came to nothing, by its place among the steps of the run.
    Step(usize, &'a StepReport),
    /// Every step was done and no goal was reached.
    Undone,
}

/// All of them: goals first, since they are what attacks are for, then properties, expectations and steps.
pub(super) fn questions(verdict: &Verdict) -> Vec<Question<'_>> {
    let mut all: Vec<Question<'_>> = Vec::new();
    let mut add = |title: String, record: Option<u64>, about| {
        let same = |q: &&mut Question<'_>| {
            let both = matches!((q.about, about), (About::Record, About::Record));
            both && record.is_some() && q.record == record
        };
        match all.iter_mut().find(same) {
            Some(known) => known.titles.push(title),
            None => all.push(Question {
                titles: vec![title],
                record,
                about,
            }),
        }
    };
    for g in &verdict.goals {
        let title = format!(
            "{} reached its goal {} at {}",
            g.attacker,
            g.goal,
            at(&g.at)
        );
        add(title, Some(g.record), About::Record);
    }
    let mut seen = BTreeSet::new();
    for v in &verdict.violations {
        if seen.insert(&v.property) {
            add(
                violation(verdict, &v.property),
                Some(v.record),
                About::Record,
            );
        }
    }
    let shown = |record| {
        let violations = verdict.violations.iter().map(|v| v.record);
        let goals = verdict.goals.iter().map(|g| g.record);
        violations.chain(goals).any(|r| Some(r) == record)
    };
    for j in verdict.expectations.iter().filter(|j| !j.held) {
        let title = format!("expected: {}; {}", j.expected, j.seen);
        if !j.parts.is_empty() {
            add(title, j.record, About::Metric(j));
        } else if !shown(j.record) {
            add(title, j.record, About::Record);
        }
    }
    let reached = !verdict.goals.is_empty();
    let open = |s: &StepReport| s.success == Some(false) || s.success.is_none() && !reached;
    let steps: Vec<_> = verdict
        .steps
        .iter()
        .enumerate()
        .filter(|(_, s)| open(s))
        .collect();
    for &(i, step) in &steps {
        add(of_step(step), step.stopped_by, About::Step(i, step));
    }
    if steps.is_empty() && !reached && !verdict.steps.is_empty() {
        let title = "every step was done as far as the attacker saw, and no goal was reached";
        let record = verdict.undone.as_ref().map(|u| u.record);
        add(title.to_owned(), record, About::Undone);
    }
    all
}

/// A time that stands in a report in full, as people read it.
fn at(text: &str) -> String {
    let time = text.parse::<Duration>().map(Duration::as_nanos);
    time.map_or_else(
        |_| text.to_owned(),
        |ns| pumplab_sim::time::Time::from_nanos(ns).for_people(),
    )
}

/// A property that did not hold: the first time, and how many more like it.
fn violation(verdict: &Verdict, property: &str) -> String {
    let mut all = verdict.violations.iter().filter(|v| v.property == property);
    let Some(first) = all.next() else {
        return String::new();
    };
    let rest: Vec<&str> = all.map(|v| v.node.as_str()).collect();
    let nodes: BTreeSet<&str> = rest.iter().copied().collect();
    let nodes: Vec<&str> = nodes.into_iter().collect();
    let where_ = match nodes.as_slice() {
        [first, _, _, .., last] => format!("{first} .. {last}"),
        few => few.join(", "),
    };
    let more = match rest.len() {
        0 => String::new(),
        n => format!("; and {n} more like it: {where_}"),
    };
    format!(
        "{property} did not hold at {} on {}: {}{more}",
        at(&first.at),
        first.node,
        first.text
    )
}

fn of_step(step: &StepReport) -> String {
    let (number, attacker, technique) = (step.number, &step.attacker, &step.technique);
    match step.success {
        Some(_) => format!(
            "step {number} of {attacker} ({technique}) got as far as {}: {}",
            step.stage, step.saw
        ),
        None => format!(
            "step {number} of {attacker} ({technique}) was still at {} when the run ended",
            step.stage
        ),
    }
}
