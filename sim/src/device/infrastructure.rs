//! Infrastructure services: address leases, names, and the certificate authority's revocation list.

use super::host::Io;
use crate::engine::{NodeMut, RecordId};
use crate::event::{Binding, Cx, Owner};
use crate::net::stack::SocketEvent;
use crate::record::NetworkRecord;
use crate::spec::ItemId;
use crate::time::{Duration, Time};
use crate::wire::dhcp::{CLIENT_PORT, Dhcp, Lease, SERVER_PORT};
use crate::wire::dns::{Dns, PORT as DNS_PORT};
use crate::wire::http::Revoked;
use crate::wire::syslog::LogKind;
use crate::wire::{Body, Cidr, Frame, Ip, Mac, Message, Packet, Transport};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Time in which the server looks up its leases before it answers \[A\].
const LOOK_UP: Duration = Duration::from_millis(2);
/// Numbers given to strangers where the lab says nothing of pools \[A\].
const NUMBERS: std::ops::RangeInclusive<u32> = 150..=199;
/// Time for which an offered address is kept for the client that it was offered to \[A\].
const OFFERED: Duration = Duration::from_secs(60);
/// Time between two log lines that say that a pool is empty \[A\].
const QUIET: Duration = Duration::from_secs(60);

/// A range of addresses for hosts without a reservation.
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
    /// The pool's configuration item.
    pub item: Option<ItemId>,
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

/// An address that a client has, or had: it is remembered until somebody else needs it (RFC 2131 section 4.3.1).
#[derive(Clone, Copy, Debug)]
struct Given {
    ip: Ip,
    until: Time,
    /// Record of the giving, once it was given in this run.
    told: Option<RecordId>,
}

impl Given {
    fn before(ip: Ip, until: Time) -> Self {
        Self {
            ip,
            until,
            told: None,
        }
    }
}

/// The address server: reservations of the plan, and a pool per segment for everybody else.
#[derive(Component, Clone, Debug)]
pub struct DhcpServer {
    /// Pools, one per segment.
    pub pools: Vec<Pool>,
    given: BTreeMap<Mac, Given>,
    answers: Vec<(Recipient, Dhcp)>,
    said_empty: Option<Time>,
}

/// Where an answer goes.
#[derive(Clone, Copy, Debug)]
enum Recipient {
    /// To everybody on the server's own segment.
    Segment,
    /// To a relay.
    Relay(Ip),
    /// To the client's own address.
    Client(Ip),
}

impl DhcpServer {
    /// A server that remembers of each host of the plan that has no reservation which address it had, and has leased nothing.
    #[must_use]
    pub fn new(pools: Vec<Pool>, plan: &[Binding]) -> Self {
        let had = plan.iter().filter(|b| !b.reserved);
        let until = Time::ZERO;
        Self {
            pools,
            given: had.map(|b| (b.mac, Given::before(b.ip, until))).collect(),
            answers: Vec::new(),
            said_empty: None,
        }
    }

    /// The pool for clients that ask from this place (the relay's, the server's own or the client's address).
    fn pool(&self, place: Ip) -> Option<Pool> {
        let here = self.pools.iter().filter(|p| p.prefix.contains(place));
        here.max_by_key(|p| p.prefix.len).copied()
    }

    /// The address for a client: the reserved one, the one that it has or had, one that nobody had, or the one that has been free for longest.
    fn find(&self, now: Time, plan: &[Binding], mac: Mac, pool: &Pool, place: Ip) -> Option<Ip> {
        let in_pool = |ip: Ip| pool.addresses(place).any(|p| p == ip);
        if let Some(own) = self.given.get(&mac).filter(|g| in_pool(g.ip)) {
            let others = self.given.iter().filter(|(m, _)| **m != mac);
            if others
                .into_iter()
                .all(|(_, g)| g.ip != own.ip || g.until <= now)
            {
                return Some(own.ip);
            }
        }
        let reserved = |ip: Ip| plan.iter().any(|b| b.reserved && b.ip == ip);
        let free = pool.addresses(place).filter(|ip| !reserved(*ip));
        let last_held = |ip: Ip| {
            let holders = self.given.values().filter(|g| g.ip == ip);
            holders.map(|g| g.until).max()
        };
        let free = free.filter(|ip| last_held(*ip).is_none_or(|until| until <= now));
        free.min_by_key(|ip| last_held(*ip))
    }

