use super::*;
use crate::crypto::CertificateFault;
use crate::engine::{EventId, RecordId};
use crate::record::{AccessRecord, AttackRecord, SessionRecord};
use crate::time::Time;

const ATTACKER: NodeId = NodeId(0);
const SERVER: NodeId = NodeId(1);

fn entry(id: u64, node: NodeId, what: LabRecord) -> Entry<LabRecord> {
    Entry {
        id: RecordId::from_number(id),
        time: Time::ZERO,
        node,
        event: EventId::GENESIS,
        because: [].into_iter().collect(),
        what,
    }
}

fn behind(line: &[u64], all: &[u64]) -> Behind {
    Behind {
        nearest: Vec::new(),
        line: line.to_vec(),
        all: all.to_vec(),
    }
}

fn started() -> LabRecord {
    let technique = "read-file";
    LabRecord::Attack(AttackRecord::StepStarted { step: 0, technique })
}

fn stage(stage: u32) -> LabRecord {
    LabRecord::Attack(AttackRecord::StageReached {
        step: 0,
        stage,
        name: "read",
    })
}

fn ended() -> LabRecord {
    LabRecord::Attack(AttackRecord::StepEnded {
        step: 0,
        success: false,
        saw: "in no shell",
    })
}

fn refusal(item: u32) -> LabRecord {
    LabRecord::Session(SessionRecord::SessionRefused {
        peer: crate::wire::Ip(1),
        fault: CertificateFault::Missing,
        item: ItemId(item),
    })
}

fn killed() -> LabRecord {
    LabRecord::Access(AccessRecord::SessionKilled {
        from: crate::wire::Ip(1),
        item: ItemId(1),
    })
}

fn numbers(attribution: &mut Attribution) -> Vec<u64> {
    let refused = attribution.refusals(ATTACKER, 0);
    refused.iter().map(|e| e.id.number()).collect()
}

#[test]
fn the_last_of_each_kind_since_the_last_stage_stopped_a_step() {
    let mut a = Attribution::default();
    let step = behind(&[1], &[1]);
    a.observe(&entry(1, ATTACKER, started()), &step, ATTACKER);
    a.observe(&entry(2, SERVER, refusal(1)), &step, ATTACKER);
    a.observe(&entry(3, ATTACKER, stage(1)), &step, ATTACKER);
    assert_eq!(
        numbers(&mut a.clone()),
        [2],
        "the last of the step as a whole"
    );
    a.observe(&entry(4, SERVER, refusal(2)), &step, ATTACKER);
    a.observe(&entry(5, SERVER, refusal(3)), &step, ATTACKER);
    a.observe(&entry(6, SERVER, refusal(2)), &step, ATTACKER);
    a.observe(&entry(7, SERVER, refusal(4)), &behind(&[], &[1]), ATTACKER);
    a.observe(&entry(8, ATTACKER, ended()), &step, ATTACKER);
    a.observe(&entry(9, SERVER, refusal(5)), &step, ATTACKER);
    assert_eq!(numbers(&mut a), [6, 5]);
}

#[test]
fn what_somebody_else_did_stops_a_step_that_ended_by_it() {
    let told = |end: &Behind| {
        let mut a = Attribution::default();
        a.observe(&entry(1, SERVER, killed()), &behind(&[], &[1]), SERVER);
        let step = behind(&[2], &[2]);
        a.observe(&entry(2, ATTACKER, started()), &step, ATTACKER);
        a.bound.insert(ATTACKER);
        a.observe(&entry(3, ATTACKER, ended()), end, ATTACKER);
        numbers(&mut a)
    };
    assert_eq!(told(&behind(&[2], &[1, 2])), [1]);
    assert!(told(&behind(&[2], &[2])).is_empty());
}

#[test]
fn a_host_without_an_address_is_kept_off_by_what_refused_what_it_asked_for_by_itself() {
    let mut a = Attribution::default();
    a.observe(&entry(1, SERVER, refusal(1)), &Behind::NOTHING, ATTACKER);
    a.observe(&entry(2, SERVER, refusal(2)), &Behind::NOTHING, SERVER);
    let step = behind(&[3], &[3]);
    a.observe(&entry(3, ATTACKER, started()), &step, ATTACKER);
    assert_eq!(numbers(&mut a), [1]);
}

#[test]
fn what_lay_waiting_until_it_was_refused_is_the_steps_doing() {
    let mut a = Attribution::default();
    a.observe(
        &entry(1, ATTACKER, started()),
        &behind(&[1], &[1]),
        ATTACKER,
    );
    for id in [2, 3] {
        a.observe(&entry(id, SERVER, refusal(1)), &behind(&[], &[1]), SERVER);
    }
    a.observe(&entry(4, SERVER, refusal(1)), &Behind::NOTHING, SERVER);
    let undone = a.into_undone();
    assert_eq!(undone.len(), 1);
    assert_eq!(
        (undone[0].times, undone[0].last.id),
        (2, RecordId::from_number(3))
    );
}

/// Every port refuses in its own way: what is kept stays bounded, and the last ones are kept.
#[test]
fn refusals_that_are_kept_are_bounded() {
    let mut a = Attribution::default();
    let step = behind(&[1], &[1]);
    a.observe(&entry(1, ATTACKER, started()), &step, ATTACKER);
    for id in 2..1002 {
        let what = refusal(id as u32);
        a.observe(&entry(id, SERVER, what), &step, ATTACKER);
    }
    let kept = numbers(&mut a);
    assert_eq!((kept.len(), kept[0]), (KINDS, 1001));
}
