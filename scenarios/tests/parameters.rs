//! Valid scenarios with altered words and numbers in the parameters of their attackers' steps and goals and of their events. Whatever is accepted means what stands
//! in the file: the parameters that a step goes by are those of the text, and a default stands only for what is not given. What is accepted can
//! be built and run.
//!
//! 800 mutants and 30 runs by default. The full form, 100,000 mutants and 1,000 runs:
//! `PUMPLAB_PARAMETER_MUTANTS=100000 nice cargo test --workspace --test parameters -- --nocapture`.

use pumplab_scenarios::{Kind, Library, Scenario};
use pumplab_sim::attack::technique_named;
use pumplab_sim::catalog::{Parameter, ParameterKind};
use pumplab_sim::engine::Budget;
use pumplab_sim::parameters::{Tagged as _, factor};
use pumplab_sim::run::{Live, RunConfig};
use pumplab_sim::safety::GOALS;
use pumplab_sim::spec::{HappeningSpec, ParamValue, StepSpec};
use pumplab_sim::time::{Duration, Time};
use pumplab_sim::wire::Cidr;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::time::Instant;

/// Uniform numbers from a seed (SplitMix64): the same mutants on every machine.
struct Rng(u64);

impl Rng {
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

    fn of<'a>(&mut self, all: &'a [String]) -> &'a str {
        &all[self.below(all.len())]
    }
}

/// A `key = value` of a line of parameters, and where the value stands.
struct Pair {
    key: String,
    value: std::ops::Range<usize>,
}

/// The parameters in a line such as `with = { target = "pump-12", port = 5000 }`.
fn pairs(line: &str) -> Vec<Pair> {
    let Some(open) = line.find('{') else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut at = open + 1;
    while let Some(equals) = line[at..].find('=').map(|i| at + i) {
        let key = line[at..equals].trim_matches([' ', ',', '{']).to_owned();
        let begin = equals + 1 + line[equals + 1..].len() - line[equals + 1..].trim_start().len();
        let end = match line[begin..].strip_prefix('"') {
            Some(text) => begin + 2 + text.find('"').unwrap_or(text.len() - 1),
            None if line[begin..].starts_with('[') => {
                begin + line[begin..].find(']').map_or(0, |end| end + 1)
            }
            None => begin + line[begin..].find([',', '}', ' ']).unwrap_or(0),
        };
        found.push(Pair {
            key,
            value: begin..end,
        });
        at = end;
    }
    found
}

/// Numbers of lines with parameters: those of steps, of steps of programs, of goals, and of events.
fn lines_with_parameters(text: &str) -> Vec<usize> {
    let mut takes_parameters = false;
    let mut found = Vec::new();
    for (n, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            takes_parameters = line.starts_with("[[attacker") || line.starts_with("[[event");
        }
        let parameters = line.starts_with("with = {") || line.starts_with("goal_with = {");
        if takes_parameters && parameters && !pairs(line).is_empty() {
            found.push(n);
        }
    }
    found
}

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "2",
    "7",
    "22",
    "23",
    "80",
    "100",
    "101",
    "254",
    "255",
    "256",
    "443",
    "445",
    "1000",
    "5000",
    "8100",
    "65535",
    "65536",
    "70000",
    "1000000",
    "4294967296",
    "-5000",
    "9223372036854775807",
    "0.0",
    "0.5",
    "-0.5",
    "1e-9",
    "12.5",
    "1e9",
    "1e300",
    "nan",
    "inf",
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "x0",
    "x1",
    "x2",
    "x0.5",
    "x1000",
    "x1001",
    "x1e3",
    "10",
    "0s",
    "1ms",
    "90s",
    "10m",
    "2h",
    "900d",
    "soon",
    "10.0.40.0/24",
    "10.0.0.0/8",
    "10.0.40.201",
    "21,23",
    "80,70000",
    "root:root",
    "root",
    "/tmp/a",
    "stop",
    "shell",
    "read",
    "write",
    "files",
    "orders",
    "alarms",
    "firmware",
    "library",
    "publish",
    "records",
    "certificate",
    "silent",
    "forged",
    "asked",
];

/// A text with one letter changed.
fn slip(text: &str, rng: &mut Rng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return "a".to_owned();
    }
    let at = rng.below(letters.len());
    match rng.below(4) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters[at] = letters[at].to_ascii_uppercase(),
    }
    letters.into_iter().collect()
}

