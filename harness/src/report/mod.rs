//! Reports: one model of what a command has found, and one file per form in which it is told.

pub mod board;
pub mod explanation;
pub mod human;
pub mod json;
pub mod junit;
pub mod lab;
pub mod play;
pub mod words;

use crate::exit_code::ExitCode;
use crate::verdict::{FORMAT, RunReport};
use pumplab_scenarios::Threat;
use serde::{Deserialize, Serialize};

/// What `run` found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Version of the format.
    pub format: u32,
    /// Version of pumplab.
    pub pumplab: String,
    /// Scenarios in the order in which they were asked for.
    pub scenarios: Vec<ScenarioReport>,
    /// Counts.
    pub summary: Summary,
}

/// What the runs of one scenario have shown together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioReport {
    /// Name.
    pub scenario: String,
    /// Title.
    pub title: String,
    /// Word of its kind of threat, such as `on-path`; none where its file does not say.
    #[serde(default)]
    pub threat: Option<String>,
    /// All of it.
    pub outcome: ScenarioOutcome,
    /// The run under the scenario's defence; none where it could not be run.
    pub run: Option<RunReport>,
    /// The run where the attack succeeds; none where there is no attacker, or where the defence was given on the command line.
    pub contrast: Option<RunReport>,
    /// What of the scenario the command line leaves unjudged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unjudged: Vec<String>,
    /// Faults of ours.
    pub faults: Vec<String>,
}

/// What became of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScenarioOutcome {
    /// Every expectation held and the contrast reached its goal.
    Held,
    /// Something did not.
    NotHeld,
    /// A budget ran out.
    Budget,
    /// A fault of ours.
    Fault,
}

/// Counts over all scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Scenarios.
    pub scenarios: usize,
    /// Those that held.
    pub held: usize,
    /// Those in which something did not.
    pub not_held: usize,
    /// Those that met a budget.
    pub budget: usize,
    /// Those with a fault of ours.
    pub fault: usize,
    /// Runs.
    pub runs: usize,
    /// Events of all runs.
    pub events: u64,
}

/// An attack without its contrast shows less than the scenario is made for.
fn unjudged(run: Option<&RunReport>, contrast: Option<&RunReport>) -> Vec<String> {
    let alone = contrast.is_none() && run.is_some_and(RunReport::attacked);
    let text = "no contrast was run: the defence was chosen on the command line, so this run alone does not say that the attack works";
    alone.then(|| text.to_owned()).into_iter().collect()
}

impl ScenarioReport {
    /// Whether something was broken that nothing asked for, or asked for and could not be judged.
    #[must_use]
    pub fn leaves_open(&self) -> bool {
        let open = |r: &RunReport| {
            let mut asked = r.verdict.expectations.iter();
            !r.verdict.unasked.is_empty() || asked.any(|j| j.unjudged.is_some())
        };
        self.runs().any(open)
    }

    /// Puts the runs of a scenario together.
    #[must_use]
    pub fn new(
        scenario: String,
        title: String,
        run: Option<RunReport>,
        contrast: Option<RunReport>,
        faults: Vec<String>,
    ) -> Self {
        let code: ExitCode = [&run, &contrast]
            .into_iter()
            .flatten()
            .map(RunReport::exit_code)
            .chain(faults.iter().map(|_| ExitCode::Fault))
            .collect();
        let outcome = match code {
            ExitCode::Held => ScenarioOutcome::Held,
            ExitCode::NotHeld => ScenarioOutcome::NotHeld,
            ExitCode::Budget => ScenarioOutcome::Budget,
            // A run that a signal ended has no verdict, and no report.
            ExitCode::Usage | ExitCode::Fault | ExitCode::Interrupted | ExitCode::Terminated => {
                ScenarioOutcome::Fault
            }
        };
        Self {
            scenario,
            title,
            threat: None,
            outcome,
            unjudged: unjudged(run.as_ref(), contrast.as_ref()),
            run,
            contrast,
            faults,
        }
    }

    /// The same, of a kind of threat.
    #[must_use]
    pub fn of_threat(mut self, threat: Option<String>) -> Self {
        self.threat = threat;
        self
    }

    /// The kind of threat in words.
    #[must_use]
    pub fn threat_title(&self) -> &str {
        let named = self.threat.as_deref().and_then(Threat::named);
        named.map_or("Other scenarios", Threat::title)
    }

    /// The place of its kind of threat in lists.
    #[must_use]
    pub fn threat_rank(&self) -> usize {
        let word = self.threat.as_deref();
        let place = Threat::WORDS.iter().position(|w| Some(*w) == word);
        place.unwrap_or(Threat::WORDS.len())
    }

    /// Whether an attacker did anything in any of its runs.
    #[must_use]
    pub fn attacked(&self) -> bool {
        self.runs().any(RunReport::attacked)
    }

    /// The runs that took place.
    pub fn runs(&self) -> impl Iterator<Item = &RunReport> {
        [&self.run, &self.contrast].into_iter().flatten()
    }
}

impl ScenarioOutcome {
    /// The exit code that it asks for.
    #[must_use]
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::Held => ExitCode::Held,
            Self::NotHeld => ExitCode::NotHeld,
            Self::Budget => ExitCode::Budget,
            Self::Fault => ExitCode::Fault,
        }
    }
}

impl Report {
    /// Counts.
    #[must_use]
    pub fn new(scenarios: Vec<ScenarioReport>) -> Self {
        let count = |outcome| scenarios.iter().filter(|s| s.outcome == outcome).count();
        let summary = Summary {
            scenarios: scenarios.len(),
            held: count(ScenarioOutcome::Held),
            not_held: count(ScenarioOutcome::NotHeld),
            budget: count(ScenarioOutcome::Budget),
            fault: count(ScenarioOutcome::Fault),
            runs: scenarios.iter().flat_map(ScenarioReport::runs).count(),
            events: scenarios
                .iter()
                .flat_map(ScenarioReport::runs)
                .map(|r| r.manifest.events)
                .sum(),
        };
        Self {
            format: FORMAT,
            pumplab: crate::VERSION.to_owned(),
            scenarios,
            summary,
        }
    }

    /// The exit code that all of it asks for.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        self.scenarios
            .iter()
            .map(|s| s.outcome.exit_code())
            .collect()
    }
}
