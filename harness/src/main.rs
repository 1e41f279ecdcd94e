//! The `pumplab` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(pumplab::cli::main(std::env::args_os()).number())
}
