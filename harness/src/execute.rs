//! One run: from a resolved scenario and a seed to a judged run with its story.

use crate::cell::{Cell, Options};
use crate::counterfactual::Deciding;
use crate::error::HarnessError;
use crate::judge::{Beside, judge};
use crate::never::never_online;
use crate::record::{Recorded, RecordedLab, Story};
use crate::report::words::{Words, knowledge};
use crate::verdict::{FORMAT, Manifest, RunEnd, RunReport};
use pumplab_scenarios::Expect;
use pumplab_sim::engine::End;
use pumplab_sim::fingerprint::FingerprintHasher;
use pumplab_sim::run::Outcome;
use std::time::{Duration, Instant};

impl Cell {
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
        let deciding = Deciding::of(self, &outcome, options);
        let beside = Beside { second, deciding };
        Ok(self.tell(&outcome, wall, &beside, options.story))
    }

    /// A run that took place, judged; with its story if that is wanted and a trace was kept.
    #[must_use]
    pub fn tell(
        &self,
        outcome: &Outcome,
        wall: Duration,
        beside: &Beside,
        story: bool,
    ) -> Recorded {
        let words = Words::new(
            outcome.nodes.clone(),
            &self.lab,
            self.provenance.clone(),
            crate::catalogue::control_titles(),
        );
        let verdict = judge(self, outcome, &words, beside);
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
