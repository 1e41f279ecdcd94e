use super::*;
use crate::clinical::delivery::AlarmKind;
use crate::engine::Because;
use crate::record::{
    AlarmRecord, DropReason, HostRecord, Missing, NetworkRecord, NoSession, SessionRecord,
};
use crate::time::{Duration, Time};

const PUMP: NodeId = NodeId(0);
const SERVER: NodeId = NodeId(1);

fn seconds(n: u64) -> Time {
    Time::ZERO + Duration::from_secs(n)
}

/// An event of this number at a node, caused by another (0: planned), a second after it was numbered.
fn event(trace: &mut Trace, number: u64, node: NodeId, parent: u64) {
    let lineage = Lineage {
        parent: EventId::from_number(parent),
        because: Because::default(),
        node,
        time: seconds(number),
        label: "event",
    };
    trace.events.insert(EventId::from_number(number), lineage);
}

fn record(trace: &mut Trace, number: u64, because: &[RecordId], what: LabRecord) -> RecordId {
    let event = EventId::from_number(number);
    let lineage = trace.events[&event];
    let id = RecordId(trace.entries.len() as u64 + 1);
    trace.entries.push(Entry {
        id,
        time: lineage.time,
        node: lineage.node,
        event,
        because: because.iter().copied().collect(),
        what,
    });
    id
}

/// A server is switched off; a pump's alarm is lost there, on a way of two events; nobody takes the alarm in time.
fn unheard_alarm() -> (Trace, RecordId) {
    let mut trace = Trace::default();
    event(&mut trace, 1, SERVER, 0);
    event(&mut trace, 2, PUMP, 0);
    event(&mut trace, 3, PUMP, 2);
    event(&mut trace, 4, SERVER, 3);
    event(&mut trace, 5, PUMP, 2);
    let off = record(&mut trace, 1, &[], LabRecord::Host(HostRecord::PoweredOff));
    let kind = AlarmKind::BagEmpty;
    let alarm = record(
        &mut trace,
        2,
        &[],
        LabRecord::Alarm(AlarmRecord::AlarmRaised { number: 1, kind }),
    );
    let (why, flow) = (DropReason::Off, None);
    record(
        &mut trace,
        4,
        &[off],
        LabRecord::Network(NetworkRecord::Dropped { why, flow }),
    );
    let (missing, after) = (Missing::AlarmTaken { number: 1 }, Duration::from_secs(3));
    let passed = LabRecord::Alarm(AlarmRecord::DeadlinePassed { missing, after });
    let passed = record(&mut trace, 5, &[alarm], passed);
    (trace, passed)
}

fn links(explanation: &Explanation) -> Vec<(u64, bool)> {
    let links = explanation.links.iter();
    links.map(|l| (l.event.number(), l.stop)).collect()
}

/// The way on which something got lost is no cause of its not coming; where it was lost, and why, is told.
#[test]
fn what_did_not_come_is_explained_by_what_stopped_it() {
    let (trace, passed) = unheard_alarm();
    let explained = links(&trace.explain(passed));
    assert_eq!(explained, [(1, false), (2, false), (4, true), (5, false)]);
}

/// A search that failed is no cause of there being no server; once one is found, it is why there was another search.
#[test]
fn a_search_in_vain_causes_the_next_search_and_no_absence() {
    let (mut trace, _) = unheard_alarm();
    let alarm = RecordId(2);
    event(&mut trace, 6, PUMP, 0);
    event(&mut trace, 7, PUMP, 6);
    event(&mut trace, 8, PUMP, 2);
    event(&mut trace, 9, PUMP, 0);
    let sought = record(
        &mut trace,
        6,
        &[],
        LabRecord::Session(SessionRecord::ServerSought),
    );
    let why = NoSession::Name;
    let unreached = record(
        &mut trace,
        7,
        &[],
        LabRecord::Session(SessionRecord::ServerUnreached { why }),
    );
    let (missing, after) = (Missing::AlarmAnswered { number: 1 }, Duration::from_secs(6));
    let passed = LabRecord::Alarm(AlarmRecord::DeadlinePassed { missing, after });
    let passed = record(&mut trace, 8, &[alarm, sought, unreached], passed);
    let absence = links(&trace.explain(passed));
    assert!(absence.contains(&(7, true)), "{absence:?}");
    assert!(!absence.iter().any(|(event, _)| *event == 6), "{absence:?}");
    let next = record(
        &mut trace,
        9,
        &[unreached],
        LabRecord::Session(SessionRecord::ServerSought),
    );
    assert_eq!(
        links(&trace.explain(next)),
        [(6, false), (7, false), (9, false)]
    );
}

