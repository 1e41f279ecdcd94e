//! A chain of causes made short: what every run has left out, steps and repeats folded, and what matters least dropped where it is still long.

use crate::record::{Hop, StoredRecord, Story};
use pumplab_sim::record::{PROGRAM_STEPS, Telling};
use pumplab_sim::time::{Duration, Time};
use std::collections::{BTreeMap, BTreeSet};

/// A line of a short chain: one record, or several folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Number of the first record.
    pub(super) first: u64,
    /// Number of the last.
    pub(super) last: u64,
    /// How many records.
    pub(super) count: usize,
    /// When the first was, in nanoseconds.
    pub(super) at_ns: u64,
    /// The node, or one of several.
    pub(super) node: String,
    /// What happened.
    pub(super) text: String,
    weight: u8,
}

/// A short chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Folded {
    /// Lines, first cause first.
    pub(super) lines: Vec<Line>,
    /// Records that stand in a chain that was shown before: first, last and how many.
    pub(super) above: Option<(u64, u64, usize)>,
    /// Records that were left out.
    pub(super) left_out: usize,
}

/// What of a chain has to stay, whatever its length.
#[derive(Clone, Debug)]
pub(super) struct Keep<'a> {
    /// The record that is explained.
    pub(super) asked: u64,
    /// Records that are root causes.
    pub(super) roots: &'a BTreeSet<u64>,
    /// How many lines there may be.
    pub(super) lines: usize,
}

