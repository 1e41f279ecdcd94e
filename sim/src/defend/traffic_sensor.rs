//! A sensor on mirrored traffic: patterns in what can be read, and flows outside a learned baseline. Sealed bodies stay sealed.

use crate::catalog::Entry;
use crate::device::part::{Part, Sockets, role};
use crate::engine::NodeMut;
use crate::event::{Cx, LabEvent};
use crate::record::MonitoringRecord;
use crate::spec::{
    BaselineSpec, HostSpec, ItemId, LabSpec, RoleSpec, SignatureSpec, TrafficSensorSpec,
};
use crate::time::{Duration, Time};
use crate::wire::dhcp::Dhcp;
use crate::wire::dns::Dns;
use crate::wire::pump::PumpMessage;
use crate::wire::{Body, Frame, Ip, Mac, Message, Packet, Segment, Transport};
use bevy_ecs::component::Component;
use std::collections::{BTreeMap, BTreeSet};

/// What is said of the sensor.
pub static PATTERN: Entry = Entry::plain(
    "traffic-pattern",
    "Patterns in mirrored traffic",
    "Knows messages made for published flaws, shells and file transfers to pumps, libraries and orders from hosts that are no pump \
         server, leases from hosts that are no DHCP server, and addresses or names that are claimed twice. It reads what enters a mirrored \
         segment in clear; sealed bodies stay sealed, and a flaw that nobody has published has no pattern.",
);

/// What is said of the sensor.
pub static BASELINE: Entry = Entry::plain(
    "flow-baseline",
    "Flow baseline on mirrored traffic",
    "Learns in the first minutes who speaks with whom on which port. Afterwards it notices a new pair that involves a pump, a source that \
         tries many addresses and ports, and a flood from one source to one destination. It sees what enters a mirrored segment, \
         sealed or not; a pump that is switched on late, or whose server moves, is new to it as well.",
);

/// Sensor behind a mirror port.
pub(super) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::TrafficSensor(_) => Sockets::default()),
    build: |site| {
        if let Some(spec) = role!(site.host, RoleSpec::TrafficSensor(spec) => spec) {
            let inventory = Inventory::of(&site.shared.lab);
            site.insert(TrafficSensor::new(spec, inventory));
        }
        Ok(())
    },
    before_network: Some(|cx, node, event| match event {
        LabEvent::Mirrored(frame) => {
            on_mirrored(cx, node, &frame);
            None
        }
        event => Some(event),
    }),
    ..Part::new(super::id::TRAFFIC_SENSOR)
};

impl Inventory {
    /// The addresses that the operator of a sensor has listed.
    fn of(lab: &LabSpec) -> Self {
        let of = |h: &HostSpec| Some((h.name.clone(), h.address.ip()?));
        Self {
            addresses: lab.hosts.iter().filter_map(of).collect(),
            pumps: lab.pumps().filter_map(|(h, _)| h.address.ip()).collect(),
        }
    }
}

/// Time for which the same thing is not raised again \[A\].
const QUIET: Duration = Duration::from_mins(10);
/// Window in which different tries of one source are counted.
const FAN_WINDOW: Duration = Duration::from_mins(1);
/// Window in which packets of one source to one destination are counted.
const BURST_WINDOW: Duration = Duration::from_secs(10);

/// The lab's addresses as the sensor's operator has listed them.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Addresses by host name.
    pub addresses: BTreeMap<String, Ip>,
    /// Addresses of pumps.
    pub pumps: BTreeSet<Ip>,
}

/// A flow, by who opened it: source, destination, destination port.
type FlowKey = (Ip, Ip, u16);

/// The sensor.
#[derive(Component, Clone, Debug)]
pub struct TrafficSensor {
    signatures: Vec<(ItemId, SignatureSpec)>,
    baseline: Option<(ItemId, BaselineSpec)>,
    inventory: Inventory,
    neighbours: BTreeMap<Ip, Mac>,
    names: BTreeMap<String, Option<Ip>>,
    known: BTreeSet<FlowKey>,
    tries: BTreeMap<Ip, Vec<(Time, Ip, u16)>>,
    packets: BTreeMap<(Ip, Ip), (Time, u32)>,
    raised: BTreeMap<(ItemId, String), Time>,
}

impl TrafficSensor {
    /// A sensor that has seen nothing.
    #[must_use]
    pub fn new(spec: &TrafficSensorSpec, inventory: Inventory) -> Self {
        Self {
            signatures: spec
                .signatures
                .iter()
                .map(|s| (s.id, s.value.clone()))
                .collect(),
            baseline: spec.baseline.as_ref().map(|b| (b.id, b.value.clone())),
            inventory,
            neighbours: BTreeMap::new(),
            names: BTreeMap::new(),
            known: BTreeSet::new(),
            tries: BTreeMap::new(),
            packets: BTreeMap::new(),
            raised: BTreeMap::new(),
        }
    }

