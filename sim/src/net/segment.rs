//! A broadcast domain: a learning switch, with DHCP snooping and ARP inspection where they are configured.

use crate::catalog::Entry;
use crate::engine::{NodeId, NodeMut};
use crate::event::{Cx, LabEvent};
use crate::record::{DropReason, MonitoringRecord, NetworkRecord};
use crate::spec::{ItemId, SegmentSpec};
use crate::time::Duration;
use crate::wire::dhcp::{Dhcp, SERVER_PORT};
use crate::wire::{Body, Frame, Ip, Mac, Message, Transport};
use bevy_ecs::component::Component;
use std::collections::{BTreeMap, BTreeSet};

/// What is said of the sensor.
pub static PORT_BINDING: Entry = Entry::plain(
    "port-binding",
    "Ports of switches",
    "A switch of the pumps' segments tells when a hardware address speaks on another port than the one where it spoke first. Moving a computer to \
         another socket looks the same.",
);

/// A place where a node is plugged in.
#[derive(Clone, Copy, Debug)]
pub struct Socket {
    /// The node.
    pub node: NodeId,
    /// Its port.
    pub port: u16,
    /// Whether DHCP answers from here are trusted.
    pub trusted: bool,
    /// Whether it leads to a router or an access point.
    pub uplink: bool,
}

/// The switch.
#[derive(Component, Clone, Debug)]
pub struct Segment {
    sockets: Vec<Socket>,
    learned: BTreeMap<Mac, u16>,
    delay: Duration,
    snooping: Option<ItemId>,
    inspection: Option<(ItemId, BTreeMap<Ip, Mac>)>,
    access: Option<(ItemId, BTreeSet<Mac>)>,
    mirror: Option<NodeId>,
    guard: Option<(ItemId, u32)>,
    binding: Option<ItemId>,
    /// Addresses and the socket where each spoke first, where that counts; and whether its use elsewhere was told.
    bound: BTreeMap<Mac, (u16, bool)>,
    /// Clients that have asked for leases, with the socket, where that is guarded.
    asked: BTreeSet<(u16, Mac)>,
}

impl Segment {
    /// The switch of a segment, configured as it says. `known` is the address plan, which ARP answers are checked against where they are inspected.
    #[must_use]
    pub fn new(spec: &SegmentSpec, known: &[(Ip, Mac)]) -> Self {
        let inspection = spec.arp_inspection.as_ref();
        let access = spec.port_access.as_ref();
        Self {
            sockets: Vec::new(),
            learned: BTreeMap::new(),
            delay: spec.delay,
            snooping: spec.dhcp_snooping.as_ref().map(|s| s.id),
            // Where the plan has an address twice, the first counts.
            inspection: inspection.map(|i| (i.id, known.iter().rev().copied().collect())),
            access: access.map(|a| (a.id, a.value.hosts.iter().map(|h| Mac::of(h)).collect())),
            mirror: None,
            guard: spec.lease_guard.as_ref().map(|g| (g.id, g.clients)),
            binding: spec.port_binding.as_ref().map(|b| b.id),
            bound: BTreeMap::new(),
            asked: BTreeSet::new(),
        }
    }

    /// Whether the sender of a frame spoke first on another port. What is behind an uplink may move to another uplink: stations roam.
    fn is_elsewhere(&mut self, cx: &mut Cx<'_>, from: u16, frame: &Frame) -> Option<DropReason> {
        let item = self.binding?;
        let uplink = self
            .sockets
            .get(usize::from(from))
            .is_some_and(|s| s.uplink);
        let Some((port, told)) = self.bound.get_mut(&frame.src) else {
            self.bound.insert(frame.src, (from, false));
            return None;
        };
        if *port == from || uplink {
            return None;
        }
        if !std::mem::replace(told, true) {
            cx.emit(MonitoringRecord::Alert {
                sensor: PORT_BINDING.id,
                item,
                about: format!("{} spoke on another port than its own", frame.src),
            });
        }
        Some(DropReason::PortBinding(item))
    }

