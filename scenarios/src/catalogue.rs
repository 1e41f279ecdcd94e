//! What this version of pumplab knows by name: techniques, goals, properties, metrics and controls.

use crate::controls;
use crate::scenario::shapes::{KNOWLEDGE_TABLE, KNOWLEDGE_WORDS, PLACE};
use crate::shape::{Field, Kind, Shape, fields_of, kind_of, one_of as one_of_table};
use crate::value;
use pumplab_sim::attack::TECHNIQUES;
use pumplab_sim::catalog::{Entry, Parameter, ParameterKind, Table};
use pumplab_sim::parameters::{ParameterType, Parameters, Tagged as _};
use pumplab_sim::safety::{GOALS, METRICS, PROPERTIES};
use pumplab_sim::spec::{ClientKind, EffectWord, HappeningSpec, WeaknessTable};

/// The catalogue that files are checked against.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Attack techniques.
    pub techniques: Vec<&'static Entry>,
    /// Attackers' goals.
    pub goals: Vec<&'static Entry>,
    /// Safety properties.
    pub properties: Vec<&'static Entry>,
    /// Metrics.
    pub metrics: Vec<&'static Entry>,
    /// Identifiers of the controls.
    pub controls: Vec<&'static str>,
}

impl Catalogue {
    /// Everything that this version has.
    #[must_use]
    pub fn known() -> Self {
        Self {
            techniques: TECHNIQUES.iter().map(|t| t.entry()).collect(),
            goals: GOALS.iter().map(|g| &g.entry).collect(),
            properties: PROPERTIES.iter().map(|p| p.entry()).collect(),
            metrics: METRICS.iter().map(|m| &m.entry).collect(),
            controls: controls::ids(),
        }
    }
}

/// A key of a table in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it takes, in words.
    pub takes: String,
    /// Whether it must be there.
    pub required: bool,
    /// What stands for it where it is not given.
    pub default: Option<String>,
    /// What it means, with unit.
    pub doc: &'static str,
}

/// A word that files may use, and the keys that go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub id: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Keys that go with it.
    pub keys: Vec<Key>,
}

/// What may happen without malice: what an event's `what` can name, each with the keys of its `with`.
#[must_use]
pub fn events() -> Vec<Word> {
    let event = |table: &Table| Word {
        id: table.name,
        doc: table.doc,
        keys: table.parameters.iter().map(Key::from).collect(),
    };
    HappeningSpec::TABLES.iter().map(event).collect()
}

impl From<&Parameter> for Key {
    fn from(parameter: &Parameter) -> Self {
        Self {
            name: parameter.name,
            takes: parameter.takes(),
            required: parameter.required,
            default: parameter.usual(),
            doc: parameter.doc,
        }
    }
}

/// Inside knowledge: what an item of an attacker's `knows` can be. The first of its keys is the word itself where it is a table.
#[must_use]
pub fn knowledge() -> Vec<Word> {
    let word = |&(id, doc): &(&'static str, &'static str)| Word {
        id,
        doc,
        keys: Vec::new(),
    };
    let tables = one_of(&KNOWLEDGE_TABLE, &[("accounts", &["user"])]);
    KNOWLEDGE_WORDS.iter().map(word).chain(tables).collect()
}

/// Where an attacker can be: the keys of `at`, of which a position has exactly one.
#[must_use]
pub fn positions() -> Vec<Word> {
    one_of(&PLACE, &[]).collect()
}

/// Tables that are told apart by one key, each with that key and those that go with it.
fn one_of(
    shape: &'static Shape,
    beside: &'static [(&'static str, &'static [&'static str])],
) -> impl Iterator<Item = Word> {
    shape.one_of.iter().filter_map(move |&id| {
        let field = shape.fields.iter().find(|f| f.key == id)?;
        let beside = beside.iter().find(|b| b.0 == id).map_or(&[][..], |b| b.1);
        let with = shape.fields.iter().filter(|f| beside.contains(&f.key));
        let all: Vec<Field> = std::iter::once(field).chain(with).copied().collect();
        let mut keys = keys(&all);
        for key in &mut keys {
            key.required = key.name == id;
        }
        Some(Word {
            id,
            doc: field.doc,
            keys,
        })
    })
}

