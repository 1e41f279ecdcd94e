//! What every scenario comes to.

use pumplab::cell::Options;
use pumplab::counterfactual::{Deciding, chosen};
use pumplab::verdict::RunEnd;
use pumplab_sim::run::StepOutcome;
use pumplab_tests::{Told, collection_cells, in_parallel, library_cells, matrix, words};
use std::collections::BTreeSet;
use std::fmt::Write;

#[test]
fn every_scenario_shows_what_it_says_and_every_contrast_reaches_its_goal() {
    let mut cells = library_cells();
    assert!(cells.len() >= 10, "the library has lost scenarios");
    cells.extend(collection_cells());
    let judged = in_parallel(cells, |cell| {
        let run = cell.execute(Options::default()).expect("it runs");
        (cell.name(), run.report)
    });
    for (name, report) in judged {
        assert_eq!(report.manifest.end, RunEnd::Complete, "{name}");
        assert!(!report.verdict.expectations.is_empty(), "{name}");
        let broken: Vec<_> = report
            .verdict
            .expectations
            .iter()
            .filter(|e| !e.held)
            .collect();
        assert!(broken.is_empty(), "{name}: {broken:#?}");
    }
}

/// For a reader: what each attack comes to under each defence. Times are left out, which every change of luck moves.
#[test]
fn table_of_verdicts() {
    let mut table = String::new();
    let mut last = "";
    for told in matrix() {
        let cell = &told.cell;
        let scenario = if cell.scenario == last {
            ""
        } else {
            writeln!(table).expect("text takes all");
            &cell.scenario
        };
        last = &cell.scenario;
        let line = format!(
            "{scenario:22}  {:13}  {:88}  {}",
            cell.defence,
            came_to(told),
            violated(told)
        );
        writeln!(table, "{}", line.trim_end()).expect("text takes all");
    }
    insta::assert_snapshot!(table);
}

pub(crate) fn came_to(told: &Told) -> String {
    if told.cell.play.attackers.is_empty() {
        return "no attacker".to_owned();
    }
    let goals: Vec<_> = told.outcome.goals.iter().map(|g| g.goal.as_str()).collect();
    if !goals.is_empty() {
        return format!("reached {}", goals.join(", "));
    }
    match told.outcome.steps.iter().find(|s| s.success != Some(true)) {
        Some(step) => stopped(told, step),
        None => "every step done, goal not reached".to_owned(),
    }
}

fn stopped(told: &Told, step: &StepOutcome) -> String {
    let place = format!(
        "{}. {} at {}",
        step.step + 1,
        step.technique,
        step.stage_name
    );
    if step.success.is_none() {
        return format!("{place}: not ended");
    }
    let words = words(&told.cell, told.trace());
    let position = told
        .outcome
        .steps
        .iter()
        .position(|s| std::ptr::eq(s, step));
    let deciding = Deciding::of(&told.cell, &told.outcome, Options::default());
    let deciding = position.and_then(|p| deciding.of_step(p));
    let refusal = chosen(words.reasons().stopping(&step.refused), deciding);
    match refusal.and_then(|r| r.reason) {
        Some(r) => {
            let ground = words.ground(&r.ground);
            match r.control {
                Some(control) => format!("{place} by {control} ({ground})"),
                None => format!("{place} by the bare lab ({ground})"),
            }
        }
        None => format!("{place}: {}", step.saw),
    }
}

fn violated(told: &Told) -> String {
    let properties: BTreeSet<_> = told.outcome.violations.iter().map(|v| v.property).collect();
    properties.into_iter().collect::<Vec<_>>().join(", ")
}
