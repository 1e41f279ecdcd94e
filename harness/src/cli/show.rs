//! `pumplab show`: one thing of the catalogue, a scenario, or a resolved lab.

use super::source::{LibraryArgs, OverrideArgs};
use crate::catalogue::{self, Kind, ParameterRow, Row};
use crate::complete;
use crate::console::{Console, Style};
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::library::{ResolvedLab, Shelf, is_path};
use crate::record;
use crate::report;
use crate::select::{self, Chosen};
use crate::verdict::Variant;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use std::path::Path;
use std::rc::Rc;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Name of a thing, with its kind before it where the name alone is not enough: `lab:ward`, `control:NET-02`; file of a
    /// scenario; or run directory
    #[arg(value_name = "THING", add = ArgValueCompleter::new(complete::things))]
    thing: String,
    /// The resolved scenario under its contrast
    #[arg(long, conflicts_with_all = ["defence", "without"])]
    contrast: bool,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// As JSON: a lab as it is simulated, a scenario with its lab
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    library: LibraryArgs,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let path = Path::new(&args.thing);
    if path.is_dir() && record::holds_runs(path) {
        return runs(args, path, console);
    }
    let shelf = Rc::new(args.library.open(console)?);
    shelf.known(&args.overrides.overrides())?;
    if is_path(&args.thing) {
        let chosen = select::single(&shelf, &args.thing)?;
        let row = catalogue::scenario_row(&chosen.shelf.library, chosen.scenario.clone());
        scenario(args, &chosen, &row, console)?;
        return Ok(ExitCode::Held);
    }
    let (kind, row, others) = find(args, &shelf)?;
    match kind {
        Kind::Labs => lab(args, &shelf, &row, console)?,
        Kind::Scenarios => {
            let chosen = select::single(&shelf, &row.id)?;
            scenario(args, &chosen, &row, console)?;
        }
        _ if args.json => json(&row, console)?,
        _ => page(kind, &row, console)?,
    }
    if !others.is_empty() && !args.json {
        console.line("")?;
        let text = format!("also: {}", others.join(", "));
        let text = console.paint(Style::Dim, &text);
        console.line(&text)?;
    }
    Ok(ExitCode::Held)
}

/// What the name means first, and what else it may mean.
fn find(args: &Args, shelf: &Shelf) -> Result<(Kind, Row, Vec<String>), HarnessError> {
    let prefixed = args
        .thing
        .split_once(':')
        .and_then(|(kind, name)| Some((Kind::of_singular(kind)?, name)));
    let (kinds, name) = match prefixed {
        Some((kind, name)) => (vec![kind], name),
        None => (Kind::shown().collect(), args.thing.as_str()),
    };
    // Rows of the last two need every scenario: they are looked at where nothing else has the name.
    let late = |kind: &Kind| matches!(kind, Kind::Threats | Kind::Tags);
    let (last, first): (Vec<Kind>, Vec<Kind>) = kinds.into_iter().partition(late);
    let mut found = Vec::new();
    let mut known = Vec::new();
    for kinds in [first, last] {
        if !found.is_empty() {
            break;
        }
        for kind in kinds {
            for row in shelf.rows(kind)? {
                if row.id.eq_ignore_ascii_case(name) {
                    found.push((kind, row));
                } else {
                    known.push(row.id);
                }
            }
        }
    }
    if found.is_empty() {
        let what = prefixed.map_or("thing", |(kind, _)| kind.singular());
        return Err(HarnessError::unknown(what, name, &known));
    }
    let (kind, row) = found.remove(0);
    let others = found
        .iter()
        .map(|(kind, row)| format!("{}:{}", kind.singular(), row.id))
        .collect();
    Ok((kind, row, others))
}

fn json<T: Serialize>(value: &T, console: &mut Console<'_>) -> Result<(), HarnessError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| HarnessError::Report("JSON", e.to_string()))?;
    console.line(&text)?;
    Ok(())
}

