//! How a host's stack drives its DHCP client: messages, timers, records, and the address that follows.

use super::{Address, SocketEvent, Stack, TOKEN_DHCP, TOKEN_LEASE};
use crate::engine::RecordId;
use crate::event::Cx;
use crate::proto::dhcp::client::{Client, ClientEvent, Draw, Due, Recipient};
use crate::record::NetworkRecord;
use crate::rng::Purpose;
use crate::time::Time;
use crate::wire::dhcp::{CLIENT_PORT, Dhcp, SERVER_PORT};
use crate::wire::{Body, Cidr, Frame, Ip, Mac, Message, Packet, Transport};

pub use crate::proto::dhcp::client::renewal;

const TRANSACTION: Purpose = Purpose::new("dhcp transaction");
const RETRY: Purpose = Purpose::new("dhcp wait");

/// The client, and what its host keeps beside it.
#[derive(Clone, Debug)]
pub(super) struct DhcpClient {
    client: Client,
    /// Record of the beginning of the search.
    sought: Option<RecordId>,
    /// Record of the lease.
    lease: Option<RecordId>,
    /// Deadline for which a timer was set.
    timed: Option<(Time, Due)>,
}

impl DhcpClient {
    pub(super) fn new(mac: Mac) -> Self {
        Self {
            client: Client::new(mac),
            sought: None,
            lease: None,
            timed: None,
        }
    }

    /// The record of the lease that is held.
    pub(super) fn bound_by(&self) -> Option<RecordId> {
        self.lease
    }

    /// Whether this answers what was asked.
    pub(super) fn awaits(&self, answers: Option<u32>) -> bool {
        answers.is_some_and(|xid| self.client.awaits(xid))
    }

    /// Forgets lease and search; the interface has this address from now on.
    pub(super) fn reset(&mut self, mac: Mac) {
        self.client.reset(mac);
        (self.sought, self.lease, self.timed) = (None, None, None);
    }

    pub(super) fn link_down(&mut self) {
        self.client.handle_link_down();
    }
}

impl Stack {
    /// The record of the beginning of the search for an address that has found none yet.
    #[must_use]
    pub fn address_sought(&self) -> Option<RecordId> {
        self.dhcp.sought.filter(|_| self.dhcp.client.is_seeking())
    }

    /// Lets the client act, and passes on what comes of it.
    fn with_dhcp(&mut self, cx: &mut Cx<'_>, act: impl FnOnce(&mut Client, Time, Draw)) {
        let client = &mut self.dhcp.client;
        let number = u64::from(client.next_transaction());
        let draw = Draw {
            xid: cx.stream(TRANSACTION, number).next_u64() as u32,
            jitter: cx.stream(RETRY, number).unit_f64().mul_add(2.0, -1.0),
        };
        act(client, cx.now(), draw);
        while let Some(event) = self.dhcp.client.poll_event() {
            self.dhcp_says(cx, event);
        }
        while let Some((to, message)) = self.dhcp.client.poll_transmit() {
            match to {
                Recipient::Everybody => self.send_frame(request(self.mac, message)),
                Recipient::Server(server) => {
                    let to = (server, SERVER_PORT);
                    self.datagram(cx, CLIENT_PORT, to, Message::Dhcp(message));
                }
            }
        }
        let due = self.dhcp.client.poll_timeout();
        if due != self.dhcp.timed {
            self.dhcp.timed = due;
            if let Some((at, due)) = due {
                let token = match due {
                    Due::Answer(xid) => TOKEN_DHCP | u64::from(xid),
                    Due::Lease(xid) => TOKEN_LEASE | u64::from(xid),
                };
                self.timer(cx, at - cx.now(), token);
            }
        }
    }

    /// Takes in what the client tells.
    fn dhcp_says(&mut self, cx: &mut Cx<'_>, event: ClientEvent) {
        match event {
            ClientEvent::Seeking => {
                self.dhcp.sought = Some(cx.emit(NetworkRecord::AddressSought));
            }
            ClientEvent::Bound { lease, server } => {
                let (ip, gateway) = (lease.ip, lease.gateway);
                let bound = NetworkRecord::AddressBound {
                    ip,
                    gateway,
                    server,
                };
                self.dhcp.lease = Some(cx.emit(bound));
                let len = lease.prefix;
                self.address = Some(Address {
                    net: Cidr { ip, len },
                    gateway,
                    dns: lease.dns,
                });
                self.tell_all(SocketEvent::Up);
            }
            ClientEvent::Renewed { ip, server } => {
                self.dhcp.lease = Some(cx.emit(NetworkRecord::LeaseRenewed { ip, server }));
            }
            ClientEvent::Lost { ip, refused } => {
                let lost = NetworkRecord::LeaseLost { ip, refused };
                cx.emit_because(lost, self.dhcp.lease.take().as_slice());
                self.address = None;
                if self.link {
                    self.cut(cx);
                }
            }
        }
    }

    /// There is a link: asks for an address where there is none.
    pub(super) fn dhcp_link_up(&mut self, cx: &mut Cx<'_>) {
        self.with_dhcp(cx, |client, now, draw| client.handle_link_up(now, draw));
    }

    /// A server answered, or somebody in its name.
    pub(super) fn on_dhcp(&mut self, cx: &mut Cx<'_>, dhcp: Dhcp) {
        self.with_dhcp(cx, |client, now, draw| {
            client.handle_message(now, draw, dhcp);
        });
    }

    /// A deadline of the client is over, if it still waits for it.
    pub(super) fn dhcp_due(&mut self, cx: &mut Cx<'_>, due: Due) {
        let awaited = self.dhcp.client.poll_timeout();
        if awaited.is_some_and(|(_, awaited)| awaited == due) {
            self.with_dhcp(cx, |client, now, draw| client.handle_timeout(now, draw));
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
