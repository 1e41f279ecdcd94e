//! Kinds of file, and how a file is told to be of one.

use crate::diagnostic::Code;
use std::path::Path;

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
    pub(crate) fn told(text: &str) -> Vec<Self> {
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
    pub(crate) const fn a_file(self) -> &'static str {
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

/// Whether a text has this key or table.
fn says(text: &str, key: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches('[');
        let rest = line.strip_prefix(key).map(str::trim_start);
        rest.is_some_and(|r| r.starts_with(['=', ']']))
    })
}
