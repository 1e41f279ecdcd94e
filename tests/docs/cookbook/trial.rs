//! A question of the cookbook, its files in a fresh folder, and what runs of them say.

use crate::block::blocks;
use crate::pages::named;
use serde_json::Value;
use std::cell::Cell;
use std::path::PathBuf;
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const PAGE: &str = "docs/how-to/cookbook.md";

/// What a reader may have to wait for the answers to one question.
const PATIENCE: Duration = Duration::from_secs(120);

/// A question in a folder of its own.
pub(super) struct Question {
    heading: String,
    text: String,
    dir: PathBuf,
    spent: Cell<Duration>,
}

/// What a run of a scenario said.
pub(super) struct Said(Value);

impl Question {
    /// Copies the files of a question, and those that the last section has for several, into a fresh folder.
    pub(super) fn copied(number: u32) -> Self {
        let page = named(PAGE).text;
        let begin = format!("## {number}. ");
        let sections = sections(&page);
        let text = sections.iter().find(|s| s.starts_with(&begin));
        let text = *text.unwrap_or_else(|| panic!("no question {number}"));
        let shared = sections.last().expect("the page has sections");
        Self::new(&number.to_string(), text.to_owned(), &[text, shared])
    }

    /// Copies all files of another page.
    pub(super) fn page(name: &str) -> Self {
        let text = named(name).text;
        Self::new(&name.replace(['/', '.'], "-"), text.clone(), &[&text])
    }

    fn new(name: &str, text: String, files: &[&str]) -> Self {
        // Tests run side by side, and two of them may be about one page.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = format!("pumplab-cookbook-{}-{number}-{name}", process::id());
        let dir = std::env::temp_dir().join(dir);
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder");
        for block in files.iter().flat_map(|text| blocks(text)) {
            if let Some(file) = block.file {
                let path = dir.join(file);
                std::fs::create_dir_all(path.parent().expect("a folder"))
                    .and_then(|()| std::fs::write(path, block.lines.join("\n") + "\n"))
                    .expect("a file of the page");
            }
        }
        let heading = text.lines().next().unwrap_or_default().to_owned();
        Self {
            heading,
            text,
            dir,
            spent: Cell::new(Duration::ZERO),
        }
    }

    /// Runs the page's blocks for a shell.
    pub(super) fn shell(&self) {
        for block in blocks(&self.text).iter().filter(|b| b.language == "sh") {
            let status = Command::new("sh")
                .args(["-e", "-c", &block.lines.join("\n")])
                .current_dir(&self.dir)
                .status();
            assert!(status.is_ok_and(|s| s.success()), "{:?}", block.lines);
        }
    }

    /// Runs what the page says, as it says it: the first command of the section that runs this file.
    pub(super) fn as_written(&self, file: &str) -> Said {
        let run = blocks(&self.text)
            .iter()
            .flat_map(crate::block::Block::commands)
            .find(|c| c.words[0] == "pumplab" && c.words.iter().any(|w| w.ends_with(file)));
        let run = run.unwrap_or_else(|| panic!("{}: no command runs {file}", self.heading));
        let words: Vec<&str> = run.words[1..].iter().map(String::as_str).collect();
        self.pumplab(&words)
    }

    /// Runs something else in the same folder.
    pub(super) fn pumplab(&self, words: &[&str]) -> Said {
        let since = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_pumplab"))
            .args(words)
            .args(["--format", "json"])
            .current_dir(&self.dir)
            .env_remove("PUMPLAB_SEED")
            .env_remove("PUMPLAB_JOBS")
            .env_remove("PUMPLAB_CHECK_DETERMINISM")
            .output()
            .expect("the command starts");
        self.spent.set(self.spent.get() + since.elapsed());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{}: {words:?}: {complaint}",
            self.heading
        );
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        Said(report["scenarios"][0].clone())
    }

    /// With which code a command ends.
    pub(super) fn code(&self, words: &[&str]) -> Option<i32> {
        let output = Command::new(env!("CARGO_BIN_EXE_pumplab"))
            .args(words)
            .current_dir(&self.dir)
            .env_remove("PUMPLAB_SEED")
            .output()
            .expect("the command starts");
        output.status.code()
    }

    /// Changes a file in its place.
    pub(super) fn change(&self, file: &str, from: &str, to: &str) {
        let path = self.dir.join(file);
        let text = std::fs::read_to_string(&path).expect("a file of the page");
        assert!(text.contains(from), "{file}: {from}");
        std::fs::write(path, text.replace(from, to)).expect("the file");
    }

    /// Runs a file under another defence.
    pub(super) fn under(&self, file: &str, defence: &str) -> Said {
        self.pumplab(&["run", &format!("./{file}"), "--defence", defence])
    }

    /// Changes a file as a reader would: the copy with the change.
    pub(super) fn changed(&self, file: &str, from: &str, to: &str) -> String {
        let text = std::fs::read_to_string(self.dir.join(file)).expect("a file of the question");
        assert!(text.contains(from), "{}: {file}: {from}", self.heading);
        let name = file.rsplit('/').next().unwrap_or(file);
        let copy = format!("changed-{}-{name}", text.len() + to.len());
        std::fs::write(self.dir.join(&copy), text.replace(from, to)).expect("the copy");
        copy
    }

    /// Fails unless the section says this outside its caveats.
    #[track_caller]
    pub(super) fn says(&self, phrase: &str) {
        let said = self.text.lines().filter(|l| !l.starts_with('>'));
        let said = said.collect::<Vec<_>>().join("\n");
        assert!(
            said.contains(phrase),
            "{} does not say: {phrase}",
            self.heading
        );
    }

    /// Fails unless a caveat of the section says this. The tool does not: where the run before shows that it does now, take the caveat away.
    #[track_caller]
    pub(super) fn warns(&self, phrase: &str) {
        let mut caveats = self
            .text
            .lines()
            .filter(|l| l.starts_with("> **Caveat.** "));
        assert!(
            caveats.any(|l| l.contains(phrase)),
            "{} has no caveat: {phrase}",
            self.heading
        );
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
        let spent = self.spent.get();
        if !std::thread::panicking() {
            assert!(spent < PATIENCE, "{} took {spent:?}", self.heading);
        }
    }
}

