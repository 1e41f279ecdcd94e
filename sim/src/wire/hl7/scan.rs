//! One pass over the bytes of a message, eight at a time.

use super::delimiters::Delimiters;
use super::location::{Flaw, Location, ParseError};
use super::message::{BYTE_ORDER_MARK, Limits, LineEnds, Message, Span};
use super::segment_id::SegmentId;

const CR: u8 = b'\r';
const LF: u8 = b'\n';

/// A pass under way: what was found so far.
pub(super) struct Scan<'a> {
    bytes: &'a [u8],
    delimiters: Delimiters,
    limits: Limits,
    ends: LineEnds,
    segments: Vec<Span>,
    fields: Vec<u32>,
    /// Where the segment that is being read begins, and its first field among all.
    start: usize,
    first: usize,
}

/// The highest bit of every byte of `word` that equals `byte`. Exact: no byte is marked for its neighbour's sake.
const fn equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let x = word ^ (byte as u64 * 0x0101_0101_0101_0101);
    !(((x & LOW) + LOW) | x | LOW)
}

impl<'a> Scan<'a> {
    /// Reads the delimiters; the rest follows with [`Scan::run`].
    pub(super) fn new(bytes: &'a [u8], limits: &Limits) -> Result<Self, ParseError> {
        let start = if bytes.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let refuse = |flaw: Flaw, offset: usize| ParseError {
            flaw,
            at: Location::byte(offset),
        };
        let text = &bytes[start..];
        if text.is_empty() {
            return Err(refuse(Flaw::Empty, start));
        }
        if !text.starts_with(SegmentId::MSH.bytes()) {
            let header_at = text
                .windows(3)
                .position(|w| w == SegmentId::MSH.bytes())
                .map(|at| at + start);
            return Err(refuse(Flaw::NoHeader { header_at }, start));
        }
        let field = match text.get(3) {
            None | Some(&(CR | LF)) => return Err(refuse(Flaw::NoDelimiters, start + 3)),
            Some(field) => *field,
        };
        let rest = &text[4..];
        let length = rest.iter().position(|b| [field, CR, LF].contains(b));
        let encoding = &rest[..length.unwrap_or(rest.len())];
        Ok(Self {
            bytes,
            delimiters: Delimiters::from_bytes(field, encoding, start + 4)?,
            limits: *limits,
            ends: LineEnds::default(),
            segments: Vec::with_capacity(text.len() / 64 + 1),
            fields: Vec::with_capacity(text.len() / 8 + 1),
            start,
            first: 0,
        })
    }

    /// Finds segments and fields.
    pub(super) fn run(mut self) -> Result<Message<'a>, ParseError> {
        let bytes = self.bytes;
        let separator = self.delimiters.field;
        let from = self.start + 3;
        let (words, tail) = bytes[from..].as_chunks::<8>();
        for (n, chunk) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*chunk);
            let mut hits = equal(word, separator) | equal(word, CR) | equal(word, LF);
            while hits != 0 {
                let at = from + n * 8 + (hits.trailing_zeros() / 8) as usize;
                self.hit(at, bytes[at])?;
                hits &= hits - 1;
            }
        }
        let from = bytes.len() - tail.len();
        for (n, &byte) in tail.iter().enumerate() {
            if byte == separator || byte == CR || byte == LF {
                self.hit(from + n, byte)?;
            }
        }
        if self.start < bytes.len() {
            self.segment(bytes.len())?;
            self.ends.open = true;
        }
        Ok(Message {
            bytes,
            delimiters: self.delimiters,
            ends: self.ends,
            segments: self.segments,
            fields: self.fields,
        })
    }

    /// A field separator or a line end.
    #[inline]
    fn hit(&mut self, at: usize, byte: u8) -> Result<(), ParseError> {
        if byte == self.delimiters.field {
            if self.fields.len() - self.first >= self.limits.fields {
                let limit = self.limits.fields;
                return Err(self.refuse(Flaw::TooManyFields { limit }, at));
            }
            self.fields.push(at as u32 + 1);
            return Ok(());
        }
        if at == self.start {
            if byte == LF && at > 0 && self.bytes[at - 1] == CR {
                // The second half of CR LF, after a segment or after an empty line.
                if self.follows_segment(at - 1) {
                    self.ends.cr -= 1;
                    self.ends.crlf += 1;
                }
            } else {
                self.ends.blank += 1;
            }
        } else {
            self.segment(at)?;
            *(if byte == CR {
                &mut self.ends.cr
            } else {
                &mut self.ends.lf
            }) += 1;
        }
        self.start = at + 1;
        self.first = self.fields.len();
        Ok(())
    }

    /// Whether the line end at `at` is that of the last segment, not that of an empty line.
    fn follows_segment(&self, at: usize) -> bool {
        self.segments.last().is_some_and(|s| s.end as usize == at)
    }

    /// A segment ends before byte `end`.
    fn segment(&mut self, end: usize) -> Result<(), ParseError> {
        let raw = &self.bytes[self.start..end];
        let name = raw.first_chunk::<3>().and_then(|n| SegmentId::new(*n));
        let Some(name) = name else {
            return Err(self.refuse(Flaw::SegmentName, self.start));
        };
        if let Some(&found) = raw.get(3).filter(|b| **b != self.delimiters.field) {
            return Err(self.refuse(Flaw::NoSeparator { found }, self.start + 3));
        }
        if name == SegmentId::MSH && !self.segments.is_empty() {
            return Err(self.refuse(Flaw::SecondHeader, self.start));
        }
        if name.is_envelope() {
            return Err(self.refuse(Flaw::Envelope, self.start));
        }
        if self.segments.len() >= self.limits.segments {
            let limit = self.limits.segments;
            return Err(self.refuse(Flaw::TooManySegments { limit }, self.start));
        }
        self.segments.push(Span {
            start: self.start as u32,
            end: end as u32,
            first: self.first as u32,
            name,
        });
        Ok(())
    }

    #[cold]
    fn refuse(&self, flaw: Flaw, offset: usize) -> ParseError {
        let raw = &self.bytes[self.start..];
        let name = raw.first_chunk::<3>().and_then(|n| SegmentId::new(*n));
        let same = |s: &&Span| Some(s.name) == name;
        let field = matches!(flaw, Flaw::TooManyFields { .. });
        ParseError {
            flaw,
            at: Location {
                segment: Some(self.segments.len() + 1),
                name,
                occurrence: name.map(|_| self.segments.iter().filter(same).count() + 1),
                field: field.then(|| self.fields.len() - self.first + 1),
                ..Location::byte(offset)
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_equal_byte_of_a_word_is_marked_and_no_other() {
        for byte in [0, 1, b'\r', b'|', 0x7F, 0x80, 0xFF] {
            for near in [byte.wrapping_sub(1), byte.wrapping_add(1), byte ^ 0x80] {
                for pattern in 0..=255_u8 {
                    let word: [u8; 8] =
                        std::array::from_fn(|n| if pattern >> n & 1 == 1 { byte } else { near });
                    let want: [u8; 8] =
                        std::array::from_fn(|n| if pattern >> n & 1 == 1 { 0x80 } else { 0 });
                    assert_eq!(
                        equal(u64::from_le_bytes(word), byte),
                        u64::from_le_bytes(want)
                    );
                }
            }
        }
    }
}
