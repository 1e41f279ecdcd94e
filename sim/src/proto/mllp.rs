//! Frames around HL7 messages on a stream (MLLP): 0x0B, the message, 0x1C 0x0D.
//!
//! What does not fit is refused with its place in the stream, and the decoder stays in error until it is told to go on: a stream that lost its
//! framing must not be read as if it had not. At most one frame is held, up to the limit of its length.

use std::borrow::Cow;

/// Begins a frame.
pub const START: u8 = 0x0B;
/// Ends a frame, before a CR.
pub const END: u8 = 0x1C;
const CR: u8 = 0x0D;
/// Largest frame by default, bytes of the message: that of the message itself \[A\].
pub const FRAME_LIMIT: usize = 1 << 20;

/// A stream that is not framed as it should be, or a message that cannot be framed. Offsets count from the first byte of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Something else than a start block between frames.
    #[error(
        "byte 0x{byte:02X} between frames (byte {offset} of the stream): begin each message with 0x0B"
    )]
    Garbage {
        /// The byte.
        byte: u8,
        /// Where.
        offset: u64,
    },
    /// A start block inside a frame: the end of the earlier message is missing.
    #[error("0x0B inside a frame (byte {offset} of the stream): end each message with 0x1C 0x0D")]
    StartInside {
        /// Where.
        offset: u64,
    },
    /// An end block whose second byte is not CR.
    #[error(
        "byte 0x{byte:02X} after 0x1C (byte {offset} of the stream): end each message with 0x1C 0x0D"
    )]
    HalfEnd {
        /// What stands there.
        byte: u8,
        /// Where.
        offset: u64,
    },
    /// A frame longer than the limit.
    #[error(
        "a frame of more than {limit} bytes (byte {offset} of the stream): split the message or raise the limit"
    )]
    TooLong {
        /// Bytes that a message may have.
        limit: usize,
        /// Where the first byte too many stands.
        offset: u64,
    },
    /// The stream ended inside a frame.
    #[error(
        "the stream ended inside a frame (byte {offset} of the stream), {held} bytes into it: send it again"
    )]
    CutShort {
        /// Bytes of the message that had come.
        held: usize,
        /// Where.
        offset: u64,
    },
    /// A message to be sent holds a byte that ends or begins a frame.
    #[error(
        "byte 0x{byte:02X} at byte {offset} of the message: escape it (\\X{byte:02X}\\), frames cannot hold it"
    )]
    Unframeable {
        /// The byte.
        byte: u8,
        /// Where in the message.
        offset: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Between,
    Inside,
    /// After 0x1C.
    Ending,
    Failed(FrameError),
    /// After an error, until a frame begins.
    Skipping,
}

/// Takes frames out of a stream that comes in pieces of any size.
#[derive(Clone, Debug)]
pub struct Decoder {
    limit: usize,
    /// Bytes of the stream that were read.
    offset: u64,
    state: State,
    held: Vec<u8>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(FRAME_LIMIT)
    }
}

