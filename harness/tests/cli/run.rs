//! `run`: verdicts, exit codes, forms of the results.

use crate::bench::{Scratch, pumplab, pumplab_with};
use quick_junit::{NonSuccessKind, TestCaseStatus};

const PUSH: &str = "unsigned-library-push";

/// The table without its column of wall time, which differs from run to run.
fn without_wall(table: &str) -> String {
    let word = |w: &&str| !w.is_empty() && w.chars().all(|c| c.is_ascii_digit() || c == '.');
    let mut lines = Vec::new();
    for line in table.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let wall = |i: usize| matches!(words.get(i + 1), Some(&("ms" | "s"))) && word(&words[i]);
        let kept = (0..words.len()).filter(|i| !wall(*i)).map(|i| words[i]);
        lines.push(kept.collect::<Vec<_>>().join(" "));
    }
    lines.join("\n")
}

#[test]
fn the_library_holds_under_its_defences_and_falls_under_its_contrasts() {
    let page = pumplab(&[]).ended(0);
    let all = page.out.lines().find(|l| l.starts_with("all kinds"));
    assert!(all.is_some_and(|l| l.ends_with(" 0")), "{}", page.out);
    let said = pumplab(&["run"]).ended(0);
    let listed = pumplab(&["list", "scenarios", "--json"]).json();
    for entry in listed["entries"].as_array().expect("a list") {
        let id = entry["id"].as_str().expect("an identifier");
        let mut rows = said
            .out
            .lines()
            .filter_map(|l| l.strip_prefix("as expected  "));
        assert!(
            rows.any(|row| row.split(' ').next() == Some(id)),
            "{id}\n{}",
            said.out
        );
    }
    let report = pumplab(&["run", "--format", "json"]).ended(0).json();
    assert_eq!(report["format"], 1);
    for scenario in report["scenarios"].as_array().expect("a list") {
        let name = &scenario["scenario"];
        assert_eq!(scenario["outcome"], "held", "{name}");
        for judged in scenario["run"]["verdict"]["expectations"]
            .as_array()
            .expect("a list")
        {
            assert_eq!(judged["held"], true, "{name}: {judged}");
        }
        if scenario["contrast"].is_object() {
            let contrast = &scenario["contrast"]["verdict"];
            assert!(
                !contrast["goals"].as_array().expect("a list").is_empty(),
                "{name}"
            );
        }
    }
}

#[test]
fn results_do_not_depend_on_threads_or_process() {
    let one = pumplab(&["run", "--format", "json", "--jobs", "1"]);
    let two = pumplab(&["run", "--format", "json", "--jobs", "2"]);
    let three = pumplab_with(&[("PUMPLAB_JOBS", "3")], &["run", "--format", "json"]);
    assert_eq!(one.out, two.out);
    assert_eq!(one.out, three.out);
    assert_eq!((one.code, one.code), (two.code, three.code));
    let table = |jobs| without_wall(&pumplab(&["run", "--jobs", jobs]).out);
    assert_eq!(table("1"), table("2"));
}

#[test]
fn the_seed_comes_from_the_argument_then_the_variable_then_the_file() {
    let seed = |variables: &[(&str, &str)], arguments: &[&str]| {
        let all = [&["run", PUSH, "--format", "json"], arguments].concat();
        let report = pumplab_with(variables, &all).json();
        report["scenarios"][0]["run"]["manifest"]["seed"].clone()
    };
    let variable = [("PUMPLAB_SEED", "11")];
    assert_eq!(seed(&variable, &["--seed", "12"]), 12);
    assert_eq!(seed(&variable, &[]), 11);
    assert_eq!(seed(&[], &[]), 1);
}

