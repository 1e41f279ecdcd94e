//! Messages of others: each parses and writes back to the same bytes, or is refused with its place. They lie outside the repository, in the folder
//! that `PUMPLAB_DATA` names.

use super::entry;
use pumplab_sim::wire::hl7::{Message, Part, pcd, split};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The files of a folder of samples by name. None, and a line on standard error, where there are no samples.
fn files(folder: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let Some(data) = std::env::var_os("PUMPLAB_DATA") else {
        let _ = writeln!(
            std::io::stderr(),
            "hl7/{folder} not read: PUMPLAB_DATA does not name the folder of the sample data"
        );
        return None;
    };
    let folder = Path::new(&data).join("hl7").join(folder);
    let entries = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("PUMPLAB_DATA is set, but {}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((name, std::fs::read(path).ok()?))
    };
    Some(paths.into_iter().filter_map(read).collect())
}

/// What came of the messages of a folder.
#[derive(Default)]
struct Outcome {
    parsed: usize,
    /// One line for each that was refused.
    refused: String,
    refusals: usize,
    envelopes: usize,
}

fn messages(folder: &str) -> Option<Outcome> {
    let mut outcome = Outcome::default();
    for (name, bytes) in files(folder)? {
        entry::file(&bytes);
        for part in split(&bytes) {
            let Part::Message { at, bytes } = part else {
                outcome.envelopes += 1;
                continue;
            };
            match entry::message(bytes) {
                Ok(()) => outcome.parsed += 1,
                Err(error) => {
                    outcome.refusals += 1;
                    let _ = writeln!(outcome.refused, "{name} from byte {at}: {error}");
                }
            }
        }
    }
    Some(outcome)
}

#[test]
fn messages_of_others_parse_and_write_back_or_are_refused_with_their_place() {
    let mut table = String::new();
    for folder in ["pcd", "general"] {
        let Some(outcome) = messages(folder) else {
            return;
        };
        let _ = writeln!(
            table,
            "{folder}: {} parsed and written back, {} refused, {} segments of envelopes\n{}",
            outcome.parsed, outcome.refusals, outcome.envelopes, outcome.refused
        );
    }
    let _ = writeln!(std::io::stderr(), "{table}");
    insta::assert_snapshot!("refusals", table);
}

#[test]
fn what_broke_other_parsers_does_not_break_this_one() {
    let Some(outcome) = messages("fuzz") else {
        return;
    };
    let refused = outcome.refused;
    insta::assert_snapshot!("fuzz", format!("{} parsed\n{refused}", outcome.parsed));
}

/// What the lab makes of the messages of pumps and monitors.
#[test]
fn messages_of_devices_are_read_or_answered() {
    let Some(files) = files("pcd") else {
        return;
    };
    let defaults = pcd::Defaults {
        care_area: Some("ICU".to_owned()),
    };
    let mut table = String::new();
    for (name, bytes) in files {
        let Ok(message) = Message::parse(&bytes) else {
            continue;
        };
        let said = match pcd::read_with(&message, &defaults) {
            Ok((_, content)) => format!("{content:?}"),
            Err(unread) => {
                let lines: Vec<String> = unread.faults.iter().map(ToString::to_string).collect();
                format!("answered:\n    {}", lines.join("\n    "))
            }
        };
        let _ = writeln!(table, "{name}: {said}");
    }
    insta::assert_snapshot!("devices", table);
}
