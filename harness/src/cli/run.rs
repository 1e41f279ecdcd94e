//! `pumplab run`: runs scenarios, judges them, tells what came out.

use super::source::{LibraryArgs, OverrideArgs};
use crate::cell::{Cell, Options};
use crate::complete;
use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::filter::Filter;
use crate::interrupt::Interrupt;
use crate::library::Shelf;
use crate::pool::{self, News};
use crate::progress::Progress;
use crate::record::{Recorded, RunsDirectory};
use crate::report::human::counted;
use crate::report::{Report, ScenarioReport, human, json, junit};
use crate::select;
use crate::shell::quoted;
use crate::verdict::Variant;
use clap_complete::ArgValueCompleter;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Names of scenarios, files, directories, or patterns in quotes such as 'radius-*'; none for the whole library
    #[arg(value_name = "SCENARIO", add = ArgValueCompleter::new(complete::scenarios))]
    scenarios: Vec<OsString>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// Threads; the results do not depend on them
    #[arg(long, value_name = "N", env = "PUMPLAB_JOBS")]
    jobs: Option<NonZeroUsize>,
    /// Directory for the runs, to be explained later
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// File for a JUnit report
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Form of the results
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// One page: totals by kind of threat and whatever is unexpected, in place of every scenario
    #[arg(long, conflicts_with = "format")]
    summary: bool,
    /// Say after each run that it is done, as plain lines on standard error
    #[arg(long)]
    progress: bool,
    /// Events after which a run is ended
    #[arg(long, value_name = "N")]
    max_events: Option<u64>,
    /// Run everything twice and compare the fingerprints
    #[arg(long, env = "PUMPLAB_CHECK_DETERMINISM", value_parser = clap::builder::FalseyValueParser::new())]
    check_determinism: bool,
    #[command(flatten)]
    library: LibraryArgs,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    /// A table.
    #[default]
    Human,
    /// JSON with a format version.
    Json,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let started = Instant::now();
    let interrupt = Interrupt::watch();
    let shelf = args.library.open(console)?;
    let cells = gather(args, shelf, console)?;
    let directory = args
        .out
        .as_deref()
        .map(RunsDirectory::prepare)
        .transpose()?;
    let (scenarios, left) = execute(args, &cells, directory.as_ref(), &interrupt, console)?;
    let report = Report::new(scenarios);
    if let (Some(directory), true) = (&directory, left.is_empty()) {
        directory.finish(&report)?;
    }
    if let Some(path) = &args.junit {
        let text = junit::render(&report)?;
        std::fs::write(path, text).map_err(HarnessError::file("write", path))?;
    }
    match (args.format, args.summary) {
        (Format::Human, true) => human::page(&report, started.elapsed(), console)?,
        (Format::Human, false) => human::summary(&report, started.elapsed(), console)?,
        (Format::Json, _) => console.line(&json::render(&report)?)?,
    }
    if left.is_empty() {
        return Ok(report.exit_code());
    }
    console.out.flush()?;
    let (count, command) = (counted(left.len(), "scenario"), go_on(args, &left));
    writeln!(
        console.err,
        "interrupted: {count} not run. To go on: {command}"
    )?;
    Ok(ExitCode::Interrupted)
}

/// The runs of every scenario asked for. Files are all checked before anything is run, and all their problems are told.
fn gather(
    args: &Args,
    shelf: Shelf,
    console: &mut Console<'_>,
) -> Result<Vec<Vec<Cell>>, HarnessError> {
    let overrides = args.overrides.overrides();
    let shelf = Rc::new(shelf);
    shelf.known(&overrides)?;
    let chosen = select::choose(&shelf, &args.scenarios, &args.filter)?;
    let mut cells: Vec<Vec<Cell>> = Vec::new();
    let mut problems = Vec::new();
    for one in &chosen {
        match one.shelf.cells_of(&one.scenario, &one.called, &overrides) {
            Ok(runs) => {
                cells.push(runs);
                // What was asked for by name or path is somebody's work; the library is checked elsewhere.
                if !args.scenarios.is_empty() {
                    warn(&one.shelf.warnings(&one.scenario)?, console);
                }
            }
            Err(HarnessError::Invalid(text)) => problems.push(text),
            Err(other) => problems.push(format!("error: {other}")),
        }
    }
    if !problems.is_empty() {
        // One mistake in a file that many name is one message.
        let mut seen = BTreeSet::new();
        problems.retain(|text| seen.insert(text.clone()));
        return Err(HarnessError::Invalid(problems.join("\n")));
    }
    tell_apart(&mut cells);
    Ok(cells)
}

/// Tells warnings on standard error, where they disturb no program that reads the results.
fn warn(text: &str, console: &mut Console<'_>) {
    if !text.is_empty() {
        // A closed standard error is no reason to stop the work.
        let _ = writeln!(console.err, "{text}\n");
    }
}

