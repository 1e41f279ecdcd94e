//! What is known of every kind of thing that a file can name: one vocabulary for lists, schema, checks and docs.

mod value;
mod vocabulary;

pub use value::ParamValue;
pub use vocabulary::Vocabulary;

use std::fmt;

/// Words that a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The words.
    pub words: &'static [&'static str],
    /// What each means.
    pub docs: &'static [&'static str],
}

/// The kind of value that a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParameterKind {
    /// The name of something.
    Name(Vocabulary),
    /// Any text that is not empty.
    Text,
    /// An account, as `user:password`.
    Account,
    /// An address, such as `10.0.10.13`.
    Address,
    /// Addresses with blanks or commas between them.
    Addresses,
    /// A subnet, such as `10.0.40.0/24`.
    Prefix,
    /// Subnets with blanks or commas between them.
    Prefixes,
    /// A port.
    Port,
    /// Ports with blanks or commas between them.
    Ports,
    /// One of a few words.
    Word(&'static Words),
    /// Whole number from the first to the second.
    Integer(i64, i64),
    /// Number from the first to the second.
    Number(f64, f64),
    /// A factor such as `x10`, from the first to the second.
    Factor(f64, f64),
    /// Time, for example `10m`.
    Duration,
    /// Time of at least a millisecond: what repeats without a pause would never end.
    Interval,
    /// Yes or no.
    Bool,
    /// Only yes: the key is there or it is not.
    Marker,
    /// A position on the floor, `[x, y]` in metres.
    Position,
    /// A subnet with at least four addresses, as a lab has them, such as `10.0.20.0/24`.
    Subnet,
    /// A list.
    List(&'static ParameterKind),
    /// Nested parameters.
    Table(&'static Table),
}

impl ParameterKind {
    /// The same kind with a narrower range; kinds without a range stay as they are.
    #[must_use]
    pub const fn within(self, from: f64, to: f64) -> Self {
        match self {
            Self::Integer(..) => Self::Integer(from as i64, to as i64),
            Self::Number(..) => Self::Number(from, to),
            Self::Factor(..) => Self::Factor(from, to),
            other => other,
        }
    }

    /// Another kind for the same value; of a list, for its items.
    #[must_use]
    pub const fn of(self, kind: &'static Self) -> Self {
        match self {
            Self::List(_) => Self::List(kind),
            _ => *kind,
        }
    }

    /// Its words and what each means, where it takes words.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let words = match *self {
            Self::Word(words) => Some(words),
            _ => None,
        };
        words
            .into_iter()
            .flat_map(|w| w.words.iter().copied().zip(w.docs.iter().copied()))
    }

    /// The name of the kind, for programs that read lists.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Name(vocabulary) => vocabulary.id(),
            Self::Text => "text",
            Self::Account => "account",
            Self::Address => "address",
            Self::Addresses => "addresses",
            Self::Prefix => "prefix",
            Self::Prefixes => "prefixes",
            Self::Port => "port",
            Self::Ports => "ports",
            Self::Word(_) => "word",
            Self::Integer(..) => "integer",
            Self::Number(..) => "number",
            Self::Factor(..) => "factor",
            Self::Duration => "duration",
            Self::Interval => "interval",
            Self::Bool => "bool",
            Self::Marker => "marker",
            Self::Position => "position",
            Self::Subnet => "subnet",
            Self::List(_) => "list",
            Self::Table(_) => "table",
        }
    }
}

/// What the kind takes, in words.
impl fmt::Display for ParameterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name(vocabulary) => vocabulary.takes(),
            Self::Text => "text",
            Self::Account => "account, as `user:password`",
            Self::Address => "address, such as `10.0.10.13`",
            Self::Addresses => "addresses, separated by blanks",
            Self::Prefix => "subnet, such as `10.0.40.0/24`",
            Self::Prefixes => "subnets, separated by commas",
            Self::Port => "port from 1 to 65535",
            Self::Ports => "ports, separated by commas",
            Self::Duration => "time, such as `10m`",
            Self::Interval => "time of at least 1 ms, such as `10m`",
            Self::Bool => "true or false",
            Self::Marker => "true",
            Self::Position => "position in metres, such as `[12.0, 4.5]`",
            Self::Subnet => "subnet, such as `10.0.20.0/24`",
            Self::Table(_) => "table",
            Self::List(of) => return write!(f, "list, each: {of}"),
            Self::Word(words) => {
                let all: Vec<String> = words.words.iter().map(|w| format!("`{w}`")).collect();
                return f.write_str(&all.join(", "));
            }
            Self::Integer(from, to) => {
                return write!(f, "whole number from {from} to {to}");
            }
            Self::Number(from, to) => return write!(f, "number from {from} to {to}"),
            Self::Factor(from, to) => return write!(f, "factor from `x{from}` to `x{to}`"),
        })
    }
}

