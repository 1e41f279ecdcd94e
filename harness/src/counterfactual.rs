//! What would have happened: how far an attack gets, and without which controls it gets further.
//!
//! A refusal is a record, and names the control that put it there. Where somebody waits on a segment on which nobody is, nothing is there
//! that could refuse: then only a run without the control tells that it had a part in it.

use crate::cell::{Cell, Options};
use crate::error::HarnessError;
use crate::library::{Overrides, Shelf};
use crate::report::words::Words;
use crate::verdict::{Manifest, Variant};
use pumplab_sim::engine::RecordId;
use pumplab_sim::record::PROGRAM_STEPS;
use pumplab_sim::run::{Outcome, StepOutcome};
use pumplab_sim::why::reason::{Reasons, Refusal};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How far an attack got in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Steps done, and the stage of the one that [`Self::place`] names, from 0.
    pub progress: (usize, u32),
    /// Whether a goal was reached.
    pub reached: bool,
    /// The step that was not done and how far it got, as in `2. open-shell at connect`; empty where all were. An attacker comes as far as the
    /// first of its steps that was not done; of several attackers, the one who came furthest counts.
    pub place: String,
    /// Position of that step among the steps of the run.
    pub held_up: Option<usize>,
    /// What the attacker saw of it; empty while the step still runs.
    pub saw: &'static str,
    /// What stopped it, where a record tells.
    pub stopped: Option<Stopper>,
}

/// What stopped a step, or undid its effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopper {
    /// The record of it.
    pub record: RecordId,
    /// What decided, in a few words.
    pub item: Option<String>,
    /// The control that configured it; none for the bare lab.
    pub control: Option<String>,
}

impl Attempt {
    /// How far the attack of a cell got in its run.
    #[must_use]
    pub fn of(cell: &Cell, outcome: &Outcome, deciding: &Deciding) -> Self {
        let steps = &outcome.steps;
        let held_up = held_up(steps);
        let step = held_up.map(|i| &steps[i]);
        let provenance = cell.provenance.clone();
        let titles = crate::catalogue::control_titles();
        let words = Words::new(outcome.nodes.clone(), &cell.lab, provenance, titles);
        let reasons = words.reasons();
        let refusal = match held_up {
            Some(i) => chosen(reasons.stopping(&steps[i].refused), deciding.of_step(i)),
            None => chosen(reasons.undone(&outcome.undone), deciding.of_effect()),
        };
        let stopped = refusal.map(|refusal| Stopper {
            record: refusal.entry.id,
            item: refusal.reason.as_ref().map(|r| words.ground(&r.ground)),
            control: refusal.reason.and_then(|r| r.control),
        });
        Self {
            progress: (
                steps.iter().filter(|s| s.success == Some(true)).count(),
                step.map_or(0, |s| s.stage),
            ),
            reached: !outcome.goals.is_empty(),
            place: step.map_or_else(String::new, place),
            held_up,
            saw: step.map_or("", |s| s.saw),
            stopped,
        }
    }

    /// The control that stopped it, where a record names one.
    #[must_use]
    pub fn control(&self) -> Option<&str> {
        self.stopped.as_ref()?.control.as_deref()
    }

    /// Whether it got further than another: to a goal, to more steps done, or to a later stage.
    #[must_use]
    pub fn further_than(&self, other: &Self) -> bool {
        self.reached || self.progress > other.progress
    }

    /// Where it came to, for a sentence that begins with "it gets to".
    #[must_use]
    pub fn end(&self) -> String {
        match (self.reached, self.place.is_empty()) {
            (true, _) => "its goal".to_owned(),
            (false, true) => "the end of its plan".to_owned(),
            (false, false) => format!("step {}", self.place),
        }
    }
}

/// Which of several controls that refused a step decided: the one without which the step gets further. An attacker tries one way after the other, and
/// the last to refuse may stand behind the one that matters. Where controls stand behind each other, none alone decides.
#[derive(Clone, Debug, Default)]
pub struct Deciding {
    steps: BTreeMap<usize, String>,
    effect: Option<String>,
}

