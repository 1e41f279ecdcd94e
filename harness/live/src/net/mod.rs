//! Connections: listeners, dialled connections, and the one loop that carries messages on either (`connection`).

pub(crate) mod connection;
pub mod dial;
pub mod listen;
mod places;
pub mod table;

use crate::clock::Clock;
use crate::limits::Limits;
use crate::pki::Signatures;
use crate::protocol::{Context, Protocol, Session};
use pumplab_sim::engine::{Cause, NodeId};
use pumplab_sim::event::outside::{Arrival, Conn};
use pumplab_sim::wire::Message;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use table::ConnectionTable;
use tokio::sync::mpsc;

/// What a connection's owner wants written.
#[derive(Debug)]
pub enum Outgoing {
    /// A message, and the event that sent it.
    Message(Box<Message>, Cause),
}

/// A host between coming up and going down. What was under way for an earlier life is not for a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The host.
    pub host: NodeId,
    /// Which of its lives.
    pub number: u32,
}

/// What a connection tells the driver.
#[derive(Debug)]
pub struct Incoming {
    /// The host.
    pub life: Life,
    /// The connection.
    pub conn: Option<Conn>,
    /// What came.
    pub arrival: Arrival,
    /// The event that sent it, where that is of the run.
    pub cause: Option<Cause>,
    /// The way back, when a connection is new.
    pub writer: Option<mpsc::Sender<Outgoing>>,
}

/// What all connections of a live run share.
#[derive(Clone, Debug)]
pub struct Shared {
    /// To the driver. Bounded: whoever writes faster than the lab reads waits.
    pub driver: mpsc::Sender<Incoming>,
    /// Connections between hosts of the run.
    pub table: Arc<ConnectionTable>,
    /// Real signatures.
    pub signatures: Arc<Signatures>,
    /// Limits.
    pub limits: Limits,
    /// Clock of the run.
    pub clock: Clock,
    /// By how many seconds the wall clock is ahead of the lab's calendar.
    pub ahead: i64,
    accepted: Arc<AtomicU32>,
}

impl Shared {
    /// Nothing is connected yet.
    #[must_use]
    pub fn new(
        driver: mpsc::Sender<Incoming>,
        signatures: Arc<Signatures>,
        limits: Limits,
        (clock, ahead): (Clock, i64),
    ) -> Self {
        Self {
            driver,
            table: Arc::default(),
            signatures,
            limits,
            clock,
            ahead,
            accepted: Arc::default(),
        }
    }

    /// The number of the next connection that is accepted.
    fn next_conn(&self) -> Conn {
        Conn::of_driver(self.accepted.fetch_add(1, Ordering::Relaxed))
    }

    fn session(
        &self,
        protocol: &Protocol,
        host: &str,
        (conn, dialled): (Conn, bool),
    ) -> Option<Session> {
        protocol.session(Context {
            host: host.to_owned(),
            conn,
            dialled,
            clock: self.clock,
            ahead: self.ahead,
            signatures: self.signatures.clone(),
        })
    }

    async fn tell(&self, life: Life, conn: Option<Conn>, arrival: Arrival, cause: Option<Cause>) {
        let incoming = Incoming {
            life,
            conn,
            arrival,
            cause,
            writer: None,
        };
        // The driver ends before its connections do: then nobody is left to tell.
        let _ = self.driver.send(incoming).await;
    }
}
