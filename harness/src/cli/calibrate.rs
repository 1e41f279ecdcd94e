//! `pumplab calibrate`: measures what handshakes cost on this machine, and writes the file that the simulator reads.

use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::progress::Progress;
use pumplab_live::calibrate::{self, MOST_ROUNDS, ROUNDS};
use std::fs::OpenOptions;
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// File for the costs, replaced if it is there; printed by default
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Handshakes of each kind
    #[arg(long, value_name = "N", default_value_t = ROUNDS, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_ROUNDS)))]
    rounds: u32,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    // Before the work, not after it: whether the file can be written at all.
    if let Some(path) = &args.out {
        let opened = OpenOptions::new().append(true).create(true).open(path);
        opened.map_err(HarnessError::file("write", path))?;
    }
    let rounds = usize::try_from(args.rounds).unwrap_or(usize::MAX);
    let progress = Progress::new(rounds, "rounds", console.watched, false);
    let measured = calibrate::measure(args.rounds, |done| {
        let done = usize::try_from(done).unwrap_or(usize::MAX);
        progress.done(done, "round", console);
    });
    progress.finish();
    let calibration = measured?;
    let text = calibration.to_toml();
    if !calibration.machine.optimised {
        let warning = "this is a debug build: its times are too high. Measure with a release build";
        writeln!(console.err, "{warning}")?;
    }
    let Some(path) = &args.out else {
        console.out.write_all(text.as_bytes())?;
        return Ok(ExitCode::Held);
    };
    std::fs::write(path, text).map_err(HarnessError::file("write", path))?;
    console.out.write_all(calibration.to_table().as_bytes())?;
    let at = path.display();
    console.line(&format!("wrote {at}; next: pumplab run --costs {at}"))?;
    Ok(ExitCode::Held)
}
