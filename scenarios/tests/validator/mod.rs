//! Validates JSON against a schema. Covers what the schemas of pumplab use, and refuses a schema that uses more.

use serde_json::{Map, Value};

/// Keywords that only describe, and `pattern`: a test that knows regular expressions is not worth a crate.
const DESCRIBE: [&str; 9] = [
    "$schema",
    "$id",
    "$defs",
    "title",
    "description",
    "default",
    "format",
    "examples",
    "pattern",
];

/// Keywords that are looked at.
const LOOKED_AT: [&str; 20] = [
    "$ref",
    "enum",
    "const",
    "type",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "anyOf",
    "oneOf",
    "allOf",
    "if",
    "then",
    "items",
    "required",
    "properties",
    "propertyNames",
    "additionalProperties",
];

/// What of a value the schema does not allow.
pub(crate) fn wrong(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let validator = Validator { root: schema };
    validator.wrong(schema, value, at, &mut found);
    found
}

struct Validator<'a> {
    root: &'a Value,
}

impl Validator<'_> {
    fn wrong(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        let keywords = match schema {
            // `true` allows everything, `false` nothing.
            Value::Bool(true) => return,
            Value::Bool(false) => return found.push(format!("{at}: nothing is allowed here")),
            other => other.as_object().expect("a schema is an object"),
        };
        for key in keywords.keys() {
            let known = DESCRIBE.contains(&key.as_str()) || LOOKED_AT.contains(&key.as_str());
            assert!(
                known,
                "the schema uses `{key}`, which nothing here looks at"
            );
        }
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            let path = name
                .strip_prefix('#')
                .expect("a reference stays in the document");
            let target = self.root.pointer(path).expect("it leads somewhere");
            self.wrong(target, value, at, found);
        }
        self.words(schema, value, at, found);
        self.number(schema, value, at, found);
        self.length(schema, value, at, found);
        self.cases(schema, value, at, found);
        if let (Some(item), Some(items)) = (schema.get("items"), value.as_array()) {
            for (n, v) in items.iter().enumerate() {
                self.wrong(item, v, &format!("{at}[{n}]"), found);
            }
        }
        if let Some(object) = value.as_object() {
            self.members(schema, object, at, found);
        }
    }

    fn words(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
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
        let kinds: Vec<&str> = match schema.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => return,
        };
        if !kinds.iter().any(|kind| is(value, kind)) {
            found.push(format!("{at}: {value} is no {}", kinds.join(" or ")));
        }
    }

    fn number(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        for (key, sign) in [("minimum", 1.0), ("maximum", -1.0)] {
            if let (Some(n), Some(bound)) =
                (value.as_f64(), schema.get(key).and_then(Value::as_f64))
                && (n - bound) * sign < 0.0
            {
                found.push(format!("{at}: {n} is beyond the {key}"));
            }
        }
    }

    fn length(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        let (length, least, most) = match value {
            Value::String(text) => (text.chars().count(), "minLength", "maxLength"),
            Value::Array(items) => (items.len(), "minItems", "maxItems"),
            _ => return,
        };
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
        let length = length as u64;
        if bound(least).is_some_and(|b| length < b) || bound(most).is_some_and(|b| length > b) {
            found.push(format!("{at}: {length} is no length for it"));
        }
    }

    fn cases(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        if let Some(any) = schema.get("anyOf").and_then(Value::as_array)
            && !any.iter().any(|s| self.fits(s, value))
        {
            found.push(format!("{at}: fits none of several: {value}"));
        }
        if let Some(one) = schema.get("oneOf").and_then(Value::as_array)
            && one.iter().filter(|s| self.fits(s, value)).count() != 1
        {
            found.push(format!(
                "{at}: does not fit exactly one of several: {value}"
            ));
        }
        let cases = schema.get("allOf").and_then(Value::as_array);
        for case in cases.into_iter().flatten() {
            match case.get("if") {
                Some(condition) if self.fits(condition, value) => {
                    self.wrong(&case["then"], value, at, found);
                }
                Some(_) => {}
                None => self.wrong(case, value, at, found),
            }
        }
    }

    fn members(
        &self,
        schema: &Value,
        object: &Map<String, Value>,
        at: &str,
        found: &mut Vec<String>,
    ) {
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(key) {
                found.push(format!("{at}: {key} is missing"));
            }
        }
        for (key, v) in object {
            if let Some(names) = schema.get("propertyNames") {
                self.wrong(names, &Value::String(key.clone()), at, found);
            }
            match schema.get("properties").and_then(|p| p.get(key)) {
                Some(s) => self.wrong(s, v, &format!("{at}.{key}"), found),
                None => match schema.get("additionalProperties") {
                    Some(Value::Bool(false)) => {
                        found.push(format!("{at}: `{key}` is not allowed"));
                    }
                    Some(s) => self.wrong(s, v, &format!("{at}.{key}"), found),
                    None => {}
                },
            }
        }
    }

    fn fits(&self, schema: &Value, value: &Value) -> bool {
        let mut found = Vec::new();
        self.wrong(schema, value, "", &mut found);
        found.is_empty()
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => value.is_number(),
    }
}
