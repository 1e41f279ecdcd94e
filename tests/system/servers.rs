//! Servers and people behind the pumps, as the house uses them: no attacker here.

use pumplab_sim::record::{LabRecord, LibraryRecord, MonitoringRecord, SessionRecord};
use pumplab_sim::spec::{EventSpec, HappeningSpec};
use pumplab_sim::time::Duration;
use pumplab_tests::{Told, under};

/// The ward for two hours under these controls, with what happens in which minute.
fn ward(controls: &str, events: Vec<(u64, HappeningSpec)>) -> Told {
    let mut cell = under("stolen-vendor-password", controls, &[]);
    cell.play.attackers.clear();
    cell.play.duration = Duration::from_hours(2);
    let event = |(mins, what)| EventSpec {
        at: Duration::from_mins(mins),
        what,
    };
    cell.play.events = events.into_iter().map(event).collect();
    Told::of(cell)
}

fn count(told: &Told, node: &str, wanted: impl Fn(&LabRecord) -> bool) -> usize {
    let trace = told.trace();
    let of_node = trace.entries.iter();
    let of_node = of_node.filter(|e| trace.nodes[e.node.index()] == node);
    of_node.filter(|e| wanted(&e.what)).count()
}

fn visit() -> HappeningSpec {
    HappeningSpec::VendorVisit {
        host: "vendor-laptop".to_owned(),
    }
}

fn approve(user: &str, lasts: Duration) -> HappeningSpec {
    HappeningSpec::ApproveVendor {
        broker: "broker".to_owned(),
        user: user.to_owned(),
        lasts,
    }
}

fn release() -> HappeningSpec {
    HappeningSpec::PublishLibrary {
        server: "pumpserver-a".to_owned(),
        version: 2,
    }
}

fn off(node: &str) -> HappeningSpec {
    HappeningSpec::PowerOff {
        node: node.to_owned(),
    }
}

fn on(node: &str) -> HappeningSpec {
    HappeningSpec::PowerOn {
        node: node.to_owned(),
    }
}

const BROKERED: &str = "NET-01+NET-02+NET-04+ID-06+ID-07";

#[test]
fn an_honest_engineer_gets_in_while_the_visit_is_approved_and_not_otherwise() {
    let half = Duration::from_mins(30);
    let visits = |user| {
        let told = ward(
            BROKERED,
            vec![
                (10, visit()),
                (30, approve(user, half)),
                (40, visit()),
                (70, visit()),
            ],
        );
        let refused = count(&told, "broker", |r| {
            matches!(r, LabRecord::Session(SessionRecord::LoginRefused { .. }))
        });
        (told.outcome.metrics["vendor-visits"], refused)
    };
    assert_eq!(visits("maker-a"), (1.0, 2));
    assert_eq!(visits("maker-b"), (0.0, 3), "an approval is for one user");
}

#[test]
fn without_the_directory_nobody_releases_a_library_and_with_it_again_they_do() {
    let released = |events| ward("ID-04", events).outcome.metrics["libraries-released"];
    assert_eq!(released(vec![(20, release())]), 1.0);
    let gone = vec![(10, off("directory")), (20, release())];
    assert_eq!(released(gone), 0.0);
    let back = vec![
        (10, off("directory")),
        (30, on("directory")),
        (60, release()),
    ];
    assert_eq!(released(back), 1.0);
}

#[test]
fn a_server_finds_its_database_again() {
    let told = ward(
        "ID-01+SRV-04",
        vec![(10, off("pump-db")), (20, on("pump-db"))],
    );
    let logins = count(&told, "pump-db", |r| {
        matches!(r, LabRecord::Session(SessionRecord::LoggedIn { .. }))
    });
    assert_eq!(logins, 4, "two servers, twice each");
}

#[test]
fn a_release_while_the_database_is_away_is_stored_when_it_is_back() {
    let told = ward(
        "SRV-03",
        vec![(10, off("pump-db")), (15, release()), (30, on("pump-db"))],
    );
    let stored = |r: &LabRecord| {
        matches!(
            r,
            LabRecord::Library(LibraryRecord::StoreWritten { version: 2, .. })
        )
    };
    assert_eq!(count(&told, "pump-db", stored), 1);
    // What the monitor then finds in the store is what was released.
    let alerts = count(&told, "pumpserver-a", |r| {
        matches!(r, LabRecord::Monitoring(MonitoringRecord::Alert { .. }))
    });
    assert_eq!(alerts, 0);
}
