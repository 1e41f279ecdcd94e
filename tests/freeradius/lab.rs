//! The lab that both sides get, and what the simulation makes of it.

use super::server;
use pumplab::library::Shelf;
use pumplab_sim::crypto::CertificateFault;
use pumplab_sim::engine::{Budget, Entry};
use pumplab_sim::record::{JoinFault, LabRecord, Login, WirelessRecord};
use pumplab_sim::run::{RunConfig, run};
use pumplab_sim::spec::{
    EventSpec, HostSpec, Item, LabSpec, LinkSpec, PlaySpec, RevokedSpec, RoleSpec,
};
use pumplab_sim::time::{Duration, Time};
use pumplab_sim::wire::Mac;

/// Certificates, revocation lists and EAP-TLS, and nothing else that changes what a login is.
const DEFENCE: &str = "NET-01+ID-01+ID-02+WL-01+WL-02+WL-03";
/// Name of an authority that nobody trusts.
const OTHER: &str = "another authority";

/// A pump of the lab with a certificate of a certain kind.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) what: &'static str,
    pub(crate) pump: String,
    /// The fault for which it is to be refused; none is to be let in.
    pub(crate) fault: Option<CertificateFault>,
    /// What FreeRADIUS says of that fault.
    pub(crate) said: &'static str,
}

/// The ward as the shelf has it.
pub(crate) fn ward() -> LabSpec {
    let shelf = Shelf::open(None, false).expect("the library is embedded");
    let resolved = shelf.lab("ward", Some(DEFENCE), &[]);
    resolved.expect("the library's labs resolve").lab
}

/// Names of the pumps that join by certificate.
pub(crate) fn pumps(lab: &LabSpec) -> Vec<String> {
    let joins = |h: &&HostSpec| {
        let able = matches!(&h.link, LinkSpec::Radio { supplicant, .. } if supplicant.eap_capable);
        able && h.certificate.is_some() && h.roles.iter().any(|r| matches!(r, RoleSpec::Pump(_)))
    };
    lab.hosts
        .iter()
        .filter(joins)
        .map(|h| h.name.clone())
        .collect()
}

/// The ward with one pump of each kind.
pub(crate) fn matrix() -> (LabSpec, Vec<Case>) {
    let mut lab = ward();
    let mut pumps = pumps(&lab).into_iter();
    let mut case = |what, fault, said| Case {
        what,
        pump: pumps.next().expect("the ward has pumps enough"),
        fault,
        said,
    };
    use CertificateFault::{Expired, Revoked, UnknownIssuer};
    let cases = vec![
        case("valid", None, "Login OK"),
        case(
            "of another authority",
            Some(UnknownIssuer),
            "unable to get local issuer certificate",
        ),
        case("expired", Some(Expired), "certificate has expired"),
        case("revoked", Some(Revoked), "certificate revoked"),
    ];
    let calendar = lab.calendar;
    for case in &cases {
        let host = lab.host_mut(&case.pump).expect("it is in the lab");
        let certificate = host.certificate.as_mut().expect("it has a certificate");
        match case.fault {
            Some(UnknownIssuer) => certificate.value.issuer = OTHER.to_owned(),
            Some(Expired) => certificate.value.not_after = calendar - 3600,
            Some(Revoked) => {
                let (id, spec) = (certificate.id, &certificate.value);
                let (issuer, serial) = (spec.issuer.clone(), spec.serial);
                let value = RevokedSpec { issuer, serial };
                lab.revoked.push(Item { id, value });
            }
            _ => {}
        }
    }
    (lab, cases)
}

/// What the simulation records of a lab's wireless logins.
pub(crate) fn simulate(
    lab: &LabSpec,
    events: Vec<EventSpec>,
    duration: Duration,
) -> Vec<Entry<LabRecord>> {
    let config = RunConfig {
        seed: 1,
        lab: lab.clone(),
        play: PlaySpec {
            duration,
            attackers: Vec::new(),
            events,
        },
        budget: Budget::default(),
        keep_trace: true,
    };
    let outcome = run(&config).expect("a resolved lab can be built");
    outcome.trace.expect("it was kept").entries
}

/// What the authentication server of the simulation answered to a pump, and when: let in, or refused for a fault.
pub(crate) fn answers(
    entries: &[Entry<LabRecord>],
    pump: &str,
) -> Vec<(Time, Result<Login, CertificateFault>)> {
    let own = Mac::of(pump);
    let of = |e: &Entry<LabRecord>| match &e.what {
        LabRecord::Wireless(WirelessRecord::StationAdmitted { station, login })
            if *station == own =>
        {
            Some((e.time, Ok(*login)))
        }
        LabRecord::Wireless(WirelessRecord::StationRefused {
            station,
            why: JoinFault::CertificateRefused(fault),
            ..
        }) if *station == own => Some((e.time, Err(*fault))),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

/// Seconds of Unix time at which the lab's calendar begins in a run against real programs.
pub(crate) fn start() -> i64 {
    server::now()
}
