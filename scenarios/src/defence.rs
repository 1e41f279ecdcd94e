//! Defences: named lists of controls.

use crate::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::kind;
use crate::library::Library;
use crate::shape::{Kind, Shape, Vocabulary, may, need};
use crate::table::{Table, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A defence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defence {
    /// Name: the file's name without ending.
    pub name: String,
    /// What it is, one line.
    pub title: String,
    /// What it stands for.
    pub summary: String,
    /// Identifiers of its controls.
    pub controls: Vec<String>,
    /// Why a control is in it, or is not.
    pub notes: BTreeMap<String, String>,
}

/// A defence file.
pub(crate) static DEFENCE: Shape = Shape {
    name: "a defence",
    fields: &[
        need("title", Kind::Text, "What it is, one line."),
        may("summary", Kind::Text, "What it stands for, a paragraph."),
        need(
            "controls",
            Kind::List(&Kind::Name(Vocabulary::Control)),
            "Identifiers of its controls; they are applied in the order of the table of controls.",
        ),
        may(
            "notes",
            Kind::Notes(Vocabulary::Control),
            "Why a control is in it, or is not.",
        ),
    ],
    one_of: &[],
};

/// A defence, or the controls themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefenceChoice {
    /// A defence of the library.
    Named(String),
    /// These controls.
    Controls(Vec<String>),
}

impl fmt::Display for DefenceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Controls(controls) if controls.is_empty() => f.write_str("no control"),
            Self::Controls(controls) => f.write_str(&controls.join("+")),
        }
    }
}

impl Library {
    /// Reads a defence.
    ///
    /// # Errors
    /// Where there is no such defence, or its file is wrong.
    pub fn defence(&self, name: &str) -> Result<Defence, Diagnostics> {
        let source = self.named(kind::Kind::Defence, Vocabulary::Defence, name)?;
        parse(self, name, &source)
    }

    /// A defence as a command line names it: a defence of the library, or controls as in `NET-01+NET-02`.
    #[must_use]
    pub fn choice(&self, name: &str) -> DefenceChoice {
        let known = |id: &str| self.catalogue().controls.contains(&id);
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
}

/// Reads a defence.
pub(crate) fn parse(
    library: &Library,
    name: &str,
    source: &Arc<Source>,
) -> Result<Defence, Diagnostics> {
    let names = library.file_names();
    let (table, mut found) = check::read(source, &names, library.catalogue(), &DEFENCE);
    repeated(&table, "controls", source, &mut found);
    let defence = defence(name, &table);
    found.finish(defence, source)
}

fn defence(name: &str, table: &Table) -> Option<Defence> {
    let notes = table.table("notes").map(|notes| {
        let text = |key: &String| Some((key.clone(), notes.string(key)?));
        notes.entries.keys().filter_map(text).collect()
    });
    Some(Defence {
        name: name.to_owned(),
        title: table.string("title")?,
        summary: table.string("summary").unwrap_or_default(),
        controls: table.texts("controls"),
        notes: notes.unwrap_or_default(),
    })
}

/// Tells what a list of texts says twice.
pub(crate) fn repeated(table: &Table, key: &str, source: &Arc<Source>, found: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, std::ops::Range<usize>> = BTreeMap::new();
    for node in table.list(key) {
        let Value::Text(text) = &node.value else {
            continue;
        };
        if let Some(first) = seen.get(text.as_str()) {
            let message = format!("`{text}` is listed twice");
            found.push(
                Diagnostic::at(Code::Repeated, source, node.span.clone(), message)
                    .label("again")
                    .related(first.clone(), "first here"),
            );
        } else {
            seen.insert(text, node.span.clone());
        }
    }
}
