//! `pumplab list`: what there is of a kind.

use super::source::LibraryArgs;
use crate::catalogue::{Kind, Row};
use crate::console::{Console, Style, Table};
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::verdict::FORMAT;
use serde::Serialize;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Kind of thing
    #[arg(value_enum)]
    kind: Kind,
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
    let rows = args.library.open(console)?.rows(args.kind)?;
    if args.json {
        let listing = Listing {
            format: FORMAT,
            kind: args.kind.singular(),
            entries: &rows,
        };
        let text = serde_json::to_string_pretty(&listing)
            .map_err(|e| HarnessError::Report("JSON", e.to_string()))?;
        console.line(&text)?;
        return Ok(ExitCode::Held);
    }
    let noted = rows.iter().any(|row| !row.note.is_empty());
    let mut headings = vec![args.kind.singular(), "title"];
    if noted {
        headings.push("note");
    }
    let mut table = Table::new(&headings);
    for row in &rows {
        let mut cells = vec![
            (row.id.clone(), Style::Plain),
            (row.title.clone(), Style::Plain),
        ];
        if noted {
            cells.push((row.note.clone(), Style::Dim));
        }
        table.row(cells);
    }
    console.table(&table)?;
    Ok(ExitCode::Held)
}