/// Another value in place of one; `seen` are values of the whole library for the same key.
fn altered(value: &str, seen: &[String], rng: &mut Rng) -> String {
    match value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
        _ if rng.below(3) == 0 => rng.of(seen).to_owned(),
        Some(text) => match rng.below(4) {
            0 | 1 => format!("\"{}\"", slip(text, rng)),
            2 => format!("\"{}\"", TEXTS[rng.below(TEXTS.len())]),
            _ => NUMBERS[rng.below(NUMBERS.len())].to_owned(),
        },
        None if rng.below(8) == 0 => format!("\"{value}\""),
        None => NUMBERS[rng.below(NUMBERS.len())].to_owned(),
    }
}

/// What the library gives to each key, and all keys.
fn values_of(files: &[(Library, String, String)]) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, _, text) in files {
        let lines: Vec<&str> = text.lines().collect();
        for n in lines_with_parameters(text) {
            for pair in pairs(lines[n]) {
                let value = lines[n][pair.value].to_owned();
                all.entry(pair.key).or_default().insert(value);
            }
        }
    }
    all.into_iter()
        .map(|(key, values)| (key, values.into_iter().collect()))
        .collect()
}

/// A scenario with one parameter altered, added or taken away.
fn mutate(text: &str, values: &BTreeMap<String, Vec<String>>, rng: &mut Rng) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let places = lines_with_parameters(text);
    let line = &mut lines[places[rng.below(places.len())]];
    let all = pairs(line);
    let chosen = &all[rng.below(all.len())];
    match rng.below(8) {
        0 => {
            let keys: Vec<&String> = values.keys().collect();
            let key = keys[rng.below(keys.len())];
            let value = rng.of(&values[key]);
            let end = line.rfind('}').expect("it is a table");
            line.insert_str(end, &format!(", {key} = {value} "));
        }
        1 => {
            let begin = line[..chosen.value.start].rfind(&chosen.key).unwrap_or(0);
            let mut end = chosen.value.end;
            end += usize::from(line[end..].starts_with(','));
            line.replace_range(begin..end, "");
        }
        _ => {
            let value = altered(&line[chosen.value.clone()], &values[&chosen.key], rng);
            line.replace_range(chosen.value.clone(), &value);
        }
    }
    lines.join("\n") + "\n"
}

/// Whether what a step goes by is what the text gives. Looks at the text alone, not at how the product reads it.
fn same(row: &Parameter, given: &toml::Value, taken: Option<&ParamValue>) -> bool {
    let items = |t: &str| -> Vec<String> {
        t.split([',', ' '])
            .filter(|p| !p.is_empty())
            .map(str::to_owned)
            .collect()
    };
    match (given, taken) {
        (toml::Value::Integer(n), Some(ParamValue::Integer(t))) => n == t,
        (toml::Value::Integer(n), Some(ParamValue::Float(t))) => *n as f64 == *t,
        (toml::Value::Float(n), Some(ParamValue::Float(t))) => n == t,
        (toml::Value::Boolean(g), Some(ParamValue::Bool(t))) => g == t,
        (toml::Value::Array(g), Some(ParamValue::List(t))) => {
            let of = match row.kind {
                ParameterKind::List(of) => *of,
                _ => ParameterKind::Number(0.0, 0.0),
            };
            let item = Parameter { kind: of, ..*row };
            let mut both = g.iter().zip(t);
            g.len() == t.len() && both.all(|(g, t)| same(&item, g, Some(t)))
        }
        (toml::Value::String(g), Some(ParamValue::Text(t))) => match row.kind {
            ParameterKind::Subnet => {
                let (g, t): (Option<Cidr>, Option<Cidr>) = (g.parse().ok(), t.parse().ok());
                g.is_some() && g == t
            }
            ParameterKind::Duration | ParameterKind::Interval => {
                let (g, t): (Option<Duration>, Option<Duration>) = (g.parse().ok(), t.parse().ok());
                g.is_some() && g == t
            }
            ParameterKind::Factor(..) => factor(g).is_some() && factor(g) == factor(t),
            ParameterKind::Addresses | ParameterKind::Prefixes | ParameterKind::Ports => {
                // `023` is port 23.
                let trimmed = |t: &str| t.trim_start_matches('0').to_owned();
                let all = |t: &str| items(t).iter().map(|i| trimmed(i)).collect::<Vec<_>>();
                all(g) == all(t)
            }
            _ => g == t,
        },
        _ => false,
    }
}