/// A value that stands for one that is not given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Literal {
    /// Yes or no.
    Bool(bool),
    /// Whole number.
    Integer(i64),
    /// Number.
    Number(f64),
    /// Text.
    Text(&'static str),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(b) => b.fmt(f),
            Self::Integer(n) => n.fmt(f),
            Self::Number(n) if n.abs() >= 1e9 => write!(f, "{n:e}"),
            Self::Number(n) => n.fmt(f),
            Self::Text(t) => f.write_str(t),
        }
    }
}

/// A default that depends on another parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DefaultWith {
    /// The other.
    pub of: &'static str,
    /// Its word; none: that it is given is enough.
    pub word: Option<&'static str>,
    /// The default then.
    pub value: Literal,
}

impl DefaultWith {
    /// Whether it is the default here.
    #[must_use]
    pub fn holds(&self, given: &dyn GivenParameters) -> bool {
        match self.word {
            Some(word) => given.word(self.of) == Some(word),
            None => given.has(self.of),
        }
    }
}

impl fmt::Display for DefaultWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, word, value } = self;
        match word {
            Some(word) => write!(f, "{value} where `{of}` is `{word}`"),
            None => write!(f, "{value} with `{of}`"),
        }
    }
}

/// One parameter of a catalogue entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Key in the file.
    pub name: &'static str,
    /// Kind of value.
    pub kind: ParameterKind,
    /// Whether it must be given.
    pub required: bool,
    /// What stands for it where it is not given.
    pub default: Option<Literal>,
    /// Defaults that depend on another parameter; the first that holds stands for it.
    pub defaults: &'static [DefaultWith],
    /// Whether something other than the table may give it, such as a profile.
    pub elsewhere: bool,
    /// Unit of its number.
    pub unit: Option<&'static str>,
    /// Of a port: the parameter that names the host on which somebody must listen there.
    pub port_of: Option<&'static str>,
    /// What it means.
    pub doc: &'static str,
}

impl Parameter {
    /// No parameter of anything.
    pub const NONE: Self = Self {
        name: "",
        kind: ParameterKind::Marker,
        required: false,
        default: None,
        defaults: &[],
        elsewhere: false,
        unit: None,
        port_of: None,
        doc: "",
    };

    /// What it takes, in words, with its unit.
    #[must_use]
    pub fn takes(&self) -> String {
        match self.unit {
            Some(unit) => format!("{}, in {unit}", self.kind).replace(", in per ", " per "),
            None => self.kind.to_string(),
        }
    }

    /// What stands for it where it is not given, in words.
    #[must_use]
    pub fn usual(&self) -> Option<String> {
        let with: Vec<String> = self.defaults.iter().map(ToString::to_string).collect();
        match self.default {
            Some(default) => Some(default.to_string()),
            None => (!with.is_empty()).then(|| with.join(", ")),
        }
    }

    /// Its words and what each means, where it takes words.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.kind.words()
    }
}

/// A table of parameters: what a key of a file holds, or what a word stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Table {
    /// What it is called: an id, or in messages, with its article, "an infusion".
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Parameters.
    pub parameters: &'static [Parameter],
    /// What binds them to each other.
    pub relations: &'static [Relation],
}

/// Lists one after the other. `N` is their length together; `any` is any value, which is not in the result.
#[must_use]
pub const fn joined<T: Copy, const N: usize>(any: T, lists: &[&[T]]) -> [T; N] {
    let mut all = [any; N];
    let (mut to, mut list) = (0, 0);
    while list < lists.len() {
        let mut from = 0;
        while from < lists[list].len() {
            all[to] = lists[list][from];
            (to, from) = (to + 1, from + 1);
        }
        list += 1;
    }
    assert!(to == N, "N is the length of the lists together");
    all
}

/// What binds parameters to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// A parameter makes sense only if others are given too.
    Needs {
        /// The parameter.
        parameter: &'static str,
        /// The others.
        needs: &'static [&'static str],
    },
    /// A parameter makes sense only with some words of another.
    OnlyWith {
        /// The parameter.
        parameter: &'static str,
        /// The other.
        of: &'static str,
        /// Its words.
        words: &'static [&'static str],
    },
    /// With some words of another, a parameter must be given.
    NeededWith {
        /// The parameter.
        parameter: &'static str,
        /// The other.
        of: &'static str,
        /// Its words.
        words: &'static [&'static str],
    },
    /// Exactly one of these is given.
    OneOf(&'static [&'static str]),
}

