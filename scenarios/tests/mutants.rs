//! Valid files with something wrong in them. Whatever it is, reading ends with an answer in bounded time and memory, and what
//! is still valid can be built and begins to run, or is refused with an error; nothing panics.
//!
//! 2,000 mutants by default. The long run: `PUMPLAB_MUTANTS=100000 nice cargo test -p pumplab-scenarios --test mutants -- --nocapture`.

use pumplab_scenarios::{Code, Kind, Library, Resolved};
use pumplab_sim::engine::Budget;
use pumplab_sim::run::{Live, RunConfig};
use pumplab_sim::spec::PlaySpec;
use pumplab_sim::time::{Duration, Time};
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// Uniform numbers from a seed (SplitMix64): the same mutants on every machine.
struct Luck(u64);

impl Luck {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Pieces of a file: words and numbers, texts in quotes, single other characters.
fn tokens(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let (mut quoted, mut word) = (false, false);
    for c in text.chars() {
        let part = c.is_alphanumeric() || "_-+.".contains(c);
        match all.last_mut() {
            Some(last) if quoted || (word && part) => last.push(c),
            _ => all.push(c.to_string()),
        }
        if c == '"' {
            quoted = !quoted;
            word = false;
        } else {
            word = part && !quoted;
        }
    }
    all
}

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1",
    "255",
    "256",
    "65535",
    "65536",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "1e9",
    "1e308",
    "1e999",
    "-1e308",
    "5e-324",
    "nan",
    "inf",
    "-inf",
    "0.0",
    "-0.5",
    "0x7f",
    "1_000",
];

const TIMES: &[&str] = &[
    "\"0s\"",
    "\"1ns\"",
    "\"1ms\"",
    "\"800d\"",
    "\"801d\"",
    "\"9999999999999d\"",
    "\"-1s\"",
    "\"1m1h\"",
    "\"\"",
];

const WORDS: &[&str] = &[
    "\"\"",
    "\" \"",
    "\"x\"",
    "\"\\u0000\"",
    "\"é💩\"",
    "'",
    "\"",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "true",
    "[]",
    "{}",
    "[[[[[[[[",
    "\r\n",
    "\u{feff}",
    "#",
    "\"10.0.0.0/8\"",
    "\"255.255.255.255/30\"",
    "1979-05-27",
    "07:32:00",
    "9999-12-31T23:59:60Z",
    "[0, 0]",
    "[1e4, -1e4]",
    "\"x1e308\"",
];

/// A text with one thing changed.
fn mutate(text: &str, luck: &mut Luck) -> String {
    let mut pieces = tokens(text);
    let lines: Vec<&str> = text.lines().collect();
    if pieces.is_empty() || lines.is_empty() {
        return text.to_owned();
    }
    let is_number = |p: &String| p.starts_with(|c: char| c.is_ascii_digit());
    let is_text = |p: &String| p.len() > 1 && p.starts_with('"');
    let places = |pieces: &[String], want: &dyn Fn(&String) -> bool| -> Vec<usize> {
        (0..pieces.len()).filter(|i| want(&pieces[*i])).collect()
    };
    let choice = luck.below(13);
    match choice {
        0 => return bytes(text, luck),
        1..=3 => return by_lines(&lines, choice, luck),
        4 => {
            let at = luck.below(pieces.len());
            pieces.remove(at);
        }
        5 => {
            let at = luck.below(pieces.len());
            pieces.insert(at, pieces[at].clone());
        }
        6 => {
            let (a, b) = (luck.below(pieces.len()), luck.below(pieces.len()));
            pieces.swap(a, b);
        }
        7 | 8 => {
            if let [_, ..] = places(&pieces, &is_number).as_slice() {
                let numbers = places(&pieces, &is_number);
                pieces[numbers[luck.below(numbers.len())]] = luck.of(NUMBERS).to_owned();
            }
        }
        9 => {
            let texts = places(&pieces, &is_text);
            if !texts.is_empty() {
                pieces[texts[luck.below(texts.len())]] = luck.of(TIMES).to_owned();
            }
        }
        10 => {
            let at = luck.below(pieces.len());
            pieces[at] = luck.of(WORDS).to_owned();
        }
        11 => {
            // A name that is there, but for something else.
            let texts = places(&pieces, &is_text);
            if !texts.is_empty() {
                let (a, b) = (luck.below(texts.len()), luck.below(texts.len()));
                pieces[texts[a]] = pieces[texts[b]].clone();
            }
        }
        _ => {
            let keys = places(&pieces, &|p| {
                p.starts_with(|c: char| c.is_ascii_lowercase())
            });
            if !keys.is_empty() {
                let (a, b) = (luck.below(keys.len()), luck.below(keys.len()));
                pieces[keys[a]] = pieces[keys[b]].clone();
            }
        }
    }
    pieces.concat()
}

fn bytes(text: &str, luck: &mut Luck) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = luck.below(bytes.len());
    bytes[at] ^= 1 << luck.below(8);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn by_lines(lines: &[&str], choice: usize, luck: &mut Luck) -> String {
    let mut lines = lines.to_vec();
    let (a, b) = (luck.below(lines.len()), luck.below(lines.len()));
    match choice {
        1 => drop(lines.remove(a)),
        2 => {
            // A whole table twice.
            let end = (a + 1 + luck.below(12)).min(lines.len());
            let copy = lines[a..end].to_vec();
            lines.splice(b..b, copy);
        }
        _ => lines.swap(a, b),
    }
    lines.join("\n") + "\n"
}

