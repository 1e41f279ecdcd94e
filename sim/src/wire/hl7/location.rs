//! Where in a message something stands, and why a message is refused.

use super::delimiters::{BadDelimiter, Role};
use super::segment_id::SegmentId;
use std::fmt;

/// A place in a message. What is not known is left out; numbers count from 1, as HL7 counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// Bytes from the first byte of the message.
    pub offset: usize,
    /// Which segment of the message.
    pub segment: Option<usize>,
    /// Name of that segment.
    pub name: Option<SegmentId>,
    /// Which of the segments of that name.
    pub occurrence: Option<usize>,
    /// Which field.
    pub field: Option<usize>,
    /// Which component of the field's first repetition.
    pub component: Option<usize>,
}

impl Location {
    /// A place of which only the offset is known.
    #[must_use]
    pub const fn byte(offset: usize) -> Self {
        Self {
            offset,
            segment: None,
            name: None,
            occurrence: None,
            field: None,
            component: None,
        }
    }

    /// The place as ERR-2 states it: segment, sequence, field, repetition, component. Empty where the segment has no name.
    #[must_use]
    pub fn erl(&self) -> [String; 5] {
        let part = |n: Option<usize>| n.map(|n| n.to_string()).unwrap_or_default();
        let Some(name) = self.name else {
            return Default::default();
        };
        let repetition = self.component.map(|_| 1);
        [
            name.to_string(),
            part(self.occurrence),
            part(self.field),
            part(repetition),
            part(self.component),
        ]
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}", self.offset)?;
        if let Some(segment) = self.segment {
            write!(f, ", segment {segment}")?;
        }
        let Some(name) = self.name else {
            return Ok(());
        };
        write!(f, " ({name}")?;
        if let Some(field) = self.field {
            write!(f, "-{field}")?;
        }
        if let Some(component) = self.component {
            write!(f, ".{component}")?;
        }
        f.write_str(")")
    }
}

/// A message that cannot be read as HL7 v2: what is wrong, where, and how to mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{flaw} (at {at})")]
pub struct ParseError {
    /// What is wrong.
    pub flaw: Flaw,
    /// Where.
    pub at: Location,
}

/// What keeps bytes from being an HL7 v2 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// There is nothing.
    Empty,
    /// More bytes than the limit allows.
    TooLong {
        /// Bytes that are there.
        bytes: usize,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// Something else than MSH stands first.
    NoHeader {
        /// Where the letters MSH stand later, if they do, bytes from the start.
        header_at: Option<usize>,
    },
    /// The message ends before MSH-2, or MSH-2 is empty.
    NoDelimiters,
    /// MSH-2 holds more characters than HL7 has delimiters.
    TooManyDelimiters {
        /// Characters that are there.
        found: usize,
    },
    /// A byte that cannot be a delimiter.
    Delimiter {
        /// The byte.
        byte: u8,
        /// What it was to be.
        role: Role,
        /// Why not.
        why: BadDelimiter,
    },
    /// A character that stands for two delimiters.
    DelimiterTwice {
        /// The character.
        byte: u8,
        /// What it is first.
        first: Role,
        /// What it was to be as well.
        second: Role,
    },
    /// A line that does not begin with the name of a segment.
    SegmentName,
    /// The name of a segment is not followed by the field separator.
    NoSeparator {
        /// What follows it.
        found: u8,
    },
    /// A second MSH.
    SecondHeader,
    /// A segment of a file's or a batch's envelope.
    Envelope,
    /// More segments than the limit allows.
    TooManySegments {
        /// Segments that are allowed.
        limit: usize,
    },
    /// More fields in one segment than the limit allows.
    TooManyFields {
        /// Fields that are allowed.
        limit: usize,
    },
}

fn shown(byte: u8) -> String {
    if byte.is_ascii_graphic() {
        format!("`{}`", char::from(byte))
    } else {
        format!("byte 0x{byte:02X}")
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("nothing there: a message begins with MSH"),
            Self::TooLong { bytes, limit } => {
                write!(f, "{bytes} bytes, at most {limit}: split the message or raise the limit of bytes")
            }
            Self::NoHeader { header_at: None } => f.write_str("no MSH: a message begins with an MSH segment"),
            Self::NoHeader { header_at: Some(at) } => {
                write!(f, "MSH stands at byte {at} only: take away what stands before it, or split the file")
            }
            Self::NoDelimiters => f.write_str("MSH-2 is missing: write the encoding characters, usually `^~\\&`, after the field separator"),
            Self::TooManyDelimiters { found } => {
                write!(f, "MSH-2 has {found} characters, at most 5: component, repetition, escape, subcomponent, truncation")
            }
            Self::Delimiter { byte, role, why } => write!(f, "{} as {role}: {why}", shown(*byte)),
            Self::DelimiterTwice { byte, first, second } => {
                write!(f, "{} is {first} and {second}: give each delimiter its own character", shown(*byte))?;
                if *byte == b'\\' {
                    f.write_str("; a doubled backslash often comes from a program text, where `^~\\&` was meant")?;
                }
                Ok(())
            }
            Self::SegmentName => f.write_str("no segment begins here: a segment begins with a capital letter and two letters or digits; escape line ends inside a value"),
            Self::NoSeparator { found } => {
                write!(f, "{} after the segment's name: write the field separator of MSH-1", shown(*found))
            }
            Self::SecondHeader => f.write_str("a second MSH: these are several messages, split them first"),
            Self::Envelope => f.write_str("a segment of a batch's envelope inside a message: split the file first"),
            Self::TooManySegments { limit } => write!(f, "more than {limit} segments: split the message or raise the limit of segments"),
            Self::TooManyFields { limit } => write!(f, "more than {limit} fields: shorten the segment or raise the limit of fields"),
        }
    }
}
