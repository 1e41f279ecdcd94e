//! Writes a library with a hospital of many pumps, the twelve of the ward again and again, and a quiet day in it:
//!
//! ```text
//! cargo run --release -p pumplab-benches --example large_lab -- target/large 394
//! pumplab run quiet-day --library target/large --defence sp1800-8
//! ```
//!
//! The zone of medical devices grows to a /22 within the ward's addressing; everything else is the ward. `pumplab run --help` says what else can be
//! measured with it, such as `--out`. Where only the cost counts, use `/usr/bin/time -v` or the like for processor time and peak memory.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const WARD: &str = include_str!("../../scenarios/labs/ward.toml");
/// Pumps of the ward.
const PATTERN: usize = 12;
/// Host numbers from which copies are numbered: behind everything that the ward has in the zone.
const FIRST: usize = 256;

const DAY: &str = r#"title = "A quiet day"
summary = "Nobody attacks and nothing breaks."
lab = "hospital"
defence = "sp1800-8"
duration = "24h"

[[expect]]
holds = "dose-limits"
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let directory = args.next().ok_or("name a directory to write to")?;
    let pumps: usize = args.next().map_or(Ok(394), |n| n.parse())?;
    let pumps = pumps.clamp(PATTERN, 700);
    let directory = Path::new(&directory);
    for (folder, file, text) in [
        ("labs", "hospital.toml", lab(pumps)?),
        ("scenarios", "quiet-day.toml", DAY.to_owned()),
    ] {
        fs::create_dir_all(directory.join(folder))?;
        fs::write(directory.join(folder).join(file), text)?;
    }
    Ok(())
}

/// The ward with this many pumps.
fn lab(pumps: usize) -> Result<String, Box<dyn Error>> {
    let wide = WARD.replace("subnet = \"10.0.40.0/24\"", "subnet = \"10.0.40.0/22\"");
    if wide == WARD {
        return Err("the ward's zone of medical devices has changed".into());
    }
    let begin = wide.find("[[pump]]").ok_or("the ward has no pumps")?;
    let blocks: Vec<&str> = wide[begin..].split("[[pump]]").skip(1).collect();
    let end = blocks
        .last()
        .and_then(|last| last.find("\n\n"))
        .ok_or("nothing comes after the pumps")?;
    let rest = wide.len() - blocks.last().map_or(0, |last| last.len()) + end;
    let mut text = wide[..rest].to_owned();
    for n in PATTERN..pumps {
        let block = blocks[n % PATTERN];
        let block = block.find("\n\n").map_or(block, |end| &block[..end]);
        write!(text, "\n\n[[pump]]\n{}", copy(block, n))?;
    }
    text.push_str(&shared(&wide[rest..], pumps));
    Ok(text)
}

/// A pump of the ward as the `n`th pump of the hospital.
fn copy(block: &str, n: usize) -> String {
    let line = |line: &str| {
        let key = line.split('=').next().unwrap_or("").trim();
        match key {
            "name" => format!("name = \"{}\"", name(n)),
            "number" => format!("number = {}", FIRST + n),
            "room" => format!("room = {}", n + 1),
            _ => line.to_owned(),
        }
    };
    let lines = block.lines().skip(1).map(line);
    lines.collect::<Vec<_>>().join("\n")
}

fn name(n: usize) -> String {
    format!("pump-{:02}", n + 1)
}

/// Nurses who look after a pump of the ward look after its copies too.
fn shared(text: &str, pumps: usize) -> String {
    let line = |line: &str| {
        if !line.starts_with("pumps = [") {
            return line.to_owned();
        }
        let own = (0..PATTERN).filter(|n| line.contains(&format!("\"{}\"", name(*n))));
        let all = own.flat_map(|n| (n..pumps).step_by(PATTERN));
        let names = all.map(|n| format!("\"{}\"", name(n)));
        format!("pumps = [{}]", names.collect::<Vec<_>>().join(", "))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}
