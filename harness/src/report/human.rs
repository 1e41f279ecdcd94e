//! What runs have shown, for people: a paragraph for each scenario on a terminal, a line for each in the full form.

use super::{Report, ScenarioOutcome, ScenarioReport};
use crate::console::{Console, Style, Table};
use crate::shell::quoted;
use crate::verdict::{Judged, Manifest, RunEnd, RunReport, Variant};
use std::io;
use std::time::Duration;

/// Up to so many scenarios are shown with everything that was asked of them.
const DETAILED: usize = 5;

/// Writes scenarios one after the other, each as soon as it is known.
#[derive(Debug)]
pub struct Rows {
    form: Form,
    threat: Option<String>,
}

#[derive(Debug)]
enum Form {
    /// Paragraphs; with everything that was asked of each scenario, or with what did not come out as expected.
    Paragraphs { whole: bool },
    /// Lines of a table.
    Lines(Table),
}

impl Rows {
    /// Rows for scenarios of these names and defences.
    #[must_use]
    pub fn new<'a>(
        scenarios: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
        console: &Console<'_>,
    ) -> Self {
        let whole = scenarios.len() <= DETAILED;
        let form = if whole || console.width.is_some() {
            Form::Paragraphs { whole }
        } else {
            let mut table = Table::new(&[
                "result",
                "scenario",
                "defence",
                ">events",
                ">wall",
                "what happened",
            ]);
            table.reserve(0, result(ScenarioOutcome::Held).0.len());
            table.reserve(3, grouped(1_000_000).len());
            table.reserve(4, milliseconds(Duration::from_secs(1)).len());
            for (name, defence) in scenarios {
                table.reserve(1, name.chars().count());
                table.reserve(2, listed(defence).chars().count());
            }
            Form::Lines(table)
        };
        Self { form, threat: None }
    }

    /// Writes the next scenario.
    ///
    /// # Errors
    /// When the output is closed or full.
    pub fn write(
        &mut self,
        scenario: &ScenarioReport,
        console: &mut Console<'_>,
    ) -> io::Result<()> {
        let first = self.threat.is_none();
        if let (Form::Lines(table), true) = (&self.form, first) {
            write_last(table, console)?;
        }
        let threat = scenario.threat_title();
        let another = self.threat.replace(threat.to_owned()).as_deref() != Some(threat);
        let whole = matches!(self.form, Form::Paragraphs { whole: true });
        if another && !whole {
            if !first {
                console.line("")?;
            }
            let head = console.paint(Style::Bold, threat);
            console.line(&head)?;
        }
        match &mut self.form {
            Form::Lines(table) => {
                table.row(row(scenario));
                write_last(table, console)?;
                if scenario.outcome != ScenarioOutcome::Held || scenario.leaves_open() {
                    details(scenario, false, console)?;
                }
            }
            Form::Paragraphs { whole } => {
                if !(first && *whole) {
                    console.line("")?;
                }
                paragraph(scenario, *whole, console)?;
            }
        }
        // A row is there to be read now.
        console.out.flush()
    }
}

/// Writes the row that a table was given last.
fn write_last(table: &Table, console: &mut Console<'_>) -> io::Result<()> {
    for line in table.last(None, console.color) {
        console.line(&line)?;
    }
    Ok(())
}

/// Writes a line that sums up.
///
/// # Errors
/// When the output is closed or full.
pub fn summary(report: &Report, took: Duration, console: &mut Console<'_>) -> io::Result<()> {
    console.line("")?;
    let style = match report.exit_code() {
        crate::ExitCode::Held => Style::Good,
        _ => Style::Bad,
    };
    let text = console.paint(style, &totals(report, took));
    console.paragraph(&text, 0)
}

/// Writes one page: totals by kind of threat, whatever is unexpected, and what to type next.
///
/// # Errors
/// When the output is closed or full.
pub fn page(report: &Report, took: Duration, console: &mut Console<'_>) -> io::Result<()> {
    let mut table = Table::new(&[
        "kind of threat",
        ">all",
        ">goal reached",
        ">not reached",
        ">no attacker",
        ">unexpected",
    ]);
    let mut all: Vec<&ScenarioReport> = report.scenarios.iter().collect();
    all.sort_by_key(|s| s.threat_rank());
    for of in all.chunk_by(|a, b| a.threat == b.threat) {
        table.row(counts(of[0].threat_title(), of, Style::Plain));
    }
    table.row(counts("all kinds", &all, Style::Bold));
    console.table(&table)?;
    console.line("")?;
    console.paragraph(
        "Goal reached or not: by the attacker, under the defence that the scenario names. Each attack is also run \
         where it reaches its goal (its contrast), so that a block proves something. Unexpected is what differs from what the scenario says.",
        0,
    )?;
    for scenario in all.iter().filter(|s| s.outcome != ScenarioOutcome::Held) {
        console.line("")?;
        paragraph(scenario, false, console)?;
    }
    summary(report, took, console)?;
    for (what, command) in NEXT {
        console.line("")?;
        console.line(what)?;
        let command = console.paint(Style::Bold, command);
        console.line(&format!("    {command}"))?;
    }
    Ok(())
}

