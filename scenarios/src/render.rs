//! Diagnostics as text for people.

use crate::diagnostic::{Diagnostic, Diagnostics};
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
        .map(|d| renderer.render(&[group(d)]))
        .collect();
    texts.join("\n\n")
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
