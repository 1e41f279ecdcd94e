//! Whose certificate is accepted, and what a login costs: the same lab, once with real programs and once in the simulation.

use super::client::Client;
use super::lab::{self, Case};
use super::relay::{Passed, Relay};
use super::server::{self, Server};
use super::table::Table;
use pumplab_live::pki::Pki;
use pumplab_sim::record::Login;
use pumplab_sim::spec::{HostSpec, LabSpec};
use pumplab_sim::time::Duration;
use pumplab_sim::wire::tls_cost::KeyType;

#[test]
fn each_certificate_is_judged_alike_by_a_real_server_and_by_the_simulated_one() {
    let (lab, cases) = lab::matrix();
    let pki = Pki::of(&lab, lab::start()).expect("keys can be made");
    let mut server = Server::new(None);
    server.start(&lab, &pki);
    let entries = lab::simulate(&lab, Vec::new(), Duration::from_mins(2));
    let mut table = Table::new("full login, TLS 1.2, P-256");
    for case in &cases {
        let Case {
            what,
            pump,
            fault,
            said,
        } = case;
        let passed = real(&lab, &pki, &mut server, case);
        assert!(
            server.logs(said),
            "`{said}` is missing of {pump}, {what}: {}",
            server.log()
        );
        let answers = lab::answers(&entries, pump);
        let first = answers
            .first()
            .unwrap_or_else(|| panic!("{pump} asked nobody in the simulation"));
        assert_eq!(first.1.err(), *fault, "{pump}, {what}, in the simulation");
        table.row(what, passed, first.1.ok());
        if let Ok(login) = first.1 {
            let pump = lab.host(pump).expect("it is in the lab");
            let certificates = Certificates::of(&lab, &pki, pump);
            close(what, passed, login, certificates);
        } else {
            // A refusal is told at once; RFC 5216 and the simulation let an alert go before it, one round trip more.
            assert_eq!(passed.rounds, 4, "{what}");
        }
    }
    table.print();
}

/// A login with real programs as it passed the relay.
fn real(lab: &LabSpec, pki: &Pki, server: &mut Server, case: &Case) -> Passed {
    let relay = Relay::to(server.port());
    let host = lab.host(&case.pump).expect("it is in the lab");
    let told = Client::start(lab, pki, host, relay.port(), 0).end();
    let (what, log) = (case.what, server.log());
    assert_eq!(told.accepted, case.fault.is_none(), "{what}: {log}");
    let logins = relay.logins();
    let [passed] = logins[..] else {
        panic!("{what}: more than one login: {logins:?}")
    };
    assert_eq!(passed.accepted, Some(case.fault.is_none()), "{what}: {log}");
    passed
}

/// Bytes of certificates in a login, up and down.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Certificates {
    real: (u32, u32),
    simulated: (u32, u32),
}

impl Certificates {
    /// Those of a full login: each end sends its own and its root's. In the simulation each of them has the length of the cost file's.
    pub(crate) fn of(lab: &LabSpec, pki: &Pki, pump: &HostSpec) -> Self {
        let (server, _) = server::of(lab);
        let sent = |host: &HostSpec| {
            let own = pki.member(host).expect("the lab's dates are dates");
            let roots = server::trusted(host, pki).map(|a| der_length(&a.certificate));
            der_length(&own.expect("it has one").certificate) + roots.sum::<u32>()
        };
        let costs = lab.costs.table().expect("the library's costs are whole");
        let both = 2 * costs.certificate_bytes(KeyType::P256);
        Self {
            real: (sent(pump), sent(server)),
            simulated: (both, both),
        }
    }
}

/// Bytes of what stands between the lines of a PEM file.
fn der_length(pem: &str) -> u32 {
    let digits = pem.lines().filter(|l| !l.starts_with('-'));
    let digits: usize = digits.map(|l| l.trim_end_matches('=').len()).sum();
    (digits * 3 / 4) as u32
}

/// As many round trips, and about as many bytes: the sum, and what is left of it without certificates, whose length is that of the names in them.
/// A tenth is 50 to 200 bytes. Below it is what another TLS library makes of the same handshake: the hello of OpenSSL has 31 bytes more than
/// the one of rustls that the cost file was measured with, signatures have 70 to 72 bytes. Above it is what the model must not get wrong: a
/// certificate (370 bytes), a fragment or a round trip (250 and more).
pub(crate) fn close(what: &str, real: Passed, simulated: Login, certificates: Certificates) {
    assert_eq!(
        real.rounds, simulated.rounds,
        "{what}: {real:?}, {simulated:?}"
    );
    let sides = [
        (
            real.up,
            simulated.up,
            certificates.real.0,
            certificates.simulated.0,
        ),
        (
            real.down,
            simulated.down,
            certificates.real.1,
            certificates.simulated.1,
        ),
    ];
    for (real, simulated, ours, theirs) in sides {
        let miss = |simulated: u32, real: u32| (f64::from(simulated) / f64::from(real) - 1.0).abs();
        assert!(
            miss(simulated, real) < MISS,
            "{what}: {simulated} bytes for {real}"
        );
        let (simulated, real) = (simulated - theirs, real - ours);
        let rest = miss(simulated, real);
        assert!(
            rest < MISS_OF_REST,
            "{what}, certificates left out: {simulated} bytes for {real}"
        );
    }
}

/// By how much the bytes of a login may miss.
const MISS: f64 = 0.1;
/// By how much they may where certificates are left out.
const MISS_OF_REST: f64 = 0.1;
