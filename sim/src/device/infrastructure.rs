//! Infrastructure services: address leases, names, and the certificate authority's revocation list.

use super::host::Io;
use super::part::{Part, Sockets, role};
use crate::crypto::PrivateKey;
use crate::device::id;
use crate::engine::{NodeMut, RecordId};
use crate::event::Binding;
use crate::net::stack::SocketEvent;
use crate::proto::dhcp::server::{Recipient, Reservation, Server, ServerEvent};
use crate::proto::{dhcp, dns};
use crate::record::{NetworkRecord, SessionRecord};
use crate::spec::{HappeningSpec, ItemId, LabSpec, LeasesSpec, RoleSpec};
use crate::time::{Duration, Time};
use crate::wire::dhcp::{CLIENT_PORT, Dhcp, SERVER_PORT};
use crate::wire::dns::PORT as DNS_PORT;
use crate::wire::http::Revoked;
use crate::wire::syslog::LogKind;
use crate::wire::{Body, Cidr, Frame, Ip, Mac, Message, Packet, Transport};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Address server.
pub(super) const DHCP: Part = Part {
    on: |_, host| role!(host, RoleSpec::Dhcp => Sockets::default().bind(SERVER_PORT)),
    build: |site| {
        let server = DhcpServer::new(Pool::of(&site.shared.lab), &site.shared.plan);
        site.insert(server);
        Ok(())
    },
    on_socket: |io, node, event| on_dhcp(io, node, &event),
    on_timer: on_dhcp_timer,
    ..Part::new(id::DHCP_SERVER)
};

/// Name server.
pub(super) const DNS: Part = Part {
    on: |_, host| role!(host, RoleSpec::Dns => Sockets::default().bind(DNS_PORT)),
    build: |site| {
        site.insert(DnsServer);
        Ok(())
    },
    on_socket: |io, _, event| on_dns(io, &event),
    ..Part::new(id::DNS_SERVER)
};

/// Certificate authority; its list is published by the host's web service.
pub(super) const AUTHORITY: Part = Part {
    on: |_, host| role!(host, RoleSpec::CertificateAuthority(_) => Sockets::default()),
    build: |site| {
        if let Some(spec) = role!(site.host, RoleSpec::CertificateAuthority(spec) => spec) {
            let issuer = PrivateKey::of(&spec.key).public();
            let lab = site.lab();
            let own = lab.revoked.iter().filter(|r| r.issuer == spec.key);
            let revoked = own.map(|r| Revoked {
                issuer,
                serial: r.serial,
            });
            site.insert(Authority {
                revoked: revoked.collect(),
            });
        }
        Ok(())
    },
    on_scenario_event: |io, node, _, what| {
        let HappeningSpec::RevokeCertificate { host } = what else {
            return false;
        };
        let holder = io.cx.shared().lab.host(host);
        let held = holder.and_then(|h| h.certificate.as_ref());
        if let (Some(authority), Some(c)) = (node.get_mut::<Authority>(), held) {
            authority.revoke(&c.value.issuer, c.value.serial);
            let subject = c.value.subject.clone();
            io.cx.emit(SessionRecord::CertificateRevoked { subject });
        }
        true
    },
    ..Part::new(id::AUTHORITY)
};

impl Pool {
    /// Address pools for hosts without a reservation, one per segment.
    fn of(lab: &LabSpec) -> Vec<Self> {
        let pool = |s: &crate::spec::SegmentSpec| Self {
            prefix: s.prefix,
            gateway: s.gateway,
            dns: lab.name_server(),
            item: s.pool.as_ref().map(|p| p.id),
            range: s.pool.as_ref().map(|p| (p.first, p.last)),
            time: s
                .pool
                .as_ref()
                .map_or_else(|| LeasesSpec::default().time, |p| p.time),
        };
        lab.segments.iter().map(pool).collect()
    }
}

/// Time in which the server looks up its leases before it answers \[A\].
const LOOK_UP: Duration = Duration::from_millis(2);
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

