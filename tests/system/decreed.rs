//! Promise 1: nothing is decreed. A run is a function of the lab's configuration, not of who put it there.

use pumplab_sim::control::table;
use pumplab_sim::run::{RunConfig, run};
use pumplab_sim::spec::LabSpec;
use pumplab_tests::{config, in_parallel, matrix};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A lab as it would be read from a dump, with nothing left of controls and provenance: even the numbers by which records refer to them are gone.
fn erased(lab: &LabSpec) -> LabSpec {
    let mut dump = serde_json::to_value(lab).expect("a lab can be dumped");
    erase(&mut dump);
    let text = dump.to_string();
    for control in table() {
        let id = &control.row.id;
        assert!(!text.contains(id.as_str()), "a resolved lab names {id}");
    }
    serde_json::from_str(&text).expect("a dump can be read")
}

fn erase(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.len() == 2 && fields.contains_key("id") && fields.contains_key("value") {
                fields["id"] = 0.into();
            }
            fields.values_mut().for_each(erase);
        }
        Value::Array(items) => items.iter_mut().for_each(erase),
        _ => {}
    }
}

#[test]
fn a_run_from_the_dumped_lab_without_provenance_is_the_same() {
    let runs: Vec<_> = matrix().iter().collect();
    in_parallel(runs, |told| {
        let lab = erased(&told.cell.lab);
        assert_ne!(lab, told.cell.lab, "nothing was erased");
        let config = RunConfig {
            lab,
            ..config(&told.cell, true)
        };
        let outcome = run(&config).expect("a dumped lab can be built");
        let name = told.cell.name();
        assert_eq!(outcome.fingerprint, told.outcome.fingerprint, "{name}");
        assert_eq!(outcome.events, told.outcome.events, "{name}");
        assert_eq!(outcome.records, told.outcome.records, "{name}");
        assert_eq!(outcome.metrics, told.outcome.metrics, "{name}");
        let goals = |goals: &[pumplab_sim::run::GoalReached]| {
            goals
                .iter()
                .map(|g| (g.goal.clone(), g.at))
                .collect::<Vec<_>>()
        };
        assert_eq!(goals(&outcome.goals), goals(&told.outcome.goals), "{name}");
    });
}

/// What runs may not know the controls: their names, the table of them, or who put what where.
#[test]
fn what_runs_knows_no_control() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/src");
    let mut files = vec![source.join("run.rs"), source.join("event.rs")];
    for folder in [
        "assemble", "device", "net", "proto", "attack", "safety", "clinical", "wire",
    ] {
        rust_files(&source.join(folder), &mut files);
    }
    assert!(files.len() > 40, "files were not found");
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("sources can be read");
        for (n, line) in text.lines().enumerate() {
            let control = table().iter().any(|c| line.contains(c.row.id.as_str()));
            let origin = ["Provenance", "ItemOrigin", "Tombstone", "crate::control"];
            if control || origin.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {}", file.display(), n + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folders can be read") {
        let path = entry.expect("folders can be read").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}
