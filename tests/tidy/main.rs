//! The rules of this repository that no compiler and no lint holds. Each says where it is broken and what to do instead.

mod cycles;
mod layers;
mod names;
mod paths;
mod planted;
mod registration;
mod size;
mod source;
mod text;

use source::Source;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    file: String,
    line: usize,
    rule: &'static str,
    advice: String,
}

impl Finding {
    fn new(source: &Source, line: usize, rule: &'static str, advice: String) -> Self {
        Self {
            file: source.path.clone(),
            line,
            rule,
            advice,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            rule,
            advice,
        } = self;
        write!(f, "{file}:{line}: {rule}: {advice}")
    }
}

/// What each file must hold to for itself.
fn check(source: &Source) -> Vec<Finding> {
    if let Some((line, problem)) = &source.unreadable {
        let advice = format!("it cannot be parsed: {problem}");
        return vec![Finding::new(source, *line, "no Rust", advice)];
    }
    let rules = [layers::check, names::check, size::check, text::check];
    rules.iter().flat_map(|rule| rule(source)).collect()
}

/// Everything that stands in the repository and is text, without what builds and runs leave there.
fn tree() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests stand in the workspace");
    let mut files = Vec::new();
    walk(root, &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let text = String::from_utf8(fs::read(&path).ok()?).ok()?;
        let below = path.strip_prefix(root).ok()?;
        let parts: Vec<_> = below.iter().map(|p| p.to_string_lossy()).collect();
        Some(Source::new(parts.join("/"), text))
    };
    files.into_iter().filter_map(read).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let left = [".git", "target", "runs"];
        if left.iter().any(|l| name == *l) {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), files),
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
}

#[test]
fn the_repository_is_tidy() {
    let sources = tree();
    assert!(
        sources.len() > 200,
        "only {} files were found",
        sources.len()
    );
    let mut found: Vec<Finding> = sources.iter().flat_map(check).collect();
    found.extend(size::shape(&sources));
    found.extend(registration::check(&sources));
    found.extend(cycles::check(&sources));
    found.sort();
    let lines: Vec<String> = found.iter().map(Finding::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} rules are broken:\n{}\n",
        lines.len(),
        lines.join("\n")
    );
}
