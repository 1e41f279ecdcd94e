//! Leases run out, are renewed, and are refused when a pool is empty; infusions do not mind.

use pumplab_sim::engine::Entry;
use pumplab_sim::record::{
    DeliveryChange, LabRecord, MonitoringRecord, NetworkRecord, TherapyRecord,
};
use pumplab_sim::time::{Duration, Time};
use pumplab_tests::{Told, under};

/// Times at which a node told something.
fn times(told: &Told, node: &str, wanted: impl Fn(&LabRecord) -> bool) -> Vec<Time> {
    let trace = told.trace();
    let of = |e: &&_| {
        let e: &Entry<LabRecord> = e;
        trace.nodes[e.node.index()] == node && wanted(&e.what)
    };
    trace.entries.iter().filter(of).map(|e| e.time).collect()
}

const fn renewed(r: &LabRecord) -> bool {
    matches!(r, LabRecord::Network(NetworkRecord::LeaseRenewed { .. }))
}

const fn lost(r: &LabRecord) -> bool {
    matches!(r, LabRecord::Network(NetworkRecord::LeaseLost { .. }))
}

const fn bound(r: &LabRecord) -> bool {
    matches!(r, LabRecord::Network(NetworkRecord::AddressBound { .. }))
}

#[test]
fn a_pump_renews_at_half_of_its_lease_whatever_firewalls_stand_between() {
    for defence in ["legacy", "sp1800-8", "sp1800-8-plus"] {
        let told = Told::of(under("dhcp-pool-exhausted", defence, &[]));
        let renewals = times(&told, "pump-01", renewed);
        // Seven in two hours: any other number and the client renews too early, or its requests are lost.
        assert_eq!(renewals.len(), 7, "{defence}: {renewals:?}");
        for pair in renewals.windows(2) {
            let between = (pair[1] - pair[0]).as_secs_f64();
            assert!((between - 900.0).abs() < 1.0, "{defence}: {between}");
        }
        assert_eq!(times(&told, "pump-01", lost), [], "{defence}");
    }
}

#[test]
fn a_pump_without_an_address_infuses_and_asks_ever_more_rarely() {
    let told = Told::of(under("dhcp-pool-exhausted", "legacy", &[]));
    let hour = Time::ZERO + Duration::from_hours(1);
    assert!(times(&told, "pump-04", bound).iter().all(|at| *at < hour));
    let started = |r: &LabRecord| {
        matches!(
            r,
            LabRecord::Therapy(TherapyRecord::Delivery {
                change: DeliveryChange::Started { .. },
                ..
            })
        )
    };
    assert!(!times(&told, "pump-04", started).is_empty());
    assert_eq!(told.outcome.violations, []);
    assert!(told.outcome.metrics["pumps-offline"] > 0.0);

    let mac = pumplab_sim::wire::Mac::of("pump-04");
    let refused = |r: &LabRecord| matches!(r, LabRecord::Network(NetworkRecord::LeaseRefused { client, pool, .. }) if *client == mac && *pool == 16);
    let asked = times(&told, "dhcp", refused);
    let waits: Vec<f64> = asked
        .windows(2)
        .map(|p| (p[1] - p[0]).as_secs_f64())
        .collect();
    for (wait, expected) in waits.iter().zip([4.0, 8.0, 16.0, 32.0, 64.0, 64.0, 64.0]) {
        assert!((wait - expected).abs() <= 1.001, "{waits:?}");
    }
    assert!(
        waits.iter().any(|w| w.fract() > 0.001),
        "no two clients in step"
    );
}

#[test]
fn an_address_that_nobody_else_needed_is_given_back_after_its_lease() {
    let told = Told::of(under("dhcp-pool-exhausted", "sp1800-8", &[]));
    let trace = told.trace();
    let own: Vec<_> = trace
        .entries
        .iter()
        .filter(|e| trace.nodes[e.node.index()] == "pump-04")
        .filter_map(|e| match e.what {
            LabRecord::Network(NetworkRecord::AddressBound { ip, .. }) => Some(ip),
            _ => None,
        })
        .collect();
    assert_eq!(own.len(), 2);
    assert_eq!(own[0], own[1]);
}

#[test]
fn a_starved_pool_says_so_in_its_log_and_those_who_have_a_lease_keep_it() {
    let told = Told::of(under("starved-of-leases", "NET-01+OPS-03", &[]));
    let trace = told.trace();
    let alert = |e: &&_| {
        let e: &Entry<LabRecord> = e;
        matches!(&e.what, LabRecord::Monitoring(MonitoringRecord::Alert { about, .. }) if about.contains("empty pool"))
    };
    assert!(trace.entries.iter().any(|e| alert(&e)));
    let refused = |e: &&Entry<LabRecord>| {
        matches!(
            e.what,
            LabRecord::Network(NetworkRecord::LeaseRefused { pool: 16, .. })
        )
    };
    let first = trace
        .entries
        .iter()
        .find(refused)
        .expect("the pool is empty");
    assert!(
        first.because.len() >= 13,
        "those who hold the addresses are its causes"
    );
    for pump in ["pump-01", "pump-02", "pump-03"] {
        assert_eq!(times(&told, pump, lost), [], "{pump}");
    }
}

#[test]
fn forging_the_sender_too_does_not_get_past_the_count_of_clients_on_a_port() {
    let mut cell = under("starved-of-leases", "NET-01+NET-10", &[]);
    let forged = pumplab_sim::spec::ParamValue::Text("forged".to_owned());
    for step in cell.play.attackers.iter_mut().flat_map(|a| &mut a.steps) {
        step.with.insert("sender".to_owned(), forged.clone());
    }
    let told = Told::of(cell);
    let pump = times(&told, "pump-04", bound);
    assert_eq!(pump.len(), 2, "the pump comes back to an address");
}
