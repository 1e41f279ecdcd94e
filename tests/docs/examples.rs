//! Every example is executed: `toml` blocks become files, `console` blocks are run, and what they print is compared.
//! Of `yaml` blocks, which are recipes for CI, the lines that run pumplab are executed in a shell and have to end with 0.

use crate::block::{Block, Command, blocks, fits};
use crate::pages::{self, Page, updating};
use std::path::{Path, PathBuf};
use std::process;

/// An empty directory for one page, removed when it is done with.
struct Scratch(PathBuf);

impl Scratch {
    fn new(page: &Page) -> Self {
        let name = page.name.replace(['/', '.'], "-");
        let dir = std::env::temp_dir().join(format!("pumplab-docs-{}-{name}", process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a directory for the page");
        Self(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The arguments for `pumplab`, where a command is one.
fn arguments(words: &[String]) -> Option<&[String]> {
    let forms: [&[&str]; 3] = [
        &["cargo", "run", "--release", "--"],
        &["cargo", "run", "--release"],
        &["pumplab"],
    ];
    let form = forms
        .iter()
        .find(|f| words.iter().zip(**f).filter(|(a, b)| a == b).count() == f.len())?;
    Some(&words[form.len()..])
}

fn execute(page: &Page, command: &Command, dir: &Path, last: &mut i32) -> Vec<String> {
    if command.words == ["echo", "$?"] {
        return vec![last.to_string()];
    }
    let arguments = arguments(&command.words)
        .unwrap_or_else(|| panic!("{}: cannot execute {:?}", page.name, command.words));
    let output = process::Command::new(env!("CARGO_BIN_EXE_pumplab"))
        .args(arguments)
        .current_dir(dir)
        .env_remove("PUMPLAB_SEED")
        .env_remove("PUMPLAB_JOBS")
        .env_remove("PUMPLAB_CHECK_DETERMINISM")
        .output()
        .expect("the command starts");
    *last = output.status.code().expect("the command ends by itself");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("output is UTF-8");
    text.lines().map(|l| l.trim_end().to_owned()).collect()
}

/// Writes the file that a block is, if it is one.
fn write_file(block: &Block, dir: &Path) {
    if let Some(file) = &block.file {
        let path = dir.join(file);
        std::fs::create_dir_all(path.parent().expect("a folder"))
            .and_then(|()| std::fs::write(path, block.lines.join("\n") + "\n"))
            .expect("a file of the page");
    }
}

/// The commands of a CI recipe that are for pumplab, with the numbers of their lines.
fn recipe(lines: &[String]) -> impl Iterator<Item = (usize, &str)> {
    let commands = lines.iter().enumerate().map(|(i, line)| {
        let item = line.trim().trim_start_matches("- ");
        (i, item.trim_start_matches("run: "))
    });
    commands.filter(|(_, words)| words.starts_with("pumplab "))
}

/// Runs a line as a CI server would: in a shell that finds pumplab. A code other than 0 fails the job.
fn in_shell(words: &str, dir: &Path) -> Result<(), String> {
    let binary = Path::new(env!("CARGO_BIN_EXE_pumplab"));
    let path = std::env::var("PATH").unwrap_or_default();
    let folder = binary.parent().expect("a folder").display();
    let output = process::Command::new("sh")
        .args(["-ec", words])
        .current_dir(dir)
        .env("PATH", format!("{folder}:{path}"))
        .output()
        .map_err(|e| e.to_string())?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    output.status.success().then_some(()).ok_or(text)
}

/// Executes the examples of a page. What differs, and the page with what was seen in its place.
fn execute_page(page: &Page) -> (Vec<String>, String) {
    let scratch = Scratch::new(page);
    let mut wrong = Vec::new();
    let mut lines: Vec<String> = page.text.lines().map(str::to_owned).collect();
    let mut replaced = Vec::new();
    let mut last = 0;
    let all = blocks(&page.text);
    for block in all.iter().rev() {
        write_file(block, &scratch.0); // a file may stand below the command that needs it
    }
    for block in all {
        let place = format!("{}:{}", page.name, block.first);
        match (block.language.as_str(), &block.file) {
            ("toml", Some(_)) => write_file(&block, &scratch.0),
            ("toml", None) => wrong.push(format!("{place}: which file is this? say file=NAME")),
            ("console", _) => {
                for command in block.commands() {
                    let seen = execute(page, &command, &scratch.0, &mut last);
                    if !fits(&command.output, &seen) {
                        let place = format!("{}:{}", page.name, command.first);
                        let said = command.words.join(" ");
                        wrong.push(format!("{place}: {said}\n{}", seen.join("\n")));
                        replaced.push((command.first, command.output.len(), seen));
                    }
                }
            }
            ("yaml", _) => {
                for (line, words) in recipe(&block.lines) {
                    if let Err(seen) = in_shell(words, &scratch.0) {
                        let place = format!("{}:{}", page.name, block.first + line + 1);
                        wrong.push(format!("{place}: {words}\n{seen}"));
                    }
                }
            }
            ("sh" | "text", _) => {}
            (other, _) => wrong.push(format!("{place}: what is a block of {other:?}?")),
        }
    }
    for (first, count, seen) in replaced.into_iter().rev() {
        lines.splice(first..first + count, seen);
    }
    (wrong, lines.join("\n") + "\n")
}

#[test]
fn every_example_does_what_the_page_says() {
    let mut wrong = Vec::new();
    for page in pages::all() {
        let (differs, text) = execute_page(&page);
        if updating() && text != page.text {
            std::fs::write(&page.path, text).expect("the page can be written");
        } else {
            wrong.extend(differs);
        }
    }
    assert!(
        wrong.is_empty(),
        "run with PUMPLAB_UPDATE_DOCS=1 if what was seen is right:\n{}",
        wrong.join("\n\n")
    );
}
