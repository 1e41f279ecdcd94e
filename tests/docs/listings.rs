//! Pages that list what files can say, and what of the controls is realised.

use crate::tables::{WRITTEN, up_to_date};
use pumplab::catalogue::shown_by;
use pumplab_scenarios::{
    Key, Kind, Library, Threat, Word, events, knowledge, positions, weaknesses,
};
use pumplab_sim::catalog::Entry;
use pumplab_sim::control::{self, Control, Realisation};
use pumplab_sim::defend::SENSORS;
use pumplab_sim::spec::{ClientKind, EffectSpec, ReachSpec, WeaknessSpec};
use std::collections::BTreeMap;
use std::fmt::Write as _;

fn quoted<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let ids: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
    ids.join(", ")
}

fn keys(page: &mut String, keys: &[Key]) {
    page.push_str("\n| key | takes | required | meaning |\n|---|---|---|---|\n");
    for key in keys {
        let required = match &key.default {
            Some(default) => format!("no: `{default}`"),
            None if key.required => "yes".to_owned(),
            None => "no".to_owned(),
        };
        let _ = writeln!(
            page,
            "| `{}` | {} | {required} | {} |",
            key.name, key.takes, key.doc
        );
    }
}

fn control_row(control: &Control, shown: &BTreeMap<String, Vec<String>>) -> String {
    let row = &control.row;
    let by = shown.get(&row.id).map_or_else(
        || "-".to_owned(),
        |by| {
            let mut by = by.clone();
            by.dedup();
            quoted(by.iter().map(String::as_str))
        },
    );
    let (realised, by) = match control.realisation {
        Realisation::Mechanisms(all) => (quoted(all.iter().map(|m| m.entry().id)), by),
        Realisation::NotSimulated(why) => (format!("not simulated: {why}"), by),
    };
    let (id, name, grade) = (&row.id, &row.name, row.grade());
    format!("| {id} | {name} | {realised} | {by} | {grade} |\n")
}

fn mechanism(page: &mut String, entry: &Entry) {
    let _ = writeln!(
        page,
        "| `{}` | {} | {} |",
        entry.id, entry.title, entry.summary
    );
}

fn controls() -> String {
    let all = control::table();
    let shown = shown_by(&Library::embedded()).expect("the library is valid");
    let realised = |c: &&Control| matches!(c.realisation, Realisation::Mechanisms(_));
    let mut page = format!(
        "# Controls\n\nA defence can list {} controls. {} are realised, and scenarios show {}. {WRITTEN}\nA scenario shows a control if its expectations hold with the control and one of them fails without it. A test runs both. `pumplab show control:NET-02` lists what a control is mapped to. How they act, and what the grades mean: [controls](../models/controls.md).\n\n| control | name | realised by | shown by | grade |\n|---|---|---|---|---|\n",
        all.len(),
        all.iter().filter(realised).count(),
        all.iter().filter(|c| shown.contains_key(&c.row.id)).count(),
    );
    for control in all {
        page.push_str(&control_row(control, &shown));
    }
    page.push_str("\n## Mechanisms\n\nEach changes the configuration of a lab; where a lab has no place for it, it says so and changes nothing.\n\n| mechanism | title | what it changes |\n|---|---|---|\n");
    for m in control::MECHANISMS {
        mechanism(&mut page, m.entry());
    }
    page
}

fn sensors() -> String {
    let mut page = format!(
        "# Sensors\n\nThe sensors of a lab that raise alerts. {WRITTEN}\nA lab has a sensor if a control adds it. When an alert counts as detection: [detection](../models/detection.md).\n"
    );
    for sensor in SENSORS {
        let _ = write!(
            page,
            "\n## `{}`\n\n{}.\n\n{}\n",
            sensor.id, sensor.title, sensor.summary
        );
    }
    page
}

fn happenings() -> String {
    let mut page = format!(
        "# Events\n\nEvents that are not attacks. `what` of an `[[event]]` names one of them, `with` gives its parameters, `at` the time. {WRITTEN}\n"
    );
    for Word { id, doc, keys: all } in events() {
        let _ = write!(page, "\n## `{id}`\n\n{doc}\n");
        keys(&mut page, &all);
    }
    page
}

/// Tables with one telling key each: an example of the table, then its keys.
fn tables(page: &mut String, all: &[Word], example: impl Fn(&Word) -> String) {
    for word in all {
        let _ = write!(
            page,
            "\n## `{}`\n\n{}\n\n`{}`\n",
            word.id,
            word.doc,
            example(word)
        );
        if !word.keys.is_empty() {
            keys(page, &word.keys);
        }
    }
}

