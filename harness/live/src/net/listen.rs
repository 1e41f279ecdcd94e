//! Ports: connections are taken as far as there is room, shake hands, and are handed to the loop.

use super::connection::Connection;
use super::places::{Place, Places};
use super::table::{Direction, Entry};
use super::{Incoming, Life, Shared};
use crate::limits::Logins;
use crate::pki::revocation::Acceptor;
use crate::pki::tls::{self, HandshakeFault};
use crate::protocol::Protocol;
use pumplab_sim::event::outside::{Arrival, Protection};
use pumplab_sim::wire::Ip;
use pumplab_sim::wire::shed::Shed as Rejection;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// A port of a host of the lab.
#[derive(Clone, Debug)]
pub struct Port {
    /// The host.
    pub life: Life,
    /// Its port, by the lab's numbers.
    pub port: u16,
    /// How it speaks TLS; none: in clear.
    pub tls: Option<Acceptor>,
    /// The host's name.
    pub host: String,
    /// What is spoken there.
    pub protocol: Protocol,
    /// Who tries to log in there.
    pub logins: Arc<Logins>,
}

/// Takes connections until the listener's task is ended; those that it has taken end with it.
pub async fn listen(shared: Shared, port: Port, listener: TcpListener) {
    let limits = shared.limits;
    let all = (
        Places::new(port.protocol.connections(&limits), limits.share),
        Places::new(limits.half_open, limits.share),
    );
    let mut open = JoinSet::new();
    let mut pause = Pause::default();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // One that ended in a panic is like one that broke: the driver looks who is gone.
            Some(_) = open.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(e) if is_exhaustion(&e) => {
                let first = pause.is_over();
                if first {
                    let problem = Some(format!("a connection cannot be taken: {e}"));
                    listening(&shared, &port, problem).await;
                }
                // Those who are there may leave in the meantime.
                tokio::time::sleep(pause.longer()).await;
                continue;
            }
            Err(_) => continue,
        };
        if !pause.is_over() {
            pause = Pause::default();
            listening(&shared, &port, None).await;
        }
        let own = shared.table.of(peer).is_some();
        let places = (all.0.take(peer, own), all.1.take(peer, own));
        let (Some(place), Some(half_open)) = places else {
            drop(stream);
            // Awaited, so that every rejection stands in the log: a flood waits in the system's queue.
            rejected(&shared, &port, peer, Rejection::TooManyConnections).await;
            continue;
        };
        let (shared, port) = (shared.clone(), port.clone());
        open.spawn(async move {
            accepted_one(shared, port, stream, peer, half_open).await;
            drop(place);
        });
    }
}

/// Tells whether connections can be taken at a port.
async fn listening(shared: &Shared, port: &Port, problem: Option<String>) {
    let arrival = Arrival::Listening {
        port: port.port,
        problem,
    };
    shared.tell(port.life, None, arrival, None).await;
}

/// How long to wait before the next try, each time twice as long.
#[derive(Default)]
struct Pause(Duration);

impl Pause {
    const FIRST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(2);

    fn is_over(&self) -> bool {
        self.0.is_zero()
    }

    fn longer(&mut self) -> Duration {
        self.0 = (self.0 * 2).clamp(Self::FIRST, Self::LONGEST);
        self.0
    }
}

/// Whether a connection could not be taken because this process or the system has no more to give, rather than because the other end was gone already.
fn is_exhaustion(e: &io::Error) -> bool {
    use io::ErrorKind as K;
    !matches!(
        e.kind(),
        K::ConnectionAborted | K::ConnectionReset | K::Interrupted | K::TimedOut
    )
}

/// Tells the driver that whoever came was cut off.
async fn rejected(shared: &Shared, port: &Port, peer: SocketAddr, why: Rejection) {
    let arrival = Arrival::Shed {
        peer: ip(peer),
        port: port.port,
        why,
    };
    shared.tell(port.life, None, arrival, None).await;
}

/// The address of a client from outside; one by IPv6 is recorded as unspecified.
fn ip(peer: SocketAddr) -> Ip {
    match peer.ip().to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            Ip::new(a, b, c, d)
        }
        IpAddr::V6(_) => Ip::UNSPECIFIED,
    }
}

async fn accepted_one(
    shared: Shared,
    port: Port,
    stream: TcpStream,
    peer: SocketAddr,
    half_open: Place,
) {
    let _ = stream.set_nodelay(true);
    // Looked up before the handshake: whoever fails in it may be gone when it ends.
    let entry = shared.table.of(peer);
    let config = port.tls.as_ref().map(|now| now.borrow().clone());
    let Some(config) = config else {
        return serve(shared, port, stream, (peer, entry), None, half_open).await;
    };
    let acceptor = TlsAcceptor::from(config);
    match timeout(shared.limits.opening, acceptor.accept(stream)).await {
        Err(_) => rejected(&shared, &port, peer, Rejection::TooSlow).await,
        Ok(Err(e)) => {
            let from = entry.as_ref().map_or_else(|| ip(peer), |e| e.from().0);
            let fault = match tls::fault(&e) {
                HandshakeFault::Refused(fault) => fault,
                HandshakeFault::NoTls => {
                    return rejected(&shared, &port, peer, Rejection::NoTls).await;
                }
                HandshakeFault::RefusedByPeer | HandshakeFault::Broken => return,
            };
            let arrival = Arrival::Untrusted {
                stream: None,
                peer: from,
                fault,
            };
            let cause = entry.map(|e| e.opened());
            shared.tell(port.life, None, arrival, cause).await;
        }
        Ok(Ok(stream)) => {
            let shown = stream.get_ref().1.peer_certificates();
            let subject = shown.and_then(|c| c.first()).and_then(tls::subject);
            let protection = Some(Protection { subject });
            serve(shared, port, stream, (peer, entry), protection, half_open).await;
        }
    }
}

/// Carries messages on a connection that was accepted.
async fn serve<S: AsyncRead + AsyncWrite>(
    shared: Shared,
    port: Port,
    stream: S,
    (peer, entry): (SocketAddr, Option<Arc<Entry>>),
    protection: Option<Protection>,
    half_open: Place,
) {
    let conn = shared.next_conn();
    let Some(session) = shared.session(&port.protocol, &port.host, (conn, false)) else {
        return rejected(&shared, &port, peer, Rejection::NotSpoken).await;
    };
    let from = entry
        .as_ref()
        .map_or_else(|| (ip(peer), peer.port()), |e| e.from());
    let (writer, outgoing) = mpsc::channel(shared.limits.backlog);
    let incoming = Incoming {
        life: port.life,
        conn: Some(conn),
        arrival: Arrival::Accepted {
            stream: conn,
            port: port.port,
            peer: from,
            protection,
        },
        cause: entry.as_ref().map(|e| e.opened()),
        writer: Some(writer),
    };
    if shared.driver.send(incoming).await.is_err() {
        return;
    }
    let half_open = session.rules.client_first.then_some(half_open);
    let connection = Connection {
        shared: shared.clone(),
        life: port.life,
        conn,
        // Hosts of the run share an address with whoever comes by loopback, and are known by their entry.
        logins: entry.is_none().then(|| (port.logins.clone(), peer.ip())),
        entry,
        peer: (from.0, port.port),
        directions: (Direction::Out, Direction::Back),
        limited: true,
    };
    if let Some(why) = connection.carry(stream, outgoing, session, half_open).await {
        rejected(&shared, &port, peer, why).await;
    }
}