    /// A lease for a client, kept for it until then; none if every address is held.
    fn lease(
        &mut self,
        now: Time,
        plan: &[Binding],
        mac: Mac,
        place: Ip,
        keep: Option<Duration>,
    ) -> Option<Lease> {
        let pool = self.pool(place)?;
        if let Some(b) = plan
            .iter()
            .find(|b| b.reserved && b.mac == mac && pool.prefix.contains(b.ip))
        {
            return Some(Lease {
                prefix: b.prefix,
                gateway: b.gateway,
                dns: b.dns,
                ..pool.lease(b.ip)
            });
        }
        let ip = self.find(now, plan, mac, &pool, place)?;
        self.given.retain(|m, g| *m == mac || g.ip != ip);
        let before = self.given.get(&mac).copied();
        let before = before.unwrap_or(Given::before(ip, Time::ZERO));
        let until = (now + keep.unwrap_or(pool.time)).max(before.until);
        let told = before.told.filter(|_| before.ip == ip);
        self.given.insert(mac, Given { ip, until, told });
        Some(pool.lease(ip))
    }

    /// Tells that an address of a pool was given, once.
    fn tell(&mut self, cx: &mut Cx<'_>, client: Mac) {
        if let Some(given) = self.given.get_mut(&client).filter(|g| g.told.is_none()) {
            let ip = given.ip;
            given.told = Some(cx.emit(NetworkRecord::LeaseGiven { client, ip }));
        }
    }

    /// Records of the leases of a pool that are held now.
    fn held(&self, now: Time, pool: Option<Pool>) -> Vec<RecordId> {
        let here = |g: &&Given| pool.is_some_and(|p| p.prefix.contains(g.ip));
        let held = self.given.values().filter(|g| g.until > now).filter(here);
        held.filter_map(|g| g.told).collect()
    }

    /// What the server answers, if anything, to what was asked from this place.
    fn answer(&mut self, now: Time, plan: &[Binding], own: Ip, asked: Dhcp, place: Ip) -> Answer {
        let server = own;
        match asked {
            Dhcp::Discover { xid, mac } => match self.lease(now, plan, mac, place, Some(OFFERED)) {
                Some(lease) => Answer::Say(Dhcp::Offer {
                    xid,
                    mac,
                    lease,
                    server,
                }),
                None => Answer::Empty,
            },
            Dhcp::Request {
                xid,
                mac,
                ip,
                server: chosen,
            } if chosen == own => match self.lease(now, plan, mac, place, None) {
                Some(lease) if lease.ip == ip => Answer::Say(Dhcp::Ack {
                    xid,
                    mac,
                    lease,
                    server,
                }),
                _ => Answer::Refuse(Dhcp::Nak { xid, mac }),
            },
            Dhcp::Renew { xid, mac, ip } => {
                let had = self.given.get(&mac).is_some_and(|g| g.ip == ip);
                let reserved = plan
                    .iter()
                    .any(|b| b.reserved && b.mac == mac && b.ip == ip);
                let lease = (had || reserved).then(|| self.lease(now, plan, mac, place, None));
                match lease.flatten() {
                    Some(lease) if lease.ip == ip => Answer::Say(Dhcp::Ack {
                        xid,
                        mac,
                        lease,
                        server,
                    }),
                    _ => Answer::Refuse(Dhcp::Nak { xid, mac }),
                }
            }
            _ => Answer::Nothing,
        }
    }
}

/// What comes of a client's message.
enum Answer {
    /// An answer.
    Say(Dhcp),
    /// A refusal.
    Refuse(Dhcp),
    /// Every address is held: there is nothing to offer, and RFC 2131 has a server say nothing then.
    Empty,
    /// It is not for this server.
    Nothing,
}