/// A frame that went where it went because a neighbour was believed leads back to what taught that.
#[test]
fn what_an_event_needed_is_explained_with_it() {
    let (mut trace, _) = unheard_alarm();
    let taught = RecordId(1);
    let way = EventId::from_number(3);
    trace.events.get_mut(&way).unwrap().because.push(taught);
    let dropped = trace.explain(RecordId(3));
    assert!(links(&dropped).contains(&(1, false)));
    event(&mut trace, 6, PUMP, 3);
    let heard = record(&mut trace, 6, &[], LabRecord::Host(HostRecord::PoweredOn));
    assert_eq!(
        links(&trace.explain(heard)),
        [(1, false), (2, false), (3, false), (6, false)]
    );
}

/// What stops a step, and what undoes one that went well.
mod stopping {
    use super::super::*;
    use crate::crypto::CertificateFault;
    use crate::record::{LibraryRecord, SessionRecord};
    use crate::spec::ItemId;
    use crate::time::Time;

    const ATTACKER: NodeId = NodeId(0);

    fn entry(id: u64, event: u64, node: u32, because: &[u64], what: LabRecord) -> Entry<LabRecord> {
        Entry {
            id: RecordId(id),
            time: Time::ZERO,
            node: NodeId(node),
            event: EventId::from_number(event),
            because: because.iter().map(|id| RecordId(*id)).collect(),
            what,
        }
    }

    /// A trace with these records; of each event, its parent.
    fn trace(entries: Vec<Entry<LabRecord>>, parents: &[(u64, u64)]) -> Trace {
        let lineage = |&(event, parent): &(u64, u64)| {
            let lineage = Lineage {
                parent: EventId::from_number(parent),
                because: crate::engine::Because::default(),
                node: NodeId(9),
                time: Time::ZERO,
                label: "frame",
            };
            (EventId::from_number(event), lineage)
        };
        Trace {
            entries,
            events: parents.iter().map(lineage).collect(),
            nodes: Vec::new(),
        }
    }

    fn started() -> LabRecord {
        let technique = "read-file";
        LabRecord::Attack(AttackRecord::StepStarted { step: 0, technique })
    }

    fn ended() -> LabRecord {
        LabRecord::Attack(AttackRecord::StepEnded {
            step: 0,
            success: false,
            saw: "in no shell",
        })
    }

    fn refusal() -> LabRecord {
        LabRecord::Session(SessionRecord::SessionRefused {
            peer: crate::wire::Ip(1),
            fault: CertificateFault::Missing,
            item: ItemId(1),
        })
    }

    #[test]
    fn what_somebody_else_did_stops_a_step_that_ended_by_it() {
        let gone = LabRecord::Attack(AttackRecord::Learned {
            what: "that the shell is gone",
        });
        let entries = |because: &'static [u64]| {
            vec![
                entry(1, 1, 1, &[], refusal()),
                entry(2, 2, 0, &[], gone.clone()),
                entry(3, 3, 0, &[], started()),
                entry(4, 3, 0, because, ended()),
            ]
        };
        // Event 2 comes of event 1; event 3, the step's, of neither.
        let parents = [(1, 0), (2, 1), (3, 0)];
        let told = trace(entries(&[2]), &parents);
        assert_eq!(told.stopped_by(ATTACKER, 0), Some(RecordId(1)));
        let unrelated = trace(entries(&[]), &parents);
        assert_eq!(unrelated.stopped_by(ATTACKER, 0), None);
    }

    #[test]
    fn what_lay_waiting_until_it_was_refused_is_the_steps_doing() {
        let stored = LabRecord::Library(LibraryRecord::StoreRead { version: 2 });
        let entries = |because: &'static [u64]| {
            vec![
                entry(1, 1, 0, &[], started()),
                entry(2, 2, 1, &[], stored.clone()),
                entry(3, 3, 1, because, stored.clone()),
                entry(4, 4, 2, &[], refusal()),
            ]
        };
        // Event 2 comes of the step, event 4 of event 3, which took what event 2 left.
        let parents = [(1, 0), (2, 1), (3, 0), (4, 3)];
        let told = trace(entries(&[2]), &parents);
        assert_eq!(told.undone_by(ATTACKER), vec![RecordId(4)]);
        assert!(trace(entries(&[]), &parents).undone_by(ATTACKER).is_empty());
    }
}
