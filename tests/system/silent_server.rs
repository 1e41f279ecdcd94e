//! A server that takes a pump's stream and never welcomes it.

use pumplab_sim::record::{LabRecord, NetworkRecord, SessionRecord};
use pumplab_sim::spec::RoleSpec;
use pumplab_tests::{Told, under};

#[test]
fn a_pump_that_is_never_welcomed_gives_the_stream_up_and_tries_again_while_it_infuses() {
    let mut cell = under("shift-change", "legacy", &[]);
    let mut port = 0;
    for host in &mut cell.lab.hosts {
        for role in &mut host.roles {
            if let RoleSpec::Pump(pump) = role
                && host.name == "pump-01"
            {
                "ehr".clone_into(&mut pump.server);
                port = pump.server_port;
            }
        }
    }
    let silent = cell
        .lab
        .host_mut("ehr")
        .expect("the ward has a health record");
    silent.roles.push(RoleSpec::Answering { port });
    let told = Told::of(cell);
    let trace = told.trace();
    let of = |name: &str, wanted: fn(&LabRecord) -> bool| -> Vec<f64> {
        let entries = trace.entries.iter();
        let here = entries.filter(|e| trace.nodes[e.node.index()] == name && wanted(&e.what));
        here.map(|e| e.time.as_secs_f64()).collect()
    };
    let opened = of("pump-01", |r| {
        matches!(r, LabRecord::Network(NetworkRecord::StreamOpened { .. }))
    });
    assert!(opened.len() > 20, "it tries again: {opened:?}");
    for pair in opened.windows(2) {
        let between = pair[1] - pair[0];
        assert!((30.0..200.0).contains(&between), "{between}");
    }
    let session =
        |r: &LabRecord| matches!(r, LabRecord::Session(SessionRecord::ServerSession { .. }));
    assert_eq!(of("pump-01", session), [0.0; 0]);
    assert_eq!(
        of("pump-02", session).len(),
        1,
        "the others have their server"
    );
    let broken = told.outcome.violations.iter();
    let pump = trace.nodes.iter().position(|n| n == "pump-01");
    let own = broken.filter(|v| Some(v.node.index()) == pump && v.property == "therapy-continuity");
    assert_eq!(own.count(), 0);
}