/// What a line says of a scenario of which only the run under a chosen defence was made.
const NO_CONTRAST: &str = "; no contrast was run";

/// What to type after the first page: each of these is run by a test.
const NEXT: [(&str, &str); 5] = [
    ("every scenario with what happened:", "pumplab run"),
    (
        "one of them, with everything that was asked of it:",
        "pumplab run unsigned-library-push",
    ),
    (
        "why it came out like that:",
        "pumplab explain unsigned-library-push",
    ),
    (
        "what a single control is worth:",
        "pumplab run unsigned-library-push --without DEV-07",
    ),
    (
        "a question of your own, from a scenario that is like it:",
        "pumplab new scenario my-question --from unsigned-library-push",
    ),
];

fn counts(name: &str, of: &[&ScenarioReport], style: Style) -> Vec<(String, Style)> {
    let count = |wanted: fn(&ScenarioReport) -> bool| of.iter().filter(|s| wanted(s)).count();
    let unexpected = count(|s| s.outcome != ScenarioOutcome::Held);
    let attacked = count(ScenarioReport::attacked);
    let reached = count(|s| s.run.as_ref().is_some_and(|r| !r.verdict.goals.is_empty()));
    let numbers = [of.len(), reached, attacked - reached, of.len() - attacked];
    let mut cells = vec![(name.to_owned(), style)];
    cells.extend(numbers.map(|n| (n.to_string(), style)));
    let bad = if unexpected > 0 { Style::Bad } else { style };
    cells.push((unexpected.to_string(), bad));
    cells
}

/// A line of the table.
fn row(scenario: &ScenarioReport) -> Vec<(String, Style)> {
    let (word, style) = result(scenario.outcome);
    let events: u64 = scenario.runs().map(|r| r.manifest.events).sum();
    let wall: Duration = scenario.runs().map(|r| r.wall).sum();
    let (defence, mut happened) = scenario.run.as_ref().map_or_else(
        || ("-".to_owned(), "could not be run".to_owned()),
        |run| (defence(run), run.verdict.happened.clone()),
    );
    if let Some(run) = &scenario.contrast {
        happened.push_str(&format!(
            "; contrast {}: {}",
            listed(&run.manifest.defence),
            run.verdict.happened
        ));
    }
    if !scenario.unjudged.is_empty() {
        happened.push_str(NO_CONTRAST);
    }
    vec![
        (word.to_owned(), style),
        (scenario.scenario.clone(), Style::Plain),
        (defence, Style::Plain),
        (grouped(events), Style::Dim),
        (milliseconds(wall), Style::Dim),
        (happened, Style::Plain),
    ]
}

fn milliseconds(wall: Duration) -> String {
    format!("{:.0} ms", wall.as_secs_f64() * 1e3)
}

/// A scenario as its title and what happened under each defence; with everything that was asked, or only with what is unexpected.
fn paragraph(scenario: &ScenarioReport, whole: bool, console: &mut Console<'_>) -> io::Result<()> {
    let title = console.paint(Style::Bold, &scenario.title);
    console.paragraph(&format!("{title} ({})", scenario.scenario), 4)?;
    for run in scenario.runs() {
        let as_expected = run.exit_code() == crate::ExitCode::Held;
        let (word, style) = match &run.manifest.end {
            RunEnd::Budget(_) => result(ScenarioOutcome::Budget),
            RunEnd::Complete if as_expected => result(ScenarioOutcome::Held),
            RunEnd::Complete => result(ScenarioOutcome::NotHeld),
        };
        let word = console.paint(style, word);
        let contrast = match run.manifest.variant {
            Variant::Contrast => " (contrast)",
            Variant::Run => "",
        };
        let open = match scenario.unjudged.is_empty() || whole {
            true => "",
            false => NO_CONTRAST,
        };
        let text = format!(
            "  {word} under {}{contrast}: {}{open}",
            defence(run),
            run.verdict.happened
        );
        console.paragraph(&text, 4)?;
    }
    details(scenario, whole, console)
}

