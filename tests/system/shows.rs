//! Every realised control makes a difference: some scenario shows it.
//!
//! Under the controls that an entry of `[[shows]]` names, all its expectations hold; without the control itself at least one of them does
//! not; and the two labs differ by what that control has put there, and by what documented followers make of it.

use crate::verdicts::came_to;
use pumplab::cell::Cell;
use pumplab::judge::{Beside, judge};
use pumplab::verdict::Verdict;
use pumplab_scenarios::Shows;
use pumplab_sim::control::{Realisation, table};
use pumplab_sim::spec::Provenance;
use pumplab_tests::{Told, in_parallel, shown, words};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Controls that no scenario shows yet: none, and it stays so.
const WAITING: &[&str] = &[];

/// What else differs between the labs with and without a control, and why: another control, or a place in the lab that carries no stamp.
const FOLLOWERS: &[(&str, &str, &str)] = &[
    (
        "NET-01",
        "/",
        "segments, legs, routes and the places of hosts are the control itself; they are structure, which carries no stamp",
    ),
    (
        "NET-01",
        "gone /",
        "the flat segment and its leg make way for those of the zones",
    ),
    (
        "NET-02",
        "NET-09",
        "narrows the rules that the allow list compiled: without them there is nothing to narrow",
    ),
    (
        "DEV-07",
        "SRV-05",
        "the approval asks for a signature only where pumps check one",
    ),
    (
        "NET-09",
        "NET-02",
        "what it narrows are rules of the allow list",
    ),
    (
        "ID-01",
        "WL-02",
        "pumps that have no certificate stay on the network with a shared key",
    ),
    (
        "ID-01",
        "WL-03",
        "only pumps with a certificate move to the network that asks for one",
    ),
    (
        "ID-01",
        "/access_points/ssids",
        "the network that asks for certificates is offered once somebody can use it",
    ),
    (
        "ID-03",
        "/segments",
        "the quarantine that unknown subjects are placed in",
    ),
    (
        "WL-01",
        "WL-02",
        "the pumps' own network is given the shared key in place of the house's",
    ),
    (
        "WL-01",
        "/access_points/ssids",
        "the new network is offered",
    ),
    (
        "WL-03",
        "WL-02",
        "who moves to the network that asks for certificates needs the shared key no longer",
    ),
    (
        "WL-03",
        "/access_points/ssids",
        "the new network is offered",
    ),
    (
        "SRV-04",
        "/hosts/roles/pump-server/port",
        "the protected port, and the clear one beside it",
    ),
    (
        "SRV-04",
        "/hosts/roles/pump/server_port",
        "pumps go to the protected port",
    ),
    (
        "SRV-05",
        "DEV-07",
        "the key of whoever releases signs, in place of the server's",
    ),
    (
        "OPS-03",
        "/hosts/roles/log-collector/review",
        "somebody reads what is collected",
    ),
];

#[test]
fn every_realised_control_is_shown_by_a_scenario() {
    let shown: BTreeSet<String> = shown().into_iter().map(|(s, _, _)| s.control).collect();
    let realised =
        |c: &&pumplab_sim::control::Control| matches!(c.realisation, Realisation::Mechanisms(_));
    let realised: BTreeSet<&str> = table()
        .iter()
        .filter(realised)
        .map(|c| c.row.id.as_str())
        .collect();
    let missing: Vec<_> = realised
        .iter()
        .filter(|c| !shown.contains(**c) && !WAITING.contains(c))
        .collect();
    assert!(missing.is_empty(), "no scenario shows {missing:?}");
    let done: Vec<_> = WAITING
        .iter()
        .filter(|c| shown.contains(**c) || !realised.contains(**c))
        .collect();
    assert!(
        done.is_empty(),
        "shown, or not realised: take {done:?} from WAITING"
    );
}

/// A shown control, run both ways.
struct Pair {
    shows: Shows,
    with: (Told, Verdict),
    without: (Told, Verdict),
}

