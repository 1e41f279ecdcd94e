//! The pages: every Markdown file that the repository shows its readers.

use std::path::{Path, PathBuf};

/// A page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// What it is called in messages: its path below the root.
    pub(crate) name: String,
    /// What it says.
    pub(crate) text: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let harness = Path::new(env!("CARGO_MANIFEST_DIR"));
    harness.parent().expect("a workspace").to_owned()
}

/// Whether pages are to be written anew instead of compared.
pub(crate) fn updating() -> bool {
    std::env::var_os("PUMPLAB_UPDATE_DOCS").is_some()
}

/// Every page, in order of its name.
pub(crate) fn all() -> Vec<Page> {
    let root = root();
    let mut paths = vec![root.join("README.md"), root.join("CHANGELOG.md")];
    below(&root.join("docs"), "md", &mut paths);
    paths.sort();
    paths.into_iter().map(|path| page(&root, path)).collect()
}

fn page(root: &Path, path: PathBuf) -> Page {
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("{} cannot be read: {e}", path.display()));
    let name = path.strip_prefix(root).unwrap_or(&path);
    Page {
        name: name.display().to_string().replace('\\', "/"),
        path,
        text,
    }
}

/// The page at a path below the root.
pub(crate) fn named(name: &str) -> Page {
    let root = root();
    let path = root.join(name);
    page(&root, path)
}

/// Every file with this extension below a folder.
pub(crate) fn below(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{} cannot be read: {e}", folder.display()));
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() {
            below(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

/// What a page says outside its fenced blocks.
pub(crate) fn prose(text: &str) -> String {
    let mut inside = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    prose
}
