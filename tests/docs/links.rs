//! Links lead to files and headings that are there.

use crate::pages::{self, prose};
use std::path::Path;

/// Targets of the links of a text.
fn targets(text: &str) -> Vec<&str> {
    let starts = text.match_indices("](").map(|(i, _)| i + 2);
    starts
        .filter_map(|i| text[i..].split_once(')').map(|(target, _)| target))
        .collect()
}

/// The name by which a heading is linked to.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

fn has_heading(path: &Path, wanted: &str) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    prose(&text)
        .lines()
        .filter_map(|l| l.strip_prefix('#'))
        .any(|l| anchor(l.trim_start_matches('#')) == wanted)
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages::all() {
        let text = prose(&page.text);
        for target in targets(&text) {
            if target.contains("://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => page.path.clone(),
                file => page.path.parent().expect("a folder").join(file),
            };
            if !path.exists() || !(heading.is_empty() || has_heading(&path, heading)) {
                broken.push(format!("{}: {target}", page.name));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_is_linked_from_another() {
    let all = pages::all();
    let mut linked = std::collections::BTreeSet::new();
    for page in &all {
        let text = prose(&page.text);
        for target in targets(&text) {
            let file = target.split('#').next().unwrap_or_default();
            let path = page.path.parent().expect("a folder").join(file);
            linked.extend(path.canonicalize().ok());
        }
    }
    let alone: Vec<_> = all
        .iter()
        .filter(|p| p.name != "README.md")
        .filter(|p| p.path.canonicalize().is_ok_and(|c| !linked.contains(&c)))
        .map(|p| p.name.as_str())
        .collect();
    assert!(alone.is_empty(), "nothing links to {alone:?}");
}
