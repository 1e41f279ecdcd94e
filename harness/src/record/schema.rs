//! JSON Schema of a run directory, made from the types that are written there.

use super::{Line, MANIFEST, METRICS, TRACE, VERDICT};
use crate::verdict::{Manifest, Verdict};
use pumplab_sim::safety::METRICS as ALL_METRICS;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, json_schema};
use serde_json::{Map, Value, json};

/// The schema of a run directory as one object: a file each, and of `trace.jsonl` the array of its lines. A single file is described by
/// `#/properties/verdict.json`, a line by `#/$defs/Line`.
#[must_use]
pub fn run_directory() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut generator = SchemaGenerator::new(settings);
    let manifest = generator.subschema_for::<Manifest>();
    let verdict = generator.subschema_for::<Verdict>();
    let line = generator.subschema_for::<Line>();
    let definitions = generator.take_definitions(false);
    let mut schema = json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A run directory of pumplab",
        "type": "object",
        "properties": {
            MANIFEST: manifest,
            VERDICT: verdict,
            METRICS: metrics(),
            TRACE: { "type": "array", "items": line },
        },
        "required": [MANIFEST, VERDICT, METRICS, TRACE],
        "$defs": definitions,
    });
    RecursiveTransform(closed).transform(&mut schema);
    schema.to_value()
}

/// Figures by identifier; not there, or null, where nothing was measured.
fn metrics() -> Value {
    let properties: Map<String, Value> = ALL_METRICS
        .iter()
        .map(|m| {
            let one = json!({ "type": ["number", "null"], "description": m.entry.title });
            (m.entry.id.to_owned(), one)
        })
        .collect();
    json!({ "type": "object", "properties": properties })
}

/// What is not described is not there.
fn closed(schema: &mut Schema) {
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}
