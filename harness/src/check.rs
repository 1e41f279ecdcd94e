//! Checks files: each as what it is, all problems at once.

use crate::error::HarnessError;
use crate::library::Shelf;
use pumplab_scenarios::{Diagnostic, Diagnostics, Kind, Library};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What came of checking files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Number of files.
    pub files: usize,
    /// Number of warnings: what is right and can never work, or does nothing.
    pub warnings: usize,
    /// Number of problems.
    pub problems: usize,
    /// The problems, ready to print.
    pub rendered: String,
    /// What has been told. A lab or a profile that is wrong is wrong for every scenario that uses it, and told once.
    told: BTreeSet<(String, usize, &'static str, String)>,
}

impl Checked {
    fn add(&mut self, found: Result<Diagnostics, Diagnostics>, color: bool) {
        self.files += 1;
        let (mut found, is_right) = match found {
            Ok(warnings) => (warnings, true),
            Err(problems) => (problems, false),
        };
        found.items.retain(|d| self.told.insert(place(d)));
        if is_right {
            self.warnings += found.items.len();
        } else {
            self.problems += found.items.len();
        }
        if !found.is_empty() {
            if !self.rendered.is_empty() {
                self.rendered.push('\n');
            }
            self.rendered.push_str(found.render(color).trim_end());
            self.rendered.push('\n');
        }
    }
}

/// By which a diagnostic is known again. A warning is the same whatever defence it was found under.
fn place(d: &Diagnostic) -> (String, usize, &'static str, String) {
    let name = d.source.as_ref().map_or("", |s| &s.name);
    let file = fs::canonicalize(name).map_or_else(|_| name.to_owned(), |p| p.display().to_string());
    let message = if d.code.is_warning() && d.source.is_some() {
        String::new()
    } else {
        d.message.clone()
    };
    (file, d.span.start, d.code.id(), message)
}

/// Checks every file of the library.
#[must_use]
pub fn library(shelf: &Shelf, color: bool) -> Checked {
    let mut checked = Checked::default();
    for kind in Kind::ALL {
        for name in shelf.library.names(kind) {
            if let Some(text) = shelf.library.text(kind, &name) {
                let place = format!("{}/{name}.toml", kind.folder());
                let found = whole(&shelf.library, kind, &place, text);
                checked.add(found, color);
            }
        }
    }
    checked
}

/// Checks files, and the files below directories. `kind` is what they are taken for where neither their folder nor they themselves say.
///
/// # Errors
/// When something cannot be read.
pub fn files(
    shelf: &Shelf,
    paths: &[PathBuf],
    kind: Option<Kind>,
    color: bool,
) -> Result<Checked, HarnessError> {
    let mut checked = Checked::default();
    for path in paths {
        if let Some((kind, name, text)) = built_in(shelf, path) {
            let place = format!("{}/{name}.toml", kind.folder());
            checked.add(whole(&shelf.library, kind, &place, text), color);
            continue;
        }
        let mut found = BTreeSet::new();
        collect(path, &mut found)?;
        // Files of a library of one's own may name each other.
        let own = is_library(path)
            .then(|| Library::with_dir(path))
            .transpose()
            .map_err(|d| HarnessError::invalid(&d, color))?;
        let library = own.as_ref().unwrap_or(&shelf.library);
        for file in found {
            checked.add(one(library, &file, kind), color);
        }
    }
    Ok(checked)
}

/// A file of the library that is asked for by its name.
fn built_in<'a>(shelf: &'a Shelf, path: &'a Path) -> Option<(Kind, &'a str, &'a str)> {
    let name = path.to_str().filter(|_| !path.exists())?;
    // A name that several kinds have is a scenario first.
    let kinds = [Kind::Scenario].into_iter().chain(Kind::ALL);
    let mut found = kinds.filter_map(|kind| Some((kind, name, shelf.library.text(kind, name)?)));
    found.next()
}

/// Reads and checks a file. One that cannot be read is a problem like others, so that the rest is still told.
fn one(library: &Library, file: &Path, kind: Option<Kind>) -> Result<Diagnostics, Diagnostics> {
    let text = Library::read(file)?;
    let kind = kind.unwrap_or_else(|| Kind::of_file(file, &text));
    whole(library, kind, &file.display().to_string(), &text)
}

/// Checks a file; a scenario also with its defence and its contrast applied. What is right and does nothing is told as warnings.
fn whole(
    library: &Library,
    kind: Kind,
    place: &str,
    text: &str,
) -> Result<Diagnostics, Diagnostics> {
    if kind != Kind::Scenario {
        library.check(kind, place, text)?;
        return match kind {
            Kind::Lab => library.check_lab(place, text),
            _ => Ok(Diagnostics::default()),
        };
    }
    let scenario = library.parse_scenario(place, text)?;
    let run = scenario.resolve(library, None, &[])?;
    let contrast = scenario.resolve_contrast(library)?;
    Ok(scenario.warnings_of(library, &run, contrast.as_ref()))
}

/// The `.toml` files below a directory, or the file itself.
pub(crate) fn collect(path: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), HarnessError> {
    if !path.is_dir() {
        found.insert(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(HarnessError::file("read", path))? {
        let entry = entry.map_err(HarnessError::file("read", path))?;
        let below = entry.path();
        let link = entry.file_type().is_ok_and(|t| t.is_symlink());
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        // A link may lead back to where it lies.
        if below.is_dir() && (link || hidden) {
            continue;
        }
        if below.is_dir() || below.extension().is_some_and(|e| e == "toml") {
            collect(&below, found)?;
        }
    }
    Ok(())
}

/// Whether a directory has the folders of a library.
pub(crate) fn is_library(path: &Path) -> bool {
    Kind::ALL.iter().any(|k| path.join(k.folder()).is_dir())
}
