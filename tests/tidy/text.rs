//! What must not stand in any file: paths of one machine, sources of packages that others do not have, secrets.

use super::Finding;
use super::source::Source;

/// Folders that exist on the machine of whoever wrote the line.
const MACHINE: &[&str] = &["/home", "/root", "/work", "/tmp/wt", "/Users"];
const PACKAGES: &str = "registry+https://github.com/rust-lang/crates.io-index";
/// How secrets begin.
const SECRETS: &[&str] = &[
    "PRIVATE KEY-----",
    "ghp_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "AKIA",
];

/// The one private key that may stand here: it is measured, ring makes none of its kind, and its first line says that it protects nothing.
const MEASURED: &str = "harness/live/src/calibrate/measurement-key.pem";

fn is_measured(source: &Source) -> bool {
    let says = source.text.lines().next();
    source.path == MEASURED && says.is_some_and(|l| l.contains("protects nothing"))
}

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    if source.path.starts_with("tests/tidy/") {
        return found;
    }
    for (n, line) in source.text.lines().enumerate() {
        for path in MACHINE.iter().filter(|p| names_path(line, p)) {
            let advice =
                format!("{path} is a path of one machine: say it from the root of the repository");
            found.push(Finding::new(source, n + 1, "machine path", advice));
        }
        if SECRETS.iter().any(|s| line.contains(s)) && !is_measured(source) {
            let advice = "this looks like a secret: make it when it is needed".to_owned();
            found.push(Finding::new(source, n + 1, "secret", advice));
        }
        let elsewhere = source.path.ends_with("Cargo.lock")
            && line.starts_with("source = ")
            && !line.contains(PACKAGES);
        if elsewhere || line.contains("replace-with") || line.contains("sparse+http") {
            let advice =
                "packages come from crates.io, so that everybody can build this".to_owned();
            found.push(Finding::new(source, n + 1, "package source", advice));
        }
    }
    found
}

/// Whether `line` names `path` as a path of its own: `/home/me`, but not `docs/home` or `/homework`.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        let word = |c: char| c.is_alphanumeric() || "_.-/:)}".contains(c);
        !before.is_some_and(word)
            && !after.is_some_and(|c| c.is_alphabetic() && !path.contains("/tmp"))
    })
}
