//! Every file of a kind is in the catalogue under its own name.

use super::Finding;
use super::source::Source;
use pumplab_sim::attack::TECHNIQUES;
use pumplab_sim::catalog::Entry;
use pumplab_sim::control::MECHANISMS;
use pumplab_sim::safety::PROPERTIES;

/// A folder in which one file is one entry of a slice.
pub(crate) struct Slice<'a> {
    pub(crate) folder: &'a str,
    /// Trait that such a file implements.
    pub(crate) of: &'a str,
    pub(crate) name: &'a str,
    pub(crate) entries: Vec<&'a Entry>,
}

fn slices() -> Vec<Slice<'static>> {
    vec![
        Slice {
            folder: "sim/src/attack/",
            of: "Technique",
            name: "TECHNIQUES",
            entries: TECHNIQUES.iter().map(|t| t.entry()).collect(),
        },
        Slice {
            folder: "sim/src/control/",
            of: "Mechanism",
            name: "MECHANISMS",
            entries: MECHANISMS.iter().map(|m| m.entry()).collect(),
        },
        Slice {
            folder: "sim/src/safety/",
            of: "Property",
            name: "PROPERTIES",
            entries: PROPERTIES.iter().map(|p| p.entry()).collect(),
        },
    ]
}

pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut found: Vec<Finding> = slices().iter().flat_map(|s| slice(s, sources)).collect();
    for technique in TECHNIQUES {
        let entry = technique.entry();
        let wrong = if technique.stages().is_empty() {
            "no stages: name them in order, so that a run can say how far it came"
        } else if entry.references.is_empty() {
            "no references: name the ATT&CK technique, section or standard that it is from"
        } else {
            continue;
        };
        let file = format!("sim/src/attack/{}.rs", entry.id.replace('-', "_"));
        found.push(Finding {
            file,
            line: 1,
            rule: "catalogue",
            advice: format!("`{}` has {wrong}", entry.id),
        });
    }
    found
}

pub(crate) fn slice(slice: &Slice<'_>, sources: &[Source]) -> Vec<Finding> {
    let head = format!("{}mod.rs", slice.folder);
    let mut found = Vec::new();
    let mut say = |file: &str, advice: String| {
        found.push(Finding {
            file: file.to_owned(),
            line: 1,
            rule: "registration",
            advice,
        });
    };
    let files: Vec<(&Source, String)> = sources
        .iter()
        .filter(|s| implements(s, slice.of))
        .filter_map(|s| {
            let below = s.path.strip_prefix(slice.folder)?.strip_suffix(".rs")?;
            Some((s, below.replace('_', "-")))
        })
        .collect();
    for (file, id) in &files {
        if !slice.entries.iter().any(|e| e.id == id) {
            say(
                &file.path,
                format!(
                    "`{id}` is not in {}: add it there, under the name of its file",
                    slice.name
                ),
            );
        }
    }
    for entry in &slice.entries {
        if !files.iter().any(|(_, id)| id == entry.id) {
            let file = entry.id.replace('-', "_");
            say(
                &head,
                format!("`{}` has no file of its name: call it {file}.rs", entry.id),
            );
        }
        if entry.title.is_empty() || entry.summary.is_empty() {
            say(&head, format!("`{}` has no title or no summary", entry.id));
        }
        if let Some(bare) = entry.parameters.iter().find(|p| p.doc.is_empty()) {
            say(
                &head,
                format!(
                    "parameter `{}` of `{}` does not say what it means",
                    bare.name, entry.id
                ),
            );
        }
    }
    for pair in slice.entries.windows(2) {
        if pair[0].id >= pair[1].id {
            say(
                &head,
                format!(
                    "`{}` stands twice or out of order in {}",
                    pair[1].id, slice.name
                ),
            );
        }
    }
    found
}

fn implements(source: &Source, name: &str) -> bool {
    let tokens: Vec<_> = source.shipped().map(|(_, t)| t).collect();
    tokens
        .windows(3)
        .any(|t| t[0].is_name("impl") && t[1].is_name(name) && t[2].is_name("for"))
}
