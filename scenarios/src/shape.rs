//! The shapes of files as data: one table per kind of table. The checker reads files by them and the JSON Schema is
//! written from them, so neither can know a key that the other does not.

pub(crate) use pumplab_sim::catalog::Vocabulary;
use pumplab_sim::catalog::{self, Entry, Literal, Parameter, ParameterKind};

/// The shape of a TOML table.
#[derive(Debug)]
pub(crate) struct Shape {
    /// What it is, for messages: "an attacker".
    pub(crate) name: &'static str,
    /// Keys.
    pub(crate) fields: &'static [Field],
    /// Keys of which exactly one must be there.
    pub(crate) one_of: &'static [&'static str],
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    /// What stands for it where it is not given; only parameters say so in their rows.
    pub(crate) default: Option<Literal>,
    pub(crate) doc: &'static str,
}

/// A key that must be there.
pub(crate) const fn need(key: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field {
        key,
        kind,
        required: true,
        default: None,
        doc,
    }
}

/// A key that may be there.
pub(crate) const fn may(key: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field {
        key,
        kind,
        required: false,
        default: None,
        doc,
    }
}

/// The words alone, of words with their meaning.
pub(crate) const fn words<const N: usize>(
    all: &[(&'static str, &'static str); N],
) -> [&'static str; N] {
    let mut words = [""; N];
    let mut i = 0;
    while i < N {
        words[i] = all[i].0;
        i += 1;
    }
    words
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Any text that is not empty.
    Text,
    /// The name of something.
    Name(Vocabulary),
    /// One of a few words.
    Word(&'static [&'static str]),
    /// Whole number in a range.
    Integer(i64, i64),
    /// Number in a range.
    Number(f64, f64),
    /// Yes or no.
    Bool,
    /// Only yes: a marker.
    True,
    /// Text such as `90s`, shorter than the longest run.
    Duration,
    /// The same, and at least a millisecond: what repeats without a pause would never end.
    Interval,
    /// Text such as `x10`, in a range.
    Factor(f64, f64),
    /// Text that the simulator reads: an account, addresses, ports.
    Written(ParameterKind),
    /// `[x, y]` in metres.
    Position,
    /// Text such as `10.0.20.0/24`.
    Cidr,
    /// A TOML date and time with offset.
    Calendar,
    /// A list.
    List(&'static Kind),
    /// A list of what the simulator reads.
    Listed(&'static ParameterKind),
    /// A table.
    Table(&'static Shape),
    /// A bound of the metric that another key of the same table names: a number in its unit, or a time where it is one.
    Bound(&'static str),
    /// Whichever of these fits the TOML type.
    Either(&'static [Kind]),
    /// Parameters of what another key of the same table names.
    With(Owner),
    /// Nested parameters.
    Parameters(&'static catalog::Table),
    /// A table with any of these words as keys and text as values.
    Notes(Vocabulary),
}

/// Who owns a table of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The technique named by `use`.
    Technique,
    /// The event named by `what`.
    Event,
    /// The goal named by `goal`.
    Goal,
}

impl Owner {
    /// The key that names the owner.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Technique => "use",
            Self::Event => "what",
            Self::Goal => "goal",
        }
    }

    /// What it is called in messages.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Technique => "technique",
            Self::Event => "event",
            Self::Goal => "goal",
        }
    }
}

/// Whether the words of a vocabulary may stand in a schema: those that do not depend on a lab.
pub(crate) const fn is_fixed(vocabulary: Vocabulary) -> bool {
    use Vocabulary::{Control, Event, Goal, Metric, Property, Technique};
    matches!(
        vocabulary,
        Control | Technique | Goal | Property | Metric | Event
    )
}

/// What a parameter of a catalogue entry takes.
pub(crate) const fn kind_of(kind: ParameterKind) -> Kind {
    match kind {
        ParameterKind::Name(vocabulary) => Kind::Name(vocabulary),
        ParameterKind::Text => Kind::Text,
        ParameterKind::Port => Kind::Integer(1, 65_535),
        ParameterKind::Word(words) => Kind::Word(words.words),
        ParameterKind::Integer(from, to) => Kind::Integer(from, to),
        ParameterKind::Number(from, to) => Kind::Number(from, to),
        ParameterKind::Factor(from, to) => Kind::Factor(from, to),
        ParameterKind::Duration => Kind::Duration,
        ParameterKind::Interval => Kind::Interval,
        ParameterKind::Bool => Kind::Bool,
        ParameterKind::Marker => Kind::True,
        ParameterKind::Position => Kind::Position,
        ParameterKind::Subnet => Kind::Cidr,
        ParameterKind::List(of) => Kind::Listed(of),
        ParameterKind::Table(nested) => Kind::Parameters(nested),
        ParameterKind::Account
        | ParameterKind::Address
        | ParameterKind::Addresses
        | ParameterKind::Prefix
        | ParameterKind::Prefixes
        | ParameterKind::Ports => Kind::Written(kind),
    }
}

/// A parameter as a key.
pub(crate) const fn field_of(parameter: &Parameter) -> Field {
    Field {
        key: parameter.name,
        kind: kind_of(parameter.kind),
        required: parameter.required,
        default: parameter.default,
        doc: parameter.doc,
    }
}

/// Lists of parameters as keys, one after the other. `N` is their length together.
pub(crate) const fn fields<const N: usize>(lists: &[&[Parameter]]) -> [Field; N] {
    let mut all = [field_of(&Parameter::NONE); N];
    let (mut to, mut list) = (0, 0);
    while list < lists.len() {
        let mut from = 0;
        while from < lists[list].len() {
            all[to] = field_of(&lists[list][from]);
            (to, from) = (to + 1, from + 1);
        }
        list += 1;
    }
    assert!(to == N, "N is the length of the lists together");
    all
}

/// The shape of a table with the keys of some lists of parameters.
macro_rules! shape {
    ($name:expr; $($rows:expr),+) => {
        $crate::shape::Shape {
            name: $name,
            fields: &$crate::shape::fields::<{ 0 $(+ ($rows).len())+ }>(&[$($rows),+]),
            one_of: &[],
        }
    };
}
pub(crate) use shape;

/// The parameter of this name, which must be there.
pub(crate) const fn row(rows: &[Parameter], name: &str, required: bool) -> Parameter {
    let mut i = 0;
    while i < rows.len() {
        if same(rows[i].name, name) {
            return Parameter {
                required,
                ..rows[i]
            };
        }
        i += 1;
    }
    panic!("there is no such parameter")
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Of a table of parameters: the keys of which exactly one must be there.
pub(crate) fn one_of(table: &catalog::Table) -> &'static [&'static str] {
    let mut groups = table.relations.iter().filter_map(|r| match r {
        catalog::Relation::OneOf(keys) => Some(*keys),
        _ => None,
    });
    groups.next().unwrap_or(&[])
}

/// The parameters of an entry as keys.
pub(crate) fn fields_of(parameters: &[Parameter]) -> Vec<Field> {
    parameters.iter().map(field_of).collect()
}

/// The entry of this id.
pub(crate) fn entry<'a>(entries: &'a [&'static Entry], id: &str) -> Option<&'a &'static Entry> {
    entries.iter().find(|e| e.id == id)
}
