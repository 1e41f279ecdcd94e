//! Writing a new message.

use super::delimiters::Delimiters;
use super::escape;
use super::segment_id::SegmentId;
use std::fmt;

/// Writes a message field by field, in order. Values are escaped; segments end with CR; empty fields at the end of a segment are left out.
///
/// A step that cannot be done is remembered and reported by [`Builder::finish`], so that steps can be chained.
///
/// ```
/// use pumplab_sim::wire::hl7::{Builder, Delimiters, Message, SegmentId};
///
/// let obx = SegmentId::new(*b"OBX").unwrap();
/// let mut message = Builder::new(Delimiters::STANDARD);
/// message.field(9, "ORU").component("R01").field(10, "7");
/// message.segment(obx).field(1, "1").field(5, "a|b");
/// let bytes = message.finish().unwrap();
/// assert_eq!(bytes, b"MSH|^~\\&|||||||ORU^R01|7\rOBX|1||||a\\F\\b\r");
/// assert_eq!(Message::parse(&bytes).unwrap().first(obx).unwrap().field(5).text(), "a|b");
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    out: Vec<u8>,
    delimiters: Delimiters,
    segment: SegmentId,
    /// The field that is being written.
    field: usize,
    /// Separators that are due as soon as something follows them: of fields, and then of components.
    fields_due: usize,
    components_due: usize,
    fault: Option<BuildError>,
}

/// What was asked of a [`Builder`] and cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// A field that stands before one already written.
    FieldOrder {
        /// The segment.
        segment: SegmentId,
        /// The field that was asked for.
        field: usize,
        /// The field that was written last.
        after: usize,
    },
    /// A value holds this byte, and the message has no escape character.
    NoEscape(u8),
    /// The message has no character for a repetition or a subcomponent.
    NoSeparator,
    /// A number that is infinite or none.
    NotANumber,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldOrder {
                segment,
                field,
                after,
            } => {
                write!(
                    f,
                    "{segment}-{field} after {segment}-{after}: write fields in ascending order, each once"
                )
            }
            Self::NoEscape(byte) => write!(
                f,
                "byte 0x{byte:02X} must be escaped, and the message has no escape character: use four encoding characters"
            ),
            Self::NoSeparator => f.write_str(
                "the message has no character for repetitions or subcomponents: use four encoding characters",
            ),
            Self::NotANumber => {
                f.write_str("NM holds finite numbers: leave the field out instead")
            }
        }
    }
}

impl std::error::Error for BuildError {}

impl Builder {
    /// A message with these delimiters and nothing else yet; MSH-3 can be written next.
    #[must_use]
    pub fn new(delimiters: Delimiters) -> Self {
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(SegmentId::MSH.bytes());
        out.push(delimiters.field);
        out.extend(delimiters.encoding());
        Self {
            out,
            delimiters,
            segment: SegmentId::MSH,
            field: 2,
            fields_due: 0,
            components_due: 0,
            fault: None,
        }
    }

    /// Ends the segment and begins another.
    pub fn segment(&mut self, name: SegmentId) -> &mut Self {
        self.out.push(b'\r');
        self.out.extend_from_slice(name.bytes());
        self.segment = name;
        self.field = 0;
        self.fields_due = 0;
        self.components_due = 0;
        self
    }

    /// Goes to field `number`, counted from 1, and writes the first component of its first repetition.
    pub fn field(&mut self, number: usize, value: &str) -> &mut Self {
        self.field_bytes(number, value.as_bytes())
    }

    /// As [`Builder::field`], of bytes that need not be UTF-8.
    pub fn field_bytes(&mut self, number: usize, value: &[u8]) -> &mut Self {
        if number <= self.field {
            let fault = BuildError::FieldOrder {
                segment: self.segment,
                field: number,
                after: self.field,
            };
            return self.fail(fault);
        }
        self.fields_due += number - self.field;
        self.components_due = 0;
        self.field = number;
        self.append(value);
        self
    }

    /// Field `number` as a number.
    pub fn number(&mut self, number: usize, value: f64) -> &mut Self {
        if !value.is_finite() {
            return self.fail(BuildError::NotANumber);
        }
        self.field(number, &value.to_string())
    }