/// Compares the parameters of a step or goal with its table in the file.
fn compare(rows: &[Parameter], given: Option<&toml::Value>, taken: &BTreeMap<String, ParamValue>) {
    let empty = toml::Table::new();
    let given = given.and_then(toml::Value::as_table).unwrap_or(&empty);
    for row in rows {
        let taken = taken.get(row.name);
        let with = row.defaults.iter().find(|d| match d.word {
            Some(word) => given.get(d.of).and_then(toml::Value::as_str) == Some(word),
            None => given.contains_key(d.of),
        });
        match (given.get(row.name), row.default.or(with.map(|d| d.value))) {
            (Some(value), _) => assert!(
                same(row, value, taken),
                "`{} = {value}` is taken for {taken:?}",
                row.name
            ),
            (None, Some(default)) => {
                let default: ParamValue = default.into();
                let number = |v: &ParamValue| match v {
                    ParamValue::Integer(n) => Some(*n as f64),
                    ParamValue::Float(n) => Some(*n),
                    _ => None,
                };
                let times = |v: &ParamValue| match v {
                    ParamValue::Text(t) => t.parse::<Duration>().ok(),
                    _ => None,
                };
                let equal = taken.is_some_and(|t| {
                    *t == default
                        || number(t).is_some() && number(t) == number(&default)
                        || times(t).is_some() && times(t) == times(&default)
                });
                assert!(equal, "default {default:?} of `{}`: {taken:?}", row.name);
            }
            (None, None) => assert_eq!(taken, None, "`{}` is not given", row.name),
        }
    }
    for key in given.keys() {
        assert!(rows.iter().any(|r| r.name == key), "`{key}` is unknown");
    }
}

fn steps<'a>(of: &'a toml::Value, plan: &'a [StepSpec]) -> Vec<(&'a toml::Value, &'a StepSpec)> {
    let given = of.get("step").and_then(toml::Value::as_array);
    let given: Vec<_> = given.into_iter().flatten().collect();
    assert_eq!(given.len(), plan.len());
    given.into_iter().zip(plan).collect()
}

/// Everything that the attackers of an accepted scenario go by is what its text gives.
fn compare_scenario(scenario: &Scenario, text: &str) {
    let file: toml::Value = toml::from_str(text).expect("it was read");
    let attackers = file.get("attacker").and_then(toml::Value::as_array);
    for (given, attacker) in attackers.into_iter().flatten().zip(&scenario.attackers) {
        let mut all = steps(given, &attacker.steps);
        let programs = given.get("program").and_then(toml::Value::as_array);
        for (given, program) in programs.into_iter().flatten().zip(&attacker.programs) {
            all.extend(steps(given, &program.steps));
        }
        for (given, step) in all {
            let technique = technique_named(&step.technique).expect("it is known");
            let attempt = technique.attempt(&step.with).expect("it was accepted");
            let rows = technique.entry().parameters;
            compare(rows, given.get("with"), &attempt.params());
        }
        let goal = GOALS.iter().find(|g| g.entry.id == attacker.goal);
        let goal = goal.expect("it is known");
        let aim = (goal.aim)(&attacker.goal_with).expect("it was accepted");
        let with = given.get("goal_with");
        let text = |key: &str| with?.get(key)?.as_str().map(str::to_owned);
        let takes = |key: &str| goal.entry.parameters.iter().any(|p| p.name == key);
        assert_eq!(aim.pump, text("pump"));
        assert_eq!(aim.host, text("host"));
        if takes("hosts") {
            let hosts = with
                .and_then(|w| w.get("hosts"))
                .map(toml::Value::as_integer);
            assert_eq!(Some(i64::from(aim.hosts)), hosts.unwrap_or(Some(1)));
        }
    }
}

/// Everything that the events of an accepted scenario go by is what its text gives.
fn compare_events(scenario: &Scenario, text: &str) {
    let file: toml::Value = toml::from_str(text).expect("it was read");
    let given = file.get("event").and_then(toml::Value::as_array);
    let given: Vec<_> = given.into_iter().flatten().collect();
    assert_eq!(given.len(), scenario.events.len());
    for (given, event) in given.into_iter().zip(&scenario.events) {
        assert_eq!(given["what"].as_str(), Some(event.what.id()));
        let table = HappeningSpec::table(event.what.id()).expect("it is known");
        compare(table.parameters, given.get("with"), &event.what.write());
    }
}

