//! One run: from a resolved scenario and a seed to a judged run with its story.

use crate::error::HarnessError;
use crate::judge;
use crate::never::never_online;
use crate::record::{Recorded, RecordedLab, Story};
use crate::report::words::Words;
use crate::verdict::{FORMAT, Manifest, RunEnd, RunReport, Variant};
use pumplab_scenarios::Expect;
use pumplab_sim::engine::{Budget, End};
use pumplab_sim::fingerprint::{FingerprintHasher, FingerprintValue};
use pumplab_sim::run::{Outcome, RunConfig};
use pumplab_sim::spec::{KnowledgeSpec, LabSpec, PlaySpec, Provenance};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

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

    /// Runs and judges.
    ///
    /// # Errors
    /// Faults of ours only: a checked lab that cannot be built, a panic, two runs that differ.
    pub fn execute(&self, options: Options) -> Result<Recorded, HarnessError> {
        let started = Instant::now();
        let outcome = self.run_once(options, options.story)?;
        let wall = started.elapsed();
        let asked = self.questions.contains(&Expect::Repeats);
        let second = (options.check_determinism || asked)
            .then(|| self.run_once(options, false))
            .transpose()?
            .map(|again| again.fingerprint);
        if let Some(second) =
            second.filter(|s| options.check_determinism && *s != outcome.fingerprint)
        {
            return Err(HarnessError::Nondeterminism {
                cell: self.name(),
                seed: self.seed,
                first: outcome.fingerprint.to_string(),
                second: second.to_string(),
            });
        }
        Ok(self.tell(&outcome, wall, second, options.story))
    }

    /// A run that took place, judged; with its story if that is wanted and a trace was kept.
    #[must_use]
    pub fn tell(
        &self,
        outcome: &Outcome,
        wall: Duration,
        second: Option<FingerprintValue>,
        story: bool,
    ) -> Recorded {
        let words = Words::new(
            outcome.nodes.clone(),
            &self.lab,
            self.provenance.clone(),
            crate::catalogue::control_titles(),
        );
        let verdict = judge::judge_beside(self, outcome, &words, second);
        let story = match (&outcome.trace, story) {
            (Some(trace), true) => Story::of(trace, &words),
            _ => Story::default(),
        };
        let metrics = outcome
            .metrics
            .iter()
            .map(|(id, value)| ((*id).to_owned(), *value))
            .collect();
        Recorded {
            report: RunReport {
                manifest: self.manifest(outcome),
                verdict,
                metrics,
                wall,
            },
            story,
        }
    }

    /// The lab in both halves.
    #[must_use]
    pub fn recorded_lab(&self) -> RecordedLab {
        RecordedLab {
            lab: self.lab.clone(),
            provenance: self.provenance.clone(),
        }
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

    fn manifest(&self, outcome: &Outcome) -> Manifest {
        Manifest {
            format: FORMAT,
            pumplab: crate::VERSION.to_owned(),
            seed_compatible_since: crate::SEED_COMPATIBLE_SINCE.to_owned(),
            scenario: self.scenario.clone(),
            called: self.called.clone(),
            library: self.library.clone(),
            costs: self.costs.clone(),
            title: self.title.clone(),
            variant: self.variant,
            scenario_hash: self.hash(),
            seed: self.seed,
            defence: self.defence.clone(),
            without: self.without.clone(),
            controls: self.controls.clone(),
            notes: self.notes_of(outcome),
            inside_knowledge: self
                .play
                .attackers
                .iter()
                .flat_map(|a| a.knows.iter().map(move |k| knowledge(&a.name, k)))
                .collect(),
            fingerprint: outcome.fingerprint.to_string(),
            end: match outcome.end {
                End::Horizon | End::Idle | End::Paused => RunEnd::Complete,
                End::Spent(kind) => RunEnd::Budget(kind.to_string()),
            },
            simulated: outcome.now.to_string(),
            events: outcome.events,
            records: outcome.records,
        }
    }

    /// What was asked for and has no place in the lab, and which pumps were never there in the run.
    fn notes_of(&self, outcome: &Outcome) -> Vec<String> {
        let mut notes = self.notes.clone();
        notes.extend(never_online(&self.lab, outcome));
        notes
    }

    /// Hash of the resolved lab and of what happens in it.
    fn hash(&self) -> String {
        let mut hash = FingerprintHasher::new();
        for part in [
            serde_json::to_string(&self.lab),
            serde_json::to_string(&self.play),
        ] {
            hash.write_str(&part.unwrap_or_default());
        }
        hash.value().to_string()
    }
}

/// Inside knowledge in words; secrets themselves stay out of reports.
pub(crate) fn knowledge(attacker: &str, knowledge: &KnowledgeSpec) -> String {
    match knowledge {
        KnowledgeSpec::Passphrase { ssid, .. } => {
            format!("{attacker} knows the passphrase of {ssid}")
        }
        KnowledgeSpec::Account { user, .. } => format!("{attacker} knows the account {user}"),
        KnowledgeSpec::Token { user } => format!("{attacker} holds the token of {user}"),
        KnowledgeSpec::Library { version } => {
            format!("{attacker} has drug library {version}")
        }
        KnowledgeSpec::Address { host, ip } => {
            format!("{attacker} knows the address of {host} ({ip})")
        }
    }
}
