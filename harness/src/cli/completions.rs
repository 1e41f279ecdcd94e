//! `pumplab completions`: a completion script for a shell.

use super::Cli;
use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use clap::CommandFactory;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pumplab", &mut script);
    console.out.write_all(&script)?;
    Ok(ExitCode::Held)
}
