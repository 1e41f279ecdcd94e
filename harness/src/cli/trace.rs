//! `pumplab trace`: reads the trace of a run.

use super::source::RunArg;
use crate::console::{Console, Style, Table};
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::record::{StoredRecord, Story};
use crate::report::explanation::clock;
use pumplab_sim::time::Duration;
use std::collections::BTreeSet;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    run: RunArg,
    /// Record that --follow starts from
    #[arg(value_name = "RECORD", requires = "follow")]
    record: Option<u64>,
    /// Only records of these nodes
    #[arg(long, value_name = "NODE", value_delimiter = ',')]
    node: Vec<String>,
    /// Only records of these kinds
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    kind: Vec<String>,
    /// Only records from this time on, such as `10m`
    #[arg(long, value_name = "TIME")]
    from: Option<Duration>,
    /// Only records up to this time
    #[arg(long, value_name = "TIME")]
    to: Option<Duration>,
    /// Only what a record depends on, or what depends on it
    #[arg(long, value_enum, requires = "record")]
    follow: Option<Follow>,
    /// As JSON, one record a line
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Follow {
    /// What the record depends on.
    Cause,
    /// What depends on the record.
    Effect,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let recorded = args.run.obtain(console)?;
    let story = &recorded.story;
    known(&args.node, story, "node", |r| &r.node)?;
    known(&args.kind, story, "kind of record", |r| &r.kind)?;
    let followed = follow(args, story)?;
    let wanted = |record: &&StoredRecord| {
        followed.as_ref().is_none_or(|f| f.contains(&record.id))
            && (args.node.is_empty() || args.node.contains(&record.node))
            && (args.kind.is_empty() || args.kind.contains(&record.kind))
            && args.from.is_none_or(|t| record.at_ns >= t.as_nanos())
            && args.to.is_none_or(|t| record.at_ns <= t.as_nanos())
    };
    let records: Vec<&StoredRecord> = story.records.iter().filter(wanted).collect();
    if args.json {
        for record in records {
            let text = serde_json::to_string(record)
                .map_err(|e| HarnessError::Report("JSON", e.to_string()))?;
            console.line(&text)?;
        }
        return Ok(ExitCode::Held);
    }
    let mut table = Table::new(&[">record", ">time", "node", "kind", "what"]);
    for record in &records {
        table.row(vec![
            (record.id.to_string(), Style::Dim),
            (clock(record.at_ns), Style::Plain),
            (record.node.clone(), Style::Plain),
            (record.kind.clone(), Style::Dim),
            (record.text.clone(), Style::Plain),
        ]);
    }
    console.table(&table)?;
    Ok(ExitCode::Held)
}

/// The records that --follow leaves.
fn follow(args: &Args, story: &Story) -> Result<Option<BTreeSet<u64>>, HarnessError> {
    let (Some(follow), Some(id)) = (args.follow, args.record) else {
        return Ok(None);
    };
    story.require(id)?;
    Ok(Some(match follow {
        Follow::Effect => story.effects(id),
        Follow::Cause => story
            .explain(id)
            .iter()
            .flat_map(|hop| &hop.records)
            .map(|record| record.id)
            .collect(),
    }))
}

/// A name that no record has is more likely a slip than a question.
fn known(
    asked: &[String],
    story: &Story,
    what: &'static str,
    name: impl Fn(&StoredRecord) -> &String,
) -> Result<(), HarnessError> {
    for word in asked {
        if !story.records.iter().any(|r| name(r) == word) {
            let known: BTreeSet<&String> = story.records.iter().map(&name).collect();
            let known: Vec<String> = known.into_iter().cloned().collect();
            return Err(HarnessError::unknown(what, word, &known));
        }
    }
    Ok(())
}
