//! The root causes of a record: what somebody did, or what an event of the scenario brought about, that the rest of its chain descends from.

use crate::record::{Hop, StoredRecord, Story};
use crate::verdict::Verdict;
use pumplab_sim::record::PROGRAM_STEPS;
use pumplab_sim::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// A root cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Root {
    /// Who or what, and what it did.
    pub(super) text: String,
    /// When, in nanoseconds.
    pub(super) at_ns: u64,
    /// The record that tells of it.
    pub(super) record: u64,
    /// What kind of cause.
    pub(super) kind: Kind,
}

/// Kinds of root causes, the one that says most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An attacker's step.
    Step,
    /// An event of the scenario.
    Event,
    /// A fault that was injected, or a module that stopped.
    Fault,
    /// Something was off while it was needed; the chain does not say more.
    Off,
    /// A refusal, by its item.
    Refusal,
    /// What somebody did at a pump, or what the plan has.
    Act,
}

impl Root {
    /// In a line.
    #[must_use]
    pub(super) fn say(&self) -> String {
        let at = Time::from_nanos(self.at_ns).for_people();
        let what = match self.kind {
            Kind::Step => "attacker's step",
            Kind::Event => "timeline event",
            Kind::Fault => "fault",
            Kind::Off => "off at that time, by its power records",
            Kind::Refusal => "refusal",
            Kind::Act => "act of staff or plan",
        };
        format!("{} at {at} ({what})", self.text)
    }
}

