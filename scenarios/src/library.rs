//! The library: the embedded files, and a folder of one's own laid over them. It holds texts; who knows a kind of file reads it: `library.lab(…)`
//! stands with labs, `library.defence(…)` with defences.

use crate::catalogue::{Catalogue, ids};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::embedded;
use crate::kind::Kind;
use crate::names::{Names, unknown};
use crate::shape::Vocabulary;
use crate::suggest;
use pumplab_sim::parameters::Tagged as _;
use pumplab_sim::spec::HappeningSpec;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// All files that can be named.
#[derive(Clone, Debug)]
pub struct Library {
    files: BTreeMap<(Kind, String), Arc<Source>>,
    catalogue: Catalogue,
}

impl Library {
    /// The files that come with pumplab.
    #[must_use]
    pub fn embedded() -> Self {
        let mut files = BTreeMap::new();
        for (path, text) in embedded::FILES {
            if let Some((kind, name)) = placed(path) {
                files.insert((kind, name.to_owned()), Source::new(path, text));
            }
        }
        Self {
            files,
            catalogue: Catalogue::known(),
        }
    }

    /// Names of the built-in collections of scenarios besides the library itself.
    pub fn collections() -> impl Iterator<Item = &'static str> {
        embedded::COLLECTIONS.iter().map(|(name, _)| *name)
    }

    /// The embedded files with the scenarios of a built-in collection in place of the library's own.
    ///
    /// # Errors
    /// Where there is no such collection.
    pub fn collection(name: &str) -> Result<Self, Diagnostics> {
        let Some((_, scenarios)) = embedded::COLLECTIONS.iter().find(|c| c.0 == name) else {
            let known: Vec<&str> = Self::collections().collect();
            let message = format!("there is no folder and no built-in collection `{name}`");
            return Err(Diagnostic::bare(Code::UnknownCollection, message)
                .maybe_hint(suggest::hint(name, &known))
                .into());
        };
        let mut library = Self::embedded();
        library.files.retain(|(kind, _), _| *kind != Kind::Scenario);
        for (path, text) in *scenarios {
            let key = (Kind::Scenario, stem(path).to_owned());
            library.files.insert(key, Source::new(path, text));
        }
        Ok(library)
    }

    /// The embedded files with those of a folder laid over them: `DIR/labs/*.toml`, `DIR/defences/*.toml` and so on.
    ///
    /// # Errors
    /// Where the folder or one of its files cannot be read.
    pub fn with_dir(dir: &Path) -> Result<Self, Diagnostics> {
        Self::embedded().over(dir)
    }

    /// The scenarios of a folder alone; its other files lie over the embedded ones.
    ///
    /// # Errors
    /// Where the folder or one of its files cannot be read.
    pub fn only(dir: &Path) -> Result<Self, Diagnostics> {
        let mut library = Self::embedded();
        library.files.retain(|(kind, _), _| *kind != Kind::Scenario);
        library.over(dir)
    }

    /// This library with the files of a folder laid over it.
    ///
    /// # Errors
    /// Where the folder or one of its files cannot be read.
    pub fn over(self, dir: &Path) -> Result<Self, Diagnostics> {
        let mut library = self;
        let mut found = Diagnostics::default();
        if let Err(error) = std::fs::read_dir(dir) {
            found.push(unreadable(dir, &error));
        }
        for kind in Kind::ALL {
            let folder = dir.join(kind.folder());
            if !folder.is_dir() {
                continue;
            }
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) => {
                    found.push(unreadable(&folder, &error));
                    continue;
                }
            };
            for path in entries.flatten().map(|e| e.path()) {
                if path.extension().is_none_or(|e| e != "toml") {
                    continue;
                }
                let Some(name) = path.file_stem().and_then(|n| n.to_str()) else {
                    let message = format!("the name of {} is not text in UTF-8", path.display());
                    found.push(Diagnostic::bare(Code::File, message).hint("rename the file"));
                    continue;
                };
                match Self::read(&path) {
                    Ok(text) => {
                        let source = Source::new(&path.display().to_string(), &text);
                        library.files.insert((kind, name.to_owned()), source);
                    }
                    Err(wrong) => found.extend(wrong),
                }
            }
        }
        if found.is_empty() {
            Ok(library)
        } else {
            Err(found)
        }
    }

    /// The text of a file, without the mark that some editors put at its beginning.
    ///
    /// # Errors
    /// Where it cannot be read, is not text in UTF-8, or is far larger than any file of a library.
    pub fn read(path: &Path) -> Result<String, Diagnostics> {
        let file = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?;
        if !file.is_file() && !file.is_dir() {
            // Reading a pipe or a device may wait for ever.
            let message = format!("{} is no regular file", path.display());
            return Err(Diagnostic::bare(Code::File, message).into());
        }
        if file.len() > LARGEST {
            let mib = LARGEST >> 20;
            let message = format!("{} is larger than {mib} MiB", path.display());
            return Err(Diagnostic::bare(Code::File, message).into());
        }
        let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
        let text = String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            let line = e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
            let message = format!("{} is not text in UTF-8: see line {line}", path.display());
            Diagnostic::bare(Code::File, message).hint("save it as UTF-8")
        })?;
        Ok(text
            .strip_prefix('\u{feff}')
            .map_or_else(|| text.clone(), str::to_owned))
    }

    /// The library with this text as the file of a kind and name.
    #[must_use]
    pub fn with_file(self, kind: Kind, name: &str, text: &str) -> Self {
        let path = format!("{}/{name}.toml", kind.folder());
        self.with_source(kind, name, Source::new(&path, text))
    }

    /// What files are checked against.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Names of all files of a kind, in order.
    #[must_use]
    pub fn names(&self, kind: Kind) -> Vec<String> {
        let of_kind = self.files.keys().filter(|(k, _)| *k == kind);
        of_kind.map(|(_, name)| name.clone()).collect()
    }

    /// Names of all scenarios.
    #[must_use]
    pub fn scenario_names(&self) -> Vec<String> {
        self.names(Kind::Scenario)
    }

    /// Names of all labs.
    #[must_use]
    pub fn lab_names(&self) -> Vec<String> {
        self.names(Kind::Lab)
    }

    /// Names of all defences.
    #[must_use]
    pub fn defence_names(&self) -> Vec<String> {
        self.names(Kind::Defence)
    }

    /// The library with this file.
    pub(crate) fn with_source(mut self, kind: Kind, name: &str, source: Arc<Source>) -> Self {
        self.files.insert((kind, name.to_owned()), source);
        self
    }

    /// The file of this kind and name.
    pub(crate) fn source(&self, kind: Kind, name: &str) -> Option<Arc<Source>> {
        self.files.get(&(kind, name.to_owned())).cloned()
    }

    /// The file of this kind and name, or that there is none.
    pub(crate) fn named(
        &self,
        kind: Kind,
        vocabulary: Vocabulary,
        name: &str,
    ) -> Result<Arc<Source>, Diagnostics> {
        self.files
            .get(&(kind, name.to_owned()))
            .cloned()
            .ok_or_else(|| {
                let message = format!("there is no {} `{name}`", vocabulary.noun());
                Diagnostic::bare(unknown(vocabulary), message)
                    .maybe_hint(suggest::hint(name, &self.names(kind)))
                    .into()
            })
    }

    /// The text of a file of the library.
    #[must_use]
    pub fn text(&self, kind: Kind, name: &str) -> Option<&str> {
        let source = self.files.get(&(kind, name.to_owned()))?;
        Some(&source.text)
    }

    /// Names that do not depend on a lab.
    pub(crate) fn file_names(&self) -> Names {
        let mut names = Names::default();
        let c = &self.catalogue;
        names.set(Vocabulary::Lab, self.names(Kind::Lab));
        names.set(Vocabulary::Defence, self.names(Kind::Defence));
        names.set(Vocabulary::Profile, self.names(Kind::Profile));
        names.set(Vocabulary::LibraryFile, self.names(Kind::DrugLibrary));
        names.set(Vocabulary::Technique, ids(&c.techniques));
        names.set(Vocabulary::Goal, ids(&c.goals));
        names.set(Vocabulary::Property, ids(&c.properties));
        names.set(Vocabulary::Metric, ids(&c.metrics));
        names.set(
            Vocabulary::Control,
            c.controls.iter().map(|id| (*id).to_owned()).collect(),
        );
        names.set(
            Vocabulary::Event,
            HappeningSpec::TABLES
                .iter()
                .map(|t| t.name.to_owned())
                .collect(),
        );
        names
    }
}

/// Bytes of the largest file that is read; the largest lab is a thousandth of it.
const LARGEST: u64 = 16 << 20;

/// Kind and name of a file by its path in the library.
fn placed(path: &str) -> Option<(Kind, &str)> {
    let (folder, file) = path.split_once('/')?;
    let kind = Kind::ALL.into_iter().find(|k| k.folder() == folder)?;
    Some((kind, file.strip_suffix(".toml")?))
}

/// Name of a file without folder and ending.
pub(crate) fn stem(file_name: &str) -> &str {
    let file = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    file.strip_suffix(".toml").unwrap_or(file)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::bare(
        Code::File,
        format!("cannot read {}: {error}", path.display()),
    )
}
