//! `pumplab schema`: the JSON Schema of a kind of file.

use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::library::KINDS;

/// The kind that is written, not read.
const RUN: &str = "run";

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Kind of file: lab, defence, profile, library, scenario or costs; run: what `run --out` writes
    #[arg(value_name = "KIND")]
    kind: String,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let text = if args.kind == RUN {
        format!("{:#}", crate::record::schema::run_directory())
    } else {
        let kind = pumplab_scenarios::Kind::named(&args.kind).ok_or_else(|| {
            let known = KINDS.iter().chain(&[RUN]).map(|k| (*k).to_owned());
            HarnessError::unknown("kind of file", &args.kind, &known.collect::<Vec<_>>())
        })?;
        pumplab_scenarios::schema(kind)
    };
    console.line(&text)?;
    Ok(ExitCode::Held)
}
