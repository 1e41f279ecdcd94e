//! Who is let onto the network, and what it costs to be strict.

use pumplab_sim::crypto::CertificateFault;
use pumplab_sim::record::{JoinFault, LabRecord};
use pumplab_sim::spec::RoleSpec;
use pumplab_sim::time::{Duration, Time};
use pumplab_tests::{Told, collection_cells, under};

/// Faults for which the authentication server refused stations from this time on.
fn refusals(told: &Told, from: Time) -> Vec<CertificateFault> {
    let later = told.trace().entries.iter().filter(|e| e.time >= from);
    later
        .filter_map(|e| match e.what {
            LabRecord::StationRefused {
                why: JoinFault::CertificateRefused(fault),
                ..
            } => Some(fault),
            _ => None,
        })
        .collect()
}

#[test]
fn hard_fail_shuts_pumps_out_where_soft_fail_lets_them_in() {
    let hard = under("revocation-hard-fail", "sp1800-8", &[]);
    let mut soft = under("revocation-hard-fail", "sp1800-8", &[]);
    for role in soft.lab.hosts.iter_mut().flat_map(|h| &mut h.roles) {
        if let RoleSpec::Radius(radius) = role {
            let checking = radius.revocation.as_mut().expect("ID-02 checks");
            assert!(checking.value.hard_fail);
            checking.value.hard_fail = false;
        }
    }
    let (hard, soft) = (Told::of(hard), Told::of(soft));
    let after = Time::ZERO + Duration::from_mins(60);
    let faults = refusals(&hard, after);
    assert!(faults.len() >= 4);
    assert!(faults.iter().all(|f| *f == CertificateFault::StatusUnknown));
    assert_eq!(refusals(&soft, Time::ZERO), []);
    let joined = |told: &Told| {
        let until = Time::ZERO + Duration::from_mins(100);
        let entries = told.trace().entries.iter();
        let back = entries.filter(|e| (after..until).contains(&e.time));
        back.filter(|e| matches!(e.what, LabRecord::Joined { .. }))
            .count()
    };
    assert_eq!(joined(&hard), 0);
    assert!(joined(&soft) >= 4);
    for told in [&hard, &soft] {
        let broken = told.outcome.violations.iter();
        assert_eq!(
            broken
                .filter(|v| v.property == "therapy-continuity")
                .count(),
            0
        );
    }
}

#[test]
fn a_station_is_refused_for_what_is_wrong_with_its_certificate() {
    let cases = [
        ("wip-5d-no-certificate", CertificateFault::Missing),
        (
            "wip-5e-certificate-of-another-authority",
            CertificateFault::UnknownIssuer,
        ),
    ];
    for (scenario, fault) in cases {
        let own = |c: &pumplab::execute::Cell| {
            c.scenario == scenario && c.variant != pumplab::verdict::Variant::Contrast
        };
        let cell = collection_cells().into_iter().find(own);
        let told = Told::of(cell.expect("the collection has it"));
        let faults = refusals(&told, Time::ZERO);
        assert!(!faults.is_empty(), "{scenario}");
        assert!(faults.iter().all(|f| *f == fault), "{scenario}: {faults:?}");
    }
}
