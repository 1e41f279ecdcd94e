//! One run: builds the simulation, drives it to its end, and gathers what it told.

use crate::assemble::build;
pub use crate::assemble::{AssembleError, RunConfig};
use crate::engine::{Behind, Cause, End, Entry, EventId, NodeId, RecordId, Simulation, Sink};
use crate::event::outside::{Arrival, Leaving};
use crate::event::{Lab, LabEvent, Shared};
use crate::fingerprint::FingerprintValue;
use crate::net::outside::Edge;
use crate::record::{AttackRecord, LabRecord, PROGRAM_STEPS};
use crate::safety::{
    Evidence, GOALS, Goal, Measured, Metrics, OverTime, PROPERTIES, Pursuit, RunEnd, Truth,
};
use crate::spec::PlaceSpec;
use crate::time::Time;
use crate::why::attribution::{Attribution, Undone};
use crate::why::detection::{Detector, Noticed};
use crate::why::reach::Ways;
use crate::why::trace::Trace;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A safety property that did not hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Violation {
    /// Identifier of the property.
    pub property: &'static str,
    /// When.
    #[serde(skip)]
    pub at: Time,
    /// Where.
    #[serde(skip)]
    pub node: NodeId,
    /// The record that shows it.
    #[serde(skip)]
    pub record: RecordId,
    /// What happened, one line.
    pub text: String,
}

/// An attacker's goal that was reached, by ground truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoalReached {
    /// Attacker's name.
    pub attacker: String,
    /// Identifier of the goal.
    pub goal: String,
    /// When.
    #[serde(skip)]
    pub at: Time,
    /// The record that shows it.
    #[serde(skip)]
    pub record: RecordId,
}

/// What became of an attacker's step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepOutcome {
    /// Attacker's name.
    pub attacker: String,
    /// Attacker's node.
    #[serde(skip)]
    pub node: NodeId,
    /// Number of the step, from 0.
    pub step: u32,
    /// Identifier of the technique.
    pub technique: &'static str,
    /// Whether the attacker saw success; none while it still runs.
    pub success: Option<bool>,
    /// Number of the furthest stage reached.
    pub stage: u32,
    /// Its name.
    pub stage_name: &'static str,
    /// What the attacker saw at the end.
    pub saw: &'static str,
    /// What was refused of it since it got to its last stage, by ground truth: the last first and one of each kind. None of a step that went well.
    #[serde(skip)]
    pub refused: Vec<Entry<LabRecord>>,
}

impl StepOutcome {
    /// The record of what stopped it. None where nothing in the lab refused anything, as when nobody was there to answer.
    #[must_use]
    pub fn stopped_by(&self) -> Option<RecordId> {
        self.refused.first().map(|e| e.id)
    }
}

/// What a run told.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Fingerprint of all dispatched events.
    pub fingerprint: FingerprintValue,
    /// How the run ended.
    pub end: End,
    /// Simulated time at the end.
    pub now: Time,
    /// Events dispatched.
    pub events: u64,
    /// Records emitted.
    pub records: u64,
    /// Safety properties that did not hold, in order of time.
    pub violations: Vec<Violation>,
    /// Goals reached, in order of time.
    pub goals: Vec<GoalReached>,
    /// Attackers' steps.
    pub steps: Vec<StepOutcome>,
    /// Metrics by identifier.
    pub metrics: BTreeMap<&'static str, f64>,
    /// Metrics over time, those that have a history.
    pub over_time: OverTime,
    /// The records that make metrics, by the metric's identifier.
    pub behind: BTreeMap<&'static str, Evidence>,
    /// Which attacks were noticed, and alerts without an attack behind them.
    pub noticed: Noticed,
    /// What was refused of what attackers' steps brought about.
    pub undone: Vec<Undone>,
    /// How far each pump got on its way to its server.
    pub ways: Ways,
    /// Names of the nodes, by [`NodeId`].
    pub nodes: Vec<String>,
    /// Records and lineage, if kept.
    pub trace: Option<Trace>,
}