/// Flaws of hosts as files describe them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weaknesses {
    /// Keys of a flaw.
    pub keys: Vec<Key>,
    /// Clients whose answers reach a flaw; the other way is a port.
    pub clients: Vec<Word>,
    /// What follows when a flaw is used.
    pub effects: Vec<Word>,
}

/// How files describe flaws of hosts.
#[must_use]
pub fn weaknesses() -> Weaknesses {
    let words = |kind: ParameterKind| {
        let word = |(id, doc)| Word {
            id,
            doc,
            keys: Vec::new(),
        };
        kind.words().map(word).collect()
    };
    Weaknesses {
        keys: WeaknessTable::PARAMETERS.iter().map(Key::from).collect(),
        clients: words(ClientKind::KIND),
        effects: words(EffectWord::KIND),
    }
}

fn keys(fields: &[Field]) -> Vec<Key> {
    let key = |f: &Field| Key {
        name: f.key,
        takes: takes(&f.kind),
        required: f.required,
        default: f.default.map(|d| d.to_string()),
        doc: f.doc,
    };
    fields.iter().map(key).collect()
}

/// What a kind takes, in words.
fn takes(kind: &Kind) -> String {
    match kind {
        Kind::Name(vocabulary) => vocabulary.takes().to_owned(),
        Kind::List(of) => listed(&takes(of)),
        Kind::Listed(of) => listed(&of.to_string()),
        Kind::Word(words) => {
            let words: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
            words.join(", ")
        }
        Kind::Integer(min, max) => format!("whole number from {min} to {max}"),
        Kind::Number(min, max) => format!("number from {min} to {max}"),
        Kind::Bool => "true or false".to_owned(),
        Kind::True => "`true`".to_owned(),
        Kind::Either(kinds) => {
            let all: Vec<String> = kinds.iter().map(takes).collect();
            all.join("; or ")
        }
        Kind::Table(_) | Kind::Parameters(_) => "table".to_owned(),
        Kind::With(owner) => format!("parameters of the {}", owner.noun()),
        Kind::Notes(of) => format!("table: {}, and text", of.takes()),
        other => value::wanted(other).to_owned(),
    }
}

fn listed(of: &str) -> String {
    match of {
        "table" => "list of tables".to_owned(),
        of => format!("list, each: {of}"),
    }
}

/// A table of a kind of file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTable {
    /// Where it stands: the keys that lead to it, empty for the file itself.
    pub path: String,
    /// What it is called, with its article.
    pub name: &'static str,
    /// Its keys.
    pub keys: Vec<Key>,
    /// Keys of which exactly one must be there.
    pub one_of: Vec<&'static str>,
}

/// All tables of a kind of file, each with its keys: the file itself first, then what stands in it, in the order of the keys.
#[must_use]
pub(crate) fn tables_of(shape: &'static Shape) -> Vec<FileTable> {
    let mut all = Vec::new();
    of_fields(
        "",
        shape.name,
        shape.fields.to_vec(),
        shape.one_of,
        &mut all,
    );
    all
}

fn of_fields(
    path: &str,
    name: &'static str,
    fields: Vec<Field>,
    one_of: &[&'static str],
    all: &mut Vec<FileTable>,
) {
    all.push(FileTable {
        path: path.to_owned(),
        name,
        keys: keys(&fields),
        one_of: one_of.to_vec(),
    });
    for field in fields {
        let below = match path {
            "" => field.key.to_owned(),
            path => format!("{path}.{}", field.key),
        };
        of_kind(&below, field.kind, all);
    }
}

fn of_kind(path: &str, kind: Kind, all: &mut Vec<FileTable>) {
    match kind {
        Kind::Table(shape) => of_fields(path, shape.name, shape.fields.to_vec(), shape.one_of, all),
        Kind::Parameters(table) => {
            let fields = fields_of(table.parameters);
            of_fields(path, table.name, fields, one_of_table(table), all);
        }
        Kind::List(of) => of_kind(path, *of, all),
        Kind::Listed(of) => of_kind(path, kind_of(*of), all),
        Kind::Either(kinds) => kinds.iter().for_each(|k| of_kind(path, *k, all)),
        _ => {}
    }
}

/// The identifiers of entries.
pub(crate) fn ids(entries: &[&'static Entry]) -> Vec<String> {
    entries.iter().map(|e| e.id.to_owned()).collect()
}
