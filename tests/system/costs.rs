//! What handshakes cost decides how long they take: the pump's processor by its factor, the servers' by themselves.

use pumplab_scenarios::Library;
use pumplab_sim::engine::Budget;
use pumplab_sim::record::{LabRecord, SessionRecord, WirelessRecord};
use pumplab_sim::run::{Outcome, RunConfig, run};
use pumplab_sim::spec::{Costs, HandshakeSpec, LabSpec, PlaySpec, RoleSpec};
use pumplab_sim::time::{Duration, Time};
use pumplab_sim::wire::tls::TlsVersion;
use pumplab_sim::wire::tls_cost::{Handshake, KeyType};

/// Added to a flight's processor time.
const MORE: Duration = Duration::from_micros(100);

/// By how much what others say on the air may shift a frame.
const OTHERS: Duration = Duration::from_micros(500);

/// The ward under SP 1800-8 with one pump: nobody else is on the air, and nobody stands before it in a queue.
fn alone() -> LabSpec {
    let library = Library::embedded();
    let controls = library
        .controls(&library.choice("sp1800-8"))
        .expect("it is there");
    let mut lab = library
        .resolve_lab("ward", &controls, &[])
        .expect("it is right")
        .lab;
    let joins_by_certificate = |lab: &LabSpec| {
        let mut pumps = lab
            .pumps()
            .filter(|(h, p)| h.certificate.is_some() && p.tls_max == TlsVersion::V13);
        pumps
            .next()
            .map(|(h, _)| h.name.clone())
            .expect("a modern pump")
    };
    let one = joins_by_certificate(&lab);
    lab.hosts
        .retain(|h| h.name == one || !h.roles.iter().any(|r| matches!(r, RoleSpec::Pump(_))));
    for nurse in &mut lab.nurses {
        nurse.pumps.retain(|p| *p == one);
    }
    lab
}

fn go(lab: &LabSpec) -> Outcome {
    let play = PlaySpec {
        duration: Duration::from_mins(3),
        attackers: Vec::new(),
        events: Vec::new(),
    };
    let config = RunConfig {
        seed: 7,
        lab: lab.clone(),
        play,
        budget: Budget::default(),
        keep_trace: true,
    };
    run(&config).expect("it can be built")
}

/// How long the pump took to join, and when it had its session.
fn times(lab: &LabSpec) -> (Duration, Time) {
    let outcome = go(lab);
    let trace = outcome.trace.as_ref().expect("kept");
    let joined = trace.entries.iter().find_map(|e| match &e.what {
        LabRecord::Wireless(WirelessRecord::Joined { ssid, took, .. }) if ssid == "pump-eap" => {
            Some(*took)
        }
        _ => None,
    });
    let session = trace.entries.iter().find_map(|e| match &e.what {
        LabRecord::Session(SessionRecord::ServerSession {
            protected: true, ..
        }) => Some(e.time),
        _ => None,
    });
    (
        joined.expect("it joins"),
        session.expect("it has a session"),
    )
}

fn row(costs: &mut Costs, version: TlsVersion) -> &mut HandshakeSpec {
    let mut rows = costs.handshakes.iter_mut();
    rows.find(|r| (r.version, r.key, r.kind) == (version, KeyType::P256, Handshake::Mutual))
        .expect("it was measured")
}

fn factor(lab: &LabSpec) -> f64 {
    lab.pumps().next().expect("one").1.processor_factor
}

#[test]
fn a_dearer_handshake_delays_the_pump_by_just_so_much_times_its_factor() {
    let mut lab = alone();
    let (join, session) = times(&lab);
    let more = MORE.scaled(factor(&lab));
    row(&mut lab.costs, TlsVersion::V13).work.client_flight += MORE;
    assert_eq!(
        times(&lab),
        (join, session + more),
        "its session is by TLS 1.3"
    );
    row(&mut lab.costs, TlsVersion::V13).work.client_opening += MORE;
    assert_eq!(times(&lab), (join, session + more + more));
    row(&mut lab.costs, TlsVersion::V12).work.client_flight += MORE;
    assert_eq!(
        times(&lab),
        (join + more, session + more * 3),
        "its join is by TLS 1.2"
    );
}

#[test]
fn a_slower_pump_takes_its_times_longer() {
    let mut lab = alone();
    let (join, _) = times(&lab);
    let work = row(&mut lab.costs, TlsVersion::V12).work;
    let before = factor(&lab);
    for host in lab.pumps_mut() {
        for role in &mut host.roles {
            if let RoleSpec::Pump(pump) = role {
                pump.processor_factor = before + 100.0;
            }
        }
    }
    let computing =
        |factor: f64| work.client_opening.scaled(factor) + work.client_flight.scaled(factor);
    let expected = join + computing(before + 100.0) - computing(before);
    let took = times(&lab).0;
    // Each span is rounded to a nanosecond by itself.
    let apart = took.as_nanos().abs_diff(expected.as_nanos());
    assert!(apart <= 4, "{took} and {expected}");
}

#[test]
fn a_server_takes_its_own_time_unless_its_capacity_is_given() {
    let mut lab = alone();
    let (join, session) = times(&lab);
    let more = MORE * 100;
    row(&mut lab.costs, TlsVersion::V13).work.server_closing += more;
    let later = times(&lab);
    assert_eq!(later.0, join);
    assert!(
        later.1 - session > more - OTHERS,
        "{} after {session}",
        later.1
    );
    assert!(
        later.1 - session < more + OTHERS,
        "{} after {session}",
        later.1
    );
    row(&mut lab.costs, TlsVersion::V12).work.server_flight += more;
    let told = "the ward says how many authentications its server can do";
    assert_eq!(times(&lab).0, join, "{told}");
    for role in lab.hosts.iter_mut().flat_map(|h| &mut h.roles) {
        if let RoleSpec::Radius(radius) = role {
            radius.capacity_per_second = None;
        }
    }
    let (measured, _) = times(&lab);
    row(&mut lab.costs, TlsVersion::V12).work.server_flight += more;
    let took = times(&lab).0 - measured;
    assert!(took > more - OTHERS && took < more + OTHERS, "{took} more");
}

#[test]
fn longer_flights_take_longer_on_the_air() {
    let mut lab = alone();
    let (join, _) = times(&lab);
    row(&mut lab.costs, TlsVersion::V12).bytes.server_flight += 3000;
    let (longer, _) = times(&lab);
    assert!(longer > join, "{longer} for three more fragments");
}

#[test]
fn a_pump_that_never_ends_computing_infuses_on() {
    let mut lab = alone();
    // 0.1 s here is a minute there, and a server that waits for a first word waits no longer than 30 s.
    row(&mut lab.costs, TlsVersion::V13).work.client_flight = Duration::from_millis(100);
    let outcome = go(&lab);
    let trace = outcome.trace.as_ref().expect("kept");
    let sessions = trace.entries.iter().filter(|e| {
        matches!(
            e.what,
            LabRecord::Session(SessionRecord::ServerSession { .. })
        )
    });
    assert_eq!(
        sessions.count(),
        0,
        "it gives up before it has computed its flight"
    );
    assert!(
        outcome
            .violations
            .iter()
            .all(|v| v.property != "therapy-continuity")
    );
}
