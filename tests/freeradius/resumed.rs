//! Sessions that are resumed: what they cost, and that a certificate of which the server knows that it is revoked goes on being let in by them.

use super::client::{Client, Told};
use super::lab;
use super::matrix::{Certificates, close};
use super::relay::{Passed, Relay};
use super::server::Server;
use super::table::Table;
use pumplab_live::pki::Pki;
use pumplab_sim::crypto::CertificateFault;
use pumplab_sim::record::Login;
use pumplab_sim::spec::{EventSpec, HappeningSpec, HostSpec, LabSpec, RoleSpec};
use pumplab_sim::time;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// For how many hours the server keeps sessions where it does: the least that FreeRADIUS can.
const HOURS: u32 = 1;
/// Logins before and after the revocation.
const BEFORE: usize = 4;
const AFTER: usize = 8;
/// How long a login may take to begin.
const SOON: Duration = Duration::from_secs(30);

/// A pump that logs in again and again, and what is done meanwhile.
struct Play {
    lab: LabSpec,
    pki: Pki,
    server: Server,
}

impl Play {
    fn new(cache: Option<u32>) -> Self {
        Self::of(lab::ward(), cache)
    }

    fn of(lab: LabSpec, cache: Option<u32>) -> Self {
        let pki = Pki::of(&lab, lab::start()).expect("keys can be made");
        let mut server = Server::new(cache);
        server.start(&lab, &pki);
        Self { lab, pki, server }
    }

    fn pump(&self) -> HostSpec {
        let name = &lab::pumps(&self.lab)[0];
        self.lab.host(name).expect("it is in the lab").clone()
    }

    /// Logs in several times; between the first of them and the others, `meanwhile` happens.
    fn log_in(&mut self, meanwhile: impl FnOnce(&mut Self)) -> (Vec<Passed>, Told) {
        let (pump, relay) = (self.pump(), Relay::to(self.server.port()));
        relay.hold_after(BEFORE);
        let again = (BEFORE + AFTER - 1) as u32;
        let client = Client::start(&self.lab, &self.pki, &pump, relay.port(), again);
        assert!(relay.holds(SOON), "{}", self.server.log());
        meanwhile(self);
        relay.release();
        let told = client.end();
        (relay.logins(), told)
    }

    /// The pump's certificate is revoked, and the server is started again with a list that says so. `away` happens while it is off.
    fn revoke(&mut self, away: impl FnOnce(&Self)) {
        let certificate = self.pump().certificate.expect("it has one").value;
        assert!(self.pki.revoke(&certificate.issuer, certificate.serial));
        self.server.stop();
        away(self);
        self.server.start(&self.lab, &self.pki);
    }

    /// Whether the pump is let in that knows no session, and what the server says.
    fn fresh(&mut self) -> (bool, String) {
        let (pump, port) = (self.pump(), self.server.port());
        let told = Client::start(&self.lab, &self.pki, &pump, port, 0).end();
        (told.accepted, self.server.log())
    }
}

/// The same in the simulation: stations authenticate every ten minutes, the certificate is revoked after the fourth login and the server, which
/// fetches its list every minute, is off for a minute then. What it answers to the pump.
fn simulated(cache: Option<u32>, hours: u64) -> Vec<Result<Login, CertificateFault>> {
    let mut lab = lab::ward();
    let pump = lab::pumps(&lab)[0].clone();
    let hour = |h: u32| time::Duration::from_hours(u64::from(h));
    let hosts = lab.hosts.iter_mut();
    let (server, radius) = hosts
        .flat_map(|h| h.roles.iter_mut().map(|r| (&h.name, r)))
        .find_map(|(name, role)| match role {
            RoleSpec::Radius(radius) => Some((name.clone(), radius)),
            _ => None,
        })
        .expect("the ward has one");
    radius.session_cache = cache.map(hour);
    radius.session_timeout = time::Duration::from_mins(10);
    let checking = radius.revocation.as_mut().expect("ID-02 checks");
    checking.value.refresh = time::Duration::from_mins(1);
    let at = |minute, what| EventSpec {
        at: time::Duration::from_mins(minute),
        what,
    };
    let node = || server.clone();
    let events = vec![
        at(32, HappeningSpec::RevokeCertificate { host: pump.clone() }),
        at(34, HappeningSpec::PowerOff { node: node() }),
        at(35, HappeningSpec::PowerOn { node: node() }),
    ];
    let entries = lab::simulate(&lab, events, time::Duration::from_hours(hours));
    let answers = lab::answers(&entries, &pump).into_iter();
    answers.map(|(_, answer)| answer).collect()
}

fn is_resumed(answer: &Result<Login, CertificateFault>) -> bool {
    answer.is_ok_and(|l| l.resumed)
}

const REVOKED: Result<Login, CertificateFault> = Err(CertificateFault::Revoked);

