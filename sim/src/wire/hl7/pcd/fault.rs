//! What is missing or wrong in a message that parses, and the reading that finds it.

use super::term::{OBX, Term, Unit};
use crate::wire::hl7::{Location, Message, Segment, SegmentId, Value};
use std::fmt;

/// How many faults of a message are told. More would make the answer longer than the question.
pub const MAX_FAULTS: usize = 16;
/// How many characters of a wrong value are repeated.
const SHOWN: usize = 40;

/// Something that a message of its kind must have and has not, or has wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// What the place is for, for example `rate`.
    pub what: &'static str,
    /// Where.
    pub at: Location,
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The segment is not there.
    NoSegment(SegmentId),
    /// There is more than one segment of that name where the lab reads one.
    Several(SegmentId),
    /// No OBX has this term.
    NoTerm(&'static str),
    /// The field or component is empty.
    Empty,
    /// Not a number as HL7 writes numbers, or beyond what the place allows.
    NotANumber(String),
    /// Not one of the values that the lab knows for this place.
    Unknown(String),
    /// Names something that the lab does not have: its patients and orders are numbers.
    NoSuchKey(String),
    /// No text in UTF-8.
    NotText,
    /// Longer than so many bytes.
    TooLong(usize),
    /// The lab does not read messages of this kind.
    Message(String),
    /// The lab does not read messages of this version.
    Version(String),
}

impl Fault {
    /// Code and text of HL7 table 0357 (published), as ERR-3 states them.
    #[must_use]
    pub const fn condition(&self) -> (u16, &'static str) {
        match self.kind {
            FaultKind::NoSegment(_) | FaultKind::Several(_) => (100, "Segment sequence error"),
            FaultKind::NoTerm(_) | FaultKind::Empty => (101, "Required field missing"),
            FaultKind::NotANumber(_) | FaultKind::NotText | FaultKind::TooLong(_) => {
                (102, "Data type error")
            }
            FaultKind::Unknown(_) => (103, "Table value not found"),
            FaultKind::Message(_) => (200, "Unsupported message type"),
            FaultKind::Version(_) => (203, "Unsupported version id"),
            FaultKind::NoSuchKey(_) => (204, "Unknown key identifier"),
        }
    }

    /// Whether the message is rejected for what it is (AR), rather than in error for what it holds (AE).
    #[must_use]
    pub const fn rejects(&self) -> bool {
        matches!(self.kind, FaultKind::Message(_) | FaultKind::Version(_))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what;
        match &self.kind {
            FaultKind::NoSegment(name) => write!(f, "no {name}: it holds the {what}"),
            FaultKind::Several(name) => {
                write!(f, "several {name}: send one message for each {what}")
            }
            FaultKind::NoTerm(term) => write!(f, "no OBX with {term}: it holds the {what}"),
            FaultKind::Empty => write!(f, "no {what}: fill it in"),
            FaultKind::NotANumber(text) => write!(
                f,
                "{what} `{text}`: write digits with at most one decimal point, in range"
            ),
            FaultKind::Unknown(text) => write!(f, "{what} `{text}` is not known here"),
            FaultKind::NoSuchKey(text) => write!(f, "no {what} `{text}` here: the lab counts them"),
            FaultKind::NotText => write!(f, "{what} is not UTF-8"),
            FaultKind::TooLong(most) => write!(f, "{what} is longer than {most} bytes"),
            FaultKind::Message(text) => {
                write!(
                    f,
                    "message {text}: this end reads RGV^O15, ORU^R01, ORU^R40, RRG^O16 and ACK"
                )
            }
            FaultKind::Version(text) => write!(f, "version `{text}`: this end reads version 2"),
        }?;
        write!(f, " (at {})", self.at)
    }
}

impl std::error::Error for Fault {}

/// Reads fields and gathers what is wrong with them.
pub(super) struct Reader<'m, 'a> {
    pub(super) message: &'m Message<'a>,
    faults: Vec<Fault>,
}

