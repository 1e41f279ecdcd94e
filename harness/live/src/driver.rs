//! Drives a lab by the wall clock and by what comes in at its sockets.

mod equip;
mod ports;

use crate::LiveError;
use crate::clock::Clock;
use crate::limits::Limits;
use crate::net::dial::{Dial, dial};
use crate::net::{Incoming, Life, Outgoing, Shared};
use crate::pki::imported::ImportedCa;
use crate::pki::revocation::{Acceptor, Lists};
use crate::pki::tls::Session;
use crate::pki::{Pki, Signatures, pem};
use crate::protocol::Protocol;
use crate::secrets::SecretStore;
use pumplab_sim::engine::{Budget, Cause, End, NodeId};
use pumplab_sim::event::outside::{Arrival, Conn, Departure, Leaving};
use pumplab_sim::run::{Live, Outcome, RunConfig};
use pumplab_sim::spec::{LabSpec, PlaySpec};
use pumplab_sim::time::Time;
use pumplab_sim::wire::Ip;
use std::collections::{BTreeMap, VecDeque};
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
    /// Seed of the random streams of nurses and devices.
    pub seed: u64,
    /// Whether records and causes are kept for explanation.
    pub keep_trace: bool,
    /// Limits on whoever connects.
    pub limits: Limits,
    /// Receivers of others in place of systems of the lab.
    pub elsewhere: Vec<Elsewhere>,
}

/// A receiver that is no host of the run, in place of a system of the lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// What it takes.
    pub what: Taken,
    /// Where it is reached.
    pub at: SocketAddr,
}

/// What such a receiver takes.
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

/// A host on sockets.
#[derive(Debug)]
struct LiveHost {
    /// The address that stands for it in the lab.
    address: Ip,
    /// How often it has gone down.
    life: u32,
    /// How it opens its session with a pump server, if it is a pump.
    session: Option<Session>,
    /// How it opens links to other hosts; in clear where nothing is said.
    links: BTreeMap<Ip, Session>,
}

/// What is at a port of the lab.
#[derive(Debug)]
struct Service {
    protocol: Protocol,
    /// How it speaks TLS; none: in clear.
    tls: Option<Acceptor>,
    /// Where it is reached. A port keeps its place when its host restarts.
    at: Option<SocketAddr>,
    /// Whether a receiver that is no host of the run stands in its place.
    external: bool,
}

/// A connection that is open or being opened.
#[derive(Debug)]
struct Open {
    writer: mpsc::Sender<Outgoing>,
    /// Its task, if a host of the run has opened it.
    task: Option<AbortHandle>,
}

/// A live run.
#[derive(Debug)]
pub struct Driver {
    live: Live,
    clock: Clock,
    shared: Shared,
    incoming: mpsc::Receiver<Incoming>,
    bind: IpAddr,
    hosts: BTreeMap<NodeId, LiveHost>,
    services: BTreeMap<(Ip, u16), Service>,
    ports: ports::Ports,
    connections: BTreeMap<(NodeId, Conn), Open>,
    lists: Lists,
    /// What hosts have asked for and has not been done yet.
    leaving: VecDeque<Leaving>,
    /// When it was last looked whose task has ended.
    looked: Instant,
    endpoints: Vec<Endpoint>,
    /// What went wrong and belongs in no record.
    notices: Vec<String>,
}

impl Driver {
    /// Builds the lab, whose hosts must have been put on sockets by [`crate::lab::outside`], and makes its keys and certificates. Needs a tokio runtime
    /// around it.
    ///
    /// # Errors
    /// When the lab cannot be built, TLS cannot do what it wants, or its ports cannot be had.
    pub fn new(lab: &LabSpec, play: PlaySpec, options: &Options) -> Result<Self, LiveError> {
        Self::under(lab, play, options, None)
    }