/// The address server: the protocol's end, and what its host keeps beside it.
#[derive(Component, Clone, Debug)]
pub struct DhcpServer {
    server: Server,
    /// Configuration items of the pools.
    items: Vec<Option<ItemId>>,
    /// Records of the leases of each client.
    leases: BTreeMap<Mac, RecordId>,
    /// Answers that are looked up, by number, and how many there were.
    answers: BTreeMap<u64, (Recipient, Dhcp)>,
    answered: u64,
    said_empty: Option<Time>,
}

impl DhcpServer {
    /// A server that remembers of each host of the plan that has no reservation which address it had, and has leased nothing.
    #[must_use]
    pub fn new(pools: Vec<Pool>, plan: &[Binding]) -> Self {
        let reserved = plan.iter().filter(|b| b.reserved);
        let reservations = reserved.map(|b| Reservation {
            mac: b.mac,
            ip: b.ip,
            prefix: b.prefix,
            gateway: b.gateway,
            dns: b.dns,
        });
        let had = plan.iter().filter(|b| !b.reserved).map(|b| (b.mac, b.ip));
        let items = pools.iter().map(|p| p.item).collect();
        let pools = pools.into_iter().map(|p| dhcp::server::Pool {
            prefix: p.prefix,
            gateway: p.gateway,
            dns: p.dns,
            range: p.range,
            time: p.time,
        });
        Self {
            server: Server::new(pools.collect(), reservations.collect(), had),
            items,
            leases: BTreeMap::new(),
            answers: BTreeMap::new(),
            answered: 0,
            said_empty: None,
        }
    }

    fn item(&self, pool: Option<usize>) -> Option<ItemId> {
        self.items.get(pool?).copied().flatten()
    }

    /// Something happened at the protocol's end.
    fn happened(&mut self, io: &mut Io<'_, '_>, event: ServerEvent) {
        match event {
            ServerEvent::Leased { client, ip } => {
                let record = io.cx.emit(NetworkRecord::LeaseGiven { client, ip });
                self.leases.insert(client, record);
            }
            ServerEvent::Refused { client, pool } => {
                let (pool, item) = (0, self.item(pool));
                io.cx
                    .emit(NetworkRecord::LeaseRefused { client, pool, item });
            }
            ServerEvent::Exhausted {
                client,
                pool,
                addresses,
                held,
            } => {
                let held = held.iter().filter_map(|mac| self.leases.get(mac).copied());
                let held: Vec<RecordId> = held.collect();
                let (pool, item) = (addresses, self.item(pool));
                let refused = NetworkRecord::LeaseRefused { client, pool, item };
                io.cx.emit_because(refused, &held);
                let now = io.cx.now();
                if self.said_empty.is_none_or(|at| now - at >= QUIET) {
                    self.said_empty = Some(now);
                    io.log(LogKind::PoolEmpty, None, 0);
                }
            }
        }
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
    let now = io.cx.now();
    server.server.handle_message(now, own, *from, *dhcp);
    while let Some(event) = server.server.poll_event() {
        server.happened(io, event);
    }
    while let Some(answer) = server.server.poll_transmit() {
        let token = server.answered;
        server.answered += 1;
        server.answers.insert(token, answer);
        io.timer(id::DHCP_SERVER, LOOK_UP, token);
    }
}

/// The server has looked up what it answers.
pub fn on_dhcp_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let answer = node
        .get_mut::<DhcpServer>()
        .and_then(|s| s.answers.remove(&token));
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
    let Message::Dns(query) = &**message else {
        return;
    };
    let plan = &io.cx.shared().plan;
    let zone = |name: &str| plan.iter().find(|b| b.name == name).map(|b| b.ip);
    let mut server = dns::server::Server::default();
    server.handle_message(*from, query, zone);
    while let Some((to, answer)) = server.poll_transmit() {
        io.datagram(DNS_PORT, to, Message::Dns(answer));
    }
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
