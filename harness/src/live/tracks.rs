//! Which event of the run sent what: handed from one end of a connection to the other, where both ends are of the run.

use pumplab_sim::engine::EventId;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The events behind the messages that are under way on one connection.
#[derive(Debug)]
pub struct Track {
    opened: EventId,
    /// Host that opened the connection.
    from: (pumplab_sim::wire::Ip, u16),
    ways: [Mutex<VecDeque<EventId>>; 2],
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From whoever opened the connection.
    Out,
    /// To whoever opened it.
    Back,
}

impl Track {
    /// The event that opened the connection.
    #[must_use]
    pub fn opened(&self) -> EventId {
        self.opened
    }

    /// Who opened it, by the lab's addresses.
    #[must_use]
    pub fn from(&self) -> (pumplab_sim::wire::Ip, u16) {
        self.from
    }

    /// A message is sent. Both ends see the bytes in one order, so this must be called in the order of writing.
    pub fn sent(&self, way: Way, cause: EventId) {
        self.way(way).push_back(cause);
    }

    /// The event behind the message that was read; none if the other end is not of the run after all.
    #[must_use]
    pub fn read(&self, way: Way) -> Option<EventId> {
        self.way(way)
            .pop_front()
            .filter(|cause| *cause != EventId::GENESIS)
    }

    fn way(&self, way: Way) -> std::sync::MutexGuard<'_, VecDeque<EventId>> {
        let way = &self.ways[way as usize];
        // A queue is whole after every call: whoever panicked elsewhere left it so.
        way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connections that hosts of the run have opened, by the socket address that the listening end sees.
#[derive(Debug, Default)]
pub struct Tracks(Mutex<HashMap<SocketAddr, Arc<Track>>>);

impl Tracks {
    /// A host opens a connection from this socket address.
    pub fn begin(
        &self,
        local: SocketAddr,
        from: (pumplab_sim::wire::Ip, u16),
        opened: EventId,
    ) -> Arc<Track> {
        let track = Arc::new(Track {
            opened,
            from,
            ways: Default::default(),
        });
        self.table().insert(local, track.clone());
        track
    }

    /// The track of a connection that was accepted; none for a stranger's.
    #[must_use]
    pub fn of(&self, peer: SocketAddr) -> Option<Arc<Track>> {
        self.table().get(&peer).cloned()
    }

    /// The connection ended.
    pub fn end(&self, local: SocketAddr) {
        self.table().remove(&local);
    }

    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<SocketAddr, Arc<Track>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
