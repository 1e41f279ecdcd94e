//! Explanations, for people: from the first cause to the effect, one line per record.

use crate::console::{Console, Style};
use crate::counterfactual::{Beyond, Then};
use crate::record::{Hop, Recorded, StoredRecord, Story};
use crate::report::human::{counted, library_option};
use crate::verdict::{Manifest, StepReport, UndoneReport, Verdict};
use pumplab_sim::time::Time;
use std::collections::BTreeMap;
use std::io;

/// Explains one record.
///
/// # Errors
/// When the output is closed or full.
pub fn record(story: &Story, id: u64, console: &mut Console<'_>) -> io::Result<()> {
    let hops = story.explain(id);
    let width = hops
        .iter()
        .flat_map(|hop| &hop.records)
        .map(|record| record.node.chars().count())
        .max()
        .unwrap_or(0);
    let mut silent: Vec<&Hop<'_>> = Vec::new();
    for hop in &hops {
        if hop.records.is_empty() {
            silent.push(hop);
            continue;
        }
        elided(&silent, width, console)?;
        silent.clear();
        for told in &hop.records {
            line(told, told.id == id, width, console)?;
        }
    }
    elided(&silent, width, console)?;
    if let Some(reason) = story.record(id).and_then(|r| r.reason.as_deref()) {
        let indent = " ".repeat(INDENT + width);
        console.line(&format!("{indent}because of {reason}"))?;
    }
    Ok(())
}

/// Columns of number and time.
const INDENT: usize = 2 + 7 + 2 + 14 + 2;

fn line(
    record: &StoredRecord,
    last: bool,
    width: usize,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let number = console.paint(Style::Dim, &format!("{:>7}", record.id));
    let style = if last { Style::Bold } else { Style::Plain };
    let text = console.paint(style, &record.text);
    console.line(&format!(
        "  {number}  {:>14}  {:<width$}  {text}",
        clock(record.at_ns),
        record.node
    ))
}

fn elided(hops: &[&Hop<'_>], width: usize, console: &mut Console<'_>) -> io::Result<()> {
    if hops.is_empty() {
        return Ok(());
    }
    let mut labels: BTreeMap<String, usize> = BTreeMap::new();
    for hop in hops {
        *labels.entry(noun(&hop.event.label)).or_default() += 1;
    }
    let counts: Vec<String> = labels
        .iter()
        .map(|(label, count)| counted(*count, label))
        .collect();
    let indent = " ".repeat(INDENT + width);
    let text = console.paint(Style::Dim, &format!("... {}", counts.join(", ")));
    console.line(&format!("{indent}{text}"))
}

/// What an event is called when it is counted.
fn noun(label: &str) -> String {
    match label {
        "beginning" | "frame" | "happening" | "signal" | "touch" => label.to_owned(),
        "timer" | "delivery-timer" => "timer".to_owned(),
        "radio" => "radio command".to_owned(),
        "bridge" => "bridge crossing".to_owned(),
        "open-case" => "opened case".to_owned(),
        "contents" => "look at contents".to_owned(),
        "perceived" => "perception".to_owned(),
        "power" => "power switch".to_owned(),
        // Frames on the air are called by their kind.
        kind => format!("{} frame", kind.replace('-', " ")),
    }
}

/// A time in text, cut to milliseconds: `12m 3.250s`.
#[must_use]
pub fn clock(at_ns: u64) -> String {
    const MILLI: u64 = 1_000_000;
    let kept = if at_ns < 1_000 * MILLI {
        at_ns / 1_000 * 1_000
    } else {
        at_ns / MILLI * MILLI
    };
    Time::from_nanos(kept).to_string()
}

/// Whether an attack did not reach its goal and some part of that has no record that names a control.
#[must_use]
pub fn unexplained(recorded: &Recorded) -> bool {
    let verdict = &recorded.report.verdict;
    let mut open = verdict.steps.iter().filter(|s| s.success != Some(true));
    let unnamed = match verdict.steps.iter().all(|s| s.success == Some(true)) {
        true => verdict.undone.is_none(),
        false => open.any(|s| s.control.is_none()),
    };
    verdict.goals.is_empty() && !verdict.steps.is_empty() && unnamed
}

/// Explains everything in a run that calls for it: each violation, each goal, each step that failed or still ran when no goal was reached.
/// `beyond` tells of the attack what no record does.
///
/// # Errors
/// When the output is closed or full.
pub fn run(
    recorded: &Recorded,
    beyond: Option<&Beyond>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let manifest = &recorded.report.manifest;
    let verdict = &recorded.report.verdict;
    let head = format!(
        "{} under {}, seed {}: {}",
        manifest.called,
        super::human::listed(&manifest.defence),
        manifest.seed,
        verdict.happened
    );
    let head = console.paint(Style::Bold, &head);
    console.line(&head)?;
    if !manifest.inside_knowledge.is_empty() {
        let knowledge = manifest.inside_knowledge.join(", ");
        console.line(&format!("inside knowledge given: {knowledge}"))?;
    }
    let questions = questions(verdict);
    let reached = !verdict.goals.is_empty();
    let called_for = |s: &StepReport| s.success == Some(false) || s.success.is_none() && !reached;
    let steps = verdict.steps.iter().enumerate();
    let failed: Vec<_> = steps.filter(|(_, s)| called_for(s)).collect();
    let undone = failed.is_empty() && !reached && !verdict.steps.is_empty();
    if questions.is_empty() && failed.is_empty() && !undone {
        console.line(
            "nothing calls for an explanation: no violation, no goal reached, no step failed",
        )?;
    }
    for (id, titles) in by_record(questions) {
        console.line("")?;
        for title in titles {
            let title = console.paint(Style::Bold, &title);
            console.line(&title)?;
        }
        if let Some(id) = id {
            record(&recorded.story, id, console)?;
        }
    }
    for (i, step) in failed {
        console.line("")?;
        let beyond = beyond.filter(|b| b.at == Some(i));
        failed_step(recorded, step, beyond, console)?;
    }
    if undone {
        console.line("")?;
        without_effect(recorded, verdict.undone.as_ref(), beyond, console)?;
    }
    if beyond.is_some_and(|b| b.then == Then::Changed) {
        console.line("")?;
        console.line("the files are not those of this run any more: what it would do without controls is not told")?;
    }
    Ok(())
}

/// Questions that have the same answer are asked together.
fn by_record(questions: Vec<(String, Option<u64>)>) -> Vec<(Option<u64>, Vec<String>)> {
    let mut grouped: Vec<(Option<u64>, Vec<String>)> = Vec::new();
    for (title, id) in questions {
        match grouped
            .iter_mut()
            .find(|(known, _)| *known == id && id.is_some())
        {
            Some((_, titles)) => titles.push(title),
            None => grouped.push((id, vec![title])),
        }
    }
    grouped
}

/// What calls for an explanation, with the record that shows it. Of a property that is broken many times, the first.
fn questions(verdict: &Verdict) -> Vec<(String, Option<u64>)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for violation in &verdict.violations {
        *counts.entry(&violation.property).or_default() += 1;
    }
    let violations = verdict.violations.iter().filter_map(|v| {
        let more = match counts.remove(v.property.as_str())? {
            1 => String::new(),
            count => format!(" (the first of {count})"),
        };
        let title = format!(
            "{} did not hold at {} on {}: {}{more}",
            v.property, v.at, v.node, v.text
        );
        Some((title, Some(v.record)))
    });
    let goals = verdict.goals.iter().map(|g| {
        let title = format!("{} reached its goal {} at {}", g.attacker, g.goal, g.at);
        (title, Some(g.record))
    });
    let unmet = verdict
        .expectations
        .iter()
        .filter(|j| !j.held)
        .filter(|j| {
            let shown = |record| j.record == Some(record);
            !verdict.violations.iter().any(|v| shown(v.record))
                && !verdict.goals.iter().any(|g| shown(g.record))
        })
        .map(|j| (format!("expected: {}; {}", j.expected, j.seen), j.record));
    violations.chain(goals).chain(unmet).collect()
}