impl Outcome {
    /// The value of a metric at a time of the run: of a level, what it was; of a count, what had been counted. None for a metric without a
    /// history (`Metric::over_time`), such as a percentile.
    #[must_use]
    pub fn metric_at(&self, id: &str, at: Time) -> Option<f64> {
        self.over_time.at(id, at)
    }

    /// Least and greatest value of a metric from one time of the run to another, both included. None for a metric without a history.
    #[must_use]
    pub fn metric_range(&self, id: &str, from: Time, until: Time) -> Option<(f64, f64)> {
        self.over_time.range(id, from, until)
    }
}

/// Builds the lab and runs it to its end.
///
/// # Errors
/// Whatever does not fit together in the lab or the play.
pub fn run(config: &RunConfig) -> Result<Outcome, AssembleError> {
    let mut live = Live::new(config)?;
    let end = live.run_until(Time::ZERO + config.play.duration);
    Ok(live.finish(end))
}

/// A run under way: the simulation and those who watch it.
#[derive(Debug)]
pub struct Live {
    sim: Simulation<Lab>,
    truth: Arc<Truth>,
    watch: Watch,
}

/// Watches records: judges properties and goals, gathers metrics, follows attackers' steps.
#[derive(Clone, Debug)]
struct Watch {
    shared: Arc<Shared>,
    attackers: Vec<(String, Pursuit, &'static Goal)>,
    violations: Vec<Violation>,
    goals: Vec<GoalReached>,
    steps: Vec<StepOutcome>,
    metrics: Metrics,
    detector: Detector,
    attribution: Attribution,
    ways: Ways,
    entries: Option<Vec<Entry<LabRecord>>>,
    /// Records that somebody takes away while the run goes on.
    fresh: Option<Vec<Entry<LabRecord>>>,
}

impl Live {
    /// Builds a lab that has not begun.
    ///
    /// # Errors
    /// Whatever does not fit together in the lab or the play.
    pub fn new(config: &RunConfig) -> Result<Self, AssembleError> {
        let mut attackers = Vec::new();
        let lab = Arc::new(config.lab.clone());
        let sim = build(&lab, config)?;
        for spec in &config.play.attackers {
            let host = match &spec.at {
                PlaceSpec::Host(host) => host,
                _ => &spec.name,
            };
            let unknown = |kind, name: &str| AssembleError::unknown(&spec.name, kind, name);
            let named = |name: &Option<String>, kind| -> Result<Option<NodeId>, AssembleError> {
                let node = |name: &String| sim.node_named(name).ok_or_else(|| unknown(kind, name));
                name.as_ref().map(node).transpose()
            };
            let node = sim.node_named(host).ok_or_else(|| unknown("host", host))?;
            let goal = GOALS
                .iter()
                .find(|g| g.entry.id == spec.goal)
                .ok_or_else(|| unknown("goal", &spec.goal))?;
            let aim = (goal.aim)(&spec.goal_with).map_err(|e| {
                AssembleError::value(format!("goal `{}` of {}", spec.goal, spec.name), e)
            })?;
            let (pump, host) = (named(&aim.pump, "pump")?, named(&aim.host, "host")?);
            let hosts = aim.hosts as usize;
            attackers.push((
                spec.name.clone(),
                Pursuit {
                    attacker: node,
                    name: spec.name.clone(),
                    pump,
                    host,
                    hosts,
                    programs_on: std::collections::BTreeSet::new(),
                    ransomed: std::collections::BTreeSet::new(),
                },
                goal,
            ));
        }
        let truth = Truth::new(sim.shared());
        let watch = Watch {
            shared: sim.shared().clone(),
            attackers,
            violations: Vec::new(),
            goals: Vec::new(),
            steps: Vec::new(),
            metrics: Metrics::new(&truth),
            detector: Detector::default(),
            attribution: Attribution::default(),
            ways: Ways::new(sim.shared()),
            entries: config.keep_trace.then(Vec::new),
            fresh: None,
        };
        let truth = Arc::new(truth);
        Ok(Self { sim, truth, watch })
    }

