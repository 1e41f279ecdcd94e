//! Diagnostics as text for people.

use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::escape::escape;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

pub(crate) fn render(diagnostics: &Diagnostics, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let texts: Vec<String> = diagnostics
        .items
        .iter()
        .map(|d| renderer.render(&[group(&harmless(d))]))
        .collect();
    texts.join("\n\n")
}

/// The diagnostic with what comes from files and command lines made fit for a terminal. The lines of a file that are shown beside it are
/// made so by the renderer.
fn harmless(d: &Diagnostic) -> Diagnostic {
    let text = |t: &String| escape(t).into_owned();
    let mut shown = d.clone();
    shown.message = text(&d.message);
    shown.label = text(&d.label);
    shown.hints = d.hints.iter().map(text).collect();
    if let Some(related) = &mut shown.related {
        related.label = text(&related.label);
    }
    if let Some(source) = &d.source
        && (escape(&source.name) != source.name || source.text.chars().any(is_left))
    {
        let text: String = source
            .text
            .chars()
            .map(|c| if is_left(c) { stand_in(c) } else { c })
            .collect();
        shown.source = Some(Source::new(&escape(&source.name), &text));
    }
    shown
}

/// Whether the renderer leaves a character of a file as it is although a terminal may act upon it.
fn is_left(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A character to be seen in its place, of the same length, so that places in the text stay where they are.
fn stand_in(c: char) -> char {
    if c.len_utf8() == 2 {
        '\u{bf}'
    } else {
        '\u{fffd}'
    }
}

fn group(d: &Diagnostic) -> Group<'_> {
    let level = if d.code.is_warning() {
        Level::WARNING
    } else {
        Level::ERROR
    };
    let title = level.primary_title(&d.message).id(d.code.id());
    let mut group = match &d.source {
        None => Group::with_title(title),
        Some(source) => {
            let text = source.text.as_str();
            let mut primary = AnnotationKind::Primary.span(inside(text, &d.span));
            if !d.label.is_empty() {
                primary = primary.label(&d.label);
            }
            let mut snippet = Snippet::source(text).path(&source.name).annotation(primary);
            if let Some(related) = &d.related {
                snippet = snippet.annotation(
                    AnnotationKind::Context
                        .span(inside(text, &related.span))
                        .label(&related.label),
                );
            }
            title.element(snippet)
        }
    };
    for hint in &d.hints {
        group = group.element(Level::HELP.message(hint));
    }
    group
}

/// The part of a span that lies in the text, on character boundaries, and of the first line only where it is longer.
fn inside(text: &str, span: &Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    let end = floor(span.end).max(start);
    let line = text[start..end].find('\n').map_or(end, |n| start + n);
    start..line
}
