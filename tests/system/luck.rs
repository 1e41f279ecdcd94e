//! Luck belongs to nodes and purposes: who else is there, and who draws first, shifts nobody's.

use pumplab_sim::record::LabRecord;
use pumplab_sim::run::{Outcome, RunConfig, run};
use pumplab_sim::spec::{AddressSpec, HostSpec, LinkSpec};
use pumplab_sim::time::Time;
use pumplab_tests::{config, in_parallel, library_cells};
use std::mem::discriminant;

/// A host that is connected to nothing, before all others.
fn with_a_bystander(config: &RunConfig) -> RunConfig {
    let mut config = config.clone();
    let bystander = HostSpec {
        name: "bystander".to_owned(),
        address: AddressSpec::None,
        link: LinkSpec::None,
        roles: Vec::new(),
        services: Vec::new(),
        accounts: Vec::new(),
        files: Vec::new(),
        weaknesses: Vec::new(),
        certificate: None,
        links: None,
        ..config.lab.hosts[0].clone()
    };
    config.lab.hosts.insert(0, bystander);
    config
}

/// What happened when and to whom, by name: numbers of nodes differ between labs.
fn story(outcome: &Outcome) -> Vec<(Time, String, std::mem::Discriminant<LabRecord>)> {
    let trace = outcome.trace.as_ref().expect("kept");
    let entries = trace.entries.iter();
    let told = entries.map(|e| (e.time, trace.name(e.node).to_owned(), discriminant(&e.what)));
    told.filter(|(_, name, _)| name != "bystander").collect()
}

#[test]
fn a_bystander_changes_nothing_for_others() {
    in_parallel(library_cells(), |cell| {
        let config = config(&cell, true);
        let alone = run(&config).expect("it runs");
        let watched = run(&with_a_bystander(&config)).expect("it runs");
        let (a, b) = (story(&alone), story(&watched));
        let first = a.iter().zip(&b).position(|(a, b)| a != b);
        if let Some(n) = first {
            panic!(
                "{}: record {n} differs: {:?} and {:?}",
                cell.name(),
                a[n],
                b[n]
            );
        }
        assert_eq!(a.len(), b.len(), "{}", cell.name());
        assert_eq!(alone.metrics.len(), watched.metrics.len());
    });
}
