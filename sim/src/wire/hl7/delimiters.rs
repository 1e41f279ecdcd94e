//! The delimiters of a message, as MSH-1 and MSH-2 state them.

use super::location::{Flaw, Location, ParseError};
use super::segment_id::SegmentId;
use std::fmt;

/// The characters that take a message apart. All differ; all are printable ASCII and neither letters nor digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiters {
    /// Between fields (MSH-1).
    pub field: u8,
    /// Between components.
    pub component: u8,
    /// Between repetitions of a field. A message may do without, as with all that follow.
    pub repetition: Option<u8>,
    /// Around an escape sequence.
    pub escape: Option<u8>,
    /// Between subcomponents.
    pub subcomponent: Option<u8>,
    /// Marks a value that was cut short (since 2.7).
    pub truncation: Option<u8>,
}

/// What a delimiter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Between fields.
    Field,
    /// Between components.
    Component,
    /// Between repetitions.
    Repetition,
    /// Around escape sequences.
    Escape,
    /// Between subcomponents.
    Subcomponent,
    /// After a value that was cut short.
    Truncation,
}

/// Why a byte cannot be a delimiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadDelimiter {
    /// A letter or a digit, which values and escape sequences are made of.
    Alphanumeric,
    /// White space, a control character or no ASCII.
    NotPrintable,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Field => "the field separator",
            Self::Component => "the component separator",
            Self::Repetition => "the repetition separator",
            Self::Escape => "the escape character",
            Self::Subcomponent => "the subcomponent separator",
            Self::Truncation => "the truncation character",
        })
    }
}

impl fmt::Display for BadDelimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alphanumeric => "letters and digits make up values, choose punctuation",
            Self::NotPrintable => "not a printable ASCII character, choose punctuation",
        })
    }
}

impl Default for Delimiters {
    fn default() -> Self {
        Self::STANDARD
    }
}

impl Delimiters {
    /// `|^~\&`, as nearly everybody writes.
    pub const STANDARD: Self = Self {
        field: b'|',
        component: b'^',
        repetition: Some(b'~'),
        escape: Some(b'\\'),
        subcomponent: Some(b'&'),
        truncation: None,
    };

    /// Field separator and encoding characters from text such as `|^~\&`.
    ///
    /// # Errors
    /// The first character that cannot be what its place makes it; the offset counts from the start of `text`.
    pub fn new(text: &str) -> Result<Self, ParseError> {
        let (field, rest) = text.as_bytes().split_first().ok_or(ParseError {
            flaw: Flaw::NoDelimiters,
            at: Location::byte(0),
        })?;
        Self::from_bytes(*field, rest, 1)
    }

    /// Delimiters from MSH-1 and MSH-2, which stands at byte `at` of the message.
    pub(super) fn from_bytes(field: u8, encoding: &[u8], at: usize) -> Result<Self, ParseError> {
        const ROLES: [Role; 5] = [
            Role::Component,
            Role::Repetition,
            Role::Escape,
            Role::Subcomponent,
            Role::Truncation,
        ];
        let place = |offset: usize, field: usize| Location {
            segment: Some(1),
            name: Some(SegmentId::MSH),
            occurrence: Some(1),
            field: Some(field),
            ..Location::byte(offset)
        };
        let error = |flaw: Flaw, at: Location| ParseError { flaw, at };
        if let Some(why) = unfit(field) {
            let (byte, role) = (field, Role::Field);
            let flaw = Flaw::Delimiter { byte, role, why };
            return Err(error(flaw, place(at.saturating_sub(1), 1)));
        }
        let Some(&component) = encoding.first() else {
            return Err(error(Flaw::NoDelimiters, place(at, 2)));
        };
        if encoding.len() > ROLES.len() {
            let found = encoding.len();
            return Err(error(Flaw::TooManyDelimiters { found }, place(at, 2)));
        }
        for (n, (&byte, &role)) in encoding.iter().zip(&ROLES).enumerate() {
            let here = place(at + n, 2);
            if let Some(why) = unfit(byte) {
                return Err(error(Flaw::Delimiter { byte, role, why }, here));
            }
            let earlier = encoding.iter().zip(&ROLES).take(n);
            let mut earlier = std::iter::once((&field, &Role::Field)).chain(earlier);
            if let Some((_, &first)) = earlier.find(|(b, _)| **b == byte) {
                let second = role;
                let flaw = Flaw::DelimiterTwice {
                    byte,
                    first,
                    second,
                };
                return Err(error(flaw, here));
            }
        }
        let at = |n: usize| encoding.get(n).copied();
        Ok(Self {
            field,
            component,
            repetition: at(1),
            escape: at(2),
            subcomponent: at(3),
            truncation: at(4),
        })
    }

    /// The encoding characters as MSH-2 holds them, in order.
    pub fn encoding(&self) -> impl Iterator<Item = u8> {
        let rest = [
            self.repetition,
            self.escape,
            self.subcomponent,
            self.truncation,
        ];
        std::iter::once(self.component).chain(rest.into_iter().map_while(|d| d))
    }
}

fn unfit(byte: u8) -> Option<BadDelimiter> {
    if byte.is_ascii_alphanumeric() {
        Some(BadDelimiter::Alphanumeric)
    } else if !byte.is_ascii_graphic() {
        Some(BadDelimiter::NotPrintable)
    } else {
        None
    }
}