fn files() -> Vec<(Library, String, String)> {
    let mut all = Vec::new();
    let collections = Library::collections().filter_map(|c| Library::collection(c).ok());
    for library in std::iter::once(Library::embedded()).chain(collections) {
        for name in library.scenario_names() {
            let text = library.text(Kind::Scenario, &name).expect("it is listed");
            if !lines_with_parameters(text).is_empty() {
                all.push((library.clone(), name.clone(), text.to_owned()));
            }
        }
    }
    all
}

/// Builds and runs an accepted scenario under its defence.
fn run(scenario: &Scenario, library: &Library) {
    let resolved = scenario.resolve(library, None, &[]);
    let resolved = resolved.expect("a valid scenario resolves");
    let config = RunConfig {
        seed: scenario.seed,
        lab: resolved.lab,
        play: resolved.play,
        budget: Budget::default(),
        keep_trace: false,
    };
    let mut live = Live::new(&config).unwrap_or_else(|e| panic!("it cannot be built: {e}"));
    let _ = live.run_events(50_000, Time::ZERO + config.play.duration);
}

#[test]
fn what_is_accepted_is_what_stands_in_the_file() {
    let wanted = std::env::var("PUMPLAB_PARAMETER_MUTANTS").ok();
    let wanted: usize = wanted.and_then(|n| n.parse().ok()).unwrap_or(800);
    let to_run = (wanted / 100).max(30);
    let files = files();
    let values = values_of(&files);
    let mut rng = Rng(11);
    let (mut accepted, mut ran, began) = (0, 0, Instant::now());
    let mut changed = BTreeSet::new();
    for number in 0..wanted {
        let (library, name, text) = &files[rng.below(files.len())];
        let mutant = mutate(text, &values, &mut rng);
        let Ok(scenario) = library.parse_scenario("mutant.toml", &mutant) else {
            continue;
        };
        accepted += 1;
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            compare_scenario(&scenario, &mutant);
            compare_events(&scenario, &mutant);
            if ran < to_run && mutant != *text {
                run(&scenario, library);
            }
        }));
        assert!(told.is_ok(), "mutant {number} of {name}:\n{mutant}");
        ran += usize::from(ran < to_run && mutant != *text);
        changed.insert(name.clone());
    }
    let _ = writeln!(
        std::io::stderr(),
        "{wanted} mutants of {} scenarios: {accepted} accepted, {ran} run, {:.0} s",
        files.len(),
        began.elapsed().as_secs_f64()
    );
    assert!(accepted > wanted / 20 && accepted < wanted * 9 / 10);
    assert_eq!(ran, to_run, "too few are accepted");
    assert!(changed.len() > 20);
}

/// Scenarios with events are among those that are altered.
#[test]
fn events_are_altered_too() {
    let files = files();
    let of_events = |text: &String| {
        let lines: Vec<&str> = text.lines().collect();
        let places = lines_with_parameters(text).into_iter();
        places
            .filter(|n| {
                lines[n.saturating_sub(3)..*n]
                    .iter()
                    .any(|l| l.starts_with("what = "))
            })
            .count()
    };
    let count: usize = files.iter().map(|(_, _, text)| of_events(text)).sum();
    assert!(count > 30, "{count} lines with parameters of events");
}

/// The comparison tells a value that is not that of the text.
#[test]
fn a_silent_default_would_be_seen() {
    let technique = technique_named("push-drug-library").expect("it is known");
    let rows = technique.entry().parameters;
    let given: toml::Value =
        toml::from_str("target = \"pump-12\"\ndrug = \"heparin\"\nfactor = \"x10\"\nport = 5001\n")
            .expect("it is TOML");
    let raw = |port| {
        BTreeMap::from([
            ("target".to_owned(), ParamValue::Text("pump-12".to_owned())),
            ("drug".to_owned(), ParamValue::Text("heparin".to_owned())),
            ("factor".to_owned(), ParamValue::Text("x10".to_owned())),
            ("port".to_owned(), ParamValue::Integer(port)),
        ])
    };
    let taken = |port| technique.attempt(&raw(port)).expect("it is right").params();
    compare(rows, Some(&given), &taken(5001));
    let defaulted = taken(5000);
    let wrong = std::panic::catch_unwind(|| compare(rows, Some(&given), &defaulted));
    assert!(wrong.is_err());
}
