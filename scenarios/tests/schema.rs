//! The JSON Schemas say what the checker does.

mod validator;

use pumplab_scenarios::{Kind, Library, schema};
use serde_json::Value;
use validator::wrong;

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
            let found = wrong(&schema, &read(text), &name);
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
        assert!(!wrong(&schema, &read(&broken), "").is_empty(), "{to}");
        assert!(
            library.parse_scenario("broken.toml", &broken).is_err(),
            "{to}"
        );
    }
}
