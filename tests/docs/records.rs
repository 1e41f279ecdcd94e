//! The page that lists all records.

use crate::tables::{WRITTEN, up_to_date};
use pumplab::record::schema;
use pumplab_sim::record::{Class, Kind, LabRecord};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const CLASSES: [(Class, &str); 6] = [
    (
        Class::Refusal,
        "somebody or something refused it; an attacker's step may have failed by it",
    ),
    (Class::Stop, "it got no further, though nobody refused it"),
    (Class::Absence, "what was expected did not come in time"),
    (
        Class::Search,
        "somebody began to look for what may not be found",
    ),
    (
        Class::Note,
        "an attacker notes it for itself; no sensor can notice it",
    ),
    (Class::Plain, "it happened"),
];

/// A type of Rust as it stands in JSON. Types that are described on the page are collected.
fn json_type(ty: &str, described: &mut BTreeSet<String>) -> String {
    if let Some(inner) = ty.strip_prefix("Option<").and_then(|t| t.strip_suffix('>')) {
        return format!("{} or null", json_type(inner, described));
    }
    match ty {
        "u8" | "u16" | "u32" | "u64" | "i64" => "whole number".to_owned(),
        "f64" => "number".to_owned(),
        "bool" => "true or false".to_owned(),
        "String" | "Box<str>" | "&'static str" => "text".to_owned(),
        "Ip" => "IPv4 address".to_owned(),
        "Mac" => "MAC address".to_owned(),
        "NodeId" => "number of a node".to_owned(),
        "ItemId" => "number of an item".to_owned(),
        "Duration" => "duration, such as `1m 30s`".to_owned(),
        other => {
            described.insert(other.to_owned());
            format!("[`{other}`](#{})", other.to_lowercase())
        }
    }
}

fn record(page: &mut String, kind: &Kind, described: &mut BTreeSet<String>) {
    let when = kind.when.map_or_else(String::new, |w| format!(" if `{w}`"));
    let _ = write!(
        page,
        "\n### `{}`\n\n{}\n\nClass: {}{when}. Sentence: \"{}\"\n",
        kind.name,
        kind.meaning,
        kind.class.word(),
        kind.says
    );
    if kind.fields.is_empty() {
        return;
    }
    page.push_str("\n| field | takes | unit | meaning |\n|---|---|---|---|\n");
    for field in kind.fields {
        let takes = json_type(field.ty, described);
        let unit = field.unit.unwrap_or("");
        let _ = writeln!(
            page,
            "| `{}` | {takes} | {unit} | {} |",
            field.name, field.meaning
        );
    }
}

/// A value that a type takes, with its meaning, from the schema of the type.
fn choices(schema: &Value) -> Vec<(String, String)> {
    let meaning = |s: &Value| {
        s["description"]
            .as_str()
            .unwrap_or_default()
            .replace('\n', " ")
    };
    let mut all = Vec::new();
    for one in schema["oneOf"].as_array().into_iter().flatten() {
        if let Some(word) = one["const"].as_str() {
            all.push((format!("`\"{word}\"`"), meaning(one)));
        }
        for word in one["enum"].as_array().into_iter().flatten() {
            all.push((format!("`{word}`"), meaning(one)));
        }
        for (key, inner) in one["properties"].as_object().into_iter().flatten() {
            let fields = inner["properties"].as_object();
            let fields: Vec<String> = fields
                .into_iter()
                .flatten()
                .map(|(k, _)| format!("\"{k}\": ..."))
                .collect();
            let inside = if fields.is_empty() {
                "...".to_owned()
            } else {
                format!("{{ {} }}", fields.join(", "))
            };
            all.push((format!("`{{ \"{key}\": {inside} }}`"), meaning(one)));
        }
    }
    for (key, field) in schema["properties"].as_object().into_iter().flatten() {
        all.push((format!("`\"{key}\": ...`"), meaning(field)));
    }
    all
}

fn page() -> String {
    let mut page = format!(
        "# Records\n\nWhat a run tells: each line of `trace.jsonl` with `\"line\": \"record\"` holds one in `what`, and `live --format json` prints one a line. {WRITTEN}\nThe field `record` has the name of the kind; the other fields stand beside it. The whole format: `pumplab schema run`.\n\nA sentence names fields in braces, or what is made of them. The class says what a record means for something else:\n\n| class | meaning |\n|---|---|\n"
    );
    for (class, meaning) in CLASSES {
        let _ = writeln!(page, "| {} | {meaning} |", class.word());
    }
    let mut described = BTreeSet::new();
    for (family, meaning) in LabRecord::FAMILIES {
        let _ = write!(page, "\n## {family}\n\n{meaning}\n");
        for kind in LabRecord::kinds().filter(|k| k.family == *family) {
            record(&mut page, kind, &mut described);
        }
    }
    page.push_str("\n## Types\n");
    let schema = schema::run_directory();
    for name in described {
        let one = &schema["$defs"][&name];
        let meaning = one["description"]
            .as_str()
            .unwrap_or_default()
            .replace('\n', " ");
        let _ = write!(
            page,
            "\n### `{name}`\n\n{meaning}\n\n| value | meaning |\n|---|---|\n"
        );
        let choices = choices(one);
        assert!(
            !choices.is_empty() && !meaning.is_empty(),
            "{name} is not described: {one}"
        );
        for (value, meaning) in choices {
            let _ = writeln!(page, "| {value} | {meaning} |");
        }
    }
    page
}

#[test]
fn the_page_of_records_is_up_to_date() {
    up_to_date("docs/reference/records.md", &page());
}