/// What `knows` takes for a word, with names of the lab `ward`.
fn knows(word: &Word) -> String {
    match word.id {
        "passphrase" => "knows = [{ passphrase = \"pump-psk\" }]".to_owned(),
        "address" => "knows = [{ address = \"pump-12\" }]".to_owned(),
        "accounts" => "knows = [{ accounts = \"broker\", user = \"maker-a\" }]".to_owned(),
        "token" => "knows = [{ token = \"maker-a\" }]".to_owned(),
        plain => format!("knows = [\"{plain}\"]"),
    }
}

/// What `at` takes for a word, with names of the lab `ward`.
fn at(word: &Word) -> String {
    let value = match word.id {
        "zone" => "\"meddev\"",
        "radio" => "[55.0, -12.0]",
        "host" => "\"office-1\"",
        "internet" => "true",
        _ => "\"pump-12\"",
    };
    format!("at = {{ {} = {value} }}", word.id)
}

fn knowledge_page() -> String {
    let mut page = format!(
        "# Knowledge\n\nWhat an attacker knows from the start: the items of `knows`. {WRITTEN}\nReports show it as inside knowledge. You need not declare what an attacker finds during the run. An item that the lab does not have, such as the passphrase of an open network, is left out with a note.\n"
    );
    tables(&mut page, &knowledge(), knows);
    page
}

fn position_page() -> String {
    let mut page = format!(
        "# Positions\n\nThe position of an attacker: `at` has exactly one of these keys. {WRITTEN}\nWhat an attacker can do from there: [attackers](../models/attackers.md).\n"
    );
    tables(&mut page, &positions(), at);
    page
}

fn threat_page() -> String {
    let library = Library::embedded();
    let mut page = format!(
        "# Kinds of threat\n\nThe kinds of threat that `threat` in a scenario can name. {WRITTEN}\nTables group scenarios by kind, and `pumplab run` and `pumplab list scenarios` select by it (`--threat`). The kind is a label: nothing in a run depends on it.\n"
    );
    let all = library.scenario_names();
    let all: Vec<_> = all
        .iter()
        .map(|name| library.load_scenario(name).expect("the library is valid"))
        .collect();
    for kind in Threat::ALL {
        let _ = write!(
            page,
            "\n## `{kind}`\n\n{}. {}\n\n| scenario | title |\n|---|---|\n",
            kind.title(),
            kind.doc()
        );
        for s in all.iter().filter(|s| s.threat == Some(*kind)) {
            let _ = writeln!(page, "| `{}` | {} |", s.name, s.title);
        }
    }
    page
}

/// Every key of a kind of file.
fn file_page(kind: Kind, title: &str, intro: &str) -> String {
    let mut page = format!("# {title}\n\n{intro} {WRITTEN}\n");
    for table in pumplab_scenarios::tables(kind) {
        let head = match table.path.as_str() {
            "" => format!("The file: {}", table.name),
            path => format!("`{path}`: {}", table.name),
        };
        let _ = writeln!(page, "\n## {head}");
        if !table.one_of.is_empty() {
            let all = quoted(table.one_of.iter().copied());
            let _ = writeln!(page, "\nExactly one of {all}.");
        }
        keys(&mut page, &table.keys);
    }
    page
}

/// Pages of the keys of files.
const FILES: [(Kind, &str, &str, &str); 5] = [
    (
        Kind::Lab,
        "docs/reference/lab-files.md",
        "Lab files",
        "Every key of a lab: devices, people, network.",
    ),
    (
        Kind::Profile,
        "docs/reference/profile-files.md",
        "Profile files",
        "Every key of a profile of a pump, then of a server.",
    ),
    (
        Kind::Scenario,
        "docs/reference/scenario-files.md",
        "Scenario files",
        "Every key of a scenario. Parameters of steps: [techniques](techniques.md); of goals: [goals](goals.md); of events: [events](events.md).",
    ),
    (
        Kind::DrugLibrary,
        "docs/reference/library-files.md",
        "Drug library files",
        "Every key of a drug library.",
    ),
    (
        Kind::Defence,
        "docs/reference/defence-files.md",
        "Defence files",
        "Every key of a defence.",
    ),
];

#[test]
fn the_pages_of_files_are_up_to_date() {
    for (kind, name, title, intro) in FILES {
        up_to_date(name, &file_page(kind, title, intro));
    }
}

