//! One run that is to be made, with everything that it is a function of.

use crate::error::HarnessError;
use crate::verdict::Variant;
use pumplab_scenarios::{AppliedControl, ControlEffect, Expect, Library, Resolved, Scenario};
use pumplab_sim::engine::Budget;
use pumplab_sim::run::{Outcome, RunConfig};
use pumplab_sim::spec::{LabSpec, PlaySpec, Provenance};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// One run that is to be made.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Name of the scenario.
    pub scenario: String,
    /// What it is called on the command line: its name, or the path of its file.
    pub called: String,
    /// The folder or collection that it comes from, where it was asked for by name in one.
    pub library: Option<String>,
    /// The cost file in place of the library's own.
    pub costs: Option<String>,
    /// Its title.
    pub title: String,
    /// Word of its kind of threat.
    pub threat: Option<String>,
    /// Which of its runs.
    pub variant: Variant,
    /// Name of the defence.
    pub defence: String,
    /// Controls left out.
    pub without: Vec<String>,
    /// Controls applied.
    pub controls: Vec<String>,
    /// What was asked for and has no place in this lab.
    pub notes: Vec<String>,
    /// Seed.
    pub seed: u64,
    /// Lab.
    pub lab: LabSpec,
    /// Who put what into the lab.
    pub provenance: Provenance,
    /// What happens.
    pub play: PlaySpec,
    /// What is asked of the run.
    pub questions: Vec<Expect>,
    /// What it is resolved from, where it can be resolved anew with controls left out.
    pub source: Option<Source>,
}

/// What a cell is resolved from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The files.
    pub library: Arc<Library>,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// The defence in place of the scenario's own.
    pub defence: Option<String>,
}

/// How cells are run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether to tell the story, not the verdict alone.
    pub story: bool,
    /// Whether to run twice and compare.
    pub check_determinism: bool,
    /// Most events of a run, where the default is too many.
    pub max_events: Option<u64>,
}

impl Cell {
    /// A resolved scenario as a cell without a name for its defence, a source or a question.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        variant: Variant,
        resolved: Resolved,
        without: &[String],
        seed: Option<u64>,
    ) -> Self {
        let (controls, mut notes) = sort_out(&resolved.controls);
        notes.retain(|(control, _)| without.contains(control));
        Self {
            scenario: scenario.name.clone(),
            called: scenario.name.clone(),
            library: None,
            costs: None,
            title: scenario.title.clone(),
            threat: scenario.threat.map(|t| t.word().to_owned()),
            variant,
            defence: String::new(),
            without: without.to_vec(),
            controls,
            notes: notes
                .into_iter()
                .map(|(control, why)| format!("{control}: {why}"))
                .chain(resolved.notes)
                .collect(),
            seed: seed.unwrap_or(scenario.seed),
            lab: resolved.lab,
            provenance: resolved.provenance,
            play: resolved.play,
            questions: Vec::new(),
            source: None,
        }
    }

    /// The cell in a few words.
    #[must_use]
    pub fn name(&self) -> String {
        format!(
            "{} ({}) under {}",
            self.scenario,
            self.variant.name(),
            crate::report::human::listed(&self.defence)
        )
    }

    /// The same run with further controls left out of its defence. None where it cannot be resolved anew, or not without them.
    #[must_use]
    pub fn leaving_out(&self, more: &[String]) -> Option<Self> {
        let source = self.source.as_ref()?;
        let without = [&self.without, more].concat();
        let resolved = source
            .scenario
            .resolve(&source.library, source.defence.as_deref(), &without)
            .ok()?;
        let mut cell = Self::new(
            &source.scenario,
            self.variant,
            resolved,
            &without,
            Some(self.seed),
        );
        cell.called.clone_from(&self.called);
        cell.library.clone_from(&self.library);
        cell.costs.clone_from(&self.costs);
        cell.defence.clone_from(&self.defence);
        cell.questions.clone_from(&self.questions);
        cell.source = Some(source.clone());
        Some(cell)
    }

    /// Runs without judging.
    pub(crate) fn run_once(
        &self,
        options: Options,
        keep_trace: bool,
    ) -> Result<Outcome, HarnessError> {
        let mut budget = Budget::default();
        if let Some(events) = options.max_events {
            budget.events = events;
        }
        let config = RunConfig {
            seed: self.seed,
            lab: self.lab.clone(),
            play: self.play.clone(),
            budget,
            keep_trace,
        };
        let result = catch_unwind(AssertUnwindSafe(|| pumplab_sim::run::run(&config)));
        match result {
            Ok(outcome) => Ok(outcome?),
            Err(payload) => {
                let message = payload
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
                    .or_else(|| payload.downcast_ref::<String>().cloned())
                    .unwrap_or_else(|| "no message".to_owned());
                Err(HarnessError::Panic {
                    cell: self.name(),
                    seed: self.seed,
                    message,
                })
            }
        }
    }
}

/// Controls that changed the lab, and those that did not with the reason.
pub(crate) fn sort_out(controls: &[AppliedControl]) -> (Vec<String>, Vec<(String, String)>) {
    let mut applied = Vec::new();
    let mut without_effect = Vec::new();
    for control in controls {
        match &control.effect {
            ControlEffect::Applied => applied.push(control.id.clone()),
            ControlEffect::WithoutEffect(why) | ControlEffect::NotSimulated(why) => {
                without_effect.push((control.id.clone(), why.clone()));
            }
        }
    }
    (applied, without_effect)
}