/// What was asked and came out otherwise, with the command that says why; with `whole`, also what came out as asked, and notes.
fn details(scenario: &ScenarioReport, whole: bool, console: &mut Console<'_>) -> io::Result<()> {
    for fault in &scenario.faults {
        console.paragraph(&format!("  {fault}"), 4)?;
    }
    for run in scenario.runs() {
        if let RunEnd::Budget(which) = &run.manifest.end {
            let name = run.manifest.variant.name();
            let at = &run.manifest.simulated;
            console.paragraph(
                &format!("  {name}: the budget of {which} ran out at {at}"),
                4,
            )?;
        }
        let told = |j: &&Judged| whole || !j.held || j.unjudged.is_some();
        for judged in run.verdict.expectations.iter().filter(told) {
            expectation(run, judged, console)?;
        }
        if whole {
            for note in &run.manifest.notes {
                let of = match run.manifest.variant {
                    Variant::Contrast => "note on the contrast",
                    Variant::Run => "note",
                };
                console.paragraph(&format!("    {of}: {note}"), 10)?;
            }
        }
    }
    let Some(run) = &scenario.run else {
        return Ok(());
    };
    for property in &run.verdict.unasked {
        let text = format!("    also broken, and no expectation asks for it: {property}");
        console.paragraph(&console.paint(Style::Bad, &text), 6)?;
    }
    let missed = scenario.contrast.as_ref().is_some_and(|c| !c.verdict.held);
    if missed && run.verdict.goals.is_empty() {
        let text = "    the attack did not reach its goal in the contrast either: that it was stopped above proves nothing";
        console.paragraph(&console.paint(Style::Bad, text), 6)?;
    }
    for text in scenario.unjudged.iter().filter(|_| whole) {
        console.paragraph(&format!("    {text}"), 6)?;
    }
    if whole && scenario.outcome == ScenarioOutcome::Held {
        let command = explain_command(run, None);
        let why = console.paint(Style::Dim, &command);
        console.line(&format!("    why: {why}"))?;
    }
    Ok(())
}

fn expectation(run: &RunReport, judged: &Judged, console: &mut Console<'_>) -> io::Result<()> {
    let (mark, style) = match (&judged.unjudged, judged.held) {
        (Some(_), _) => ("? ", Style::Bad),
        (None, true) => ("ok", Style::Good),
        (None, false) => ("x ", Style::Bad),
    };
    let seen = match &judged.unjudged {
        Some(why) => format!("cannot be judged in this lab: {why}"),
        None => judged.seen.clone(),
    };
    let mark = console.paint(style, mark);
    console.paragraph(&format!("    {mark} {}: {seen}", judged.expected), 7)?;
    if judged.held {
        return Ok(());
    }
    let why = console.paint(Style::Dim, &explain_command(run, judged.record));
    console.line(&format!("       why: {why}"))
}

/// The word for what became of a scenario.
const fn result(outcome: ScenarioOutcome) -> (&'static str, Style) {
    match outcome {
        ScenarioOutcome::Held => ("as expected", Style::Good),
        ScenarioOutcome::NotHeld => ("UNEXPECTED", Style::Bad),
        ScenarioOutcome::Budget => ("BUDGET", Style::Bad),
        ScenarioOutcome::Fault => ("FAULT", Style::Bad),
    }
}

/// A defence by name, or its controls one by one.
#[must_use]
pub fn listed(defence: &str) -> String {
    defence.replace('+', " + ")
}

/// The defence of a run and what was left out of it.
fn defence(run: &RunReport) -> String {
    let without: String = run
        .manifest
        .without
        .iter()
        .map(|control| format!(" without {control}"))
        .collect();
    format!("{}{without}", listed(&run.manifest.defence))
}

/// The command that explains a run, or one of its records.
#[must_use]
pub fn explain_command(run: &RunReport, record: Option<u64>) -> String {
    let manifest = &run.manifest;
    let mut command = format!("pumplab explain {}", quoted(&manifest.called));
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
        .map(|(option, value)| format!(" --{option} {}", quoted(value)))
        .collect()
}

fn totals(report: &Report, took: Duration) -> String {
    let s = &report.summary;
    let mut parts = vec![format!("{} as expected", s.held)];
    for (count, what) in [
        (s.not_held, "UNEXPECTED"),
        (s.budget, "ended by a budget"),
        (s.fault, "with a fault of pumplab"),
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
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(123), "123");
        assert_eq!(grouped(1234), "1 234");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }
}
