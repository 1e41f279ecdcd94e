//! Several messages in one file, with or without the envelope of a batch.

use super::message::BYTE_ORDER_MARK;
use super::segment_id::SegmentId;

/// A part of a file. The parts of a file, one after the other, are the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// What is to be one message, from its MSH to what follows; at the start of a file also what has no MSH.
    Message {
        /// Bytes from the start of the file.
        at: usize,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// A segment of an envelope (FHS, BHS, BTS, FTS) with what follows it.
    Envelope {
        /// Bytes from the start of the file.
        at: usize,
        /// Its bytes.
        bytes: &'a [u8],
    },
}

/// Takes a file apart into messages, line by line, where a line is anything up to a CR, LF or CR LF. Nothing is copied.
pub fn split(file: &[u8]) -> impl Iterator<Item = Part<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &file[at..];
        let first = line(rest);
        if first == 0 {
            return None;
        }
        let envelope = begins(&rest[..first]) == Begins::Envelope;
        let mut end = first;
        loop {
            let next = &rest[end..];
            let length = line(next);
            if length == 0 || begins(&next[..length]) != Begins::Nothing {
                break;
            }
            end += length;
        }
        let part = (at, &rest[..end]);
        at += end;
        let (at, bytes) = part;
        Some(if envelope {
            Part::Envelope { at, bytes }
        } else {
            Part::Message { at, bytes }
        })
    })
}

/// Length of the first line with its end.
fn line(bytes: &[u8]) -> usize {
    match bytes.iter().position(|b| matches!(b, b'\r' | b'\n')) {
        None => bytes.len(),
        Some(at) if bytes[at..].starts_with(b"\r\n") => at + 2,
        Some(at) => at + 1,
    }
}

#[derive(PartialEq, Eq)]
enum Begins {
    Message,
    Envelope,
    Nothing,
}

fn begins(line: &[u8]) -> Begins {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    let name = line.first_chunk::<3>().and_then(|n| SegmentId::new(*n));
    match name {
        Some(SegmentId::MSH) => Begins::Message,
        Some(name) if name.is_envelope() => Begins::Envelope,
        _ => Begins::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_comes_apart_and_nothing_is_lost() {
        let file = b"FHS|^~\\&\r\nBHS|^~\\&\r\nMSH|^~\\&|1\rPID|1\r\r\nMSH|^~\\&|2\nBTS|2\rFTS|1";
        let parts: Vec<Part<'_>> = split(file).collect();
        let shown: Vec<(bool, usize)> = parts
            .iter()
            .map(|p| match p {
                Part::Message { bytes, .. } => (true, bytes.len()),
                Part::Envelope { bytes, .. } => (false, bytes.len()),
            })
            .collect();
        assert_eq!(
            shown,
            [
                (false, 10),
                (false, 10),
                (true, 19),
                (true, 11),
                (false, 6),
                (false, 5)
            ]
        );
        let joined: Vec<u8> = parts
            .iter()
            .flat_map(|p| match p {
                Part::Message { bytes, .. } | Part::Envelope { bytes, .. } => bytes.to_vec(),
            })
            .collect();
        assert_eq!(joined, file);
    }
}
