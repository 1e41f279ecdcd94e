//! A message as it stands in its bytes: taken apart without copying, and put together again to the same bytes.
//!
//! Parsing finds segments and fields; repetitions, components and subcomponents are found when they are asked for, and escapes are decoded then.
//! HL7 v2 nests four levels deep and no deeper, so nothing here recurses. What parsing allocates is at most 4 bytes per field and 16 per segment.

use super::delimiters::Delimiters;
use super::location::{Flaw, Location, ParseError};
use super::scan::Scan;
use super::segment_id::SegmentId;
use super::value::Value;

/// How large a message may be. What is larger is refused before anything is allocated for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a message; above 4 GiB there is no message whatever stands here.
    pub bytes: usize,
    /// Segments of a message.
    pub segments: usize,
    /// Fields of a segment.
    pub fields: usize,
}

impl Default for Limits {
    /// 1 MiB, 10,000 segments, 1,000 fields \[A\]: the longest message of the samples has 11 kB.
    fn default() -> Self {
        Self {
            bytes: 1 << 20,
            segments: 10_000,
            fields: 1_000,
        }
    }
}

/// How the segments of a message end. The standard has CR; the rest is read and written back as it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineEnds {
    /// Segments that end with CR.
    pub cr: usize,
    /// Segments that end with LF.
    pub lf: usize,
    /// Segments that end with CR LF.
    pub crlf: usize,
    /// Lines without anything, after a segment.
    pub blank: usize,
    /// Whether the last segment ends with the message.
    pub open: bool,
}

impl LineEnds {
    /// Whether every segment ends as the standard has it.
    #[must_use]
    pub const fn standard(&self) -> bool {
        self.lf == 0 && self.crlf == 0 && self.blank == 0 && !self.open
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    /// First byte after its last field.
    pub(super) end: u32,
    /// Index of its first field among all fields of the message.
    pub(super) first: u32,
    pub(super) name: SegmentId,
}

/// A message over bytes that somebody else holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) delimiters: Delimiters,
    pub(super) ends: LineEnds,
    pub(super) segments: Vec<Span>,
    /// Where each field begins, bytes from the start; segment after segment.
    pub(super) fields: Vec<u32>,
}

/// The mark that some programs put before UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl<'a> Message<'a> {
    /// Takes a message apart, with default limits.
    ///
    /// # Errors
    /// What is wrong, where, and how to mend it.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        Self::parse_within(bytes, &Limits::default())
    }

    /// Takes a message apart.
    ///
    /// # Errors
    /// What is wrong, where, and how to mend it.
    pub fn parse_within(bytes: &'a [u8], limits: &Limits) -> Result<Self, ParseError> {
        let limit = limits.bytes.min(u32::MAX as usize);
        if bytes.len() > limit {
            let flaw = Flaw::TooLong {
                bytes: bytes.len(),
                limit,
            };
            return Err(ParseError {
                flaw,
                at: Location::byte(limit),
            });
        }
        Scan::new(bytes, limits)?.run()
    }

    /// The bytes that were parsed.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Puts the message together again from its parts and appends it to `out`. The outcome is byte for byte what was parsed.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(self.bytes.len());
        if self.has_byte_order_mark() {
            out.extend_from_slice(BYTE_ORDER_MARK);
        }
        for (n, span) in self.segments.iter().enumerate() {
            out.extend_from_slice(span.name.bytes());
            let fields = self.fields_of(n);
            for (k, &start) in fields.iter().enumerate() {
                let end = fields.get(k + 1).map_or(span.end, |next| next - 1);
                out.push(self.delimiters.field);
                out.extend_from_slice(&self.bytes[start as usize..end as usize]);
            }
            out.extend_from_slice(self.terminator(n));
        }
    }

    /// Whether the bytes begin with a UTF-8 byte order mark.
    #[must_use]
    pub fn has_byte_order_mark(&self) -> bool {
        self.bytes.starts_with(BYTE_ORDER_MARK)
    }

    /// The delimiters.
    #[must_use]
    pub const fn delimiters(&self) -> &Delimiters {
        &self.delimiters
    }

    /// How its segments end.
    #[must_use]
    pub const fn line_ends(&self) -> &LineEnds {
        &self.ends
    }

    /// How many segments it has; at least one.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether it has no segment: never, for what was parsed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The segments in order.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_, 'a>> {
        (0..self.segments.len()).map(|index| Segment {
            message: self,
            index,
        })
    }

    /// The segments of this name in order.
    pub fn named(&self, name: SegmentId) -> impl Iterator<Item = Segment<'_, 'a>> {
        self.segments().filter(move |s| s.name() == name)
    }

    /// The first segment of this name.
    #[must_use]
    pub fn first(&self, name: SegmentId) -> Option<Segment<'_, 'a>> {
        self.named(name).next()
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> Segment<'_, 'a> {
        Segment {
            message: self,
            index: 0,
        }
    }

    fn fields_of(&self, index: usize) -> &[u32] {
        let first = self.segments[index].first as usize;
        let end = self.segments.get(index + 1).map(|s| s.first as usize);
        &self.fields[first..end.unwrap_or(self.fields.len())]
    }

    /// What stands between this segment and the next: its line end, and empty lines.
    fn terminator(&self, index: usize) -> &'a [u8] {
        let start = self.segments[index].end as usize;
        let end = self.segments.get(index + 1).map(|s| s.start as usize);
        &self.bytes[start..end.unwrap_or(self.bytes.len())]
    }
}

