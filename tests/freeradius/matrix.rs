//! Whose certificate is accepted, and what a login costs: the same lab, once with real programs and once in the simulation.

use super::client::Client;
use super::lab::{self, Case};
use super::relay::{Passed, Relay};
use super::server::Server;
use super::table::Table;
use pumplab::live::pki::Pki;
use pumplab_sim::record::Login;
use pumplab_sim::time::Duration;

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
            close(what, passed, login);
        } else {
            // A refusal is told at once; RFC 5216 and the simulation let an alert go before it, one round trip more.
            assert_eq!(passed.rounds, 4, "{what}");
        }
    }
    table.print();
}

/// A login with real programs as it passed the relay.
fn real(lab: &pumplab_sim::spec::LabSpec, pki: &Pki, server: &mut Server, case: &Case) -> Passed {
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

/// As many round trips, and about as many bytes. What may differ: signatures have 70 to 72 bytes, extensions of a hello and names in certificates
/// are those of another library and another lab; that is some 30 of a flight's 200 bytes at the smallest, and less of the sum. A fragment, a
/// certificate or a round trip more or less is beyond it.
pub(crate) fn close(what: &str, real: Passed, simulated: Login) {
    assert_eq!(
        real.rounds, simulated.rounds,
        "{what}: {real:?}, {simulated:?}"
    );
    for (real, simulated) in [(real.up, simulated.up), (real.down, simulated.down)] {
        let miss = f64::from(simulated) / f64::from(real) - 1.0;
        assert!(miss.abs() < MISS, "{what}: {simulated} bytes for {real}");
    }
}

/// By how much the bytes of a login may miss.
const MISS: f64 = 0.1;
