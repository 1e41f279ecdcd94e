//! `pumplab explain`: why something happened, or what kept it from happening.

use super::source::RunArg;
use crate::console::{Console, Style};
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
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let recorded = args.run.obtain(console)?;
    let Some(id) = args.record else {
        let beyond = explanation::unexplained(&recorded)
            .then(|| counterfactual::beyond(&recorded.report.manifest, console.err_color))
            .transpose()?
            .flatten();
        explanation::run(&recorded, beyond.as_ref(), console)?;
        return Ok(ExitCode::Held);
    };
    let record = recorded.story.require(id)?;
    let head = format!("record {id}, {} on {}", record.kind, record.node);
    let head = console.paint(Style::Bold, &head);
    console.line(&head)?;
    explanation::record(&recorded.story, id, console)?;
    Ok(ExitCode::Held)
}