impl Decoder {
    /// A decoder of a stream that has just opened, for messages of at most `limit` bytes.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self {
            limit,
            offset: 0,
            state: State::Between,
            held: Vec::new(),
        }
    }

    /// Reads from `input` up to the end of the next message, and moves `input` behind what was read. None: `input` is used up and the message
    /// goes on in the next piece. A message that lies whole in one piece is not copied.
    ///
    /// # Errors
    /// The stream is not framed. The same error again for every call, until [`Decoder::resync`]; nothing is read meanwhile.
    pub fn next_frame<'i>(
        &mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<Cow<'i, [u8]>>, FrameError> {
        loop {
            match self.state {
                State::Failed(error) => return Err(error),
                State::Skipping => {
                    let start = input.iter().position(|b| *b == START);
                    self.advance(input, start.unwrap_or(input.len()));
                    if start.is_none() {
                        return Ok(None);
                    }
                    self.state = State::Between;
                }
                State::Between => {
                    let Some(&byte) = input.first() else {
                        return Ok(None);
                    };
                    if byte != START {
                        let offset = self.offset;
                        return self.fail(FrameError::Garbage { byte, offset });
                    }
                    self.advance(input, 1);
                    self.state = State::Inside;
                }
                State::Inside => {
                    if let Some(whole) = self.inside(input)? {
                        return Ok(Some(whole));
                    }
                    if self.state == State::Inside {
                        return Ok(None);
                    }
                }
                State::Ending => {
                    let Some(&byte) = input.first() else {
                        return Ok(None);
                    };
                    if byte != CR {
                        let offset = self.offset;
                        return self.fail(FrameError::HalfEnd { byte, offset });
                    }
                    self.advance(input, 1);
                    self.state = State::Between;
                    return Ok(Some(Cow::Owned(std::mem::take(&mut self.held))));
                }
            }
        }
    }

    /// Reads bytes of a message. Gives the message if all of it and its end lie in `input`.
    fn inside<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Cow<'i, [u8]>>, FrameError> {
        let room = self.limit - self.held.len();
        // One byte more than there is room for tells whether the message is too long.
        let window = &input[..input.len().min(room.saturating_add(1))];
        let stop = window.iter().position(|b| matches!(*b, START | END));
        let length = stop.unwrap_or(window.len());
        if length > room {
            let (limit, offset) = (self.limit, self.offset + room as u64);
            return self.fail(FrameError::TooLong { limit, offset });
        }
        let piece = &input[..length];
        let ended = input.get(length) == Some(&END);
        if stop.is_some() && !ended {
            let offset = self.offset + length as u64;
            return self.fail(FrameError::StartInside { offset });
        }
        if ended && self.held.is_empty() && input.get(length + 1) == Some(&CR) {
            self.advance(input, length + 2);
            self.state = State::Between;
            return Ok(Some(Cow::Borrowed(piece)));
        }
        self.held.extend_from_slice(piece);
        self.advance(input, length + usize::from(ended));
        if ended {
            self.state = State::Ending;
        }
        Ok(None)
    }

    /// Goes on after an error: drops what was held and skips to the next start block. Without an error it does nothing.
    pub fn resync(&mut self) {
        if matches!(self.state, State::Failed(_)) {
            self.state = State::Skipping;
        }
    }

    /// The stream has ended.
    ///
    /// # Errors
    /// Inside a frame, or after an error that nobody went on from.
    pub fn finish(&self) -> Result<(), FrameError> {
        match self.state {
            State::Between | State::Skipping => Ok(()),
            State::Failed(error) => Err(error),
            State::Inside | State::Ending => Err(FrameError::CutShort {
                held: self.held.len(),
                offset: self.offset,
            }),
        }
    }

    /// Whether a message has begun and not ended.
    #[must_use]
    pub const fn is_begun(&self) -> bool {
        !matches!(self.state, State::Between)
    }

    /// Bytes of an unfinished message that are held: never more than the limit.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.held.len()
    }

    fn advance(&mut self, input: &mut &[u8], count: usize) {
        *input = &input[count..];
        self.offset += count as u64;
    }

    fn fail<T>(&mut self, error: FrameError) -> Result<T, FrameError> {
        self.state = State::Failed(error);
        self.held = Vec::new();
        Err(error)
    }
}