    /// The simulation, to look at.
    #[must_use]
    pub fn simulation(&self) -> &Simulation<Lab> {
        &self.sim
    }

    /// Runs to a simulated time.
    pub fn run_until(&mut self, until: Time) -> End {
        self.sim.run(
            until,
            &mut Observer {
                watch: &mut self.watch,
                truth: &self.truth,
            },
        )
    }

    /// Dispatches at most `events` events up to a simulated time.
    pub fn run_events(&mut self, events: u64, until: Time) -> End {
        self.sim.run_events(
            events,
            until,
            &mut Observer {
                watch: &mut self.watch,
                truth: &self.truth,
            },
        )
    }

    /// The time of the next event, if one is pending.
    pub fn next_time(&mut self) -> Option<Time> {
        self.sim.next_time()
    }

    /// Brings a host with a link outside something, now; `cause` is the event that sent it, where that is of this run.
    pub fn arrive(&mut self, at: NodeId, arrival: Arrival, cause: Option<Cause>) {
        let (now, cause) = (self.sim.now(), cause.unwrap_or(Cause::GENESIS));
        let event = LabEvent::Arrival(Box::new(arrival));
        self.sim.schedule_caused(now, at, event, cause);
    }

    /// Takes what hosts with a link outside have asked of it, oldest first.
    pub fn departures(&mut self) -> Vec<Leaving> {
        let edge = self.watch.shared.edge;
        let edge = edge.and_then(|edge| self.sim.edit::<Edge>(edge));
        edge.map(Edge::take).unwrap_or_default()
    }

    /// Lets something of the play happen now that the play did not foresee: power at a node.
    pub fn power(&mut self, node: NodeId, on: bool) {
        let now = self.sim.now();
        self.sim.schedule(now, node, LabEvent::Power(on));
    }

    /// Sets records aside from now on, for [`Live::fresh`].
    pub fn tap(&mut self) {
        self.watch.fresh.get_or_insert_default();
    }

    /// Takes the records that were set aside since the last call, oldest first.
    pub fn fresh(&mut self) -> Vec<Entry<LabRecord>> {
        self.watch
            .fresh
            .as_mut()
            .map_or_else(Vec::new, std::mem::take)
    }

    /// An independent copy that continues identically.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            sim: self.sim.fork(),
            truth: self.truth.clone(),
            watch: self.watch.clone(),
        }
    }

    /// Keeps an event from being dispatched: what would have happened without it?
    pub fn suppress(&mut self, event: EventId) {
        self.sim.suppress(event);
    }

    /// What the run told.
    #[must_use]
    pub fn finish(self, end: End) -> Outcome {
        let Self { sim, mut watch, .. } = self;
        let trace = watch.entries.take().map(|entries| trace_of(&sim, entries));
        for step in &mut watch.steps {
            if step.success != Some(true) {
                step.refused = watch.attribution.refusals(step.node, step.step);
            }
        }
        let noticed = watch.detector.into_noticed();
        let Measured {
            values: metrics,
            over_time,
            behind,
        } = watch.metrics.finish(&RunEnd {
            now: sim.now(),
            events: sim.events(),
            false_alerts: noticed.false_alerts.len(),
        });
        Outcome {
            fingerprint: sim.fingerprint(),
            end,
            now: sim.now(),
            events: sim.events(),
            records: sim.records(),
            violations: watch.violations,
            goals: watch.goals,
            steps: watch.steps,
            metrics,
            over_time,
            behind,
            noticed,
            undone: watch.attribution.into_undone(),
            ways: watch.ways,
            nodes: sim.shared().names.clone(),
            trace,
        }
    }
}

