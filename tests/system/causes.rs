//! Promise 4, first half: every effect has a cause. Whatever stands on an explained chain, were it not for that, the effect
//! would not have come, or would have come later, or another way.

use pumplab::cell::Cell;
use pumplab_sim::engine::{Entry, EventId, NodeId, RecordId};
use pumplab_sim::record::{
    AlarmRecord, AttackRecord, HostRecord, LabRecord, Missing, SessionRecord, TherapyRecord,
};
use pumplab_sim::run::{Live, Outcome};
use pumplab_sim::spec::{EventSpec, HappeningSpec};
use pumplab_sim::time::{Duration, Time};
use pumplab_sim::why::trace::{Explanation, Link, Trace};
use pumplab_tests::{Told, config, contrasts, in_parallel, library_cells};
use std::collections::{BTreeMap, BTreeSet};

/// What is explained: a goal reached, a property broken at a node, an infusion that stands still.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Goal {
        attacker: String,
        goal: String,
    },
    Violation {
        property: &'static str,
        node: NodeId,
    },
    Held {
        node: NodeId,
    },
}

/// When an effect came first, and the record that shows it.
#[derive(Clone, Copy, Debug)]
struct Came {
    at: Time,
    record: RecordId,
}

/// What became of an effect without one of its causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Removed,
    Delayed,
    Replaced,
    /// It came all the same and by nothing new: the event was no cause.
    Unmoved,
}

fn effects(outcome: &Outcome) -> BTreeMap<Effect, Came> {
    let mut first = BTreeMap::new();
    for g in &outcome.goals {
        let effect = Effect::Goal {
            attacker: g.attacker.clone(),
            goal: g.goal.clone(),
        };
        let came = Came {
            at: g.at,
            record: g.record,
        };
        first.entry(effect).or_insert(came);
    }
    for v in &outcome.violations {
        let effect = Effect::Violation {
            property: v.property,
            node: v.node,
        };
        let came = Came {
            at: v.at,
            record: v.record,
        };
        first.entry(effect).or_insert(came);
    }
    for e in &outcome.trace.as_ref().expect("kept").entries {
        if e.what == LabRecord::Therapy(TherapyRecord::InfusionHeld) {
            let came = Came {
                at: e.time,
                record: e.id,
            };
            first.entry(Effect::Held { node: e.node }).or_insert(came);
        }
    }
    first
}

