//! Room for connections at a port.

use crate::limits::{Share, Shares};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of a port, for all and for each address.
pub(super) struct Places {
    all: Arc<Semaphore>,
    shares: Shares,
    each: usize,
}

/// A place at a port; given up when it is dropped.
pub(super) struct Place {
    _of_all: OwnedSemaphorePermit,
    _share: Option<Share>,
}

impl Places {
    pub(super) fn new(all: usize, parts: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            shares: Shares::default(),
            each: all / parts.max(1),
        }
    }

    /// A place, if there is one. Hosts of the run share an address with whoever comes by loopback: they have no share to use up.
    pub(super) fn take(&self, peer: SocketAddr, own: bool) -> Option<Place> {
        let share = if own {
            None
        } else {
            Some(self.shares.take(peer.ip(), self.each)?)
        };
        Some(Place {
            _of_all: self.all.clone().try_acquire_owned().ok()?,
            _share: share,
        })
    }
}
