//! Promise 2: the attacker has hands, not eyes of god.
//!
//! Every attack of the library is run under every defence in its lab, and in labs in which hidden things (keys, addresses, versions, flaws,
//! which pump is weak) are replaced by others of the same shape. What the attacker does is the same up to the first answer that differs.

use pumplab_scenarios::{Library, Scenario};
use pumplab_sim::agent::Mind;
use pumplab_sim::engine::{Budget, End, NodeId};
use pumplab_sim::run::{Live, RunConfig};
use pumplab_sim::spec::{KnowledgeSpec, LabSpec, PlaceSpec, PlaySpec};
use pumplab_sim::time::Time;
use pumplab_tests::{DEFENCES, in_parallel};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// Journals of everybody who follows a plan, by host: attackers, and programs that they got to run on others' hosts.
fn minds(live: &Live) -> impl Iterator<Item = (&str, &[String])> {
    let sim = live.simulation();
    let nodes = (0..sim.node_count()).map(|n| NodeId(n as u32));
    nodes.filter_map(|n| Some((sim.name(n), sim.peek::<Mind>(n)?.journal())))
}

/// What everybody who follows a plan saw and did in a run.
fn journals(config: &RunConfig) -> BTreeMap<String, Vec<String>> {
    let mut live = Live::new(config).expect("the lab fits together");
    let end = live.run_until(Time::ZERO + config.play.duration);
    assert_eq!(end, End::Horizon);
    let own = |(name, journal): (&str, &[String])| (name.to_owned(), journal.to_vec());
    minds(&live).map(own).collect()
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

/// The same run in a changed lab; none where the lab has nothing of the kind.
fn with_lab(config: &RunConfig, change: impl FnOnce(&mut Value, &PlaySpec)) -> Option<RunConfig> {
    let mut json = serde_json::to_value(&config.lab).expect("a lab is data");
    change(&mut json, &config.play);
    let lab: LabSpec = serde_json::from_value(json).expect("same shape");
    let other = RunConfig {
        lab,
        ..config.clone()
    };
    (other.lab != config.lab).then_some(other)
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
fn other_keys(lab: &mut Value, _: &PlaySpec) {
    // What handshakes cost is told by kinds of keys, which are no keys.
    let costs = lab["costs"].take();
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
    lab["costs"] = costs;
}

/// Names of hosts by pairs: each with the next one that `same` says is of its kind.
fn pairs(hosts: &[Value], same: impl Fn(&Value, &Value) -> bool) -> Vec<(usize, usize)> {
    let mut left: Vec<usize> = (0..hosts.len()).collect();
    let mut pairs = Vec::new();
    while let Some(i) = left.pop() {
        if let Some(k) = left.iter().position(|&j| same(&hosts[i], &hosts[j])) {
            pairs.push((i, left.remove(k)));
        }
    }
    pairs
}

fn has_role(host: &Value, role: &str) -> bool {
    let roles = host["roles"].as_array().expect("roles");
    roles.iter().any(|r| r.get(role).is_some() || r == role)
}

fn address(host: &Value) -> Option<&str> {
    let address = &host["address"];
    let of = |kind: &str| address.get(kind)?.get("ip")?.as_str();
    of("dhcp").or_else(|| of("static"))
}

/// Pumps of one network exchange their addresses by twos, and so do pump servers, wherever those are written.
fn other_addresses(lab: &mut Value, _: &PlaySpec) {
    let hosts = lab["hosts"].as_array().expect("hosts");
    let net = |h: &Value| address(h).and_then(|ip| Some(ip.rsplit_once('.')?.0.to_owned()));
    let kind = |h: &Value| ["pump", "pump-server"].map(|role| has_role(h, role));
    let same = |a: &Value, b: &Value| {
        kind(a).contains(&true) && kind(a) == kind(b) && net(a).is_some() && net(a) == net(b)
    };
    let mut other = BTreeMap::new();
    for (i, j) in pairs(hosts, same) {
        let ips = [&hosts[i], &hosts[j]].map(|h| address(h).unwrap_or_default().to_owned());
        for (ip, new) in [(&ips[0], &ips[1]), (&ips[1], &ips[0])] {
            other.insert(ip.clone(), new.clone());
            other.insert(format!("{ip}/32"), format!("{new}/32"));
        }
    }
    replace_texts(lab, &|t| other.get(t).cloned());
}

/// What a weak pump has to offer becomes that of a strong one, and the other way round.
fn other_weak_pump(lab: &mut Value, _: &PlaySpec) {
    const OFFERS: [&str; 5] = [
        "services",
        "accounts",
        "weaknesses",
        "memory_bytes",
        "storage_bytes",
    ];
    let hosts = lab["hosts"].as_array_mut().expect("hosts");
    let offers = |h: &Value| OFFERS.map(|f| h[f].to_string());
    let unlike =
        |a: &Value, b: &Value| has_role(a, "pump") && has_role(b, "pump") && offers(a) != offers(b);
    for (i, j) in pairs(hosts, unlike) {
        for field in OFFERS {
            let (x, y) = (hosts[i][field].clone(), hosts[j][field].clone());
            hosts[i][field] = y;
            hosts[j][field] = x;
        }
    }
}

/// Every flaw is another, which nobody has an exploit for.
fn other_flaws(lab: &mut Value, _: &PlaySpec) {
    visit(lab, &mut |key, v| {
        if let ("flaw", Some(name)) = (key, v.as_str()) {
            *v = Value::from(format!("{name}-of-another-kind"));
        }
    });
}

/// Every library version is another.
fn other_versions(lab: &mut Value, _: &PlaySpec) {
    visit(lab, &mut |key, v| {
        if let (true, Some(n)) = (key == "library_version" || key == "version", v.as_u64()) {
            *v = Value::from(n + 7);
        }
    });
}

type Change = fn(&mut Value, &PlaySpec);

const VARIANTS: [(&str, Change); 5] = [
    ("keys", other_keys),
    ("addresses", other_addresses),
    ("weak pumps", other_weak_pump),
    ("flaws", other_flaws),
    ("versions", other_versions),
];

/// What comparing the journals of two labs came to.
#[derive(Default)]
struct Compared {
    journals: usize,
    differed: usize,
    faults: Vec<String>,
    /// Where the first other answer came, for whoever reads the log.
    told: Vec<String>,
}

/// Parts of a run, after each of which it is compared, so that it need not go on once everybody has seen something else.
const PARTS: u64 = 40;

/// An attacker may do something else only after it has seen something else. `seen` is what it saw and did in the original lab.
fn compare(
    name: &str,
    seen: &BTreeMap<String, Vec<String>>,
    other: &RunConfig,
    into: &mut Compared,
) {
    let mut live = Live::new(other).expect("the lab fits together");
    // How far each journal is known to be the same; none once it is not.
    let mut same: BTreeMap<String, Option<usize>> = BTreeMap::new();
    for part in 1..=PARTS {
        let until = other.play.duration.as_nanos() / PARTS * part;
        let last = part == PARTS;
        let until = if last {
            other.play.duration.as_nanos()
        } else {
            until
        };
        assert_eq!(live.run_until(Time::from_nanos(until)), End::Horizon);
        for (host, journal) in minds(&live) {
            // A program that does not get to run in one of the labs has nothing to tell there.
            let Some(original) = seen.get(host) else {
                continue;
            };
            let at = same.entry(host.to_owned()).or_insert(Some(0));
            let Some(from) = *at else {
                continue;
            };
            let to = if last {
                journal.len().max(original.len())
            } else {
                journal.len()
            };
            match (from..to).find(|&i| original.get(i) != journal.get(i)) {
                None => *at = Some(to),
                Some(i) => {
                    *at = None;
                    into.note(
                        &format!("{name}, {host}"),
                        i,
                        original.get(i),
                        journal.get(i),
                    );
                }
            }
        }
        if same.values().all(Option::is_none) && !same.is_empty() {
            break;
        }
    }
    into.journals += same.len();
}

impl Compared {
    /// The first difference, with what stands there in both journals.
    fn note(&mut self, name: &str, i: usize, a: Option<&String>, b: Option<&String>) {
        self.differed += 1;
        let saw = |line: Option<&String>| line.is_none_or(|l| l.starts_with("saw: "));
        let short = |line: Option<&String>| -> String {
            line.map_or("nothing", String::as_str)
                .chars()
                .take(200)
                .collect()
        };
        if !saw(a) || !saw(b) {
            self.faults.push(format!(
                "{name}: chose differently before an answer differed:\n  {}\n  {}",
                short(a),
                short(b)
            ));
        }
        let line: String = short(a).chars().take(60).collect();
        self.told
            .push(format!("{name}: first other answer at {i}: {line}"));
    }
}

fn compare_all(library: &Library, scenario: &Scenario, defence: &str) -> Compared {
    let mut into = Compared::default();
    let original = config(library, scenario, defence);
    let seen = journals(&original);
    for attacker in &original.play.attackers {
        let host = match &attacker.at {
            PlaceSpec::Host(host) => host,
            _ => &attacker.name,
        };
        assert!(
            !seen[host].is_empty(),
            "{}: the journal of {host} is kept",
            scenario.name
        );
    }
    for (variant, change) in VARIANTS {
        let Some(mut other) = with_lab(&original, change) else {
            continue;
        };
        if variant == "versions" {
            // What the attacker knows of libraries is named by version.
            for knows in other.play.attackers.iter_mut().flat_map(|a| &mut a.knows) {
                if let KnowledgeSpec::Library { version } = knows {
                    *version += 7;
                }
            }
        }
        let name = format!("{} under {defence}, other {variant}", scenario.name);
        compare(&name, &seen, &other, &mut into);
    }
    into
}

#[test]
fn choices_are_the_same_up_to_the_first_answer_that_differs() {
    let library = Library::embedded();
    let load = |name: &String| library.load_scenario(name).expect("the library loads");
    let scenarios: Vec<Scenario> = library.scenario_names().iter().map(load).collect();
    let attacks = scenarios.iter().filter(|s| !s.attackers.is_empty());
    let cells: Vec<_> = attacks
        .flat_map(|s| DEFENCES.map(|defence| (s, defence)))
        .collect();
    let all = in_parallel(cells, |(s, defence)| compare_all(&library, s, defence));
    let faults: Vec<&String> = all.iter().flat_map(|c| &c.faults).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let mut log = std::io::stderr().lock();
    for line in all.iter().flat_map(|c| &c.told) {
        writeln!(log, "{line}").ok();
    }
    let journals: usize = all.iter().map(|c| c.journals).sum();
    let differed: usize = all.iter().map(|c| c.differed).sum();
    assert!(journals >= 60, "only {journals} journals were compared");
    assert!(
        differed >= 10,
        "only {differed} of {journals} journals differed at all: the variants hide nothing that matters"
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
        journals(&with_lab(&original, other_keys).expect("the lab has keys"))
    );
}