/// Makes a chain short. Records in `shown` were shown before; those of this chain are added.
#[must_use]
pub(super) fn fold(
    story: &Story,
    hops: &[Hop<'_>],
    keep: &Keep<'_>,
    shown: &mut BTreeSet<u64>,
) -> Folded {
    let mut folded = Folded::default();
    let asked = story.record(keep.asked);
    let subject = asked.is_some_and(|r| r.telling() == Telling::Routine);
    let begins = keep.roots.first().copied().unwrap_or(u64::MAX);
    let mut told = Vec::new();
    for &record in hops.iter().flat_map(|hop| &hop.records) {
        let must = record.id == keep.asked || keep.roots.contains(&record.id);
        let usual = record.telling() == Telling::Routine && record.id < begins;
        if !shown.insert(record.id) && !must {
            let (first, last, count) = folded.above.unwrap_or((record.id, record.id, 0));
            folded.above = Some((first.min(record.id), last.max(record.id), count + 1));
        } else if usual && !must && !subject {
            folded.left_out += 1;
        } else {
            told.push(record);
        }
    }
    let lines = if subject { usual(&told) } else { steps(&told) };
    let mut lines = repeats(lines, keep);
    while lines.len() > keep.lines {
        // What matters least goes first, and of that the earliest.
        let least = lines.iter().enumerate().min_by_key(|(i, l)| (l.weight, *i));
        let Some(i) = least.map(|(i, _)| i) else {
            break;
        };
        folded.left_out += lines.remove(i).count;
    }
    folded.lines = lines;
    folded
}

/// One line a record, those of an attacker's step in one.
fn steps(told: &[&StoredRecord]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut open: BTreeMap<(&str, u64), (usize, Step)> = BTreeMap::new();
    let mut latest: BTreeMap<&str, u64> = BTreeMap::new();
    for record in told {
        let node = record.node.as_str();
        let number = record.what.get("step").and_then(serde_json::Value::as_u64);
        let number = number.or_else(|| latest.get(node).copied());
        let (true, Some(number)) = (record.of_a_step(), number) else {
            lines.push(line(record));
            continue;
        };
        latest.insert(node, number);
        let known = open.entry((node, number));
        let (place, step) = known.or_insert_with(|| {
            let mut line = line(record);
            line.count = 0;
            lines.push(line);
            (lines.len() - 1, Step::default())
        });
        step.take(record);
        let line = &mut lines[*place];
        line.count += 1;
        line.last = record.id;
    }
    for ((_, number), (place, step)) in open {
        if lines[place].count > 1 {
            lines[place].text = step.text(number);
        }
    }
    lines
}

/// What an attacker's step came to.
#[derive(Debug, Default)]
struct Step {
    technique: String,
    stages: Vec<String>,
    end: String,
}

impl Step {
    fn take(&mut self, record: &StoredRecord) {
        let text = |key: &str| {
            let value = record.what.get(key).and_then(serde_json::Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        match record.kind.as_str() {
            "step-started" => self.technique = text("technique"),
            "stage-reached" => self.stages.push(text("name")),
            "step-ended" => {
                let success = record.what.get("success") == Some(&serde_json::Value::Bool(true));
                let how = if success { "succeeded" } else { "failed" };
                self.end = format!("{how} ({})", text("saw"));
            }
            _ => {}
        }
    }

    fn text(&self, number: u64) -> String {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let kind = match number.checked_sub(PROGRAM_STEPS) {
            Some(n) => format!("program step {}", n.saturating_add(1)),
            None => format!("step {}", number.saturating_add(1)),
        };
        let technique = match self.technique.is_empty() {
            true => String::new(),
            false => format!(" ({})", self.technique),
        };
        let stages = match self.stages.as_slice() {
            [] => String::new(),
            [first, _, _, _, .., last] => format!(": {first}, ..., {last}"),
            few => format!(": {}", few.join(", ")),
        };
        let end = match self.end.is_empty() {
            true => String::new(),
            false => format!("; {}", self.end),
        };
        format!("{kind}{technique}{stages}{end}")
    }
}

/// What every run has, where it was asked for: one line a node.
fn usual(told: &[&StoredRecord]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for record in told {
        let join = record.telling() == Telling::Routine;
        match lines.last_mut().filter(|l| join && l.node == record.node) {
            Some(before) => {
                before.last = record.id;
                before.count += 1;
                let telling = ["address-bound", "joined", "server-session"];
                if telling.contains(&record.kind.as_str()) {
                    before.text = format!("{}; {}", before.text, record.text);
                }
            }
            None => lines.push(line(record)),
        }
    }
    lines
}

fn line(record: &StoredRecord) -> Line {
    let weight = match record.telling() {
        Telling::Passing => 1,
        Telling::Routine => 2,
        _ if record.control.is_some() => 6,
        _ if record.of_a_step() => 4,
        Telling::Slight => 3,
        Telling::Fact => 5,
    };
    Line {
        first: record.id,
        last: record.id,
        count: 1,
        at_ns: record.at_ns,
        node: record.node.clone(),
        text: record.text.clone(),
        weight,
    }
}

/// Folds what is told again and again, differing in numbers only.
fn repeats(lines: Vec<Line>, keep: &Keep<'_>) -> Vec<Line> {
    let mut groups: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (i, line) in lines.iter().enumerate() {
        let must = line.first == keep.asked || keep.roots.contains(&line.first);
        if !must {
            let key = (shape(&line.node), shape(&line.text));
            groups.entry(key).or_default().push(i);
        }
    }
    let mut first: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for group in groups.into_values() {
        // Two are a repeat only side by side: apart, each belongs to where it stands.
        if group.len() > 2 || group.len() == 2 && group[1] == group[0] + 1 {
            first.insert(group[0], group);
        }
    }
    let repeated: BTreeSet<usize> = first.values().flatten().copied().collect();
    let mut kept = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        match first.get(&i) {
            Some(group) => kept.push(together(&lines, group)),
            None if repeated.contains(&i) => {}
            None => {
                let mut line = line.clone();
                if line.first == keep.asked || keep.roots.contains(&line.first) {
                    line.weight = 9;
                }
                kept.push(line);
            }
        }
    }
    kept
}

fn together(lines: &[Line], group: &[usize]) -> Line {
    let all: Vec<&Line> = group.iter().map(|i| &lines[*i]).collect();
    let (first, last) = (all[0], all[all.len() - 1]);
    let same = all.iter().all(|l| l.text == first.text);
    let nodes: BTreeSet<&str> = all.iter().map(|l| l.node.as_str()).collect();
    let until = Time::from_nanos(last.at_ns).for_people();
    let times: Vec<u64> = all.iter().map(|l| l.at_ns).collect();
    let every = rhythm(&times).map_or_else(String::new, |e| format!(", every {}", e.for_people()));
    let like = if same { "" } else { " like it" };
    let until = match first.at_ns == last.at_ns {
        true => String::new(),
        false => format!("{every}, until {until}"),
    };
    Line {
        text: format!("{}  x {}{like}{until}", first.text, all.len()),
        node: match nodes.len() {
            1 => first.node.clone(),
            n => format!("{} +{}", first.node, n - 1),
        },
        last: all.iter().map(|l| l.last).max().unwrap_or(last.last),
        count: all.iter().map(|l| l.count).sum(),
        ..first.clone()
    }
}

/// The time from each to the next, where that is about the same.
fn rhythm(times: &[u64]) -> Option<Duration> {
    let steps: Vec<u64> = times.windows(2).map(|w| w[1] - w[0]).collect();
    let (least, most) = (*steps.iter().min()?, *steps.iter().max()?);
    let mean = steps.iter().sum::<u64>() / steps.len() as u64;
    (steps.len() > 1 && least > 0 && most - least <= mean / 5).then(|| Duration::from_nanos(mean))
}

/// A text with its numbers and names taken out: what it has in common with others of its kind.
fn shape(text: &str) -> String {
    let word = |w: &str| match w.chars().any(|c| c.is_ascii_digit()) {
        true => "#".to_owned(),
        false => w.to_owned(),
    };
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rhythm_is_one_within_a_fifth() {
        assert_eq!(rhythm(&[0, 100, 205, 300]), Some(Duration::from_nanos(100)));
        assert_eq!(rhythm(&[0, 100, 300]), None);
        assert_eq!(rhythm(&[0, 100]), None);
        assert_eq!(rhythm(&[5, 5, 5]), None);
    }

    #[test]
    fn a_shape_has_no_numbers() {
        assert_eq!(
            shape("gave 10.0.40.16 to client 6a:b6:d9:c2:7e:b2"),
            shape("gave 10.0.40.17 to client 0e:17:8a:98:60:55")
        );
        assert_ne!(shape("switched on"), shape("switched off"));
    }
}
