//! A field or a part of one.

use super::delimiters::Delimiters;
use super::escape;
use std::borrow::Cow;

/// A field, a repetition, a component or a subcomponent: its bytes, and how to take them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    raw: &'a [u8],
    /// None for what is never taken apart: MSH-1, MSH-2 and what is not there.
    delimiters: Option<Delimiters>,
}

impl<'a> Value<'a> {
    /// A value of a message with these delimiters.
    #[must_use]
    pub const fn new(raw: &'a [u8], delimiters: Delimiters) -> Self {
        Self {
            raw,
            delimiters: Some(delimiters),
        }
    }

    pub(super) const fn literal(raw: &'a [u8]) -> Self {
        Self {
            raw,
            delimiters: None,
        }
    }

    /// Its bytes as they stand, escapes and all.
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether nothing stands there.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Whether it is the explicit null `""`, which asks the receiver to delete what it holds.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.raw, b"\"\"")
    }

    /// Whether it ends with the truncation character: the sender cut it short.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        let mark = self.delimiters.and_then(|d| d.truncation);
        mark.is_some() && self.raw.last().copied() == mark
    }

    /// Its bytes with escapes decoded, borrowed where there are none.
    #[must_use]
    pub fn bytes(&self) -> Cow<'a, [u8]> {
        match &self.delimiters {
            Some(delimiters) => escape::decode(self.raw, delimiters),
            None => Cow::Borrowed(self.raw),
        }
    }

    /// Its text with escapes decoded. Bytes that are not UTF-8 show as U+FFFD; [`Value::bytes`] has them as they are.
    #[must_use]
    pub fn text(&self) -> Cow<'a, str> {
        match self.bytes() {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(e) => String::from_utf8_lossy(e.as_bytes()).into_owned(),
            }),
        }
    }

    fn split(&self, by: Option<u8>) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let delimiters = self.delimiters;
        self.raw
            .split(move |b| Some(*b) == by)
            .map(move |raw| Value { raw, delimiters })
    }

    /// Its repetitions, at least one.
    pub fn repetitions(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        self.split(self.delimiters.and_then(|d| d.repetition))
    }

    /// The components of its first repetition, at least one.
    pub fn components(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        self.first_repetition()
            .split(self.delimiters.map(|d| d.component))
    }

    /// The subcomponents of its first component, at least one.
    pub fn subcomponents(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        self.component(1)
            .split(self.delimiters.and_then(|d| d.subcomponent))
    }

    fn first_repetition(&self) -> Value<'a> {
        let first = self.repetitions().next();
        first.unwrap_or(Value::literal(&[]))
    }

    /// Component `number` of its first repetition, from 1; empty if it is not there.
    #[must_use]
    pub fn component(&self, number: usize) -> Value<'a> {
        let found = number.checked_sub(1).and_then(|n| self.components().nth(n));
        found.unwrap_or(Value::literal(&[]))
    }

    /// Subcomponent `number` of its first component, from 1; empty if it is not there.
    #[must_use]
    pub fn subcomponent(&self, number: usize) -> Value<'a> {
        let found = number
            .checked_sub(1)
            .and_then(|n| self.subcomponents().nth(n));
        found.unwrap_or(Value::literal(&[]))
    }
}
