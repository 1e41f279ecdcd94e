//! Which scenarios a command line means: names, files, directories and patterns, and what is selected among them.

use crate::check;
use crate::error::HarnessError;
use crate::filter::Filter;
use crate::library::{Shelf, is_path};
use crate::report::human::counted;
use pumplab_scenarios::{Kind, Library, Scenario};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;
use std::rc::Rc;

/// A scenario that was asked for.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Where what it names is found.
    pub shelf: Rc<Shelf>,
    /// Its name, or the path of its file.
    pub called: String,
    /// The scenario.
    pub scenario: Scenario,
}

/// A name or path, not read yet.
type Meant = (Rc<Shelf>, String);

/// The scenarios that are asked for, each once: in the order of the words, and by kind of threat and name where a word
/// means several. Without a word, all scenarios of the shelf.
///
/// # Errors
/// When a word means nothing, a file has problems (all are told), or nothing is left.
pub fn choose<W: AsRef<OsStr>>(
    shelf: &Rc<Shelf>,
    words: &[W],
    filter: &Filter,
) -> Result<Vec<Chosen>, HarnessError> {
    filter.known(&shelf.library)?;
    let mut chosen: Vec<Chosen> = Vec::new();
    let mut problems = Vec::new();
    let mut add = |meant: Result<Vec<Meant>, HarnessError>| {
        let read = meant.map(|meant| read(meant, &mut problems));
        match read {
            Ok(read) => {
                for one in read {
                    if !chosen.iter().any(|c| c.called == one.called) {
                        chosen.push(one);
                    }
                }
            }
            Err(HarnessError::Invalid(text)) => problems.push(text),
            Err(other) => problems.push(format!("error: {other}")),
        }
    };
    if words.is_empty() {
        add(all(shelf));
    }
    for word in words {
        add(meant(shelf, word.as_ref()));
    }
    if !problems.is_empty() {
        let mut seen = BTreeSet::new();
        problems.retain(|text| seen.insert(text.clone()));
        return Err(HarnessError::Invalid(problems.join("\n")));
    }
    filter.select(&shelf.library, chosen, |c| &c.scenario)
}

/// The one scenario that a word means.
///
/// # Errors
/// When it means none or several, or its file has problems.
pub fn single(shelf: &Rc<Shelf>, word: &str) -> Result<Chosen, HarnessError> {
    let mut chosen = choose(shelf, &[word], &Filter::default())?;
    if chosen.len() > 1 {
        let names: Vec<&str> = chosen.iter().take(5).map(|c| c.called.as_str()).collect();
        let more = if chosen.len() > 5 { ", ..." } else { "" };
        let count = counted(chosen.len(), "scenario");
        let text = format!(
            "`{word}` means {count}, name one: {}{more}",
            names.join(", ")
        );
        return Err(HarnessError::Nothing(text));
    }
    chosen
        .pop()
        .ok_or_else(|| nothing(&format!("`{word}` means no scenario")))
}

fn all(shelf: &Rc<Shelf>) -> Result<Vec<Meant>, HarnessError> {
    let names = shelf.names();
    if names.is_empty() {
        let dir = shelf.dir.as_deref().unwrap_or("the library");
        return Err(HarnessError::Nothing(format!(
            "{dir} has no scenario in a folder `scenarios`: name a folder of files as it is, such as `pumplab run {dir}`"
        )));
    }
    Ok(names.into_iter().map(|n| (Rc::clone(shelf), n)).collect())
}

/// Reads what was meant; what goes together is put in the order of tables.
fn read(meant: Vec<Meant>, problems: &mut Vec<String>) -> Vec<Chosen> {
    let mut read = Vec::new();
    for (shelf, called) in meant {
        match shelf.scenario(&called) {
            Ok(scenario) => read.push(Chosen {
                shelf,
                called,
                scenario,
            }),
            Err(HarnessError::Invalid(text)) => problems.push(text),
            Err(other) => problems.push(format!("error: {other}")),
        }
    }
    read.sort_by(|a, b| order(&a.scenario).cmp(&order(&b.scenario)));
    read
}

/// The order of tables: by kind of threat, then by name; what says no kind comes last.
fn order(scenario: &Scenario) -> impl Ord + '_ {
    (scenario.threat.is_none(), scenario.threat, &scenario.name)
}