/// Keeps the lineage of every event that is an ancestor of a record.
fn trace_of(sim: &Simulation<Lab>, entries: Vec<Entry<LabRecord>>) -> Trace {
    let mut events = BTreeMap::new();
    for entry in &entries {
        let mut event = entry.event;
        while event != EventId::GENESIS && !events.contains_key(&event) {
            let Some(lineage) = sim.lineage(event) else {
                break;
            };
            events.insert(event, lineage);
            event = lineage.parent;
        }
    }
    Trace {
        entries,
        events,
        nodes: sim.shared().names.clone(),
    }
}

struct Observer<'a> {
    watch: &'a mut Watch,
    truth: &'a Truth,
}

impl Sink<Lab> for Observer<'_> {
    fn record(&mut self, entry: &Entry<LabRecord>) {
        self.record_of(entry, &Behind::NOTHING, entry.node);
    }

    fn record_of(&mut self, entry: &Entry<LabRecord>, behind: &Behind, root: NodeId) {
        self.watch.observe(self.truth, entry);
        self.watch.detector.observe(entry, behind);
        self.watch.attribution.observe(entry, behind, root);
        self.watch.ways.observe(entry);
    }
}

/// Violations that are kept; a lab on fire repeats itself.
const KEPT: usize = 1000;

impl Watch {
    fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        self.metrics.observe(truth, e);
        for property in PROPERTIES {
            if let Some(text) = property.judge(truth, e)
                && self.violations.len() < KEPT
            {
                let property = property.entry().id;
                self.violations.push(Violation {
                    property,
                    at: e.time,
                    node: e.node,
                    record: e.id,
                    text,
                });
            }
        }
        for (name, who, goal) in &mut self.attackers {
            who.observe(truth, e);
            let id = goal.entry.id;
            let known = self
                .goals
                .iter()
                .any(|g| g.attacker == *name && g.goal == id);
            if !known && (goal.judge)(truth, who, e) {
                self.goals.push(GoalReached {
                    attacker: name.clone(),
                    goal: id.to_owned(),
                    at: e.time,
                    record: e.id,
                });
            }
        }
        self.follow_steps(e);
        if let Some(fresh) = &mut self.fresh {
            fresh.push(e.clone());
        }
        if let Some(entries) = &mut self.entries {
            entries.push(e.clone());
        }
    }

    fn follow_steps(&mut self, e: &Entry<LabRecord>) {
        match e.what {
            LabRecord::Attack(AttackRecord::StepStarted { step, technique }) => {
                let name = self.attackers.iter().find(|(_, who, _)| {
                    if step >= PROGRAM_STEPS {
                        who.programs_on.contains(&e.node)
                    } else {
                        who.attacker == e.node
                    }
                });
                let first = crate::attack::technique_named(technique)
                    .and_then(|t| t.stages().first().copied());
                self.steps.push(StepOutcome {
                    attacker: name.map_or_else(String::new, |(n, _, _)| n.clone()),
                    node: e.node,
                    step,
                    technique,
                    success: None,
                    stage: 0,
                    stage_name: first.unwrap_or(""),
                    saw: "",
                    refused: Vec::new(),
                });
            }
            LabRecord::Attack(AttackRecord::StageReached { step, stage, name }) => {
                if let Some(s) = self
                    .steps
                    .iter_mut()
                    .rev()
                    .find(|s| s.node == e.node && s.step == step)
                {
                    s.stage = stage;
                    s.stage_name = name;
                }
            }
            LabRecord::Attack(AttackRecord::StepEnded { step, success, saw }) => {
                if let Some(s) = self
                    .steps
                    .iter_mut()
                    .rev()
                    .find(|s| s.node == e.node && s.step == step)
                {
                    s.success = Some(success);
                    s.saw = saw;
                }
            }
            _ => {}
        }
    }
}
