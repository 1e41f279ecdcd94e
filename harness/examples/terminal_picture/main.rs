//! Writes a picture of a terminal session as SVG: what a terminal shows when commands are run on it, nothing added by hand.
//!
//! ```text
//! cargo run --release -p pumplab --example terminal_picture            writes the pictures of the documentation
//! cargo run --release -p pumplab --example terminal_picture -- OUT.svg COLUMNS TITLE COMMAND...
//! ```
//!
//! A COMMAND is a line as one would type it, such as `pumplab run evil-twin`; it may have no quotes in it.

#[allow(dead_code, reason = "the tests of the command line use more of it")]
#[path = "../../tests/cli/pty.rs"]
mod pty;
mod svg;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// Set where this program is to be `pumplab` itself: an example may not count on the binary beside it.
const INNER: &str = "PUMPLAB_TERMINAL_PICTURE";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if std::env::var_os(INNER).is_some() {
        return ExitCode::from(pumplab::cli::main(arguments).number());
    }
    let words: Vec<String> = arguments
        .iter()
        .skip(1)
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    let done = match words.as_slice() {
        [] => svg::PICTURES.iter().try_for_each(|picture| {
            let file = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("..")
                .join(picture.file);
            write(&file, picture.columns, picture.title, picture.commands)
        }),
        [file, columns, title, commands @ ..] if !commands.is_empty() => {
            let columns = columns.parse().map_err(|e| format!("{columns}: {e}"));
            let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
            columns.and_then(|columns| write(Path::new(file), columns, title, &commands))
        }
        _ => Err("usage: terminal_picture [OUT.svg COLUMNS TITLE COMMAND...]".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn write(file: &Path, columns: u16, title: &str, commands: &[&str]) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let text = svg::session(&own, &[(INNER, "1")], columns, title, commands);
    std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    println!("wrote {}", file.display());
    Ok(())
}
