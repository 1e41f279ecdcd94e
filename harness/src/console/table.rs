//! Tables: columns that align, and that fit the terminal.

use super::{Style, paint, wrap};

/// Columns between two cells.
const GAP: usize = 2;
/// A column of prose is not made narrower than this while the names beside it can stay whole.
const PROSE: usize = 24;
/// No column is made narrower than this.
const NARROWEST: usize = 8;

/// A table whose columns align. Where its lines would be longer than the terminal is wide, the widest columns are wrapped.
#[derive(Clone, Debug, Default)]
pub struct Table {
    right: Vec<bool>,
    least: Vec<usize>,
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
            least: vec![0; headings.len()],
            rows: vec![row],
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<(String, Style)>) {
        self.rows.push(cells);
    }

    /// Sets how wide a column is at the least, for rows that are printed before the others are known.
    pub fn reserve(&mut self, column: usize, width: usize) {
        if let Some(least) = self.least.get_mut(column) {
            *least = (*least).max(width);
        }
    }

    /// The table as lines, each at most so wide if a width is given and it can be done.
    #[must_use]
    pub fn lines(&self, width: Option<usize>, color: bool) -> Vec<String> {
        let widths = self.widths(width);
        self.rows
            .iter()
            .flat_map(|row| self.lay(row, &widths, color))
            .collect()
    }

    /// The last row as lines, as it stands below the others.
    #[must_use]
    pub fn last(&self, width: Option<usize>, color: bool) -> Vec<String> {
        let widths = self.widths(width);
        self.rows
            .last()
            .map_or_else(Vec::new, |row| self.lay(row, &widths, color))
    }

    /// How wide the table would be without a limit.
    #[must_use]
    pub fn natural_width(&self) -> usize {
        let widths = self.widths(None);
        widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
    }

    /// Widths of the columns: as wide as their widest cell, or less for the widest ones where the terminal is narrower.
    fn widths(&self, width: Option<usize>) -> Vec<usize> {
        let mut widths = self.least.clone();
        for row in &self.rows {
            for (width, (text, _)) in widths.iter_mut().zip(row) {
                *width = (*width).max(textwrap::core::display_width(text));
            }
        }
        let Some(total) = width else { return widths };
        let space = total.saturating_sub(GAP * widths.len().saturating_sub(1));
        // Headings of several words give way first: they are read once.
        for i in 0..widths.len() {
            let over = widths.iter().sum::<usize>().saturating_sub(space);
            widths[i] -= over.min(widths[i].saturating_sub(self.without_heading(i)));
        }
        // Prose gives way before names do: half a name cannot be copied.
        let prose: Vec<bool> = (0..widths.len())
            .map(|i| self.rows.iter().skip(1).any(|row| row[i].0.contains(' ')))
            .collect();
        shrink(&mut widths, space, PROSE, |i| prose[i]);
        shrink(&mut widths, space, NARROWEST, |_| true);
        widths
    }

    /// Width of a column whose heading is wrapped.
    fn without_heading(&self, column: usize) -> usize {
        let body = self.rows.iter().skip(1).map(|row| row[column].0.as_str());
        let heading = self.rows[0][column].0.split(' ');
        let widths = body.chain(heading).map(textwrap::core::display_width);
        widths.max().unwrap_or(0).max(self.least[column])
    }

    fn lay(&self, row: &[(String, Style)], widths: &[usize], color: bool) -> Vec<String> {
        let cells: Vec<Vec<String>> = row
            .iter()
            .zip(widths)
            .map(|((text, _), width)| wrapped(text, *width))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(1);
        (0..height)
            .map(|number| {
                let mut line = String::new();
                for (i, (cell, width)) in cells.iter().zip(widths).enumerate() {
                    let text = cell.get(number).map_or("", String::as_str);
                    let pad = width.saturating_sub(textwrap::core::display_width(text));
                    let pad = " ".repeat(pad);
                    let text = if text.is_empty() {
                        String::new()
                    } else {
                        paint(color, row[i].1, text)
                    };
                    if i > 0 {
                        line.push_str(&" ".repeat(GAP));
                    }
                    if self.right[i] {
                        line.push_str(&pad);
                        line.push_str(&text);
                    } else {
                        line.push_str(&text);
                        line.push_str(&pad);
                    }
                }
                line.trim_end().to_owned()
            })
            .collect()
    }
}

/// Takes columns from the widest of those that may give way, until the rest fits the space. The widest gives way to the next widest, and so on:
/// short columns stay whole.
fn shrink(widths: &mut [usize], space: usize, least: usize, may: impl Fn(usize) -> bool) {
    loop {
        let sum: usize = widths.iter().sum();
        let able = |i: usize, w: usize| w > least && may(i);
        let wide = widths
            .iter()
            .copied()
            .enumerate()
            .filter(|(i, w)| able(*i, *w));
        let Some(widest) = wide.map(|(_, w)| w).max().filter(|_| sum > space) else {
            return;
        };
        let below = |(i, w): (usize, &usize)| (may(i) && *w < widest).then_some(*w);
        let next = widths
            .iter()
            .enumerate()
            .filter_map(below)
            .max()
            .unwrap_or(0);
        let same: Vec<usize> = (0..widths.len())
            .filter(|i| may(*i) && widths[*i] == widest)
            .collect();
        let share = (sum - space).div_ceil(same.len());
        let to = widest.saturating_sub(share).max(next).max(least);
        for i in same {
            widths[i] = to;
        }
    }
}

/// A cell's text as lines of at most so many columns; a word that is longer is cut.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    if textwrap::core::display_width(text) <= width {
        return vec![text.to_owned()];
    }
    let splitter = if text.contains(' ') {
        textwrap::WordSplitter::NoHyphenation
    } else {
        textwrap::WordSplitter::HyphenSplitter
    };
    wrap(
        text,
        textwrap::Options::new(width.max(1)).word_splitter(splitter),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["name", ">events", "what"]);
        table.row(vec![
            ("a".to_owned(), Style::Plain),
            ("12".to_owned(), Style::Dim),
            (
                "held because of a rule in the firewall".to_owned(),
                Style::Good,
            ),
        ]);
        table
    }

    #[test]
    fn columns_align_whatever_the_colour() {
        let plain = table().lines(None, false);
        assert_eq!(
            plain,
            [
                "name  events  what",
                "a         12  held because of a rule in the firewall"
            ]
        );
        let painted = table().lines(None, true)[1]
            .replace("\x1b[0m", "")
            .replace(Style::Dim.code(), "")
            .replace(Style::Good.code(), "");
        assert_eq!(painted, plain[1]);
    }

    #[test]
    fn the_widest_column_gives_way() {
        assert_eq!(
            table().lines(Some(30), false),
            [
                "name  events  what",
                "a         12  held because of",
                "              a rule in the",
                "              firewall"
            ]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let mut table = table();
        table.row(vec![
            (
                "\u{6f22}\u{5b57} name-with-dashes-all-along".to_owned(),
                Style::Plain,
            ),
            ("1".to_owned(), Style::Plain),
            ("x".repeat(90), Style::Bold),
        ]);
        for width in [26, 40, 60, 80, 120, 200] {
            for line in table.lines(Some(width), false) {
                let wide = textwrap::core::display_width(&line);
                assert!(wide <= width, "{wide} > {width}: {line}");
            }
        }
    }

    #[test]
    fn a_row_is_printed_as_it_stands_in_the_whole() {
        let mut table = table();
        table.reserve(0, 6);
        assert_eq!(
            table.last(Some(40), false),
            table.lines(Some(40), false)[1..]
        );
    }
}
