//! Rows of what files say by words: events, knowledge, positions, kinds of threat, tags, drug libraries, weaknesses, collections.

use super::{ParameterRow, Row};
use crate::report::human::counted;
use pumplab_scenarios::{Diagnostics, Key, Kind, Library, Scenario, Threat, Word};
use pumplab_sim::clinical::drug_library::LibraryEntry;
use pumplab_sim::spec::{ClientKind, EffectSpec, ReachSpec};
use std::collections::BTreeMap;

fn fact(name: &str, value: String) -> (String, String) {
    (name.to_owned(), value)
}

fn parameter(key: &Key) -> ParameterRow {
    ParameterRow {
        name: key.name.to_owned(),
        kind: key.takes.clone(),
        takes: key.takes.clone(),
        required: key.required,
        default: key.default.clone(),
        doc: key.doc.to_owned(),
        words: BTreeMap::new(),
        parameters: Vec::new(),
    }
}

/// A row per word; `note` says how the word is written.
pub(super) fn words(all: Vec<Word>, note: impl Fn(&Word) -> String) -> Vec<Row> {
    let row = |word: Word| Row {
        id: word.id.to_owned(),
        title: word.doc.to_owned(),
        note: note(&word),
        parameters: word.keys.iter().map(parameter).collect(),
        ..Row::default()
    };
    all.into_iter().map(row).collect()
}

pub(super) fn knowledge() -> Vec<Row> {
    words(pumplab_scenarios::knowledge(), |word| {
        let id = word.id;
        if word.keys.is_empty() {
            return format!("knows = [\"{id}\"]");
        }
        let more = if word.keys.len() > 1 { ", ..." } else { "" };
        format!("knows = [{{ {id} = ...{more} }}]")
    })
}

pub(super) fn positions() -> Vec<Row> {
    words(pumplab_scenarios::positions(), |word| {
        let value = if word.id == "internet" { "true" } else { "..." };
        format!("at = {{ {} = {value} }}", word.id)
    })
}

pub(super) fn events() -> Vec<Row> {
    words(pumplab_scenarios::events(), |word| {
        let keys: Vec<&str> = word.keys.iter().map(|k| k.name).collect();
        format!("with {}", keys.join(", "))
    })
}

/// Names by what they are found under.
fn grouped<K: Ord>(
    all: &[Scenario],
    keys: impl Fn(&Scenario) -> Vec<K>,
) -> BTreeMap<K, Vec<String>> {
    let mut groups: BTreeMap<K, Vec<String>> = BTreeMap::new();
    for scenario in all {
        for key in keys(scenario) {
            groups.entry(key).or_default().push(scenario.name.clone());
        }
    }
    groups
}

fn scenarios(library: &Library) -> Result<Vec<Scenario>, Diagnostics> {
    let names = library.scenario_names();
    names.iter().map(|n| library.load_scenario(n)).collect()
}

pub(super) fn threats(library: &Library) -> Result<Vec<Row>, Diagnostics> {
    let of = grouped(&scenarios(library)?, |s| s.threat.into_iter().collect());
    let row = |kind: &Threat| {
        let names = of.get(kind).cloned().unwrap_or_default();
        Row {
            id: kind.word().to_owned(),
            title: kind.title().to_owned(),
            note: counted(names.len(), "scenario"),
            summary: kind.doc().to_owned(),
            facts: vec![fact("scenarios", names.join(", "))],
            ..Row::default()
        }
    };
    Ok(Threat::ALL.iter().map(row).collect())
}

pub(super) fn tags(library: &Library) -> Result<Vec<Row>, Diagnostics> {
    let of = grouped(&scenarios(library)?, |s| s.tags.clone());
    let row = |(id, names): (String, Vec<String>)| Row {
        id,
        title: counted(names.len(), "scenario"),
        facts: vec![fact("scenarios", names.join(", "))],
        ..Row::default()
    };
    Ok(of.into_iter().map(row).collect())
}

