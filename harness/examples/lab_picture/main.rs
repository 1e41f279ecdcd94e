//! Draws a lab as the simulator has it: `cargo run -p pumplab --example lab_picture -- FOLDER [LAB [DEFENCE]]` writes `zones.svg` and `ward.svg` into the folder.
//!
//! The pictures in `docs/pictures` are of the lab `ward` under `sp1800-8`; a test holds that they are what this program writes.

mod draw;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (folder, lab, defence) = match words[..] {
        [folder] => (folder, draw::LAB, draw::DEFENCE),
        [folder, lab] => (folder, lab, draw::DEFENCE),
        [folder, lab, defence] => (folder, lab, defence),
        _ => {
            eprintln!("usage: lab_picture FOLDER [LAB [DEFENCE]]");
            return ExitCode::from(2);
        }
    };
    match write(Path::new(folder), lab, defence) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

/// Writes both pictures.
fn write(folder: &Path, lab: &str, defence: &str) -> Result<(), String> {
    for (name, picture) in draw::pictures(lab, defence)? {
        let path = folder.join(name);
        std::fs::write(&path, picture).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}