    /// Whether a request for a lease is in another's name, or from one client too many on the port.
    fn is_too_much(&mut self, from: u16, frame: &Frame) -> Option<DropReason> {
        let (item, most) = self.guard?;
        let socket = self.sockets.get(usize::from(from))?;
        let client = asking(frame).filter(|_| !socket.trusted)?;
        if client != frame.src {
            return Some(DropReason::LeaseGuard(item));
        }
        if socket.uplink || self.asked.contains(&(from, client)) {
            return None;
        }
        let here = (from, Mac(0))..=(from, Mac(u64::MAX));
        if self.asked.range(here).count() >= most as usize {
            return Some(DropReason::LeaseGuard(item));
        }
        self.asked.insert((from, client));
        None
    }

    /// Copies every frame that enters to this node.
    pub fn mirror_to(&mut self, sensor: NodeId) {
        self.mirror = Some(sensor);
    }

    /// Plugs a node in; the number of the socket is what the node sends on.
    pub fn plug(&mut self, socket: Socket) -> u16 {
        self.sockets.push(socket);
        (self.sockets.len() - 1) as u16
    }

    fn refusal(&self, from: u16, frame: &Frame) -> Option<DropReason> {
        let socket = self.sockets.get(usize::from(from));
        let trusted = socket.is_some_and(|s| s.trusted);
        if let Some((item, known)) = &self.access
            && !socket.is_some_and(|s| s.uplink)
            && !known.contains(&frame.src)
        {
            return Some(DropReason::PortAccess(*item));
        }
        match (&frame.body, self.snooping, &self.inspection) {
            (Body::Ip(p), Some(item), _) if !trusted && is_dhcp_answer(&p.transport) => {
                Some(DropReason::DhcpSnooping(item))
            }
            (Body::Arp(a), _, Some((item, plan))) if !trusted && a.sender_ip != Ip::UNSPECIFIED => {
                let planned = plan.get(&a.sender_ip);
                planned
                    .is_some_and(|mac| *mac != a.sender_mac)
                    .then_some(DropReason::ArpInspection(*item))
            }
            _ => None,
        }
    }

    fn forward(&mut self, cx: &mut Cx<'_>, from: u16, frame: Box<Frame>) {
        if let Some(sensor) = self.mirror {
            cx.after(self.delay, sensor, LabEvent::Mirrored(frame.clone()));
        }
        let refusal = self.refusal(from, &frame);
        let refusal = refusal.or_else(|| self.is_elsewhere(cx, from, &frame));
        if let Some(why) = refusal.or_else(|| self.is_too_much(from, &frame)) {
            cx.emit(NetworkRecord::Dropped { why, flow: None });
            return;
        }
        self.learned.insert(frame.src, from);
        let known = self.learned.get(&frame.dst).copied();
        if let Some(socket) = known.filter(|_| !frame.dst.is_broadcast()) {
            if socket != from {
                let to = self.sockets[usize::from(socket)];
                cx.after(
                    self.delay,
                    to.node,
                    LabEvent::Frame {
                        port: to.port,
                        frame,
                    },
                );
            }
            return;
        }
        for (i, to) in self.sockets.iter().enumerate() {
            if i != usize::from(from) {
                cx.after(
                    self.delay,
                    to.node,
                    LabEvent::Frame {
                        port: to.port,
                        frame: frame.clone(),
                    },
                );
            }
        }
    }
}

/// The client that a frame asks for a lease for.
fn asking(frame: &Frame) -> Option<Mac> {
    let Body::Ip(packet) = &frame.body else {
        return None;
    };
    match packet.message() {
        Some(Message::Dhcp(dhcp)) if dhcp.asks() => Some(dhcp.client()),
        _ => None,
    }
}

fn is_dhcp_answer(transport: &Transport) -> bool {
    match transport {
        Transport::Datagram { sport, message, .. } => {
            *sport == SERVER_PORT
                && matches!(
                    **message,
                    Message::Dhcp(Dhcp::Offer { .. } | Dhcp::Ack { .. } | Dhcp::Nak { .. })
                )
        }
        Transport::Stream { .. } => false,
    }
}

/// Handles an event at a segment; `port` of a frame is the socket that it came in by.
pub fn on_event(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    let Some(segment) = node.get_mut::<Segment>() else {
        return;
    };
    if let LabEvent::Frame { port, frame } = event {
        segment.forward(cx, port, frame);
    }
}
