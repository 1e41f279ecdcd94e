//! What the controls around pump servers put where.

use super::reach::tcp;
use super::*;
use crate::spec::{
    FileContentSpec, LibraryCheckSpec, PumpServerSpec, ReleaseSpec, Right, RoleSpec, StaffRole,
};

fn server<'a>(lab: &'a LabSpec, name: &str) -> &'a PumpServerSpec {
    let role = host(lab, name).roles.iter().find_map(|r| match r {
        RoleSpec::PumpServer(s) => Some(s),
        _ => None,
    });
    role.unwrap_or_else(|| panic!("{name} is no pump server"))
}

fn release(lab: &LabSpec) -> &ReleaseSpec {
    let portal = server(lab, "server-a").portal.as_ref();
    &portal.expect("a portal").release.value
}

#[test]
fn the_key_of_libraries_moves_from_the_server_to_the_approver() {
    let (signing, _, _) = lab_with(&["DEV-07"]);
    let at_server = server(&signing, "server-a").signs_with.as_ref();
    let key = at_server.map(|k| k.value.clone());
    assert!(key.is_some(), "the server signs by itself");
    assert_eq!(release(&signing), &ReleaseSpec::OneStep);

    let (approved, ink, _) = lab_with(&["DEV-07", "SRV-05"]);
    assert_eq!(server(&approved, "server-a").signs_with, None);
    assert_eq!(
        release(&approved),
        &ReleaseSpec::Approved {
            signed_by: key.clone()
        }
    );
    let key = key.unwrap_or_default();
    let stone = ink.tombstone("server-a", &Removed::Key(key.clone()));
    assert_eq!(
        stone.and_then(|t| t.control.as_deref()),
        Some("SRV-05"),
        "what is gone says who took it"
    );
    // Pumps go on checking against the same key.
    let checks = approved.pumps().filter(|(_, p)| {
        p.library_check.value
            == LibraryCheckSpec::Signature {
                authority: key.clone(),
            }
    });
    assert!(checks.count() > 0);
}

#[test]
fn a_workflow_without_signatures_signs_nothing() {
    let (lab, _, _) = lab_with(&["SRV-05"]);
    assert_eq!(release(&lab), &ReleaseSpec::Approved { signed_by: None });
}

#[test]
fn server_and_database_share_the_new_secret() {
    let (lab, _, _) = lab_with(&["SRV-08", "ID-05"]);
    let store = server(&lab, "server-a").store.as_ref().expect("a store");
    let account = &host(&lab, "db").accounts[0].value;
    assert_eq!(store.password.value, account.password);
    assert_ne!(account.password, "built in");
    assert!(store.encrypted.value);
    // A password that is built in cannot be changed by a policy about staff.
    let (lab, _, _) = lab_with(&["ID-05"]);
    assert_eq!(host(&lab, "db").accounts[0].value.password, "built in");
}

#[test]
fn the_directory_takes_the_place_of_local_accounts() {
    let (lab, ink, _) = lab_with(&["ID-04"]);
    let portal = server(&lab, "server-a").portal.as_ref().expect("a portal");
    assert_eq!(
        portal.directory.as_ref().map(|d| d.value.as_str()),
        Some("people")
    );
    assert!(host(&lab, "server-a").accounts.is_empty());
    let users: Vec<&str> = host(&lab, "people")
        .accounts
        .iter()
        .map(|a| a.value.user.as_str())
        .collect();
    assert_eq!(users, ["pharmacist", "reviewer"], "nobody who has left");
    assert!(
        ink.tombstone("people", &Removed::Account("left".to_owned()))
            .is_some()
    );
    let may = |role, right| {
        let mut rights = portal.rights.value.iter();
        rights.any(|r| r.role == role && r.rights.contains(&right))
    };
    assert!(may(StaffRole::Pharmacist, Right::Publish));
    assert!(!may(StaffRole::Pharmacist, Right::Approve));
    assert!(!may(StaffRole::Administrator, Right::Publish));
    assert!(!may(StaffRole::Biomed, Right::Records));
}

#[test]
fn databases_take_pump_servers_and_brokers_reach_what_they_look_after() {
    let (lab, _, _) = lab_with(&["NET-01", "NET-02", "NET-04", "ID-04"]);
    assert!(tcp(&lab, "server-a", "db", 1433));
    assert!(!tcp(&lab, "clerk", "db", 1433));
    assert!(!tcp(&lab, "pharmacy", "db", 1433));
    assert!(!tcp(&lab, "engineer", "server-a", 22));
    assert!(tcp(&lab, "engineer", "landing", 443));
    assert!(tcp(&lab, "landing", "server-a", 22));
    assert!(!tcp(&lab, "landing", "db", 1433));
    assert!(tcp(&lab, "server-a", "people", 636));
    assert!(!tcp(&lab, "clerk", "people", 636));
    let (lab, _, _) = lab_with(&["NET-01", "NET-02"]);
    assert!(
        !tcp(&lab, "server-a", "people", 636),
        "nobody asks the directory, so nobody may"
    );
}

#[test]
fn logs_lose_their_patients_and_devices_that_left_keep_them() {
    let (lab, _, _) = lab_with(&["SRV-09"]);
    let records = |name: &str| {
        let mut files = host(&lab, name).files.iter();
        files.any(|f| matches!(f.value.content, FileContentSpec::Records { .. }))
    };
    assert!(!records("pump-a1") && !records("server-a"));
    let store = server(&lab, "server-a").store.as_ref().expect("a store");
    assert!(!store.identified.value);
}

#[test]
fn links_behind_servers_are_guarded_at_both_ends_or_at_none() {
    let guarded = |controls: &[&str]| -> Vec<String> {
        let (lab, _, _) = lab_with(controls);
        let on = lab.hosts.iter().filter(|h| h.links.is_some());
        on.map(|h| h.name.clone()).collect()
    };
    assert_eq!(
        guarded(&["ID-01", "SRV-04"]),
        ["ehr", "db", "server-a", "server-b"]
    );
    let nobody: [&str; 0] = [];
    assert_eq!(guarded(&["SRV-04"]), nobody, "nobody has a certificate");
    assert_eq!(guarded(&["ID-01"]), nobody);
}
