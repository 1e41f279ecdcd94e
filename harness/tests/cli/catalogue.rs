//! `list`, `show` and `schema`.

use crate::bench::{Scratch, pumplab};

const KINDS: [(&str, &str); 19] = [
    ("scenarios", "scenario"),
    ("labs", "lab"),
    ("defences", "defence"),
    ("controls", "control"),
    ("techniques", "technique"),
    ("goals", "goal"),
    ("devices", "device"),
    ("properties", "property"),
    ("metrics", "metric"),
    ("positions", "position"),
    ("knowledge", "knowledge"),
    ("events", "event"),
    ("threats", "threat"),
    ("tags", "tag"),
    ("collections", "collection"),
    ("servers", "server"),
    ("libraries", "library"),
    ("weaknesses", "weakness"),
    ("sensors", "sensor"),
];

#[test]
fn list_alone_names_every_kind() {
    let listed = pumplab(&["list"]).ended(0).out;
    for (kind, _) in KINDS.iter().chain([&("runs", "run")]) {
        assert!(
            listed.lines().any(|l| l.starts_with(kind)),
            "{kind} in\n{listed}"
        );
    }
    let lines = listed.lines().count();
    assert_eq!(
        lines,
        KINDS.len() + 2,
        "a heading and a line a kind:\n{listed}"
    );
    let json = pumplab(&["list", "--json"]).ended(0).json();
    assert_eq!(
        json["entries"].as_array().map(Vec::len),
        Some(KINDS.len() + 1)
    );
}

#[test]
fn the_word_for_the_passphrase_is_found() {
    let listed = pumplab(&["list", "knowledge"]).ended(0).out;
    assert!(listed.contains("knows = [\"wlan-psk\"]"), "{listed}");
    let shown = pumplab(&["show", "wlan-psk"]).ended(0).out;
    assert!(shown.contains("passphrase"), "{shown}");
    let event = pumplab(&["show", "event:set-tls-minimum"]).ended(0).out;
    assert!(
        event.contains("version") && event.contains("Lowest version"),
        "{event}"
    );
    let position = pumplab(&["show", "position:radio", "--json"])
        .ended(0)
        .json();
    assert_eq!(position["parameters"][0]["name"], "radio");
}

#[test]
fn scenarios_carry_what_they_are_selected_by() {
    let listed = pumplab(&["list", "scenarios", "--threat", "wireless", "--json"])
        .ended(0)
        .json();
    let entries = listed["entries"].as_array().expect("a list");
    assert!(entries.len() >= 3);
    assert!(entries.iter().all(|e| e["threat"] == "wireless"));
    let twin = entries
        .iter()
        .find(|e| e["id"] == "evil-twin")
        .expect("the evil twin");
    assert_eq!(twin["lab"], "ward");
    assert_eq!(twin["defence"], "sp1800-8");
    assert!(
        twin["tags"]
            .as_array()
            .is_some_and(|t| t.iter().any(|t| t == "rogue-access-point"))
    );
    assert!(
        twin["attack_ids"]
            .as_array()
            .is_some_and(|t| t.iter().any(|t| t == "T1557.004"))
    );
}

/// Identifiers that a list has.
fn ids(arguments: &[&str]) -> Vec<String> {
    let all = [&["list"], arguments, &["--json"]].concat();
    let listed = pumplab(&all).ended(0).json();
    let entries = listed["entries"].as_array().expect("a list");
    let id = |e: &serde_json::Value| e["id"].as_str().expect("an identifier").to_owned();
    entries.iter().map(id).collect()
}

