//! Where output goes: standard output and error, with colour where it can be seen.
//!
//! Only the thread that holds the [`Console`] writes to the two streams, and it holds no lock on them while it works: a worker that
//! waited for such a lock would wait for ever.

mod table;
#[cfg(test)]
mod tests;

pub use table::Table;

use pumplab_scenarios::escape;
use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

/// Colours of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// As it comes.
    #[default]
    Plain,
    /// Headings.
    Bold,
    /// Of minor interest.
    Dim,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\x1b[1m",
            Self::Dim => "\x1b[2m",
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[1;31m",
        }
    }
}

/// The command's output.
pub struct Console<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// Messages.
    pub err: &'a mut dyn Write,
    /// Whether results may be coloured.
    pub color: bool,
    /// Whether messages may be coloured.
    pub err_color: bool,
    /// Whether somebody watches: progress is drawn.
    pub watched: bool,
    /// Columns of the terminal that results go to; none where a line may be as long as it needs.
    pub width: Option<usize>,
}

impl std::fmt::Debug for Console<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console")
            .field("color", &self.color)
            .field("watched", &self.watched)
            .finish_non_exhaustive()
    }
}

impl Console<'_> {
    /// Text in a style, if colour is on.
    #[must_use]
    pub fn paint(&self, style: Style, text: &str) -> String {
        paint(self.color, style, text)
    }

    /// Writes a line of results.
    ///
    /// # Errors
    /// When the output is closed or full.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", safe(text.trim_end()))
    }

    /// Writes lines of results in which nothing from outside commands the terminal, such as diagnostics with their own colours.
    ///
    /// # Errors
    /// When the output is closed or full.
    pub fn rendered(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// Writes a paragraph of results, wrapped to the terminal; lines after the first are indented by so many columns.
    ///
    /// # Errors
    /// When the output is closed or full.
    pub fn paragraph(&mut self, text: &str, indent: usize) -> io::Result<()> {
        let Some(width) = self.width else {
            return self.line(text);
        };
        let hanging = " ".repeat(indent);
        let options = textwrap::Options::new(width.max(indent + MIN_TEXT))
            .subsequent_indent(&hanging)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        for line in wrap(text, options) {
            self.line(&line)?;
        }
        Ok(())
    }

    /// Writes a table in the space there is.
    ///
    /// # Errors
    /// When the output is closed or full.
    pub fn table(&mut self, table: &Table) -> io::Result<()> {
        for line in table.lines(self.width, self.color) {
            self.line(&line)?;
        }
        Ok(())
    }
}

/// Text without anything that a terminal acts upon, but for our own colours: names and titles come from files, and what was said to a live lab
/// from anybody.
fn safe(text: &str) -> Cow<'_, str> {
    let ours = [Style::Bold, Style::Dim, Style::Good, Style::Bad].map(Style::code);
    let harmless = |c: char| !c.is_control() || c == '\n';
    if text.chars().all(harmless) && escape(text).len() == text.len() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let colour = ours
            .iter()
            .chain([&RESET])
            .find(|code| rest.starts_with(**code));
        if let Some(code) = colour {
            out.push_str(code);
            rest = &rest[code.len()..];
        } else {
            let (first, after) = rest.split_at(c.len_utf8());
            match c {
                '\n' => out.push(c),
                _ => out.push_str(&escape(first)),
            }
            rest = after;
        }
    }
    Cow::Owned(out)
}

/// Text as lines. A number and its unit stay together.
fn wrap(text: &str, options: textwrap::Options<'_>) -> Vec<String> {
    const UNITS: [&str; 9] = ["h", "min", "s", "ms", "\u{b5}s", "mL", "mL/h", "%", "MiB"];
    const TOGETHER: &str = "\u{a0}";
    let mut glued = String::with_capacity(text.len());
    for word in text.split_inclusive(' ') {
        let unit = word.trim_end_matches([' ', ',', ';', ':', '.', ')']);
        let number = glued
            .strip_suffix(' ')
            .is_some_and(|t| t.ends_with(|c: char| c.is_ascii_digit()));
        if number && UNITS.contains(&unit) {
            glued.pop();
            glued.push_str(TOGETHER);
        }
        glued.push_str(word);
    }
    let options = options.word_separator(textwrap::WordSeparator::AsciiSpace);
    let lines = textwrap::wrap(&glued, options).into_iter();
    lines.map(|line| line.replace(TOGETHER, " ")).collect()
}

/// Ends a style.
const RESET: &str = "\x1b[0m";
/// Columns that text gets at the least, however narrow the terminal is.
const MIN_TEXT: usize = 20;

/// Text in a style.
#[must_use]
pub fn paint(color: bool, style: Style, text: &str) -> String {
    if color && style != Style::Plain {
        format!("{}{text}{RESET}", style.code())
    } else {
        text.to_owned()
    }
}

/// Whether a stream takes colour: it is a terminal that can do more than print, and `NO_COLOR` is not set.
pub fn wants_color<S: IsTerminal>(stream: &S) -> bool {
    can_move(stream) && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Whether a stream is a terminal on which text can be written over: a progress bar is drawn there.
pub fn can_move<S: IsTerminal>(stream: &S) -> bool {
    stream.is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Columns of the terminal that standard output is; none if it is none. A terminal that does not say counts as one of 80.
#[must_use]
pub fn columns() -> Option<usize> {
    let terminal = ::console::Term::stdout();
    terminal.is_term().then(|| {
        let columns = terminal.size_checked().map_or(0, |(_, columns)| columns);
        if columns == 0 {
            80
        } else {
            usize::from(columns)
        }
    })
}