fn judged(cell: Cell) -> (Told, Verdict) {
    let told = Told::of(cell);
    let words = words(&told.cell, told.trace());
    let verdict = judge(&told.cell, &told.outcome, &words, &Beside::default());
    (told, verdict)
}

fn broken(verdict: &Verdict) -> Vec<&str> {
    let failed = verdict.expectations.iter().filter(|e| !e.held);
    failed.map(|e| e.expected.as_str()).collect()
}

/// One line that a reader can follow.
fn line(pair: &Pair) -> String {
    let mut line = format!("{:6}  {}\n", pair.shows.control, title(&pair.shows.control),);
    let cell = &pair.with.0.cell;
    writeln!(line, "        {} among {}", cell.scenario, cell.defence).expect("text");
    for (what, (told, verdict)) in [("with it", &pair.with), ("without", &pair.without)] {
        let broken = broken(verdict);
        let expected = if broken.is_empty() {
            String::new()
        } else {
            format!("; no longer so: {}", broken.join(", "))
        };
        writeln!(line, "        {what}: {}{expected}", came_to(told)).expect("text");
    }
    line
}

fn title(control: &str) -> String {
    let row = table().iter().find(|c| c.row.id == control);
    row.map_or_else(String::new, |c| c.row.name.clone())
}

#[test]
fn a_shown_control_is_what_makes_the_difference() {
    let mut pairs = in_parallel(shown(), |(shows, with, without)| Pair {
        shows,
        with: judged(with),
        without: judged(without),
    });
    pairs.sort_by_key(|p| table().iter().position(|c| c.row.id == p.shows.control));
    let mut faults = Vec::new();
    let mut snapshot = String::new();
    for pair in &pairs {
        let name = format!("{} in {}", pair.shows.control, pair.with.0.cell.scenario);
        let fails = broken(&pair.with.1);
        if !fails.is_empty() {
            faults.push(format!("{name}: does not hold with it: {fails:?}"));
        }
        if broken(&pair.without.1).is_empty() {
            faults.push(format!("{name}: everything holds without it"));
        }
        writeln!(snapshot, "{}", line(pair)).expect("text");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    insta::assert_snapshot!("shown_controls", snapshot.trim_end());
}

#[test]
fn the_labs_differ_by_what_the_control_put_there() {
    let mut faults = Vec::new();
    for (shows, with, without) in shown() {
        for what in foreign(&shows.control, &with, &without) {
            let name = format!("{} in {}", shows.control, with.scenario);
            faults.push(format!("{name}: {what}"));
        }
    }
    assert!(
        faults.is_empty(),
        "the labs differ by more:\n{}",
        faults.join("\n")
    );
}

/// What differs between two labs and is neither the control's nor a documented follower's.
fn foreign(control: &str, with: &Cell, without: &Cell) -> BTreeSet<String> {
    let lab = |cell: &Cell| {
        let mut lab = serde_json::to_value(&cell.lab).expect("a lab is data");
        stamp(&mut lab, &cell.provenance);
        lab
    };
    let mut found = BTreeSet::new();
    compare(&lab(with), &lab(without), "", None, &mut found);
    // What a control has taken away is in the other lab only, and its tombstone in this one.
    let mut tombstones = with.provenance.tombstones.iter();
    let buried = tombstones.any(|t| t.control.as_deref() == Some(control));
    let known = |what: &String| {
        let follows = |f: &&(&str, &str, &str)| f.0 == control && what.starts_with(f.1);
        let removed = buried && what.starts_with("gone ");
        what == control || removed || FOLLOWERS.iter().any(|f| follows(&f))
    };
    found.retain(|what| !known(what));
    found
}

/// Writes into every item which control it is from, in place of its number.
fn stamp(value: &mut Value, provenance: &Provenance) {
    match value {
        Value::Object(fields) => {
            if fields.len() == 2 && fields.contains_key("value") {
                let id = fields.get("id").and_then(Value::as_u64).unwrap_or_default();
                let origin = provenance.items.get(id as usize);
                let control = origin.and_then(|o| o.control.clone());
                fields.insert("id".to_owned(), control.into());
            }
            fields.values_mut().for_each(|v| stamp(v, provenance));
        }
        Value::Array(items) => items.iter_mut().for_each(|v| stamp(v, provenance)),
        _ => {}
    }
}

/// The control of the item that a value is, if it is one.
fn stamped(value: &Value) -> Option<Option<&str>> {
    let fields = value.as_object().filter(|f| f.len() == 2)?;
    fields.get("value")?;
    Some(fields.get("id")?.as_str())
}

/// Gathers whose items differ: controls, or paths of what carries no stamp.
fn compare(
    with: &Value,
    without: &Value,
    path: &str,
    owner: Option<&str>,
    found: &mut BTreeSet<String>,
) {
    if with == without {
        return;
    }
    // What is there owns the difference; what is gone was owned by whoever is there instead, or by nobody.
    let owner = match (stamped(with), stamped(without)) {
        (Some(control), _) | (None, Some(control)) => control.or(owner),
        (None, None) => owner,
    };
    match (with, without) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys
                .into_iter()
                .filter(|k| *k != "id" || stamped(with).is_none())
            {
                let [a, b] = [a, b].map(|m| m.get(key).unwrap_or(&Value::Null));
                compare(a, b, &format!("{path}/{key}"), owner, found);
            }
            if stamped(with).is_some() && a.get("value") == b.get("value") {
                found.extend(owner.map(str::to_owned));
            }
        }
        (Value::Array(a), Value::Array(b)) => compare_lists(a, b, path, owner, found),
        _ => {
            let inner = [with, without].map(inner_owners).concat();
            if owner.is_none() && inner.is_empty() {
                let gone = if with.is_null() { "gone " } else { "" };
                found.insert(format!("{gone}{path}"));
            }
            found.extend(owner.map(str::to_owned).into_iter().chain(inner));
        }
    }
}

