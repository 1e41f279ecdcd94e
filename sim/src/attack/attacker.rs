//! The attacker: its plan, what it knows, and the step under way.

use super::knowledge::Knowledge;
use super::technique::{AnyTechnique, At, Attempt, Progress};
use super::technique_named;
use crate::net::port::{Hands, Input, SocketEvent, Taught};
use crate::parameters::ParameterError;
use crate::record::AttackRecord;
use crate::spec::StepSpec;
use crate::time::Duration;

const TOKEN_BEGIN: u32 = u32::MAX;
const TOKEN_PATIENCE: u32 = u32::MAX - 1;

/// Why a plan cannot be tried: the step, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("step {step} ({technique}): {problem}")]
pub struct PlanError {
    /// Number of the step.
    pub step: u32,
    /// Technique that it names.
    pub technique: String,
    /// What is wrong.
    pub problem: StepProblem,
}

/// What is wrong with a step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepProblem {
    /// No technique has this name.
    #[error("there is no such technique")]
    Technique,
    /// A parameter.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
}

/// A planned step.
#[derive(Clone, Debug)]
struct Planned {
    technique: &'static dyn AnyTechnique,
    after: Duration,
    /// An attempt that has not begun; each try begins with a copy.
    fresh: Box<dyn Attempt>,
}

impl Planned {
    fn new(step: &StepSpec, n: u32) -> Result<Self, PlanError> {
        let wrong = |problem| PlanError {
            step: n,
            technique: step.technique.clone(),
            problem,
        };
        let technique =
            technique_named(&step.technique).ok_or_else(|| wrong(StepProblem::Technique))?;
        let fresh = technique.attempt(&step.with);
        Ok(Self {
            technique,
            after: step.after,
            fresh: fresh.map_err(|e| wrong(e.into()))?,
        })
    }
}

/// An attacker with a scripted plan.
#[derive(Clone, Debug)]
pub struct Attacker {
    plan: Vec<Planned>,
    knowledge: Knowledge,
    current: usize,
    first: u32,
    running: bool,
    began: Option<Taught>,
    /// The step under way.
    attempt: Option<Box<dyn Attempt>>,
    /// The stage that it has reached.
    stage: u32,
}

impl Attacker {
    /// An attacker with this plan.
    ///
    /// # Errors
    /// The first step that names no technique or has wrong parameters, and what is wrong.
    pub fn new(steps: &[StepSpec], knowledge: Knowledge) -> Result<Self, PlanError> {
        let steps = steps.iter().zip(0..);
        let plan = steps.map(|(step, n)| Planned::new(step, n));
        Ok(Self {
            plan: plan.collect::<Result<_, _>>()?,
            knowledge,
            current: 0,
            first: 0,
            running: false,
            began: None,
            attempt: None,
            stage: 0,
        })
    }

    /// The same with steps numbered from here on.
    #[must_use]
    pub fn counted_from(mut self, first: u32) -> Self {
        self.first = first;
        self
    }

    /// What it was doing when its host went down is begun again.
    pub fn restart(&mut self) {
        self.running = false;
    }

    /// Number of the step under way or next.
    #[must_use]
    pub fn current(&self) -> u32 {
        self.first + self.current as u32
    }

    /// Sets the timer for the next step of the plan.
    pub fn plan_next(&self, hands: &mut Hands<'_, '_>) {
        if let Some(next) = self.plan.get(self.current) {
            let wait = next.after - hands.now().since_start();
            hands.begin_next(wait, self.current(), TOKEN_BEGIN);
        }
    }

    /// Something came in through the hands.
    pub fn handle(&mut self, hands: &mut Hands<'_, '_>, input: &Input) {
        let step = self.current();
        match input {
            Input::Timer(TOKEN_BEGIN) if !self.running && self.current < self.plan.len() => {
                self.running = true;
                self.stage = 0;
                let Planned {
                    technique, fresh, ..
                } = &self.plan[self.current];
                self.attempt = Some(fresh.copy());
                self.began = Some(hands.began(step, technique.entry().id));
                hands.timer(fresh.patience(), TOKEN_PATIENCE);
                self.act(hands, &Input::Begin);
            }
            Input::Timer(TOKEN_PATIENCE) if self.running => self.end(hands, false, "no answer"),
            Input::Timer(TOKEN_PATIENCE) => {}
            input if self.running => {
                hands.during(self.began, input.is_unasked());
                self.act(hands, input);
                // What comes unasked has its cause elsewhere; that it is answered is the step's doing.
                if let Some(began) = self.began.filter(|_| input.is_unasked()) {
                    hands.answered(step, began);
                }
            }
            Input::Socket(SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream)) => {
                let shell = &mut self.knowledge.shell;
                if shell.take_if(|s| s.stream == *stream).is_some() {
                    let gone = hands.learned("that the shell is gone");
                    self.knowledge.shell_gone = Some(gone);
                }
            }
            _ => {}
        }
    }

    fn act(&mut self, hands: &mut Hands<'_, '_>, input: &Input) {
        let (Some(planned), Some(attempt)) = (self.plan.get(self.current), &mut self.attempt)
        else {
            return;
        };
        let technique = planned.technique;
        let at = At {
            stage: self.stage,
            knowledge: &mut self.knowledge,
            hands,
        };
        match attempt.act(at, input) {
            Progress::Wait => {}
            Progress::Reached(stage) => self.reached(hands, stage),
            Progress::Done(saw) => {
                let last = technique.stages().len() as u32 - 1;
                self.reached(hands, last);
                self.end(hands, true, saw);
            }
            Progress::Failed(saw) => self.end(hands, false, saw),
        }
    }

    fn reached(&mut self, hands: &mut Hands<'_, '_>, stage: u32) {
        if stage > self.stage {
            self.stage = stage;
            let step = self.current();
            let name = self.plan[self.current]
                .technique
                .stages()
                .get(stage as usize)
                .copied()
                .unwrap_or("");
            hands.tell(AttackRecord::StageReached { step, stage, name });
        }
    }

    fn end(&mut self, hands: &mut Hands<'_, '_>, success: bool, saw: &'static str) {
        let step = self.current();
        hands.tell(AttackRecord::StepEnded { step, success, saw });
        self.running = false;
        if success {
            self.current += 1;
            self.plan_next(hands);
        }
    }
}