    /// Looks at a frame: sensor, item and words of each thing that is noticed in it.
    fn look(&mut self, now: Time, frame: &Frame) -> Vec<(&'static str, ItemId, String)> {
        let mut noticed: Vec<(&'static str, ItemId, String)> = Vec::new();
        for (item, signature) in &self.signatures {
            if let Some(about) = self.pattern(signature, frame) {
                noticed.push((PATTERN.id, *item, about));
            }
        }
        self.remember(frame);
        if let Body::Ip(packet) = &frame.body
            && let Some((item, baseline)) = self.baseline.take()
        {
            let flows = self.flow(now, &baseline, packet);
            noticed.extend(flows.map(|about| (BASELINE.id, item, about)));
            self.baseline = Some((item, baseline));
        }
        if noticed.is_empty() {
            return noticed;
        }
        self.raised.retain(|_, at| now - *at < QUIET);
        noticed.retain(|(_, item, about)| {
            let key = (*item, about.clone());
            self.raised.insert(key, now).is_none()
        });
        noticed
    }

    fn is(&self, names: &[String], ip: Ip) -> bool {
        names
            .iter()
            .any(|n| self.inventory.addresses.get(n) == Some(&ip))
    }

    /// What a signature finds in a frame.
    fn pattern(&self, signature: &SignatureSpec, frame: &Frame) -> Option<String> {
        let packet = match (&frame.body, signature) {
            (Body::Arp(arp), SignatureSpec::AddressConflict) => {
                let before = self.neighbours.get(&arp.sender_ip)?;
                let (ip, mac) = (arp.sender_ip, arp.sender_mac);
                return (*before != mac)
                    .then(|| format!("{ip} is claimed by {mac} and by {before}"));
            }
            (Body::Arp(_), _) => return None,
            (Body::Ip(packet), _) => packet,
        };
        let (src, dst) = (packet.src, packet.dst);
        let message = packet.message()?;
        match (signature, message) {
            (SignatureSpec::Exploit { flaws }, Message::Crafted(c)) if flaws.contains(&c.flaw) => {
                Some(format!("{src} sent {dst} an exploit of {}", c.flaw))
            }
            (SignatureSpec::Maintenance, Message::Shell(_) | Message::Ftp(_))
                if self.inventory.pumps.contains(&dst) =>
            {
                Some(format!("{src} uses {} on pump {dst}", message.protocol()))
            }
            (SignatureSpec::ForeignPush { servers }, Message::Pump(m))
                if matches!(**m, PumpMessage::LibraryOffer(_) | PumpMessage::Order(_))
                    && !self.is(servers, src) =>
            {
                Some(format!(
                    "{src}, which is no pump server, sent {dst} a library or an order"
                ))
            }
            (
                SignatureSpec::ForeignLease { servers },
                Message::Dhcp(Dhcp::Offer { server, .. }),
            ) if !self.is(servers, *server) => Some(format!(
                "{server}, which is no DHCP server, offered an address"
            )),
            (SignatureSpec::NameConflict, Message::Dns(Dns::Answer { name, ip, .. })) => {
                let before = self.names.get(name)?;
                (before != ip).then(|| format!("two answers to the name {name} differ"))
            }
            _ => None,
        }
    }

    /// Remembers who claimed what. The first claim is believed: later ones that differ are the conflict.
    fn remember(&mut self, frame: &Frame) {
        match &frame.body {
            Body::Arp(arp) if arp.sender_ip != Ip::UNSPECIFIED => {
                self.neighbours
                    .entry(arp.sender_ip)
                    .or_insert(arp.sender_mac);
            }
            Body::Ip(packet) => {
                if let Some(Message::Dns(Dns::Answer { name, ip, .. })) = packet.message() {
                    self.names.entry(name.clone()).or_insert(*ip);
                }
            }
            Body::Arp(_) => {}
        }
    }

    /// Compares a packet with the baseline: what is out of it.
    fn flow<'a>(
        &mut self,
        now: Time,
        baseline: &BaselineSpec,
        packet: &Packet,
    ) -> impl Iterator<Item = String> + use<'a> {
        let (src, dst) = (packet.src, packet.dst);
        let mut found = Vec::new();
        if dst != Ip::BROADCAST && src != Ip::UNSPECIFIED {
            let (sport, dport) = packet.ports();
            let opens = match &packet.transport {
                Transport::Stream { segment, .. } => matches!(segment, Segment::Syn),
                // A datagram opens a flow unless it answers one.
                Transport::Datagram { .. } => !self.known.contains(&(dst, src, sport)),
            };
            let learning = now < Time::ZERO + baseline.learns;
            if opens {
                let fresh = self.known.insert((src, dst, dport));
                let pump =
                    self.inventory.pumps.contains(&src) || self.inventory.pumps.contains(&dst);
                if fresh && !learning && pump {
                    found.push(format!(
                        "{src} and {dst} did not speak before on port {dport}"
                    ));
                }
                if self.fans_out(now, src, (dst, dport), baseline.fan_out) && !learning {
                    found.push(format!("{src} tries many addresses and ports"));
                }
            }
            if self.bursts(now, (src, dst), baseline.burst) && !learning {
                found.push(format!("{src} floods {dst}"));
            }
        }
        found.into_iter()
    }

    fn fans_out(&mut self, now: Time, src: Ip, to: (Ip, u16), most: u32) -> bool {
        let tries = self.tries.entry(src).or_default();
        tries.retain(|(at, ip, port)| now - *at <= FAN_WINDOW && (*ip, *port) != to);
        tries.push((now, to.0, to.1));
        tries.len() > most as usize
    }

    fn bursts(&mut self, now: Time, pair: (Ip, Ip), most: u32) -> bool {
        let (since, count) = self.packets.entry(pair).or_insert((now, 0));
        if now - *since > BURST_WINDOW {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count > most
    }
}

/// A mirrored frame arrived.
fn on_mirrored(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, frame: &Frame) {
    let Some(sensor) = node.get_mut::<TrafficSensor>() else {
        return;
    };
    for (sensor, item, about) in sensor.look(cx.now(), frame) {
        cx.emit(MonitoringRecord::Alert {
            sensor,
            item,
            about,
        });
    }
}

#[cfg(test)]
mod tests;
