//! The JSON Schemas say what the checker does.

use pumplab_scenarios::{Kind, Library, schema};
use serde_json::Value;

/// Which of a value's parts the schema does not allow. Covers what our schemas use, no more.
fn wrong(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(words) = schema.get("enum").and_then(Value::as_array)
        && !words.contains(value)
    {
        found.push(format!("{at}: {value} is not one of the words"));
    }
    if let Some(constant) = schema.get("const")
        && constant != value
    {
        found.push(format!("{at}: {value} is not {constant}"));
    }
    if let Some(kind) = schema.get("type").and_then(Value::as_str) {
        let fits = match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            _ => value.is_number(),
        };
        if !fits {
            found.push(format!("{at}: {value} is no {kind}"));
        }
    }
    let number = value.as_f64();
    for (key, sign) in [("minimum", 1.0), ("maximum", -1.0)] {
        if let (Some(n), Some(bound)) = (number, schema.get(key).and_then(Value::as_f64))
            && (n - bound) * sign < 0.0
        {
            found.push(format!("{at}: {n} is beyond the {key}"));
        }
    }
    if let Some(any) = schema.get("anyOf").and_then(Value::as_array)
        && !any.iter().any(|s| fits(s, value))
    {
        found.push(format!("{at}: fits none of several"));
    }
    if let Some(one) = schema.get("oneOf").and_then(Value::as_array)
        && one.iter().filter(|s| fits(s, value)).count() != 1
    {
        found.push(format!("{at}: does not fit exactly one of several"));
    }
    for case in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if fits(&case["if"], value) {
            wrong(&case["then"], value, at, found);
        }
    }
    if let (Some(item), Some(items)) = (schema.get("items"), value.as_array()) {
        for (n, v) in items.iter().enumerate() {
            wrong(item, v, &format!("{at}[{n}]"), found);
        }
    }
    if let Some(object) = value.as_object() {
        members(schema, object, at, found);
    }
}

fn members(
    schema: &Value,
    object: &serde_json::Map<String, Value>,
    at: &str,
    found: &mut Vec<String>,
) {
    for key in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if key.as_str().is_some_and(|k| !object.contains_key(k)) {
            found.push(format!("{at}: {key} is missing"));
        }
    }
    for (key, v) in object {
        match schema.get("properties").and_then(|p| p.get(key)) {
            Some(s) => wrong(s, v, &format!("{at}.{key}"), found),
            None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                found.push(format!("{at}: `{key}` is not allowed"));
            }
            None => {}
        }
    }
}

fn fits(schema: &Value, value: &Value) -> bool {
    let mut found = Vec::new();
    wrong(schema, value, "", &mut found);
    found.is_empty()
}

/// A TOML value as JSON; a date is text.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(d) => Value::String(d.to_string()),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::Table(table) => table.iter().map(|(k, v)| (k.clone(), json(v))).collect(),
        other => serde_json::to_value(other).expect("it is plain"),
    }
}

fn read(text: &str) -> Value {
    let table: toml::Table = text.parse().expect("it is TOML");
    json(&toml::Value::Table(table))
}

#[test]
fn every_file_of_the_library_fits_its_schema() {
    let library = Library::embedded();
    for kind in Kind::ALL {
        let schema: Value = serde_json::from_str(&schema(kind)).expect("a schema is JSON");
        for name in library.names(kind) {
            let text = library.text(kind, &name).expect("it is listed");
            let mut found = Vec::new();
            wrong(&schema, &read(text), &name, &mut found);
            assert!(found.is_empty(), "{found:#?}");
        }
    }
}

#[test]
fn a_schema_refuses_what_the_checker_refuses() {
    let schema: Value = serde_json::from_str(&schema(Kind::Scenario)).expect("a schema is JSON");
    let library = Library::embedded();
    let text = library
        .text(Kind::Scenario, "unsigned-library-push")
        .expect("it is there");
    for (from, to) in [
        ("title =", "titel ="),
        ("\"push-drug-library\"\nwith", "\"push-drug-libary\"\nwith"),
        ("factor = \"x10\"", "fctor = \"x10\""),
        (
            "{ host = \"pump-11\" }",
            "{ host = \"pump-11\", internet = true }",
        ),
        ("holds = \"dose-limits\"", "holds = \"dose-limit\""),
        ("rate_ml_per_h = 120.0", "rate_ml_per_h = -1.0"),
    ] {
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text, "{from}");
        assert!(!fits(&schema, &read(&broken)), "{to}");
        assert!(
            library.parse_scenario("broken.toml", &broken).is_err(),
            "{to}"
        );
    }
}
