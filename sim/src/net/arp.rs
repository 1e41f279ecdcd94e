//! Address resolution as stations do it: ask, believe whoever answers, remember for a while.

use crate::engine::RecordId;
use crate::event::Cx;
use crate::record::NetworkRecord;
use crate::time::{Duration, Time};
use crate::wire::{Arp, Body, Frame, Ip, Mac, Packet};

/// How long a neighbour is remembered without being heard of (a common default of hosts \[M\]).
const REMEMBERED: Duration = Duration::from_mins(20);
/// Time between requests for an address that does not answer.
pub const RETRY: Duration = Duration::from_secs(1);
/// Requests before giving up.
pub const TRIES: u8 = 3;
/// Packets kept per unresolved address; the oldest is lost first.
const WAITING: usize = 16;

/// A neighbour that is believed to be known.
#[derive(Clone, Debug)]
struct Neighbour {
    ip: Ip,
    mac: Mac,
    until: Time,
    taught_by: Option<RecordId>,
}

/// Packets that wait for an address.
#[derive(Clone, Debug)]
struct Waiting {
    ip: Ip,
    tries: u8,
    packets: Vec<Packet>,
}

/// The neighbour table of one interface.
#[derive(Clone, Debug, Default)]
pub struct ArpTable {
    neighbours: Vec<Neighbour>,
    waiting: Vec<Waiting>,
}

impl ArpTable {
    /// The hardware address of a next hop, if it is known.
    pub fn lookup(&mut self, now: Time, hop: Ip) -> Option<Mac> {
        let known = self
            .neighbours
            .iter_mut()
            .find(|n| n.ip == hop && n.until > now)?;
        known.until = now + REMEMBERED;
        Some(known.mac)
    }

    /// Keeps a packet until its next hop is known. Whether it is the first one, so that a request and a timer are due.
    pub fn wait(&mut self, hop: Ip, packet: Packet) -> bool {
        if let Some(w) = self.waiting.iter_mut().find(|w| w.ip == hop) {
            if w.packets.len() == WAITING {
                w.packets.remove(0);
            }
            w.packets.push(packet);
            return false;
        }
        self.waiting.push(Waiting {
            ip: hop,
            tries: 1,
            packets: vec![packet],
        });
        true
    }

    /// Learns from an ARP message what it claims, and gives back the packets that waited for it.
    ///
    /// A request teaches only what is of use (an address already known, or asked of this interface); a reply teaches always, asked for or
    /// not. Nothing proves either.
    pub fn learn(&mut self, cx: &mut Cx<'_>, arp: &Arp, for_me: bool) -> Vec<Packet> {
        if arp.sender_ip == Ip::UNSPECIFIED {
            return Vec::new();
        }
        let until = cx.now() + REMEMBERED;
        if let Some(n) = self.neighbours.iter_mut().find(|n| n.ip == arp.sender_ip) {
            if n.mac != arp.sender_mac {
                n.taught_by = Some(cx.emit(NetworkRecord::NeighbourChanged {
                    ip: n.ip,
                    from: n.mac,
                    to: arp.sender_mac,
                }));
                n.mac = arp.sender_mac;
            }
            n.until = until;
        } else if arp.reply || for_me {
            self.neighbours.push(Neighbour {
                ip: arp.sender_ip,
                mac: arp.sender_mac,
                until,
                taught_by: None,
            });
        }
        match self.waiting.iter().position(|w| w.ip == arp.sender_ip) {
            Some(i) if arp.reply || for_me => self.waiting.swap_remove(i).packets,
            _ => Vec::new(),
        }
    }

    /// A request's time is up: whether to ask again, or the packets that are lost.
    pub fn retry(&mut self, hop: Ip) -> Result<bool, Vec<Packet>> {
        let Some(i) = self.waiting.iter().position(|w| w.ip == hop) else {
            return Ok(false);
        };
        if self.waiting[i].tries == TRIES {
            return Err(self.waiting.swap_remove(i).packets);
        }
        self.waiting[i].tries += 1;
        Ok(true)
    }

    /// The record that made this table believe another hardware address, if one did.
    #[must_use]
    pub fn taught_by(&self, ip: Ip) -> Option<RecordId> {
        self.neighbours
            .iter()
            .find(|n| n.ip == ip)
            .and_then(|n| n.taught_by)
    }

    /// Neighbours and their hardware addresses.
    pub fn iter(&self) -> impl Iterator<Item = (Ip, Mac)> {
        self.neighbours.iter().map(|n| (n.ip, n.mac))
    }
}

/// A request for the owner of `target`.
#[must_use]
pub fn request(mac: Mac, ip: Ip, target: Ip) -> Frame {
    Frame {
        src: mac,
        dst: Mac::BROADCAST,
        body: Body::Arp(Arp {
            reply: false,
            sender_mac: mac,
            sender_ip: ip,
            target_ip: target,
        }),
    }
}

/// An answer that claims `ip` for `mac`.
#[must_use]
pub fn reply(mac: Mac, ip: Ip, to: Mac, to_ip: Ip) -> Frame {
    Frame {
        src: mac,
        dst: to,
        body: Body::Arp(Arp {
            reply: true,
            sender_mac: mac,
            sender_ip: ip,
            target_ip: to_ip,
        }),
    }
}
