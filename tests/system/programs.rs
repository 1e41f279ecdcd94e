//! Programs that attackers plant: how they came is known, and they are their author's.

use pumplab_sim::record::{HostRecord, LabRecord, PROGRAM_STEPS, ProgramRecord, StorageRecord};
use pumplab_tests::{Told, under};

#[test]
fn what_a_planted_program_does_leads_back_to_the_letter() {
    let told = Told::of(under("ransomware-from-business", "legacy", &[]));
    let trace = told.trace();
    let last = trace.entries.iter().rev();
    let mut spoiled = last.filter(|e| {
        matches!(
            e.what,
            LabRecord::Storage(StorageRecord::ServiceStopped { .. })
        )
    });
    let stopped = spoiled.next().expect("a server stopped");
    let links = trace.explain(stopped.id).links;
    let records: Vec<_> = links.iter().flat_map(|l| &l.records).collect();
    let holds = |wanted: fn(&LabRecord) -> bool| {
        records
            .iter()
            .any(|id| trace.record(**id).is_some_and(|e| wanted(&e.what)))
    };
    assert!(holds(|r| matches!(
        r,
        LabRecord::Program(ProgramRecord::Attachment { opened: true, .. })
    )));
    assert!(holds(|r| matches!(
        r,
        LabRecord::Host(HostRecord::FlawUsed { .. })
    )));
    let own = |step: &pumplab_sim::run::StepOutcome| step.attacker == "mallory";
    assert!(told.outcome.steps.iter().all(own));
    assert!(told.outcome.steps.iter().any(|s| s.step >= PROGRAM_STEPS));
}

#[test]
fn pumps_go_on_infusing_while_their_servers_are_held() {
    let told = Told::of(under("worm-through-the-house", "bare", &[]));
    assert!(told.outcome.metrics["server-minutes-lost"] > 1.0);
    let broken = |v: &&pumplab_sim::run::Violation| v.property == "therapy-continuity";
    assert_eq!(told.outcome.violations.iter().filter(broken).count(), 0);
}