/// The examples on the pages are read as parts of a scenario.
#[test]
fn examples_of_knowledge_and_positions_are_right() {
    let library = Library::embedded();
    let file = |at: &str, knows: &str| {
        format!(
            "title = \"t\"\nlab = \"ward\"\ndefence = \"sp1800-8\"\nduration = \"1h\"\n[[attacker]]\nname = \"a\"\n{at}\n{knows}\ngoal = \"alter-limits\"\n[[attacker.step]]\nuse = \"find-host\"\nwith = {{ target = \"pump-12\" }}\n[[expect]]\nnot_reaches = \"alter-limits\"\n[contrast]\ndefence = \"legacy\"\nreaches = \"alter-limits\"\n"
        )
    };
    let zone = "at = { zone = \"meddev\" }".to_owned();
    let knowledge = knowledge()
        .iter()
        .map(|w| (zone.clone(), knows(w)))
        .collect::<Vec<_>>();
    let positions = positions()
        .iter()
        .map(|w| (at(w), String::new()))
        .collect::<Vec<_>>();
    assert!(knowledge.len() >= 6 && positions.len() >= 5);
    for (at, knows) in knowledge.into_iter().chain(positions) {
        let text = file(&at, &knows);
        if let Err(wrong) = library.parse_scenario("example.toml", &text) {
            panic!("{text}\n{wrong}");
        }
    }
}

fn reach(reach: ReachSpec) -> String {
    match reach {
        ReachSpec::Port(port) => format!("port {port}"),
        ReachSpec::Client(ClientKind::Dhcp) => "client `dhcp`".to_owned(),
        ReachSpec::Client(ClientKind::Dns) => "client `dns`".to_owned(),
    }
}

fn effect(effect: &EffectSpec) -> String {
    let back = |restart: &Option<_>| match restart {
        Some(after) => format!("back after {after}"),
        None => "until it is switched off and on".to_owned(),
    };
    match effect {
        EffectSpec::Stop { restart } => format!("`stop`, {}", back(restart)),
        EffectSpec::Execute => "`execute`".to_owned(),
        EffectSpec::ReadFiles => "`read-files`".to_owned(),
        EffectSpec::WriteFiles => "`write-files`".to_owned(),
        EffectSpec::Exhaust {
            per_second,
            restart,
        } => format!("`exhaust` above {per_second}/s, {}", back(restart)),
    }
}

/// One line per flaw of a lab, with the hosts that have it.
fn flaws(library: &Library, lab: &str) -> BTreeMap<String, Vec<String>> {
    let line = |w: &WeaknessSpec| {
        let patch = if w.patch { "yes" } else { "no" };
        format!(
            "`{}` | {} | {} | {patch}",
            w.flaw,
            reach(w.reach),
            effect(&w.effect)
        )
    };
    let spec = library.lab(lab).expect("the library is valid").spec;
    let mut flaws: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for host in &spec.hosts {
        for weakness in &host.weaknesses {
            let hosts = flaws.entry(line(&weakness.value)).or_default();
            hosts.push(host.name.clone());
        }
    }
    flaws
}

fn flaw_page() -> String {
    let told = weaknesses();
    let mut page = format!(
        "# Weaknesses\n\nHow a profile or a host of a lab describes a vulnerability (key `flaw`), in `[[weaknesses]]`. {WRITTEN}\nHow attackers exploit vulnerabilities: [vulnerabilities](../models/weaknesses.md).\n"
    );
    keys(&mut page, &told.keys);
    page.push_str("\n## How it is reached\n\n| reach | meaning |\n|---|---|\n| `port` | By whoever can send to this port. |\n");
    for word in &told.clients {
        let _ = writeln!(page, "| `client = \"{}\"` | {} |", word.id, word.doc);
    }
    page.push_str("\n## What follows\n\n| effect | meaning |\n|---|---|\n");
    for word in &told.effects {
        let _ = writeln!(page, "| `{}` | {} |", word.id, word.doc);
    }
    let library = Library::embedded();
    for lab in library.lab_names() {
        let flaws = flaws(&library, &lab);
        if flaws.is_empty() {
            continue;
        }
        let _ = write!(
            page,
            "\n## In lab `{lab}` without controls\n\n| flaw | reach | effect | patch | hosts |\n|---|---|---|---|---|\n"
        );
        for (line, hosts) in flaws {
            let _ = writeln!(page, "| {line} | {} |", hosts.join(", "));
        }
    }
    page
}

#[test]
fn the_listings_are_up_to_date() {
    up_to_date("docs/reference/controls.md", &controls());
    up_to_date("docs/reference/sensors.md", &sensors());
    up_to_date("docs/reference/events.md", &happenings());
    up_to_date("docs/reference/weaknesses.md", &flaw_page());
    up_to_date("docs/reference/knowledge.md", &knowledge_page());
    up_to_date("docs/reference/positions.md", &position_page());
    up_to_date("docs/reference/threats.md", &threat_page());
}
