//! A flight of TLS in fragments.

use crate::wire::eap::Eap;
use crate::wire::tls::{NoData, Tls};

/// Longest EAP packet of the server, in bytes: its `fragment_size` is of the packet, header of 10 bytes included (FreeRADIUS 3.2 with 1,024, measured).
pub const SERVER_FRAGMENT: u32 = 1024;
/// Most bytes of TLS in one EAP packet of a peer: its `fragment_size` is of the TLS data (wpa_supplicant 2.10 by default, measured).
pub const PEER_FRAGMENT: u32 = 1398;
/// Length of an EAP-TLS header that tells the length of the whole flight.
const HEADER: u32 = 10;

/// Sends a flight in fragments.
#[derive(Clone, Debug)]
pub(super) struct Fragments {
    /// Most bytes of TLS in a packet.
    most: u32,
    /// Whether every packet tells the length of the whole flight; otherwise the first of several does.
    always_whole: bool,
    left: u32,
    flight: Option<Box<Tls<NoData>>>,
}

impl Fragments {
    fn new(most: u32, always_whole: bool) -> Self {
        Self {
            most,
            always_whole,
            left: 0,
            flight: None,
        }
    }

    /// Those of a peer.
    pub(super) fn of_peer() -> Self {
        Self::new(PEER_FRAGMENT, false)
    }

    /// Those of a server.
    pub(super) fn of_server() -> Self {
        Self::new(SERVER_FRAGMENT - HEADER, true)
    }

    /// The first fragment of a flight.
    pub(super) fn begin(&mut self, flight: Tls<NoData>) -> Eap {
        self.left = flight.wire_len();
        let several = self.left > self.most;
        self.fragment(Box::new(flight), self.always_whole || several)
    }

    /// The next fragment of the flight that is under way.
    pub(super) fn next(&mut self) -> Option<Eap> {
        let flight = self.flight.take()?;
        Some(self.fragment(flight, self.always_whole))
    }

    fn fragment(&mut self, flight: Box<Tls<NoData>>, whole: bool) -> Eap {
        let bytes = self.left.min(self.most);
        self.left -= bytes;
        let (now, later) = if self.left == 0 {
            (Some(flight), None)
        } else {
            (None, Some(flight))
        };
        self.flight = later;
        Eap::Tls {
            bytes,
            whole,
            flight: now,
        }
    }
}