    /// The same with an imported authority.
    ///
    /// # Errors
    /// As [`Driver::new`]; and when the lab has no certificates for the authority to issue.
    pub fn under(
        lab: &LabSpec,
        play: PlaySpec,
        options: &Options,
        authority: Option<ImportedCa>,
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
            shared: Shared::new(tell, signatures, options.limits, (clock, ahead)),
            incoming,
            bind: options.bind,
            hosts: BTreeMap::new(),
            services: BTreeMap::new(),
            ports: ports::Ports::default(),
            connections: BTreeMap::new(),
            leaving: VecDeque::new(),
            looked: Instant::now(),
            endpoints: Vec::new(),
            notices: Vec::new(),
        };
        driver.equip(lab, &Arc::new(SecretStore::of(lab)?))?;
        for receiver in &options.elsewhere {
            driver.replace(lab, receiver)?;
        }
        driver.take_places(options.base_port)?;
        Ok(driver)
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
        let mute = |host: &LiveHost| matches!(host.session, Some(Session::Unspoken));
        let mute = self.hosts.iter().filter(move |(_, host)| mute(host));
        mute.map(|(node, _)| {
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
        let gone = |_: &(NodeId, Conn), open: &mut Open| open.writer.is_closed();
        for ((host, conn), _) in self.connections.extract_if(.., gone) {
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
            let open = Open { writer, task: None };
            self.connections.insert((host, conn), open);
        }
        if let (Some(conn), Arrival::Gone { .. } | Arrival::Untrusted { .. }) = (conn, &arrival) {
            self.connections.remove(&(host, conn));
        }
        // Whatever came happens now, not when the lab last ran.
        self.run_until(self.clock.now());
        self.live.arrive(host, arrival, cause);
    }

    /// The life that a host is in.
    fn life(&self, host: NodeId) -> Life {
        let number = self.hosts.get(&host).map_or(0, |h| h.life);
        Life { host, number }
    }

    fn leave(&mut self, leaving: Leaving) {
        let Leaving { from, cause, what } = leaving;
        match what {
            Departure::Up { ports } => self.listen_on(from, ports),
            Departure::Down => self.down(from),
            Departure::Connect { stream, peer } => self.connect(from, stream, peer, cause),
            Departure::Send { stream, message } => {
                let full = self.connections.get(&(from, stream)).is_some_and(|open| {
                    open.writer
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
            }
        }
    }

    /// A host is down: it listens nowhere, its connections are gone, and those that it was opening are given up. What arrives for it was for
    /// a life that is over.
    fn down(&mut self, host: NodeId) {
        if let Some(host) = self.hosts.get_mut(&host) {
            host.life += 1;
        }
        self.ports.close(host, |_| true);
        let own = |(of, _): &(NodeId, Conn), _: &mut Open| *of == host;
        for (_, open) in self.connections.extract_if(.., own) {
            if let Some(task) = open.task {
                task.abort();
            }
        }
    }

    /// The service at this place, where it is, and how this host opens connections to it.
    fn reached(&self, host: NodeId, at: (Ip, u16)) -> Option<(&Service, SocketAddr, Session)> {
        let (host, service) = (self.hosts.get(&host)?, self.services.get(&at)?);
        let session = match service.protocol {
            Protocol::Pump => host.session.as_ref(),
            _ => host.links.get(&at.0),
        };
        let place = service.at.filter(|_| service.protocol.is_dialled())?;
        Some((service, place, session.cloned().unwrap_or(Session::Clear)))
    }

    fn connect(&mut self, host: NodeId, conn: Conn, peer: (Ip, u16), cause: Cause) {
        let found = self.reached(host, peer);
        let found = found.and_then(|(service, to, session)| match session {
            Session::Clear => Some((service, to, None)),
            Session::Tls(end) => Some((service, to, Some(end))),
            Session::Unspoken => None,
        });
        let Some((service, to, tls)) = found else {
            return self.live.arrive(host, broken(conn), Some(cause));
        };
        let (writer, outgoing) = mpsc::channel(self.shared.limits.backlog);
        let asked = Dial {
            life: self.life(host),
            conn,
            from: (self.hosts.get(&host).map_or(peer.0, |h| h.address), 0),
            peer: peer.0,
            to,
            external: service.external,
            tls,
            host: self.live.simulation().name(host).to_owned(),
            protocol: service.protocol.clone(),
            cause,
        };
        let task = tokio::spawn(dial(self.shared.clone(), asked, outgoing));
        let task = Some(task.abort_handle());
        self.connections.insert((host, conn), Open { writer, task });
    }

    /// Cuts connections that hosts of the run have opened, as a network does that fails: those that `which` picks by host.
    /// How many were cut.
    pub fn cut(&mut self, mut which: impl FnMut(NodeId) -> bool) -> usize {
        let picked = |(host, _): &(NodeId, Conn), open: &mut Open| {
            open.task.as_ref().is_some_and(|t| !t.is_finished()) && which(*host)
        };
        let mut cut = 0;
        for ((host, conn), open) in self.connections.extract_if(.., picked) {
            if let Some(task) = open.task {
                task.abort();
            }
            self.live.arrive(host, broken(conn), None);
            cut += 1;
        }
        cut
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
