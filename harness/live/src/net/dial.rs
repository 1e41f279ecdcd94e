//! Connections that hosts of the run open.

use super::connection::Connection;
use super::table::{ConnectionTable, Direction};
use super::{Life, Outgoing, Shared};
use crate::pki::tls::{self, ClientEnd, HandshakeFault};
use crate::protocol::Protocol;
use pumplab_sim::engine::Cause;
use pumplab_sim::event::outside::{Arrival, Conn, Protection};
use pumplab_sim::wire::Ip;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// A connection that a host asks for.
#[derive(Debug)]
pub struct Dial {
    /// The host.
    pub life: Life,
    /// Its number for the connection.
    pub conn: Conn,
    /// Its address, by the lab's numbers.
    pub from: (Ip, u16),
    /// The other end, by the lab's numbers.
    pub peer: Ip,
    /// Where that is.
    pub to: SocketAddr,
    /// Whether it is a receiver that is no host of the run.
    pub external: bool,
    /// How it is protected; none: in clear.
    pub tls: Option<ClientEnd>,
    /// The host's name.
    pub host: String,
    /// What is spoken on it.
    pub protocol: Protocol,
    /// The event that asked for it.
    pub cause: Cause,
}

/// Opens a connection and carries messages on it.
pub async fn dial(shared: Shared, dial: Dial, outgoing: mpsc::Receiver<Outgoing>) {
    if let Err(arrival) = open(&shared, &dial, outgoing).await {
        let (conn, cause) = (Some(dial.conn), Some(dial.cause));
        shared.tell(dial.life, conn, arrival, cause).await;
    }
}

/// The same; the error is why the connection did not open.
async fn open(
    shared: &Shared,
    dial: &Dial,
    outgoing: mpsc::Receiver<Outgoing>,
) -> Result<(), Arrival> {
    let gone = |refused| Arrival::Gone {
        stream: dial.conn,
        closed: false,
        refused,
    };
    let connected = connect(shared, dial).await;
    let (stream, begun) =
        connected.map_err(|e| gone(e.kind() == io::ErrorKind::ConnectionRefused))?;
    let session = shared.session(&dial.protocol, &dial.host, (dial.conn, true));
    let session = session.ok_or_else(|| gone(true))?;
    let connection = Connection {
        shared: shared.clone(),
        life: dial.life,
        conn: dial.conn,
        entry: begun.as_ref().and_then(|b| shared.table.of(b.local)),
        peer: (dial.peer, 0),
        directions: (Direction::Back, Direction::Out),
        logins: None,
        limited: dial.external,
    };
    let Some(end) = &dial.tls else {
        opened(shared, dial, None).await;
        connection.carry(stream, outgoing, session, None).await;
        return Ok(());
    };
    let connector = TlsConnector::from(end.config.clone());
    let shaken = connector.connect(end.name.clone(), stream);
    let shaken = timeout(shared.limits.opening, shaken).await;
    let stream = shaken.map_err(|_| gone(false))?;
    let stream = stream.map_err(|e| match tls::fault(&e) {
        HandshakeFault::Refused(fault) => Arrival::Untrusted {
            stream: Some(dial.conn),
            peer: dial.peer,
            fault,
        },
        other => gone(other != HandshakeFault::Broken),
    })?;
    let subject = Some(end.name.to_str().into_owned());
    opened(shared, dial, Some(Protection { subject })).await;
    connection.carry(stream, outgoing, session, None).await;
    Ok(())
}

async fn opened(shared: &Shared, dial: &Dial, protection: Option<Protection>) {
    let (stream, cause) = (dial.conn, Some(dial.cause));
    let opened = Arrival::Opened { stream, protection };
    shared.tell(dial.life, Some(stream), opened, cause).await;
}

/// A connection's entry in the table, given up however its task ends: a client from outside may have the same socket address later.
struct Begun {
    table: Arc<ConnectionTable>,
    local: SocketAddr,
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.table.end(self.local);
    }
}

async fn connect(shared: &Shared, dial: &Dial) -> io::Result<(TcpStream, Option<Begun>)> {
    let socket = if dial.to.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    let begun = if dial.external {
        None
    } else {
        // Bound before it connects, so that the other end finds the entry however soon it accepts.
        socket.bind(SocketAddr::new(dial.to.ip(), 0))?;
        let local = socket.local_addr()?;
        shared.table.begin(local, dial.from, dial.cause);
        Some(Begun {
            table: shared.table.clone(),
            local,
        })
    };
    let connecting = timeout(shared.limits.opening, socket.connect(dial.to)).await;
    let stream = connecting.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    let _ = stream.set_nodelay(true);
    Ok((stream, begun))
}
