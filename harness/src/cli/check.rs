//! `pumplab check`: validates files and folders. All problems are told at once, and nothing is run.

use super::source::LibraryArgs;
use crate::console::{Console, Style};
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::report::human::counted;
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Files, or directories with files below them; none for the whole library
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    library: LibraryArgs,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let shelf = args.library.open()?;
    let checked = shelf.check(&args.files, console.color)?;
    if checked.problems == 0 {
        let text = format!("{} checked, no problems", counted(checked.files, "file"));
        let text = console.paint(Style::Good, &text);
        console.line(&text)?;
        return Ok(ExitCode::Held);
    }
    console.line(&checked.rendered)?;
    console.line("")?;
    let text = format!(
        "{} checked, {}",
        counted(checked.files, "file"),
        counted(checked.problems, "problem")
    );
    let text = console.paint(Style::Bad, &text);
    console.line(&text)?;
    Ok(ExitCode::Usage)
}
