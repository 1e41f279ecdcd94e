//! Promise 2: the attacker has hands, not eyes of god.
//!
//! Every attack of the library is run twice: in its lab, and in a lab in which hidden things (keys, addresses, versions, which pump is
//! weak) are replaced by others of the same shape. What the attacker does is the same up to the first answer that differs.

use pumplab_scenarios::{Library, Scenario};
use pumplab_sim::assemble::Mind;
use pumplab_sim::engine::{Budget, End};
use pumplab_sim::run::{Live, RunConfig};
use pumplab_sim::spec::{LabSpec, PlaceSpec};
use pumplab_sim::time::Time;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;

/// What every attacker of a run saw and did.
fn journals(config: &RunConfig) -> Vec<Vec<String>> {
    let mut live = Live::new(config).expect("the lab fits together");
    let end = live.run_until(Time::ZERO + config.play.duration);
    assert_eq!(end, End::Horizon);
    let journal = |a: &pumplab_sim::spec::AttackerSpec| {
        let host = match &a.at {
            PlaceSpec::Host(host) => host,
            _ => &a.name,
        };
        let node = live
            .simulation()
            .node_named(host)
            .expect("an attacker has a host");
        live.simulation()
            .peek::<Mind>(node)
            .expect("an attacker has a mind")
            .journal()
            .to_vec()
    };
    config.play.attackers.iter().map(journal).collect()
}

fn config(library: &Library, scenario: &Scenario, defence: &str) -> RunConfig {
    let resolved = scenario
        .resolve(library, Some(defence), &[])
        .expect("the library resolves");
    RunConfig {
        seed: 1,
        lab: resolved.lab,
        play: resolved.play,
        budget: Budget::default(),
        keep_trace: true,
    }
}

fn with_lab(config: &RunConfig, change: impl FnOnce(&mut Value)) -> RunConfig {
    let mut json = serde_json::to_value(&config.lab).expect("a lab is data");
    change(&mut json);
    let lab: LabSpec = serde_json::from_value(json).expect("same shape");
    assert_ne!(lab, config.lab, "the variant changes something");
    RunConfig {
        lab,
        ..config.clone()
    }
}

fn visit(value: &mut Value, act: &mut impl FnMut(&str, &mut Value)) {
    match value {
        Value::Object(map) => {
            for (key, v) in map {
                act(key, v);
                visit(v, act);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|v| visit(v, act)),
        _ => {}
    }
}

fn replace_texts(value: &mut Value, with: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(new) = with(text) {
                *text = new;
            }
        }
        Value::Object(map) => map.values_mut().for_each(|v| replace_texts(v, with)),
        Value::Array(list) => list.iter_mut().for_each(|v| replace_texts(v, with)),
        _ => {}
    }
}

/// Every passphrase, password, shared secret and key becomes another; what was equal stays equal.
fn other_keys(lab: &mut Value) {
    let mut secrets = BTreeSet::new();
    visit(lab, &mut |key, v| {
        let named = [
            "passphrase",
            "password",
            "secret",
            "radius_secret",
            "key",
            "authority",
            "issuer",
            "signs_with",
        ];
        let inner = v.get("value").cloned().unwrap_or_else(|| v.clone());
        if let (true, Some(text)) = (named.contains(&key), inner.as_str()) {
            secrets.insert(text.to_owned());
        }
    });
    assert!(!secrets.is_empty());
    replace_texts(lab, &|t| {
        secrets.contains(t).then(|| format!("{t} (another)"))
    });
}

/// Two pumps of one network exchange their addresses, wherever those are written.
fn other_addresses(lab: &mut Value) {
    let (a, b) = ("pump-10", "pump-11");
    let ip = |lab: &Value, name: &str| {
        let hosts = lab["hosts"].as_array().expect("hosts");
        let host = hosts
            .iter()
            .find(|h| h["name"] == name)
            .expect("the ward has it");
        host["address"]["dhcp"]["ip"]
            .as_str()
            .expect("a leased address")
            .to_owned()
    };
    let (ip_a, ip_b) = (ip(lab, a), ip(lab, b));
    replace_texts(lab, &|t| {
        let exchanged = if t == ip_a || t == format!("{ip_a}/32") {
            t.replace(&ip_a, &ip_b)
        } else if t == ip_b || t == format!("{ip_b}/32") {
            t.replace(&ip_b, &ip_a)
        } else {
            return None;
        };
        Some(exchanged)
    });
}

