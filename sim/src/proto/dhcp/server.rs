//! The server's end of DHCP: reservations, and a pool of addresses per segment for everybody else.

use crate::time::{Duration, Time};
use crate::wire::dhcp::{Dhcp, Lease, SERVER_PORT};
use crate::wire::{Cidr, Ip, Mac};
use std::collections::{BTreeMap, VecDeque};

/// Numbers of the addresses where a pool has no range \[A\].
const NUMBERS: std::ops::RangeInclusive<u32> = 150..=199;
/// Time for which an offered address is kept for the client that it was offered to \[A\].
const OFFERED: Duration = Duration::from_secs(60);

/// A range of addresses for clients without a reservation.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Prefix of the segment.
    pub prefix: Cidr,
    /// Gateway.
    pub gateway: Option<Ip>,
    /// Name server.
    pub dns: Option<Ip>,
    /// First and last address; numbers 150 to 199 of the /24 from which clients ask where there is none.
    pub range: Option<(Ip, Ip)>,
    /// Length of a lease.
    pub time: Duration,
}

impl Pool {
    /// Addresses for clients that ask from this place.
    fn addresses(&self, place: Ip) -> impl Iterator<Item = Ip> + use<> {
        let near = Cidr { ip: place, len: 24 };
        let (first, last) = self
            .range
            .unwrap_or((near.nth(*NUMBERS.start()), near.nth(*NUMBERS.end())));
        (first.0..=last.0).map(Ip)
    }

    fn lease(&self, ip: Ip) -> Lease {
        Lease {
            ip,
            prefix: self.prefix.len,
            gateway: self.gateway,
            dns: self.dns,
            seconds: u32::try_from(self.time.as_nanos() / 1_000_000_000).unwrap_or(u32::MAX),
        }
    }
}

/// An address that is kept for one client.
#[derive(Clone, Copy, Debug)]
pub struct Reservation {
    /// Client.
    pub mac: Mac,
    /// Address.
    pub ip: Ip,
    /// On-link prefix length.
    pub prefix: u8,
    /// Gateway.
    pub gateway: Option<Ip>,
    /// Name server.
    pub dns: Option<Ip>,
}

/// An address that a client has, or had: it is remembered until somebody else needs it (RFC 2131 section 4.3.1).
#[derive(Clone, Copy, Debug)]
struct Held {
    ip: Ip,
    until: Time,
    /// Whether the client took it, at any time since it was offered first.
    leased: bool,
}

/// Where an answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// To everybody on the server's own segment.
    Segment,
    /// To a relay.
    Relay(Ip),
    /// To the client's own address.
    Client(Ip),
}

/// What the host of the server learns.
#[derive(Clone, Debug)]
pub enum ServerEvent {
    /// A client took an address of a pool for the first time.
    Leased {
        /// Client.
        client: Mac,
        /// Address.
        ip: Ip,
    },
    /// A client may not have the address that it asked for.
    Refused {
        /// Client.
        client: Mac,
        /// Pool that it would be of, by its place.
        pool: Option<usize>,
    },
    /// Every address is held: RFC 2131 has a server say nothing then.
    Exhausted {
        /// Client that gets nothing.
        client: Mac,
        /// Pool, by its place.
        pool: Option<usize>,
        /// Addresses in it.
        addresses: u32,
        /// Clients that hold a lease of it.
        held: Vec<Mac>,
    },
}

/// The server's end.
#[derive(Clone, Debug)]
pub struct Server {
    pools: Vec<Pool>,
    reservations: Vec<Reservation>,
    held: BTreeMap<Mac, Held>,
    transmit: VecDeque<(Recipient, Dhcp)>,
    events: VecDeque<ServerEvent>,
}

