//! `pumplab completions`: a script for a shell. It asks the command itself what may come next, so names are completed as well.

use super::Cli;
use crate::complete::VARIABLE;
use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use clap::{CommandFactory, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;
use std::ffi::OsString;
use std::path::Path;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let shell = args.shell.to_possible_value();
    let shell = shell.as_ref().map_or("bash", |v| v.get_name());
    let shells = Shells::builtins();
    let script = shells
        .completer(shell)
        .ok_or(HarnessError::Arguments("there is no script for this shell"))?;
    let mut text = Vec::new();
    script.write_registration(VARIABLE, "pumplab", "pumplab", &this(), &mut text)?;
    console.out.write_all(&text)?;
    Ok(ExitCode::Held)
}

/// How the script calls this command: by name where it was found by name, else by the path of the program.
fn this() -> String {
    let called = std::env::args_os().next().unwrap_or_default();
    if Path::new(&called).components().count() < 2 {
        return "pumplab".to_owned();
    }
    let program = std::env::current_exe().ok();
    let program = program.and_then(|p| p.to_str().map(str::to_owned));
    program.unwrap_or_else(|| "pumplab".to_owned())
}

/// Answers a shell that asks for completions; no if nobody asks. Nothing may have been written before.
///
/// # Errors
/// When the answer cannot be written, or the shell is not known.
pub fn answer(arguments: impl IntoIterator<Item = OsString>) -> Result<bool, clap::Error> {
    let here = std::env::current_dir().ok();
    CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .try_complete(arguments, here.as_deref())
}