/// A DHCP message arrived at the server.
pub fn on_dhcp(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    let SocketEvent::Datagram { from, message, .. } = event else {
        return;
    };
    let (Message::Dhcp(dhcp), Some(server)) = (&**message, node.get_mut::<DhcpServer>()) else {
        return;
    };
    let Some(own) = io.network.stack.ip() else {
        return;
    };
    let (place, to) = match from {
        (Ip::UNSPECIFIED, _) => (own, Recipient::Segment),
        (relay, SERVER_PORT) => (*relay, Recipient::Relay(*relay)),
        (client, _) => (*client, Recipient::Client(*client)),
    };
    let (now, plan) = (io.cx.now(), &io.cx.shared().plan);
    let answer = server.answer(now, plan, own, *dhcp, place);
    let pool = server.pool(place);
    let item = pool.and_then(|p| p.item);
    let client = dhcp.client();
    let say = match answer {
        Answer::Say(say) => {
            if let Dhcp::Ack { .. } = say {
                server.tell(io.cx, client);
            }
            Some(say)
        }
        Answer::Refuse(say) => {
            let pool = 0;
            io.cx
                .emit(NetworkRecord::LeaseRefused { client, pool, item });
            Some(say)
        }
        Answer::Empty => {
            let held = server.held(now, pool);
            let pool = pool.map_or(0, |p| p.addresses(place).count() as u32);
            let refused = NetworkRecord::LeaseRefused { client, pool, item };
            io.cx.emit_because(refused, &held);
            if server.said_empty.is_none_or(|at| now - at >= QUIET) {
                server.said_empty = Some(now);
                io.log(LogKind::PoolEmpty, None, 0);
            }
            None
        }
        Answer::Nothing => None,
    };
    if let Some(say) = say {
        server.answers.push((to, say));
        let token = server.answers.len() as u64 - 1;
        io.timer(Owner::DhcpServer, LOOK_UP, token);
    }
}

/// The server has looked up what it answers.
pub fn on_dhcp_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let answer = node
        .get::<DhcpServer>()
        .and_then(|s| s.answers.get(token as usize).copied());
    let (Some((to, answer)), Some(own)) = (answer, io.network.stack.ip()) else {
        return;
    };
    match to {
        Recipient::Relay(relay) => {
            io.datagram(SERVER_PORT, (relay, SERVER_PORT), Message::Dhcp(answer));
        }
        Recipient::Client(client) => {
            io.datagram(SERVER_PORT, (client, CLIENT_PORT), Message::Dhcp(answer));
        }
        Recipient::Segment => {
            let message = Box::new(Message::Dhcp(answer));
            let transport = Transport::Datagram {
                sport: SERVER_PORT,
                dport: CLIENT_PORT,
                message,
            };
            let packet = Packet {
                src: own,
                dst: Ip::BROADCAST,
                ttl: 64,
                transport,
            };
            let src = io.network.stack.mac();
            io.network.stack.send_frame(Frame {
                src,
                dst: Mac::BROADCAST,
                body: Body::Ip(packet),
            });
        }
    }
}

/// The name server: names of the address plan.
#[derive(Component, Clone, Copy, Debug)]
pub struct DnsServer;

/// A DNS message arrived at the server.
pub fn on_dns(io: &mut Io<'_, '_>, event: &SocketEvent) {
    let SocketEvent::Datagram { from, message, .. } = event else {
        return;
    };
    let Message::Dns(Dns::Query { id, name }) = &**message else {
        return;
    };
    let ip = io
        .cx
        .shared()
        .plan
        .iter()
        .find(|b| b.name == *name)
        .map(|b| b.ip);
    io.datagram(
        DNS_PORT,
        *from,
        Message::Dns(Dns::Answer {
            id: *id,
            name: name.clone(),
            ip,
        }),
    );
}

/// A certificate authority's published revocation list.
#[derive(Component, Clone, Debug)]
pub struct Authority {
    /// Revoked certificates.
    pub revoked: Vec<Revoked>,
}

