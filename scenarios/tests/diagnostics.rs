//! Broken files: what they are told. One snapshot per file of `invalid/`, named by kind and mistake.

use pumplab_scenarios::{Code, Diagnostics, Kind, Library};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn invalid() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("invalid");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

fn told(path: &Path) -> Diagnostics {
    let file = path
        .file_name()
        .expect("a file")
        .to_string_lossy()
        .into_owned();
    let kind = file.split('-').next().and_then(Kind::named);
    let kind = kind.unwrap_or_else(|| panic!("{file} must begin with a kind of file"));
    let text = std::fs::read_to_string(path).expect("it can be read");
    match Library::embedded().check(kind, &format!("invalid/{file}"), &text) {
        Err(wrong) => wrong,
        Ok(()) => panic!("{file} is not invalid"),
    }
}

#[test]
fn broken_files_are_told_what_is_wrong() {
    let files = invalid();
    assert!(files.len() >= 60);
    for path in files {
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = told(&path).render(false);
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

#[test]
fn nothing_is_a_fault_of_ours_and_every_place_is_in_the_file() {
    for path in invalid() {
        for d in told(&path).items {
            assert_ne!(d.code, Code::Assertion, "{}: {}", path.display(), d.message);
            let source = d.source.expect("a file is at fault");
            assert!(source.text.get(d.span).is_some(), "{}", d.message);
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for path in invalid() {
        let wrong = told(&path);
        let coloured = wrong.render(true);
        assert!(coloured.contains('\u{1b}'));
        let mut plain = String::new();
        let mut rest = coloured.as_str();
        while let Some((text, after)) = rest.split_once('\u{1b}') {
            plain.push_str(text);
            rest = after.split_once('m').map_or("", |(_, r)| r);
        }
        plain.push_str(rest);
        assert_eq!(plain, wrong.render(false));
    }
}

/// Codes that no file can bring about: they are about folders, command lines, or our own faults.
const OUTSIDE: &[Code] = &[
    Code::File,
    Code::UnknownScenario,
    Code::UnknownCollection,
    Code::NoNetwork,
    Code::DrugLibrary,
    // Warnings are not among the problems of a file.
    Code::NoEffect,
    Code::Assertion,
];

#[test]
fn every_code_has_a_broken_file() {
    let told: BTreeSet<Code> = invalid()
        .iter()
        .flat_map(|p| told(p).items)
        .map(|d| d.code)
        .chain(OUTSIDE.iter().copied())
        .collect();
    let missing: Vec<_> = Code::ALL.iter().filter(|c| !told.contains(c)).collect();
    assert!(missing.is_empty(), "no file of invalid/ shows {missing:?}");
}

#[test]
fn codes_are_distinct_and_in_order() {
    let ids: Vec<&str> = Code::ALL.iter().map(|c| c.id()).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
}

/// Writes `docs/diagnostics.md` if asked to with `PUMPLAB_UPDATE_DOCS=1`, and compares otherwise.
#[test]
fn the_page_of_codes_is_up_to_date() {
    let mut page = String::from(
        "# Diagnostics\n\nWhat `pumplab check` may say about a file. Codes are stable: a code never comes to mean something else.\nThis page is written from the code by a test (`PUMPLAB_UPDATE_DOCS=1 cargo test -p pumplab-scenarios`).\n\n| code | what is wrong | what it means |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        writeln!(
            page,
            "| {} | {} | {} |",
            code.id(),
            code.title(),
            code.doc()
        )
        .expect("text");
    }
    let all: Vec<_> = invalid().iter().flat_map(|p| told(p).items).collect();
    for code in Code::ALL {
        let remedy = code.remedy();
        assert!(!remedy.is_empty(), "{code} has no remedy");
        let (id, title, doc) = (code.id(), code.title(), code.doc());
        writeln!(page, "\n## {id}: {title}\n\n{doc} {remedy}").expect("text");
        if let Some(example) = all.iter().find(|d| d.code == *code) {
            let text = Diagnostics::from(example.clone()).render(false);
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            writeln!(page, "\n```text\n{}\n```", lines.join("\n")).expect("text");
        } else {
            assert!(OUTSIDE.contains(code), "{code} has no example");
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics.md");
    if std::env::var_os("PUMPLAB_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("it can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "docs/diagnostics.md is out of date: run with PUMPLAB_UPDATE_DOCS=1"
    );
}

/// What only a Rust programmer would understand.
#[test]
fn messages_name_nothing_of_the_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/src/spec");
    let mut types = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).unwrap_or_default();
        for declared in ["pub struct ", "pub enum "] {
            let after = text
                .match_indices(declared)
                .map(|(i, d)| &text[i + d.len()..]);
            types.extend(
                after
                    .filter_map(|t| t.split(|c: char| !c.is_alphanumeric()).next())
                    .map(str::to_owned),
            );
        }
    }
    // One word, such as `Provenance`, may be said of anything.
    types.retain(|t| t.chars().filter(|c| c.is_uppercase()).count() > 1);
    assert!(types.contains("HostSpec") && types.len() > 20);
    let said = |text: &str| {
        for foreign in [
            "::", "Some(", "None", "Err(", "Ok(", "unwrap", "panicked", "DeValue",
        ] {
            assert!(!text.contains(foreign), "{foreign} in {text}");
        }
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        let named = words.find(|w| types.contains(*w));
        assert_eq!(named, None, "{text}");
    };
    for d in invalid().iter().flat_map(|p| told(p).items) {
        said(&d.message);
        said(&d.label);
        d.hints.iter().for_each(|h| said(h));
    }
    for code in Code::ALL {
        said(code.title());
        said(code.doc());
    }
}
