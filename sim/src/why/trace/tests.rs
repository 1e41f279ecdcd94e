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
    let id = RecordId::from_number(trace.entries.len() as u64 + 1);
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
    let alarm = RecordId::from_number(2);
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
    let taught = RecordId::from_number(1);
    let way = EventId::from_number(3);
    trace.events.get_mut(&way).unwrap().because.push(taught);
    let dropped = trace.explain(RecordId::from_number(3));
    assert!(links(&dropped).contains(&(1, false)));
    event(&mut trace, 6, PUMP, 3);
    let heard = record(&mut trace, 6, &[], LabRecord::Host(HostRecord::PoweredOn));
    assert_eq!(
        links(&trace.explain(heard)),
        [(1, false), (2, false), (3, false), (6, false)]
    );
}

/// Two streams of one host to one port, the second asked for by a timer that the first one's event set. A rule drops the first; nothing answers the
/// second. What is lost was stopped by the drops of what it sent itself, and of nothing that another stream sent.
#[test]
fn a_lost_stream_was_stopped_by_what_became_of_its_own_sending() {
    let mut trace = Trace::default();
    let (first, second) = (1, 3);
    event(&mut trace, first, PUMP, 0);
    event(&mut trace, 2, SERVER, first);
    event(&mut trace, second, PUMP, first);
    event(&mut trace, 4, SERVER, second);
    let again = |trace: &mut Trace, number, of| {
        event(trace, number, PUMP, of);
        let row = trace.events.get_mut(&EventId::from_number(number));
        row.unwrap().label = "network-timer";
    };
    // Each is sent once more before it is given up.
    again(&mut trace, 5, first);
    event(&mut trace, 6, SERVER, 5);
    again(&mut trace, 7, second);
    again(&mut trace, 8, first);
    again(&mut trace, 9, second);
    let asked = trace.events.get_mut(&EventId::from_number(second));
    asked.unwrap().label = "timer";
    let (peer, port) = (crate::wire::Ip(9), 80);
    let flow = crate::record::Flow {
        src: crate::wire::Ip(1),
        dst: peer,
        stream: true,
        port,
    };
    let dropped = |trace: &mut Trace, number| {
        let why = DropReason::DefaultDeny(crate::spec::ItemId(1));
        let flow = Some(flow);
        record(
            trace,
            number,
            &[],
            LabRecord::Network(NetworkRecord::Dropped { why, flow }),
        )
    };
    let refused = false;
    let lost = |trace: &mut Trace, number| {
        let lost = LabRecord::Network(NetworkRecord::StreamLost {
            peer,
            port,
            refused,
        });
        record(trace, number, &[], lost)
    };
    let dropped = [dropped(&mut trace, 2), dropped(&mut trace, 6)];
    let (first, second) = (lost(&mut trace, 8), lost(&mut trace, 9));
    let stops = Stops::of(&trace);
    let stopped = |id| -> Vec<RecordId> {
        let lost = trace.record(id).unwrap();
        stops.before(lost).iter().map(|e| e.id).collect()
    };
    assert_eq!(stopped(first), dropped);
    assert_eq!(stopped(second), []);
    // The other way round: what the timer sent later is below the first one's event, and still not of its sending.
    let mut later = trace.clone();
    for (position, event) in [(0, 4), (1, 7)] {
        later.entries[position].event = EventId::from_number(event);
    }
    let stops = Stops::of(&later);
    let stopped = |id| stops.before(later.record(id).unwrap()).len();
    assert_eq!((stopped(first), stopped(second)), (0, 2));
}
