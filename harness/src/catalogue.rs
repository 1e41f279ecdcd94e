//! The catalogue: everything that a file can name, as rows for lists and pages.

pub mod facts;
mod runs;
mod words;

pub use runs::{RunFacts, rows as runs};

use crate::report::human::{counted, listed};
use pumplab_scenarios::{Diagnostics, Library, Profile, Scenario, ServerProfile};
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
    /// Positions of attackers: what `at` takes.
    Positions,
    /// Inside knowledge of attackers: what `knows` takes.
    Knowledge,
    /// Scenario events: what `what` of an `[[event]]` takes.
    Events,
    /// Kinds of threat: what `threat` takes, and `--threat` selects by.
    Threats,
    /// Tags of scenarios, which `--tag` selects by.
    Tags,
    /// Collections of scenarios besides the library.
    Collections,
    /// Device profiles: pumps.
    Devices,
    /// Server profiles.
    Servers,
    /// Drug libraries.
    Libraries,
    /// Vulnerabilities of the hosts in the labs.
    Weaknesses,
    /// Safety properties.
    Properties,
    /// Metrics.
    Metrics,
    /// Sensors: what raises alerts.
    Sensors,
    /// Runs below a directory: list runs DIR.
    Runs,
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
            Self::Positions => "position",
            Self::Knowledge => "knowledge",
            Self::Events => "event",
            Self::Threats => "threat",
            Self::Tags => "tag",
            Self::Collections => "collection",
            Self::Devices => "device",
            Self::Servers => "server",
            Self::Libraries => "library",
            Self::Weaknesses => "weakness",
            Self::Properties => "property",
            Self::Metrics => "metric",
            Self::Sensors => "sensor",
            Self::Runs => "run",
        }
    }

    /// The kinds that have names; a run has the path of its directory.
    pub fn shown() -> impl Iterator<Item = Self> {
        let all = <Self as clap::ValueEnum>::value_variants().iter().copied();
        all.filter(|kind| *kind != Self::Runs)
    }

    /// What it is, one line.
    #[must_use]
    pub fn about(self) -> String {
        let value = <Self as clap::ValueEnum>::to_possible_value(&self);
        let help = value.and_then(|v| v.get_help().map(ToString::to_string));
        help.unwrap_or_default()
    }

    /// Its word on the command line.
    #[must_use]
    pub fn plural(self) -> String {
        let value = <Self as clap::ValueEnum>::to_possible_value(&self);
        value.map_or_else(String::new, |v| v.get_name().to_owned())
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
    /// Of a scenario: what it is selected by.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<ScenarioFacts>,
    /// Of a run directory: what it holds.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunFacts>,
}

/// What a scenario is selected by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScenarioFacts {
    /// Lab.
    pub lab: String,
    /// Defence, or controls as in `NET-01+NET-02`.
    pub defence: String,
    /// Word of the kind of threat.
    pub threat: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Techniques that it uses.
    pub techniques: Vec<String>,
    /// Their ATT&CK ids.
    pub attack_ids: Vec<String>,
    /// Controls that it shows.
    pub controls: Vec<String>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParameterRow {
    /// Key in the file.
    pub name: String,
    /// Kind of value.
    pub kind: String,
    /// What it takes, in words: range or words, and unit.
    pub takes: String,
    /// Whether it must be given.
    pub required: bool,
    /// What stands for it where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What it means.
    pub doc: String,
    /// Words that it takes, with what each means.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
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
        let nested: &[Parameter] = match parameter.kind {
            ParameterKind::Table(nested) => nested.parameters,
            _ => &[],
        };
        Self {
            name: parameter.name.to_owned(),
            kind: parameter.kind.id().to_owned(),
            takes: parameter.takes(),
            required: parameter.required,
            default: parameter.usual(),
            doc: parameter.doc.to_owned(),
            words: parameter
                .words()
                .map(|(word, doc)| (word.to_owned(), doc.to_owned()))
                .collect(),
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
            let pumps = library.profiles()?;
            pumps.iter().map(device).collect()
        }
        Kind::Servers => {
            let servers = library.server_profiles()?;
            servers.iter().map(server).collect()
        }
        Kind::Positions => words::positions(),
        Kind::Knowledge => words::knowledge(),
        Kind::Events => words::events(),
        Kind::Threats => words::threats(library)?,
        Kind::Tags => words::tags(library)?,
        Kind::Collections => words::collections()?,
        Kind::Libraries => words::libraries(library)?,
        Kind::Weaknesses => words::weaknesses(library)?,
        // They lie below a directory, not in the library.
        Kind::Runs => Vec::new(),
        Kind::Properties => entries(&catalogue.properties),
        Kind::Metrics => entries(&catalogue.metrics),
        Kind::Sensors => entries(pumplab_sim::defend::SENSORS),
    })
}

fn each(
    names: &[String],
    row: impl Fn(&str) -> Result<Row, Diagnostics>,
) -> Result<Vec<Row>, Diagnostics> {
    names.iter().map(|name| row(name)).collect()
}

fn scenario(library: &Library, name: &str) -> Result<Row, Diagnostics> {
    Ok(scenario_row(library, library.load_scenario(name)?))
}

/// The row of a scenario.
#[must_use]
pub fn scenario_row(library: &Library, scenario: Scenario) -> Row {
    let selected_by = ScenarioFacts {
        lab: scenario.lab.clone(),
        defence: scenario.defence.to_string(),
        threat: scenario.threat.map(|t| t.word().to_owned()),
        tags: scenario.tags.clone(),
        techniques: facts::techniques(&scenario),
        attack_ids: facts::attack_ids(library, &scenario),
        controls: facts::shown(&scenario),
    };
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
    if let Some(threat) = scenario.threat {
        facts.push(("threat".to_owned(), threat.title().to_owned()));
    }
    if !scenario.tags.is_empty() {
        facts.push(("tags".to_owned(), scenario.tags.join(", ")));
    }
    if !selected_by.attack_ids.is_empty() {
        facts.push(("ATT&CK".to_owned(), selected_by.attack_ids.join(", ")));
    }
    if !scenario.cases.is_empty() {
        facts.push(("answers to".to_owned(), scenario.cases.join(", ")));
    }
    facts.extend(
        scenario
            .shows
            .iter()
            .map(|s| ("shows".to_owned(), s.to_string())),
    );
    Row {
        id: scenario.name,
        title: scenario.title,
        note: format!(
            "{} under {}{contrast}{shows}",
            scenario.lab,
            listed(&selected_by.defence)
        ),
        summary: scenario.summary,
        facts,
        scenario: Some(selected_by),
        ..Row::default()
    }
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
    };
    let list = |name: &str, ids: &[String]| (name.to_owned(), ids.join(", "));
    Row {
        id: row.id.clone(),
        title: row.name.clone(),
        note,
        summary: row.notes.clone(),
        facts: vec![
            ("layer".to_owned(), row.layer.to_string()),
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
