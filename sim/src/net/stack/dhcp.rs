//! The DHCP client: asks, takes the first offer, believes it, and renews what it has been given (RFC 2131 sections 4.1 and 4.4).

use super::{Address, SocketEvent, Stack, TOKEN_DHCP, TOKEN_LEASE};
use crate::engine::RecordId;
use crate::event::Cx;
use crate::record::NetworkRecord;
use crate::rng::Purpose;
use crate::time::{Duration, Time};
use crate::wire::dhcp::{CLIENT_PORT, Dhcp, Lease, SERVER_PORT};
use crate::wire::{Body, Cidr, Frame, Ip, Mac, Message, Packet, Transport};

/// First time to wait for a DHCP server; it doubles up to 64 s (RFC 2131 section 4.1).
const DHCP_WAIT: Duration = Duration::from_secs(4);
/// Waits are longer or shorter by up to this many seconds (RFC 2131 section 4.1).
const DHCP_FUZZ_S: f64 = 1.0;
/// Least time between two requests to renew a lease (RFC 2131 section 4.4.5).
const RENEW_AT_LEAST: Duration = Duration::from_secs(60);
const DHCP_TRANSACTION: Purpose = Purpose::new("dhcp transaction");
const DHCP_RETRY: Purpose = Purpose::new("dhcp wait");

/// A lease asked for, offered or held.
#[derive(Clone, Debug)]
pub(super) struct DhcpClient {
    /// Record of the beginning of the search.
    sought: RecordId,
    xid: u32,
    attempt: u32,
    offered: Option<(Lease, Ip)>,
    held: Option<Held>,
}

/// A lease that is held.
#[derive(Clone, Copy, Debug)]
struct Held {
    ip: Ip,
    server: Ip,
    since: Time,
    length: Duration,
    /// Record of the lease.
    record: RecordId,
    /// Whether it was asked to be renewed and no answer has come.
    renewing: bool,
}

/// Half of a lease: the time after which it is renewed.
#[must_use]
pub fn renewal(length: Duration) -> Duration {
    Duration::from_nanos(length.as_nanos() / 2)
}

impl Held {
    /// Time from which the client asks its server to renew: half of the lease (T1).
    fn renew_at(&self) -> Time {
        self.since + renewal(self.length)
    }

    /// Time from which it asks every server: seven eighths of the lease (T2).
    fn rebind_at(&self) -> Time {
        self.since + Duration::from_nanos(self.length.as_nanos() / 8 * 7)
    }

    fn ends_at(&self) -> Time {
        self.since + self.length
    }

    /// When to look at the lease next: half of the time left until the next stage, but not within a minute.
    fn next(&self, now: Time) -> Time {
        if now < self.renew_at() {
            return self.renew_at();
        }
        let stage = if now < self.rebind_at() {
            self.rebind_at()
        } else {
            self.ends_at()
        };
        let half = now + renewal(stage - now).max(RENEW_AT_LEAST);
        half.min(stage)
    }
}

impl DhcpClient {
    /// The record of the lease that is held.
    pub(super) fn bound_by(&self) -> Option<RecordId> {
        self.held.map(|h| h.record)
    }

    /// Whether this answers what was asked.
    pub(super) fn awaits(&self, answers: Option<u32>) -> bool {
        self.held.is_none_or(|h| h.renewing) && answers == Some(self.xid)
    }
}

impl Stack {
    /// The record of the beginning of the search for an address that has found none yet.
    #[must_use]
    pub fn address_sought(&self) -> Option<RecordId> {
        let searching = self.dhcp.as_ref().filter(|d| d.held.is_none());
        searching.map(|d| d.sought)
    }

    fn transaction(&mut self, cx: &mut Cx<'_>) -> u32 {
        self.attempts += 1;
        cx.stream(DHCP_TRANSACTION, u64::from(self.attempts))
            .next_u64() as u32
    }

    pub(super) fn discover(&mut self, cx: &mut Cx<'_>) {
        let xid = self.transaction(cx);
        let before = self.dhcp.as_ref().filter(|d| d.held.is_none());
        let (attempt, begun) = before.map_or((0, None), |d| (d.attempt + 1, Some(d.sought)));
        let sought = begun.unwrap_or_else(|| cx.emit(NetworkRecord::AddressSought));
        self.dhcp = Some(DhcpClient {
            sought,
            xid,
            attempt,
            offered: None,
            held: None,
        });
        self.broadcast_dhcp(Dhcp::Discover { xid, mac: self.mac });
        let fuzz = cx
            .stream(DHCP_RETRY, u64::from(self.attempts))
            .unit_f64()
            .mul_add(2.0, -1.0);
        let wait = (DHCP_WAIT * u64::from(1u32 << attempt.min(4))).as_secs_f64();
        let wait = Duration::from_secs_f64(wait + fuzz * DHCP_FUZZ_S);
        self.timer(cx, wait, TOKEN_DHCP | u64::from(xid));
    }

    fn broadcast_dhcp(&mut self, dhcp: Dhcp) {
        self.send_frame(request(self.mac, dhcp));
    }