impl Server {
    /// A server that has leased nothing yet. `before` are clients without a reservation and the addresses that they had.
    #[must_use]
    pub fn new(
        pools: Vec<Pool>,
        reservations: Vec<Reservation>,
        before: impl IntoIterator<Item = (Mac, Ip)>,
    ) -> Self {
        let had = |(mac, ip)| {
            let (until, leased) = (Time::ZERO, false);
            (mac, Held { ip, until, leased })
        };
        Self {
            pools,
            reservations,
            held: before.into_iter().map(had).collect(),
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// A message arrived at the server, whose own address is `own`.
    pub fn handle_message(&mut self, now: Time, own: Ip, from: (Ip, u16), message: Dhcp) {
        let (place, to) = match from {
            (Ip::UNSPECIFIED, _) => (own, Recipient::Segment),
            (relay, SERVER_PORT) => (relay, Recipient::Relay(relay)),
            (client, _) => (client, Recipient::Client(client)),
        };
        match message {
            Dhcp::Discover { xid, mac } => match self.lease(now, mac, place, Some(OFFERED)) {
                Some(lease) => {
                    let server = own;
                    let offer = Dhcp::Offer {
                        xid,
                        mac,
                        lease,
                        server,
                    };
                    self.transmit.push_back((to, offer));
                }
                None => self.exhausted(now, mac, place),
            },
            Dhcp::Request {
                xid,
                mac,
                ip,
                server,
            } if server == own => {
                let lease = self.lease(now, mac, place, None);
                self.confirm((own, xid), (mac, ip), lease, (place, to));
            }
            Dhcp::Renew { xid, mac, ip } => {
                let had = self.held.get(&mac).is_some_and(|h| h.ip == ip);
                let reserved = self.reserved(mac, |r| r.ip == ip).is_some();
                let lease = (had || reserved).then(|| self.lease(now, mac, place, None));
                self.confirm((own, xid), (mac, ip), lease.flatten(), (place, to));
            }
            // What servers say, and what a client says to another server.
            Dhcp::Request { .. } | Dhcp::Offer { .. } | Dhcp::Ack { .. } | Dhcp::Nak { .. } => {}
        }
    }

    /// Next message to be sent, and where to.
    pub fn poll_transmit(&mut self) -> Option<(Recipient, Dhcp)> {
        self.transmit.pop_front()
    }

    /// Next thing that the host of the server is told.
    pub fn poll_event(&mut self) -> Option<ServerEvent> {
        self.events.pop_front()
    }

    /// Confirms the lease of the address that a client asks for, or refuses it.
    fn confirm(
        &mut self,
        (server, xid): (Ip, u32),
        (mac, ip): (Mac, Ip),
        lease: Option<Lease>,
        (place, to): (Ip, Recipient),
    ) {
        let answer = match lease.filter(|l| l.ip == ip) {
            Some(lease) => {
                if let Some(held) = self.held.get_mut(&mac).filter(|h| !h.leased) {
                    held.leased = true;
                    let (client, ip) = (mac, held.ip);
                    self.events.push_back(ServerEvent::Leased { client, ip });
                }
                Dhcp::Ack {
                    xid,
                    mac,
                    lease,
                    server,
                }
            }
            None => {
                let (client, pool) = (mac, self.pool(place).map(|(i, _)| i));
                self.events.push_back(ServerEvent::Refused { client, pool });
                Dhcp::Nak { xid, mac }
            }
        };
        self.transmit.push_back((to, answer));
    }

    fn exhausted(&mut self, now: Time, client: Mac, place: Ip) {
        let pool = self.pool(place);
        let here = |h: &Held| pool.is_some_and(|(_, p)| p.prefix.contains(h.ip));
        let held = self.held.iter();
        let held = held.filter(|(_, h)| h.leased && h.until > now && here(h));
        let held = held.map(|(mac, _)| *mac).collect();
        self.events.push_back(ServerEvent::Exhausted {
            client,
            pool: pool.map(|(i, _)| i),
            addresses: pool.map_or(0, |(_, p)| p.addresses(place).count() as u32),
            held,
        });
    }

    fn reserved(&self, mac: Mac, fits: impl Fn(&Reservation) -> bool) -> Option<Reservation> {
        let own = |r: &&Reservation| r.mac == mac && fits(r);
        self.reservations.iter().find(own).copied()
    }

    /// The pool for clients that ask from this place (the relay's, the server's own or the client's address).
    fn pool(&self, place: Ip) -> Option<(usize, Pool)> {
        let here = self.pools.iter().enumerate();
        let here = here.filter(|(_, p)| p.prefix.contains(place));
        let nearest = here.max_by_key(|(_, p)| p.prefix.len);
        nearest.map(|(i, p)| (i, *p))
    }

    /// The address for a client: the one that it has or had, one that nobody had, or the one that has been free for longest.
    fn find(&self, now: Time, mac: Mac, pool: &Pool, place: Ip) -> Option<Ip> {
        let in_pool = |ip: Ip| pool.addresses(place).any(|p| p == ip);
        if let Some(own) = self.held.get(&mac).filter(|h| in_pool(h.ip)) {
            let mut others = self.held.iter().filter(|(m, _)| **m != mac);
            if others.all(|(_, h)| h.ip != own.ip || h.until <= now) {
                return Some(own.ip);
            }
        }
        let reserved = |ip: Ip| self.reservations.iter().any(|r| r.ip == ip);
        let free = pool.addresses(place).filter(|ip| !reserved(*ip));
        let last_held = |ip: Ip| {
            let holders = self.held.values().filter(|h| h.ip == ip);
            holders.map(|h| h.until).max()
        };
        let free = free.filter(|ip| last_held(*ip).is_none_or(|until| until <= now));
        free.min_by_key(|ip| last_held(*ip))
    }

    /// A lease for a client, kept for it until then; none if every address is held.
    fn lease(&mut self, now: Time, mac: Mac, place: Ip, keep: Option<Duration>) -> Option<Lease> {
        let (_, pool) = self.pool(place)?;
        if let Some(r) = self.reserved(mac, |r| pool.prefix.contains(r.ip)) {
            return Some(Lease {
                prefix: r.prefix,
                gateway: r.gateway,
                dns: r.dns,
                ..pool.lease(r.ip)
            });
        }
        let ip = self.find(now, mac, &pool, place)?;
        self.held.retain(|m, h| *m == mac || h.ip != ip);
        let before = self.held.get(&mac).copied();
        let until = now + keep.unwrap_or(pool.time);
        let until = before.map_or(until, |b| until.max(b.until));
        let leased = before.is_some_and(|b| b.leased && b.ip == ip);
        self.held.insert(mac, Held { ip, until, leased });
        Some(pool.lease(ip))
    }
}

#[cfg(test)]
mod tests;
