//! FreeRADIUS as a lab has its authentication server: its certificate, its roots and their revocation lists, its secret, its sessions.

use super::programs::{Folder, Running, program};
use pumplab_live::pki::Pki;
use pumplab_live::pki::pem::AuthorityPem;
use pumplab_sim::spec::{HostSpec, LabSpec, RadiusSpec, RoleSpec};
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long the server may take to start; a loaded machine is slow.
const START: Duration = Duration::from_secs(30);

/// Seconds of Unix time.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("it is after 1970").as_secs() as i64
}

/// The authentication server of a lab.
pub(crate) fn of(lab: &LabSpec) -> (&HostSpec, &RadiusSpec) {
    let role = |h: &'_ HostSpec| {
        h.roles
            .iter()
            .position(|r| matches!(r, RoleSpec::Radius(_)))
    };
    let found = lab.hosts.iter().find_map(|h| Some((h, role(h)?)));
    let (host, at) = found.expect("the lab has an authentication server");
    let RoleSpec::Radius(spec) = &host.roles[at] else {
        unreachable!("it was just found")
    };
    (host, spec)
}

/// The authorities that a host trusts.
pub(crate) fn trusted<'a>(
    host: &'a HostSpec,
    pki: &Pki,
) -> impl Iterator<Item = AuthorityPem> + 'a {
    let all = pki.authorities(now()).expect("it is a date");
    let named = |a: &AuthorityPem| host.trusts.iter().any(|t| t.value == a.name);
    all.into_iter().filter(named)
}

/// A server that can be started again with another revocation list.
#[derive(Debug)]
pub(crate) struct Server {
    running: Option<Running>,
    folder: Folder,
    port: u16,
    /// Whether certificates are held against revocation lists.
    pub(crate) check_revocation: bool,
    /// For how many hours sessions are kept; none keeps none.
    pub(crate) cache: Option<u32>,
}

impl Server {
    /// A server that does not run yet.
    pub(crate) fn new(cache: Option<u32>) -> Self {
        Self {
            running: None,
            folder: Folder::new(),
            port: 0,
            check_revocation: true,
            cache,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Folder in which sessions are kept.
    pub(crate) fn sessions(&self) -> std::path::PathBuf {
        self.folder.folder("sessions")
    }

    /// Starts it, or starts it again at the same port, with the lab's revocation lists as they are now.
    pub(crate) fn start(&mut self, lab: &LabSpec, pki: &Pki) {
        self.running = None;
        let (host, spec) = of(lab);
        let own = pki.member(host).expect("the lab's dates are dates");
        let own = own.expect("the server has a certificate");
        self.folder.write("server.pem", &own.certificate);
        self.folder.write("server.key", &own.key);
        let roots = trusted(host, pki).map(|a| a.certificate + &a.revocations);
        let roots: String = roots.collect();
        self.folder.write("roots-and-lists.pem", &roots);
        let chosen = self.port != 0;
        // A free port can be taken by somebody else before the server has it.
        for _ in 0..if chosen { 1 } else { 3 } {
            if !chosen {
                let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has ports");
                self.port = free.local_addr().expect("it is bound").port();
            }
            self.folder.write("radiusd.conf", &self.configuration(spec));
            let folder = self.folder.path().as_os_str();
            let arguments = [
                "-f".as_ref(),
                "-n".as_ref(),
                "radiusd".as_ref(),
                "-d".as_ref(),
                folder,
            ];
            let mut running = Running::start(&program("freeradius"), &arguments);
            if running.says("Ready to process requests", START) {
                self.running = Some(running);
                return;
            }
            let said = running.said();
            assert!(
                !chosen && said.contains("Address already in use"),
                "FreeRADIUS does not start: {said}"
            );
        }
        panic!("FreeRADIUS found no free port");
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        self.running = None;
    }

    /// What it has logged since it was last started.
    pub(crate) fn log(&self) -> String {
        self.running
            .as_ref()
            .map_or_else(String::new, Running::said)
    }

    /// Waits until it has logged this.
    pub(crate) fn logs(&mut self, what: &str) -> bool {
        let running = self.running.as_mut();
        running.is_some_and(|r| r.says(what, Duration::from_secs(5)))
    }

    /// Its one file of configuration.
    fn configuration(&self, spec: &RadiusSpec) -> String {
        let folder = self.folder.path().display();
        let (run, sessions) = (self.folder.folder("run"), self.sessions());
        let (run, sessions) = (run.display(), sessions.display());
        let timeout = spec.session_timeout.as_nanos() / 1_000_000_000;
        let values = [
            ("folder", folder.to_string()),
            ("run", run.to_string()),
            ("sessions", sessions.to_string()),
            ("port", self.port.to_string()),
            ("secret", spec.secret.clone()),
            ("crl", yes(self.check_revocation)),
            ("keeps", yes(self.cache.is_some())),
            ("hours", self.cache.unwrap_or(1).to_string()),
            ("timeout", timeout.to_string()),
        ];
        let template = include_str!("radiusd.conf").to_owned();
        let put = |text: String, (name, value): &(&str, String)| {
            text.replace(&format!("@{name}@"), value)
        };
        values.iter().fold(template, put)
    }
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}
