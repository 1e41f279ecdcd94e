//! Drives a lab by the wall clock and by what comes in at its sockets.

mod services;
mod staff;

use super::LiveError;
use super::clock::Clock;
use super::given::Given;
use super::lab;
use super::limits::{Limits, Logins};
use super::lists::{Acceptor, Lists, Side};
use super::pem;
use super::pki::{Pki, Signatures};
use super::socket::{self, Common, Dial, Incoming, Outgoing, Port};
use super::speech::Speech;
use super::tls::{self, Session};
use super::vault::Vault;
use pumplab_sim::engine::{Budget, End, EventId, NodeId};
use pumplab_sim::event::outside::{Arrival, Conn, Departure, Leaving};
use pumplab_sim::run::{Live, Outcome, RunConfig};
use pumplab_sim::spec::{LabSpec, PlaySpec, RoleSpec};
use pumplab_sim::time::Time;
use pumplab_sim::wire::Ip;
use pumplab_sim::wire::hl7::PORT as HL7_PORT;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinHandle};

/// What is asked of a live run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address to listen on.
    pub bind: IpAddr,
    /// First of the ports that are listened on; 0 lets the system choose each.
    pub base_port: u16,
    /// Simulated seconds per second.
    pub speed: f64,
    /// Seed of the luck of nurses and devices.
    pub seed: u64,
    /// Whether records and causes are kept for explanation.
    pub keep_trace: bool,
    /// Limits on whoever connects.
    pub limits: Limits,
    /// Receivers of others in place of systems of the lab.
    pub elsewhere: Vec<Elsewhere>,
}

/// A receiver of somebody else's in place of a system of the lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// What it takes.
    pub what: Taken,
    /// Where it is reached.
    pub at: SocketAddr,
}

/// What a receiver of somebody else's takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Alarms, in place of the alarm managers.
    Alarms {
        /// Whether by TLS: it shows an alarm manager's certificate.
        tls: bool,
    },
    /// Observations, in place of the health records; protected as the lab's link is.
    Observations,
}

/// Messages that wait for the lab at the most, over all connections.
const QUEUE: usize = 4096;
/// Arrivals that are taken in before the lab runs on.
const AT_ONCE: usize = 256;

/// A port of the lab and where it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host of the lab.
    pub host: String,
    /// Port by the lab's numbers.
    pub port: u16,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// Where it is reached.
    pub at: SocketAddr,
}

/// A live run.
#[derive(Debug)]
pub struct Driver {
    live: Live,
    clock: Clock,
    common: Common,
    incoming: mpsc::Receiver<Incoming>,
    bind: IpAddr,
    next_port: u16,
    connections: BTreeMap<(NodeId, Conn), mpsc::Sender<Outgoing>>,
    /// The tasks of connections that hosts of the run have opened.
    dialled: BTreeMap<(NodeId, Conn), AbortHandle>,
    listeners: BTreeMap<NodeId, Vec<JoinHandle<()>>>,
    /// Where ports of the lab are reached; a port keeps its place when its host restarts.
    places: BTreeMap<(Ip, u16), SocketAddr>,
    /// What keeps those places.
    reserved: Vec<TcpSocket>,
    /// Places among them that are not the run's own.
    elsewhere: BTreeSet<(Ip, u16)>,
    endpoints: Vec<Endpoint>,
    own: BTreeMap<NodeId, Ip>,
    clients: BTreeMap<NodeId, Session>,
    /// How hosts open links to the pump servers, by host and server.
    links: BTreeMap<(NodeId, Ip), Session>,
    servers: BTreeMap<(NodeId, u16), Option<Acceptor>>,
    lists: Lists,
    /// What is spoken at ports that speak neither the pump protocol nor HL7.
    spoken: BTreeMap<(Ip, u16), Speech>,
}

impl Driver {
    /// Builds the lab, whose hosts must have been put on sockets by [`lab::outside`], and makes its keys and certificates. Needs a tokio runtime
    /// around it.
    ///
    /// # Errors
    /// When the lab cannot be built or TLS cannot do what it wants.
    pub fn new(lab: &LabSpec, play: PlaySpec, options: &Options) -> Result<Self, LiveError> {
        Self::under(lab, play, options, None)
    }

