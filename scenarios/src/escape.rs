//! Text from files on its way to a terminal: nothing in it may move the cursor, ring, or turn the line around.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every character that a terminal would act upon written out: control characters (ESC, BEL, NUL, CR, LF and the like), marks of
/// writing direction, and marks without a width. Everything else stays as it is.
///
/// Use it wherever a name or a title from a file is printed.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if acts(c) => {
                // As TOML writes it, so that it can be looked for in the file.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a terminal may act upon a character rather than show it.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_upon_is_written_out() {
        assert_eq!(
            escape("Pumpe für Zimmer 7 \u{2013} ok"),
            "Pumpe für Zimmer 7 \u{2013} ok"
        );
        assert_eq!(escape("a\u{1b}[31mred"), "a\\u001B[31mred");
        assert_eq!(escape("bell\u{7}\0 \r\n\t"), "bell\\u0007\\u0000 \\r\\n\\t");
        assert_eq!(escape("\u{9b}31m"), "\\u009B31m");
        assert_eq!(
            escape("a\u{202e}b\u{2066}c\u{200f}"),
            "a\\u202Eb\\u2066c\\u200F"
        );
        for c in (0..=0x1f_u32).chain(0x7f..=0x9f).filter_map(char::from_u32) {
            assert!(
                !escape(&c.to_string()).chars().any(char::is_control),
                "{c:?}"
            );
        }
    }
}
