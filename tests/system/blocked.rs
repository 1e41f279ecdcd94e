//! Promise 4, second half: what stopped a step can be named, and without the control that put it there the step gets further.

use pumplab::report::reason::stopping;
use pumplab_tests::{Told, in_parallel, scenarios, under, words};
use std::fmt::Write;

/// The defences that stop something.
const DEFENDED: [&str; 3] = ["sp1800-8-plus", "sp1800-8", "psk-segmented"];

/// How far an attacker got: steps done, and the stage of the one under way.
type Progress = (usize, u32);

struct Attempt {
    progress: Progress,
    /// Whether the goal was reached.
    reached: bool,
    place: String,
    /// The control that stopped it, and by what.
    control: Option<(String, String)>,
    saw: String,
}

fn attempt(scenario: &str, defence: &str, without: &[String]) -> Attempt {
    let told = Told::of(under(scenario, defence, without));
    let done = told
        .outcome
        .steps
        .iter()
        .take_while(|s| s.success == Some(true))
        .count();
    let step = told.outcome.steps.get(done);
    let words = words(&told.cell, told.trace());
    let stopped_by = step.and_then(|s| s.stopped_by);
    let (record, reason) = stopped_by
        .and_then(|last| stopping(&words, told.trace(), last))
        .unzip();
    let reason = reason.flatten();
    Attempt {
        progress: (done, step.map_or(0, |s| s.stage)),
        reached: !told.outcome.goals.is_empty(),
        place: step.map_or_else(String::new, |s| {
            format!("{}. {} at {}", s.step + 1, s.technique, s.stage_name)
        }),
        control: reason.and_then(|r| Some((r.control?, r.short))),
        saw: match (step, record) {
            (Some(s), Some(e)) => format!("{} ({:?})", s.saw, e.what),
            (Some(s), None) => s.saw.to_owned(),
            _ => String::new(),
        },
    }
}

/// Leaves out the control that is named, until none is; says what happened, a line for each.
fn peel(scenario: &str, defence: &str) -> (String, Vec<String>) {
    let mut story = String::new();
    let mut faults = Vec::new();
    let mut without: Vec<String> = Vec::new();
    let mut before: Option<Attempt> = None;
    loop {
        let now = attempt(scenario, defence, &without);
        if let Some(before) = &before
            && now.progress < before.progress
        {
            faults.push(format!(
                "{scenario} under {defence} without {without:?} gets less far: {} after {}",
                now.place, before.place
            ));
        }
        if now.reached {
            writeln!(story, "    reached the goal").expect("text takes all");
            break;
        }
        match &now.control {
            Some((control, item)) => {
                writeln!(story, "    {} by {control} ({item})", now.place).expect("text takes all");
                if without.contains(control) {
                    faults.push(format!(
                        "{scenario} under {defence} is stopped by {control}, which is left out"
                    ));
                    break;
                }
                without.push(control.clone());
            }
            None => {
                writeln!(story, "    {}: {}", now.place, now.saw).expect("text takes all");
                // Honest only where no control has a part in it.
                for weak in ["legacy", "bare"] {
                    let weaker = attempt(scenario, weak, &[]);
                    if weaker.progress > now.progress || weaker.reached {
                        faults.push(format!(
                            "{scenario} under {defence} without {without:?}: {}: {}: no control is named, though under {weak} \
                             it gets to {}",
                            now.place,
                            now.saw,
                            if weaker.reached { "its goal" } else { &weaker.place }
                        ));
                    }
                }
                break;
            }
        }
        before = Some(now);
    }
    (story, faults)
}

#[test]
fn without_the_control_that_is_named_a_step_gets_further() {
    let cells: Vec<_> = scenarios()
        .into_iter()
        .filter(|s| !under(s, "bare", &[]).play.attackers.is_empty())
        .flat_map(|s| DEFENDED.map(|d| (s.clone(), d)))
        .collect();
    let peeled = in_parallel(cells, |(scenario, defence)| {
        let (story, faults) = peel(&scenario, defence);
        (format!("{scenario} under {defence}\n{story}"), faults)
    });
    let (stories, faults): (Vec<_>, Vec<_>) = peeled.into_iter().unzip();
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    let stories = stories.join("\n");
    assert!(faults.is_empty(), "{}\n\n{stories}", faults.join("\n"));
    insta::assert_snapshot!(stories);
}
