//! TLS between pumps and their servers, with both ends checked.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{HostSpec, LabSpec, Provenance, Removed, RoleSpec, SessionSpec};
use std::collections::BTreeSet;

/// Port for sessions under TLS.
const TLS_PORT: u16 = 8443;

/// TLS with peer check between pumps and their servers.
pub(super) struct ServerTls;

static ENTRY: Entry = Entry {
    id: "server-tls",
    title: "TLS between pumps, their servers, and what stands behind those",
    summary: "A pump server takes sessions under TLS on a port of their own and asks for the pump's certificate; every \
              pump that can do TLS and holds a certificate uses it and checks the server's. Only a server with pumps \
              that cannot keeps its old port open in clear, for whoever comes. The health record sends its orders under \
              TLS and both ends check; a database proves who it is to its servers, and they log in by password as before. \
              The links to the alarm manager and to the directory stay in clear.",
    parameters: &[],
    relations: &[],
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

    fn realises(&self) -> Realises {
        Realises {
            control: "SRV-04",
            rank: Rank(Stage::Hosts, 190),
            needs: &["ID-01"],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let held: BTreeSet<String> = lab
            .hosts
            .iter()
            .filter(|h| h.certificate.is_some())
            .map(|h| h.name.clone())
            .collect();
        let servers: Vec<String> = lab
            .pump_servers()
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
        changed |= guard_links(lab, ink, &held);
        Effect::if_any(
            changed,
            "no pump server and none that speaks with it have certificates and speak in clear: it needs ID-01",
        )
    }
}

/// Puts the links behind pump servers under TLS. Both ends of each must hold a certificate: a health record knows one way to speak, and so does
/// a server. Whether one changed.
fn guard_links(lab: &mut LabSpec, ink: &mut Provenance, held: &BTreeSet<String>) -> bool {
    let mut ends: BTreeSet<String> = BTreeSet::new();
    for (host, server) in lab.pump_servers() {
        let others = [Some(&server.ehr), server.store.as_ref().map(|s| &s.host)];
        ends.insert(host.name.clone());
        ends.extend(others.into_iter().flatten().cloned());
    }
    let speaks = |h: &HostSpec| {
        h.roles.iter().any(|r| match r {
            RoleSpec::Ehr { .. } | RoleSpec::Database(_) => true,
            RoleSpec::PumpServer(s) => {
                let present = |name: &String| lab.host(name).is_some();
                present(&s.ehr) || s.store.as_ref().is_some_and(|s| present(&s.host))
            }
            _ => false,
        })
    };
    let linked: Vec<String> = lab
        .hosts
        .iter()
        .filter(|h| ends.contains(&h.name) && speaks(h))
        .map(|h| h.name.clone())
        .collect();
    if !linked.iter().all(|name| held.contains(name)) {
        return false;
    }
    let mut changed = false;
    for host in lab.hosts.iter_mut().filter(|h| linked.contains(&h.name)) {
        if host.links.is_none() {
            let what = format!("{} links to other systems", host.name);
            let session = SessionSpec::Tls { check_peer: true };
            host.links = Some(ink.item(what, session));
            changed = true;
        }
    }
    changed
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
