//! Where output goes: standard output and error, with colour where it can be seen.

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
        writeln!(self.out, "{}", text.trim_end())
    }
}

/// Text in a style.
#[must_use]
pub fn paint(color: bool, style: Style, text: &str) -> String {
    if color && style != Style::Plain {
        format!("{}{text}\x1b[0m", style.code())
    } else {
        text.to_owned()
    }
}

/// Whether a stream takes colour: it is a terminal and `NO_COLOR` is not set.
pub fn wants_color<S: IsTerminal>(stream: &S) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// A table whose columns align.
#[derive(Clone, Debug, Default)]
pub struct Table {
    right: Vec<bool>,
    rows: Vec<Vec<(String, Style)>>,
}

impl Table {
    /// A table with these headings; those that begin with `>` stand to the right.
    #[must_use]
    pub fn new(headings: &[&str]) -> Self {
        let row = headings
            .iter()
            .map(|h| (h.trim_start_matches('>').to_owned(), Style::Bold))
            .collect();
        Self {
            right: headings.iter().map(|h| h.starts_with('>')).collect(),
            rows: vec![row],
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<(String, Style)>) {
        self.rows.push(cells);
    }

    /// The table as lines.
    #[must_use]
    pub fn lines(&self, color: bool) -> Vec<String> {
        let columns = self.right.len();
        let mut widths = vec![0; columns];
        for row in &self.rows {
            for (width, (text, _)) in widths.iter_mut().zip(row) {
                *width = (*width).max(text.chars().count());
            }
        }
        let line = |row: &Vec<(String, Style)>| {
            let mut line = String::new();
            for (i, (text, style)) in row.iter().enumerate().take(columns) {
                let pad = " ".repeat(widths[i].saturating_sub(text.chars().count()));
                let text = paint(color, *style, text);
                let cell = if self.right[i] {
                    format!("{pad}{text}")
                } else if i + 1 == columns {
                    text
                } else {
                    format!("{text}{pad}")
                };
                if i > 0 {
                    line.push_str("  ");
                }
                line.push_str(&cell);
            }
            line.trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_whatever_the_colour() {
        let mut table = Table::new(&["name", ">events", "what"]);
        table.row(vec![
            ("a".to_owned(), Style::Plain),
            ("12".to_owned(), Style::Dim),
            ("held".to_owned(), Style::Good),
        ]);
        assert_eq!(
            table.lines(false),
            ["name  events  what", "a         12  held"]
        );
        let painted = table.lines(true)[1]
            .replace("\x1b[0m", "")
            .replace(Style::Dim.code(), "")
            .replace(Style::Good.code(), "");
        assert_eq!(painted, "a         12  held");
    }
}
