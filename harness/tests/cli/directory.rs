//! Run directories, and `explain` and `trace` on them.

use crate::bench::{Scratch, names, pumplab};

const PUSH: &str = "unsigned-library-push";

fn directory(scratch: &Scratch) -> String {
    let out = scratch.text("out");
    pumplab(&["run", PUSH, "--out", &out]).ended(0);
    out
}

#[test]
fn a_run_directory_is_complete() {
    let scratch = Scratch::new("complete");
    directory(&scratch);
    assert_eq!(
        names(&scratch.path("out")),
        ["pumplab.json", "report.json", PUSH]
    );
    assert_eq!(
        names(&scratch.path(&format!("out/{PUSH}"))),
        ["contrast", "run"]
    );
    for variant in ["run", "contrast"] {
        assert_eq!(
            names(&scratch.path(&format!("out/{PUSH}/{variant}"))),
            [
                "lab.json",
                "manifest.json",
                "metrics.json",
                "provenance.json",
                "trace.jsonl",
                "verdict.json"
            ]
        );
    }
    let marker: serde_json::Value =
        serde_json::from_str(&scratch.read("out/pumplab.json")).expect("JSON");
    assert_eq!(marker["complete"], true);
}

#[test]
fn two_processes_write_the_same_bytes() {
    let scratch = Scratch::new("twice");
    directory(&scratch);
    let other = scratch.text("other");
    pumplab(&["run", PUSH, "--out", &other, "--jobs", "2"]).ended(0);
    for variant in ["run", "contrast"] {
        for file in names(&scratch.path(&format!("out/{PUSH}/{variant}"))) {
            let read = |root: &str| scratch.read(&format!("{root}/{PUSH}/{variant}/{file}"));
            assert!(read("out") == read("other"), "{variant}/{file} differs");
        }
    }
}

#[test]
fn a_directory_is_explained_as_the_run_itself() {
    let scratch = Scratch::new("explain");
    let out = directory(&scratch);
    let place = format!("{out}/{PUSH}");
    let read = pumplab(&["explain", &place]).ended(0);
    let run = pumplab(&["explain", PUSH]).ended(0);
    assert_eq!(read.out, run.out);
    assert!(read.out.contains("configured by"), "{}", read.out);
    let read = pumplab(&["explain", &place, "--contrast"]).ended(0);
    let run = pumplab(&["explain", PUSH, "--contrast"]).ended(0);
    assert_eq!(read.out, run.out);
    assert!(read.out.contains("reached its goal"), "{}", read.out);
    assert!(read.out.contains("began step"), "{}", read.out);
}

#[test]
fn traces_are_filtered_and_followed() {
    let scratch = Scratch::new("trace");
    let out = directory(&scratch);
    let place = format!("{out}/{PUSH}/contrast");
    let lines = |arguments: &[&str]| -> Vec<serde_json::Value> {
        let all = [&["trace", &place, "--json"], arguments].concat();
        let out = pumplab(&all).ended(0).out;
        out.lines()
            .map(|l| serde_json::from_str(l).expect("a line is JSON"))
            .collect()
    };
    let all = lines(&[]);
    assert!(all.len() > 10);
    assert!(
        lines(&["--node", "pump-12"])
            .iter()
            .all(|r| r["node"] == "pump-12")
    );
    let stored = lines(&["--kind", "library-stored"]);
    let id = &stored[0]["id"];
    let hour = 3_600_000_000_000_u64;
    let early = lines(&["--to", "1h"]);
    assert!(
        early
            .iter()
            .all(|r| r["at_ns"].as_u64().expect("a time") <= hour)
    );
    let causes = lines(&["--follow", "cause", &id.to_string()]);
    assert!(causes.iter().any(|r| r["kind"] == "step-started"));
    assert!(causes.len() < all.len());
    let effects = lines(&["--follow", "effect", &causes[0]["id"].to_string()]);
    assert!(effects.iter().any(|r| &r["id"] == id));
    let slip = pumplab(&["trace", &place, "--node", "pump-21"]).ended(2);
    assert!(slip.err.contains("did you mean"), "{}", slip.err);
    let beyond = pumplab(&["explain", &place, "99999999"]).ended(2);
    assert!(beyond.err.contains("no record 99999999"), "{}", beyond.err);
}

#[test]
fn a_foreign_directory_is_left_alone() {
    let scratch = Scratch::new("foreign");
    scratch.write("out/thesis.txt", "years of work");
    let said = pumplab(&["run", PUSH, "--out", &scratch.text("out")]).ended(2);
    assert!(said.err.contains("holds no runs"), "{}", said.err);
    assert_eq!(names(&scratch.path("out")), ["thesis.txt"]);
}

#[test]
fn an_explanation_ends_with_what_it_explains() {
    let scratch = Scratch::new("ends");
    let out = directory(&scratch);
    let place = format!("{out}/{PUSH}/contrast");
    let verdict: serde_json::Value =
        serde_json::from_str(&scratch.read(&format!("out/{PUSH}/contrast/verdict.json")))
            .expect("JSON");
    let violations = verdict["violations"].as_array().expect("a list");
    assert!(!violations.is_empty());
    for violation in violations {
        let id = violation["record"].to_string();
        let said = pumplab(&["explain", &place, &id]).ended(0);
        let last = said.out.lines().last().expect("an explanation");
        assert!(last.trim_start().starts_with(&id), "{id}:\n{}", said.out);
    }
}

#[test]
fn what_a_control_took_away_is_named_where_it_is_missed() {
    let file = pumplab(&["explain", "resold-pump-psk"]).ended(0).out;
    assert!(
        file.contains("/flash/wlan.conf is gone: taken away by OPS-06"),
        "{file}"
    );
    let service = pumplab(&["explain", "x2-communication-crash"]).ended(0).out;
    assert!(
        service.contains("nothing listens on 21: taken away by DEV-01"),
        "{service}"
    );
}