#[test]
fn an_expectation_that_does_not_hold_ends_with_1_and_says_why() {
    let said = pumplab(&["run", PUSH, "--defence", "legacy"]).ended(1);
    assert!(said.out.contains("UNEXPECTED"), "{}", said.out);
    assert!(said.out.contains("pumplab explain"), "{}", said.out);
    // The command line chose the defence, so there is no contrast.
    assert!(said.out.contains("no contrast was run"), "{}", said.out);
    let report = pumplab(&["run", PUSH, "--defence", "legacy", "--format", "json"]).ended(1);
    let scenario = &report.json()["scenarios"][0];
    assert!(scenario["contrast"].is_null());
    let left = scenario["unjudged"][0].as_str().unwrap_or_default();
    assert!(left.starts_with("no contrast was run"), "{scenario}");
    // What broke without being asked about stands in the table and in JSON.
    assert!(said.out.contains("also broken"), "{}", said.out);
    assert_eq!(scenario["run"]["verdict"]["unasked"][0], "order-fidelity");
    let plain = pumplab(&["run", PUSH, "--format", "json"]).json();
    let plain = &plain["scenarios"][0];
    assert!(plain["unjudged"].is_null() && plain["run"]["verdict"]["unasked"].is_null());
    assert_eq!(report.json()["summary"]["not_held"], 1);
}

/// Under a defence without sensors, whether something is noticed is no answer: neither in the table, long or short, nor in JSON.
#[test]
fn what_the_chosen_defence_leaves_unjudged_is_said() {
    let asked = ["run", "guest-scan", "--defence", "bare"];
    let said = pumplab(&asked);
    assert!(
        said.out.contains("? ") && said.out.contains("cannot be judged in this lab"),
        "{}",
        said.out
    );
    let report = pumplab(&[&asked[..], &["--format", "json"]].concat()).json();
    let verdict = &report["scenarios"][0]["run"]["verdict"];
    let expectations = verdict["expectations"].as_array().expect("a list");
    let unjudged: Vec<_> = expectations
        .iter()
        .filter(|e| !e["unjudged"].is_null())
        .collect();
    assert!(!unjudged.is_empty(), "{verdict}");
    for e in unjudged {
        let expected = e["expected"].as_str().unwrap_or_default();
        assert!(expected.contains("detected"), "{e}");
    }
    let all = pumplab(&["run", "--defence", "bare"]);
    assert!(all.out.contains("; no contrast was run"), "{}", all.out);
    assert!(
        all.out.contains("cannot be judged in this lab"),
        "{}",
        all.out
    );
}

#[test]
fn a_budget_that_runs_out_ends_with_3() {
    let said = pumplab(&["run", PUSH, "--max-events", "100"]).ended(3);
    assert!(said.out.contains("BUDGET"), "{}", said.out);
    assert!(
        said.out.contains("the budget of events ran out"),
        "{}",
        said.out
    );
}

#[test]
fn wrong_usage_counts_before_everything_that_could_have_been_run() {
    pumplab(&["run", PUSH, "no-such-scenario", "--defence", "legacy"]).ended(2);
}

#[test]
fn runs_can_be_made_twice_and_compared() {
    pumplab(&["run", PUSH, "--check-determinism"]).ended(0);
    pumplab_with(&[("PUMPLAB_CHECK_DETERMINISM", "1")], &["run", PUSH]).ended(0);
}

#[test]
fn junit_has_a_suite_per_scenario_and_a_case_per_expectation() {
    let scratch = Scratch::new("junit");
    let file = scratch.text("junit.xml");
    let report = pumplab(&["run", "--junit", &file, "--format", "json"]).json();
    let junit = quick_junit::Report::deserialize_from_str(&scratch.read("junit.xml"))
        .expect("it is JUnit XML");
    let scenarios = report["scenarios"].as_array().expect("a list");
    assert_eq!(junit.test_suites.len(), scenarios.len());
    for (suite, scenario) in junit.test_suites.iter().zip(scenarios) {
        assert_eq!(
            suite.name.as_str(),
            scenario["scenario"].as_str().expect("a name")
        );
        let expected = scenario["run"]["verdict"]["expectations"]
            .as_array()
            .expect("a list");
        let contrast = usize::from(scenario["contrast"].is_object());
        assert_eq!(
            suite.test_cases.len(),
            expected.len() + contrast,
            "{:?}",
            suite.name
        );
        let judged = ["run", "contrast"]
            .iter()
            .filter_map(|v| scenario[v]["verdict"]["expectations"].as_array())
            .flatten();
        let missed = judged.filter(|j| j["held"] == false).count();
        assert_eq!(
            (suite.failures, suite.errors),
            (missed, 0),
            "{:?}",
            suite.name
        );
    }
    pumplab(&["run", PUSH, "--defence", "legacy", "--junit", &file]).ended(1);
    let junit = quick_junit::Report::deserialize_from_str(&scratch.read("junit.xml"))
        .expect("it is JUnit XML");
    assert!(junit.failures > 0);
    let explained = junit.test_suites[0].test_cases.iter().any(|case| {
        matches!(&case.status, TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, description: Some(text), .. }
            if text.as_str().contains("pumplab explain"))
    });
    assert!(explained, "a failure says how to ask why");
}