#[test]
fn a_resumed_login_costs_what_the_simulation_says() {
    let mut play = Play::new(Some(HOURS));
    let (real, _) = play.log_in(|_| {});
    let simulated = simulated(Some(HOURS), 1);
    let mut table = Table::new("logins, TLS 1.2, P-256");
    for (what, at) in [("full", 0), ("resumed", 1), ("resumed again", 2)] {
        let login = simulated[at].expect("it is valid until then");
        assert_eq!(login.resumed, at > 0);
        table.row(what, real[at], Some(login));
        let full = Certificates::of(&play.lab, &play.pki, &play.pump());
        let certificates = if at == 0 {
            full
        } else {
            Certificates::default()
        };
        close(what, real[at], login, certificates);
    }
    table.print();
}

fn accepted(logins: &[Passed]) -> usize {
    logins.iter().filter(|l| l.accepted == Some(true)).count()
}

#[test]
fn a_revoked_certificate_goes_on_being_let_in_by_a_session_of_before() {
    let mut play = Play::new(Some(HOURS));
    let (logins, told) = play.log_in(|play| {
        play.revoke(|_| {});
        let (accepted, log) = play.fresh();
        assert!(!accepted && log.contains("certificate revoked"), "{log}");
    });
    assert_eq!(accepted(&logins), BEFORE + AFTER, "{}", play.server.log());
    assert_eq!(
        told.resumed.iter().filter(|r| **r).count(),
        BEFORE + AFTER - 1
    );
    assert!(logins[1..].iter().all(|l| l.rounds == 3), "{logins:?}");
    let simulated = simulated(Some(24), 2);
    assert!(simulated.len() >= BEFORE + AFTER, "{simulated:?}");
    assert!(simulated[1..].iter().all(is_resumed), "{simulated:?}");
}

#[test]
fn without_kept_sessions_it_is_refused_at_the_next_login() {
    let mut play = Play::new(None);
    let (logins, told) = play.log_in(|play| play.revoke(|_| {}));
    assert_eq!(accepted(&logins), BEFORE);
    assert_eq!(logins[BEFORE].accepted, Some(false));
    assert!(
        play.server.logs("certificate revoked"),
        "{}",
        play.server.log()
    );
    assert_eq!(told.resumed.iter().filter(|r| **r).count(), 0);
    let simulated = simulated(None, 1);
    assert!(
        simulated[..BEFORE].iter().all(Result::is_ok),
        "{simulated:?}"
    );
    assert_eq!(simulated[BEFORE], REVOKED, "{simulated:?}");
}

#[test]
fn a_session_that_is_kept_for_too_long_is_not_resumed() {
    let mut play = Play::new(Some(HOURS));
    let (logins, _) = play.log_in(|play| {
        play.revoke(|play| age(&play.server.sessions(), (HOURS + 1) * 3600));
    });
    assert_eq!(accepted(&logins), BEFORE, "{}", play.server.log());
    assert_eq!(logins[BEFORE].accepted, Some(false));
    assert!(
        play.server.logs("certificate revoked"),
        "{}",
        play.server.log()
    );
}

#[test]
fn a_session_ends_with_its_certificate() {
    /// Seconds for which the certificate is still good.
    const LEFT: u64 = 4;
    let mut ward = lab::ward();
    let (name, calendar) = (lab::pumps(&ward)[0].clone(), ward.calendar);
    let pump = ward.host_mut(&name).expect("it is in the lab");
    let certificate = pump.certificate.as_mut().expect("it has one");
    certificate.value.not_after = calendar + LEFT;
    let mut play = Play::of(ward, Some(HOURS));
    let (logins, told) = play.log_in(|_| std::thread::sleep(Duration::from_secs(LEFT + 1)));
    assert_eq!(accepted(&logins), BEFORE, "{}", play.server.log());
    assert_eq!(told.resumed.iter().filter(|r| **r).count(), BEFORE - 1);
    assert_eq!(logins[BEFORE].accepted, Some(false));
}

/// Makes kept sessions older, as if so many seconds had passed: FreeRADIUS counts their life in hours. A session is a file of ASN.1 in which
/// its beginning stands as `[1] INTEGER` of four bytes.
fn age(sessions: &Path, seconds: u32) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_secs() as u32;
    let files = std::fs::read_dir(sessions).expect("it was made");
    let files = files.map(|f| f.expect("it can be read").path());
    let mut aged = 0;
    for file in files.filter(|f| f.extension().is_some_and(|e| e == "asn1")) {
        let mut bytes = std::fs::read(&file).expect("it is ours");
        let begins = |w: &[u8]| w.starts_with(&[0xA1, 6, 2, 4]);
        let at = bytes.windows(8).position(|w| {
            let time = w[4..].try_into().map_or(0, u32::from_be_bytes);
            begins(w) && now.abs_diff(time) < 600
        });
        let time = at.expect("a session has a beginning") + 4;
        let old = (now - seconds).to_be_bytes();
        bytes[time..time + 4].copy_from_slice(&old);
        std::fs::write(&file, bytes).expect("it is ours");
        aged += 1;
    }
    assert!(aged > 0, "no session was kept");
}