impl Deciding {
    /// Runs a cell again without each of the controls that refused the same step, where there are several.
    #[must_use]
    pub fn of(cell: &Cell, outcome: &Outcome, options: Options) -> Self {
        let mut found = Self::default();
        if cell.play.attackers.is_empty() || !outcome.goals.is_empty() {
            return found;
        }
        let reasons = Reasons::new(&cell.provenance, &outcome.nodes);
        let mut others = Others {
            cell,
            options,
            outcomes: BTreeMap::new(),
        };
        for (i, step) in outcome.steps.iter().enumerate() {
            let refused = reasons.stopping(&step.refused);
            let node = outcome.nodes.get(step.node.index());
            let deciding = others.first(&refused, |other| {
                let same = other.steps.iter().find(|s| {
                    let there = other.nodes.get(s.node.index()) == node;
                    there && s.attacker == step.attacker && s.step == step.step
                });
                let later = |s: &StepOutcome| s.success == Some(true) || s.stage > step.stage;
                same.is_some_and(later) || other.goals.iter().any(|g| g.attacker == step.attacker)
            });
            found.steps.extend(deciding.map(|control| (i, control)));
        }
        if all_done(outcome) {
            let undone = reasons.undone(&outcome.undone);
            found.effect = others.first(&undone, |other| !other.goals.is_empty());
        }
        found
    }

    /// The control that decided about a step, by its position among the steps of the run; none where there was nothing to find out.
    #[must_use]
    pub fn of_step(&self, position: usize) -> Option<&str> {
        self.steps.get(&position).map(String::as_str)
    }

    /// The control that kept steps from their effect.
    #[must_use]
    pub fn of_effect(&self) -> Option<&str> {
        self.effect.as_deref()
    }
}

/// Runs of the same cell without one of its controls, as they are asked for.
struct Others<'a> {
    cell: &'a Cell,
    options: Options,
    outcomes: BTreeMap<String, Option<Outcome>>,
}

impl Others<'_> {
    /// The first of several controls without which a run gets further.
    fn first(
        &mut self,
        refused: &[Refusal<'_>],
        further: impl Fn(&Outcome) -> bool,
    ) -> Option<String> {
        if refused.len() < 2 {
            return None;
        }
        let mut controls = refused.iter().filter_map(Refusal::control);
        let found = controls.find(|control| self.without(control).is_some_and(&further));
        found.map(str::to_owned)
    }

    fn without(&mut self, control: &str) -> Option<&Outcome> {
        let (cell, options) = (self.cell, self.options);
        let outcome = self.outcomes.entry(control.to_owned());
        let run = || {
            let cell = cell.leaving_out(&[control.to_owned()])?;
            cell.run_once(options, false).ok()
        };
        outcome.or_insert_with(run).as_ref()
    }
}

/// Whether all steps of a run went well, as far as the attackers saw.
#[must_use]
pub fn all_done(outcome: &Outcome) -> bool {
    outcome.steps.iter().all(|s| s.success == Some(true))
}

/// Of several refusals the one of the control that decided, or the first.
#[must_use]
pub fn chosen<'a>(mut refused: Vec<Refusal<'a>>, deciding: Option<&str>) -> Option<Refusal<'a>> {
    let position = refused
        .iter()
        .position(|r| deciding.is_some() && r.control() == deciding);
    let position = position.unwrap_or(0);
    (position < refused.len()).then(|| refused.swap_remove(position))
}

/// The step at which the attacker who came furthest is held up.
fn held_up(steps: &[StepOutcome]) -> Option<usize> {
    let mut best: Option<((usize, u32), usize)> = None;
    let mut seen = BTreeSet::new();
    for (i, step) in steps.iter().enumerate() {
        if step.success == Some(true) || !seen.insert(&step.attacker) {
            continue;
        }
        let own = steps.iter().filter(|s| s.attacker == step.attacker);
        let done = own.filter(|s| s.success == Some(true)).count();
        let came = (done, step.stage);
        if best.is_none_or(|(other, _)| came > other) {
            best = Some((came, i));
        }
    }
    best.map(|(_, i)| i)
}

fn place(step: &StepOutcome) -> String {
    let (number, whose) = match step.step.checked_sub(PROGRAM_STEPS) {
        Some(number) => (number, " of the program"),
        None => (step.step, ""),
    };
    let (technique, stage) = (step.technique, step.stage_name);
    format!("{}{whose}. {technique} at {stage}", number + 1)
}

