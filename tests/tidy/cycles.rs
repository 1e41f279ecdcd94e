//! Files that know each other in a circle cannot be read, tested or moved one by one.
//!
//! What a file names of its crate is an arrow to the file that holds it. A module's own file (`mod.rs`, or `a.rs` beside `a/`) lists and passes
//! on what lies below it: such an arrow downward is no dependency, and a name that is passed on counts as a name of the file that has it.

use super::Finding;
use super::paths::paths;
use super::source::Source;
use std::collections::{BTreeMap, BTreeSet};

/// Crates whose files are looked at.
const CRATES: &[&str] = &["sim", "scenarios", "harness", "harness/live"];

/// Circles that are still there, by the files in them below `src/`. The list gets shorter, never longer.
const KNOWN: &[(&str, &[&str])] = &[];

pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    check_but(sources, KNOWN)
}

/// Circles that are not among the known ones, and known ones that are no more.
pub(crate) fn check_but(sources: &[Source], known: &[(&str, &[&str])]) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in CRATES {
        let root = format!("{name}/src/");
        let files = sources.iter().filter(|s| s.path.starts_with(&root));
        let files: Vec<&Source> = files.filter(|s| !s.is_test()).collect();
        let mut circles = circles(&files);
        for (_, expected) in known.iter().filter(|(k, _)| k == name) {
            let expected: Vec<String> = expected.iter().map(|f| format!("{root}{f}")).collect();
            match circles.iter().position(|c| *c == expected) {
                Some(at) => drop(circles.remove(at)),
                None => found.push(Finding {
                    file: expected.first().cloned().unwrap_or_default(),
                    line: 1,
                    rule: "circle",
                    advice: "KNOWN in tests/tidy/cycles.rs lists a circle that is not there: take it out".to_owned(),
                }),
            }
        }
        for circle in circles {
            found.push(Finding {
                file: circle.first().cloned().unwrap_or_default(),
                line: 1,
                rule: "circle",
                advice: format!(
                    "these files know each other: {}; move what both need to a file of its own",
                    circle.join(", ")
                ),
            });
        }
    }
    found
}

/// Groups of files each of which reaches each other. Two files of one folder may know each other; more may not, nor files of different folders.
fn circles(files: &[&Source]) -> Vec<Vec<String>> {
    let by_module: BTreeMap<Vec<String>, usize> = files
        .iter()
        .enumerate()
        .map(|(i, f)| (f.modules(), i))
        .collect();
    let mut arrows: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); files.len()];
    for (from, file) in files.iter().enumerate() {
        let own = file.modules();
        for named in paths(file, "crate") {
            let holder = holder(files, &by_module, named.path, 0);
            let below = |to: usize| files[to].modules().starts_with(&own);
            arrows[from].extend(holder.filter(|to| *to != from && !below(*to)));
        }
    }
    let reach: Vec<BTreeSet<usize>> = (0..files.len()).map(|f| reached(&arrows, f)).collect();
    let mut circles = BTreeSet::new();
    for (from, reached) in reach.iter().enumerate() {
        let circle: BTreeSet<usize> = reached
            .iter()
            .copied()
            .filter(|to| reach[*to].contains(&from))
            .collect();
        let folders: BTreeSet<&str> = circle.iter().map(|f| folder(&files[*f].path)).collect();
        if circle.len() > 2 || (circle.len() == 2 && folders.len() > 1) {
            circles.insert(circle);
        }
    }
    let paths = |circle: BTreeSet<usize>| circle.into_iter().map(|f| files[f].path.clone());
    circles.into_iter().map(|c| paths(c).collect()).collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The file that holds what a path names: that of the longest module in it, or where that one has it from.
fn holder(
    files: &[&Source],
    by_module: &BTreeMap<Vec<String>, usize>,
    path: Vec<String>,
    depth: usize,
) -> Option<usize> {
    let mut length = path.len();
    while length > 0 && !by_module.contains_key(&path[..length]) {
        length -= 1;
    }
    let found = *by_module.get(&path[..length])?;
    let Some(name) = path.get(length).filter(|_| depth < 8) else {
        return Some(found);
    };
    let passed = files[found].reexports.iter().find(|(n, _)| n == name);
    let Some((_, from)) = passed else {
        return Some(found);
    };
    let base = match from.first().map(String::as_str) {
        Some("crate") => from[1..].to_vec(),
        Some("self") => [&path[..length], &from[1..]].concat(),
        Some("super") => [&path[..length - 1], &from[1..]].concat(),
        _ => [&path[..length], &from[..]].concat(),
    };
    // What comes from another crate is held by nobody here.
    holder(files, by_module, base, depth + 1).or(Some(found))
}

/// All that can be reached from a file, itself only if it is in a circle.
fn reached(arrows: &[BTreeSet<usize>], from: usize) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<usize> = arrows[from].iter().copied().collect();
    while let Some(file) = open.pop() {
        if seen.insert(file) {
            open.extend(&arrows[file]);
        }
    }
    seen
}
