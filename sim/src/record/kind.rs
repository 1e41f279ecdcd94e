//! What is known of each kind of record.

use super::Names;
use crate::engine::NodeId;
use crate::spec::{ItemId, Removed};
use serde::Serialize;

/// What a record says about something that was tried, expected or sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Somebody or something refused it: an attacker's step may have failed by it.
    Refusal,
    /// It got no further, though nobody refused it.
    Stop,
    /// It did not come in time.
    Absence,
    /// Somebody began to look for what may not be found.
    Search,
    /// An attacker notes it: nobody else can notice it.
    Note,
    /// It happened.
    Plain,
}

impl Class {
    /// Whether something got no further.
    #[must_use]
    pub const fn stops(self) -> bool {
        matches!(self, Self::Refusal | Self::Stop)
    }

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::Stop => "stop",
            Self::Absence => "absence",
            Self::Search => "search",
            Self::Note => "note",
            Self::Plain => "plain",
        }
    }
}

/// How much a record tells in a short explanation, the least first. No judgement rests on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Telling {
    /// Of the way that something took, rather than of what was decided on it.
    Passing,
    /// Every run has it: machines start, join, get addresses and sessions.
    Routine,
    /// Little by itself.
    Slight,
    /// What happened.
    Fact,
}

/// What a control may have taken away, so that nothing is left to decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Removal {
    /// This.
    Named(Removed),
    /// Any file of the node.
    AnyFile,
}

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its family.
    pub family: &'static str,
    /// Its name, as in the field `record` of its JSON.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Its class.
    pub class: Class,
    /// The condition over its fields under which it has this class, if not always; it is plain otherwise.
    pub when: Option<&'static str>,
    /// How much it tells in a short explanation.
    pub telling: Telling,
    /// Its sentence, with fields and what is made of them in braces.
    pub says: &'static str,
    /// Its fields.
    pub fields: &'static [KindField],
}

/// A field of a kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindField {
    /// Its name.
    pub name: &'static str,
    /// Its type in Rust.
    pub ty: &'static str,
    /// Its unit, where it has one.
    pub unit: Option<&'static str>,
    /// What it means.
    pub meaning: &'static str,
}

/// A family of records; derived.
pub trait Family {
    /// Its name.
    const NAME: &'static str;
    /// What its records tell.
    const MEANING: &'static str;
    /// Its kinds.
    const KINDS: &'static [Kind];

    /// The kind of this record.
    fn kind(&self) -> &'static Kind;
    /// The class of this record.
    fn class(&self) -> Class;
    /// The configuration item that decided.
    fn item(&self) -> Option<ItemId>;
    /// What may have been taken away by a control, where no item decided.
    fn removal(&self) -> Option<Removal>;
    /// The record in words.
    fn says(&self, names: &dyn Names, node: NodeId) -> String;
}
