//! Explanations, for people: the answer first, then the chain from the first cause to the effect, short or in full.

mod answer;
mod fold;
mod questions;
mod root;

pub use answer::{one, run};

use crate::console::{Console, Style};
use crate::record::{Hop, Recorded, StoredRecord, Story};
use crate::report::human::counted;
use pumplab_sim::time::Time;
use std::collections::BTreeMap;
use std::io;

/// Explains one record in full: every record of its chain.
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
        console.paragraph(&format!("{indent}because of {reason}"), INDENT + width)?;
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
    let at = Time::from_nanos(record.at_ns).for_people();
    let text = format!("  {number}  {at:>14}  {:<width$}  {text}", record.node);
    console.paragraph(&text, INDENT + width)
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
    console.paragraph(&format!("{indent}{text}"), INDENT + width)
}

/// What an event is called when it is counted.
fn noun(label: &str) -> String {
    match label {
        "beginning" | "frame" | "happening" | "signal" | "touch" => label.to_owned(),
        "timer" | "delivery-timer" | "network-timer" => "timer".to_owned(),
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

/// A time in a table, cut to milliseconds: `12m 3.250s`.
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

/// Text as it may go to a terminal: a run directory may hold what somebody else wrote.
fn clean(text: &str) -> String {
    let kept = |c: char| {
        if c.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.chars().map(kept).collect()
}
