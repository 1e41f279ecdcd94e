//! Diagnostics as text for people.
//!
//! The renderer gets the lines that a diagnostic is about and no others, so that the cost of a report does not grow with the file times the
//! number of its mistakes. Of a line far longer than any screen it gets the part around the place.

use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::escape::escape;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;
use std::sync::Arc;

/// Lines between a place and its related place up to which both are shown in one excerpt.
const TOGETHER: usize = 100;
/// Bytes of a line from which only the part around the place is shown.
const LONG: usize = 1000;
/// Bytes that are shown before and behind the place in a long line.
const AROUND: usize = 120;

pub(crate) fn render(diagnostics: &Diagnostics, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut lines: Option<Lines> = None;
    let mut out = String::new();
    for d in &diagnostics.items {
        if let Some(source) = &d.source
            && lines
                .as_ref()
                .is_none_or(|l| !Arc::ptr_eq(&l.source, source))
        {
            lines = Some(Lines::of(source));
        }
        let lines = lines.as_ref().filter(|_| d.source.is_some());
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str(&renderer.render(&[group(d, lines)]));
    }
    out
}

/// Where the lines of a source begin.
struct Lines {
    source: Arc<Source>,
    starts: Vec<usize>,
}

impl Lines {
    fn of(source: &Arc<Source>) -> Self {
        let behind = source.text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            source: Arc::clone(source),
            starts: std::iter::once(0).chain(behind).collect(),
        }
    }

    /// Position of the line that holds a byte.
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at) - 1
    }

    /// Bytes of a line, without its end.
    fn bytes(&self, line: usize) -> Range<usize> {
        let start = self.starts[line];
        let text = &self.source.text;
        let next = self.starts.get(line + 1);
        let end = next.map_or(text.len(), |next| next - 1);
        let end = end - usize::from(text[start..end].ends_with('\r'));
        start..end
    }

    /// The part of a span that lies in the text, on character boundaries, and of the first line only where it is longer.
    fn inside(&self, span: &Range<usize>) -> Range<usize> {
        let text = &self.source.text;
        let start = floor(text, span.start);
        let end = floor(text, span.end).max(start);
        start..end.min(self.bytes(self.line(start)).end.max(start))
    }

    /// The lines from that of one place to that of another.
    fn excerpt(&self, first: &Range<usize>, last: &Range<usize>) -> Excerpt {
        let line = self.line(first.start);
        let start = self.starts[line];
        let end = self.bytes(self.line(last.start)).end;
        Excerpt {
            text: visible(&self.source.text[start..end]),
            line: line + 1,
            start,
            cut: None,
        }
    }

    /// The line of a place, or what is around the place where the line is long.
    fn around(&self, place: &Range<usize>) -> Excerpt {
        let line = self.bytes(self.line(place.start));
        if line.len() <= LONG {
            return self.excerpt(place, place);
        }
        let text = &self.source.text;
        let start = floor(text, place.start.saturating_sub(AROUND)).max(line.start);
        let end = floor(text, (place.start + AROUND).min(line.end));
        Excerpt {
            text: visible(&text[start..end]),
            line: self.line(place.start) + 1,
            start,
            cut: Some(text[line.start..place.start].chars().count() + 1),
        }
    }

    fn is_long(&self, place: &Range<usize>) -> bool {
        self.bytes(self.line(place.start)).len() > LONG
    }
}

/// Part of a source.
struct Excerpt {
    text: String,
    /// Number of its first line, from 1.
    line: usize,
    /// Where it begins in the source.
    start: usize,
    /// Column of the place, from 1, where the excerpt does not begin with a line.
    cut: Option<usize>,
}

impl Excerpt {
    /// A place of the source, in the excerpt.
    fn span(&self, place: &Range<usize>) -> Range<usize> {
        let at = |byte: usize| byte.saturating_sub(self.start).min(self.text.len());
        at(place.start)..at(place.end)
    }

    fn snippet(&self, name: &str) -> Snippet<'static, Annotation<'static>> {
        let snippet = Snippet::source(self.text.clone()).line_start(self.line);
        match self.cut {
            None => snippet.path(name.to_owned()),
            Some(_) => snippet,
        }
    }

    /// The place in the source, where the renderer cannot work it out.
    fn origin(&self, name: &str) -> Option<Origin<'static>> {
        let column = self.cut?;
        let origin = Origin::path(name.to_owned()).line(self.line);
        Some(origin.char_column(column))
    }
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A text of a file with every character that the renderer leaves as it is, although a terminal may act upon it, replaced by one of the same
/// length, so that places in the text stay where they are.
fn visible(text: &str) -> String {
    let stand_in = |c: char| match c.len_utf8() {
        2 => '\u{bf}',
        _ => '\u{fffd}',
    };
    let shown = text.chars();
    shown
        .map(|c| if is_left(c) { stand_in(c) } else { c })
        .collect()
}

/// Whether the renderer leaves a character of a file as it is although a terminal may act upon it.
fn is_left(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A diagnostic with what comes from files and command lines made fit for a terminal.
fn group(d: &Diagnostic, lines: Option<&Lines>) -> Group<'static> {
    let level = if d.code.is_warning() {
        Level::WARNING
    } else {
        Level::ERROR
    };
    let title = level
        .primary_title(escape(&d.message).into_owned())
        .id(d.code.id());
    let mut group = match lines {
        None => Group::with_title(title),
        Some(lines) => places(Group::with_title(title), d, lines),
    };
    for hint in &d.hints {
        group = group.element(Level::HELP.message(escape(hint).into_owned()));
    }
    group
}

/// Adds the place that a diagnostic is about, and its related place.
fn places(mut group: Group<'static>, d: &Diagnostic, lines: &Lines) -> Group<'static> {
    let name = escape(&lines.source.name);
    let place = lines.inside(&d.span);
    let related = d.related.as_ref();
    let related = related.map(|r| (lines.inside(&r.span), escape(&r.label).into_owned()));
    let together = related.as_ref().filter(|(other, _)| {
        let apart = lines.line(place.start).abs_diff(lines.line(other.start));
        apart <= TOGETHER && !lines.is_long(&place) && !lines.is_long(other)
    });
    let excerpt = match together {
        None => lines.around(&place),
        Some((other, _)) if other.start < place.start => lines.excerpt(other, &place),
        Some((other, _)) => lines.excerpt(&place, other),
    };
    let mut primary = AnnotationKind::Primary.span(excerpt.span(&place));
    if !d.label.is_empty() {
        primary = primary.label(escape(&d.label).into_owned());
    }
    let mut snippet = excerpt.snippet(&name).annotation(primary);
    let context = |excerpt: &Excerpt, (other, label): &(Range<usize>, String)| {
        AnnotationKind::Context
            .span(excerpt.span(other))
            .label(label.clone())
    };
    if let Some(other) = together {
        snippet = snippet.annotation(context(&excerpt, other));
    }
    if let Some(origin) = excerpt.origin(&name) {
        group = group.element(origin);
    }
    group = group.element(snippet);
    if let Some(other) = related.as_ref().filter(|_| together.is_none()) {
        let excerpt = lines.around(&other.0);
        let snippet = excerpt.snippet(&name).annotation(context(&excerpt, other));
        group = group.element(snippet);
    }
    group
}
