//! DHCP: address leases. Whoever answers first is believed.

use super::{Ip, Mac};
use crate::fingerprint::Fingerprint;

/// What a lease gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Lease {
    /// The client's address.
    pub ip: Ip,
    /// Length of the on-link prefix in bits.
    pub prefix: u8,
    /// Default gateway, if the segment has one.
    pub gateway: Option<Ip>,
    /// Name server.
    pub dns: Option<Ip>,
    /// Validity in seconds.
    pub seconds: u32,
}

/// A DHCP message.
#[derive(Clone, Copy, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Dhcp {
    /// Client looks for servers.
    Discover {
        /// Transaction.
        xid: u32,
        /// Client.
        mac: Mac,
    },
    /// Server offers.
    Offer {
        /// Transaction.
        xid: u32,
        /// Client.
        mac: Mac,
        /// Offered lease.
        lease: Lease,
        /// Offering server.
        server: Ip,
    },
    /// Client takes an offer.
    Request {
        /// Transaction.
        xid: u32,
        /// Client.
        mac: Mac,
        /// Address asked for.
        ip: Ip,
        /// Server chosen.
        server: Ip,
    },
    /// Server confirms.
    Ack {
        /// Transaction.
        xid: u32,
        /// Client.
        mac: Mac,
        /// Lease given.
        lease: Lease,
        /// Server.
        server: Ip,
    },
    /// Server refuses.
    Nak {
        /// Transaction.
        xid: u32,
        /// Client.
        mac: Mac,
    },
    /// Client wants to keep the address that it has (a DHCPREQUEST without a server, RFC 2131 section 4.3.2).
    Renew {
        /// Transaction.
        xid: u32,
        /// Client.
        mac: Mac,
        /// Address that it has.
        ip: Ip,
    },
}

impl Dhcp {
    /// The client that it is from or for.
    #[must_use]
    pub const fn client(&self) -> Mac {
        match *self {
            Self::Discover { mac, .. }
            | Self::Offer { mac, .. }
            | Self::Request { mac, .. }
            | Self::Ack { mac, .. }
            | Self::Nak { mac, .. }
            | Self::Renew { mac, .. } => mac,
        }
    }

    /// Whether a client says it, rather than a server.
    #[must_use]
    pub const fn asks(&self) -> bool {
        matches!(
            self,
            Self::Discover { .. } | Self::Request { .. } | Self::Renew { .. }
        )
    }
}

/// Port of the server.
pub const SERVER_PORT: u16 = 67;
/// Port of the client.
pub const CLIENT_PORT: u16 = 68;