/// A link as it can be compared between runs: by what happened, not by its number.
///
/// Two events may look the same, as two messages that cross a bridge at one instant do, so it is counted how many there are.
type Happened = (Time, NodeId, &'static str, Vec<String>);
type Chain = BTreeMap<Happened, usize>;

fn happened(trace: &Trace, link: &Link) -> Happened {
    let records = link.records.iter().filter_map(|id| trace.record(*id));
    let records = records.map(|e| format!("{:?}", e.what)).collect();
    (
        link.lineage.time,
        link.lineage.node,
        link.lineage.label,
        records,
    )
}

fn chain(trace: &Trace, explanation: &Explanation) -> Chain {
    let mut chain = Chain::new();
    for link in &explanation.links {
        *chain.entry(happened(trace, link)).or_default() += 1;
    }
    chain
}

/// Whether a fork explains an effect by nothing but what explained it before, less the event that was taken away: then nothing took that
/// event's place. A twin of the event, which does what it did at the same instant, takes its place as well as anything else does.
fn is_rest_of(now: &Chain, before: &Chain, without: &Happened) -> bool {
    now.iter().all(|(h, n)| {
        let taken = usize::from(h == without);
        *n + taken <= before.get(h).copied().unwrap_or(0)
    })
}

/// An event, for a reader who looks for it.
fn told_of(trace: &Trace, event: EventId) -> String {
    let lineage = trace.events[&event];
    let records = trace.entries.iter().filter(|e| e.event == event);
    let records: Vec<String> = records.map(|e| format!("{:?}", e.what)).collect();
    let place = trace.name(lineage.node);
    format!(
        "{event} ({} at {place}, {}): {records:?}",
        lineage.label, lineage.time
    )
}

/// One cause of some effects.
struct Suspect {
    event: EventId,
    time: Time,
    /// What it looks like on each effect's chain.
    effects: Vec<(Effect, Happened)>,
}

#[derive(Debug, Default)]
struct Tally {
    fates: BTreeMap<(Effect, Fate), usize>,
    unmoved: Vec<String>,
}

fn explained(told: &Told) -> BTreeMap<Effect, (Came, Explanation)> {
    effects(&told.outcome)
        .into_iter()
        .map(|(effect, came)| (effect, (came, told.trace().explain(came.record))))
        .collect()
}

/// The causes of effects. What only stopped something is none of them: a frame that comes to a host without power is lost, and without its coming it
/// is not there either. That the power went is a cause, and stands on the chain as one.
fn suspects(trace: &Trace, explained: &BTreeMap<Effect, (Came, Explanation)>) -> Vec<Suspect> {
    let mut by_event: BTreeMap<(Time, EventId), Vec<(Effect, Happened)>> = BTreeMap::new();
    for (effect, (_, explanation)) in explained {
        for link in explanation.links.iter().filter(|link| !link.stop) {
            let key = (link.lineage.time, link.event);
            let looks = (effect.clone(), happened(trace, link));
            by_event.entry(key).or_default().push(looks);
        }
    }
    let suspect = |((time, event), effects)| Suspect {
        event,
        time,
        effects,
    };
    by_event.into_iter().map(suspect).collect()
}

/// Events that the forks of one run may cost in all. With more causes than that allows, they are taken at equal distances along the
/// chain, the first and the last among them; every run of the library has at least [`FEWEST`] of its causes tried. The long run:
/// `PUMPLAB_FORK_EVENTS=100000000 nice cargo test -p pumplab-tests --test system causes`.
fn events_for_forks() -> u64 {
    let wanted = std::env::var("PUMPLAB_FORK_EVENTS").ok();
    wanted.and_then(|n| n.parse().ok()).unwrap_or(1_500_000)
}
const FEWEST: usize = 8;

/// As many of the suspects of a run of so many events as are affordable, at equal distances.
fn affordable<T>(suspects: Vec<T>, events: u64) -> Vec<T> {
    let all = suspects.len();
    // A fork runs from its cause on: half of a run on average.
    let most = (2 * events_for_forks() / events.max(1)) as usize;
    let chosen = most.max(FEWEST).min(all);
    let place = |n: usize| n * (all - 1) / (chosen - 1).max(1);
    let places: BTreeSet<usize> = (0..chosen).map(place).collect();
    let numbered = suspects.into_iter().enumerate();
    let kept = numbered.filter(|(n, _)| places.contains(n));
    kept.map(|(_, s)| s).collect()
}

/// Takes every cause away, one at a time, each in a fork from just before it.
fn without_each_cause(cell: Cell) -> (String, Tally) {
    let name = cell.name();
    let told = Told::of(cell);
    let explained = explained(&told);
    let chains: BTreeMap<&Effect, Chain> = explained
        .iter()
        .map(|(effect, (_, explanation))| (effect, chain(told.trace(), explanation)))
        .collect();
    let horizon = Time::ZERO + told.cell.play.duration;
    let mut live = Live::new(&config(&told.cell, true)).expect("it ran before");
    let mut tally = Tally::default();
    for suspect in affordable(suspects(told.trace(), &explained), told.outcome.events) {
        if let Some(before) = suspect.time.as_nanos().checked_sub(1) {
            let _ = live.run_until(Time::from_nanos(before));
        }
        let mut fork = live.fork();
        fork.suppress(suspect.event);
        let end = fork.run_until(horizon);
        let outcome = fork.finish(end);
        let now = effects(&outcome);
        let trace = outcome.trace.as_ref().expect("kept");
        for (effect, looks) in suspect.effects {
            let fate = match now.get(&effect) {
                None => Fate::Removed,
                Some(came) if came.at > explained[&effect].0.at => Fate::Delayed,
                Some(came) => {
                    let known = &chains[&effect];
                    let now = chain(trace, &trace.explain(came.record));
                    if is_rest_of(&now, known, &looks) {
                        Fate::Unmoved
                    } else {
                        Fate::Replaced
                    }
                }
            };
            if fate == Fate::Unmoved {
                tally.unmoved.push(format!(
                    "{effect:?} does not depend on {}",
                    told_of(told.trace(), suspect.event)
                ));
            }
            *tally.fates.entry((effect, fate)).or_default() += 1;
        }
    }
    (name, tally)
}

#[test]
fn without_any_one_cause_the_effect_is_gone_or_later_or_came_another_way() {
    let tallies = in_parallel(library_cells(), without_each_cause);
    let mut report = String::new();
    let mut unmoved = Vec::new();
    for (name, tally) in &tallies {
        for ((effect, fate), n) in &tally.fates {
            report += &format!("{name}: {effect:?}: {n} {fate:?}\n");
        }
        unmoved.extend(tally.unmoved.iter().map(|u| format!("{name}: {u}")));
    }
    let goals = tallies.iter().flat_map(|(_, tally)| tally.fates.iter());
    let goals = goals.filter(|((effect, _), _)| matches!(effect, Effect::Goal { .. }));
    let tried: usize = goals.map(|(_, n)| n).sum();
    assert!(tried > 300, "{tried} causes of goals are few");
    println!("{report}");
    assert!(
        unmoved.is_empty(),
        "{} causes are none:\n{}\n\n{report}",
        unmoved.len(),
        unmoved.join("\n")
    );
}

/// The other way round: an event at the attacker's or at the place of the effect without which the effect is gone stands on the chain.
#[test]
fn what_the_effect_cannot_do_without_is_explained() {
    let lost = in_parallel(contrasts(), unexplained_causes);
    let (tried, lost): (Vec<usize>, Vec<Vec<String>>) = lost.into_iter().unzip();
    let tried: usize = tried.into_iter().sum();
    assert!(tried > 50, "{tried} events are few");
    let lost: Vec<String> = lost.into_iter().flatten().collect();
    assert!(
        lost.is_empty(),
        "{} causes are lost:\n{}",
        lost.len(),
        lost.join("\n")
    );
}

fn unexplained_causes(cell: Cell) -> (usize, Vec<String>) {
    let name = cell.scenario.clone();
    let told = Told::of(cell);
    let explained = explained(&told);
    let trace = told.trace();
    let attackers: Vec<NodeId> = told.outcome.steps.iter().map(|s| s.node).collect();
    let mut suspects: BTreeMap<(Time, EventId), Vec<Effect>> = BTreeMap::new();
    for (effect, (came, explanation)) in &explained {
        let place = trace.record(came.record).expect("it is in the trace").node;
        let here = |e: &&Entry<LabRecord>| attackers.contains(&e.node) || e.node == place;
        let on_chain: BTreeSet<EventId> = explanation.links.iter().map(|l| l.event).collect();
        let before = trace.entries.iter().filter(|e| e.id < came.record);
        // That there is power is a condition, as is a floor to stand on.
        let power = |e: &&Entry<LabRecord>| trace.events[&e.event].label == "power";
        let suspected = before.filter(|e| here(e) && !power(e));
        for entry in suspected.filter(|e| !on_chain.contains(&e.event)) {
            let effects = suspects.entry((entry.time, entry.event)).or_default();
            if effects.last() != Some(effect) {
                effects.push(effect.clone());
            }
        }
    }
    let horizon = Time::ZERO + told.cell.play.duration;
    let mut live = Live::new(&config(&told.cell, true)).expect("it ran before");
    let mut lost = Vec::new();
    let suspects = affordable(suspects.into_iter().collect(), told.outcome.events);
    let tried = suspects.len();
    for ((time, event), candidates) in suspects {
        if let Some(before) = time.as_nanos().checked_sub(1) {
            let _ = live.run_until(Time::from_nanos(before));
        }
        let mut fork = live.fork();
        fork.suppress(event);
        let end = fork.run_until(horizon);
        let now = effects(&fork.finish(end));
        for effect in candidates.iter().filter(|e| !now.contains_key(e)) {
            lost.push(format!(
                "{name}: {effect:?} needs {}",
                told_of(trace, event)
            ));
        }
    }
    (tried, lost)
}

/// Pumps lose their sessions and have them again long before bags run empty, and no nurse comes: the outage explains nothing.
fn an_outage_long_over() -> Cell {
    let mut contrasts = contrasts().into_iter();
    let mut cell = contrasts
        .find(|c| c.scenario == "x2-communication-crash")
        .expect("X2 has a contrast");
    cell.scenario = "an outage long over".to_owned();
    cell.lab.nurses.clear();
    cell.play.attackers.clear();
    let happening = |minutes, what| EventSpec {
        at: Duration::from_mins(minutes),
        what,
    };
    let node = || "ap-3".to_owned();
    cell.play.events = vec![
        happening(10, HappeningSpec::PowerOff { node: node() }),
        happening(15, HappeningSpec::PowerOn { node: node() }),
    ];
    cell
}

#[test]
fn an_outage_that_is_over_explains_nothing() {
    let told = Told::of(an_outage_long_over());
    let trace = told.trace();
    let record = |id: &RecordId| &trace.record(*id).expect("it is in the trace").what;
    let lost = trace
        .entries
        .iter()
        .filter(|e| e.what == LabRecord::Session(SessionRecord::ServerSessionLost));
    assert!(lost.count() > 0, "no session was lost");
    let explained = explained(&told);
    assert!(!explained.is_empty(), "no infusion stood still");
    for (effect, (_, explanation)) in explained {
        for id in explanation.links.iter().flat_map(|link| &link.records) {
            let communication = matches!(
                record(id),
                LabRecord::Session(SessionRecord::ServerSessionLost)
                    | LabRecord::Host(HostRecord::CommunicationStarted)
                    | LabRecord::Host(HostRecord::CommunicationFailed { .. })
                    | LabRecord::Host(HostRecord::PoweredOff)
            );
            assert!(!communication, "{effect:?} because of {:?}", record(id));
        }
    }
}

/// Only what the play and the lab bring about before the run has no cause.
#[test]
fn nothing_happens_without_a_cause() {
    in_parallel(library_cells(), |cell| {
        let config = config(&cell, true);
        let live = Live::new(&config).expect("it runs");
        // Events are numbered from 1 in order of scheduling.
        let planned = live.simulation().pending() as u64;
        let told = Told::of(cell);
        let trace = told.trace();
        for (event, lineage) in &trace.events {
            let caused = lineage.parent != EventId::GENESIS || event.number() <= planned;
            assert!(caused, "{}: {}", told.cell.name(), told_of(trace, *event));
        }
    });
}

/// Demonstration X2: nobody heard of the empty bag because the communication module had crashed.
#[test]
fn the_crash_is_a_cause_of_the_missed_alarm() {
    let cell = contrasts()
        .into_iter()
        .find(|c| c.scenario == "x2-communication-crash")
        .expect("X2 has a contrast");
    let told = Told::of(cell);
    let goal = told.outcome.goals.first().expect("the alarm is silenced");
    let trace = told.trace();
    let missed = trace.record(goal.record).expect("it is in the trace");
    let alarm = Missing::AlarmTaken { number: 1 };
    assert!(
        matches!(missed.what, LabRecord::Alarm(AlarmRecord::DeadlinePassed { missing, .. }) if missing == alarm),
        "{missed:?}"
    );
    let because: Vec<_> = missed
        .because
        .iter()
        .filter_map(|id| trace.record(*id))
        .collect();
    let crash = because.iter().find(|e| {
        matches!(
            e.what,
            LabRecord::Host(HostRecord::CommunicationFailed { .. })
        )
    });
    let crash = crash.unwrap_or_else(|| panic!("the crash is not in {because:#?}"));
    assert_eq!(crash.node, missed.node);
    assert!(missed.time - crash.time > Duration::from_mins(1));
    let start = trace.entries.iter().find(|e| {
        matches!(
            e.what,
            LabRecord::Attack(AttackRecord::StepStarted {
                technique: "expand-archive",
                ..
            })
        )
    });
    let start = start.expect("the archive is expanded").event;
    let links = trace.explain(goal.record).links;
    assert!(
        links.iter().any(|link| link.event == start),
        "the attacker is not in the explanation"
    );
}