fn failed_step(
    recorded: &Recorded,
    step: &StepReport,
    beyond: Option<&Beyond>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let (number, attacker, technique) = (step.number, &step.attacker, &step.technique);
    let title = match step.success {
        Some(_) => format!(
            "step {number} of {attacker} ({technique}) got as far as {}: {}",
            step.stage, step.saw
        ),
        None => format!(
            "step {number} of {attacker} ({technique}) was still at {} when the run ended",
            step.stage
        ),
    };
    let title = console.paint(Style::Bold, &title);
    console.line(&title)?;
    stopped(
        recorded,
        step.stopped_by,
        step.control.as_deref(),
        beyond,
        console,
    )
}

/// Every step went well as far as the attacker saw.
fn without_effect(
    recorded: &Recorded,
    undone: Option<&UndoneReport>,
    beyond: Option<&Beyond>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let title = "every step was done as far as the attacker saw, and no goal was reached";
    let title = console.paint(Style::Bold, title);
    console.line(&title)?;
    let record = undone.map(|u| u.record);
    let control = undone.and_then(|u| u.control.as_deref());
    stopped(recorded, record, control, beyond, console)
}

fn stopped(
    recorded: &Recorded,
    by: Option<u64>,
    control: Option<&str>,
    beyond: Option<&Beyond>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    match by {
        Some(id) => record(&recorded.story, id, console)?,
        None => console.line("  nothing in the lab refused anything: nothing came of it")?,
    }
    let manifest = &recorded.report.manifest;
    if let Some(control) = control {
        let command = without(manifest, &[control.to_owned()]);
        let command = console.paint(Style::Dim, &command);
        return console.line(&format!("  what if {control} were off: {command}"));
    }
    match beyond.map(|b| &b.then) {
        Some(Then::Further { without: few, to }) => {
            let command = console.paint(Style::Dim, &without(manifest, few));
            console.line(&format!(
                "  run again without {}, it gets to {to}: {command}",
                listed(few)
            ))
        }
        Some(Then::NoFurther) => console.line(
            "  run again without any control, it gets no further: no control has a part in it",
        ),
        Some(Then::Changed) | None => Ok(()),
    }
}

/// `A`, `A and B`, `A, B and C`.
fn listed(few: &[String]) -> String {
    match few.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => few.concat(),
    }
}

/// The command that repeats a run with some controls fewer.
fn without(manifest: &Manifest, controls: &[String]) -> String {
    let mut left_out = manifest.without.clone();
    left_out.extend_from_slice(controls);
    format!(
        "pumplab run {} --defence {} --without {} --seed {}{}",
        manifest.called,
        manifest.defence,
        left_out.join(","),
        manifest.seed,
        library_option(manifest)
    )
}
