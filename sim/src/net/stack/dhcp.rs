//! The DHCP client: asks, takes the first offer, and believes it.

use super::{Address, SocketEvent, Stack, TOKEN_DHCP};
use crate::engine::RecordId;
use crate::event::Cx;
use crate::record::LabRecord;
use crate::rng::Purpose;
use crate::time::Duration;
use crate::wire::dhcp::{CLIENT_PORT, Dhcp, Lease, SERVER_PORT};
use crate::wire::{Body, Cidr, Frame, Ip, Mac, Message, Packet, Transport};

/// First time to wait for a DHCP server; doubles up to a minute.
const DHCP_WAIT: Duration = Duration::from_secs(4);
const DHCP_TRANSACTION: Purpose = Purpose::new("dhcp transaction");

/// A lease asked for, offered or held.
#[derive(Clone, Debug)]
pub(super) struct DhcpClient {
    xid: u32,
    attempt: u32,
    offered: Option<(Lease, Ip)>,
    bound_by: Option<RecordId>,
}

impl DhcpClient {
    /// The record of the lease that is held.
    pub(super) fn bound_by(&self) -> Option<RecordId> {
        self.bound_by
    }

    /// Whether this answers what was asked.
    pub(super) fn awaits(&self, answers: Option<u32>) -> bool {
        self.bound_by.is_none() && answers == Some(self.xid)
    }
}

impl Stack {
    pub(super) fn discover(&mut self, cx: &mut Cx<'_>) {
        self.attempts += 1;
        let xid = cx
            .stream(DHCP_TRANSACTION, u64::from(self.attempts))
            .next_u64() as u32;
        let attempt = self.dhcp.as_ref().map_or(0, |d| d.attempt + 1);
        self.dhcp = Some(DhcpClient {
            xid,
            attempt,
            offered: None,
            bound_by: None,
        });
        self.broadcast_dhcp(Dhcp::Discover { xid, mac: self.mac });
        let wait = DHCP_WAIT * u64::from(1u32 << attempt.min(4));
        self.timer(cx, wait, TOKEN_DHCP | u64::from(xid));
    }

    fn broadcast_dhcp(&mut self, dhcp: Dhcp) {
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
        self.send_frame(Frame {
            src: self.mac,
            dst: Mac::BROADCAST,
            body: Body::Ip(packet),
        });
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
                && client.bound_by.is_none() =>
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
            } if xid == client.xid && m == mac && client.bound_by.is_none() => {
                let record = cx.emit(LabRecord::AddressBound {
                    ip: lease.ip,
                    gateway: lease.gateway,
                    server,
                });
                client.bound_by = Some(record);
                let net = Cidr {
                    ip: lease.ip,
                    len: lease.prefix,
                };
                self.address = Some(Address {
                    net,
                    gateway: lease.gateway,
                    dns: lease.dns,
                });
                self.tell_all(SocketEvent::Up);
            }
            Dhcp::Nak { xid, mac: m } if xid == client.xid && m == mac => client.offered = None,
            _ => {}
        }
    }

    /// Nobody has answered in time.
    pub(super) fn dhcp_due(&mut self, cx: &mut Cx<'_>, xid: u32) {
        let waiting = self
            .dhcp
            .as_ref()
            .is_some_and(|d| d.xid == xid && d.bound_by.is_none());
        if waiting && self.link {
            self.discover(cx);
        }
    }
}
