//! Pages that are written from the catalogue.

use crate::pages::{named, root, updating};
use pumplab_sim::attack::TECHNIQUES;
use pumplab_sim::catalog::Entry;
use pumplab_sim::safety::{GOALS, METRICS, PROPERTIES};
use std::fmt::Write as _;

pub(crate) const WRITTEN: &str = "A test generates this page from the catalogue (`PUMPLAB_UPDATE_DOCS=1 cargo test -p pumplab --test docs`).";

fn parameters(page: &mut String, entry: &Entry) {
    if entry.parameters.is_empty() {
        return;
    }
    page.push_str("\n| parameter | takes | default | meaning |\n|---|---|---|---|\n");
    for p in entry.parameters {
        let default = match p.default {
            Some(default) => format!("`{default}`"),
            None if p.required => "required".to_owned(),
            None => p.usual().unwrap_or_default(),
        };
        let words: Vec<String> = p
            .words()
            .map(|(word, doc)| format!("`{word}`: {doc}"))
            .collect();
        let meaning = [&[p.doc.to_owned()], &words[..]].concat().join(" ");
        let _ = writeln!(
            page,
            "| `{}` | {} | {default} | {meaning} |",
            p.name,
            p.takes()
        );
    }
    let rules: Vec<String> = entry.relations.iter().map(ToString::to_string).collect();
    if !rules.is_empty() {
        let _ = writeln!(page, "\nTogether: {}.", rules.join("; "));
    }
}

fn entry(page: &mut String, entry: &Entry) {
    let _ = write!(
        page,
        "\n## `{}`\n\n{}.\n\n{}\n",
        entry.id, entry.title, entry.summary
    );
    parameters(page, entry);
    if !entry.references.is_empty() {
        let _ = writeln!(page, "\nReferences: {}.", entry.references.join(", "));
    }
}

fn techniques() -> String {
    let mut page = format!(
        "# Techniques\n\nThe techniques that an attacker's step can use (key `use`). {WRITTEN}\nReferences that begin with T are ATT&CK ids (T1xxx Enterprise, T0xxx ICS). How techniques act: [attackers](../models/attackers.md).\n"
    );
    for technique in TECHNIQUES {
        entry(&mut page, technique.entry());
        let _ = writeln!(page, "\nStages: {}.", technique.stages().join(", "));
    }
    page
}

fn goals() -> String {
    let mut page = format!(
        "# Goals\n\nA goal states when an attacker succeeds. It is judged by what really happened, not by what the attacker believes. {WRITTEN}\nParameters of a goal go into `goal_with`.\n"
    );
    for goal in GOALS {
        entry(&mut page, &goal.entry);
    }
    page
}

fn properties() -> String {
    let mut page = format!(
        "# Safety properties\n\nThe safety properties that `holds` in an expectation can name. {WRITTEN}\nHow they are judged: [safety properties](../models/safety-properties.md).\n"
    );
    for property in PROPERTIES {
        entry(&mut page, property.entry());
    }
    page
}

fn metrics() -> String {
    let mut page = format!(
        "# Metrics\n\nThe metrics that `metric` in an expectation can name. {WRITTEN}\n\n| metric | title | kind | unit | better | at a time | meaning |\n|---|---|---|---|---|---|---|\n"
    );
    for m in METRICS.iter() {
        let (e, kind) = (m.entry, m.kind.word());
        let (unit, better) = (m.unit.name(), m.better.word());
        let at = if m.over_time { "yes" } else { "no" };
        let _ = writeln!(
            page,
            "| `{}` | {} | {kind} | {unit} | {better} | {at} | {} |",
            e.id, e.title, e.summary
        );
    }
    page.push_str(
        "\nOf a metric with a value *at a time*, an expectation can ask for what it was then: `at`, or `from` and `until`.\n\nBounds (`at_most`, `at_least`) are numbers in the metric's unit. A metric without a value, such as a percentile over no events, is outside every bound.\n",
    );
    page
}

#[track_caller]
pub(crate) fn up_to_date(name: &str, page: &str) {
    let path = root().join(name);
    if updating() {
        std::fs::write(&path, page).expect("the page can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "{name} is out of date: run with PUMPLAB_UPDATE_DOCS=1"
    );
}

#[test]
fn the_tables_of_the_catalogue_are_up_to_date() {
    up_to_date("docs/reference/techniques.md", &techniques());
    up_to_date("docs/reference/goals.md", &goals());
    up_to_date("docs/reference/properties.md", &properties());
    up_to_date("docs/reference/metrics.md", &metrics());
}

#[test]
fn the_pages_of_models_mention_what_they_are_about() {
    let attackers = named("docs/models/attackers.md").text;
    for id in TECHNIQUES.iter().map(|t| t.entry().id) {
        assert!(attackers.contains(&format!("`{id}`")), "attackers.md: {id}");
    }
    let safety = named("docs/models/safety-properties.md").text;
    let goals = GOALS.iter().map(|g| g.entry.id);
    for id in PROPERTIES.iter().map(|p| p.entry().id).chain(goals) {
        assert!(
            safety.contains(&format!("`{id}`")),
            "safety-properties.md: {id}"
        );
    }
}
