//! What a lab or a scenario says that is right and can never work: a warning, with its place, the reason and what to do.
//!
//! A lab is looked at as its file says and under each defence of the library; a scenario under its own defence and where its attack succeeds.
//! What is meant is listed in the file as `accept_warnings`.

mod address;
mod judged;
mod people;
mod play;
mod radio;
mod server;
mod way;

pub use judged::not_judged;

use crate::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::kind::Kind;
use crate::lab::Lab;
use crate::library::Library;
use crate::scenario::{Resolved, Scenario};
use pumplab_sim::spec::{HappeningSpec, LabSpec};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// Where the things of a file stand, by path: `pump/pump-01/at` for a key, `pump/pump-01` for a name.
#[derive(Debug, Default)]
struct Places(BTreeMap<String, Range<usize>>);

/// Lists of a file, and the key by which their tables are told apart.
const LISTS: &[(&str, &str)] = &[
    ("zone", "id"),
    ("wlan", "ssid"),
    ("access_point", "name"),
    ("host", "name"),
    ("pump", "name"),
    ("nurse", "name"),
    ("attacker", "name"),
];

impl Places {
    fn of(raw: &DeTable<'_>) -> Self {
        let mut places = Self::default();
        places.table("", raw);
        for (list, id) in LISTS {
            let tables = raw.get(*list).and_then(|v| v.get_ref().as_array());
            let tables = tables.into_iter().flatten();
            for table in tables.filter_map(|t| t.get_ref().as_table()) {
                if let Some((name, span)) = table
                    .get(*id)
                    .and_then(|v| Some((v.get_ref().as_str()?, v.span())))
                {
                    let path = format!("{list}/{name}");
                    places.table(&format!("{path}/"), table);
                    places.0.insert(path, span);
                }
            }
        }
        places.steps(raw);
        for list in ["event", "expect"] {
            let tables = raw.get(list).and_then(|v| v.get_ref().as_array());
            for (i, table) in tables.into_iter().flatten().enumerate() {
                if let Some(keys) = table.get_ref().as_table() {
                    places.table(&format!("{list}/{i}/"), keys);
                }
            }
        }
        places
    }

    /// The steps of attackers, by number: `attacker/mallory/step/0/with`.
    fn steps(&mut self, raw: &DeTable<'_>) {
        for attacker in tables(raw, "attacker") {
            let name = attacker.get("name").and_then(|v| v.get_ref().as_str());
            for (i, step) in tables(attacker, "step").enumerate() {
                if let Some(name) = name {
                    self.table(&format!("attacker/{name}/step/{i}/"), step);
                }
            }
        }
    }

    /// The keys of a table, and those of the tables in it.
    fn table(&mut self, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            self.0
                .insert(format!("{path}{}", key.get_ref()), value.span());
            if let DeValue::Table(inner) = value.get_ref() {
                for (below, value) in inner {
                    self.0.insert(
                        format!("{path}{}/{}", key.get_ref(), below.get_ref()),
                        value.span(),
                    );
                }
            }
        }
    }

    /// The first of these paths that the file has.
    fn find(&self, paths: &[String]) -> Range<usize> {
        let found = paths.iter().find_map(|p| self.0.get(p));
        found.cloned().unwrap_or(0..0)
    }
}

/// The tables of a list.
fn tables<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> impl Iterator<Item = &'a DeTable<'i>> {
    let list = table.get(key).and_then(|v| v.get_ref().as_array());
    let list = list.into_iter().flatten();
    list.filter_map(|t| t.get_ref().as_table())
}

/// A lab that is looked at, and what has been found.
struct Warner<'a> {
    source: &'a Arc<Source>,
    places: &'a Places,
    lab: &'a LabSpec,
    /// Name of the defence that made the lab what it is.
    under: Option<String>,
    /// Hosts that are moved in the run.
    moved: BTreeSet<&'a str>,
    told: &'a mut BTreeSet<(Code, usize)>,
    found: &'a mut Diagnostics,
}

impl Warner<'_> {
    /// Warns of something at the first of these paths. What was told of the same place is not told again.
    fn warn(&mut self, code: Code, paths: &[String], message: String, label: &str, hint: &str) {
        let span = self.places.find(paths);
        if !self.told.insert((code, span.start)) {
            return;
        }
        let message = match &self.under {
            Some(defence) => format!("{message} (under {defence})"),
            None => message,
        };
        self.found.push(
            Diagnostic::at(code, self.source, span, message)
                .label(label)
                .hint(hint),
        );
    }

    /// Whatever can never work in the lab, whichever scenario it serves.
    fn lab(&mut self) {
        address::look(self);
        radio::look(self);
        people::look(self);
        server::look(self);
    }
}

