use super::{Style, paint, safe, wrap};

#[test]
fn a_number_and_its_unit_stay_on_a_line() {
    let text = "worst pump-10 at 36 min 26 s, limit 30 s; 12 pumps";
    for width in 12..60 {
        let lines = wrap(
            text,
            textwrap::Options::new(width).word_splitter(textwrap::WordSplitter::NoHyphenation),
        );
        for line in &lines {
            let first = line.split([' ', ',', ';']).next();
            assert!(!matches!(first, Some("s" | "min")), "{width}: {lines:?}");
        }
        assert_eq!(lines.join(" "), text, "nothing else changes");
    }
}

#[test]
fn nothing_commands_the_terminal_but_our_own_colours() {
    let title = "\u{1b}]0;owned\u{7} \u{202e}title\r\0";
    let shown = safe(&paint(true, Style::Bad, title)).into_owned();
    let inside = shown
        .strip_prefix("\x1b[1;31m")
        .and_then(|t| t.strip_suffix("\x1b[0m"));
    let inside = inside.expect("our colour stays");
    assert!(
        inside.chars().all(|c| !c.is_control() && c != '\u{202e}'),
        "{inside:?}"
    );
    assert_eq!(safe("two\nlines of 5 \u{b5}s"), "two\nlines of 5 \u{b5}s");
}
