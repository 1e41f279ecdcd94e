//! JSON Schemas of the files, written from the shapes that the checker reads by.

use crate::catalogue::{Catalogue, FileTable, tables_of};
use crate::costs::COSTS;
use crate::defence::DEFENCE;
use crate::drug_library::DRUG_LIBRARY;
use crate::kind;
use crate::lab::shapes::LAB;
use crate::library::Library;
use crate::names::Names;
use crate::profile::PROFILE;
use crate::scenario::shapes::SCENARIO;
use crate::server_profile::SERVER_PROFILE;
use crate::shape::{Field, Kind, Owner, Shape, fields_of, is_fixed, kind_of, one_of};
use crate::value;
use pumplab_sim::catalog::{Literal, ParameterKind};
use pumplab_sim::parameters::Tagged as _;
use pumplab_sim::spec::HappeningSpec;
use serde_json::{Map, Value, json};

/// The JSON Schema (draft 2020-12) of a kind of file. What depends on a lab, such as the name of a host, is text here; `pumplab check` knows better.
#[must_use]
pub fn schema(kind: kind::Kind) -> String {
    let (shape, title) = shape_of(kind);
    let library = Library::embedded();
    let writer = Writer {
        names: library.file_names(),
        catalogue: library.catalogue(),
    };
    let mut schema = writer.table(shape);
    if kind == kind::Kind::Profile {
        // A pump's or a server's: the key `product` tells them apart.
        let server = writer.table(&SERVER_PROFILE);
        schema = Map::from_iter([("anyOf".to_owned(), json!([schema, server]))]);
    }
    schema.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    schema.insert("title".to_owned(), json!(title));
    let mut text = format!("{:#}", Value::Object(schema));
    text.push('\n');
    text
}

/// The shape of a kind of file, and its title.
fn shape_of(kind: kind::Kind) -> (&'static Shape, &'static str) {
    match kind {
        kind::Kind::Lab => (&LAB, "Lab"),
        kind::Kind::Defence => (&DEFENCE, "Defence"),
        kind::Kind::Profile => (&PROFILE, "Profile"),
        kind::Kind::DrugLibrary => (&DRUG_LIBRARY, "Drug library"),
        kind::Kind::Scenario => (&SCENARIO, "Scenario"),
        kind::Kind::Costs => (&COSTS, "Costs"),
    }
}

/// All tables of a kind of file, each with its keys: the file itself first, then what stands in it. Profiles of servers follow those of pumps.
#[must_use]
pub fn tables(kind: kind::Kind) -> Vec<FileTable> {
    let mut all = tables_of(shape_of(kind).0);
    if kind == kind::Kind::Profile {
        all.extend(tables_of(&SERVER_PROFILE));
    }
    all
}

/// The form of text that the simulator reads.
const fn pattern(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Account => "^[^:]+:",
        ParameterKind::Address => r"^[0-9.]+$",
        ParameterKind::Addresses => r"^[0-9., ]+$",
        ParameterKind::Prefix => r"^[0-9.]+/[0-9]+$",
        ParameterKind::Prefixes => r"^[0-9./, ]+$",
        ParameterKind::Ports => "^[0-9, ]+$",
        _ => ".",
    }
}

fn json_of(default: Literal) -> Value {
    match default {
        Literal::Bool(b) => json!(b),
        Literal::Integer(n) => json!(n),
        Literal::Number(n) => json!(n),
        Literal::Text(t) => json!(t),
    }
}

struct Writer<'a> {
    names: Names,
    catalogue: &'a Catalogue,
}

