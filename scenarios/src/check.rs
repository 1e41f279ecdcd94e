//! Reads TOML by the shapes and tells everything that does not fit, at once.

use crate::catalogue::Catalogue;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::names::{Names, listed, unknown};
use crate::shape::{Field, Kind, Owner, Shape, Vocabulary, entry, fields_of, kind_of, one_of};
use crate::suggest;
use crate::table::{Node, Table, Value};
use crate::unit;
use crate::value::{self, Fault};
use pumplab_sim::catalog::{GivenParameters, Relation};
use pumplab_sim::parameters::{ParameterError, Tagged as _};
use pumplab_sim::spec::HappeningSpec;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

pub(crate) type RawKey<'i> = Spanned<DeString<'i>>;
pub(crate) type RawValue<'i> = Spanned<DeValue<'i>>;

/// A file being checked.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    pub(crate) source: &'a Arc<Source>,
    pub(crate) names: &'a Names,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) found: Diagnostics,
}

/// Reads a file as TOML. What could be read is returned beside what could not.
pub(crate) fn parse(source: &Arc<Source>) -> (Spanned<DeTable<'_>>, Diagnostics) {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let mut found = Diagnostics::default();
    for error in errors {
        let message = error.message().replace('\n', ", ");
        let span = error.span().unwrap_or(0..0);
        let hint = syntax_hint(&source.text, &span, &message);
        found.push(
            Diagnostic::at(Code::Syntax, source, span, format!("not TOML: {message}"))
                .label("here")
                .maybe_hint(hint),
        );
    }
    (table, found)
}

/// What is meant by some mistakes that are made often.
fn syntax_hint(text: &str, span: &Range<usize>, message: &str) -> Option<String> {
    let at = text.get(span.clone()).unwrap_or_default().trim();
    if at.contains(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}']) {
        return Some("use straight quotes: `\"`, not typographic ones".to_owned());
    }
    if message.contains("must be quoted") && !at.is_empty() && at.len() < 80 {
        return Some(format!("write it in quotes: `\"{at}\"`"));
    }
    if message.contains("duplicate key") {
        return Some(
            "a key stands once in a table; what may be there several times begins with `[[…]]`"
                .to_owned(),
        );
    }
    let unclosed = message.contains("string") && message.contains("expected `\"`");
    unclosed.then(|| "text ends with a quote on the line on which it begins".to_owned())
}

/// Reads a file by a shape.
pub(crate) fn read(
    source: &Arc<Source>,
    names: &Names,
    catalogue: &Catalogue,
    shape: &Shape,
) -> (Table, Diagnostics) {
    let (raw, syntax) = parse(source);
    let mut checker = Checker {
        source,
        names,
        catalogue,
        found: Diagnostics::default(),
    };
    let mut table = checker.table(raw.get_ref(), &(0..0), &Rows::of(shape));
    table.span = 0..0;
    let mut found = checker.found;
    if !syntax.is_empty() {
        // What could not be read may be what seems to be missing.
        let incomplete =
            |c: Code| matches!(c, Code::MissingKey | Code::Choice | Code::MissingParameter);
        found.items.retain(|d| !incomplete(d.code));
        found.extend(syntax);
    }
    (table, found)
}

/// What is told of a table that the checks have let pass and its reader does not take.
pub(crate) fn not_taken(source: &Arc<Source>, table: &Table, wrong: &ParameterError) -> Diagnostic {
    let at = match table.entries.get(&wrong.parameter) {
        Some(node) => node.span.clone(),
        None => table.span.clone(),
    };
    Diagnostic::at(Code::Together, source, at, wrong.to_string()).label("not taken")
}

/// What a table is read by.
struct Rows<'s> {
    /// What messages call it.
    name: Cow<'static, str>,
    fields: Cow<'s, [Field]>,
    one_of: &'static [&'static str],
    relations: &'static [Relation],
    /// What its keys are called.
    keys: Keys,
}

/// What the keys of a table are: of a part of the file, or parameters of what another key names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Keys,
    Parameters,
}

impl Keys {
    const fn noun(self) -> &'static str {
        match self {
            Self::Keys => "key",
            Self::Parameters => "parameter",
        }
    }

    const fn unknown(self) -> Code {
        match self {
            Self::Keys => Code::UnknownKey,
            Self::Parameters => Code::UnknownParameter,
        }
    }

    const fn missing(self) -> Code {
        match self {
            Self::Keys => Code::MissingKey,
            Self::Parameters => Code::MissingParameter,
        }
    }
}

