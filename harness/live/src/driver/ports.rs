//! Ports of hosts. Their places are taken at start; their listeners come and go with their hosts, and are tried again where the system has none.

use super::{Driver, Endpoint, LiveHost};
use crate::LiveError;
use crate::limits::Logins;
use crate::net::listen::{Port, listen};
use pumplab_sim::engine::NodeId;
use pumplab_sim::event::outside::Arrival;
use pumplab_sim::net::host::Host;
use pumplab_sim::wire::Ip;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;

/// Time after which a port that could not be opened is tried again: the first time, and at the most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(30));

/// Ports that are listened on, or are to be.
#[derive(Debug, Default)]
pub(super) struct Ports {
    listeners: BTreeMap<(NodeId, u16), JoinHandle<()>>,
    /// Ports that could not be opened.
    failed: BTreeMap<(NodeId, u16), Failed>,
    /// Listeners that have been ended and may not be gone yet.
    closing: Vec<JoinHandle<()>>,
    /// What keeps the places, also while a host is down: the system would give them to the next connection that is opened.
    reserved: Vec<TcpSocket>,
}

/// A port that could not be opened.
#[derive(Debug)]
struct Failed {
    why: String,
    /// When it is tried again, and after how long that is.
    again: Instant,
    wait: Duration,
}

impl Ports {
    /// When the next port is tried again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.failed.values().map(|f| f.again).min()
    }

    /// Closes ports of a host, with the connections that were taken there.
    pub(super) fn close(&mut self, host: NodeId, which: impl Fn(u16) -> bool) {
        let gone = |(of, port): &(NodeId, u16)| *of == host && which(*port);
        self.failed.retain(|at, _| !gone(at));
        for (_, task) in self.listeners.extract_if(.., |at, _| gone(at)) {
            task.abort();
            self.closing.push(task);
        }
    }

    /// Closes them all.
    pub(super) fn close_all(&mut self) {
        for task in std::mem::take(&mut self.listeners).into_values() {
            task.abort();
        }
    }

    /// Waits until what was closed is closed.
    pub(super) async fn closed(&mut self) {
        while let Some(task) = self.closing.last_mut() {
            // It was ended, or had ended before.
            let _ = task.await;
            self.closing.pop();
        }
    }

    fn is_tried(&self, at: (NodeId, u16)) -> bool {
        self.listeners.contains_key(&at) || self.failed.contains_key(&at)
    }
}

impl Driver {
    /// Takes a place for every port of the lab, from `base` on, or where the system wants them if that is 0. A place is the port's for the
    /// whole run.
    ///
    /// # Errors
    /// When a place that was asked for cannot be had, or none at all.
    pub(super) fn take_places(&mut self, base: u16) -> Result<(), LiveError> {
        let wanted = self.wanted();
        let room = usize::from(u16::MAX - base) + 1;
        if base != 0 && wanted.len() > room {
            let (first, needed) = (base, wanted.len());
            return Err(LiveError::PortNumbers { first, needed });
        }
        let mut missing = None;
        for (n, (host, ip, port)) in wanted.into_iter().enumerate() {
            let number = if base == 0 { 0 } else { base + n as u16 };
            let at = SocketAddr::new(self.bind, number);
            if base != 0 {
                self.place((ip, port), from_here(at));
            }
            if let Err(source) = self.take_place((ip, port), number) {
                let asked_for = base != 0 && is_taken(&source);
                let host = self.live.simulation().name(host).to_owned();
                let address = at;
                let problem = LiveError::Listen {
                    host,
                    address,
                    source,
                };
                if asked_for {
                    return Err(problem);
                }
                missing.get_or_insert(problem);
            }
        }
        // What is missing now is tried again when its host comes up.
        missing
            .filter(|_| self.ports.reserved.is_empty())
            .map_or(Ok(()), Err)
    }

    /// The ports of the lab that have a form on sockets, by host; what a host is there for comes before its maintenance.
    fn wanted(&self) -> Vec<(NodeId, Ip, u16)> {
        let mut wanted = Vec::new();
        for (&host, LiveHost { address: ip, .. }) in &self.hosts {
            let network = self.live.simulation().peek::<Host>(host);
            let network = network.and_then(Host::network);
            let ports = network.map_or_else(Vec::new, |n| n.stack.ports().collect());
            let ports = self.on_sockets(host, ports).into_iter();
            wanted.extend(ports.map(|port| (host, *ip, port)));
        }
        wanted
    }

