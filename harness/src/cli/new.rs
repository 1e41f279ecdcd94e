//! `pumplab new`: a file to begin with.

use crate::catalogue;
use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use pumplab_scenarios::Kind;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Kind of file: scenario, profile, lab or defence
    #[arg(value_name = "KIND")]
    kind: String,
    /// Its name: small letters, digits and dashes
    #[arg(value_name = "NAME")]
    name: String,
    /// Folder of a library of one's own; the file goes to the folder of its kind below it
    #[arg(long, value_name = "DIR", default_value = ".")]
    at: PathBuf,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let known = ["scenario", "profile", "lab", "defence"].map(str::to_owned);
    let (kind, text) = Kind::named(&args.kind)
        .and_then(|kind| Some((kind, kind.template(&args.name)?)))
        .ok_or_else(|| catalogue::unknown("kind of file", &args.kind, &known))?;
    if !fits(&args.name) {
        return Err(HarnessError::FileName(args.name.clone()));
    }
    let folder = args.at.join(kind.folder());
    fs::create_dir_all(&folder).map_err(HarnessError::file("create", &folder))?;
    let path = folder.join(format!("{}.toml", args.name));
    // `create_new` leaves no moment in which somebody else's file could be lost.
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(HarnessError::Exists(path)),
        Err(e) => return Err(HarnessError::file("create", &path)(e)),
    };
    file.write_all(text.as_bytes())
        .map_err(HarnessError::file("write", &path))?;
    let (path, at) = (path.display(), args.at.display());
    console.line(&format!("wrote {path}"))?;
    console.line(&match kind {
        Kind::Scenario => format!("next: pumplab check {path}, pumplab run {path} --library {at}"),
        Kind::Lab => format!(
            "next: pumplab check {path}, pumplab show lab:{} --library {at}",
            args.name
        ),
        _ => format!("next: pumplab check {path}; scenarios find it with --library {at}"),
    })?;
    Ok(ExitCode::Held)
}

/// Whether a name can be that of a file, and be written in other files and on a command line without quotes.
fn fits(name: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.len() <= 64 && !name.starts_with('-') && name.chars().all(word)
}
