//! Promise 4, second half: what stopped a step can be named, and without the control that put it there the step gets further.

use pumplab::cell::Options;
use pumplab::counterfactual::{Attempt, Deciding, by_leaving_out};
use pumplab_tests::{Told, in_parallel, scenarios, under};
use std::fmt::Write;

/// The defences that stop something.
const DEFENDED: [&str; 3] = ["sp1800-8-plus", "sp1800-8", "psk-segmented"];

/// How far the attack gets, and what was seen there: the attacker's own words, with the record where one stopped it.
fn attempt(scenario: &str, defence: &str, without: &[String]) -> (Attempt, String) {
    let told = Told::of(under(scenario, defence, without));
    let deciding = Deciding::of(&told.cell, &told.outcome, Options::default());
    let attempt = Attempt::of(&told.cell, &told.outcome, &deciding);
    let stopped = attempt.stopped.as_ref();
    let record = stopped.and_then(|s| told.trace().record(s.record));
    let saw = match record {
        Some(e) => format!("{} ({:?})", attempt.saw, e.what),
        None => attempt.saw.to_owned(),
    };
    (attempt, saw)
}

/// As `pumplab explain` finds them where no record names a control.
fn further_without(
    scenario: &str,
    defence: &str,
    without: &[String],
    now: &Attempt,
) -> Option<Vec<String>> {
    by_leaving_out(&under(scenario, defence, without).controls, |more| {
        let without = [without, more].concat();
        attempt(scenario, defence, &without).0.further_than(now)
    })
}

/// Leaves out the control that is named, until none is; says what happened, a line for each.
fn peel(scenario: &str, defence: &str) -> (String, Vec<String>) {
    let mut story = String::new();
    let mut faults = Vec::new();
    let mut without: Vec<String> = Vec::new();
    let mut before: Option<Attempt> = None;
    loop {
        let (now, saw) = attempt(scenario, defence, &without);
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
        let named = now.stopped.as_ref();
        match named.and_then(|s| Some((s.control.as_ref()?, s.item.as_ref()?))) {
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
                writeln!(story, "    {}: {saw}", now.place).expect("text takes all");
                if let Some(few) = further_without(scenario, defence, &without, &now) {
                    writeln!(story, "      further without {}", few.join(", "))
                        .expect("text takes all");
                    without.extend(few);
                    before = Some(now);
                    continue;
                }
                // Honest only where no control has a part in it. What is left out here was perhaps what the attack is made for, such as
                // a passphrase to guess: it is left out there as well.
                for weak in ["legacy", "bare"] {
                    let (weaker, _) = attempt(scenario, weak, &without);
                    if weaker.further_than(&now) {
                        faults.push(format!(
                            "{scenario} under {defence} without {without:?}: {}: {saw}: no control is named, though under {weak} \
                             it gets to {}",
                            now.place,
                            weaker.end()
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