/// The root causes of a record, the first first. Where the chain leads to an attacker or to an event of the scenario, these are what is named;
/// a fault, a refusal or an act of staff where there is neither.
#[must_use]
pub(super) fn roots(story: &Story, verdict: &Verdict, hops: &[Hop<'_>], id: u64) -> Vec<Root> {
    let mut all: Vec<Root> = Vec::new();
    let mut stepping: BTreeSet<&str> = BTreeSet::new();
    for (i, hop) in hops.iter().enumerate() {
        let first_cause = hop.event.cause == 0;
        for record in &hop.records {
            if record.kind == "step-started" && stepping.insert(&record.node) {
                all.push(step(record, verdict));
            } else if record.kind == "communication-failed" {
                all.push(root(record, Kind::Fault, &record.text));
            } else if is_injected(record) {
                all.push(root(record, Kind::Fault, "a fault was injected"));
            } else if record.id != id && (record.control.is_some() || is_certificate(record)) {
                all.push(root(record, Kind::Refusal, &record.text));
            }
        }
        if !first_cause {
            continue;
        }
        let power = |r: &&&StoredRecord| r.kind == "powered-off";
        let of_power = hop.records.iter().find(power);
        // An act that told nothing of its own is told by what came of it.
        let came = || {
            let later = hops[i..].iter().flat_map(|h| &h.records);
            later.copied().find(|r| r.node == hop.event.node)
        };
        match (hop.event.label.as_str(), of_power, came()) {
            ("power", Some(off), _) => all.push(root(off, Kind::Event, "was switched off")),
            ("happening", _, Some(told)) if !hop.records.is_empty() => {
                all.push(root(told, Kind::Event, &told.text));
            }
            ("perceived" | "touch" | "case" | "plug" | "cable", _, Some(told)) => {
                all.push(root(told, Kind::Act, &told.text));
            }
            _ => {}
        }
    }
    let best = all.iter().map(|r| r.kind).min();
    if best.is_none_or(|kind| kind > Kind::Fault) {
        all.extend(off_then(story, hops, id));
    }
    let best = all.iter().map(|r| r.kind).min();
    // Steps and events stand beside each other: an attack may need what an event took away.
    let chosen = |r: &Root| match best {
        Some(Kind::Step | Kind::Event) => r.kind <= Kind::Event,
        best => Some(r.kind) == best,
    };
    all.retain(chosen);
    all.sort_by_key(|r| (r.at_ns, r.record));
    if best >= Some(Kind::Refusal) {
        // The last refusal is the one that was not got past; of acts, the latest is the nearest.
        all = all.split_off(all.len().saturating_sub(1));
    }
    together(all)
}

/// What was off when something did not come, where the chain names it but has not the record of it: whoever was asked and did not answer.
fn off_then(story: &Story, hops: &[Hop<'_>], id: u64) -> Vec<Root> {
    let mut off: BTreeMap<&str, &StoredRecord> = BTreeMap::new();
    for record in story.records.iter().filter(|r| r.id < id) {
        match record.kind.as_str() {
            "powered-off" => {
                off.insert(&record.node, record);
            }
            "powered-on" => {
                off.remove(record.node.as_str());
            }
            _ => {}
        }
    }
    let told = || hops.iter().flat_map(|hop| &hop.records);
    let named = |node: &str| {
        let as_host = format!("({node})");
        told().any(|r| r.text.contains(&as_host) || r.text.ends_with(&format!(" {node}")))
    };
    // A station that nobody answers at 802.1X waits for the authentication server, whose name it does not know.
    let unanswered = |r: &&StoredRecord| -> bool {
        let field = |key: &str| r.what.get(key).and_then(serde_json::Value::as_str);
        r.kind == "join-failed" && field("why") == Some("timeout")
    };
    let waits = told().any(unanswered);
    let asked_in_vain = |node: &str, since: u64| {
        let request = format!("({node}) udp/1812");
        let mut later = story.records.iter().filter(|r| r.id > since && r.id < id);
        later.any(|r| r.kind == "dropped" && r.text.contains(&request))
    };
    let roots = off
        .into_iter()
        .filter(|(node, r)| named(node) || waits && asked_in_vain(node, r.id));
    roots
        .map(|(_, record)| root(record, Kind::Off, "was switched off"))
        .collect()
}

fn is_injected(record: &StoredRecord) -> bool {
    record.kind == "dropped" && record.what.get("why") == Some(&serde_json::json!("fault"))
}

fn is_certificate(record: &StoredRecord) -> bool {
    record.kind == "station-refused" || record.kind == "session-refused"
}

fn root(record: &StoredRecord, kind: Kind, did: &str) -> Root {
    Root {
        text: format!("{} {did}", record.node),
        at_ns: record.at_ns,
        record: record.id,
        kind,
    }
}

fn step(record: &StoredRecord, verdict: &Verdict) -> Root {
    let technique = record.what.get("technique").and_then(|v| v.as_str());
    let technique = technique.unwrap_or_default();
    let number = record.what.get("step").and_then(serde_json::Value::as_u64);
    let number = u32::try_from(number.unwrap_or(0)).unwrap_or(u32::MAX);
    let shown = number
        .checked_sub(PROGRAM_STEPS)
        .unwrap_or(number)
        .saturating_add(1);
    let same = |s: &&crate::verdict::StepReport| s.number == shown && s.technique == technique;
    let attacker = verdict.steps.iter().find(same).map(|s| s.attacker.as_str());
    let program = number >= PROGRAM_STEPS;
    let (whose, on) = match attacker {
        Some(name) if name == record.node || program => (name, String::new()),
        Some(name) => (name, format!(" on {}", record.node)),
        None => (record.node.as_str(), String::new()),
    };
    Root {
        text: format!("{whose} began step {shown} ({technique}){on}"),
        at_ns: record.at_ns,
        record: record.id,
        kind: Kind::Step,
    }
}

/// Several that did the same at the same time are named together.
fn together(all: Vec<Root>) -> Vec<Root> {
    const SAME: &str = " was switched off";
    let mut kept: Vec<Root> = Vec::new();
    for root in all {
        let same = kept.last_mut().filter(|b| {
            let both = b.text.ends_with(SAME) || b.text.ends_with(" were switched off");
            both && b.at_ns == root.at_ns && b.kind == root.kind
        });
        if let (Some(before), Some(name)) = (same, root.text.strip_suffix(SAME)) {
            let names = before
                .text
                .replace(" were switched off", "")
                .replace(SAME, "");
            let names = match names.rsplit_once(" and ") {
                Some((first, last)) => format!("{first}, {last} and {name}"),
                None => format!("{names} and {name}"),
            };
            before.text = format!("{names} were switched off");
        } else {
            kept.push(root);
        }
    }
    kept
}
