//! `pumplab new`: a file to begin with, from a template or from what is built in.

use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use pumplab_scenarios::{Kind, Library};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Kind of file: scenario, lab, profile or defence; with --from also library or costs
    #[arg(value_name = "KIND")]
    kind: String,
    /// Its name: small letters, digits and dashes
    #[arg(value_name = "NAME")]
    name: String,
    /// Copy this built-in file of the kind, comments and all, in place of the template
    #[arg(long, value_name = "BUILTIN")]
    from: Option<String>,
    /// Lab in which a scenario takes place: a built-in one, or one of the folder of --at
    #[arg(long, value_name = "LAB", conflicts_with = "from")]
    lab: Option<String>,
    /// Folder of a library of one's own; the file goes to the folder of its kind below it
    #[arg(long, value_name = "DIR", default_value = ".")]
    at: PathBuf,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    let kind = kind(args)?;
    if !fits(&args.name) {
        return Err(HarnessError::FileName(args.name.clone()));
    }
    let text = text(args, kind, console)?;
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
    let (path, at, name) = (path.display(), args.at.display(), &args.name);
    console.line(&format!("wrote {path}"))?;
    console.line(&match kind {
        Kind::Scenario => format!("next: pumplab check {path}, pumplab run {path} --library {at}"),
        Kind::Lab => format!(
            "next: pumplab check {path}, pumplab new scenario {name}-1 --lab {name} --at {at}"
        ),
        Kind::Profile => format!(
            "next: pumplab check {path}; a pump or server of a lab in {at} has it by `profile = \"{name}\"`"
        ),
        Kind::Defence => format!(
            "next: pumplab check {path}, pumplab run --library {at} --defence {name}"
        ),
        Kind::DrugLibrary => format!(
            "next: give it another `version`, pumplab check {path}; a lab in {at} has it by `libraries = [\"{name}\"]`"
        ),
        Kind::Costs => format!("next: pumplab check {path}, pumplab run --costs {path}"),
    })?;
    Ok(ExitCode::Held)
}

/// The kind of file that is asked for; without `--from` one that has a template.
fn kind(args: &Args) -> Result<Kind, HarnessError> {
    let copied = args.from.is_some();
    let known = ["scenario", "lab", "profile", "defence", "library", "costs"];
    let usable = |word: &&str| Kind::named(word).is_some_and(|k| copied || k.has_template());
    let known: Vec<String> = known
        .iter()
        .filter(|w| usable(w))
        .map(|w| (*w).to_owned())
        .collect();
    let kind = Kind::named(&args.kind)
        .ok_or_else(|| HarnessError::unknown("kind of file", &args.kind, &known))?;
    if !copied && !kind.has_template() {
        return Err(HarnessError::Arguments(match kind {
            Kind::DrugLibrary => {
                "a drug library comes from a pharmacy and has no template: copy one with --from ward-v1"
            }
            _ => {
                "a cost file is measured and has no template: write one with `pumplab calibrate --out FILE`, or copy one with --from default"
            }
        }));
    }
    if args.lab.is_some() && kind != Kind::Scenario {
        return Err(HarnessError::Arguments(
            "--lab is for scenarios: nothing else takes place in a lab",
        ));
    }
    Ok(kind)
}

/// What the file is to say.
fn text(args: &Args, kind: Kind, console: &Console<'_>) -> Result<String, HarnessError> {
    let invalid = |d| HarnessError::invalid(&d, console.err_color);
    if let Some(from) = &args.from {
        return Library::embedded().copy_of(kind, from).map_err(invalid);
    }
    if let Some(lab) = &args.lab {
        let library = if args.at.is_dir() {
            Library::with_dir(&args.at).map_err(invalid)?
        } else {
            Library::embedded()
        };
        return library.starter_scenario(&args.name, lab).map_err(invalid);
    }
    kind.template(&args.name).ok_or(HarnessError::Arguments(
        "there is no template of this kind of file",
    ))
}

/// Whether a name can be that of a file, and be written in other files and on a command line without quotes.
fn fits(name: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.len() <= 64 && !name.starts_with('-') && name.chars().all(word)
}