/// Controls without which something goes further, none of them needlessly: the first that alone makes the difference; where controls stand
/// behind each other, the few that do. None where all of them make none. `further` says whether it does without these.
pub fn by_leaving_out(
    controls: &[String],
    mut further: impl FnMut(&[String]) -> bool,
) -> Option<Vec<String>> {
    let alone = controls.iter().find(|c| further(std::slice::from_ref(c)));
    if let Some(control) = alone {
        return Some(vec![control.clone()]);
    }
    let mut few = controls.to_vec();
    if few.is_empty() || !further(&few) {
        return None;
    }
    // Half of what is left at a time, then one by one: what can stay in the defence stays.
    for share in [2, 4, 8, 16, usize::MAX] {
        let size = (few.len() / share).max(1);
        let mut start = 0;
        while start < few.len() {
            let mut fewer = few.clone();
            fewer.drain(start..(start + size).min(few.len()));
            if further(&fewer) {
                few = fewer;
            } else {
                start += size;
            }
        }
    }
    Some(few)
}

/// What became of an attack that no record names a control for, when it was run again without controls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// Position among the steps of the run of the one at which it was held up; none where all were done.
    pub at: Option<usize>,
    /// What the other runs tell.
    pub then: Then,
}

/// What runs without controls tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Without these controls it gets further.
    Further {
        /// The controls, in the order of the table.
        without: Vec<String>,
        /// Where it gets to, as in [`Attempt::end`].
        to: String,
    },
    /// It gets no further without any control.
    NoFurther,
    /// The files are not those of the run any more: running them again says nothing about it.
    Changed,
}

/// Without which controls the attack of a recorded run gets further. None where there is nothing to ask: no attack, a goal that was
/// reached, or a record that names the control.
///
/// # Errors
/// When the run's files are not there any more or have problems.
pub fn beyond(manifest: &Manifest, color: bool) -> Result<Option<Beyond>, HarnessError> {
    let shelf = Shelf::open(manifest.library.as_deref().map(Path::new), color)?;
    let shelf = shelf.with_costs(manifest.costs.as_deref().map(Path::new))?;
    let cell = again(&shelf, manifest)?;
    if cell.play.attackers.is_empty() {
        return Ok(None);
    }
    let outcome = cell.run_once(Options::default(), false)?;
    if outcome.fingerprint.to_string() != manifest.fingerprint {
        let then = Then::Changed;
        return Ok(Some(Beyond { at: None, then }));
    }
    let deciding = Deciding::of(&cell, &outcome, Options::default());
    let now = Attempt::of(&cell, &outcome, &deciding);
    if now.reached || now.control().is_some() {
        return Ok(None);
    }
    // What a lab cannot be resolved without makes no difference that could be told.
    let then = |more: &[String]| {
        let cell = cell.leaving_out(more)?;
        let outcome = cell.run_once(Options::default(), false).ok()?;
        Some(Attempt::of(&cell, &outcome, &Deciding::default()))
    };
    let further = |more: &[String]| then(more).is_some_and(|a| a.further_than(&now));
    let told = match by_leaving_out(&cell.controls, further) {
        Some(without) => {
            let to = then(&without).map_or_else(String::new, |a| a.end());
            Then::Further { without, to }
        }
        None => Then::NoFurther,
    };
    Ok(Some(Beyond {
        at: now.held_up,
        then: told,
    }))
}

/// The cell of a recorded run.
fn again(shelf: &Shelf, manifest: &Manifest) -> Result<Cell, HarnessError> {
    let overrides = Overrides {
        defence: Some(manifest.defence.clone()),
        without: manifest.without.clone(),
        seed: Some(manifest.seed),
    };
    let cells = shelf.cells(&manifest.called, &overrides)?;
    let mut run = cells.into_iter().filter(|c| c.variant == Variant::Run);
    run.next()
        .ok_or(HarnessError::Arguments("the scenario has no run"))
}

#[cfg(test)]
mod tests {
    use super::by_leaving_out;

    fn controls(n: usize) -> Vec<String> {
        (0..n).map(|i| format!("C-{i:02}")).collect()
    }

    #[test]
    fn one_control_that_alone_makes_the_difference_is_found_alone() {
        let found = by_leaving_out(&controls(9), |out| out.iter().any(|c| c == "C-04"));
        assert_eq!(found, Some(vec!["C-04".to_owned()]));
    }

    #[test]
    fn of_controls_behind_each_other_all_are_found_and_no_other() {
        let needed = ["C-03", "C-17", "C-30"];
        let found = by_leaving_out(&controls(40), |out| {
            needed.iter().all(|n| out.iter().any(|c| c == n))
        });
        assert_eq!(found, Some(needed.map(str::to_owned).to_vec()));
    }

    #[test]
    fn where_no_control_has_a_part_none_is_named() {
        assert_eq!(by_leaving_out(&controls(5), |_| false), None);
        assert_eq!(by_leaving_out(&[], |_| true), None);
    }
}
