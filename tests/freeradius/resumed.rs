//! Sessions that are resumed: what they cost, and that a certificate of which the server knows that it is revoked goes on being let in by them.

use super::client::{Client, Told};
use super::lab;
use super::matrix::close;
use super::relay::{Passed, Relay};
use super::server::Server;
use super::table::Table;
use pumplab::live::pki::Pki;
use pumplab_sim::spec::{HostSpec, LabSpec};
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