/// Paths of a host's name, or of one of its keys with its name after it.
fn host(name: &str, key: &str) -> Vec<String> {
    let lists = ["host", "pump"];
    let mut paths: Vec<String> = Vec::new();
    if !key.is_empty() {
        paths.extend(lists.iter().map(|l| format!("{l}/{name}/{key}")));
    }
    paths.extend(lists.iter().map(|l| format!("{l}/{name}")));
    paths
}

/// Names as a list for people: the first three, and how many there are besides.
fn names(all: &[&str]) -> String {
    let quoted: Vec<String> = all.iter().take(3).map(|n| format!("`{n}`")).collect();
    match (all.len(), quoted.split_last()) {
        (more @ 4.., _) => format!("{} and {} more", quoted.join(", "), more - 3),
        (2 | 3, Some((last, before))) => format!("{} and {last}", before.join(", ")),
        _ => quoted.join(""),
    }
}

/// The form of a verb for one name or for several.
fn verb<'a>(all: &[&str], one: &'a str, several: &'a str) -> &'a str {
    if all.len() == 1 { one } else { several }
}

/// Warnings about a lab: as its file says, and under each defence of the library.
pub(crate) fn of_lab(library: &Library, lab: &Lab, source: &Arc<Source>) -> Diagnostics {
    let (raw, _) = check::parse(source);
    let places = Places::of(raw.get_ref());
    let (mut told, mut found) = (BTreeSet::new(), Diagnostics::default());
    let mut look = |spec: &LabSpec, under: Option<String>| {
        let mut warner = Warner {
            source,
            places: &places,
            lab: spec,
            under,
            moved: BTreeSet::new(),
            told: &mut told,
            found: &mut found,
        };
        warner.lab();
    };
    look(&lab.spec, None);
    for name in library.defence_names() {
        // A defence that is wrong is told where it stands.
        let controls = library.defence(&name).map(|d| d.controls);
        let resolved = controls.and_then(|on| crate::scenario::resolve_lab(library, lab, &on, &[]));
        if let Ok(resolved) = resolved {
            look(&resolved.lab, Some(format!("`{name}`")));
        }
    }
    without_accepted(found, raw.get_ref())
}

/// Warnings about a scenario: about its lab as its defence makes it, and about what is to happen there.
pub(crate) fn of_scenario(
    library: &Library,
    scenario: &Scenario,
    runs: &[(&Resolved, String)],
) -> Diagnostics {
    let (raw, _) = check::parse(&scenario.source);
    let here = Places::of(raw.get_ref());
    let mut found = Diagnostics::default();
    if let Some(source) = library.source(Kind::Lab, &scenario.lab) {
        let (raw, _) = check::parse(&source);
        let places = Places::of(raw.get_ref());
        let (mut told, mut of_lab) = (BTreeSet::new(), Diagnostics::default());
        for (run, under) in runs {
            let mut warner = Warner {
                source: &source,
                places: &places,
                lab: &run.lab,
                under: Some(under.clone()),
                moved: moved(run),
                told: &mut told,
                found: &mut of_lab,
            };
            warner.lab();
        }
        found.extend(without_accepted(of_lab, raw.get_ref()));
    }
    let mut told = BTreeSet::new();
    let mut of_play = Diagnostics::default();
    for (run, under) in runs.iter().take(1) {
        let mut warner = Warner {
            source: &scenario.source,
            places: &here,
            lab: &run.lab,
            under: Some(under.clone()),
            moved: moved(run),
            told: &mut told,
            found: &mut of_play,
        };
        let labs: Vec<&LabSpec> = runs.iter().map(|(run, _)| &run.lab).collect();
        play::look(&mut warner, scenario, &labs);
        judged::look(&mut warner, scenario);
    }
    found.extend(of_play);
    without_accepted(found, raw.get_ref())
}

/// Hosts that an event moves.
fn moved(run: &Resolved) -> BTreeSet<&str> {
    let of = run.play.events.iter().filter_map(|e| match &e.what {
        HappeningSpec::Move { host, .. } => Some(host.as_str()),
        _ => None,
    });
    of.collect()
}

/// The warnings that a file does not say are meant.
fn without_accepted(mut found: Diagnostics, raw: &DeTable<'_>) -> Diagnostics {
    let accepted = raw.get("accept_warnings").map(|v| v.get_ref());
    let accepted = accepted.and_then(DeValue::as_array).into_iter().flatten();
    let accepted: Vec<&str> = accepted.filter_map(|c| c.get_ref().as_str()).collect();
    found.items.retain(|d| !accepted.contains(&d.code.id()));
    found.sorted()
}
