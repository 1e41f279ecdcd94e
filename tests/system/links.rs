//! Links behind pump servers under TLS: orders from the health record, and the database.

use pumplab_sim::crypto::CertificateFault;
use pumplab_sim::record::{DeliveryChange, LabRecord, LibraryRecord, SessionRecord, TherapyRecord};
use pumplab_tests::{Told, under};

const GUARDED: &str = "ID-01+SRV-04";

/// An hour in which the health record sends one order for pump-04, and nobody attacks; with what `change` makes of the lab.
fn an_order(change: impl Fn(&mut pumplab_sim::spec::LabSpec)) -> Told {
    let mut cell = under("order-altered-behind-the-server", GUARDED, &[]);
    cell.play.attackers.clear();
    change(&mut cell.lab);
    Told::of(cell)
}

fn runs_the_order(told: &Told) -> bool {
    let ordered = |r: &LabRecord| {
        let LabRecord::Therapy(TherapyRecord::Delivery { change, .. }) = r else {
            return false;
        };
        matches!(change, DeliveryChange::Started { rate_ml_per_h } if *rate_ml_per_h == 20.0)
    };
    told.trace().entries.iter().any(|e| ordered(&e.what))
}

fn refused(told: &Told, why: CertificateFault) -> bool {
    let of = |r: &LabRecord| matches!(r, LabRecord::Session(SessionRecord::SessionRefused { fault, .. }) if *fault == why);
    told.trace().entries.iter().any(|e| of(&e.what))
}

#[test]
fn the_health_record_is_heard_and_nobody_with_another_name() {
    assert!(runs_the_order(&an_order(|_| {})));
    let other = an_order(|lab| {
        let ehr = lab.host_mut("ehr").expect("it is there");
        let certificate = ehr.certificate.as_mut().expect("ID-01 issued one");
        certificate.value.subject = "pump-01".to_owned();
    });
    assert!(!runs_the_order(&other));
    assert!(refused(&other, CertificateFault::WrongName));
}

#[test]
fn an_order_in_clear_is_none_where_the_link_is_guarded() {
    let told = an_order(|lab| lab.host_mut("ehr").expect("it is there").links = None);
    assert!(!runs_the_order(&told));
    assert!(refused(&told, CertificateFault::Missing));
}

#[test]
fn a_password_still_opens_a_database_that_proves_who_it_is() {
    let told = Told::of(under("library-altered-in-database", GUARDED, &[]));
    let written =
        |r: &LabRecord| matches!(r, LabRecord::Library(LibraryRecord::StoreWritten { .. }));
    assert!(told.trace().entries.iter().any(|e| written(&e.what)));
    let loaded =
        |r: &LabRecord| matches!(r, LabRecord::Library(LibraryRecord::LibraryLoaded { .. }));
    assert!(
        told.trace().entries.iter().any(|e| loaded(&e.what)),
        "the server reads on under TLS"
    );
}

#[test]
fn a_database_with_another_name_gets_no_password() {
    let mut cell = under("library-altered-in-database", GUARDED, &[]);
    cell.play.attackers.clear();
    let database = cell.lab.host_mut("pump-db").expect("it is there");
    let certificate = database.certificate.as_mut().expect("ID-01 issued one");
    certificate.value.subject = "someone".to_owned();
    let told = Told::of(cell);
    assert!(refused(&told, CertificateFault::WrongName));
    let trace = told.trace();
    let named = |e: &&pumplab_sim::engine::Entry<LabRecord>| {
        trace.nodes[e.node.index()] == "pump-db"
            && matches!(e.what, LabRecord::Session(SessionRecord::LoggedIn { .. }))
    };
    assert_eq!(trace.entries.iter().filter(named).count(), 0);
}
