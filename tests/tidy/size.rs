//! How long files and functions may be.

use super::Finding;
use super::source::{Kind, Source, item_end};

const FILE_MAX: usize = 1000;
const FUNCTION_MAX: usize = 70;
const MEDIAN: usize = 220;
const THIRD_QUARTILE: usize = 500;

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    if !source.path.ends_with(".rs") {
        return found;
    }
    let lines = length(source);
    if lines > FILE_MAX && !source.text.starts_with("//! Long because") {
        let advice = format!(
            "{lines} lines, at most {FILE_MAX}: split it, or begin it with `//! Long because`"
        );
        found.push(Finding::new(source, 1, "long file", advice));
    }
    let text: Vec<&str> = source.text.lines().collect();
    for (at, token) in source.tokens.iter().enumerate() {
        let Some(name) = source.tokens.get(at + 1).filter(|t| t.kind == Kind::Name) else {
            continue;
        };
        if !token.is_name("fn") {
            continue;
        }
        let end = source.tokens[item_end(&source.tokens, at)].line;
        let lines = end - token.line + 1;
        if lines >= FUNCTION_MAX && !excused(&text[..token.line - 1]) {
            let advice = format!(
                "{} has {lines} lines, fewer than {FUNCTION_MAX} are wanted: split it, or say why above it with `// long: …`",
                name.text
            );
            found.push(Finding::new(source, token.line, "long function", advice));
        }
    }
    found
}

/// Whether the comments and attributes that end `above` say why what follows is long.
fn excused(above: &[&str]) -> bool {
    above
        .iter()
        .rev()
        .map(|l| l.trim_start())
        .take_while(|l| l.starts_with("//") || l.starts_with("#["))
        .any(|l| {
            l.strip_prefix("// long: ")
                .is_some_and(|why| !why.is_empty())
        })
}

/// Lines without inline test modules.
fn length(source: &Source) -> usize {
    let all = source.text.lines().count();
    if source.is_test() {
        return all;
    }
    let mut tests = 0;
    let mut tokens = source.tokens.iter().peekable();
    while let Some(first) = tokens.next_if(|_| true) {
        if first.test {
            let mut last = first.line;
            while let Some(token) = tokens.next_if(|t| t.test) {
                last = token.line;
            }
            tests += last - first.line + 1;
        }
    }
    all - tests
}

/// Half the files short, three quarters of middling length.
pub(crate) fn shape(sources: &[Source]) -> Vec<Finding> {
    let lengths: Vec<(usize, &Source)> = sources
        .iter()
        .filter(|s| s.path.ends_with(".rs") && !s.is_test())
        .map(|s| (length(s), s))
        .collect();
    let mut found = Vec::new();
    for (share, of, limit) in [(1, 2, MEDIAN), (3, 4, THIRD_QUARTILE)] {
        let mut long: Vec<_> = lengths.iter().filter(|(n, _)| *n >= limit).collect();
        long.sort_by_key(|(n, s)| (*n, s.path.as_str()));
        if (lengths.len() - long.len()) * of < lengths.len() * share
            && let Some((n, nearest)) = long.first()
        {
            let advice = format!(
                "{} of {} files have {limit} lines or more, {share}/{of} must have fewer: split some (the nearest is this, with {n})",
                long.len(),
                lengths.len()
            );
            found.push(Finding::new(nearest, 1, "shape", advice));
        }
    }
    found
}