    /// The same with an authority that is given.
    ///
    /// # Errors
    /// As [`Driver::new`]; and when the lab has no certificates for the authority to issue.
    pub fn under(
        lab: &LabSpec,
        play: PlaySpec,
        options: &Options,
        authority: Option<Given>,
    ) -> Result<Self, LiveError> {
        let clock = Clock::start(options.speed);
        let ahead = clock.start_unix() - i64::try_from(lab.calendar).unwrap_or(0);
        let pki = Pki::under(lab, clock.start_unix(), authority)?;
        let signatures = Arc::new(Signatures::of(lab)?);
        let config = RunConfig {
            seed: options.seed,
            lab: lab.clone(),
            play,
            budget: Budget {
                events: u64::MAX,
                until: Time::LIMIT,
                record_bytes: u64::MAX,
            },
            keep_trace: options.keep_trace,
        };
        let mut live = Live::new(&config)?;
        live.tap();
        let (tell, incoming) = mpsc::channel(QUEUE);
        let mut driver = Self {
            lists: Lists::new(pki, clock, lab, &live),
            live,
            clock,
            common: Common::new(tell, signatures, options.limits, (clock, ahead)),
            incoming,
            bind: options.bind,
            next_port: options.base_port,
            connections: BTreeMap::new(),
            dialled: BTreeMap::new(),
            listeners: BTreeMap::new(),
            places: BTreeMap::new(),
            reserved: Vec::new(),
            elsewhere: BTreeSet::new(),
            endpoints: Vec::new(),
            own: BTreeMap::new(),
            clients: BTreeMap::new(),
            links: BTreeMap::new(),
            servers: BTreeMap::new(),
            spoken: BTreeMap::new(),
        };
        driver.equip(lab)?;
        let vault = Arc::new(Vault::of(lab)?);
        driver.equip_staff(lab, &vault)?;
        driver.equip_services(lab, &vault);
        for receiver in &options.elsewhere {
            driver.replace(lab, receiver)?;
        }
        Ok(driver)
    }