impl Said {
    /// Whether every expectation held, and the contrast reached its goal.
    pub(super) fn held(&self) -> bool {
        self.0["outcome"] == "held"
    }

    /// When an attacker reached the goal under the defence, in seconds.
    pub(super) fn reached(&self) -> Option<f64> {
        reached(&self.0["run"])
    }

    /// When an attacker reached the goal under the contrast, in seconds.
    pub(super) fn contrast_reached(&self) -> Option<f64> {
        reached(&self.0["contrast"])
    }

    /// The control that stopped a step, or prevented the goal, by the headline.
    pub(super) fn names(&self, control: &str) -> bool {
        let happened = self.0["run"]["verdict"]["happened"].as_str();
        happened.is_some_and(|h| h.contains(control))
    }

    /// The properties that broke, whether anybody asked or not.
    pub(super) fn broke(&self, property: &str) -> bool {
        let violations = self.0["run"]["verdict"]["violations"].as_array();
        violations.is_some_and(|v| v.iter().any(|v| v["property"] == property))
    }

    /// Whether an expectation held: the one of this number in the file, from 1, which is about this.
    #[track_caller]
    pub(super) fn expectation(&self, number: usize, about: &str) -> bool {
        let all = self.0["run"]["verdict"]["expectations"].as_array();
        let one = all.and_then(|all| all.get(number - 1));
        let one = one.unwrap_or_else(|| panic!("no expectation {number}"));
        let said = one["expected"].as_str().unwrap_or_default();
        assert!(said.contains(about), "expectation {number} is about {said}");
        one["held"] == true
    }

    /// A metric at the end of the run.
    pub(super) fn metric(&self, id: &str) -> Option<f64> {
        self.0["run"]["metrics"][id].as_f64()
    }
}

/// The parts of a page below its headings of the second level.
fn sections(page: &str) -> Vec<&str> {
    let starts: Vec<usize> = page.match_indices("\n## ").map(|(i, _)| i + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([page.len()]);
    let parts = starts.iter().copied().zip(ends);
    parts.map(|(from, to)| &page[from..to]).collect()
}

fn reached(run: &Value) -> Option<f64> {
    run["verdict"]["goals"][0]["at"].as_str().map(seconds)
}

/// A time as reports write it, such as `1h 10m 57.5s` or `1 h 10 min`, in seconds.
fn seconds(text: &str) -> f64 {
    let units = [
        ("ms", 1e-3),
        ("min", 60.0),
        ("d", 86400.0),
        ("h", 3600.0),
        ("m", 60.0),
        ("s", 1.0),
    ];
    let (mut rest, mut sum) = (text, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, unit) = rest.split_at(digits.unwrap_or(rest.len()));
        let unit = unit.trim_start();
        let found = units.iter().find(|(word, _)| unit.starts_with(word));
        let (Ok(number), Some((word, factor))) = (number.parse::<f64>(), found) else {
            panic!("what time is {text:?}?");
        };
        sum += number * factor;
        rest = unit[word.len()..].trim_start();
    }
    sum
}

#[test]
fn a_page_is_cut_at_its_headings() {
    let parts = sections("# a\n\n## 1. b\ntext\n## c\nmore\n");
    assert_eq!(parts, ["## 1. b\ntext\n", "## c\nmore\n"]);
    for (text, expected) in [
        ("1h 10m 57.5s", 4257.5),
        ("1 h 10 min", 4200.0),
        ("63 ms", 0.063),
    ] {
        assert!((seconds(text) - expected).abs() < 1e-9, "{text}");
    }
}
