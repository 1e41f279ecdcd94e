//! Words of commands that people copy into a shell.

use std::borrow::Cow;

/// A word as a shell takes it: as it is, or in quotes.
#[must_use]
pub fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_that_a_shell_would_break_are_quoted() {
        assert_eq!(quoted("own/labs/ward.toml"), "own/labs/ward.toml");
        assert_eq!(quoted("NET-01+NET-02"), "NET-01+NET-02");
        assert_eq!(quoted("with space.toml"), "'with space.toml'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
