//! `pumplab schema`: the JSON Schema of a kind of file.

use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Kind of file: lab, defence, profile, library, scenario or costs
    #[arg(value_name = "KIND")]
    kind: String,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let kind = crate::library::kind(&args.kind)?;
    console.line(&pumplab_scenarios::schema(kind))?;
    Ok(ExitCode::Held)
}