    /// Field `number` as components in order; empty ones at the end are left out.
    pub fn components<'v>(
        &mut self,
        number: usize,
        values: impl IntoIterator<Item = &'v str>,
    ) -> &mut Self {
        let mut values = values.into_iter();
        self.field(number, values.next().unwrap_or_default());
        for value in values {
            self.component(value);
        }
        self
    }

    /// The next component of the field.
    pub fn component(&mut self, value: &str) -> &mut Self {
        self.components_due += 1;
        self.append(value.as_bytes());
        self
    }

    /// The next subcomponent of the component.
    pub fn subcomponent(&mut self, value: &str) -> &mut Self {
        self.separator(self.delimiters.subcomponent);
        self.append(value.as_bytes());
        self
    }

    /// The next repetition of the field, beginning with its first component.
    pub fn repetition(&mut self, value: &str) -> &mut Self {
        self.components_due = 0;
        self.separator(self.delimiters.repetition);
        self.append(value.as_bytes());
        self
    }

    /// The message.
    ///
    /// # Errors
    /// The first step that could not be done.
    pub fn finish(mut self) -> Result<Vec<u8>, BuildError> {
        self.out.push(b'\r');
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.out),
        }
    }

    fn separator(&mut self, delimiter: Option<u8>) {
        self.flush();
        match delimiter {
            Some(delimiter) => self.out.push(delimiter),
            None => {
                self.fail(BuildError::NoSeparator);
            }
        }
    }

    fn flush(&mut self) {
        let due = [
            (self.delimiters.field, std::mem::take(&mut self.fields_due)),
            (
                self.delimiters.component,
                std::mem::take(&mut self.components_due),
            ),
        ];
        for (separator, count) in due {
            self.out.extend(std::iter::repeat_n(separator, count));
        }
    }

    fn append(&mut self, value: &[u8]) {
        if value.is_empty() {
            return;
        }
        self.flush();
        if let Err(escape::NoEscape(byte)) = escape::encode(value, &self.delimiters, &mut self.out)
        {
            self.fail(BuildError::NoEscape(byte));
        }
    }

    fn fail(&mut self, fault: BuildError) -> &mut Self {
        self.fault.get_or_insert(fault);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::Message;
    use super::*;

    const OBX: SegmentId = SegmentId::known(b"OBX");

    #[test]
    fn parts_come_back_as_they_were_given() {
        let mut b = Builder::new(Delimiters::STANDARD);
        b.segment(OBX)
            .components(3, ["1", "", "a^b&c", "", ""])
            .repetition("second")
            .field(5, "x")
            .subcomponent("y\r\n")
            .number(6, 0.1);
        let bytes = b.finish().expect("well ordered");
        let message = Message::parse(&bytes).expect("what was built parses");
        assert!(message.line_ends().standard());
        let obx = message.first(OBX).expect("it was built");
        assert_eq!(obx.field(3).component(3).text(), "a^b&c");
        assert_eq!(obx.field(3).components().count(), 3);
        let second = obx.field(3).repetitions().nth(1);
        assert_eq!(second.map(|v| v.text().into_owned()), Some("second".into()));
        assert_eq!(obx.field(5).subcomponent(2).text(), "y\r\n");
        assert_eq!(obx.field(6).text(), "0.1");
        assert_eq!(obx.last_field(), 6);
    }

    #[test]
    fn what_cannot_be_written_is_reported_and_not_written_wrong() {
        let mut b = Builder::new(Delimiters::STANDARD);
        b.field(10, "1").field(9, "2");
        let fault = BuildError::FieldOrder {
            segment: SegmentId::MSH,
            field: 9,
            after: 10,
        };
        assert_eq!(b.finish(), Err(fault));
        let mut b = Builder::new(Delimiters::STANDARD);
        b.segment(OBX).number(5, f64::NAN);
        assert_eq!(b.finish(), Err(BuildError::NotANumber));
        let mut b = Builder::new(Delimiters::new("|^").expect("two are enough"));
        b.field(3, "a").repetition("b");
        assert_eq!(b.finish(), Err(BuildError::NoSeparator));
        let mut b = Builder::new(Delimiters::new("|^").expect("two are enough"));
        b.field(3, "a|b");
        assert_eq!(b.finish(), Err(BuildError::NoEscape(b'|')));
    }
}