/// The services, accounts and room of a weak pump become those of another, and the other way round.
fn other_weak_pump(lab: &mut Value) {
    let hosts = lab["hosts"].as_array_mut().expect("hosts");
    let at = |hosts: &[Value], name: &str| {
        hosts
            .iter()
            .position(|h| h["name"] == name)
            .expect("the ward has it")
    };
    for (weak, strong) in [("pump-10", "pump-01"), ("pump-12", "pump-02")] {
        let (i, j) = (at(hosts, weak), at(hosts, strong));
        for field in ["services", "accounts", "memory_bytes", "storage_bytes"] {
            let (x, y) = (hosts[i][field].clone(), hosts[j][field].clone());
            hosts[i][field] = y;
            hosts[j][field] = x;
        }
    }
}

/// Every library version is another.
fn other_versions(lab: &mut Value) {
    visit(lab, &mut |key, v| {
        if let (true, Some(n)) = (key == "library_version" || key == "version", v.as_u64()) {
            *v = Value::from(n + 7);
        }
    });
}

type Variant = (&'static str, fn(&mut Value));

const VARIANTS: [Variant; 4] = [
    ("keys", other_keys),
    ("addresses", other_addresses),
    ("which pump is weak", other_weak_pump),
    ("versions", other_versions),
];

#[test]
fn choices_are_the_same_up_to_the_first_answer_that_differs() {
    let library = Library::embedded();
    let mut compared = 0;
    let mut differed = 0;
    let mut log = std::io::stderr().lock();
    for name in library.scenario_names() {
        let scenario = library.load_scenario(&name).expect("the library loads");
        if scenario.attackers.is_empty() {
            continue;
        }
        for defence in ["legacy", "psk-segmented", "sp1800-8"] {
            let original = config(&library, &scenario, defence);
            let seen = journals(&original);
            for (variant, change) in VARIANTS {
                let mut other = with_lab(&original, change);
                if variant == "versions" {
                    // What the attacker knows of libraries is named by version.
                    for knows in other.play.attackers.iter_mut().flat_map(|a| &mut a.knows) {
                        if let pumplab_sim::spec::KnowledgeSpec::Library { version } = knows {
                            *version += 7;
                        }
                    }
                }
                for (a, b) in seen.iter().zip(&journals(&other)) {
                    assert!(!a.is_empty(), "{name} under {defence}: the journal is kept");
                    compared += 1;
                    let first = a.iter().zip(b).position(|(x, y)| x != y);
                    let Some(i) = first else {
                        assert_eq!(
                            a.len(),
                            b.len(),
                            "{name} under {defence}, other {variant}: one goes on"
                        );
                        continue;
                    };
                    differed += 1;
                    assert!(
                        a[i].starts_with("saw: ") && b[i].starts_with("saw: "),
                        "{name} under {defence}, other {variant}: the attacker chose differently before an answer differed:\n  {}\n  {}",
                        a[i],
                        b[i],
                    );
                    let line = a[i].chars().take(60).collect::<String>();
                    writeln!(
                        log,
                        "{name} under {defence}, other {variant}: first other answer at {i}: {line}"
                    )
                    .ok();
                }
            }
        }
    }
    assert!(compared >= 48, "only {compared} journals were compared");
    assert!(
        differed >= 4,
        "only {differed} runs differed at all: the variants hide nothing that matters"
    );
}

#[test]
fn what_an_attacker_sees_of_a_key_is_nothing() {
    // Replacing every key leaves the attacker's whole journal as it was where it holds none of them.
    let library = Library::embedded();
    let scenario = library
        .load_scenario("x1-phi-by-pivot")
        .expect("the library loads");
    let original = config(&library, &scenario, "sp1800-8");
    assert_eq!(
        journals(&original),
        journals(&with_lab(&original, other_keys))
    );
}