    fn on_sockets(&self, host: NodeId, mut ports: Vec<u16>) -> Vec<u16> {
        let ip = self.hosts.get(&host).map(|h| h.address);
        let service = |port: &u16| ip.and_then(|ip| self.services.get(&(ip, *port)));
        ports.retain(|port| service(port).is_some_and(|s| !s.external));
        ports.sort_by_key(|port| service(port).is_some_and(|s| s.protocol.is_maintenance()));
        ports
    }

    fn place(&mut self, port: (Ip, u16), at: SocketAddr) {
        if let Some(service) = self.services.get_mut(&port) {
            service.at = Some(at);
        }
    }

    fn take_place(&mut self, port: (Ip, u16), number: u16) -> io::Result<()> {
        let kept = reserved(SocketAddr::new(self.bind, number))?;
        let at = from_here(kept.local_addr()?);
        self.place(port, at);
        self.ports.reserved.push(kept);
        Ok(())
    }

    /// A host listens on these ports, and no longer on others.
    pub(super) fn listen_on(&mut self, host: NodeId, ports: Vec<u16>) {
        let ports = self.on_sockets(host, ports);
        self.ports.close(host, |port| !ports.contains(&port));
        for port in ports {
            if !self.ports.is_tried((host, port)) {
                self.open(host, port);
            }
        }
    }

    /// Tries again what is due, and what is no longer listened on and should be.
    pub(super) fn look_after_ports(&mut self) {
        let now = Instant::now();
        let ended = self.ports.listeners.iter().filter(|(_, t)| t.is_finished());
        for (host, port) in ended.map(|(at, _)| *at).collect::<Vec<_>>() {
            self.ports.listeners.remove(&(host, port));
            self.unopened((host, port), "its task ended".to_owned());
        }
        let due = self.ports.failed.iter().filter(|(_, f)| f.again <= now);
        for (host, port) in due.map(|(at, _)| *at).collect::<Vec<_>>() {
            self.open(host, port);
        }
    }

    /// Opens a port of a host, or has it tried again later.
    fn open(&mut self, host: NodeId, port: u16) {
        let Some(ip) = self.hosts.get(&host).map(|h| h.address) else {
            return;
        };
        let (listener, at) = match self.listener((ip, port)) {
            Ok(opened) => opened,
            Err(e) => return self.unopened((host, port), e.to_string()),
        };
        let Some(service) = self.services.get(&(ip, port)) else {
            return;
        };
        let name = self.live.simulation().name(host).to_owned();
        let mut known = self.endpoints.iter();
        if !known.any(|e| e.port == port && e.host == name) {
            self.endpoints.push(Endpoint {
                host: name.clone(),
                port,
                tls: service.tls.is_some(),
                at,
            });
        }
        let at_port = Port {
            life: self.life(host),
            port,
            tls: service.tls.clone(),
            host: name,
            protocol: service.protocol.clone(),
            logins: Arc::new(Logins::new(&self.shared.limits)),
        };
        let task = listen(self.shared.clone(), at_port, listener);
        let task = tokio::spawn(task);
        self.ports.listeners.insert((host, port), task);
        if self.ports.failed.remove(&(host, port)).is_some() {
            let problem = None;
            let again = Arrival::Listening { port, problem };
            self.live.arrive(host, again, None);
        }
    }

    /// The listener of a port at its place.
    fn listener(&mut self, port: (Ip, u16)) -> io::Result<(TcpListener, SocketAddr)> {
        let placed = |driver: &Self| driver.services.get(&port).and_then(|s| s.at);
        if placed(self).is_none() {
            self.take_place(port, 0)?;
        }
        let number = placed(self).map_or(0, |at| at.port());
        let at = SocketAddr::new(self.bind, number);
        Ok((listener_at(at)?, at))
    }

    /// A port could not be opened: it is tried again, each time after twice the time. The record says so once for each reason.
    fn unopened(&mut self, (host, port): (NodeId, u16), why: String) {
        let before = self.ports.failed.remove(&(host, port));
        let wait = before
            .as_ref()
            .map_or(AGAIN.0, |f| (f.wait * 2).min(AGAIN.1));
        if before.is_none_or(|f| f.why != why) {
            let problem = Some(why.clone());
            let told = Arrival::Listening { port, problem };
            self.live.arrive(host, told, None);
        }
        let again = Instant::now() + wait;
        let failed = Failed { why, again, wait };
        self.ports.failed.insert((host, port), failed);
    }
}

/// Whether a port is somebody else's, or nobody's to have.
fn is_taken(e: &io::Error) -> bool {
    use io::ErrorKind as K;
    matches!(e.kind(), K::AddrInUse | K::PermissionDenied)
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

/// Keeps a port for the run, also while its host is off.
fn reserved(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// A listener that takes its port over at once after a restart of its host.
fn listener_at(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}