impl<'s> Rows<'s> {
    fn of(shape: &'s Shape) -> Self {
        Self {
            name: Cow::Borrowed(shape.name),
            fields: Cow::Borrowed(shape.fields),
            one_of: shape.one_of,
            relations: &[],
            keys: Keys::Keys,
        }
    }

    /// What is given and cannot be read, or is misspelt: nothing more is told about it.
    fn refused(&self, table: &Table, misspelt: &[&str], relation: &Relation) -> bool {
        let refused = table.unreadable.iter().chain(misspelt);
        refused.into_iter().any(|key| relation.binds(key))
    }
}

/// Parameters as they stand in a file.
struct GivenHere<'a, 'i>(&'a DeTable<'i>);

impl GivenParameters for GivenHere<'_, '_> {
    fn has(&self, parameter: &str) -> bool {
        self.0.keys().any(|k| k.get_ref() == parameter)
    }

    fn word(&self, parameter: &str) -> Option<&str> {
        let value = self.0.iter().find(|(k, _)| k.get_ref() == parameter);
        value.and_then(|(_, v)| v.get_ref().as_str())
    }
}

impl Checker<'_> {
    pub(crate) fn tell(
        &mut self,
        code: Code,
        span: &Range<usize>,
        message: String,
    ) -> &mut Diagnostic {
        self.found
            .push(Diagnostic::at(code, self.source, span.clone(), message));
        let last = self.found.items.len() - 1;
        &mut self.found.items[last]
    }

    fn table(&mut self, raw: &DeTable<'_>, span: &Range<usize>, rows: &Rows<'_>) -> Table {
        let mut table = Table {
            span: span.clone(),
            ..Table::default()
        };
        let keys: Vec<&'static str> = rows.fields.iter().map(|f| f.key).collect();
        if rows.keys == Keys::Keys {
            table.know(&keys);
        }
        let mut misspelt = Vec::new();
        for (key, value) in raw {
            let Some(field) = rows.fields.iter().find(|f| f.key == key.get_ref()) else {
                self.unknown_key(key, rows, &keys);
                misspelt.extend(suggest::nearest(key.get_ref(), &keys));
                continue;
            };
            let node = match field.kind {
                Kind::With(owner) => self.with(raw, value, owner),
                Kind::Bound(of) => self.bound(raw, value, (field.key, of)),
                _ => self.value(value, &field.kind, field.key),
            };
            match node {
                Some(node) => drop(table.entries.insert(field.key.to_owned(), node)),
                None => table.unreadable.push(field.key),
            }
        }
        let choice = |r: &Relation| matches!(r, Relation::OneOf(keys) if *keys == rows.one_of);
        let judged = |r: &&Relation| !choice(r) && !rows.refused(&table, &misspelt, r);
        let relations: Vec<&Relation> = rows.relations.iter().filter(judged).collect();
        self.together(raw, span, &relations);
        self.completeness(raw, span, rows, &misspelt);
        table
    }

    fn unknown_key(&mut self, key: &RawKey<'_>, rows: &Rows<'_>, keys: &[&str]) {
        let hint = suggest::hint(key.get_ref(), keys);
        let noun = rows.keys.noun();
        let message = format!("{} has no {noun} `{}`", rows.name, key.get_ref());
        let d = self.tell(rows.keys.unknown(), &key.span(), message);
        d.label = format!("unknown {noun}");
        d.hints.extend(hint);
    }

    /// Tells what is missing, unless it is there and `misspelt`, which has been told.
    fn completeness(
        &mut self,
        raw: &DeTable<'_>,
        span: &Range<usize>,
        shape: &Rows<'_>,
        misspelt: &[&str],
    ) {
        let given = |key: &str| raw.keys().any(|k| k.get_ref() == key);
        let has = |key: &str| given(key) || misspelt.contains(&key);
        for field in shape.fields.iter().filter(|f| f.required && !has(f.key)) {
            let (doc, noun) = (field.doc, shape.keys.noun());
            let message = format!("{} needs the {noun} `{}`", shape.name, field.key);
            let d = self.tell(shape.keys.missing(), span, message);
            d.label = format!("`{}` is missing", field.key);
            d.hints.push(format!("`{}`: {doc}", field.key));
        }
        for field in shape.fields.iter() {
            if let Kind::With(owner) = field.kind
                && !has(field.key)
            {
                self.with_nothing(raw, owner);
            }
        }
        let chosen: Vec<&str> = shape.one_of.iter().copied().filter(|k| has(k)).collect();
        if !shape.one_of.is_empty() && chosen.len() != 1 {
            let all: Vec<String> = shape.one_of.iter().map(|k| format!("`{k}`")).collect();
            let message = if chosen.is_empty() {
                format!("{} needs one of {}", shape.name, all.join(", "))
            } else {
                format!("{} takes one of {} only", shape.name, all.join(", "))
            };
            let second = chosen
                .get(1)
                .and_then(|g| raw.keys().find(|k| k.get_ref() == g));
            let at = second.map_or_else(|| span.clone(), |k| k.span());
            let d = self.tell(Code::Choice, &at, message);
            d.label = if chosen.is_empty() {
                "none is here"
            } else {
                "one too many"
            }
            .to_owned();
        }
    }

    /// Parameters of what another key names.
    fn with(&mut self, raw: &DeTable<'_>, value: &RawValue<'_>, owner: Owner) -> Option<Node> {
        let fields = self.owned(raw, owner);
        let DeValue::Table(given) = value.get_ref() else {
            self.wrong_type(value, &Kind::With(owner), "with");
            return None;
        };
        let owned = fields?;
        let table = self.table(given, &value.span(), &owned);
        Some(Node {
            span: value.span(),
            value: Value::Table(table),
        })
    }

    /// A bound of the metric that another key names.
    fn bound(
        &mut self,
        raw: &DeTable<'_>,
        value: &RawValue<'_>,
        (key, of): (&str, &str),
    ) -> Option<Node> {
        let metric = raw.iter().find(|(k, _)| k.get_ref() == of);
        let metric = metric.and_then(|(_, v)| v.get_ref().as_str());
        let metric = metric.and_then(|id| entry(&self.catalogue.metrics, id).copied());
        let kind = if value.get_ref().is_str() {
            Kind::Duration
        } else {
            value::BOUND
        };
        let fault = match value.get_ref() {
            DeValue::String(text) => unit::bound(text, key, metric),
            v if value::fits(&kind, v) => match value::read(&kind, v, key) {
                Ok(Value::Number(n)) => unit::bound_number(n, key, metric),
                _ => None,
            },
            _ => {
                self.wrong_type(value, &Kind::Bound("metric"), key);
                return None;
            }
        };
        match fault {
            Some(fault) => {
                self.fault(&value.span(), fault);
                None
            }
            None => self.value(value, &kind, key),
        }
    }

    fn fault(&mut self, span: &Range<usize>, fault: Fault) {
        let d = self.tell(fault.code, span, fault.message);
        d.label = fault.label;
        d.hints.extend(fault.hint);
    }

    fn with_nothing(&mut self, raw: &DeTable<'_>, owner: Owner) {
        if let Some(owned) = self.owned(raw, owner) {
            let span = raw
                .iter()
                .find(|(k, _)| k.get_ref() == owner.key())
                .map_or(0..0, |(_, v)| v.span());
            self.table(&DeTable::new(), &span, &owned);
        }
    }

    /// The parameters that the named technique, event or goal takes; none where there is no such thing (told elsewhere).
    fn owned(&self, raw: &DeTable<'_>, owner: Owner) -> Option<Rows<'static>> {
        let (_, value) = raw.iter().find(|(k, _)| k.get_ref() == owner.key())?;
        let id = value.get_ref().as_str()?;
        let (parameters, relations) = match owner {
            Owner::Technique => {
                let entry = entry(&self.catalogue.techniques, id)?;
                (entry.parameters, entry.relations)
            }
            Owner::Goal => {
                let entry = entry(&self.catalogue.goals, id)?;
                (entry.parameters, entry.relations)
            }
            Owner::Event => {
                let table = HappeningSpec::table(id)?;
                (table.parameters, table.relations)
            }
        };
        Some(Rows {
            name: Cow::Owned(format!("{} `{id}`", owner.noun())),
            fields: Cow::Owned(fields_of(parameters)),
            one_of: &[],
            relations,
            keys: Keys::Parameters,
        })
    }

    /// Tells where parameters do not go together.
    fn together(&mut self, given: &DeTable<'_>, span: &Range<usize>, relations: &[&Relation]) {
        for broken in relations.iter().filter_map(|r| r.broken(&GivenHere(given))) {
            let key = given
                .keys()
                .find(|k| broken.given.is_some_and(|g| k.get_ref() == g));
            let (code, label) = match (broken.given, broken.missing) {
                (None, Some(missing)) => {
                    (Code::MissingParameter, format!("`{missing}` is missing"))
                }
                (_, Some(missing)) => (Code::Together, format!("needs `{missing}`")),
                (_, None) => (Code::Together, "does not go with the others".to_owned()),
            };
            let at = key.map_or_else(|| span.clone(), |k| k.span());
            self.tell(code, &at, broken.message).label = label;
        }
    }

    fn value(&mut self, raw: &RawValue<'_>, kind: &Kind, key: &str) -> Option<Node> {
        let value = match (kind, raw.get_ref()) {
            (Kind::Either(kinds), v) => {
                let fits = kinds.iter().find(|k| value::fits(k, v));
                let Some(kind) = fits else {
                    self.wrong_type(raw, kind, key);
                    return None;
                };
                return self.value(raw, kind, key);
            }
            (k, v) if !value::fits(k, v) => {
                self.wrong_type(raw, k, key);
                return None;
            }
            (Kind::List(item), DeValue::Array(items)) => {
                let nodes = items.iter().filter_map(|i| self.value(i, item, key));
                Value::List(nodes.collect())
            }
            (Kind::Listed(of), DeValue::Array(items)) => {
                let of = kind_of(**of);
                let nodes = items.iter().filter_map(|i| self.value(i, &of, key));
                Value::List(nodes.collect())
            }
            (Kind::Table(shape), DeValue::Table(table)) => {
                Value::Table(self.table(table, &raw.span(), &Rows::of(shape)))
            }
            (Kind::Parameters(nested), DeValue::Table(table)) => {
                let rows = Rows {
                    name: Cow::Borrowed(nested.name),
                    fields: Cow::Owned(fields_of(nested.parameters)),
                    one_of: one_of(nested),
                    relations: nested.relations,
                    keys: Keys::Keys,
                };
                Value::Table(self.table(table, &raw.span(), &rows))
            }
            (Kind::Notes(vocabulary), DeValue::Table(table)) => {
                Value::Table(self.notes(table, &raw.span(), *vocabulary))
            }
            (Kind::Name(vocabulary), DeValue::String(text)) => {
                self.name(text, &raw.span(), *vocabulary);
                Value::Text(text.to_string())
            }
            (kind, value) => match value::read(kind, value, key) {
                Ok(value) => value,
                Err(fault) => {
                    self.fault(&raw.span(), fault);
                    return None;
                }
            },
        };
        Some(Node {
            span: raw.span(),
            value,
        })
    }

    fn notes(&mut self, raw: &DeTable<'_>, span: &Range<usize>, vocabulary: Vocabulary) -> Table {
        let mut table = Table {
            span: span.clone(),
            ..Table::default()
        };
        for (key, value) in raw {
            self.name(key.get_ref(), &key.span(), vocabulary);
            if let Some(node) = self.value(value, &Kind::Text, key.get_ref()) {
                table.entries.insert(key.get_ref().to_string(), node);
            }
        }
        table
    }

    fn name(&mut self, name: &str, span: &Range<usize>, vocabulary: Vocabulary) {
        let Some(known) = self.names.known(vocabulary) else {
            return;
        };
        if !known.iter().any(|k| k == name) {
            let (code, noun) = (unknown(vocabulary), vocabulary.noun());
            let all = || {
                listed(vocabulary).map(|kind| format!("`pumplab list {kind}` prints all of them"))
            };
            let hint = suggest::hint(name, known).or_else(all);
            let d = self.tell(code, span, format!("there is no {noun} `{name}`"));
            d.label = format!("unknown {noun}");
            d.hints.extend(hint);
        }
    }

    fn wrong_type(&mut self, raw: &RawValue<'_>, kind: &Kind, key: &str) {
        let is = value::called(raw.get_ref());
        let mut wanted = match kind {
            Kind::Either(kinds) => {
                let all: Vec<&str> = kinds.iter().map(value::wanted).collect();
                all.join(" or ")
            }
            Kind::With(_) => "a table such as `{ target = \"pump-01\" }`".to_owned(),
            kind => value::wanted(kind).to_owned(),
        };
        if matches!(kind, Kind::Number(..) | Kind::Integer(..))
            && let Some(unit) = unit::of_key(key)
        {
            wanted = format!("{wanted}, in {unit}");
        }
        let hint = value::written(kind, raw.get_ref(), key);
        let message = format!("`{key}` takes {wanted}, not {is}");
        let d = self.tell(Code::WrongType, &raw.span(), message);
        d.label = format!("this is {is}");
        d.hints.extend(hint);
    }
}
