//! Files, tests and controls that pages name are there, and the words that the project avoids are not.

use crate::pages::{self, below, prose, root};
use std::collections::BTreeSet;

/// Text between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let folders = [
        "sim/",
        "scenarios/",
        "harness/",
        "tests/",
        "docs/",
        "benches/",
    ];
    let root = root();
    let mut missing = Vec::new();
    for page in pages::all() {
        let text = prose(&page.text);
        for token in quoted(&text) {
            let path = token.split([' ', '*', ':', '{']).next().unwrap_or_default();
            if folders.iter().any(|f| path.starts_with(f)) && !root.join(path).exists() {
                missing.push(format!("{}: {token}", page.name));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Names of the functions and fields of the workspace.
fn declared() -> BTreeSet<String> {
    let mut files = Vec::new();
    for folder in ["sim/src", "scenarios", "harness", "tests", "benches"] {
        below(&root().join(folder), "rs", &mut files);
    }
    let mut names = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("a source file");
        for line in text.lines() {
            let after = ["fn ", "pub "].iter().filter_map(|k| line.split_once(k));
            for (_, rest) in after {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                names.insert(rest[..end.unwrap_or(rest.len())].to_owned());
            }
        }
    }
    names
}

#[test]
fn every_test_that_a_page_names_is_there() {
    let known = declared();
    let mut missing = Vec::new();
    for page in pages::all() {
        let text = prose(&page.text);
        for token in quoted(&text) {
            let sentence = token.matches('_').count() >= 4
                && token
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if sentence && !known.contains(token) {
                missing.push(format!("{}: {token}", page.name));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_code_of_a_diagnostic_that_a_page_names_exists() {
    let known = pages::named("docs/diagnostics.md").text;
    for page in pages::all() {
        for (i, _) in page.text.match_indices("PL0") {
            let code: String = page.text[i..].chars().take(6).collect();
            assert!(
                known.contains(&format!("| {code} |")),
                "{}: {code}",
                page.name
            );
        }
    }
}

#[test]
fn nothing_is_claimed_that_cannot_be() {
    let avoided = [
        "compliant with",
        "as sp 1800-8 states",
        "complies with",
        "hipaa-compliant",
    ];
    for page in pages::all() {
        let text = prose(&page.text).to_lowercase();
        for phrase in avoided {
            let claimed = text
                .match_indices(phrase)
                .any(|(i, _)| !text[..i].ends_with(['"', '`']));
            assert!(!claimed, "{}: {phrase}", page.name);
        }
    }
}