/// A power cut of an access point, with expectations about parts of the run.
const OVER_TIME: &str = r#"title = "Over time"
lab = "ward"
defence = "legacy"
duration = "1h"

[[attacker]]
name = "mallory"
at = { zone = "meddev" }
goal = "alter-limits"
knows = ["drug-library"]

[[attacker.step]]
after = "30m"
use = "push-drug-library"
with = { target = "pump-12", drug = "heparin", factor = "x10" }

[[expect]]
reaches = "alter-limits"
after = "30m"
within = "31m"

[[expect]]
reaches = "alter-limits"
within = "29m"

[[expect]]
not_reaches = "alter-limits"
within = "29m"

[[expect]]
holds = "library-integrity"
until = "29m"

[[expect]]
holds = "library-integrity"
from = "29m"

[[expect]]
metric = "libraries-activated"
at = "29m"
at_most = 0

[[expect]]
metric = "libraries-activated"
from = "29m"
until = "31m"
at_most = 0

[[expect]]
repeats = true

[contrast]
defence = "bare"
reaches = "alter-limits"
"#;

#[test]
fn expectations_about_parts_of_a_run_look_at_these_parts() {
    let scratch = Scratch::new("over-time");
    let file = scratch.write("over-time.toml", OVER_TIME);
    let report = pumplab(&["run", &file, "--format", "json"]).ended(1).json();
    let judged = &report["scenarios"][0]["run"]["verdict"]["expectations"];
    let held: Vec<bool> = judged
        .as_array()
        .expect("a list")
        .iter()
        .map(|j| j["held"] == true)
        .collect();
    assert_eq!(
        held,
        [true, false, true, true, false, true, false, true],
        "{judged:#}"
    );
}

#[test]
fn a_certificate_of_the_radius_server_that_is_renewed_in_time_keeps_pumps_on() {
    let scratch = Scratch::new("renewal");
    let at = scratch.text("");
    pumplab(&["new", "lab", "small", "--at", &at]).ended(0);
    let lab = scratch.read("labs/small.toml");
    let expiring = lab.replace(
        "authority = { key = \"ca-root\" }",
        "authority = { key = \"ca-root\", expiring = [\"radius\"], expiring_after = \"3h\" }",
    );
    assert_ne!(lab, expiring, "the template has an authority");
    scratch.write("labs/small.toml", &expiring);
    let quiet = "title = \"Renewal\"\nlab = \"small\"\ndefence = \"sp1800-8\"\nduration = \"12h\"\n\
                 [[expect]]\nmetric = \"pumps-offline\"\nat_most = 0\n";
    let renewal =
        "[[event]]\nat = \"2h\"\nwhat = \"renew-certificate\"\nwith = { host = \"radius\" }\n";
    let without = scratch.write("without.toml", quiet);
    let with = scratch.write("with.toml", &format!("{quiet}{renewal}"));
    pumplab(&["run", &without, "--library", &at]).ended(1);
    let explained = pumplab(&["explain", &without, "--library", &at]).ended(0);
    assert!(
        !explained
            .out
            .contains("the authentication server refused the station"),
        "it was the pump that refused: {}",
        explained.out
    );
    pumplab(&["run", &with, "--library", &at]).ended(0);
}

#[test]
fn an_attack_that_succeeds_nowhere_is_said_to_prove_nothing() {
    let scratch = Scratch::new("nowhere");
    let file = scratch.write("with space.toml", &OVER_TIME.replace("pump-12", "pump-01"));
    let said = pumplab(&["run", &file]).ended(1);
    assert!(said.out.contains("proves nothing"), "{}", said.out);
    let quoted = format!("pumplab explain '{file}'");
    assert!(said.out.contains(&quoted), "a shell takes it: {}", said.out);
}