#[test]
fn filters_leave_what_fits_all_of_them() {
    let all = ids(&["scenarios"]);
    let on_path = ids(&["scenarios", "--attack-id", "T1557"]);
    assert!(
        on_path.iter().any(|id| id == "evil-twin"),
        "a sub-technique counts"
    );
    assert!(on_path.len() < all.len());
    let both = ids(&[
        "scenarios",
        "--attack-id",
        "t1557",
        "--threat",
        "on-path,wireless",
        "--lab",
        "ward",
    ]);
    assert!(!both.is_empty() && both.iter().all(|id| on_path.contains(id)));
    let tagged = ids(&["scenarios", "--tag", "ransomware", "--tag", "phishing"]);
    assert!(tagged.len() > ids(&["scenarios", "--tag", "ransomware"]).len());
    let shown = ids(&["scenarios", "--control", "net-02"]);
    assert!(shown.contains(&"lying-name-server".to_owned()), "{shown:?}");
    let used = ids(&["scenarios", "--technique", "jam"]);
    assert_eq!(used, ["jamming"]);
    assert!(ids(&["techniques", "--attack-id", "T1557.002"]).contains(&"spoof-server".to_owned()));
    let wireless = ids(&["controls", "--layer", "wireless"]);
    assert!(wireless.contains(&"WL-01".to_owned()) && !wireless.contains(&"NET-01".to_owned()));
}

#[test]
fn a_filter_that_cannot_fit_says_why() {
    let slips: &[(&[&str], &str)] = &[
        (&["scenarios", "--lab", "wrad"], "did you mean `ward`?"),
        (
            &["scenarios", "--control", "NET-O2"],
            "did you mean `NET-02`?",
        ),
        (&["scenarios", "--technique", "jamm"], "did you mean `jam`?"),
        (
            &["scenarios", "--attack-id", "T1558"],
            "ATT&CK id `T1558` does not exist",
        ),
        (
            &["scenarios", "--threat", "onpath"],
            "did you mean `on-path`?",
        ),
        (
            &["scenarios", "--tag", "ransomwear"],
            "did you mean `ransomware`?",
        ),
        (&["controls", "--layer", "wirless"], "did you mean"),
        (
            &["scenarios", "--threat", "malware", "--technique", "jam"],
            "no scenario fits: of 93, --technique jam fits 1, --threat malware fits 7",
        ),
        (&["labs", "--tag", "nac"], "--tag does not select labs"),
        (
            &["scenarios", "--layer", "wireless"],
            "--layer does not select scenarios",
        ),
        (&["labs", "somewhere"], "takes no directory"),
        (&["runs", "/no/such/place"], "cannot read /no/such/place"),
    ];
    for (arguments, said) in slips {
        let all = [&["list"], *arguments].concat();
        let answer = pumplab(&all).ended(2);
        assert!(answer.err.contains(said), "{arguments:?}: {}", answer.err);
        assert_eq!(
            answer
                .err
                .lines()
                .filter(|l| l.starts_with("error"))
                .count(),
            1,
            "{}",
            answer.err
        );
    }
}

#[test]
fn runs_below_a_directory_are_listed_also_where_they_are_not_whole() {
    let scratch = Scratch::new("runs");
    let out = scratch.text("some runs/out");
    pumplab(&["run", "mis-programming", "evil-twin", "--out", &out]).ended(0);
    std::fs::remove_file(scratch.path("some runs/out/evil-twin/contrast/manifest.json"))
        .expect("it was written");
    let listed = pumplab(&["list", "runs", &scratch.text(""), "--json"])
        .ended(0)
        .json();
    let entries = listed["entries"].as_array().expect("a list");
    assert_eq!(entries.len(), 3, "{listed:#}");
    assert_eq!(entries[0]["complete"], false);
    assert_eq!(entries[0]["held"], serde_json::Value::Null);
    for (entry, scenario) in entries[1..].iter().zip(["evil-twin", "mis-programming"]) {
        assert_eq!(entry["scenario"], scenario);
        assert_eq!(entry["complete"], true);
        assert_eq!(entry["held"], true);
        assert_eq!(entry["defence"], "sp1800-8");
        assert_eq!(entry["seed"], 1);
    }
    let table = pumplab(&["list", "runs", &out]).ended(0).out;
    assert!(
        table.contains("incomplete") && table.contains("seed 1: held"),
        "{table}"
    );
    let shown = pumplab(&["show", &format!("{out}/mis-programming")])
        .ended(0)
        .out;
    assert!(shown.contains("mis-programming under sp1800-8"), "{shown}");
    let none = pumplab(&[
        "list",
        "runs",
        &scratch.text("some runs/out/evil-twin/contrast/.."),
    ]);
    none.ended(0);
}

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
            // Each tag reads every scenario: a few stand for all.
            if kind == "tags" && !["phishing", "ransomware", "rogue-access-point"].contains(&id) {
                continue;
            }
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