impl Writer<'_> {
    fn table(&self, shape: &Shape) -> Map<String, Value> {
        let mut table = self.choice(shape.fields, shape.one_of);
        let cases: Vec<Value> = shape
            .fields
            .iter()
            .filter_map(|f| match f.kind {
                Kind::With(owner) => Some(self.cases(owner, f.key)),
                _ => None,
            })
            .flatten()
            .collect();
        if !cases.is_empty() {
            table.insert("allOf".to_owned(), Value::Array(cases));
        }
        table
    }

    /// An object with exactly one of some keys.
    fn choice(&self, fields: &[Field], one_of: &[&str]) -> Map<String, Value> {
        let mut table = self.object(fields);
        if !one_of.is_empty() {
            let one = |key: &&str| json!({ "required": [key] });
            let choices: Vec<Value> = one_of.iter().map(one).collect();
            table.insert("oneOf".to_owned(), Value::Array(choices));
        }
        table
    }

    fn object(&self, fields: &[Field]) -> Map<String, Value> {
        let mut properties = Map::new();
        for field in fields {
            let mut value = self.kind(&field.kind);
            if let Value::Object(map) = &mut value {
                map.insert("description".to_owned(), json!(field.doc));
                if let Some(default) = field.default {
                    map.insert("default".to_owned(), json_of(default));
                }
            }
            properties.insert(field.key.to_owned(), value);
        }
        let required: Vec<&str> = fields
            .iter()
            .filter(|f| f.required)
            .map(|f| f.key)
            .collect();
        let mut object = Map::new();
        object.insert("type".to_owned(), json!("object"));
        object.insert("properties".to_owned(), Value::Object(properties));
        object.insert("required".to_owned(), json!(required));
        object.insert("additionalProperties".to_owned(), json!(false));
        object
    }

    /// One condition per technique, event or goal: what its parameters are.
    fn cases(&self, owner: Owner, key: &str) -> Vec<Value> {
        let entries: Vec<(&str, Vec<Field>)> = match owner {
            Owner::Technique => {
                let all = self.catalogue.techniques.iter();
                all.map(|e| (e.id, fields_of(e.parameters))).collect()
            }
            Owner::Goal => {
                let all = self.catalogue.goals.iter();
                all.map(|e| (e.id, fields_of(e.parameters))).collect()
            }
            Owner::Event => {
                let all = HappeningSpec::TABLES.iter();
                all.map(|t| (t.name, fields_of(t.parameters))).collect()
            }
        };
        let case = |(id, fields): (&str, Vec<Field>)| {
            let named = owner.key();
            let needed: Vec<&str> = if fields.iter().any(|f| f.required) {
                vec![key]
            } else {
                Vec::new()
            };
            json!({
                "if": { "properties": { named: { "const": id } }, "required": [named] },
                "then": { "properties": { key: self.object(&fields) }, "required": needed },
            })
        };
        entries.into_iter().map(case).collect()
    }

    fn kind(&self, kind: &Kind) -> Value {
        match kind {
            Kind::Text => json!({ "type": "string", "minLength": 1 }),
            Kind::Name(vocabulary) => match self.names.known(*vocabulary) {
                Some(known) if is_fixed(*vocabulary) => json!({ "enum": known }),
                _ => json!({ "type": "string", "minLength": 1 }),
            },
            Kind::Word(words) => json!({ "enum": words }),
            Kind::Integer(min, max) => {
                json!({ "type": "integer", "minimum": min, "maximum": max })
            }
            Kind::Number(min, max) => json!({ "type": "number", "minimum": min, "maximum": max }),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::True => json!({ "const": true }),
            Kind::Duration | Kind::Interval => json!({
                "type": "string",
                "pattern": r"^\s*([0-9]+(\.[0-9]+)?\s*(d|h|m|min|s|ms|us|µs|ns)\s*)+$",
            }),
            Kind::Factor(..) => json!({ "type": "string", "pattern": r"^x[0-9]" }),
            Kind::Written(kind) => json!({ "type": "string", "pattern": pattern(*kind) }),
            Kind::Position => json!({
                "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2,
            }),
            Kind::Cidr => json!({ "type": "string", "pattern": r"^[0-9.]+/[0-9]+$" }),
            // A TOML date and time is text in JSON.
            Kind::Calendar => json!({ "type": "string", "format": "date-time" }),
            Kind::List(item) => json!({ "type": "array", "items": self.kind(item) }),
            Kind::Listed(of) => json!({ "type": "array", "items": self.kind(&kind_of(**of)) }),
            Kind::Table(shape) => Value::Object(self.table(shape)),
            Kind::Either(kinds) => {
                let any: Vec<Value> = kinds.iter().map(|k| self.kind(k)).collect();
                json!({ "anyOf": any })
            }
            Kind::Bound(_) => {
                json!({ "anyOf": [self.kind(&Kind::Duration), self.kind(&value::BOUND)] })
            }
            Kind::With(_) => json!({ "type": "object" }),
            Kind::Parameters(nested) => {
                Value::Object(self.choice(&fields_of(nested.parameters), one_of(nested)))
            }
            Kind::Notes(vocabulary) => json!({
                "type": "object",
                "propertyNames": { "enum": self.names.known(*vocabulary) },
                "additionalProperties": { "type": "string", "minLength": 1 },
            }),
        }
    }
}