    /// Gives every host its keys and its address.
    fn equip(&mut self, lab: &LabSpec) -> Result<(), LiveError> {
        for host in lab.hosts.iter().filter(|h| lab::is_live(h)) {
            let (Some(node), Some(ip)) = (
                self.live.simulation().node_named(&host.name),
                host.address.ip(),
            ) else {
                continue;
            };
            self.own.insert(node, ip);
            if let Some(pump) = tls::pump_of(host) {
                let session = tls::client(self.lists.pki(), host, pump, self.clock)?;
                self.clients.insert(node, session);
            }
            if let Some(server) = tls::pump_server_of(host) {
                let acceptor = self.lists.port(&self.live, host, Side::Pumps)?;
                self.servers.insert((node, server.port), acceptor);
                if let Some(port) = &server.clear_port {
                    self.servers.insert((node, port.value), None);
                }
                let acceptor = self.lists.port(&self.live, host, Side::Clinical)?;
                self.servers.insert((node, HL7_PORT), acceptor);
                let record = server.observations.as_deref();
                if let Some((ip, name)) = record.and_then(|n| Some((address(lab, n)?, n))) {
                    let link = tls::link(self.lists.pki(), host, name, self.clock)?;
                    self.links.insert((node, ip), link);
                }
            }
            for role in &host.roles {
                match role {
                    RoleSpec::Ehr { servers } => {
                        let acceptor = self.lists.port(&self.live, host, Side::Clinical)?;
                        self.servers.insert((node, HL7_PORT), acceptor);
                        for to in servers {
                            if let Some(ip) = address(lab, to) {
                                let link = tls::link(self.lists.pki(), host, to, self.clock)?;
                                self.links.insert((node, ip), link);
                            }
                        }
                    }
                    RoleSpec::AlarmManager { .. } | RoleSpec::NursesStation => {
                        self.servers.insert((node, HL7_PORT), None);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Lets a receiver of somebody else's take what was for systems of the lab.
    fn replace(&mut self, lab: &LabSpec, receiver: &Elsewhere) -> Result<(), LiveError> {
        for host in &lab.hosts {
            let (Some(server), Some(node)) = (
                tls::pump_server_of(host),
                self.live.simulation().node_named(&host.name),
            ) else {
                continue;
            };
            let name = match receiver.what {
                Taken::Alarms { .. } => Some(&server.alarm_manager),
                Taken::Observations => server.observations.as_ref(),
            };
            let Some((name, ip)) = name.and_then(|n| Some((n, address(lab, n)?))) else {
                continue;
            };
            self.places.insert((ip, HL7_PORT), receiver.at);
            self.elsewhere.insert((ip, HL7_PORT));
            if let Taken::Alarms { tls: true } = receiver.what {
                let link = tls::link_by_tls(self.lists.pki(), host, name, self.clock)?;
                self.links.insert((node, ip), link);
            }
        }
        Ok(())
    }

    /// Writes what programs of others need to join: [`pem::write`].
    ///
    /// # Errors
    /// As [`pem::write`].
    pub fn write_certificates(&self, to: &Path, lab: &LabSpec) -> Result<(), LiveError> {
        let now = i64::try_from(self.clock.unix_now().as_secs()).unwrap_or(i64::MAX);
        pem::write(to, self.lists.pki(), lab, now).map(drop)
    }

    /// Where the lab is reached now.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// Hosts that come to no session, with the reason.
    pub fn silent(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let unspoken = self
            .clients
            .iter()
            .filter(|(_, session)| matches!(session, Session::Unspoken));
        unspoken.map(|(node, _)| {
            let name = self.live.simulation().name(*node);
            (
                name,
                "it can do no TLS above 1.0, which rustls does not speak",
            )
        })
    }

    /// The run, to look at.
    #[must_use]
    pub fn live(&mut self) -> &mut Live {
        &mut self.live
    }

    /// The clock of the run.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Lets the lab run up to now, and its sockets do what it wants of them; then waits until something arrives or is due, or until
    /// `until` comes.
    ///
    /// # Errors
    /// When a port cannot be opened.
    pub async fn turn(&mut self, until: std::time::Instant) -> Result<(), LiveError> {
        self.advance()?;
        let due = self.live.next_time().map(|t| self.clock.when(t));
        let due = due.map_or(until, |d| d.min(until));
        tokio::select! {
            Some(incoming) = self.incoming.recv() => {
                self.arrived(incoming);
                for _ in 1..AT_ONCE {
                    let Ok(incoming) = self.incoming.try_recv() else { break };
                    self.arrived(incoming);
                }
            }
            () = tokio::time::sleep_until(due.into()) => {}
        }
        self.advance()
    }

    fn advance(&mut self) -> Result<(), LiveError> {
        let now = self.clock.now();
        self.run_until(now);
        self.lists.fetch(&self.live, now)?;
        for leaving in self.live.departures() {
            self.leave(leaving)?;
        }
        Ok(())
    }

    fn run_until(&mut self, time: Time) {
        // No budget can be met: there is none.
        let _ = self.live.run_until(time);
    }

    fn arrived(&mut self, incoming: Incoming) {
        let Incoming {
            host,
            conn,
            arrival,
            cause,
            writer,
        } = incoming;
        if let (Some(conn), Some(writer)) = (conn, writer) {
            self.connections.insert((host, conn), writer);
        }
        if let (Some(conn), Arrival::Gone { .. } | Arrival::Untrusted { .. }) = (conn, &arrival) {
            self.connections.remove(&(host, conn));
            self.dialled.remove(&(host, conn));
        }
        // Whatever came happens now, not when the lab last ran.
        self.run_until(self.clock.now());
        self.live.arrive(host, arrival, cause);
    }

    fn leave(&mut self, leaving: Leaving) -> Result<(), LiveError> {
        let Leaving { from, cause, what } = leaving;
        match what {
            Departure::Up { mut ports } => {
                // What a host is there for comes before its maintenance.
                ports.sort_by_key(|port| self.is_maintenance(from, *port));
                for port in ports {
                    self.open(from, port)?;
                }
            }
            Departure::Down => self.down(from),
            Departure::Connect { stream, peer } => self.connect(from, stream, peer, cause),
            Departure::Send { stream, message } => {
                let full = self.connections.get(&(from, stream)).is_some_and(|writer| {
                    writer
                        .try_send(Outgoing::Message(message, cause))
                        .is_err_and(|e| matches!(e, mpsc::error::TrySendError::Full(_)))
                });
                if full {
                    self.connections.remove(&(from, stream));
                    let gone = Arrival::Gone {
                        stream,
                        closed: false,
                        refused: true,
                    };
                    self.live.arrive(from, gone, Some(cause));
                }
            }
            Departure::Close { stream } => {
                self.connections.remove(&(from, stream));
                self.dialled.remove(&(from, stream));
            }
        }
        Ok(())
    }

    /// Opens a port of a host, if it is one that has a form on sockets.
    fn open(&mut self, host: NodeId, port: u16) -> Result<(), LiveError> {
        let (Some(acceptor), Some(ip)) = (self.servers.get(&(host, port)), self.own.get(&host))
        else {
            return Ok(());
        };
        let (acceptor, ip) = (acceptor.clone(), *ip);
        if self.elsewhere.contains(&(ip, port)) {
            return Ok(());
        }
        let known = self.places.get(&(ip, port)).copied();
        let number = known.map_or(self.next_port, |k| k.port());
        let mut at = SocketAddr::new(self.bind, number);
        let name = self.live.simulation().name(host).to_owned();
        let unopened = |source| LiveError::Listen {
            host: name.clone(),
            address: SocketAddr::new(self.bind, number),
            source,
        };
        let mut reserve = None;
        if known.is_none() {
            let kept = reserved(at).map_err(unopened)?;
            at = kept.local_addr()?;
            reserve = Some(kept);
        }
        let listener = listener_at(at).map_err(unopened)?;
        if let Some(kept) = reserve {
            self.reserved.push(kept);
            self.next_port = match self.next_port {
                0 => 0,
                n => n.saturating_add(1),
            };
            self.places.insert((ip, port), from_here(at));
            self.endpoints.push(Endpoint {
                host: name,
                port,
                tls: acceptor.is_some(),
                at,
            });
        }
        let at_port = Port {
            host,
            port,
            tls: acceptor,
            speech: self.speech(host, (ip, port)),
            logins: Arc::new(Logins::new(&self.common.limits)),
        };
        let task = socket::listen(self.common.clone(), at_port, listener);
        self.listeners
            .entry(host)
            .or_default()
            .push(tokio::spawn(task));
        Ok(())
    }

    /// What a host speaks on a connection at this port, which is its own or the one it connects to.
    fn speech(&self, host: NodeId, at: (Ip, u16)) -> Speech {
        if at.1 == HL7_PORT {
            return Speech::Clinical(self.live.simulation().name(host).to_owned());
        }
        self.spoken.get(&at).cloned().unwrap_or(Speech::Pump)
    }

    fn down(&mut self, host: NodeId) {
        for task in self.listeners.remove(&host).unwrap_or_default() {
            task.abort();
        }
        self.connections.retain(|(of, _), _| *of != host);
        self.dialled.retain(|(of, _), _| *of != host);
    }

    fn connect(&mut self, host: NodeId, conn: Conn, peer: (Ip, u16), cause: EventId) {
        let speech = self.speech(host, peer);
        let session = match speech {
            Speech::Pump => self.clients.get(&host),
            _ => self.links.get(&(host, peer.0)),
        };
        let session = session.cloned().unwrap_or(Session::Clear);
        let tls = match session {
            Session::Clear => Some(None),
            Session::Tls(end) => Some(Some(end)),
            Session::Unspoken => None,
        };
        let place = self.places.get(&peer).copied();
        let place = place.filter(|_| speech.is_dialled());
        let (Some(to), Some(ip), Some(tls)) = (place, self.own.get(&host), tls) else {
            let gone = Arrival::Gone {
                stream: conn,
                closed: false,
                refused: true,
            };
            return self.live.arrive(host, gone, Some(cause));
        };
        let (writer, outgoing) = mpsc::channel(self.common.limits.backlog);
        self.connections.insert((host, conn), writer);
        let dial = Dial {
            host,
            conn,
            from: (*ip, 0),
            peer: peer.0,
            to,
            elsewhere: self.elsewhere.contains(&peer),
            tls,
            speech,
            cause,
        };
        let task = tokio::spawn(socket::dial(self.common.clone(), dial, outgoing));
        self.dialled.insert((host, conn), task.abort_handle());
    }

    /// Cuts connections that hosts of the run have opened, as a network does that fails: those that `which` picks by host.
    /// How many were cut.
    pub fn cut(&mut self, mut which: impl FnMut(NodeId) -> bool) -> usize {
        self.dialled.retain(|_, task| !task.is_finished());
        let picked: Vec<_> = self
            .dialled
            .keys()
            .copied()
            .filter(|(h, _)| which(*h))
            .collect();
        for &(host, conn) in &picked {
            if let Some(task) = self.dialled.remove(&(host, conn)) {
                task.abort();
            }
            self.connections.remove(&(host, conn));
            let gone = Arrival::Gone {
                stream: conn,
                closed: false,
                refused: true,
            };
            self.live.arrive(host, gone, None);
        }
        picked.len()
    }

    /// Ends the run.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        self.run_until(self.clock.now());
        for task in self.listeners.into_values().flatten() {
            task.abort();
        }
        self.live.finish(End::Horizon)
    }
}

/// How the run itself reaches a port: by loopback if it listens everywhere, so that both ends know the connection by the same addresses.
fn from_here(at: SocketAddr) -> SocketAddr {
    let ip = match at.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    SocketAddr::new(ip, at.port())
}

/// The address that stands for a host of the lab.
fn address(lab: &LabSpec, host: &str) -> Option<Ip> {
    lab.host(host)?.address.ip()
}

/// Keeps a port for the run, also while its host is off: the system would give it to the next connection that is opened.
fn reserved(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// A listener that takes its port over at once after a restart of its host.
fn listener_at(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}
