//! eapol_test as a pump of a lab: its identity, certificate, key and roots, and the name that it expects of the server.

use super::programs::{Folder, Running, program};
use super::server;
use pumplab_live::pki::Pki;
use pumplab_sim::spec::{HostSpec, LabSpec};
use pumplab_sim::wire::Mac;
use std::time::Duration;

/// How long logins may take, one that waits for a server's restart included.
const MOST: &str = "60";

/// A pump that logs in.
#[derive(Debug)]
pub(crate) struct Client {
    running: Running,
    _folder: Folder,
}

/// What came of its logins.
#[derive(Debug)]
pub(crate) struct Told {
    /// Whether the last one succeeded.
    pub(crate) accepted: bool,
    /// For each handshake that came to its end: whether it resumed a session.
    pub(crate) resumed: Vec<bool>,
}

impl Client {
    /// Lets a pump log in at a port on loopback, and then so many times again.
    pub(crate) fn start(lab: &LabSpec, pki: &Pki, pump: &HostSpec, port: u16, again: u32) -> Self {
        let folder = Folder::new();
        let own = pki.member(pump).expect("the lab's dates are dates");
        let own = own.expect("the pump has a certificate");
        let roots: String = server::trusted(pump, pki).map(|a| a.certificate).collect();
        let (host, spec) = server::of(lab);
        let place = |name, text: &str| folder.write(name, text).display().to_string();
        let configuration = format!(
            "network={{\n key_mgmt=WPA-EAP\n eap=TLS\n identity=\"{}\"\n ca_cert=\"{}\"\n client_cert=\"{}\"\n \
             private_key=\"{}\"\n domain_match=\"{}\"\n}}\n",
            pump.name,
            place("roots.pem", &roots),
            place("pump.pem", &own.certificate),
            place("pump.key", &own.key),
            host.name,
        );
        let configuration = place("supplicant.conf", &configuration);
        let (port, again) = (port.to_string(), format!("-r{again}"));
        let mac = Mac::of(&pump.name).to_string();
        let mut arguments = vec!["-c", &configuration, "-a", "127.0.0.1", "-p", &port];
        arguments.extend(["-s", &spec.secret, "-t", MOST, "-M", &mac, &again]);
        let running = Running::start(&program("eapol_test"), &arguments);
        Self {
            running,
            _folder: folder,
        }
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Told {
        let code = self.running.end(Duration::from_secs(120));
        let said = self.running.said();
        let told = |line: &str| line.split("resumed=").nth(1).map(|r| r.starts_with('1'));
        let finished = |l: &&str| l.contains("Handshake finished");
        Told {
            accepted: match code {
                0 => true,
                // As it says "failure" and "timeout"; what it is, the relay and the log of the server tell.
                252..=255 => false,
                other => panic!("eapol_test ended with {other}: {said}"),
            },
            resumed: said.lines().filter(finished).filter_map(told).collect(),
        }
    }
}
