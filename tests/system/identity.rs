//! Who is let onto the network, and what it costs to be strict.

use pumplab_sim::crypto::CertificateFault;
use pumplab_sim::record::{JoinFault, LabRecord, WirelessRecord};
use pumplab_sim::spec::{EventSpec, HappeningSpec, RadiusSpec, RoleSpec};
use pumplab_sim::time::{Duration, Time};
use pumplab_sim::wire::Mac;
use pumplab_tests::{Told, collection_cells, under};

/// Faults for which the authentication server refused stations from this time on.
fn refusals(told: &Told, from: Time) -> Vec<CertificateFault> {
    let later = told.trace().entries.iter().filter(|e| e.time >= from);
    later
        .filter_map(|e| match e.what {
            LabRecord::Wireless(WirelessRecord::StationRefused {
                why: JoinFault::CertificateRefused(fault),
                ..
            }) => Some(fault),
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
        back.filter(|e| matches!(e.what, LabRecord::Wireless(WirelessRecord::Joined { .. })))
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
        let own = |c: &pumplab::cell::Cell| {
            c.scenario == scenario && c.variant != pumplab::verdict::Variant::Contrast
        };
        let cell = collection_cells().into_iter().find(own);
        let told = Told::of(cell.expect("the collection has it"));
        let faults = refusals(&told, Time::ZERO);
        assert!(!faults.is_empty(), "{scenario}");
        assert!(faults.iter().all(|f| *f == fault), "{scenario}: {faults:?}");
    }
}

/// What the authentication server of the lab `ward` answers to pump-05, whose certificate is revoked in the 10th minute: let in, by a session
/// or not, or refused for a fault. Sessions of stations end every half hour; the list is fetched every ten minutes.
fn revoked(
    cache: Option<Duration>,
    change: impl Fn(&mut RadiusSpec),
) -> Vec<(Time, Result<bool, CertificateFault>)> {
    let mut cell = under("resumed-after-revocation", "sp1800-8", &[]);
    cell.play
        .events
        .retain(|e| matches!(e.what, HappeningSpec::RevokeCertificate { .. }));
    cell.play.duration = Duration::from_mins(150);
    for role in cell.lab.hosts.iter_mut().flat_map(|h| &mut h.roles) {
        if let RoleSpec::Radius(radius) = role {
            radius.session_cache = cache;
            radius.session_timeout = Duration::from_mins(30);
            let checking = radius.revocation.as_mut().expect("ID-02 checks");
            checking.value.refresh = Duration::from_mins(10);
            change(radius);
        }
    }
    answers(&Told::of(cell))
}

fn answers(told: &Told) -> Vec<(Time, Result<bool, CertificateFault>)> {
    let own = Mac::of("pump-05");
    let of = |e: &pumplab_sim::engine::Entry<LabRecord>| match e.what {
        LabRecord::Wireless(WirelessRecord::StationAdmitted { station, login })
            if station == own =>
        {
            Some((e.time, Ok(login.resumed)))
        }
        LabRecord::Wireless(WirelessRecord::StationRefused {
            station,
            why: JoinFault::CertificateRefused(fault),
            ..
        }) if station == own => Some((e.time, Err(fault))),
        _ => None,
    };
    told.trace().entries.iter().filter_map(of).collect()
}

fn after(
    minutes: u64,
    answers: &[(Time, Result<bool, CertificateFault>)],
) -> Vec<Result<bool, CertificateFault>> {
    let from = Time::ZERO + Duration::from_mins(minutes);
    answers
        .iter()
        .filter(|a| a.0 >= from)
        .map(|a| a.1)
        .collect()
}

#[test]
fn a_revoked_certificate_is_let_in_for_as_long_as_its_session_is_kept() {
    const REVOKED: Result<bool, CertificateFault> = Err(CertificateFault::Revoked);
    let without = revoked(None, |_| {});
    assert_eq!(without[0].1, Ok(false));
    let refused = after(1, &without);
    assert!(
        !refused.is_empty() && refused.iter().all(|a| *a == REVOKED),
        "{without:?}"
    );
    let day = revoked(Some(Duration::from_hours(24)), |_| {});
    assert_eq!(after(1, &day), [Ok(true); 4], "{day:?}");
    // Counted from the full login in the first minute: sessions that are resumed do not live longer for it.
    let short = revoked(Some(Duration::from_mins(75)), |_| {});
    let later = after(1, &short);
    assert_eq!(later[..2], [Ok(true); 2], "{short:?}");
    assert!(
        later[2..].iter().all(|a| *a == REVOKED) && later.len() > 2,
        "{short:?}"
    );
}

#[test]
fn who_is_thrown_off_comes_back_by_the_session_that_is_kept() {
    let told = revoked(Some(Duration::from_hours(24)), |radius| {
        let checking = radius.revocation.as_mut().expect("ID-02 checks");
        checking.value.disconnect = true;
    });
    let back = after(1, &told);
    // It is thrown off with each list that names it, and when its time is over, and is let in again each time.
    assert!(
        back.len() > 8 && back.iter().all(|a| *a == Ok(true)),
        "{told:?}"
    );
}

#[test]
fn kept_sessions_survive_a_restart_of_the_server_and_not_one_of_the_pump() {
    let restart = |node: &str| {
        let mut cell = under("resumed-after-revocation", "sp1800-8", &[]);
        let keep = |e: &EventSpec| e.at < Duration::from_mins(20);
        cell.play.events.retain(keep);
        for (minute, on) in [(65, false), (66, true)] {
            let node = node.to_owned();
            let what = if on {
                HappeningSpec::PowerOn { node }
            } else {
                HappeningSpec::PowerOff { node }
            };
            let at = Duration::from_mins(minute);
            cell.play.events.push(EventSpec { at, what });
        }
        for role in cell.lab.hosts.iter_mut().flat_map(|h| &mut h.roles) {
            if let RoleSpec::Radius(radius) = role {
                radius.session_timeout = Duration::from_mins(80);
            }
        }
        after(1, &answers(&Told::of(cell)))
    };
    assert_eq!(restart("radius"), [Ok(true)]);
    let pump = restart("pump-05");
    assert!(!pump.is_empty(), "the pump tries");
    assert!(
        pump.iter().all(|a| *a == Err(CertificateFault::Revoked)),
        "{pump:?}"
    );
}
