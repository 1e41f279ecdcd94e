//! The `pumplab` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A shell that completes a command line sets a variable; then nothing is run.
    match pumplab::cli::complete(std::env::args_os()) {
        Ok(false) => ExitCode::from(pumplab::cli::main(std::env::args_os()).number()),
        Ok(true) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
