//! Infrastructure services: address leases, names, and the certificate authority's revocation list.

use super::host::Io;
use crate::engine::NodeMut;
use crate::event::{Binding, Owner};
use crate::net::stack::SocketEvent;
use crate::time::Duration;
use crate::wire::dhcp::{CLIENT_PORT, Dhcp, Lease, SERVER_PORT};
use crate::wire::dns::{Dns, PORT as DNS_PORT};
use crate::wire::http::Revoked;
use crate::wire::{Body, Cidr, Frame, Ip, Mac, Message, Packet, Transport};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Length of a lease in seconds.
const LEASE_SECONDS: u32 = 86_400;
/// Time in which the server looks up its leases before it answers \[A\].
const LOOK_UP: Duration = Duration::from_millis(2);
/// First and last host number given to strangers.
const POOL: std::ops::RangeInclusive<u32> = 150..=199;

/// A range of addresses for hosts without a reservation.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Prefix of the segment.
    pub prefix: Cidr,
    /// Gateway.
    pub gateway: Option<Ip>,
    /// Name server.
    pub dns: Option<Ip>,
}

/// The address server: reservations of the plan, and a pool per segment for strangers.
#[derive(Component, Clone, Debug)]
pub struct DhcpServer {
    /// Pools, one per segment.
    pub pools: Vec<Pool>,
    leased: BTreeMap<Mac, Lease>,
    answers: Vec<(Option<Ip>, Dhcp)>,
}

impl DhcpServer {
    /// A server that has leased nothing.
    #[must_use]
    pub fn new(pools: Vec<Pool>) -> Self {
        Self {
            pools,
            leased: BTreeMap::new(),
            answers: Vec::new(),
        }
    }

    /// The lease for a client that asks from this place (the relay's or the server's own address).
    fn lease(&mut self, plan: &[Binding], mac: Mac, place: Ip) -> Option<Lease> {
        let pool = *self
            .pools
            .iter()
            .filter(|p| p.prefix.contains(place))
            .max_by_key(|p| p.prefix.len)?;
        if let Some(b) = plan
            .iter()
            .find(|b| b.mac == mac && pool.prefix.contains(b.ip))
        {
            return Some(Lease {
                ip: b.ip,
                prefix: b.prefix,
                gateway: b.gateway,
                dns: b.dns,
                seconds: LEASE_SECONDS,
            });
        }
        if let Some(lease) = self.leased.get(&mac).filter(|l| pool.prefix.contains(l.ip)) {
            return Some(*lease);
        }
        let base = Cidr { ip: place, len: 24 };
        let taken =
            |ip: Ip| self.leased.values().any(|l| l.ip == ip) || plan.iter().any(|b| b.ip == ip);
        let ip = POOL.map(|n| base.nth(n)).find(|ip| !taken(*ip))?;
        let lease = Lease {
            ip,
            prefix: pool.prefix.len,
            gateway: pool.gateway,
            dns: pool.dns,
            seconds: LEASE_SECONDS,
        };
        self.leased.insert(mac, lease);
        Some(lease)
    }
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
    let relayed = from.0 != Ip::UNSPECIFIED;
    let place = if relayed { from.0 } else { own };
    let plan = &io.cx.shared().plan;
    let answer = match *dhcp {
        Dhcp::Discover { xid, mac } => server.lease(plan, mac, place).map(|lease| Dhcp::Offer {
            xid,
            mac,
            lease,
            server: own,
        }),
        Dhcp::Request {
            xid,
            mac,
            ip,
            server: chosen,
        } if chosen == own => match server.lease(plan, mac, place) {
            Some(lease) if lease.ip == ip => Some(Dhcp::Ack {
                xid,
                mac,
                lease,
                server: own,
            }),
            _ => Some(Dhcp::Nak { xid, mac }),
        },
        _ => None,
    };
    if let Some(answer) = answer {
        server.answers.push((relayed.then_some(from.0), answer));
        let token = server.answers.len() as u64 - 1;
        io.timer(Owner::DhcpServer, LOOK_UP, token);
    }
}

/// The server has looked up what it answers.
pub fn on_dhcp_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let answer = node
        .get::<DhcpServer>()
        .and_then(|s| s.answers.get(token as usize).copied());
    let (Some((relay, answer)), Some(own)) = (answer, io.network.stack.ip()) else {
        return;
    };
    if let Some(relay) = relay {
        io.datagram(SERVER_PORT, (relay, SERVER_PORT), Message::Dhcp(answer));
    } else {
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
