//! `list`, `show` and `schema`.

use crate::bench::pumplab;

const KINDS: [(&str, &str); 9] = [
    ("scenarios", "scenario"),
    ("labs", "lab"),
    ("defences", "defence"),
    ("controls", "control"),
    ("techniques", "technique"),
    ("goals", "goal"),
    ("devices", "device"),
    ("properties", "property"),
    ("metrics", "metric"),
];

#[test]
fn everything_that_is_listed_can_be_shown() {
    for (kind, singular) in KINDS {
        let listed = pumplab(&["list", kind, "--json"]).ended(0).json();
        assert_eq!(listed["format"], 1);
        assert_eq!(listed["kind"], singular);
        let entries = listed["entries"].as_array().expect("a list");
        assert!(!entries.is_empty(), "there are no {kind}");
        let table = pumplab(&["list", kind]).ended(0).out;
        for entry in entries {
            let id = entry["id"].as_str().expect("an identifier");
            assert!(
                !entry["title"].as_str().unwrap_or_default().is_empty(),
                "{id}"
            );
            assert!(table.lines().any(|l| l.starts_with(id)), "{id} in\n{table}");
            let shown = pumplab(&["show", &format!("{singular}:{id}")]).ended(0).out;
            assert!(shown.contains(id), "{shown}");
        }
    }
}

#[test]
fn all_57_controls_say_what_realises_them() {
    let listed = pumplab(&["list", "controls", "--json"]).ended(0).json();
    let entries = listed["entries"].as_array().expect("a list");
    assert_eq!(entries.len(), 57);
    assert!(entries.iter().all(|e| e["note"] != ""));
    insta::assert_snapshot!(pumplab(&["show", "NET-02"]).ended(0).out);
}

#[test]
fn the_list_of_controls_says_what_is_simulated() {
    insta::assert_snapshot!(pumplab(&["list", "controls"]).ended(0).out);
}

#[test]
fn a_resolved_lab_names_who_put_what_there() {
    let shown = pumplab(&["show", "lab:ward", "--defence", "sp1800-8"])
        .ended(0)
        .out;
    assert!(shown.contains("otherwise deny [NET-02]"), "{shown}");
    assert!(shown.contains("taken away"), "{shown}");
    let without = pumplab(&[
        "show",
        "lab:ward",
        "--defence",
        "sp1800-8",
        "--without",
        "NET-02",
    ])
    .ended(0)
    .out;
    assert!(!without.contains("[NET-02]"), "{without}");
    let bare = pumplab(&["show", "lab:ward"]).ended(0).out;
    assert!(!bare.contains(" ["), "{bare}");
}

#[test]
fn a_dumped_lab_is_a_lab() {
    let dumped = pumplab(&["show", "lab:ward", "--defence", "sp1800-8", "--json"]).ended(0);
    let lab: pumplab_sim::spec::LabSpec =
        serde_json::from_str(&dumped.out).expect("what is dumped can be read");
    let again = serde_json::to_string_pretty(&lab).expect("a lab can be written");
    assert_eq!(dumped.out.trim_end(), again);
}

#[test]
fn a_scenario_is_shown_with_what_is_expected_of_it() {
    insta::assert_snapshot!(pumplab(&["show", "unsigned-library-push"]).ended(0).out);
    let dumped = pumplab(&["show", "unsigned-library-push", "--json", "--contrast"])
        .ended(0)
        .json();
    assert_eq!(dumped["defence"], "legacy");
    assert!(dumped["lab"]["hosts"].is_array());
    let none = pumplab(&["show", "radius-outage", "--contrast"]).ended(2);
    assert!(none.err.contains("no contrast"), "{}", none.err);
}

#[test]
fn each_kind_of_file_has_a_schema() {
    for kind in ["lab", "defence", "profile", "library", "scenario"] {
        let schema = pumplab(&["schema", kind]).ended(0).json();
        assert!(schema["$schema"].is_string(), "{kind}");
        // A profile is a pump's or a server's.
        let some = schema["anyOf"]
            .as_array()
            .is_some_and(|kinds| kinds.len() > 1);
        assert!(schema["type"] == "object" || some, "{kind}");
    }
}