/// Two files may have the same name in different folders: later ones get a number, so that reports and directories stay apart.
fn tell_apart(cells: &mut [Vec<Cell>]) {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for runs in cells {
        let Some(name) = runs.first().map(|cell| cell.scenario.clone()) else {
            continue;
        };
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            for cell in runs {
                cell.scenario = format!("{name}-{count}");
            }
        }
    }
}

/// The command that runs the rest as the whole was to be run.
fn go_on(args: &Args, left: &[String]) -> String {
    let mut words = vec!["pumplab run".to_owned()];
    words.extend(left.iter().map(|name| quoted(name).into_owned()));
    let path = |p: &PathBuf| p.display().to_string();
    let overrides = &args.overrides;
    let without = (!overrides.without.is_empty()).then(|| overrides.without.join(","));
    let given = [
        ("--defence", overrides.defence.clone()),
        ("--without", without),
        ("--seed", overrides.seed.map(|n| n.to_string())),
        ("--jobs", args.jobs.map(|n| n.to_string())),
        ("--max-events", args.max_events.map(|n| n.to_string())),
        ("--out", args.out.as_ref().map(path)),
        ("--junit", args.junit.as_ref().map(path)),
        ("--library", args.library.library.as_ref().map(path)),
        (
            "--only-library",
            args.library.only_library.as_ref().map(path),
        ),
        ("--costs", args.library.costs.as_ref().map(path)),
    ];
    for (option, value) in given {
        if let Some(value) = value {
            words.push(format!("{option} {}", quoted(&value)));
        }
    }
    if args.check_determinism {
        words.push("--check-determinism".to_owned());
    }
    words.join(" ")
}

/// Runs scenarios and writes each as soon as it is done. With what could not be begun before an interrupt, as it is called on the command line.
fn execute(
    args: &Args,
    cells: &[Vec<Cell>],
    directory: Option<&RunsDirectory>,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
) -> Result<(Vec<ScenarioReport>, Vec<String>), HarnessError> {
    let options = Options {
        story: directory.is_some(),
        check_determinism: args.check_determinism,
        max_events: args.max_events,
    };
    let jobs = args
        .jobs
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get);
    let progress = Progress::new(cells.len(), "scenarios", console.watched, args.progress);
    let rows = matches!(args.format, Format::Human) && !args.summary;
    let first = |runs: &Vec<Cell>| runs.first().cloned();
    let heads: Vec<Cell> = cells.iter().filter_map(first).collect();
    let names = heads
        .iter()
        .map(|c| (c.scenario.as_str(), c.defence.as_str()));
    let mut rows = rows.then(|| human::Rows::new(names, console));
    let results = pool::each(
        cells,
        jobs,
        interrupt,
        |runs| scenario(runs, options, directory),
        |news| {
            match (news, &mut rows) {
                (News::Done(result, count), _) => {
                    let name = result.as_ref().map_or("", |r| &r.scenario);
                    progress.done(count, name, console);
                }
                (News::Next(Ok(scenario)), Some(rows)) => {
                    progress.above(|| rows.write(scenario, console))?;
                }
                (News::Next(_), _) => {}
                (News::Stopping, _) => progress.above(|| {
                    let text = "stopping: what has begun is finished; Ctrl-C again ends it at once";
                    writeln!(console.err, "{text}")
                })?,
            }
            Ok::<(), HarnessError>(())
        },
    );
    progress.finish();
    let (mut done, mut left) = (Vec::new(), Vec::new());
    for (result, cell) in results?.into_iter().zip(&heads) {
        match result {
            Some(result) => done.push(result?),
            None => left.push(cell.called.clone()),
        }
    }
    Ok((done, left))
}

/// Runs one scenario and writes it down. A fault of ours becomes part of the report, so that the others are still told.
fn scenario(
    cells: &[Cell],
    options: Options,
    directory: Option<&RunsDirectory>,
) -> Result<ScenarioReport, HarnessError> {
    let mut faults = Vec::new();
    let mut runs: Vec<(Recorded, &Cell)> = Vec::new();
    for cell in cells {
        match cell.execute(options) {
            Ok(recorded) => runs.push((recorded, cell)),
            Err(fault) => faults.push(fault.to_string()),
        }
    }
    let name = cells.first().map_or("", |cell| &cell.scenario);
    let title = cells.first().map_or("", |cell| &cell.title);
    if let Some(directory) = directory {
        let labs: Vec<_> = runs.iter().map(|(_, cell)| cell.recorded_lab()).collect();
        let pairs: Vec<_> = runs.iter().map(|(run, _)| run).zip(&labs).collect();
        directory.write(name, &pairs)?;
    }
    let mut report_of = |variant: Variant| {
        let index = runs
            .iter()
            .position(|(run, _)| run.report.manifest.variant == variant)?;
        Some(runs.swap_remove(index).0.report)
    };
    let (run, contrast) = (report_of(Variant::Run), report_of(Variant::Contrast));
    Ok(
        ScenarioReport::new(name.to_owned(), title.to_owned(), run, contrast, faults)
            .of_threat(cells.first().and_then(|cell| cell.threat.clone())),
    )
}