pub(super) fn libraries(library: &Library) -> Result<Vec<Row>, Diagnostics> {
    let row = |name: &String| {
        let drugs = library.drug_library(name)?;
        let mut areas: Vec<&str> = drugs.entries.iter().map(|e| e.care_area.as_str()).collect();
        areas.sort_unstable();
        areas.dedup();
        Ok(Row {
            id: name.clone(),
            title: format!(
                "Drug library, version {}: {} in {}",
                drugs.version,
                match drugs.entries.len() {
                    1 => "1 entry".to_owned(),
                    n => format!("{n} entries"),
                },
                areas.join(", ")
            ),
            facts: drugs.entries.iter().map(entry).collect(),
            ..Row::default()
        })
    };
    library.names(Kind::DrugLibrary).iter().map(row).collect()
}

fn entry(entry: &LibraryEntry) -> (String, String) {
    let l = &entry.limits;
    let limits = [
        ("hard min", l.hard_min),
        ("soft min", l.soft_min),
        ("soft max", l.soft_max),
        ("hard max", l.hard_max),
    ];
    let limits: Vec<String> = limits
        .iter()
        .filter_map(|(name, limit)| Some(format!("{name} {} mL/h", (*limit)?)))
        .collect();
    let limits = if limits.is_empty() {
        "no limit".to_owned()
    } else {
        limits.join(", ")
    };
    let alert = if entry.high_alert { ", high-alert" } else { "" };
    fact(
        &format!("{} in {}", entry.drug, entry.care_area),
        format!("{}: {limits}{alert}", entry.concentration.text),
    )
}

/// Weaknesses by name, with where they are in the labs.
pub(super) fn weaknesses(library: &Library) -> Result<Vec<Row>, Diagnostics> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for lab in library.lab_names() {
        let spec = library.lab(&lab)?.spec;
        for host in &spec.hosts {
            for weakness in &host.weaknesses {
                let w = &weakness.value;
                let row = rows.entry(w.flaw.clone()).or_insert_with(|| Row {
                    id: w.flaw.clone(),
                    title: format!("{}, through {}", effect(&w.effect), reach(w.reach)),
                    note: if w.patch { "has a patch" } else { "no patch" }.to_owned(),
                    ..Row::default()
                });
                match row.facts.iter_mut().find(|(name, _)| *name == lab) {
                    Some((_, hosts)) => {
                        hosts.push_str(", ");
                        hosts.push_str(&host.name);
                    }
                    None => row.facts.push((lab.clone(), host.name.clone())),
                }
            }
        }
    }
    Ok(rows.into_values().collect())
}

fn reach(reach: ReachSpec) -> String {
    match reach {
        ReachSpec::Port(port) => format!("port {port}"),
        ReachSpec::Client(ClientKind::Dhcp) => "an answer to its DHCP client".to_owned(),
        ReachSpec::Client(ClientKind::Dns) => "an answer to its DNS client".to_owned(),
    }
}

fn effect(effect: &EffectSpec) -> String {
    match effect {
        EffectSpec::Stop { restart: None } => "Communication stops until a restart".to_owned(),
        EffectSpec::Stop {
            restart: Some(after),
        } => format!("Communication stops for {after}"),
        EffectSpec::Execute => "Remote code execution".to_owned(),
        EffectSpec::ReadFiles => "Files can be read".to_owned(),
        EffectSpec::WriteFiles => "Files can be written".to_owned(),
        EffectSpec::Exhaust { per_second, .. } => {
            format!("Communication stops above {per_second} requests a second")
        }
    }
}

pub(super) fn collections() -> Result<Vec<Row>, Diagnostics> {
    let row = |name: &str| {
        let names = Library::collection(name)?.scenario_names();
        Ok(Row {
            id: name.to_owned(),
            title: format!("{}: --library {name}", counted(names.len(), "scenario")),
            facts: vec![fact("scenarios", names.join(", "))],
            ..Row::default()
        })
    };
    Library::collections().map(row).collect()
}