fn files() -> Vec<(Kind, String, String)> {
    let mut libraries = vec![Library::embedded()];
    libraries.extend(Library::collections().filter_map(|c| Library::collection(c).ok()));
    let mut all = Vec::new();
    for (i, library) in libraries.iter().enumerate() {
        for kind in Kind::ALL {
            if i > 0 && kind != Kind::Scenario {
                continue;
            }
            for name in library.names(kind) {
                let text = library.text(kind, &name).expect("it is listed");
                all.push((kind, name.clone(), text.to_owned()));
            }
        }
    }
    all
}

/// Builds what is still valid and lets it begin. An error is an answer.
fn build(resolved: Resolved, built: &mut Tally) {
    let config = RunConfig {
        seed: 1,
        lab: resolved.lab,
        play: resolved.play,
        budget: Budget::default(),
        keep_trace: false,
    };
    match Live::new(&config) {
        Ok(mut live) => {
            let _ = live.run_events(300, Time::ZERO + config.play.duration);
            built.ran += 1;
        }
        Err(error) => {
            let text = error.to_string();
            if !built.refused.contains(&text) && built.refused.len() < 20 {
                built.refused.push(text);
            }
            built.unbuilt += 1;
        }
    }
}

#[derive(Default)]
struct Tally {
    valid: usize,
    ran: usize,
    unbuilt: usize,
    refused: Vec<String>,
}

/// Reads a mutant, and builds it where it is valid. A file that is not a scenario is laid over the library, and a scenario looks at it from there.
fn answer(library: &Library, kind: Kind, name: &str, text: &str, tally: &mut Tally) {
    if let Err(wrong) = library.check(kind, "mutant.toml", text) {
        assert!(!wrong.is_empty(), "refused for no reason");
        for d in &wrong.items {
            assert_ne!(d.code, Code::Assertion, "{}", d.message);
        }
        assert!(!wrong.render(true).is_empty());
        return;
    }
    tally.valid += 1;
    if kind == Kind::Scenario {
        let scenario = library
            .parse_scenario("mutant.toml", text)
            .expect("it was valid");
        for resolved in [
            scenario.resolve(library, None, &[]).map(Some),
            scenario.resolve_contrast(library),
        ] {
            if let Some(resolved) = resolved.expect("a valid scenario resolves") {
                build(resolved, tally);
            }
        }
        for shows in scenario.shows() {
            assert!(scenario.resolve_shown(library, shows).is_ok());
        }
        return;
    }
    let own = library.clone().with_file(kind, name, text);
    let lab = if kind == Kind::Lab { name } else { "ward" };
    for defence in ["legacy", "sp1800-8-plus"] {
        let Ok(controls) = own.defence(defence) else {
            continue;
        };
        if let Ok(lab) = own.resolve_lab(lab, &controls.controls, &[]) {
            let play = PlaySpec {
                duration: Duration::from_hours(1),
                attackers: Vec::new(),
                events: Vec::new(),
            };
            let resolved = Resolved {
                lab: lab.lab,
                provenance: lab.provenance,
                play,
                controls: lab.controls,
                notes: Vec::new(),
            };
            build(resolved, tally);
        }
    }
}

/// Most memory that the process has had, in MiB, where the system tells.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

#[test]
fn no_mutant_of_a_valid_file_brings_anything_down() {
    let wanted = std::env::var("PUMPLAB_MUTANTS")
        .ok()
        .and_then(|n| n.parse().ok());
    let wanted: usize = wanted.unwrap_or(2000);
    let library = Library::embedded();
    let files = files();
    let mut luck = Luck(1);
    let mut tally = Tally::default();
    let mut brought_down = String::new();
    let (mut panics, mut unbuilt, mut slowest) = (0, 0, (0.0, String::new()));
    for number in 0..wanted {
        let (kind, name, text) = &files[luck.below(files.len())];
        let mut mutant = text.clone();
        for _ in 0..=luck.below(2) {
            mutant = mutate(&mutant, &mut luck);
        }
        let began = Instant::now();
        let told = catch_unwind(AssertUnwindSafe(|| {
            answer(&library, *kind, name, &mutant, &mut tally)
        }));
        let took = began.elapsed().as_secs_f64();
        if took > slowest.0 {
            slowest = (took, format!("{number}, of {name}"));
        }
        assert!(
            took < 20.0,
            "mutant {number} of {name} took {took} s:\n{mutant}"
        );
        if told.is_err() || tally.unbuilt > unbuilt {
            panics += usize::from(told.is_err());
            unbuilt = tally.unbuilt;
            let folder = std::env::temp_dir().join("pumplab-mutants");
            let _ = std::fs::create_dir_all(&folder);
            let file = folder.join(format!("{number}-{name}.toml"));
            let _ = std::fs::write(&file, &mutant);
            let _ = writeln!(brought_down, "{} ({kind:?})", file.display());
        }
    }
    let peak = peak_mib();
    let _ = writeln!(
        std::io::stderr(),
        "{wanted} mutants: {} still valid, {} built and begun, {} refused when built {:?}, {panics} panics, slowest {:.3} s ({}), peak memory {peak:?} MiB",
        tally.valid,
        tally.ran,
        tally.unbuilt,
        tally.refused,
        slowest.0,
        slowest.1,
    );
    assert!(brought_down.is_empty(), "panics:\n{brought_down}");
    assert!(peak.is_none_or(|mib| mib < 1024), "{peak:?} MiB");
    assert!(
        tally.valid > wanted / 50 && tally.ran > 0,
        "too few mutants stay valid to say anything"
    );
}
