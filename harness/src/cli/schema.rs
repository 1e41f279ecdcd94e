//! `pumplab schema`: the JSON Schema of a kind of file.

use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Kind of file
    #[arg(value_name = "KIND")]
    kind: String,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let schema = crate::library::schema(&args.kind)?;
    console.line(&schema)?;
    Ok(ExitCode::Held)
}
