//! The verdict table, for people.

use super::{Report, ScenarioOutcome, ScenarioReport};
use crate::console::{Console, Style, Table};
use crate::verdict::{Judged, Manifest, RunEnd, RunReport, Variant};
use std::io;
use std::time::Duration;

/// Writes the table, then what did not hold, then a line that sums up.
///
/// # Errors
/// When the output is closed or full.
pub fn write(report: &Report, took: Duration, console: &mut Console<'_>) -> io::Result<()> {
    let mut table = Table::new(&[
        "scenario",
        "defence",
        "verdict",
        "what happened",
        "contrast",
        ">events",
        ">wall",
    ]);
    for scenario in &report.scenarios {
        table.row(row(scenario));
    }
    for line in table.lines(console.color) {
        console.line(&line)?;
    }
    for scenario in &report.scenarios {
        failures(scenario, console)?;
    }
    console.line("")?;
    let text = summary(report, took);
    let style = match report.exit_code() {
        crate::ExitCode::Held => Style::Good,
        _ => Style::Bad,
    };
    let text = console.paint(style, &text);
    console.line(&text)
}

fn row(scenario: &ScenarioReport) -> Vec<(String, Style)> {
    let (verdict, style) = verdict(scenario.outcome);
    let events: u64 = scenario.runs().map(|r| r.manifest.events).sum();
    let wall: Duration = scenario.runs().map(|r| r.wall).sum();
    let (defence, happened) = scenario.run.as_ref().map_or_else(
        || ("-".to_owned(), "could not be run".to_owned()),
        |run| (defence(run), run.verdict.happened.clone()),
    );
    let contrast = scenario.contrast.as_ref().map_or_else(
        || ("-".to_owned(), Style::Dim),
        |run| {
            let style = if run.verdict.held {
                Style::Plain
            } else {
                Style::Bad
            };
            (
                format!("{}: {}", few(&run.manifest.defence), run.verdict.happened),
                style,
            )
        },
    );
    vec![
        (scenario.scenario.clone(), Style::Plain),
        (defence, Style::Plain),
        (verdict.to_owned(), style),
        (happened, Style::Plain),
        contrast,
        (grouped(events), Style::Dim),
        (format!("{:.0} ms", wall.as_secs_f64() * 1e3), Style::Dim),
    ]
}

const fn verdict(outcome: ScenarioOutcome) -> (&'static str, Style) {
    match outcome {
        ScenarioOutcome::Held => ("held", Style::Good),
        ScenarioOutcome::NotHeld => ("NOT HELD", Style::Bad),
        ScenarioOutcome::Budget => ("BUDGET", Style::Bad),
        ScenarioOutcome::Fault => ("FAULT", Style::Bad),
    }
}

/// A defence as it fits a line: a list of more than two controls is its first and how many more there are.
#[must_use]
pub fn few(defence: &str) -> String {
    match defence.split_once('+') {
        Some((first, rest)) if rest.contains('+') => {
            format!("{first} +{}", rest.split('+').count())
        }
        _ => defence.to_owned(),
    }
}

fn defence(run: &RunReport) -> String {
    let without: String = run
        .manifest
        .without
        .iter()
        .map(|control| format!(" -{control}"))
        .collect();
    format!("{}{without}", few(&run.manifest.defence))
}

fn failures(scenario: &ScenarioReport, console: &mut Console<'_>) -> io::Result<()> {
    if scenario.outcome == ScenarioOutcome::Held {
        return Ok(());
    }
    console.line("")?;
    let name = console.paint(Style::Bold, &scenario.scenario);
    console.line(&format!("{name}: {}", scenario.title))?;
    for fault in &scenario.faults {
        console.line(&format!("  {fault}"))?;
    }
    for run in scenario.runs() {
        if let RunEnd::Budget(which) = &run.manifest.end {
            console.line(&format!(
                "  {}: the budget of {which} ran out at {}",
                run.manifest.variant.name(),
                run.manifest.simulated
            ))?;
        }
        for judged in run.verdict.expectations.iter().filter(|j| !j.held) {
            failure(run, judged, console)?;
        }
    }
    Ok(())
}

fn failure(run: &RunReport, judged: &Judged, console: &mut Console<'_>) -> io::Result<()> {
    let mark = console.paint(Style::Bad, "x");
    let under = defence(run);
    console.line(&format!(
        "  {mark} expected under {under}: {}",
        judged.expected
    ))?;
    console.line(&format!("    {}", judged.seen))?;
    let why = console.paint(Style::Dim, &explain_command(run, judged.record));
    console.line(&format!("    why: {why}"))
}

/// The command that explains a run, or one of its records.
#[must_use]
pub fn explain_command(run: &RunReport, record: Option<u64>) -> String {
    let manifest = &run.manifest;
    let mut command = format!("pumplab explain {}", manifest.called);
    if let Some(record) = record {
        command.push_str(&format!(" {record}"));
    }
    match manifest.variant {
        Variant::Contrast => command.push_str(" --contrast"),
        Variant::Run => command.push_str(&format!(" --defence {}", manifest.defence)),
    }
    for control in &manifest.without {
        command.push_str(&format!(" --without {control}"));
    }
    command.push_str(&format!(" --seed {}", manifest.seed));
    command.push_str(&library_option(manifest));
    command
}

/// The option that finds a run's files again; nothing for the built-in library.
pub(super) fn library_option(manifest: &Manifest) -> String {
    let given = [("library", &manifest.library), ("costs", &manifest.costs)];
    let given = given
        .into_iter()
        .filter_map(|(option, value)| Some((option, value.as_ref()?)));
    given
        .map(|(option, value)| format!(" --{option} {value}"))
        .collect()
}

fn summary(report: &Report, took: Duration) -> String {
    let s = &report.summary;
    let mut parts = vec![format!("{} held", s.held)];
    for (count, what) in [
        (s.not_held, "did not hold"),
        (s.budget, "met a budget"),
        (s.fault, "hit a fault of pumplab"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    format!(
        "{}: {}; {}, {} events, {:.2} s wall",
        counted(s.scenarios, "scenario"),
        parts.join(", "),
        counted(s.runs, "run"),
        grouped(s.events),
        took.as_secs_f64()
    )
}

/// A count with its noun.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// A number with its thousands apart.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{few, grouped};

    #[test]
    fn a_long_list_of_controls_is_cut_to_its_first() {
        assert_eq!(few("sp1800-8-plus"), "sp1800-8-plus");
        assert_eq!(few("NET-01+NET-02"), "NET-01+NET-02");
        assert_eq!(few("NET-01+NET-02+WL-03"), "NET-01 +2");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(123), "123");
        assert_eq!(grouped(1234), "1 234");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }
}
