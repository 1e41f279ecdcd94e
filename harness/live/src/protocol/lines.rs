//! What the protocols of lines have in common: a line, and what a file looks like.

use super::{Codec, Reject};
use crate::secrets::SecretStore;
use bytes::{Bytes, BytesMut};
use pumplab_sim::wire::file::{Content, File, PatientRecord};
use pumplab_sim::wire::shed::Shed as Rejection;
use std::fmt;
use tokio_util::codec::{AnyDelimiterCodec, Decoder, Encoder};

/// Longest line that is taken, in bytes.
pub const LONGEST_LINE: usize = 1024;
/// Bytes of a file that are made up at the most where a file has a size and no text.
const FILLING: u64 = 64 * 1024;

/// Lines, and answers that bring their own ends of lines.
pub struct Lines {
    lines: AnyDelimiterCodec,
    too_long: &'static str,
}

impl Lines {
    /// Lines; `too_long` is the answer to one that is longer than [`LONGEST_LINE`].
    #[must_use]
    pub fn new(too_long: &'static str) -> Self {
        Self {
            lines: AnyDelimiterCodec::new_with_max_length(b"\n".into(), Vec::new(), LONGEST_LINE),
            too_long,
        }
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lines(..)")
    }
}

impl Decoder for Lines {
    type Item = Bytes;
    type Error = Reject;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, Reject> {
        let line = self.lines.decode(input);
        line.map_err(|_| Reject::with(Rejection::TooLong, self.too_long))
    }
}

impl Encoder<Bytes> for Lines {
    type Error = Reject;

    fn encode(&mut self, answer: Bytes, output: &mut BytesMut) -> Result<(), Reject> {
        output.extend_from_slice(&answer);
        Ok(())
    }
}

impl Codec for Lines {}

/// A line as text, without the carriage return at its end. Telnet sends a zero after a carriage return that ends no line.
pub(super) fn text(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line).replace('\0', "");
    text.trim_end_matches('\r').to_owned()
}

/// What a file looks like outside. A password that stands in it is given out as it is: that is what a file with a password does.
pub(super) fn text_of(file: &File, secrets: &SecretStore) -> Vec<u8> {
    match &file.content {
        Content::Records(records) => {
            let row = |r: &PatientRecord| format!("patient {}\n", r.patient);
            records.iter().map(row).collect::<String>().into_bytes()
        }
        Content::Account { user, password } => {
            format!("user={user}\npassword={}\n", secrets.text(password)).into_bytes()
        }
        Content::NetworkKey { ssid, .. } => format!("ssid={ssid}\nkey=(stored)\n").into_bytes(),
        Content::Library(signed) => serde_json::to_vec(&*signed.library).unwrap_or_default(),
        Content::Identity { .. } => b"(a certificate and its key)\n".to_vec(),
        Content::Program(_) => b"(a program)\n".to_vec(),
        Content::Data | Content::Archive { .. } | Content::Sealed(_) => {
            vec![b'.'; usize::try_from(file.bytes.min(FILLING)).unwrap_or(0)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_with_a_line_feed_and_is_not_longer_than_is_taken() {
        let mut codec = Lines::new("too long\r\n");
        let mut input = BytesMut::from(&b"one\r\ntwo\r\0\n\r\nthr"[..]);
        let mut next = || codec.decode(&mut input).expect("they are short");
        let lines: Vec<_> = std::iter::from_fn(&mut next).map(|l| text(&l)).collect();
        assert_eq!(lines, ["one", "two", ""]);
        assert!(codec.is_begun(&input));
        input.extend_from_slice(&[b'x'; LONGEST_LINE]);
        let refused = codec.decode(&mut input).expect_err("it is too long");
        assert_eq!(refused.why, Rejection::TooLong);
        assert_eq!(refused.reply, "too long\r\n");
    }
}
