//! A terminal's screen as SVG.

use crate::pty::{self, Terminal};
use std::fmt::Write as _;
use std::path::Path;

/// A picture of the documentation.
#[derive(Debug)]
pub(crate) struct Picture {
    /// Where it lies, from the top of the repository.
    pub(crate) file: &'static str,
    /// Columns of its terminal.
    pub(crate) columns: u16,
    /// What it shows, for those who cannot see it.
    pub(crate) title: &'static str,
    /// The commands, as typed.
    pub(crate) commands: &'static [&'static str],
}

/// The pictures of the documentation.
pub(crate) const PICTURES: [Picture; 2] = [
    Picture {
        file: "docs/pictures/first-run.svg",
        columns: 96,
        title: "A run of one scenario, and why it came out as it did",
        commands: &[
            "pumplab run unsigned-library-push",
            "pumplab explain unsigned-library-push",
        ],
    },
    Picture {
        file: "docs/pictures/first-page.svg",
        columns: 96,
        title: "The first page: the shipped scenarios by kind of threat",
        commands: &["pumplab"],
    },
];

/// Width of a column, in the picture's units.
const COLUMN: f64 = 8.4;
/// Height of a line.
const LINE: f64 = 18.0;
/// Space around the text.
const MARGIN: f64 = 16.0;
/// Background of the terminal.
const BACK: &str = "#1b1f24";
/// Its text.
const TEXT: &str = "#e6e6e6";
/// The prompt.
const PROMPT: &str = "#79b8ff";

/// Runs commands one after the other on a terminal and draws what it shows.
pub(crate) fn session(
    program: &Path,
    variables: &[(&str, &str)],
    columns: u16,
    title: &str,
    commands: &[&str],
) -> String {
    let mut lines: Vec<String> = Vec::new();
    for command in commands {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!(
            "<tspan fill=\"{PROMPT}\">$</tspan> <tspan font-weight=\"bold\">{}</tspan>",
            escaped(command)
        ));
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let terminal = Terminal {
            columns,
            variables,
            ..Terminal::of(program)
        };
        let seen = terminal.run(&words);
        lines.extend(drawn(&seen.bytes, columns));
    }
    let width = f64::from(columns) * COLUMN + 2.0 * MARGIN;
    let height = lines.len() as f64 * LINE + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n\
         <title>{}</title>\n<desc>Terminal session: {}</desc>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACK}\"/>\n\
         <g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\" fill=\"{TEXT}\">\n",
        escaped(title),
        escaped(&commands.join("; ")),
    );
    for (number, line) in lines.iter().enumerate() {
        let y = MARGIN + (number as f64 + 0.75) * LINE;
        // Infallible: a string takes everything.
        let _ = writeln!(
            svg,
            "<text x=\"{MARGIN}\" y=\"{y:.1}\" xml:space=\"preserve\">{line}</text>"
        );
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// What a terminal shows after these bytes, each line as spans of one style; wall times, which no two runs share, are taken out.
fn drawn(bytes: &[u8], columns: u16) -> Vec<String> {
    let parser = pty::parsed(bytes, columns);
    let screen = parser.screen();
    let texts = pty::screen(bytes, columns);
    let used = texts
        .iter()
        .rposition(|t| !t.is_empty())
        .map_or(0, |i| i + 1);
    (0..used)
        .map(|row| {
            let end = texts[row]
                .rfind(" events, ")
                .filter(|_| texts[row].ends_with(" s wall"));
            let end = end.map_or(usize::from(columns), |at| {
                texts[row][..at].chars().count() + " events".len()
            });
            let mut line = String::new();
            let mut style = String::new();
            let mut span = String::new();
            for column in 0..columns.min(u16::try_from(end).unwrap_or(columns)) {
                let Some(cell) = screen.cell(u16::try_from(row).unwrap_or(u16::MAX), column) else {
                    continue;
                };
                if cell.is_wide_continuation() {
                    continue;
                }
                let now = style_of(cell);
                if now != style {
                    close(&mut line, &style, &mut span);
                    style = now;
                }
                span.push_str(if cell.has_contents() {
                    cell.contents()
                } else {
                    " "
                });
            }
            let trimmed = span.trim_end().to_owned();
            span = trimmed;
            close(&mut line, &style, &mut span);
            line
        })
        .collect()
}

fn close(line: &mut String, style: &str, span: &mut String) {
    let text = escaped(span);
    span.clear();
    if style.is_empty() || text.trim().is_empty() {
        line.push_str(&text);
    } else {
        let _ = write!(line, "<tspan{style}>{text}</tspan>");
    }
}

fn style_of(cell: &vt100::Cell) -> String {
    let mut style = String::new();
    let color = match cell.fgcolor() {
        vt100::Color::Idx(1) => "#ff7b72",
        vt100::Color::Idx(2) => "#7ee787",
        vt100::Color::Idx(3) => "#e3b341",
        vt100::Color::Idx(4) => "#79b8ff",
        _ if cell.dim() => "#9aa4af",
        _ => "",
    };
    if !color.is_empty() {
        let _ = write!(style, " fill=\"{color}\"");
    }
    if cell.bold() {
        style.push_str(" font-weight=\"bold\"");
    }
    style
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
