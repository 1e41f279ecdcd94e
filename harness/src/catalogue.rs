//! The catalogue: everything that a file can name, as rows for lists and pages.

use crate::error::HarnessError;
use crate::report::human::{counted, listed};
use pumplab_scenarios::{Diagnostics, Library, Profile, ServerProfile};
use pumplab_sim::catalog::{Entry, Parameter, ParameterKind};
use pumplab_sim::control::{self, Control, Realisation};
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
    /// Sensors: what raises alerts.
    Sensors,
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
            Self::Sensors => "sensor",
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
    control::table()
        .iter()
        .map(|c| (c.row.id.clone(), c.row.name.clone()))
        .collect()
}

/// What there is of a kind.
///
/// # Errors
/// When a file of the library has problems.
pub fn rows(library: &Library, kind: Kind) -> Result<Vec<Row>, Diagnostics> {
    let entries = |entries: &[&'static Entry]| entries.iter().map(|&e| Row::from(e)).collect();
    let catalogue = library.catalogue();
    Ok(match kind {
        Kind::Scenarios => each(&library.scenario_names(), |n| scenario(library, n))?,
        Kind::Labs => each(&library.lab_names(), |n| lab(library, n))?,
        Kind::Defences => each(&library.defence_names(), |n| defence(library, n))?,
        Kind::Controls => {
            let shown = shown_by(library)?;
            let row = |c| control_row(c, &shown);
            control::table().iter().map(row).collect()
        }
        Kind::Techniques => entries(&catalogue.techniques),
        Kind::Goals => entries(&catalogue.goals),
        Kind::Devices => {
            let servers = library.server_profiles()?;
            let pumps = library.profiles()?;
            let pumps = pumps.iter().map(device);
            pumps.chain(servers.iter().map(server)).collect()
        }
        Kind::Properties => entries(&catalogue.properties),
        Kind::Metrics => entries(&catalogue.metrics),
        Kind::Sensors => pumplab_sim::defend::SENSORS.iter().map(Row::from).collect(),
    })
}

fn each(
    names: &[String],
    row: impl Fn(&str) -> Result<Row, Diagnostics>,
) -> Result<Vec<Row>, Diagnostics> {
    names.iter().map(|name| row(name)).collect()
}

fn scenario(library: &Library, name: &str) -> Result<Row, Diagnostics> {
    let scenario = library.load_scenario(name)?;
    let contrast = scenario.contrast.as_ref().map_or_else(String::new, |c| {
        let under = listed(&c.defence.to_string());
        format!(", contrast {under} reaches {}", c.reaches)
    });
    let shown: Vec<&str> = scenario.shows.iter().map(|s| s.control.as_str()).collect();
    let shows = match shown.as_slice() {
        [] => String::new(),
        all => format!(", shows {}", all.join(" ")),
    };
    let mut facts = Vec::new();
    if !scenario.cases.is_empty() {
        facts.push(("answers to".to_owned(), scenario.cases.join(", ")));
    }
    facts.extend(
        scenario
            .shows
            .iter()
            .map(|s| ("shows".to_owned(), s.to_string())),
    );
    Ok(Row {
        id: scenario.name,
        title: scenario.title,
        note: format!(
            "{} under {}{contrast}{shows}",
            scenario.lab,
            listed(&scenario.defence.to_string())
        ),
        summary: scenario.summary,
        facts,
        ..Row::default()
    })
}

fn lab(library: &Library, name: &str) -> Result<Row, Diagnostics> {
    let lab = library.lab(name)?;
    let pumps = lab.spec.pumps().count();
    Ok(Row {
        id: lab.name,
        title: lab.title,
        note: format!(
            "{} hosts, {pumps} of them pumps, {} access points",
            lab.spec.hosts.len(),
            lab.spec.access_points.len()
        ),
        summary: lab.summary,
        ..Row::default()
    })
}

fn defence(library: &Library, name: &str) -> Result<Row, Diagnostics> {
    let defence = library.defence(name)?;
    let mut facts = vec![("controls".to_owned(), defence.controls.join(" "))];
    facts.extend(defence.notes);
    Ok(Row {
        id: defence.name,
        title: defence.title,
        note: counted(defence.controls.len(), "control"),
        summary: defence.summary,
        facts,
        ..Row::default()
    })
}

/// The scenarios that show each control.
///
/// # Errors
/// When a scenario of the library has problems.
pub fn shown_by(library: &Library) -> Result<BTreeMap<String, Vec<String>>, Diagnostics> {
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in library.scenario_names() {
        for shows in library.load_scenario(&name)?.shows {
            shown.entry(shows.control).or_default().push(name.clone());
        }
    }
    Ok(shown)
}

fn control_row(control: &Control, shown: &BTreeMap<String, Vec<String>>) -> Row {
    let row = &control.row;
    let note = match control.realisation {
        Realisation::Mechanisms(all) => {
            let ids: Vec<&str> = all.iter().map(|m| m.entry().id).collect();
            let shown = shown
                .get(&row.id)
                .map_or_else(String::new, |by| format!("; shown by {}", by.join(", ")));
            format!("by {}{shown}", ids.join(", "))
        }
        Realisation::NotSimulated(why) => format!("not simulated: {why}"),
        Realisation::Pending(why) => format!("not yet: {why}"),
    };
    let list = |name: &str, ids: &[String]| (name.to_owned(), ids.join(", "));
    Row {
        id: row.id.clone(),
        title: row.name.clone(),
        note,
        summary: row.notes.clone(),
        facts: vec![
            ("layer".to_owned(), row.layer.clone()),
            (
                "realised in the guide by".to_owned(),
                row.realised_by.clone(),
            ),
            list("mapped to CSF 1.1", &row.csf_1_1),
            list("mapped to CSF 2.0", &row.csf_2_0),
            list("mapped to HIPAA Security Rule", &row.hipaa),
            list("mapped to IEC TR 80001-2-2", &row.iec_80001_2_2),
            list("mapped to SP 800-53", &row.sp800_53),
        ],
        ..Row::default()
    }
}

fn server(profile: &ServerProfile) -> Row {
    Row {
        id: profile.name.clone(),
        title: profile.title.clone(),
        summary: profile.summary.clone(),
        references: profile.advisories.clone(),
        ..Row::default()
    }
}

fn device(profile: &Profile) -> Row {
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let fact = |name: &str, value: String| (name.to_owned(), value);
    Row {
        id: profile.name.clone(),
        title: profile.title.clone(),
        summary: profile.summary.clone(),
        facts: vec![
            fact("EAP-TLS", yes(profile.eap_capable)),
            fact("protected management frames", yes(profile.pmf_capable)),
            fact("TLS with its server", yes(profile.tls_capable)),
            fact("checks library signatures", yes(profile.signature_capable)),
            fact("storage", format!("{} MiB", profile.storage_mib)),
            fact("memory", format!("{} MiB", profile.memory_mib)),
            fact(
                "status while infusing every",
                profile.status_infusing.to_string(),
            ),
            fact("status while idle every", profile.status_idle.to_string()),
        ],
        references: profile.advisories.clone(),
        ..Row::default()
    }
}

/// An unknown name, with the known name nearest to it.
#[must_use]
pub fn unknown(kind: &'static str, name: &str, known: &[String]) -> HarnessError {
    let hint = pumplab_scenarios::nearest(name, known)
        .map_or_else(String::new, |k| format!(": did you mean `{k}`?"));
    HarnessError::Unknown {
        kind,
        name: name.to_owned(),
        hint,
    }
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