impl Authority {
    /// Revokes the certificate with this serial number, of the issuer whose key has this name.
    pub fn revoke(&mut self, issuer: &str, serial: u32) {
        let issuer = crate::crypto::PrivateKey::of(issuer).public();
        self.revoked.push(Revoked { issuer, serial });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::NodeId;

    const SERVER: Ip = Ip::new(10, 0, 10, 10);
    const RELAY: Ip = Ip::new(10, 0, 40, 1);
    const HOUR: Duration = Duration::from_hours(1);

    fn binding(name: &str, last: u8, reserved: bool) -> Binding {
        Binding {
            node: NodeId(0),
            name: name.to_owned(),
            mac: Mac::of(name),
            ip: Ip::new(10, 0, 40, last),
            prefix: 24,
            gateway: Some(RELAY),
            dns: None,
            reserved,
        }
    }

    /// A server with three addresses in its pool, `.11` to `.13`.
    fn server(plan: &[Binding]) -> DhcpServer {
        let prefix = Cidr { ip: RELAY, len: 24 };
        let pool = Pool {
            prefix,
            gateway: Some(RELAY),
            dns: None,
            range: Some((Ip::new(10, 0, 40, 11), Ip::new(10, 0, 40, 13))),
            time: HOUR,
            item: None,
        };
        DhcpServer::new(vec![pool], plan)
    }

    fn at(minutes: u64) -> Time {
        Time::ZERO + Duration::from_mins(minutes)
    }

    /// The last number of the address that a client is offered and takes; none if there is none.
    fn take(s: &mut DhcpServer, plan: &[Binding], minutes: u64, client: &str) -> Option<u32> {
        let (now, mac, xid) = (at(minutes), Mac::of(client), 1);
        let asked = Dhcp::Discover { xid, mac };
        let Answer::Say(Dhcp::Offer { lease, .. }) = s.answer(now, plan, SERVER, asked, RELAY)
        else {
            return None;
        };
        let asked = Dhcp::Request {
            xid,
            mac,
            ip: lease.ip,
            server: SERVER,
        };
        let taken = s.answer(now, plan, SERVER, asked, RELAY);
        assert!(matches!(taken, Answer::Say(Dhcp::Ack { .. })));
        Some(lease.ip.0 & 0xFF)
    }

    fn renews(s: &mut DhcpServer, plan: &[Binding], minutes: u64, client: &str, last: u8) -> bool {
        let asked = Dhcp::Renew {
            xid: 1,
            mac: Mac::of(client),
            ip: Ip::new(10, 0, 40, last),
        };
        let answer = s.answer(at(minutes), plan, SERVER, asked, RELAY);
        matches!(answer, Answer::Say(Dhcp::Ack { .. }))
    }

    #[test]
    fn an_empty_pool_offers_nothing_until_a_lease_runs_out() {
        let mut s = server(&[]);
        for (client, last) in [("a", 11), ("b", 12), ("c", 13)] {
            assert_eq!(take(&mut s, &[], 0, client), Some(last));
        }
        assert_eq!(take(&mut s, &[], 10, "d"), None);
        assert!(renews(&mut s, &[], 30, "a", 11));
        assert_eq!(take(&mut s, &[], 59, "d"), None);
        assert_eq!(
            take(&mut s, &[], 60, "d"),
            Some(12),
            "b and c let theirs run out"
        );
        assert!(!renews(&mut s, &[], 61, "b", 12), "it is d's now");
        assert!(renews(&mut s, &[], 61, "c", 13), "nobody else needed it");
    }

    #[test]
    fn a_host_without_a_reservation_gets_the_address_that_it_had_unless_others_have_it() {
        let plan = [binding("pump", 12, false)];
        let mut s = server(&plan);
        assert_eq!(take(&mut s, &plan, 0, "a"), Some(11));
        assert_eq!(
            take(&mut s, &plan, 0, "b"),
            Some(13),
            "what nobody had comes first"
        );
        assert_eq!(take(&mut s, &plan, 0, "pump"), Some(12));
        let mut s = server(&plan);
        for client in ["a", "b", "c"] {
            assert!(take(&mut s, &plan, 0, client).is_some());
        }
        assert_eq!(take(&mut s, &plan, 0, "pump"), None);
    }

    #[test]
    fn a_reservation_holds_against_a_full_pool() {
        let plan = [binding("pump", 12, true)];
        let mut s = server(&plan);
        assert!(take(&mut s, &plan, 0, "a").is_some());
        assert!(take(&mut s, &plan, 0, "b").is_some());
        assert_eq!(take(&mut s, &plan, 0, "c"), None);
        assert_eq!(take(&mut s, &plan, 0, "pump"), Some(12));
        assert!(renews(&mut s, &plan, 30, "pump", 12));
        assert!(!renews(&mut s, &plan, 30, "pump", 13));
    }

    #[test]
    fn an_offer_that_nobody_takes_holds_an_address_for_a_minute() {
        let mut s = server(&[]);
        for client in ["a", "b", "c"] {
            let mac = Mac::of(client);
            let asked = Dhcp::Discover { xid: 1, mac };
            s.answer(at(0), &[], SERVER, asked, RELAY);
        }
        assert_eq!(take(&mut s, &[], 0, "d"), None);
        assert!(take(&mut s, &[], 1, "d").is_some());
    }
}
