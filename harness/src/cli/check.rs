//! `pumplab check`: validates files and folders. All problems are told at once, and nothing is run.

use super::source::LibraryArgs;
use crate::check;
use crate::complete;
use crate::console::{Console, Style};
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::library;
use crate::report::human::counted;
use clap_complete::ArgValueCompleter;
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Files, directories with files below them, or names of files of the library; none for the whole library
    #[arg(value_name = "FILE", add = ArgValueCompleter::new(complete::scenarios))]
    files: Vec<PathBuf>,
    /// What the files are, where the folder they lie in does not say: lab, defence, profile, library, scenario or costs
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    #[command(flatten)]
    library: LibraryArgs,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let shelf = args.library.open(console)?;
    let kind = args.kind.as_deref().map(library::kind).transpose()?;
    let checked = if args.files.is_empty() {
        check::library(&shelf, console.color)
    } else {
        check::files(&shelf, &args.files, kind, console.color)?
    };
    if checked.files == 0 {
        let text = "no files to check: there is no `.toml` file in what was given";
        return Err(HarnessError::Nothing(text.to_owned()));
    }
    if checked.problems == 0 {
        let mut text = format!("{} checked, no problems", counted(checked.files, "file"));
        if checked.warnings > 0 {
            console.rendered(&checked.rendered)?;
            console.line("")?;
            text.push_str(&format!(", {}", counted(checked.warnings, "warning")));
        }
        let text = console.paint(Style::Good, &text);
        console.line(&text)?;
        return Ok(ExitCode::Held);
    }
    console.rendered(&checked.rendered)?;
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
