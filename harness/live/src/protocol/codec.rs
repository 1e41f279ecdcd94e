//! Codecs of messages: a length before each, and MLLP.

use super::{Codec, Reject};
use bytes::{Buf, Bytes, BytesMut};
use pumplab_sim::proto::mllp;
use pumplab_sim::wire::shed::Shed as Rejection;
use tokio_util::codec::{Decoder, Encoder};

/// Bytes of the length before a message.
pub const HEAD: usize = 4;

/// A length of four bytes, most significant first, and that many bytes.
///
/// `tokio_util::codec::LengthDelimitedCodec` makes room for as many bytes as are announced, and takes an empty message. This one makes room as
/// bytes come, so that a client that sends four bytes costs four bytes.
#[derive(Clone, Copy, Debug)]
pub struct Prefixed {
    longest: usize,
}

impl Prefixed {
    /// For messages of at most `longest` bytes.
    #[must_use]
    pub const fn new(longest: usize) -> Self {
        Self { longest }
    }
}

impl Decoder for Prefixed {
    type Item = Bytes;
    type Error = Reject;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, Reject> {
        let Some(head) = input.first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*head) as usize;
        if length == 0 || length > self.longest {
            return Err(Reject::silent(Rejection::TooLong));
        }
        if input.len() < HEAD + length {
            return Ok(None);
        }
        input.advance(HEAD);
        Ok(Some(input.split_to(length).freeze()))
    }
}

impl Encoder<Bytes> for Prefixed {
    type Error = Reject;

    fn encode(&mut self, message: Bytes, output: &mut BytesMut) -> Result<(), Reject> {
        let length = u32::try_from(message.len());
        let length = length.map_err(|_| Reject::silent(Rejection::TooLong))?;
        output.extend_from_slice(&length.to_be_bytes());
        output.extend_from_slice(&message);
        Ok(())
    }
}

impl Codec for Prefixed {}

/// Messages in MLLP frames.
#[derive(Clone, Debug)]
pub struct Mllp(mllp::Decoder);

impl Mllp {
    /// For messages of at most `longest` bytes.
    #[must_use]
    pub const fn new(longest: usize) -> Self {
        Self(mllp::Decoder::new(longest))
    }
}

impl Decoder for Mllp {
    type Item = Bytes;
    type Error = Reject;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, Reject> {
        let mut rest = &input[..];
        let found = match self.0.next_frame(&mut rest) {
            Ok(found) => found.map(|frame| Bytes::from(frame.into_owned())),
            Err(mllp::FrameError::TooLong { .. }) => {
                return Err(Reject::silent(Rejection::TooLong));
            }
            Err(_) => return Err(Reject::silent(Rejection::Malformed)),
        };
        let read = input.len() - rest.len();
        input.advance(read);
        Ok(found)
    }
}

impl Encoder<Bytes> for Mllp {
    type Error = Reject;

    fn encode(&mut self, message: Bytes, output: &mut BytesMut) -> Result<(), Reject> {
        let mut framed = Vec::new();
        let written = mllp::encode(&message, &mut framed);
        written.map_err(|_| Reject::silent(Rejection::Malformed))?;
        output.extend_from_slice(&framed);
        Ok(())
    }
}

impl Codec for Mllp {
    fn is_begun(&self, _: &BytesMut) -> bool {
        self.0.is_begun()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of bytes in pieces.
    fn all(codec: &mut impl Codec, bytes: &[u8], piece: usize) -> Result<Vec<Bytes>, Rejection> {
        let (mut input, mut found) = (BytesMut::new(), Vec::new());
        for piece in bytes.chunks(piece) {
            input.extend_from_slice(piece);
            while let Some(one) = codec.decode(&mut input).map_err(|e| e.why)? {
                found.push(one);
            }
        }
        assert!(!codec.is_begun(&input), "something is left");
        Ok(found)
    }

    #[test]
    fn messages_come_back_from_pieces_of_any_size() {
        let said: [&[u8]; 3] = [b"a", b"MSH|x", &[b'7'; 64]];
        for piece in [1, 2, 3, 7, 1000] {
            let (mut prefixed, mut mllp) = (Prefixed::new(64), Mllp::new(64));
            let (mut one, mut other) = (BytesMut::new(), BytesMut::new());
            for message in said {
                let message = Bytes::copy_from_slice(message);
                prefixed.encode(message.clone(), &mut one).expect("short");
                mllp.encode(message, &mut other).expect("framed");
            }
            assert_eq!(all(&mut prefixed, &one, piece).expect("framed"), said);
            assert_eq!(all(&mut mllp, &other, piece).expect("framed"), said);
        }
    }

    #[test]
    fn a_length_is_refused_before_its_message_comes_and_makes_no_room() {
        let mut codec = Prefixed::new(1000);
        for head in [[0, 0, 0, 0], [0, 0, 3, 0xE9], [0xFF; 4]] {
            let refused = codec.decode(&mut BytesMut::from(&head[..]));
            assert_eq!(refused.expect_err("refused").why, Rejection::TooLong);
        }
        let mut input = BytesMut::from(&[0, 0, 3, 0xE8][..]);
        assert!(matches!(codec.decode(&mut input), Ok(None)));
        assert!(input.capacity() < 100, "{} bytes", input.capacity());
    }

    #[test]
    fn what_is_not_framed_or_too_long_is_refused() {
        let why = |bytes: &[u8]| all(&mut Mllp::new(8), bytes, 3).expect_err("refused");
        assert_eq!(why(b"MSH|"), Rejection::Malformed);
        assert_eq!(why(b"\x0BMSH|^~\\&|x"), Rejection::TooLong);
    }
}
