//! The library that comes with pumplab.

use pumplab_scenarios::{Diagnostics, Kind, Library};
use pumplab_sim::spec::{AddressSpec, LabSpec, LinkSpec, RoleSpec};
use std::path::Path;

fn right<T>(result: Result<T, Diagnostics>) -> T {
    match result {
        Ok(value) => value,
        Err(wrong) => panic!("{wrong}"),
    }
}

#[test]
fn every_file_is_embedded() {
    let library = Library::embedded();
    for kind in Kind::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(kind.folder());
        let mut there: Vec<String> = std::fs::read_dir(&folder)
            .expect("the folder is there")
            .map(|e| e.expect("an entry").path())
            .filter(|p| p.extension().is_some_and(|e| e == "toml"))
            .map(|p| {
                p.file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        there.sort();
        assert_eq!(
            library.names(kind),
            there,
            "list the files of {} in embedded.rs",
            kind.folder()
        );
    }
}

#[test]
fn every_file_is_right() {
    let library = Library::embedded();
    for kind in Kind::ALL {
        for name in library.names(kind) {
            let text = library.text(kind, &name).expect("it is listed");
            right(library.check(kind, &name, text));
        }
    }
}

#[test]
fn every_scenario_resolves_under_every_defence() {
    let library = Library::embedded();
    for name in library.scenario_names() {
        let scenario = right(library.load_scenario(&name));
        right(scenario.resolve(&library, None, &[]));
        for defence in library.defence_names() {
            let resolved = right(scenario.resolve(&library, Some(&defence), &[]));
            assert_eq!(
                resolved.controls.len(),
                right(library.defence(&defence)).controls.len()
            );
            consistent(&resolved.lab);
        }
        let contrast = right(scenario.resolve_contrast(&library));
        assert_eq!(contrast.is_some(), !scenario.attackers.is_empty(), "{name}");
    }
}

/// What a simulation is built from must hold together.
fn consistent(lab: &LabSpec) {
    for host in &lab.hosts {
        assert!(lab.zone(&host.zone).is_some(), "{} is in a zone", host.name);
        match &host.link {
            LinkSpec::None => assert_eq!(host.address, AddressSpec::None),
            _ => {
                let segment = lab
                    .segment_of(host)
                    .expect("an attached host has a segment");
                let ip = host.address.ip().expect("an attached host has an address");
                assert!(
                    segment.prefix.contains(ip),
                    "{} at {ip} sits on {}",
                    host.name,
                    segment.prefix
                );
            }
        }
    }
}

#[test]
fn the_ward_is_the_one_that_was_asked_for() {
    let lab = right(Library::embedded().lab("ward")).spec;
    let profile = |name: &str| lab.pumps().filter(|(_, p)| p.profile == name).count();
    assert_eq!(profile("modern-lvp"), 6);
    assert_eq!(profile("legacy-psk"), 3);
    assert_eq!(profile("open-maintenance"), 3);
    assert_eq!(lab.access_points.len(), 3);
    assert_eq!(lab.segments.len(), 2, "flat and external");
    assert!(lab.routers[0].rules.is_empty());
    assert_eq!(lab.nurses.iter().map(|n| n.pumps.len()).sum::<usize>(), 12);
    let servers = lab
        .hosts
        .iter()
        .filter(|h| h.roles.iter().any(|r| matches!(r, RoleSpec::PumpServer(_))));
    assert_eq!(servers.count(), 2);
    consistent(&lab);
}