/// Lists are compared by what is in them, named things by name.
fn compare_lists(
    a: &[Value],
    b: &[Value],
    path: &str,
    owner: Option<&str>,
    found: &mut BTreeSet<String>,
) {
    let name = |v: &Value| {
        let v = if stamped(v).is_some() {
            v.get("value")?
        } else {
            v
        };
        let key = ["name", "ssid", "port", "path", "user", "segment"];
        if let Some(key) = key.iter().find(|k| v.get(**k).is_some()) {
            return Some(v.get(*key)?.to_string());
        }
        // A role is named by its kind.
        let fields = v.as_object().filter(|f| f.len() == 1)?;
        fields.keys().next().cloned()
    };
    let only = |of: &[Value], other: &[Value]| -> Vec<Value> {
        of.iter().filter(|v| !other.contains(v)).cloned().collect()
    };
    let (mut left, mut right) = (only(a, b), only(b, a));
    while let Some(x) = left.pop() {
        let same = right
            .iter()
            .position(|y| name(&x).is_some() && name(y) == name(&x));
        let y = same.map_or(Value::Null, |i| right.remove(i));
        compare(&x, &y, path, owner, found);
    }
    for y in right {
        compare(&Value::Null, &y, path, owner, found);
    }
}

/// Controls of the items within something that one lab has and the other has not.
fn inner_owners(value: &Value) -> Vec<String> {
    let mut owners = Vec::new();
    if let Some(Some(control)) = stamped(value) {
        owners.push(control.to_owned());
    }
    match value {
        Value::Object(fields) => owners.extend(fields.values().flat_map(inner_owners)),
        Value::Array(items) => owners.extend(items.iter().flat_map(inner_owners)),
        _ => {}
    }
    owners
}