/// What is given, as a relation looks at it.
pub trait GivenParameters {
    /// Whether a parameter is given.
    fn has(&self, parameter: &str) -> bool;
    /// The text of a parameter.
    fn word(&self, parameter: &str) -> Option<&str>;
}

/// A relation that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The parameter that is given and should not be; none where one is missing.
    pub given: Option<&'static str>,
    /// What is missing; none where something is too much.
    pub missing: Option<&'static str>,
    /// What is wrong.
    pub message: String,
}

fn listed(names: &[&str], last: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.split_last() {
        Some((one, before)) if !before.is_empty() => {
            format!("{} {last} {one}", before.join(", "))
        }
        _ => quoted.concat(),
    }
}

impl Relation {
    /// A relation that binds nothing.
    pub const NONE: Self = Self::Needs {
        parameter: "",
        needs: &[],
    };

    /// Whether a parameter is one of those that it binds.
    #[must_use]
    pub fn binds(&self, name: &str) -> bool {
        match *self {
            Self::Needs { parameter, needs } => parameter == name || needs.contains(&name),
            Self::OnlyWith { parameter, of, .. } | Self::NeededWith { parameter, of, .. } => {
                parameter == name || of == name
            }
            Self::OneOf(keys) => keys.contains(&name),
        }
    }

    /// What is wrong, if the relation does not hold.
    #[must_use]
    pub fn broken(&self, given: &dyn GivenParameters) -> Option<Broken> {
        match *self {
            Self::Needs { parameter, needs } if given.has(parameter) => {
                let missing = needs.iter().find(|n| !given.has(n))?;
                Some(Broken {
                    given: Some(parameter),
                    missing: Some(missing),
                    message: format!("`{parameter}` needs {}", listed(needs, "and")),
                })
            }
            Self::OnlyWith {
                parameter,
                of,
                words,
            } if given.has(parameter) => {
                let right = given.word(of).is_some_and(|w| words.contains(&w));
                (!right).then(|| Broken {
                    given: Some(parameter),
                    missing: None,
                    message: format!(
                        "`{parameter}` makes sense only where `{of}` is {}",
                        listed(words, "or")
                    ),
                })
            }
            Self::NeededWith {
                parameter,
                of,
                words,
            } => {
                let word = given.word(of).filter(|w| words.contains(w))?;
                (!given.has(parameter)).then(|| Broken {
                    given: None,
                    missing: Some(parameter),
                    message: format!("`{of} = \"{word}\"` needs `{parameter}`"),
                })
            }
            Self::OneOf(keys) => {
                let mut there = keys.iter().copied().filter(|k| given.has(k));
                match (there.next(), there.next()) {
                    (Some(_), None) => None,
                    (None, _) => Some(Broken {
                        given: None,
                        missing: keys.first().copied(),
                        message: format!("one of {} is needed", listed(keys, "and")),
                    }),
                    (Some(_), Some(second)) => Some(Broken {
                        given: Some(second),
                        missing: None,
                        message: format!("only one of {} can be given", listed(keys, "and")),
                    }),
                }
            }
            Self::Needs { .. } | Self::OnlyWith { .. } => None,
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Needs { parameter, needs } => {
                write!(f, "`{parameter}` needs {}", listed(needs, "and"))
            }
            Self::OnlyWith {
                parameter,
                of,
                words,
            } => {
                write!(
                    f,
                    "`{parameter}` only where `{of}` is {}",
                    listed(words, "or")
                )
            }
            Self::NeededWith {
                parameter,
                of,
                words,
            } => {
                write!(
                    f,
                    "`{parameter}` is needed where `{of}` is {}",
                    listed(words, "or")
                )
            }
            Self::OneOf(keys) => write!(f, "exactly one of {}", listed(keys, "and")),
        }
    }
}

/// One thing that a file can name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Identifier, kebab-case; the file's name with dashes.
    pub id: &'static str,
    /// Title, one line.
    pub title: &'static str,
    /// What it is and how it works, one paragraph.
    pub summary: &'static str,
    /// Parameters.
    pub parameters: &'static [Parameter],
    /// What binds them to each other.
    pub relations: &'static [Relation],
    /// ATT&CK ids, sections, standards.
    pub references: &'static [&'static str],
}

impl Entry {
    /// An entry without parameters and references.
    #[must_use]
    pub const fn plain(id: &'static str, title: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            title,
            summary,
            parameters: &[],
            relations: &[],
            references: &[],
        }
    }
}
