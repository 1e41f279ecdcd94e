//! Embeds the files that come with pumplab: every `.toml` file of the folders of the library, of the templates and of the collections.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders of the library.
const LIBRARY: [&str; 6] = [
    "costs",
    "defences",
    "labs",
    "libraries",
    "profiles",
    "scenarios",
];
/// Collections of scenarios that stand in place of the library's own, each in the folder of its name.
const COLLECTIONS: [&str; 1] = ["conformance"];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let mut out = String::new();
    let mut library = Vec::new();
    for folder in LIBRARY {
        library.extend(files(&root, folder)?);
    }
    table(&mut out, "FILES", &library);
    table(&mut out, "TEMPLATES", &files(&root, "templates")?);
    let mut names = String::new();
    for name in COLLECTIONS {
        let table_name = name.to_uppercase();
        table(&mut out, &table_name, &files(&root, name)?);
        let _ = write!(names, "({name:?}, {table_name}), ");
    }
    let _ = writeln!(
        out,
        "pub(crate) static COLLECTIONS: &[(&str, &[(&str, &str)])] = &[{names}];"
    );
    fs::write(Path::new(&variable("OUT_DIR")?).join("embedded.rs"), out)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|e| io::Error::other(format!("{name}: {e}")))
}

/// The files of a folder by name: path below the crate, and where it is. A file that comes or goes builds the crate anew.
fn files(root: &Path, folder: &str) -> io::Result<Vec<(String, PathBuf)>> {
    let dir = root.join(folder);
    println!("cargo:rerun-if-changed={}", dir.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(&dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str());
        let name =
            name.ok_or_else(|| io::Error::other(format!("{} is not UTF-8", path.display())))?;
        if name.ends_with(".toml") {
            found.push((format!("{folder}/{name}"), path));
        }
    }
    found.sort();
    Ok(found)
}

/// A table of paths and contents. The contents are included by the compiler, which notices when they change.
fn table(out: &mut String, name: &str, files: &[(String, PathBuf)]) {
    let _ = writeln!(out, "pub(crate) static {name}: &[(&str, &str)] = &[");
    for (path, file) in files {
        let _ = writeln!(out, "    ({path:?}, include_str!({file:?})),");
    }
    let _ = writeln!(out, "];");
}