/// Appends a message in its frame to `out`.
///
/// # Errors
/// The message holds 0x0B or 0x1C: nothing is written then.
pub fn encode(message: &[u8], out: &mut Vec<u8>) -> Result<(), FrameError> {
    if let Some(at) = message.iter().position(|b| matches!(*b, START | END)) {
        return Err(FrameError::Unframeable {
            byte: message[at],
            offset: at as u64,
        });
    }
    out.reserve(message.len() + 3);
    out.push(START);
    out.extend_from_slice(message);
    out.extend_from_slice(&[END, CR]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(decoder: &mut Decoder, mut input: &[u8]) -> Result<Vec<Vec<u8>>, FrameError> {
        let mut found = Vec::new();
        while let Some(frame) = decoder.next_frame(&mut input)? {
            found.push(frame.into_owned());
        }
        assert!(input.is_empty());
        Ok(found)
    }

    fn stream(messages: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for message in messages {
            encode(message.as_bytes(), &mut out).expect("plain text");
        }
        out
    }

    #[test]
    fn messages_come_out_whole_however_the_stream_is_cut() {
        let bytes = stream(&["MSH|1\r", "", "MSH|2\rPID\r"]);
        let want: Vec<Vec<u8>> = ["MSH|1\r", "", "MSH|2\rPID\r"]
            .map(|m| m.as_bytes().to_vec())
            .into();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let mut decoder = Decoder::default();
                let mut found = Vec::new();
                for piece in [&bytes[..first], &bytes[first..second], &bytes[second..]] {
                    found.extend(frames(&mut decoder, piece).expect("well framed"));
                }
                assert_eq!(found, want);
                assert_eq!(decoder.finish(), Ok(()));
            }
        }
    }

    #[test]
    fn a_message_in_one_piece_is_not_copied() {
        let bytes = stream(&["MSH|1\r"]);
        let frame = Decoder::default().next_frame(&mut &bytes[..]);
        assert!(matches!(frame, Ok(Some(Cow::Borrowed(b"MSH|1\r")))));
    }

    #[test]
    fn what_is_not_framed_is_refused_where_it_stands_and_the_decoder_stays_in_error() {
        let mut good = stream(&["a"]);
        let length = good.len() as u64;
        good.push(b'M');
        let mut decoder = Decoder::default();
        let mut input = &good[..];
        assert!(decoder.next_frame(&mut input).is_ok_and(|f| f.is_some()));
        let garbage = FrameError::Garbage {
            byte: b'M',
            offset: length,
        };
        assert_eq!(decoder.next_frame(&mut input), Err(garbage));
        assert_eq!(decoder.next_frame(&mut &b"\x0Bb\x1C\r"[..]), Err(garbage));
        for (bytes, error) in [
            (&b"\x0Bab\x0B"[..], FrameError::StartInside { offset: 3 }),
            (
                b"\x0Bab\x1Cc",
                FrameError::HalfEnd {
                    byte: b'c',
                    offset: 4,
                },
            ),
            (
                b"\x0Babcde",
                FrameError::TooLong {
                    limit: 4,
                    offset: 5,
                },
            ),
        ] {
            let mut whole = Decoder::new(4);
            assert_eq!(frames(&mut whole, bytes), Err(error));
            let mut slow = Decoder::new(4);
            let last = bytes
                .iter()
                .map(|b| frames(&mut slow, std::slice::from_ref(b)))
                .find(Result::is_err);
            assert_eq!(last, Some(Err(error)), "byte by byte");
        }
    }

    #[test]
    fn after_an_error_the_next_start_block_begins_anew() {
        let mut decoder = Decoder::new(4);
        assert!(frames(&mut decoder, b"\x0Babcdefgh").is_err());
        decoder.resync();
        assert_eq!(frames(&mut decoder, b"xx\x1C\r"), Ok(vec![]));
        assert_eq!(
            frames(&mut decoder, b"y\x0Babcd\x1C\r"),
            Ok(vec![b"abcd".to_vec()])
        );
    }

    #[test]
    fn the_end_of_the_stream_inside_a_frame_is_told() {
        let mut decoder = Decoder::default();
        assert_eq!(frames(&mut decoder, b"\x0Babc"), Ok(vec![]));
        let cut = FrameError::CutShort { held: 3, offset: 4 };
        assert_eq!(decoder.finish(), Err(cut));
    }

    #[test]
    fn no_message_can_end_its_own_frame() {
        let mut out = Vec::new();
        let error = FrameError::Unframeable {
            byte: END,
            offset: 1,
        };
        assert_eq!(encode(b"a\x1C\rMSH", &mut out), Err(error));
        assert!(out.is_empty());
    }
}