/// What a word means: a name of the library first, then what lies on the disk, then a pattern.
fn meant(shelf: &Rc<Shelf>, word: &OsStr) -> Result<Vec<Meant>, HarnessError> {
    let text = utf8(word)?;
    let one = || Ok(vec![(Rc::clone(shelf), text.to_owned())]);
    let path = Path::new(text);
    if shelf.names().iter().any(|name| name == text) || (is_path(text) && path.is_file()) {
        return one();
    }
    if path.is_dir() {
        return directory(shelf, path);
    }
    if text.contains(['*', '?', '[']) {
        return pattern(shelf, text);
    }
    if !is_path(text) {
        let beside = Library::collections().find(|c| {
            Library::collection(c).is_ok_and(|l| l.scenario_names().iter().any(|n| n == text))
        });
        if let Some(collection) = beside {
            return Err(HarnessError::Nothing(format!(
                "scenario `{text}` is in the collection `{collection}`: add --library {collection}"
            )));
        }
    }
    // It is not there: reading it says so, with the nearest name.
    one()
}

/// The scenarios below a directory. One with folders of a library is laid over the shelf for them.
fn directory(shelf: &Rc<Shelf>, dir: &Path) -> Result<Vec<Meant>, HarnessError> {
    let same = shelf.dir.as_deref().map(Path::new) == Some(dir);
    let own = check::is_library(dir) && !same;
    if own && shelf.dir.is_some() {
        return Err(HarnessError::Nothing(format!(
            "{} has labs, defences or scenarios of its own: give it by --library or as a directory to run, not beside another --library",
            dir.display()
        )));
    }
    let shelf = if own {
        Rc::new(shelf.over(dir)?)
    } else {
        Rc::clone(shelf)
    };
    let mut files = BTreeSet::new();
    check::collect(dir, &mut files)?;
    let mut found = Vec::new();
    for file in files {
        let name = utf8(file.as_os_str())?.to_owned();
        let kind = Library::read(&file).map(|text| Kind::evident(&file, &text));
        // What cannot be read is told when it is read again.
        if !matches!(kind, Ok(kind) if kind != Some(Kind::Scenario)) {
            found.push((Rc::clone(&shelf), name));
        }
    }
    if found.is_empty() {
        let text = format!("there is no scenario below {}", dir.display());
        return Err(HarnessError::Nothing(text));
    }
    Ok(found)
}

/// The names of the library that fit a pattern, or else the files and directories that do.
fn pattern(shelf: &Rc<Shelf>, text: &str) -> Result<Vec<Meant>, HarnessError> {
    let wrong = |e: glob::PatternError| {
        let at = text.get(..e.pos).map_or(0, |t| t.chars().count()) + 1;
        HarnessError::Nothing(format!(
            "`{text}` is no pattern: {} at character {at}",
            e.msg
        ))
    };
    let names = glob::Pattern::new(text).map_err(wrong)?;
    let fitting = |all: Vec<String>| {
        all.into_iter()
            .filter(|n| names.matches(n))
            .collect::<Vec<_>>()
    };
    let named = fitting(shelf.names());
    if !named.is_empty() {
        return Ok(named.into_iter().map(|n| (Rc::clone(shelf), n)).collect());
    }
    let mut found = Vec::new();
    for path in glob::glob(text).map_err(wrong)? {
        let path = path.map_err(|e| HarnessError::File {
            action: "read",
            path: e.path().to_owned(),
            source: std::io::Error::from(e.error().kind()),
        })?;
        if path.is_dir() {
            found.extend(directory(shelf, &path)?);
        } else if path.extension().is_some_and(|e| e == "toml") {
            found.push((Rc::clone(shelf), utf8(path.as_os_str())?.to_owned()));
        }
    }
    if found.is_empty() {
        let beside = Library::collections().find(|c| {
            Library::collection(c).is_ok_and(|l| !fitting(l.scenario_names()).is_empty())
        });
        let what = format!("no scenario and no file matches `{text}`");
        return Err(match beside {
            Some(c) => HarnessError::Nothing(format!(
                "{what}; the collection `{c}` has some: add --library {c}"
            )),
            None => nothing(&what),
        });
    }
    Ok(found)
}

fn nothing(what: &str) -> HarnessError {
    HarnessError::Nothing(format!(
        "{what}: `pumplab list scenarios` lists what there is"
    ))
}

/// Names of scenarios are text.
fn utf8(word: &OsStr) -> Result<&str, HarnessError> {
    word.to_str().ok_or_else(|| {
        HarnessError::Nothing(format!(
            "the name `{}` is not text in UTF-8: rename the file or directory",
            word.to_string_lossy().escape_debug()
        ))
    })
}
