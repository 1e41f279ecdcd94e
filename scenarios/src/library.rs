//! The library: the embedded files, and a folder of one's own laid over them.

use crate::catalogue::{Catalogue, ids};
use crate::costs;
use crate::defence::{self, Defence};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::embedded;
use crate::lab::{self, Lab};
use crate::names::{Names, unknown};
use crate::profile::{self, Profile};
use crate::scenario::{self, DefenceChoice, ResolvedLab, Scenario};
use crate::server_profile::{self, ServerProfile};
use crate::shape::Vocabulary;
use crate::suggest;
use crate::warn;
use pumplab_sim::clinical::drug_library::DrugLibrary;
use pumplab_sim::parameters::Tagged as _;
use pumplab_sim::spec::{Costs, HappeningSpec};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Kinds of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A lab.
    Lab,
    /// A defence.
    Defence,
    /// A pump profile.
    Profile,
    /// A drug library.
    DrugLibrary,
    /// A scenario.
    Scenario,
    /// What handshakes cost on a machine.
    Costs,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Lab,
        Self::Defence,
        Self::Profile,
        Self::DrugLibrary,
        Self::Scenario,
        Self::Costs,
    ];

    /// The folder that holds files of this kind.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Lab => "labs",
            Self::Defence => "defences",
            Self::Profile => "profiles",
            Self::DrugLibrary => "libraries",
            Self::Scenario => "scenarios",
            Self::Costs => "costs",
        }
    }

    /// The kind of a file, by its folder or else by what it says.
    #[must_use]
    pub fn of_file(path: &Path, text: &str) -> Self {
        let folder = path
            .parent()
            .and_then(Path::file_name)
            .and_then(|f| f.to_str());
        if let Some(kind) = Self::ALL.into_iter().find(|k| Some(k.folder()) == folder) {
            return kind;
        }
        Self::told(text).first().copied().unwrap_or(Self::Scenario)
    }

    /// The kind of a file that its folder or a key gives away; none for what looks like no file of ours.
    #[must_use]
    pub fn evident(path: &Path, text: &str) -> Option<Self> {
        let kind = Self::of_file(path, text);
        if kind != Self::Scenario || Self::told(text).contains(&kind) {
            return Some(kind);
        }
        // A scenario whose `lab` is misspelt is still one: it must not be passed over.
        let signs = ["expect", "attacker", "event", "contrast", "defence"];
        let folder = path.parent().and_then(Path::file_name);
        let placed = folder.is_some_and(|f| f == kind.folder());
        (placed || signs.iter().any(|key| says(text, key))).then_some(kind)
    }

    /// The kinds that a text may be, by keys that only they have.
    fn told(text: &str) -> Vec<Self> {
        let signs = [
            ("lab", Self::Scenario),
            ("zone", Self::Lab),
            ("controls", Self::Defence),
            ("eap_capable", Self::Profile),
            ("product", Self::Profile),
            ("entry", Self::DrugLibrary),
            ("handshake", Self::Costs),
        ];
        let told = signs.into_iter().filter(|(key, _)| says(text, key));
        told.map(|(_, kind)| kind).collect()
    }

    /// What it is called, with its article.
    const fn a_file(self) -> &'static str {
        match self {
            Self::Lab => "a lab",
            Self::Defence => "a defence",
            Self::Profile => "a profile",
            Self::DrugLibrary => "a drug library",
            Self::Scenario => "a scenario",
            Self::Costs => "a cost file",
        }
    }

    /// What it is called, without an article.
    #[must_use]
    pub fn noun(self) -> &'static str {
        self.a_file().split_once(' ').map_or("", |(_, noun)| noun)
    }

    /// The code for a name that nothing of this kind has, and the kind under which names are listed.
    pub(crate) const fn unknown(self) -> (Code, &'static str) {
        match self {
            Self::Lab => (Code::UnknownLab, "labs"),
            Self::Defence => (Code::UnknownDefence, "defences"),
            Self::Profile => (Code::UnknownProfile, "devices"),
            Self::DrugLibrary => (Code::UnknownLibrary, "libraries"),
            Self::Scenario => (Code::UnknownScenario, "scenarios"),
            Self::Costs => (Code::File, "costs"),
        }
    }

    /// The kind that has this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "lab" => Self::Lab,
            "defence" => Self::Defence,
            "profile" => Self::Profile,
            "library" => Self::DrugLibrary,
            "scenario" => Self::Scenario,
            "costs" => Self::Costs,
            _ => return None,
        })
    }
}

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
    pub fn with_file(mut self, kind: Kind, name: &str, text: &str) -> Self {
        let path = format!("{}/{name}.toml", kind.folder());
        let source = Source::new(&path, text);
        self.files.insert((kind, name.to_owned()), source);
        self
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

    /// The file of this kind and name.
    pub(crate) fn source(&self, kind: Kind, name: &str) -> Option<Arc<Source>> {
        self.files.get(&(kind, name.to_owned())).cloned()
    }

    fn named(
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

    /// Reads a lab.
    ///
    /// # Errors
    /// Where there is no such lab, or its file is wrong.
    pub fn lab(&self, name: &str) -> Result<Lab, Diagnostics> {
        let source = self.named(Kind::Lab, Vocabulary::Lab, name)?;
        lab::parse(self, name, &source)
    }

    /// What handshakes cost: the file `costs/default`.
    ///
    /// # Errors
    /// Where the file is wrong.
    pub fn costs(&self) -> Result<Costs, Diagnostics> {
        match self.files.get(&(Kind::Costs, COSTS.to_owned())) {
            Some(source) => costs::parse(self, source),
            None => Ok(Costs::default()),
        }
    }

    /// The library with the costs of a file in place of its own. The file's own problems are told where labs are read.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn with_costs(mut self, path: &Path) -> Result<Self, Diagnostics> {
        let text = Self::read(path)?;
        let source = Source::new(&path.display().to_string(), &text);
        costs::parse(&self, &source)?;
        self.files.insert((Kind::Costs, COSTS.to_owned()), source);
        Ok(self)
    }

    /// Reads a defence.
    ///
    /// # Errors
    /// Where there is no such defence, or its file is wrong.
    pub fn defence(&self, name: &str) -> Result<Defence, Diagnostics> {
        let source = self.named(Kind::Defence, Vocabulary::Defence, name)?;
        defence::parse(self, name, &source)
    }

    /// A defence as a command line names it: a defence of the library, or controls as in `NET-01+NET-02`.
    #[must_use]
    pub fn choice(&self, name: &str) -> DefenceChoice {
        let known = |id: &str| self.catalogue.controls.contains(&id);
        if !name.is_empty() && name.split('+').all(known) {
            return DefenceChoice::Controls(name.split('+').map(str::to_owned).collect());
        }
        DefenceChoice::Named(name.to_owned())
    }

    /// The controls of a defence.
    ///
    /// # Errors
    /// Where there is no such defence, or its file is wrong.
    pub fn controls(&self, choice: &DefenceChoice) -> Result<Vec<String>, Diagnostics> {
        match choice {
            DefenceChoice::Named(name) => Ok(self.defence(name)?.controls),
            DefenceChoice::Controls(controls) => Ok(controls.clone()),
        }
    }

    /// A lab with controls applied, some of them left out.
    ///
    /// # Errors
    /// Where a file or a name is wrong.
    pub fn resolve_lab(
        &self,
        name: &str,
        controls: &[String],
        without: &[String],
    ) -> Result<ResolvedLab, Diagnostics> {
        scenario::resolve_lab(self, &self.lab(name)?, controls, without)
    }

    /// Reads a drug library.
    ///
    /// # Errors
    /// Where there is no such library, or its file is wrong.
    pub fn drug_library(&self, name: &str) -> Result<DrugLibrary, Diagnostics> {
        let source = self.named(Kind::DrugLibrary, Vocabulary::LibraryFile, name)?;
        crate::drug_library::parse(self, &source)
    }

    /// Reads all profiles of servers.
    ///
    /// # Errors
    /// Where a file is wrong.
    pub fn server_profiles(&self) -> Result<Vec<ServerProfile>, Diagnostics> {
        self.all_profiles(true, server_profile::parse)
    }

    /// Reads all profiles of pumps.
    ///
    /// # Errors
    /// Where a file is wrong.
    pub fn profiles(&self) -> Result<Vec<Profile>, Diagnostics> {
        self.all_profiles(false, profile::parse)
    }

    fn all_profiles<T>(
        &self,
        of_servers: bool,
        parse: impl Fn(&Self, &str, &Arc<Source>) -> Result<T, Diagnostics>,
    ) -> Result<Vec<T>, Diagnostics> {
        let mut found = Diagnostics::default();
        let mut profiles = Vec::new();
        for ((kind, name), source) in &self.files {
            if *kind == Kind::Profile && server_profile::is_server(source) == of_servers {
                match parse(self, name, source) {
                    Ok(profile) => profiles.push(profile),
                    Err(wrong) => found.extend(wrong),
                }
            }
        }
        if found.is_empty() {
            Ok(profiles)
        } else {
            Err(found)
        }
    }

    /// Reads a scenario of the library.
    ///
    /// # Errors
    /// Where there is no such scenario, or its file is wrong.
    pub fn load_scenario(&self, name: &str) -> Result<Scenario, Diagnostics> {
        let (code, noun) = (Code::UnknownScenario, "scenario");
        let Some(source) = self.files.get(&(Kind::Scenario, name.to_owned())) else {
            let hint = suggest::hint(name, &self.scenario_names());
            let message = format!("there is no {noun} `{name}`");
            return Err(Diagnostic::bare(code, message).maybe_hint(hint).into());
        };
        scenario::parse(self, name, source)
    }

    /// Reads a scenario from a text; `file_name` is what messages call it, and gives the scenario its name.
    ///
    /// # Errors
    /// Where the text is wrong.
    pub fn parse_scenario(&self, file_name: &str, text: &str) -> Result<Scenario, Diagnostics> {
        let source = Source::new(file_name, text);
        scenario::parse(self, stem(file_name), &source)
    }

    /// Checks a text as a file of a kind.
    ///
    /// # Errors
    /// Where the text is wrong.
    pub fn check(&self, kind: Kind, file_name: &str, text: &str) -> Result<(), Diagnostics> {
        let source = Source::new(file_name, text);
        let name = stem(file_name);
        let told = Kind::told(text);
        if let Some(other) = told.first().filter(|_| !told.contains(&kind)) {
            // Everything else that could be said would be about a file that nobody meant to write.
            let message = format!("this is {}, not {}", other.a_file(), kind.a_file());
            let d = Diagnostic::at(Code::WrongKind, &source, 0..0, message);
            let hint = format!("it belongs into the folder `{}`", other.folder());
            return Err(d.label("another kind of file").hint(hint).into());
        }
        match kind {
            Kind::Lab => lab::parse(self, name, &source).map(drop),
            Kind::Defence => defence::parse(self, name, &source).map(drop),
            Kind::Profile if server_profile::is_server(&source) => {
                server_profile::parse(self, name, &source).map(drop)
            }
            Kind::Profile => profile::parse(self, name, &source).map(drop),
            Kind::DrugLibrary => crate::drug_library::parse(self, &source).map(drop),
            Kind::Scenario => scenario::parse(self, name, &source).map(drop),
            Kind::Costs => costs::parse(self, &source).map(drop),
        }
    }

    /// Checks a text as a lab, and warns of what can never work there: as the file says, and under each defence of the library.
    ///
    /// # Errors
    /// Where the text is wrong.
    pub fn check_lab(&self, file_name: &str, text: &str) -> Result<Diagnostics, Diagnostics> {
        let source = Source::new(file_name, text);
        let lab = lab::parse(self, stem(file_name), &source)?;
        Ok(warn::of_lab(self, &lab, &source))
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

/// Whether a text has this key or table.
fn says(text: &str, key: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches('[');
        let rest = line.strip_prefix(key).map(str::trim_start);
        rest.is_some_and(|r| r.starts_with(['=', ']']))
    })
}

/// Name of the cost file that labs are made with.
const COSTS: &str = "default";

/// Bytes of the largest file that is read; the largest lab is a thousandth of it.
const LARGEST: u64 = 16 << 20;

/// Kind and name of a file by its path in the library.
fn placed(path: &str) -> Option<(Kind, &str)> {
    let (folder, file) = path.split_once('/')?;
    let kind = Kind::ALL.into_iter().find(|k| k.folder() == folder)?;
    Some((kind, file.strip_suffix(".toml")?))
}

fn stem(file_name: &str) -> &str {
    let file = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    file.strip_suffix(".toml").unwrap_or(file)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::bare(
        Code::File,
        format!("cannot read {}: {error}", path.display()),
    )
}
