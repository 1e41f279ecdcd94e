//! Escape sequences: how a value holds what would take the message apart.

use super::delimiters::Delimiters;
use std::borrow::Cow;

/// The value that `raw` stands for. `\F\ \S\ \R\ \E\ \T\`, `\P\` where the message has a truncation character, and `\Xhh..\` become bytes;
/// all other sequences (highlights, formatting, other character sets, local ones) and what is not a sequence stay as they are.
/// One pass, and never longer than `raw`.
#[must_use]
pub fn decode<'a>(raw: &'a [u8], delimiters: &Delimiters) -> Cow<'a, [u8]> {
    let Some(escape) = delimiters.escape else {
        return Cow::Borrowed(raw);
    };
    let Some(first) = raw.iter().position(|b| *b == escape) else {
        return Cow::Borrowed(raw);
    };
    let mut out = Vec::with_capacity(raw.len());
    let (plain, mut rest) = raw.split_at(first);
    out.extend_from_slice(plain);
    // `rest` begins with the escape character.
    while let Some(length) = rest.iter().skip(1).position(|b| *b == escape) {
        let (sequence, after) = rest.split_at(length + 2);
        if !push(&mut out, &sequence[1..=length], delimiters) {
            out.extend_from_slice(sequence);
        }
        let next = after.iter().position(|b| *b == escape);
        let (plain, then) = after.split_at(next.unwrap_or(after.len()));
        out.extend_from_slice(plain);
        rest = then;
        if rest.is_empty() {
            break;
        }
    }
    // What is left was opened and never closed.
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// Appends what a sequence stands for; whether it stands for bytes.
fn push(out: &mut Vec<u8>, sequence: &[u8], delimiters: &Delimiters) -> bool {
    let byte = match sequence {
        b"F" => Some(delimiters.field),
        b"S" => Some(delimiters.component),
        b"R" => delimiters.repetition,
        b"E" => delimiters.escape,
        b"T" => delimiters.subcomponent,
        b"P" => delimiters.truncation,
        [b'X', hex @ ..] => return push_hex(out, hex),
        _ => None,
    };
    out.extend(byte);
    byte.is_some()
}

fn push_hex(out: &mut Vec<u8>, hex: &[u8]) -> bool {
    let (pairs, rest) = hex.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() || !hex.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let digit = |b: u8| char::from(b).to_digit(16).unwrap_or_default() as u8;
    out.extend(pairs.iter().map(|[h, l]| digit(*h) << 4 | digit(*l)));
    true
}

/// A value that cannot be written, because it holds this byte and the message has no escape character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEscape(pub u8);

/// Appends `value` to `out` such that [`decode`] gives it back. Control characters, line ends among them, become `\Xhh\`.
///
/// # Errors
/// The message has no escape character and the value needs one.
pub fn encode(value: &[u8], delimiters: &Delimiters, out: &mut Vec<u8>) -> Result<(), NoEscape> {
    for &byte in value {
        let letter = match byte {
            b if b == delimiters.field => b"F",
            b if b == delimiters.component => b"S",
            b if Some(b) == delimiters.repetition => b"R",
            b if Some(b) == delimiters.escape => b"E",
            b if Some(b) == delimiters.subcomponent => b"T",
            b if Some(b) == delimiters.truncation => b"P",
            0..0x20 | 0x7F => b"X",
            _ => {
                out.push(byte);
                continue;
            }
        };
        let escape = delimiters.escape.ok_or(NoEscape(byte))?;
        out.push(escape);
        out.extend_from_slice(letter);
        if letter == b"X" {
            const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 15)]);
        }
        out.push(escape);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> String {
        let decoded = decode(raw.as_bytes(), &Delimiters::STANDARD);
        String::from_utf8(decoded.into_owned()).expect("the tests use UTF-8")
    }

    #[test]
    fn delimiters_and_bytes_come_out_of_their_sequences() {
        assert_eq!(text(r"a\F\b\S\c\R\d\E\e\T\f"), r"a|b^c~d\e&f");
        assert_eq!(text(r"\X48414C\ 9000"), "HAL 9000");
    }

    #[test]
    fn what_is_no_sequence_of_bytes_stays_as_it_is() {
        for raw in [
            r"\H\loud\N\",
            r"\.br\",
            r"\Zlocal\",
            r"\X4\",
            r"\XGG\",
            r"\X\",
            r"\P\",
            r"\\",
            r"open \F",
            r"\",
            r"\Xé\",
        ] {
            assert_eq!(text(raw), raw);
        }
    }

    #[test]
    fn the_truncation_character_has_a_sequence_only_where_there_is_one() {
        let delimiters = Delimiters::new(r"|^~\&#").expect("delimiters of 2.7");
        assert_eq!(&*decode(br"\P\", &delimiters), b"#");
        let mut out = Vec::new();
        encode(b"#", &delimiters, &mut out).expect("there is an escape");
        assert_eq!(out, br"\P\");
        out.clear();
        encode(b"#", &Delimiters::STANDARD, &mut out).expect("nothing to escape");
        assert_eq!(out, b"#");
    }

    #[test]
    fn without_an_escape_character_only_plain_values_are_written() {
        let delimiters = Delimiters::new("|^~").expect("an old message");
        let mut out = Vec::new();
        assert_eq!(encode(b"a\\b", &delimiters, &mut out), Ok(()));
        assert_eq!(
            encode(b"a|b", &delimiters, &mut Vec::new()),
            Err(NoEscape(b'|'))
        );
        assert_eq!(&*decode(br"\F\", &delimiters), br"\F\");
    }
}
