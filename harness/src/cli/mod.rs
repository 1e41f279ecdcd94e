//! The command line: one file per subcommand.

mod calibrate;
mod check;
mod completions;
mod explain;
mod list;
mod live;
mod new;
mod run;
mod schema;
mod show;
mod source;
mod trace;

pub use completions::answer as complete;

use crate::console::{Console, Style, can_move, columns, paint, wants_color};
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::io;

/// A lab in software for wireless infusion pumps.
///
/// Without a command, runs the whole scenario library and prints one page: totals by kind of threat, and whatever is unexpected.
#[derive(Debug, Parser)]
#[command(name = "pumplab", version, long_version = LONG_VERSION, after_help = EXIT_CODES, override_usage = "pumplab [COMMAND]")]
struct Cli {
    /// Lines as long as they need, and every column, also on a terminal
    #[arg(long, global = true)]
    wide: bool,
    #[command(subcommand)]
    command: Command,
}

const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nseed-compatible since 0.1.0: the same scenario and seed give the same results from that version on",
    "\nformats: run directory 1, JSON 1",
);

const EXIT_CODES: &str = "\
Exit codes: 0 all as expected, 1 something unexpected, 2 usage or invalid file, 3 a budget ran out, 4 a fault of pumplab,
130 interrupted; of several, 130 before 4 before 2 before 3 before 1.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios and judge them; without a name, the whole library
    Run(run::Args),
    /// Validate files without running anything
    Check(check::Args),
    /// Write a file to begin with: commented, and valid as it is
    New(new::Args),
    /// List what there is of a kind
    List(list::Args),
    /// Show one thing of the catalogue, a scenario, or a resolved lab
    Show(show::Args),
    /// Say why: from a violation back to its first cause, from a failed step to what stopped it
    Explain(explain::Args),
    /// Put pumps, pump server, health record and alarm manager on real sockets with real TLS
    Live(live::Args),
    /// Measure what TLS handshakes cost on this machine, for the simulator to read
    Calibrate(calibrate::Args),
    /// Read the trace of a run
    Trace(trace::Args),
    /// Print the JSON Schema of a kind of file
    Schema(schema::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
}

/// Runs the command line; the answer is the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.len() < 2 {
        arguments = vec!["pumplab".into(), "run".into(), "--summary".into()];
    }
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let mut console = Console {
        color: wants_color(&stdout),
        err_color: wants_color(&stderr),
        watched: can_move(&stderr),
        width: columns(),
        // Not locked: whoever waits for a stream while this thread works would wait until the command ends.
        out: &mut io::BufWriter::new(stdout),
        err: &mut io::stderr(),
    };
    let code = match Cli::try_parse_from(arguments) {
        Ok(cli) => {
            if cli.wide {
                console.width = None;
            }
            dispatch(cli.command, &mut console).unwrap_or_else(|e| failed(&e, &mut console))
        }
        Err(e) => {
            let asked = !e.use_stderr();
            // A closed stream leaves nobody to tell.
            let _ = e.print();
            if asked {
                ExitCode::Held
            } else {
                ExitCode::Usage
            }
        }
    };
    match console.out.flush() {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => failed(&e.into(), &mut console),
        _ => code,
    }
}

fn dispatch(command: Command, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    match command {
        Command::Run(args) => run::command(&args, console),
        Command::Check(args) => check::command(&args, console),
        Command::New(args) => new::command(&args, console),
        Command::List(args) => list::command(&args, console),
        Command::Show(args) => show::command(&args, console),
        Command::Explain(args) => explain::command(&args, console),
        Command::Live(args) => live::command(&args, console),
        Command::Calibrate(args) => calibrate::command(&args, console),
        Command::Trace(args) => trace::command(&args, console),
        Command::Schema(args) => schema::command(&args, console),
        Command::Completions(args) => completions::command(&args, console),
    }
}

fn failed(error: &HarnessError, console: &mut Console<'_>) -> ExitCode {
    if let HarnessError::Output(e) = error
        && e.kind() == io::ErrorKind::BrokenPipe
    {
        // The reader has seen enough.
        return ExitCode::Held;
    }
    let code = error.exit_code();
    let text = match error {
        // Diagnostics bring their own headings.
        HarnessError::Invalid(rendered) => rendered.trim_end().to_owned(),
        _ => format!("{} {error}", paint(console.err_color, Style::Bad, "error:")),
    };
    let _ = writeln!(console.err, "{text}");
    if code == ExitCode::Fault {
        let _ = writeln!(
            console.err,
            "please report this with the scenario, the seed and `pumplab --version`"
        );
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