fn page(kind: Kind, row: &Row, console: &mut Console<'_>) -> Result<(), HarnessError> {
    let head = console.paint(Style::Bold, &format!("{} {}", kind.singular(), row.id));
    console.paragraph(&format!("{head}: {}", row.title), 2)?;
    if !row.summary.is_empty() && row.summary != row.title {
        console.line("")?;
        console.paragraph(&row.summary, 0)?;
    }
    if !row.note.is_empty() || !row.facts.is_empty() {
        console.line("")?;
    }
    if !row.note.is_empty() {
        console.paragraph(&row.note, 0)?;
    }
    for (name, value) in &row.facts {
        console.paragraph(&format!("{name}: {value}"), 2)?;
    }
    if !row.parameters.is_empty() {
        console.line("")?;
        console.line("parameters")?;
        parameters(&row.parameters, 1, console)?;
    }
    if !row.references.is_empty() {
        console.line("")?;
        console.paragraph(&format!("references: {}", row.references.join("; ")), 2)?;
    }
    Ok(())
}

fn parameters(
    rows: &[ParameterRow],
    depth: usize,
    console: &mut Console<'_>,
) -> Result<(), HarnessError> {
    let indent = "  ".repeat(depth);
    for row in rows {
        let need = match &row.default {
            Some(default) => format!("; {default} by default"),
            None if row.required => "; required".to_owned(),
            None => String::new(),
        };
        console.paragraph(
            &format!("{indent}{} ({}{need}): {}", row.name, row.takes, row.doc),
            indent.len() + 2,
        )?;
        for (word, doc) in &row.words {
            console.paragraph(&format!("{indent}  `{word}`: {doc}"), indent.len() + 4)?;
        }
        parameters(&row.parameters, depth + 1, console)?;
    }
    Ok(())
}

fn lab(
    args: &Args,
    shelf: &Shelf,
    row: &Row,
    console: &mut Console<'_>,
) -> Result<(), HarnessError> {
    let overrides = args.overrides.overrides();
    let resolved = shelf.lab(&row.id, overrides.defence.as_deref(), &overrides.without)?;
    if args.json {
        return json(&resolved.lab, console);
    }
    let defence = overrides.defence.as_deref().unwrap_or("no defence");
    let head = format!("lab {} under {defence}", row.id);
    let head = console.paint(Style::Bold, &head);
    console.paragraph(&format!("{head}: {}", row.title), 2)?;
    applied(&resolved, console)?;
    report::lab::write(&resolved.lab, &resolved.provenance, console)?;
    Ok(())
}

fn applied(resolved: &ResolvedLab, console: &mut Console<'_>) -> Result<(), HarnessError> {
    if !resolved.controls.is_empty() {
        let text = format!("controls: {}", resolved.controls.join(" "));
        console.paragraph(&text, 2)?;
    }
    for (control, reason) in &resolved.without_effect {
        console.paragraph(&format!("without effect: {control}: {reason}"), 2)?;
    }
    Ok(())
}

/// The runs of a directory.
fn runs(args: &Args, path: &Path, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let rows = catalogue::runs(path)?;
    if args.json {
        json(&rows, console)?;
        return Ok(ExitCode::Held);
    }
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            console.line("")?;
        }
        page(Kind::Runs, row, console)?;
    }
    Ok(ExitCode::Held)
}

fn scenario(
    args: &Args,
    chosen: &Chosen,
    row: &Row,
    console: &mut Console<'_>,
) -> Result<(), HarnessError> {
    if !args.json {
        page(Kind::Scenarios, row, console)?;
    }
    let wanted = if args.contrast {
        Variant::Contrast
    } else {
        Variant::Run
    };
    let overrides = args.overrides.overrides();
    let cell = chosen
        .shelf
        .cells_of(&chosen.scenario, &chosen.called, &overrides)?
        .into_iter()
        .find(|cell| cell.variant == wanted)
        .ok_or(HarnessError::Arguments("the scenario has no contrast"))?;
    if args.json {
        return json(
            &serde_json::json!({
                "format": crate::verdict::FORMAT,
                "scenario": cell.scenario,
                "seed": cell.seed,
                "defence": cell.defence,
                "controls": cell.controls,
                "lab": cell.lab,
                "play": cell.play,
            }),
            console,
        );
    }
    report::play::write(&cell, console)?;
    Ok(())
}
