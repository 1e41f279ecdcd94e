//! Hands on the way between two others: packets that come to the own interface though they are for somebody else.

use super::Hands;
use crate::net::router::flow_of;
use crate::net::stack::dhcp::request;
use crate::record::NetworkRecord;
use crate::spec::RoleSpec;
use crate::wire::dhcp::Dhcp;
use crate::wire::{Arp, Body, Frame, Ip, Mac, Packet};

impl Hands<'_, '_> {
    /// Begins to note whose frames reach the own interface.
    pub fn note_senders(&mut self) {
        self.did(|| "note who is heard".to_owned());
        self.network.stack.note_senders();
    }

    /// Whose frames did, the one that has been silent for longest first.
    #[must_use]
    pub fn heard(&self) -> Vec<Mac> {
        self.network.stack.heard().to_vec()
    }

    /// Writes this hardware address on the own frames from now on, and asks for an address anew.
    pub fn become_another(&mut self, mac: Mac) {
        self.did(|| format!("go on as {mac}"));
        self.network.stack.become_another(self.cx, mac);
    }

    /// Says to every address server what a client without an address says; `sender` is the hardware address that the frame bears.
    pub fn ask_for_lease(&mut self, sender: Mac, dhcp: Dhcp) {
        self.did(|| format!("say as {sender} {dhcp:?}"));
        self.network.stack.send_frame(request(sender, dhcp));
    }

    /// Takes packets that come to the own interface and are for another address: they come as [`SocketEvent::Passing`](super::SocketEvent).
    pub fn intercept(&mut self, on: bool) {
        self.did(|| format!("intercept: {on}"));
        self.network.stack.intercept(on);
    }

    /// Sends a packet on to where it is for, by the neighbours that the own host believes in.
    pub fn forward(&mut self, packet: Packet) {
        self.did(|| format!("forward to {}", packet.dst));
        self.network.stack.forward(self.cx, packet);
    }

    /// As [`Hands::forward`], for a packet that says something else now than it did.
    pub fn forward_altered(&mut self, packet: Packet) {
        let flow = flow_of(&packet);
        self.tell(NetworkRecord::PassedAltered { flow });
        self.forward(packet);
    }

    /// Notes that what passes in a packet is sealed for others, and cannot be read on the way.
    pub fn cannot_read(&mut self, packet: &Packet) {
        let (ends, flow) = ([packet.src, packet.dst], flow_of(packet));
        // What seals it is the session of the pump at one of its ends.
        let hosts = self.cx.shared().lab.hosts.iter();
        let mut roles = hosts
            .filter(|h| h.address.ip().is_some_and(|ip| ends.contains(&ip)))
            .flat_map(|h| &h.roles);
        let item = roles.find_map(|r| match r {
            RoleSpec::Pump(pump) => Some(pump.session.id),
            _ => None,
        });
        self.tell(NetworkRecord::PassedSealed { flow, item });
    }

    /// Tells everybody on the segment where an address really is, as far as the own host knows.
    pub fn give_back(&mut self, ip: Ip) {
        self.did(|| format!("give {ip} back"));
        let known = self.network.stack.neighbours().find(|(n, _)| *n == ip);
        if let Some((_, mac)) = known {
            self.network.stack.send_frame(Frame {
                src: self.network.stack.mac(),
                dst: Mac::BROADCAST,
                body: Body::Arp(Arp {
                    reply: true,
                    sender_mac: mac,
                    sender_ip: ip,
                    target_ip: ip,
                }),
            });
        }
    }
}
