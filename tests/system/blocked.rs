//! Promise 4, second half: what stopped a step can be named, and without the control that put it there the step gets further.

use pumplab::report::reason::stopping;
use pumplab_sim::engine::RecordId;
use pumplab_tests::{Told, in_parallel, scenarios, under, words};
use std::collections::BTreeSet;
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
    // Programs that an attacker planted have steps of their own.
    let steps = &told.outcome.steps;
    let done = steps.iter().filter(|s| s.success == Some(true)).count();
    let step = steps.iter().find(|s| s.success != Some(true));
    let words = words(&told.cell, told.trace());
    let told_by = |last| stopping(&words, told.trace(), last);
    // Where all steps went well as far as the attacker saw, what became of them tells why nothing came of it.
    let stopped_by = match step {
        Some(step) => step.stopped_by.and_then(told_by),
        None => undone(&told).into_iter().find_map(|last| {
            let (record, reason) = told_by(last)?;
            let control = reason.as_ref()?.control.as_ref()?;
            (!without.contains(control)).then_some((record, reason))
        }),
    };
    let (record, reason) = stopped_by.unzip();
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

fn undone(told: &Told) -> Vec<RecordId> {
    let attackers = told.outcome.steps.iter().map(|s| s.node);
    let attackers: BTreeSet<_> = attackers.collect();
    let trace = told.trace();
    attackers
        .into_iter()
        .flat_map(|a| trace.undone_by(a))
        .collect()
}

/// Where no record names a control, because nothing was there that could have refused: controls of the defence without which the
/// attacker gets further, none of them needlessly. A step that waits for somebody on a segment where nobody is has nothing else to be
/// explained by. Usually it is one; where controls stand behind each other, it is the few that do.
fn by_leaving_out(
    scenario: &str,
    defence: &str,
    without: &[String],
    now: &Attempt,
) -> Option<Vec<String>> {
    let further = |more: &[String]| {
        let then = attempt(scenario, defence, &[without, more].concat());
        then.reached || then.progress > now.progress
    };
    let controls = under(scenario, defence, without).controls;
    let alone = controls.iter().find(|c| further(std::slice::from_ref(c)));
    if let Some(control) = alone {
        return Some(vec![control.clone()]);
    }
    let mut few = controls;
    if !further(&few) {
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

/// Attacks whose plan is made for a control: without it they go another way, which may end sooner. Scenario, control, why.
const MADE_FOR: &[(&str, &str, &str)] = &[
    (
        "false-server-without-certificate",
        "SRV-04",
        "the false server listens where pumps connect under TLS; without TLS they connect to another port",
    ),
    (
        "guessed-passphrase",
        "WL-02",
        "a network without a passphrase has none to guess",
    ),
];

/// Leaves out the control that is named, until none is; says what happened, a line for each.
fn peel(scenario: &str, defence: &str) -> (String, Vec<String>) {
    let mut story = String::new();
    let mut faults = Vec::new();
    let mut without: Vec<String> = Vec::new();
    let mut before: Option<Attempt> = None;
    loop {
        let now = attempt(scenario, defence, &without);
        let made_for = |(s, c, _): &(&str, &str, &str)| {
            *s == scenario && without.last().is_some_and(|last| last == c)
        };
        if MADE_FOR.iter().any(made_for) {
            break;
        }
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
                if let Some(few) = by_leaving_out(scenario, defence, &without, &now) {
                    writeln!(story, "      further without {}", few.join(", "))
                        .expect("text takes all");
                    without.extend(few);
                    before = Some(now);
                    continue;
                }
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
