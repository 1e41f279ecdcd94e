//! The catalogue: everything that a file can name, as rows for lists and pages.

use crate::error::HarnessError;
use pumplab_sim::catalog::{Entry, Parameter, ParameterKind};
use serde::Serialize;
use std::collections::BTreeMap;

/// Kinds of thing that can be listed and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Scenarios of the library.
    Scenarios,
    /// Labs.
    Labs,
    /// Defences: named sets of controls.
    Defences,
    /// Controls of the table.
    Controls,
    /// Attack techniques.
    Techniques,
    /// What attackers are after.
    Goals,
    /// Device profiles.
    Devices,
    /// Safety properties.
    Properties,
    /// Metrics.
    Metrics,
}

impl Kind {
    /// One of the kind, as it is written before a name: `lab:ward`.
    #[must_use]
    pub const fn singular(self) -> &'static str {
        match self {
            Self::Scenarios => "scenario",
            Self::Labs => "lab",
            Self::Defences => "defence",
            Self::Controls => "control",
            Self::Techniques => "technique",
            Self::Goals => "goal",
            Self::Devices => "device",
            Self::Properties => "property",
            Self::Metrics => "metric",
        }
    }

    /// The kind of this singular.
    #[must_use]
    pub fn of_singular(word: &str) -> Option<Self> {
        <Self as clap::ValueEnum>::value_variants()
            .iter()
            .copied()
            .find(|kind| kind.singular() == word)
    }
}

/// One thing of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Identifier.
    pub id: String,
    /// Title, one line.
    pub title: String,
    /// A few words on its standing: a control's mechanisms, a scenario's lab and defence.
    pub note: String,
    /// What it is, one paragraph.
    pub summary: String,
    /// Parameters.
    pub parameters: Vec<ParameterRow>,
    /// Further facts by name, in order.
    pub facts: Vec<(String, String)>,
    /// ATT&CK ids, sections, standards.
    pub references: Vec<String>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParameterRow {
    /// Key in the file.
    pub name: String,
    /// Kind of value.
    pub kind: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// What it means.
    pub doc: String,
    /// Nested parameters.
    pub parameters: Vec<ParameterRow>,
}

impl From<&Entry> for Row {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id.to_owned(),
            title: entry.title.to_owned(),
            summary: entry.summary.to_owned(),
            parameters: entry.parameters.iter().map(ParameterRow::from).collect(),
            references: entry.references.iter().map(|&r| r.to_owned()).collect(),
            ..Self::default()
        }
    }
}

impl From<&Parameter> for ParameterRow {
    fn from(parameter: &Parameter) -> Self {
        let (kind, nested): (_, &[Parameter]) = match parameter.kind {
            ParameterKind::Host => ("host", &[]),
            ParameterKind::Network => ("network", &[]),
            ParameterKind::Text => ("text", &[]),
            ParameterKind::Integer => ("integer", &[]),
            ParameterKind::Number => ("number", &[]),
            ParameterKind::Duration => ("duration", &[]),
            ParameterKind::Factor => ("factor", &[]),
            ParameterKind::Table(nested) => ("table", nested),
        };
        Self {
            name: parameter.name.to_owned(),
            kind,
            required: parameter.required,
            doc: parameter.doc.to_owned(),
            parameters: nested.iter().map(Self::from).collect(),
        }
    }
}

/// Titles of controls by identifier.
#[must_use]
pub fn control_titles() -> BTreeMap<String, String> {
    controls().into_iter().map(|c| (c.id, c.title)).collect()
}

/// The controls of the table.
#[must_use]
pub fn controls() -> Vec<Row> {
    Vec::new()
}

/// An unknown name, with the known name nearest to it.
#[must_use]
pub fn unknown(kind: &'static str, name: &str, known: &[String]) -> HarnessError {
    let near = known
        .iter()
        .map(|k| (distance(name, k), k))
        .filter(|(d, _)| *d <= (name.chars().count() / 3).max(1))
        .min();
    let hint = near.map_or_else(String::new, |(_, k)| format!(": did you mean `{k}`?"));
    HarnessError::Unknown {
        kind,
        name: name.to_owned(),
        hint,
    }
}

/// Edits (insert, delete, replace) between two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut row = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let edit = (last[j] + usize::from(ca != *cb))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            row.push(edit);
        }
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_the_nearest_name() {
        let known = ["push-drug-library", "ward"].map(str::to_owned);
        let text = |name| unknown("scenario", name, &known).to_string();
        assert_eq!(
            text("push-drug-libary"),
            "scenario `push-drug-libary` does not exist: did you mean `push-drug-library`?"
        );
        assert_eq!(text("xyz"), "scenario `xyz` does not exist");
    }
}
