//! Names for the completion of shells: what there is in the library that the command line being typed names.

use crate::catalogue::{self, Kind};
use crate::library::Shelf;
use clap_complete::CompletionCandidate;
use clap_complete::engine::{PathCompleter, ValueCompleter};
use pumplab_scenarios::{Kind as File, Library, Threat};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variable by which a shell's script asks for completions.
pub const VARIABLE: &str = "PUMPLAB_COMPLETE";

/// The library of the command line that is typed: `--library` and `--only-library` stand among its words. What cannot be
/// opened completes nothing; the command itself says why.
fn shelf() -> Option<Shelf> {
    let words: Vec<OsString> = std::env::args_os().collect();
    let value = |option: &str| {
        let at = words.iter().position(|w| w == option)?;
        words.get(at + 1).map(PathBuf::from)
    };
    match value("--only-library") {
        Some(dir) => Shelf::open_only(&dir, false).ok(),
        None => Shelf::open(value("--library").as_deref(), false).ok(),
    }
}

fn named(names: impl IntoIterator<Item = (String, String)>) -> Vec<CompletionCandidate> {
    let candidate = |(name, help): (String, String)| {
        let help = (!help.is_empty()).then(|| help.into());
        CompletionCandidate::new(name).help(help)
    };
    names.into_iter().map(candidate).collect()
}

/// Files of a kind with their titles, which are looked up in the text: nothing is parsed while somebody types.
fn files(kind: File) -> Vec<(String, String)> {
    let Some(shelf) = shelf() else {
        return Vec::new();
    };
    let title = |text: &str| {
        let mut lines = text.lines();
        let title = lines.find_map(|l| l.strip_prefix("title")?.trim_start().strip_prefix('='));
        let title = title.map(|t| t.trim().trim_matches('"').to_owned());
        title.unwrap_or_default()
    };
    let names = shelf.library.names(kind);
    let pair = |name: String| {
        let title = shelf.library.text(kind, &name).map(title);
        (name, title.unwrap_or_default())
    };
    names.into_iter().map(pair).collect()
}

/// Labs.
#[must_use]
pub fn labs() -> Vec<CompletionCandidate> {
    named(files(File::Lab))
}

/// Defences.
#[must_use]
pub fn defences() -> Vec<CompletionCandidate> {
    named(files(File::Defence))
}

/// Controls.
#[must_use]
pub fn controls() -> Vec<CompletionCandidate> {
    named(catalogue::control_titles())
}

/// Layers of controls.
#[must_use]
pub fn layers() -> Vec<CompletionCandidate> {
    let layers = pumplab_sim::control::Layer::ALL.iter();
    named(layers.map(|layer| (layer.to_string(), String::new())))
}

/// Techniques.
#[must_use]
pub fn techniques() -> Vec<CompletionCandidate> {
    let library = Library::embedded();
    let all = library.catalogue().techniques.iter();
    named(all.map(|t| (t.id.to_owned(), t.title.to_owned())))
}

/// ATT&CK ids.
#[must_use]
pub fn attack_ids() -> Vec<CompletionCandidate> {
    let ids = catalogue::facts::all_attack_ids(&Library::embedded());
    named(ids.into_iter().map(|id| (id, String::new())))
}

/// Kinds of threat.
#[must_use]
pub fn threats() -> Vec<CompletionCandidate> {
    let pair = |t: &Threat| (t.word().to_owned(), t.title().to_owned());
    named(Threat::ALL.iter().map(pair))
}

/// Tags of the library's scenarios, looked up in the texts.
#[must_use]
pub fn tags() -> Vec<CompletionCandidate> {
    let Some(shelf) = shelf() else {
        return Vec::new();
    };
    let mut tags = BTreeSet::new();
    for name in shelf.names() {
        let text = shelf
            .library
            .text(File::Scenario, &name)
            .unwrap_or_default();
        let line = text.lines().find(|l| l.starts_with("tags"));
        let quoted = line
            .into_iter()
            .flat_map(|l| l.split('"').skip(1).step_by(2));
        tags.extend(quoted.map(str::to_owned));
    }
    named(tags.into_iter().map(|tag| (tag, String::new())))
}

/// Names of scenarios, and paths.
#[must_use]
pub fn scenarios(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut found = beginning(current, files(File::Scenario));
    let of_ours = |p: &std::path::Path| p.is_dir() || p.extension().is_some_and(|e| e == "toml");
    if !current.is_empty() {
        found.extend(PathCompleter::any().filter(of_ours).complete(current));
    }
    found
}

/// Names of everything that can be shown; with its kind before it where several kinds have the name.
#[must_use]
pub fn things(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut names = Vec::new();
    let mut seen = BTreeSet::new();
    for kind in Kind::shown() {
        for (id, title) in of_kind(kind) {
            let name = if seen.insert(id.clone()) {
                id
            } else {
                format!("{}:{id}", kind.singular())
            };
            names.push((name, title));
        }
    }
    beginning(current, names)
}

/// Names of a kind with their titles, as far as no scenario has to be read for them.
fn of_kind(kind: Kind) -> Vec<(String, String)> {
    match kind {
        Kind::Scenarios => files(File::Scenario),
        Kind::Labs => files(File::Lab),
        Kind::Defences => files(File::Defence),
        Kind::Libraries => files(File::DrugLibrary),
        Kind::Devices => files(File::Profile),
        Kind::Controls => catalogue::control_titles().into_iter().collect(),
        Kind::Threats => {
            let pair = |t: &Threat| (t.word().to_owned(), t.title().to_owned());
            Threat::ALL.iter().map(pair).collect()
        }
        // Profiles of servers are among the devices' files; tags and weaknesses need every scenario and lab.
        Kind::Servers | Kind::Tags | Kind::Weaknesses | Kind::Runs => Vec::new(),
        other => {
            let rows = catalogue::rows(&Library::embedded(), other);
            let rows = rows.unwrap_or_default().into_iter();
            rows.map(|row| (row.id, row.title)).collect()
        }
    }
}

fn beginning(current: &OsStr, names: Vec<(String, String)>) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else {
        return Vec::new();
    };
    named(
        names
            .into_iter()
            .filter(|(name, _)| name.starts_with(current)),
    )
}
