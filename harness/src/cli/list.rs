//! `pumplab list`: what there is of a kind.

use super::source::LibraryArgs;
use crate::catalogue::{self, Kind, Row};
use crate::complete;
use crate::console::{Console, Style, Table};
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::filter::{self, Filter};
use crate::library::Shelf;
use crate::select;
use crate::verdict::FORMAT;
use clap_complete::ArgValueCandidates;
use pumplab_sim::control;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::rc::Rc;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Kind of thing; none for the kinds themselves
    #[arg(value_enum, hide_possible_values = true)]
    kind: Option<Kind>,
    /// Of runs: the directory below which they lie; here if not given
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
    /// Controls of this layer, such as network
    #[arg(long, value_name = "LAYER", value_delimiter = ',', add = ArgValueCandidates::new(complete::layers))]
    layer: Vec<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    library: LibraryArgs,
}

#[derive(Serialize)]
struct Listing<'a> {
    format: u32,
    kind: &'static str,
    entries: &'a [Row],
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let Some(kind) = args.kind else {
        return kinds(args, console);
    };
    let rows = rows(args, kind, console)?;
    if args.json {
        let listing = Listing {
            format: FORMAT,
            kind: kind.singular(),
            entries: &rows,
        };
        let text = serde_json::to_string_pretty(&listing)
            .map_err(|e| HarnessError::Report("JSON", e.to_string()))?;
        console.line(&text)?;
        return Ok(ExitCode::Held);
    }
    table(kind, &rows, console)
}

/// The kinds themselves, a line each.
fn kinds(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let kinds = || Kind::shown().chain([Kind::Runs]);
    if args.json {
        let all: Vec<_> = kinds()
            .map(|k| serde_json::json!({ "id": k.plural(), "title": k.about() }))
            .collect();
        let listing = serde_json::json!({ "format": FORMAT, "kind": "kind", "entries": all });
        console.line(&format!("{listing:#}"))?;
        return Ok(ExitCode::Held);
    }
    let mut table = Table::new(&["kind", "what"]);
    for kind in kinds() {
        table.row(vec![
            (kind.plural(), Style::Plain),
            (kind.about(), Style::Plain),
        ]);
    }
    console.table(&table)?;
    Ok(ExitCode::Held)
}

/// The rows of a kind that are asked for.
fn rows(args: &Args, kind: Kind, console: &Console<'_>) -> Result<Vec<Row>, HarnessError> {
    // Options that do not belong to the kind would be passed over without a word.
    let allowed: &[&str] = match kind {
        Kind::Scenarios => &[
            "--lab",
            "--control",
            "--technique",
            "--attack-id",
            "--threat",
            "--tag",
        ],
        Kind::Techniques => &["--attack-id"],
        _ => &[],
    };
    let refused = args.filter.besides(allowed);
    let refused =
        refused.or((!args.layer.is_empty() && kind != Kind::Controls).then_some("--layer"));
    if let Some(option) = refused {
        let text = format!("{option} does not select {}", kind.plural());
        return Err(HarnessError::Nothing(text));
    }
    if kind == Kind::Runs {
        return catalogue::runs(args.dir.as_deref().unwrap_or(Path::new(".")));
    }
    if let Some(dir) = &args.dir {
        let text = format!(
            "`list {}` takes no directory: for the files of one, --library {}",
            kind.plural(),
            dir.display()
        );
        return Err(HarnessError::Nothing(text));
    }
    let shelf = args.library.open(console)?;
    match kind {
        Kind::Scenarios => scenarios(args, Rc::new(shelf)),
        Kind::Techniques => {
            args.filter.known(&shelf.library)?;
            let asked = &args.filter.attack_id;
            let fits = |row: &Row| {
                let fit = |id: &String| row.references.iter().any(|r| filter::same(id, r));
                asked.is_empty() || asked.iter().any(fit)
            };
            let mut rows = shelf.rows(kind)?;
            rows.retain(fits);
            Ok(rows)
        }
        Kind::Controls => controls(args, &shelf),
        _ => shelf.rows(kind),
    }
}

/// Scenarios in the order in which they are run: by kind of threat, then by name.
fn scenarios(args: &Args, shelf: Rc<Shelf>) -> Result<Vec<Row>, HarnessError> {
    if shelf.names().is_empty() {
        return Ok(Vec::new());
    }
    let chosen = select::choose::<&str>(&shelf, &[], &args.filter)?;
    let row = |c: select::Chosen| catalogue::scenario_row(&c.shelf.library, c.scenario);
    Ok(chosen.into_iter().map(row).collect())
}

fn controls(args: &Args, shelf: &Shelf) -> Result<Vec<Row>, HarnessError> {
    let layers = control::Layer::ALL.map(|layer| layer.to_string());
    for layer in &args.layer {
        if !layers.iter().any(|l| l.eq_ignore_ascii_case(layer)) {
            return Err(HarnessError::unknown("layer of controls", layer, &layers));
        }
    }
    let fits = |row: &Row| {
        let own = control::table().iter().find(|c| c.row.id == row.id);
        let own = own.map_or("", |c| c.row.layer.name());
        args.layer.is_empty() || args.layer.iter().any(|l| l.eq_ignore_ascii_case(own))
    };
    let mut rows = shelf.rows(Kind::Controls)?;
    rows.retain(fits);
    Ok(rows)
}

/// Writes rows with as many columns as can be read: where a row would take several lines of the terminal, what `show` has as well is left out.
fn table(kind: Kind, rows: &[Row], console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let noted = rows.iter().any(|row| !row.note.is_empty());
    let threats = kind == Kind::Scenarios;
    let forms = [(threats, noted), (threats, false), (false, false)];
    let tables = forms.map(|(threat, note)| columns(kind, rows, threat, note));
    let readable = |table: &&Table| {
        let width = console.width.unwrap_or(usize::MAX);
        table.natural_width() <= width.saturating_add(width / 4)
    };
    let shown = tables.iter().position(|t| readable(&t)).unwrap_or(2);
    console.table(&tables[shown])?;
    if forms[shown] != forms[0] {
        let kind = kind.singular();
        let text = format!("more columns: --wide; all of one: pumplab show {kind}:NAME");
        console.line("")?;
        console.paragraph(&text, 0)?;
    }
    Ok(ExitCode::Held)
}

fn columns(kind: Kind, rows: &[Row], threats: bool, noted: bool) -> Table {
    let mut headings = vec![kind.singular()];
    if threats {
        headings.push("threat");
    }
    headings.push("title");
    if noted {
        headings.push("note");
    }
    let mut table = Table::new(&headings);
    for row in rows {
        let mut cells = vec![(row.id.clone(), Style::Plain)];
        if threats {
            let threat = row.scenario.as_ref().and_then(|s| s.threat.clone());
            cells.push((threat.unwrap_or_else(|| "-".to_owned()), Style::Plain));
        }
        cells.push((row.title.clone(), Style::Plain));
        if noted {
            cells.push((row.note.clone(), Style::Dim));
        }
        table.row(cells);
    }
    table
}