    pub(super) fn on_dhcp(&mut self, cx: &mut Cx<'_>, dhcp: Dhcp) {
        let mac = self.mac;
        let Some(client) = &mut self.dhcp else { return };
        match dhcp {
            Dhcp::Offer {
                xid,
                mac: m,
                lease,
                server,
            } if xid == client.xid
                && m == mac
                && client.offered.is_none()
                && client.held.is_none() =>
            {
                client.offered = Some((lease, server));
                self.broadcast_dhcp(Dhcp::Request {
                    xid,
                    mac,
                    ip: lease.ip,
                    server,
                });
            }
            Dhcp::Ack {
                xid,
                mac: m,
                lease,
                server,
            } if xid == client.xid && m == mac => match client.held {
                None => self.bound(cx, &lease, server),
                Some(held) if held.renewing && held.ip == lease.ip => {
                    self.renewed(cx, &lease, server)
                }
                Some(_) => {}
            },
            Dhcp::Nak { xid, mac: m } if xid == client.xid && m == mac => match client.held {
                None => client.offered = None,
                Some(held) if held.renewing => self.lose(cx, true),
                Some(_) => {}
            },
            _ => {}
        }
    }

    fn bound(&mut self, cx: &mut Cx<'_>, lease: &Lease, server: Ip) {
        let record = cx.emit(NetworkRecord::AddressBound {
            ip: lease.ip,
            gateway: lease.gateway,
            server,
        });
        let net = Cidr {
            ip: lease.ip,
            len: lease.prefix,
        };
        self.address = Some(Address {
            net,
            gateway: lease.gateway,
            dns: lease.dns,
        });
        self.hold(cx, lease, server, record);
        self.tell_all(SocketEvent::Up);
    }

    fn renewed(&mut self, cx: &mut Cx<'_>, lease: &Lease, server: Ip) {
        let ip = lease.ip;
        let record = cx.emit(NetworkRecord::LeaseRenewed { ip, server });
        self.hold(cx, lease, server, record);
    }

    fn hold(&mut self, cx: &mut Cx<'_>, lease: &Lease, server: Ip, record: RecordId) {
        let held = Held {
            ip: lease.ip,
            server,
            since: cx.now(),
            length: Duration::from_secs(u64::from(lease.seconds)),
            record,
            renewing: false,
        };
        let Some(client) = &mut self.dhcp else { return };
        client.held = Some(held);
        let xid = client.xid;
        self.timer(
            cx,
            held.renew_at() - held.since,
            TOKEN_LEASE | u64::from(xid),
        );
    }

    /// Nobody has answered in time.
    pub(super) fn dhcp_due(&mut self, cx: &mut Cx<'_>, xid: u32) {
        let waiting = self
            .dhcp
            .as_ref()
            .is_some_and(|d| d.xid == xid && d.held.is_none());
        if waiting && self.link {
            self.discover(cx);
        }
    }

    /// A lease wants to be renewed, or is over. A lease runs out whether the host has a link or not.
    pub(super) fn lease_due(&mut self, cx: &mut Cx<'_>, xid: u32) {
        let now = cx.now();
        let Some(held) = self
            .dhcp
            .as_ref()
            .filter(|d| d.xid == xid)
            .and_then(|d| d.held)
        else {
            return;
        };
        if now >= held.ends_at() {
            return self.lose(cx, false);
        }
        // The wait for an answer that has come.
        if now < held.renew_at() {
            return;
        }
        let xid = self.transaction(cx);
        if let Some(client) = &mut self.dhcp {
            client.xid = xid;
            client.held = Some(Held {
                renewing: true,
                ..held
            });
        }
        self.timer(cx, held.next(now) - now, TOKEN_LEASE | u64::from(xid));
        let mac = self.mac;
        let ask = Dhcp::Renew {
            xid,
            mac,
            ip: held.ip,
        };
        if !self.link {
            return;
        }
        if now < held.rebind_at() {
            let to = (held.server, SERVER_PORT);
            self.datagram(cx, CLIENT_PORT, to, Message::Dhcp(ask));
        } else {
            self.broadcast_dhcp(ask);
        }
    }

    /// The lease is gone: the host must stop using its address at once, and asks for another if it has a link.
    fn lose(&mut self, cx: &mut Cx<'_>, refused: bool) {
        let Some(held) = self.dhcp.as_ref().and_then(|d| d.held) else {
            return;
        };
        let ip = held.ip;
        cx.emit_because(NetworkRecord::LeaseLost { ip, refused }, &[held.record]);
        self.address = None;
        if self.link {
            self.cut(cx);
            self.discover(cx);
        } else {
            self.dhcp = None;
        }
    }
}

/// What a client without an address says to every server.
#[must_use]
pub fn request(mac: Mac, dhcp: Dhcp) -> Frame {
    let message = Box::new(Message::Dhcp(dhcp));
    let transport = Transport::Datagram {
        sport: CLIENT_PORT,
        dport: SERVER_PORT,
        message,
    };
    let packet = Packet {
        src: Ip::UNSPECIFIED,
        dst: Ip::BROADCAST,
        ttl: 64,
        transport,
    };
    Frame {
        src: mac,
        dst: Mac::BROADCAST,
        body: Body::Ip(packet),
    }
}
