//! TLS between pumps and their servers, with both ends checked.

use super::{Effect, Mechanism, allow_list};
use crate::catalog::Entry;
use crate::spec::{HostSpec, LabSpec, Provenance, Removed, RoleSpec, SessionSpec};
use std::collections::BTreeSet;

/// Port for sessions under TLS.
const TLS_PORT: u16 = 8443;

/// TLS with peer check between pumps and their servers.
pub(super) struct ServerTls;

static ENTRY: Entry = Entry {
    id: "server-tls",
    title: "TLS between pumps and their servers",
    summary: "A pump server takes sessions under TLS on a port of their own and asks for the pump's certificate; every \
              pump that can do TLS and holds a certificate uses it and checks the server's. Only a server with pumps \
              that cannot keeps its old port open in clear, for whoever comes. TLS between servers and the health \
              record is not modelled.",
    parameters: &[],
    references: &[
        "RFC 8446",
        "SP 800-53 SC-8, SC-23",
        "SP 1800-8B section 5.3 [M-med]",
    ],
};

impl Mechanism for ServerTls {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let held: BTreeSet<String> = lab
            .hosts
            .iter()
            .filter(|h| h.certificate.is_some())
            .map(|h| h.name.clone())
            .collect();
        let servers: Vec<String> = allow_list::pump_servers(lab)
            .filter(|(h, s)| held.contains(&h.name) && s.session.value == SessionSpec::Clear)
            .map(|(h, _)| h.name.clone())
            .collect();
        let mut changed = false;
        for server in servers {
            let of = |h: &HostSpec| {
                h.roles
                    .iter()
                    .any(|r| matches!(r, RoleSpec::Pump(p) if p.server == server))
            };
            let able = |h: &HostSpec| held.contains(&h.name) && is_capable(h);
            let (capable, left): (Vec<_>, Vec<_>) =
                lab.hosts.iter().filter(|h| of(h)).partition(|h| able(h));
            if capable.is_empty() {
                continue;
            }
            let moved: BTreeSet<String> = capable.into_iter().map(|h| h.name.clone()).collect();
            let keep_clear = !left.is_empty();
            move_server(lab, ink, &server, keep_clear);
            for host in lab.hosts.iter_mut().filter(|h| moved.contains(&h.name)) {
                move_pump(host, ink);
            }
            changed = true;
        }
        Effect::if_any(
            changed,
            "no pump server and pump of its have certificates and speak in clear: it needs ID-01",
        )
    }
}

fn is_capable(host: &HostSpec) -> bool {
    host.roles
        .iter()
        .any(|r| matches!(r, RoleSpec::Pump(p) if p.tls_capable))
}

fn move_server(lab: &mut LabSpec, ink: &mut Provenance, name: &str, keep_clear: bool) {
    let Some(host) = lab.host_mut(name) else {
        return;
    };
    for role in &mut host.roles {
        let RoleSpec::PumpServer(server) = role else {
            continue;
        };
        if keep_clear {
            server.clear_port = Some(ink.item(format!("{name} port in clear"), server.port));
        } else {
            ink.bury(name, Removed::Service(server.port));
        }
        server.port = TLS_PORT;
        ink.set(&mut server.session, SessionSpec::Tls { check_peer: true });
    }
}

fn move_pump(host: &mut HostSpec, ink: &mut Provenance) {
    for role in &mut host.roles {
        let RoleSpec::Pump(pump) = role else { continue };
        pump.server_port = TLS_PORT;
        ink.set(&mut pump.session, SessionSpec::Tls { check_peer: true });
    }
}
