//! What `run --out` writes fits what `schema run` says.

use crate::bench::{Scratch, pumplab};
use pumplab_sim::record::LabRecord;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[path = "../../../scenarios/tests/validator/mod.rs"]
mod validator;

/// Scenarios that together tell of most that can happen.
const SHOWN: [&str; 10] = [
    "mis-programming",
    "evil-twin",
    "unsigned-library-push",
    "radius-outage",
    "ransomware-from-business",
    "order-altered-in-transit",
    "firmware-tampered",
    "vendor-session-killed",
    "insider-at-the-bedside",
    "starved-of-leases",
];

fn schema() -> Value {
    pumplab(&["schema", "run"]).ended(0).json()
}

/// The files of a run as the one object that the schema describes.
fn run_directory(at: &Path) -> Value {
    let text = |name: &str| fs::read_to_string(at.join(name)).expect("it was written");
    let json = |name: &str| serde_json::from_str::<Value>(&text(name)).expect("it is JSON");
    let trace = text("trace.jsonl");
    let lines = trace
        .lines()
        .map(|l| serde_json::from_str(l).expect("a line is JSON"));
    json!({
        "manifest.json": json("manifest.json"),
        "verdict.json": json("verdict.json"),
        "metrics.json": json("metrics.json"),
        "trace.jsonl": lines.collect::<Vec<Value>>(),
    })
}

#[test]
fn what_runs_write_fits_the_schema() {
    let schema = schema();
    let scratch = Scratch::new("fits-schema");
    let out = scratch.text("out");
    pumplab(&[&["run", "--out", &out], &SHOWN[..]].concat()).ended(0);
    let mut kinds: BTreeSet<String> = BTreeSet::new();
    for scenario in SHOWN {
        for variant in ["run", "contrast"] {
            let at = Path::new(&out).join(scenario).join(variant);
            if variant == "contrast" && !at.exists() {
                continue;
            }
            let run = run_directory(&at);
            let wrong = validator::wrong(&schema, &run, scenario);
            assert!(wrong.is_empty(), "{:#?}", &wrong[..wrong.len().min(5)]);
            let lines = run["trace.jsonl"].as_array().expect("lines");
            kinds.extend(
                lines
                    .iter()
                    .filter_map(|l| Some(l["kind"].as_str()?.to_owned())),
            );
        }
    }
    assert!(kinds.len() >= 60, "{} kinds of record occur", kinds.len());
}

#[test]
fn the_schema_refuses_what_is_not_written() {
    let schema = schema();
    let scratch = Scratch::new("refused-by-schema");
    let out = scratch.text("out");
    pumplab(&["run", "unsigned-library-push", "--out", &out]).ended(0);
    let run = run_directory(&Path::new(&out).join("unsigned-library-push/run"));
    assert!(validator::wrong(&schema, &run, "").is_empty());
    let record = run["trace.jsonl"].as_array().expect("lines").iter();
    let record = record
        .clone()
        .position(|l| l["kind"] == "dropped")
        .expect("one was dropped");
    let lines = format!("/trace.jsonl/{record}");
    let refused = |pointer: &str, key: &str, value: Value| {
        let mut broken = run.clone();
        broken.pointer_mut(pointer).expect("it is there")[key] = value;
        let wrong = validator::wrong(&schema, &broken, "");
        assert!(!wrong.is_empty(), "{pointer} {key}");
    };
    refused("/manifest.json", "colour", json!("red"));
    refused("/manifest.json", "seed", json!("seven"));
    refused("/verdict.json", "held", json!("yes"));
    refused("/verdict.json/steps/0", "luck", json!(1));
    refused("/metrics.json", "joins", json!("many"));
    refused("/metrics.json", "smiles", json!(3));
    refused(&lines, "line", json!("sentence"));
    refused(&lines, "extra", json!(1));
    refused(&format!("{lines}/what"), "record", json!("droped"));
    refused(&format!("{lines}/what"), "extra", json!(1));
    refused(&format!("{lines}/what"), "why", json!("because"));
}

#[test]
fn every_kind_of_record_is_in_the_schema() {
    let text = schema().to_string();
    for kind in LabRecord::kinds() {
        let name = format!("\"const\":\"{}\"", kind.name);
        assert!(text.contains(&name), "{}", kind.name);
    }
}
