//! Revocation lists in a live run: what the authority revokes reaches each server when that fetches its list the next time.

use crate::LiveError;
use crate::clock::Clock;
use crate::pki::Pki;
use crate::pki::tls;
use pumplab_sim::device::infrastructure::Authority;
use pumplab_sim::engine::NodeId;
use pumplab_sim::run::Live;
use pumplab_sim::spec::{HostSpec, LabSpec, RoleSpec};
use pumplab_sim::time::{Duration, Time};
use pumplab_sim::wire::http::Revoked;
use rustls::ServerConfig;
use std::sync::Arc;
use tokio::sync::watch;

/// How a port speaks TLS now.
pub type Acceptor = watch::Receiver<Arc<ServerConfig>>;

/// Which of a pump server's ports it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    /// That of pumps.
    Pumps,
    /// That of other systems.
    Clinical,
    /// That of staff: nobody there shows a certificate.
    Portal,
}

/// A pump server and what its listeners use.
#[derive(Debug)]
struct Server {
    host: HostSpec,
    /// How often it fetches the list; none: it asks nobody.
    refresh: Option<Duration>,
    due: Time,
    /// The authority's entries that it has.
    entries: usize,
    ports: Vec<(Side, watch::Sender<Arc<ServerConfig>>)>,
}

/// The pump servers' ends of TLS, made anew when there is a new list.
#[derive(Debug)]
pub(crate) struct Lists {
    pki: Pki,
    clock: Clock,
    /// The host that publishes lists.
    authority: Option<NodeId>,
    servers: Vec<Server>,
}

impl Lists {
    /// The keys and certificates of this lab, whose first lists are those of its start.
    pub(crate) fn new(pki: Pki, clock: Clock, lab: &LabSpec, live: &Live) -> Self {
        let publishes = |r: &RoleSpec| matches!(r, RoleSpec::CertificateAuthority(_));
        let mut hosts = lab.hosts.iter();
        let authority = hosts.find(|h| h.roles.iter().any(publishes));
        Self {
            pki,
            clock,
            authority: authority.and_then(|h| live.simulation().node_named(&h.name)),
            servers: Vec::new(),
        }
    }

    pub(crate) fn pki(&self) -> &Pki {
        &self.pki
    }

    /// How a pump server speaks TLS on one of its ports; none where it is in clear.
    ///
    /// # Errors
    /// As [`tls::server`].
    pub(crate) fn port(
        &mut self,
        live: &Live,
        host: &HostSpec,
        side: Side,
    ) -> Result<Option<Acceptor>, LiveError> {
        let Some(config) = self.config(host, side)? else {
            return Ok(None);
        };
        let (sender, receiver) = watch::channel(config);
        let at = self.servers.iter().position(|s| s.host.name == host.name);
        let at = at.unwrap_or_else(|| {
            let spec = tls::pump_server_of(host);
            let refresh = spec.and_then(|s| s.revocation.as_ref());
            let refresh = refresh.map(|r| r.value.refresh);
            self.servers.push(Server {
                host: host.clone(),
                refresh,
                due: Time::ZERO + refresh.unwrap_or_default(),
                entries: self.revoked(live).len(),
                ports: Vec::new(),
            });
            self.servers.len() - 1
        });
        self.servers[at].ports.push((side, sender));
        Ok(Some(receiver))
    }

    fn config(&self, host: &HostSpec, side: Side) -> Result<Option<Arc<ServerConfig>>, LiveError> {
        match (side, tls::pump_server_of(host)) {
            (Side::Pumps, Some(spec)) => tls::server(&self.pki, host, spec, self.clock),
            (Side::Portal, Some(spec)) => tls::portal(&self.pki, host, spec, self.clock).map(Some),
            _ => tls::clinical(&self.pki, host, self.clock),
        }
    }

    fn revoked<'a>(&self, live: &'a Live) -> &'a [Revoked] {
        let authority = self
            .authority
            .and_then(|a| live.simulation().peek::<Authority>(a));
        authority.map_or(&[], |a| &a.revoked)
    }

    /// Servers whose list is due fetch it. Connections that are open stay open. A server whose list rustls does not take keeps the one that it
    /// has, and fetches again when it is due. What there is to say of that.
    pub(crate) fn fetch(&mut self, live: &Live, now: Time) -> Vec<String> {
        let mut notices = Vec::new();
        for n in 0..self.servers.len() {
            let server = &mut self.servers[n];
            let Some(refresh) = server.refresh.filter(|_| now >= server.due) else {
                continue;
            };
            while server.due <= now && refresh > Duration::ZERO {
                server.due += refresh;
            }
            let revoked = self.revoked(live);
            if revoked.len() == self.servers[n].entries {
                continue;
            }
            let entries = revoked.len();
            self.pki.take_list(revoked);
            let server = &self.servers[n];
            let mut taken = true;
            for (side, port) in &server.ports {
                match self.config(&server.host, *side) {
                    // Whoever listened may be gone for good.
                    Ok(Some(config)) => drop(port.send(config)),
                    Ok(None) => {}
                    Err(e) => {
                        let name = &server.host.name;
                        notices.push(format!("{name} keeps its old revocation list: {e}"));
                        taken = false;
                    }
                }
            }
            if taken {
                self.servers[n].entries = entries;
            }
        }
        notices
    }
}
