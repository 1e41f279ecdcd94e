//! Drives a lab by the wall clock and by what comes in at its sockets.

mod ports;
mod services;
mod staff;

use super::LiveError;
use super::clock::Clock;
use super::given::Given;
use super::lab;
use super::limits::Limits;
use super::lists::{Acceptor, Lists, Side};
use super::pem;
use super::pki::{Pki, Signatures};
use super::socket::{self, Common, Dial, Incoming, Life, Outgoing};
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
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

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
/// How often it is looked whose task has ended without a word.
const LOOK: std::time::Duration = std::time::Duration::from_secs(1);

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
    /// What hosts have asked for and has not been done yet.
    leaving: VecDeque<Leaving>,
    /// How often each host has gone down.
    lives: BTreeMap<NodeId, u32>,
    connections: BTreeMap<(NodeId, Conn), mpsc::Sender<Outgoing>>,
    /// The tasks of connections that hosts of the run have opened.
    dialled: BTreeMap<(NodeId, Conn), AbortHandle>,
    /// When it was last looked whose task has ended.
    looked: Instant,
    ports: ports::Ports,
    /// Where ports of the lab are reached; a port keeps its place when its host restarts.
    places: BTreeMap<(Ip, u16), SocketAddr>,
    /// Places among them that are not the run's own.
    elsewhere: BTreeSet<(Ip, u16)>,
    endpoints: Vec<Endpoint>,
    own: BTreeMap<NodeId, Ip>,
    clients: BTreeMap<NodeId, Session>,
    /// How hosts open links to the pump servers, by host and server.
    links: BTreeMap<(NodeId, Ip), Session>,
    servers: BTreeMap<(NodeId, u16), Option<Acceptor>>,
    lists: Lists,
    /// What went wrong and is nobody's record.
    notices: Vec<String>,
    /// What is spoken at ports that speak neither the pump protocol nor HL7.
    spoken: BTreeMap<(Ip, u16), Speech>,
}

impl Driver {
    /// Builds the lab, whose hosts must have been put on sockets by [`lab::outside`], and makes its keys and certificates. Needs a tokio runtime
    /// around it.
    ///
    /// # Errors
    /// When the lab cannot be built, TLS cannot do what it wants, or its ports cannot be had.
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
            leaving: VecDeque::new(),
            lives: BTreeMap::new(),
            connections: BTreeMap::new(),
            dialled: BTreeMap::new(),
            looked: Instant::now(),
            ports: ports::Ports::default(),
            places: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
            endpoints: Vec::new(),
            own: BTreeMap::new(),
            clients: BTreeMap::new(),
            links: BTreeMap::new(),
            servers: BTreeMap::new(),
            notices: Vec::new(),
            spoken: BTreeMap::new(),
        };
        driver.equip(lab)?;
        let vault = Arc::new(Vault::of(lab)?);
        driver.equip_staff(lab, &vault)?;
        driver.equip_services(lab, &vault);
        for receiver in &options.elsewhere {
            driver.replace(lab, receiver)?;
        }
        driver.take_places(options.base_port)?;
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

    /// Takes what there is to say of the run besides its records.
    pub fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
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

    /// How many connections hosts of the run have now.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.connections.len()
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
    /// `until` comes. Nothing that goes wrong at one port or connection ends the run: it stands in the records, and is tried again.
    /// May be given up at any time and called again.
    pub async fn turn(&mut self, until: Instant) {
        self.advance().await;
        let due = self.live.next_time().map(|t| self.clock.when(t));
        let due = [due, self.ports.due()].into_iter().flatten();
        let due = due.fold(until, Instant::min);
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
        self.advance().await;
    }

    async fn advance(&mut self) {
        let now = self.clock.now();
        self.run_until(now);
        let notices = self.lists.fetch(&self.live, now);
        self.notices.extend(notices);
        self.leaving.extend(self.live.departures());
        while !self.leaving.is_empty() {
            // A port is opened again when it is closed, not before. Whoever gives up here finds everything in its place.
            self.ports.closed().await;
            if let Some(leaving) = self.leaving.pop_front() {
                self.leave(leaving);
            }
        }
        self.look_after_ports();
        self.look_after_connections();
    }

    /// A connection whose task ended without a word, as by a panic, is gone.
    fn look_after_connections(&mut self) {
        if self.looked.elapsed() < LOOK {
            return;
        }
        self.looked = Instant::now();
        let ended = self.connections.iter().filter(|(_, w)| w.is_closed());
        for (host, conn) in ended.map(|(k, _)| *k).collect::<Vec<_>>() {
            self.connections.remove(&(host, conn));
            self.dialled.remove(&(host, conn));
            self.live.arrive(host, broken(conn), None);
        }
    }

    fn run_until(&mut self, time: Time) {
        // No budget can be met: there is none.
        let _ = self.live.run_until(time);
    }

    fn arrived(&mut self, incoming: Incoming) {
        let Incoming {
            life,
            conn,
            arrival,
            cause,
            writer,
        } = incoming;
        if life != self.life(life.host) {
            return;
        }
        let host = life.host;
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

    /// The life that a host is in.
    fn life(&self, host: NodeId) -> Life {
        let number = self.lives.get(&host).copied().unwrap_or(0);
        Life { host, number }
    }

    fn leave(&mut self, leaving: Leaving) {
        let Leaving { from, cause, what } = leaving;
        match what {
            Departure::Up { ports } => self.listen_on(from, ports),
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
                    self.live.arrive(from, broken(stream), Some(cause));
                }
            }
            Departure::Close { stream } => {
                self.connections.remove(&(from, stream));
                self.dialled.remove(&(from, stream));
            }
        }
    }

    /// What a host speaks on a connection at this port, which is its own or the one it connects to.
    fn speech(&self, host: NodeId, at: (Ip, u16)) -> Speech {
        if at.1 == HL7_PORT {
            return Speech::Clinical(self.live.simulation().name(host).to_owned());
        }
        self.spoken.get(&at).cloned().unwrap_or(Speech::Pump)
    }

    /// A host is down: it listens nowhere, its connections are gone, and those that it was opening are given up. What arrives for it was for
    /// a life that is over.
    fn down(&mut self, host: NodeId) {
        *self.lives.entry(host).or_default() += 1;
        self.ports.close(host, |_| true);
        self.connections.retain(|(of, _), _| *of != host);
        self.dialled.retain(|(of, _), task| {
            let stays = *of != host;
            if !stays {
                task.abort();
            }
            stays
        });
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
            return self.live.arrive(host, broken(conn), Some(cause));
        };
        let (writer, outgoing) = mpsc::channel(self.common.limits.backlog);
        self.connections.insert((host, conn), writer);
        let dial = Dial {
            life: self.life(host),
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
            self.live.arrive(host, broken(conn), None);
        }
        picked.len()
    }

    /// Ends the run.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        self.run_until(self.clock.now());
        self.ports.close_all();
        self.live.finish(End::Horizon)
    }
}

/// A connection broke.
fn broken(stream: Conn) -> Arrival {
    Arrival::Gone {
        stream,
        closed: false,
        refused: true,
    }
}

/// The address that stands for a host of the lab.
fn address(lab: &LabSpec, host: &str) -> Option<Ip> {
    lab.host(host)?.address.ip()
}
