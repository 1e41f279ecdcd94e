//! `pumplab explain`: why something happened, or what kept it from happening.

use super::source::RunArg;
use crate::console::Console;
use crate::counterfactual;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::report::explanation;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    run: RunArg,
    /// Number of a record; without it, every violation, every goal and every step that failed
    #[arg(value_name = "RECORD")]
    record: Option<u64>,
    /// Every record of every chain, in place of a short form
    #[arg(long)]
    full: bool,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let recorded = args.run.obtain(console)?;
    let Some(id) = args.record else {
        let beyond = explanation::unexplained(&recorded)
            .then(|| counterfactual::beyond(&recorded.report.manifest, console.err_color))
            .transpose()?
            .flatten();
        explanation::run(&recorded, beyond.as_ref(), args.full, console)?;
        return Ok(ExitCode::Held);
    };
    recorded.story.require(id)?;
    explanation::one(&recorded, id, args.full, console)?;
    Ok(ExitCode::Held)
}
