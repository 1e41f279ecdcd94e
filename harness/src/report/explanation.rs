//! Explanations, for people: from the first cause to the effect, one line per record.

use crate::console::{Console, Style};
use crate::record::{Hop, Recorded, StoredRecord, Story};
use crate::report::human::{counted, library_option};
use crate::verdict::{Manifest, StepReport, Verdict};
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

/// Explains everything in a run that calls for it: each violation, each goal, each step that failed.
///
/// # Errors
/// When the output is closed or full.
pub fn run(recorded: &Recorded, console: &mut Console<'_>) -> io::Result<()> {
    let manifest = &recorded.report.manifest;
    let verdict = &recorded.report.verdict;
    let head = format!(
        "{} under {}, seed {}: {}",
        manifest.called,
        super::human::few(&manifest.defence),
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
    let mut failed = verdict
        .steps
        .iter()
        .filter(|s| s.success == Some(false))
        .peekable();
    if questions.is_empty() && failed.peek().is_none() {
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
    for step in failed {
        console.line("")?;
        failed_step(recorded, step, console)?;
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
    console: &mut Console<'_>,
) -> io::Result<()> {
    let title = format!(
        "step {} of {} ({}) got as far as {}: {}",
        step.number, step.attacker, step.technique, step.stage, step.saw
    );
    let title = console.paint(Style::Bold, &title);
    console.line(&title)?;
    let Some(id) = step.stopped_by else {
        return console.line("  nothing in the lab refused anything: nobody was there to answer");
    };
    record(&recorded.story, id, console)?;
    if let Some(control) = &step.control {
        let command = without(&recorded.report.manifest, control);
        let command = console.paint(Style::Dim, &command);
        console.line(&format!("  what if {control} were off: {command}"))?;
    }
    Ok(())
}

/// The command that repeats a run with one control fewer.
fn without(manifest: &Manifest, control: &str) -> String {
    let mut left_out = manifest.without.clone();
    left_out.push(control.to_owned());
    format!(
        "pumplab run {} --defence {} --without {} --seed {}{}",
        manifest.called,
        manifest.defence,
        left_out.join(","),
        manifest.seed,
        library_option(manifest)
    )
}
