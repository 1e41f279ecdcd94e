//! `pumplab explain` answers first, stays short, and names the right cause.

use crate::bench::pumplab;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lines of all there is to say in short, and of what comes before the second question.
const MOST: usize = 40;
const FIRST_QUESTION: usize = 25;

fn outage(name: &str) -> String {
    format!(
        "{}/tests/cli/outages/{name}.toml",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// Whether a word has more digits behind its point than people are told; addresses have several points.
fn is_raw(word: &str) -> bool {
    let Some((before, after)) = word.split_once('.') else {
        return false;
    };
    let digits = after.chars().take_while(char::is_ascii_digit).count();
    let rest = &after[digits..];
    before.ends_with(|c: char| c.is_ascii_digit()) && digits > 3 && !rest.starts_with('.')
}

/// The text after one of the labels of the answer.
fn answer<'a>(said: &'a str, label: &str) -> &'a str {
    let line = said.lines().take(4).find_map(|l| l.strip_prefix(label));
    line.unwrap_or_else(|| panic!("no `{label}`:\n{said}"))
        .trim()
}

fn holds_to_the_form(called: &str, said: &str) {
    for label in ["what happened", "decided by", "next"] {
        assert!(!answer(said, label).is_empty(), "{called}: {label}");
    }
    assert!(
        answer(said, "next").starts_with("pumplab "),
        "{called}:\n{said}"
    );
    let lines = said.lines().count();
    assert!(lines <= MOST, "{called} takes {lines} lines:\n{said}");
    let mut blank = said.lines().enumerate().filter(|(_, l)| l.is_empty());
    let first = blank.nth(1).map_or(lines, |(i, _)| i);
    assert!(
        first <= FIRST_QUESTION,
        "{called}: {first} lines first:\n{said}"
    );
    for word in said.split_whitespace() {
        assert!(!is_raw(word), "{called}: `{word}` is raw:\n{said}");
    }
}

#[test]
fn raw_figures_are_told_from_rounded_ones() {
    for raw in ["6816.201316255", "178.873334ms", "0.2487380422224769,"] {
        assert!(is_raw(raw), "{raw}");
    }
    for fine in ["10.0.40.21", "10.0.10.150:443", "36.5", "24.00", "1.5.2"] {
        assert!(!is_raw(fine), "{fine}");
    }
}

/// Does it for all, on as many threads as there are processors.
fn for_all(items: &[String], work: impl Fn(&str) + Sync) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let done =
                        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(item)));
                    if let Err(why) = done {
                        let text = why.downcast_ref::<String>().cloned();
                        failed
                            .lock()
                            .expect("no panic in here")
                            .push(text.unwrap_or_default());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no panic in here");
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

fn scenarios() -> Vec<String> {
    let said = pumplab(&["list", "scenarios", "--json"]).ended(0).out;
    let listed: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let entries = listed["entries"].as_array().expect("a list");
    let names: Vec<String> = entries
        .iter()
        .map(|e| e["id"].as_str().expect("a name").to_owned())
        .collect();
    assert!(names.len() > 80, "{}", names.len());
    names
}

#[test]
fn every_shipped_scenario_is_explained_in_short_and_by_what_decided_it() {
    for_all(&scenarios(), |name| {
        let report = pumplab(&["run", name, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&report.out).expect("JSON");
        let said = pumplab(&["explain", name]).ended(0).out;
        holds_to_the_form(name, &said);
        let scenario = &report["scenarios"][0];
        decided(name, &scenario["run"]["verdict"], &said);
        let contrast = &scenario["contrast"];
        if contrast.is_object() {
            let said = pumplab(&["explain", name, "--contrast"]).ended(0).out;
            let called = format!("{name} --contrast");
            holds_to_the_form(&called, &said);
            decided(&called, &contrast["verdict"], &said);
        }
    });
}

/// What decided a run is an attacker's step where a goal was reached, the control that stopped the attack where one did, and otherwise an event,
/// a fault or an act wherever a property broke.
fn decided(called: &str, verdict: &serde_json::Value, said: &str) {
    let decided = answer(said, "decided by");
    let list = |key: &str| verdict[key].as_array().cloned().unwrap_or_default();
    if !list("goals").is_empty() {
        assert!(decided.contains("attacker's step"), "{called}:\n{said}");
        return;
    }
    let steps = list("steps");
    let failed = steps.iter().find(|s| s["success"] != true);
    if let Some(step) = failed {
        if let Some(control) = step["control"].as_str() {
            let known = format!("by {control} ");
            assert!(decided.contains(&known), "{called} {known}:\n{said}");
            let off = format!("--without {control} ");
            assert!(answer(said, "next").contains(&off), "{called}:\n{said}");
        }
    } else if steps.is_empty() && !list("violations").is_empty() {
        let kinds = ["timeline event", "fault", "act of staff", "refusal"];
        let named = kinds.iter().any(|k| decided.contains(k));
        assert!(named, "{called}:\n{said}");
    }
}

#[test]
fn an_outage_is_explained_by_what_went_out() {
    for (name, cause) in [
        (
            "nurses-station",
            "nurses-station was switched off at 30 min (timeline event)",
        ),
        ("radius", "radius was switched off at 1 s (timeline event)"),
        (
            "access-points",
            "was switched off at 30 min (timeline event)",
        ),
    ] {
        let said = pumplab(&["explain", &outage(name)]).ended(0).out;
        holds_to_the_form(name, &said);
        let decided = answer(&said, "decided by");
        assert!(decided.contains(cause), "{name}:\n{said}");
    }
}

#[test]
fn what_was_not_met_is_said_with_its_limit_and_where_it_was_worst() {
    let said = pumplab(&["run", &outage("nurses-station")]).ended(1).out;
    let display =
        "99th percentile of alarm display: 1 h 54 min, limit 30 s; worst pump-10 at 36 min 26 s";
    assert!(said.contains(display), "{said}");
    let said = pumplab(&["explain", &outage("nurses-station")])
        .ended(0)
        .out;
    assert!(said.contains(display), "{said}");
    // The records that make it stand below it.
    let parts = said.lines().skip_while(|l| !l.contains(display)).skip(1);
    let first = parts.take(1).collect::<String>();
    assert!(first.contains("pump-10: 1 h 54 min"), "{said}");
}

#[test]
fn a_pump_that_never_came_up_is_offline() {
    let said = pumplab(&["run", &outage("radius")]).ended(1).out;
    assert!(said.contains("Pumps offline: 9, limit 0; "), "{said}");
}

#[test]
fn in_full_every_record_is_there() {
    let short = pumplab(&["explain", &outage("nurses-station")])
        .ended(0)
        .out;
    let full = pumplab(&["explain", &outage("nurses-station"), "--full"])
        .ended(0)
        .out;
    assert!(full.lines().count() > 4 * short.lines().count());
    assert!(full.contains("dropped"), "{full}");
}
