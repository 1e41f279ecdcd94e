//! What is known of every kind of thing that a file can name: one vocabulary for lists, schema, checks and docs.

/// The kind of value that a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// Name of a host of the lab.
    Host,
    /// Name of a wireless network.
    Network,
    /// Any text.
    Text,
    /// Whole number.
    Integer,
    /// Number.
    Number,
    /// Time, for example `10m`.
    Duration,
    /// A factor such as `x10`.
    Factor,
    /// Nested parameters.
    Table(&'static [Parameter]),
}

/// One parameter of a catalogue entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Key in the file.
    pub name: &'static str,
    /// Kind of value.
    pub kind: ParameterKind,
    /// Whether it must be given.
    pub required: bool,
    /// What it means, with unit.
    pub doc: &'static str,
}

/// One thing that a file can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Identifier, kebab-case; the file's name with dashes.
    pub id: &'static str,
    /// Title, one line.
    pub title: &'static str,
    /// What it is and how it works, one paragraph.
    pub summary: &'static str,
    /// Parameters.
    pub parameters: &'static [Parameter],
    /// ATT&CK ids, sections, standards.
    pub references: &'static [&'static str],
}