/// A segment of a message.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'m, 'a> {
    message: &'m Message<'a>,
    index: usize,
}

impl<'m, 'a> Segment<'m, 'a> {
    fn span(&self) -> &'m Span {
        &self.message.segments[self.index]
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> SegmentId {
        self.span().name
    }

    /// Which segment of the message it is, from 0.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Its bytes without the line end.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        let span = self.span();
        &self.message.bytes[span.start as usize..span.end as usize]
    }

    /// The number of its last field: 0 where only the name stands.
    #[must_use]
    pub fn last_field(&self) -> usize {
        let shift = usize::from(self.name().states_delimiters());
        self.message.fields_of(self.index).len() + shift
    }

    /// Field `number`, counted from 1 as in HL7: MSH-1 is the field separator. A field that is not there is empty.
    #[must_use]
    pub fn field(&self, number: usize) -> Value<'a> {
        let (bytes, span) = (self.message.bytes, self.span());
        let stated = self.name().states_delimiters();
        if stated && number == 1 {
            let at = span.start as usize + 3;
            return Value::literal(bytes.get(at..at + 1).unwrap_or_default());
        }
        let fields = self.message.fields_of(self.index);
        let Some(k) = number.checked_sub(1 + usize::from(stated)) else {
            return Value::literal(&[]);
        };
        let Some(&start) = fields.get(k) else {
            return Value::literal(&[]);
        };
        let end = fields.get(k + 1).map_or(span.end, |next| next - 1);
        let raw = &bytes[start as usize..end as usize];
        if stated && number == 2 {
            return Value::literal(raw);
        }
        Value::new(raw, self.message.delimiters)
    }

    /// Its fields in order, from field 1.
    pub fn fields(&self) -> impl Iterator<Item = Value<'a>> + use<'m, 'a> {
        let segment = *self;
        (1..=self.last_field()).map(move |n| segment.field(n))
    }

    /// Where it stands, or where its field and component stand. Of a field that is not there: the segment's end.
    #[must_use]
    pub fn location(&self, field: Option<usize>, component: Option<usize>) -> Location {
        let span = self.span();
        let name = self.name();
        let stated = usize::from(name.states_delimiters());
        let earlier = &self.message.segments[..=self.index];
        let start = |n: usize| {
            let fields = self.message.fields_of(self.index);
            let k = n.checked_sub(1 + stated)?;
            Some(fields.get(k).copied().unwrap_or(span.end))
        };
        let offset = match field {
            Some(1) if stated == 1 => span.start + 3,
            Some(n) => start(n).unwrap_or(span.start),
            None => span.start,
        };
        Location {
            offset: offset as usize,
            segment: Some(self.index + 1),
            name: Some(name),
            occurrence: Some(earlier.iter().filter(|s| s.name == name).count()),
            field,
            component,
        }
    }
}
