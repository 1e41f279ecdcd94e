//! The connection table: which event of the run sent what, handed from one end of a connection to the other where both ends are of the run.

use pumplab_sim::engine::Cause;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The events behind the messages that are under way on one connection.
#[derive(Debug)]
pub struct Entry {
    opened: Cause,
    /// Host that opened the connection.
    from: (pumplab_sim::wire::Ip, u16),
    queues: [Mutex<VecDeque<Cause>>; 2],
}

/// The direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From whoever opened the connection.
    Out,
    /// To whoever opened it.
    Back,
}

impl Entry {
    /// The event that opened the connection.
    #[must_use]
    pub fn opened(&self) -> Cause {
        self.opened
    }

    /// Who opened it, by the lab's addresses.
    #[must_use]
    pub fn from(&self) -> (pumplab_sim::wire::Ip, u16) {
        self.from
    }

    /// A message is sent. Both ends see the bytes in one order, so this must be called in the order of writing.
    pub fn sent(&self, direction: Direction, cause: Cause) {
        self.queue(direction).push_back(cause);
    }

    /// The event behind the message that was read; none if the other end is not of the run after all.
    #[must_use]
    pub fn read(&self, direction: Direction) -> Option<Cause> {
        self.queue(direction)
            .pop_front()
            .filter(|cause| *cause != Cause::GENESIS)
    }

    fn queue(&self, direction: Direction) -> std::sync::MutexGuard<'_, VecDeque<Cause>> {
        let queue = &self.queues[direction as usize];
        // A queue is whole after every call: whoever panicked elsewhere left it so.
        queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connections that hosts of the run have opened, by the socket address that the listening end sees.
#[derive(Debug, Default)]
pub struct ConnectionTable(Mutex<HashMap<SocketAddr, Arc<Entry>>>);

impl ConnectionTable {
    /// A host opens a connection from this socket address.
    pub fn begin(
        &self,
        local: SocketAddr,
        from: (pumplab_sim::wire::Ip, u16),
        opened: Cause,
    ) -> Arc<Entry> {
        let entry = Arc::new(Entry {
            opened,
            from,
            queues: Default::default(),
        });
        self.table().insert(local, entry.clone());
        entry
    }

    /// The entry of a connection that was accepted; none if the other end is not of the run.
    #[must_use]
    pub fn of(&self, peer: SocketAddr) -> Option<Arc<Entry>> {
        self.table().get(&peer).cloned()
    }

    /// The connection ended.
    pub fn end(&self, local: SocketAddr) {
        self.table().remove(&local);
    }

    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<SocketAddr, Arc<Entry>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
