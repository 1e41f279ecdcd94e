//! Names of segments.

use std::fmt;

/// The name of a segment: a capital letter and two capital letters or digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId([u8; 3]);

impl SegmentId {
    /// Message header.
    pub const MSH: Self = Self(*b"MSH");

    /// The name, if it is one.
    #[must_use]
    pub const fn new(name: [u8; 3]) -> Option<Self> {
        let [a, b, c] = name;
        let fits = a.is_ascii_uppercase()
            && (b.is_ascii_uppercase() || b.is_ascii_digit())
            && (c.is_ascii_uppercase() || c.is_ascii_digit());
        if fits { Some(Self(name)) } else { None }
    }

    /// The name of a segment in a program text.
    pub(super) const fn known(name: &[u8; 3]) -> Self {
        match Self::new(*name) {
            Some(id) => id,
            None => panic!("not the name of a segment"),
        }
    }

    /// Its three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Its three bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 3] {
        &self.0
    }

    /// Whether field 1 of such a segment is the field separator itself.
    pub(super) const fn states_delimiters(self) -> bool {
        matches!(&self.0, b"MSH" | b"FHS" | b"BHS")
    }

    pub(super) const fn is_envelope(self) -> bool {
        matches!(&self.0, b"FHS" | b"BHS" | b"BTS" | b"FTS")
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