/// A field or component of a segment, and what it is for.
#[derive(Clone, Copy)]
pub(super) struct At(pub(super) usize, pub(super) usize, pub(super) &'static str);

pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

impl<'m, 'a> Reader<'m, 'a> {
    pub(super) const fn new(message: &'m Message<'a>) -> Self {
        Self {
            message,
            faults: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Vec<Fault> {
        self.faults
    }

    pub(super) fn fault(&mut self, kind: FaultKind, what: &'static str, at: Location) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { kind, what, at });
        }
    }

    /// The end of the message, where a segment of this name is missing.
    fn end(&self, name: SegmentId) -> Location {
        let last = self.message.segments().last();
        let after = last.map_or(0, |s| s.location(None, None).offset + s.raw().len());
        Location {
            name: Some(name),
            ..Location::byte(after)
        }
    }

    pub(super) fn segment(
        &mut self,
        name: SegmentId,
        what: &'static str,
    ) -> Option<Segment<'m, 'a>> {
        let found = self.message.first(name);
        if found.is_none() {
            let at = self.end(name);
            self.fault(FaultKind::NoSegment(name), what, at);
        }
        found
    }

    /// The only segment of this name.
    pub(super) fn only(&mut self, name: SegmentId, what: &'static str) -> Option<Segment<'m, 'a>> {
        let found = self.segment(name, what)?;
        if let Some(second) = self.message.named(name).nth(1) {
            self.fault(FaultKind::Several(name), what, second.location(None, None));
        }
        Some(found)
    }

    /// The first OBX whose OBX-3 has one of these terms.
    pub(super) fn observed(&self, terms: &[Term]) -> Option<Segment<'m, 'a>> {
        let has = |s: &Segment<'m, 'a>| terms.iter().any(|t| t.is(&s.field(3)));
        self.message.named(OBX).find(has)
    }

    pub(super) fn need_observed(
        &mut self,
        terms: &[Term],
        what: &'static str,
    ) -> Option<Segment<'m, 'a>> {
        let found = self.observed(terms);
        if found.is_none() {
            let at = self.end(OBX);
            let name = terms.first().map_or("", |t| t.name);
            self.fault(FaultKind::NoTerm(name), what, at);
        }
        found
    }

    fn place(segment: &Segment<'_, '_>, at: At) -> Location {
        segment.location(Some(at.0), (at.1 > 1).then_some(at.1))
    }

    pub(super) fn value<'s>(segment: &Segment<'_, 's>, at: At) -> Value<'s> {
        // One component of a field that has no other is the field; subcomponents of it are read as the first.
        segment.field(at.0).component(at.1).subcomponent(1)
    }

    /// Text without blanks around it; none if there is nothing, with a fault if it is no UTF-8.
    pub(super) fn optional(&mut self, segment: &Segment<'_, '_>, at: At) -> Option<String> {
        let bytes = Self::value(segment, at).bytes();
        match std::str::from_utf8(&bytes) {
            Ok(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty() && t != "\"\""),
            Err(_) => {
                self.fault(FaultKind::NotText, at.2, Self::place(segment, at));
                None
            }
        }
    }

    pub(super) fn text(&mut self, segment: &Segment<'_, '_>, at: At) -> Option<String> {
        let faults = self.faults.len();
        let text = self.optional(segment, at);
        if text.is_none() && self.faults.len() == faults {
            self.fault(FaultKind::Empty, at.2, Self::place(segment, at));
        }
        text
    }

    pub(super) fn unknown(&mut self, segment: &Segment<'_, '_>, at: At, text: &str) {
        self.fault(
            FaultKind::Unknown(shown(text)),
            at.2,
            Self::place(segment, at),
        );
    }

    /// A number that counts something in the lab.
    pub(super) fn key(&mut self, segment: &Segment<'_, '_>, at: At) -> Option<u32> {
        let text = self.text(segment, at)?;
        let key = Some(&text)
            .filter(|t| t.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|t| t.parse().ok());
        if key.is_none() {
            let kind = FaultKind::NoSuchKey(shown(&text));
            self.fault(kind, at.2, Self::place(segment, at));
        }
        key
    }

    /// A number of at least 0, or above 0 where `positive`.
    pub(super) fn number(
        &mut self,
        segment: &Segment<'_, '_>,
        at: At,
        positive: bool,
    ) -> Option<f64> {
        let text = self.text(segment, at)?;
        let number = parse_nm(&text).filter(|n| *n >= 0.0 && !(positive && *n == 0.0));
        if number.is_none() {
            let kind = FaultKind::NotANumber(shown(&text));
            self.fault(kind, at.2, Self::place(segment, at));
        }
        number
    }

    /// The one of these units that the field names.
    pub(super) fn unit(
        &mut self,
        segment: &Segment<'_, '_>,
        field: usize,
        what: &'static str,
        units: &[Unit],
    ) -> Option<Unit> {
        let value = segment.field(field);
        let found = units.iter().find(|u| u.is(&value));
        if found.is_none() {
            let at = segment.location(Some(field), None);
            let kind = if value.is_empty() {
                FaultKind::Empty
            } else {
                FaultKind::Unknown(shown(&String::from_utf8_lossy(value.raw())))
            };
            self.fault(kind, what, at);
        }
        found.copied()
    }
}

/// A number as HL7 writes it (NM): a sign, digits, one decimal point. No exponent, nothing infinite.
fn parse_nm(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let fits = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().any(|b| b.is_ascii_digit());
    let number: f64 = Some(text).filter(|_| fits)?.parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_hl7() {
        assert_eq!(parse_nm("+1.50"), Some(1.5));
        assert_eq!(parse_nm("-.5"), Some(-0.5));
        assert_eq!(parse_nm("01."), Some(1.0));
        let huge = "9".repeat(400);
        for text in [
            "", ".", "-", "1e3", "inf", "NaN", "1.2.3", "1,5", "0x10", "+-1", &huge,
        ] {
            assert_eq!(parse_nm(text), None, "{text}");
        }
    }
}
