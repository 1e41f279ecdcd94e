//! Probes: packets that would open a flow, sent in a running lab, and what became of each.

use pumplab_sim::engine::{Dispatched, End, Entry, NodeId, Sink};
use pumplab_sim::event::{Lab, LabEvent, NodeKind};
use pumplab_sim::record::{DropReason, LabRecord, NetworkRecord};
use pumplab_sim::run::{Live, RunConfig};
use pumplab_sim::spec::{AddressSpec, HostSpec, LabSpec, LinkSpec};
use pumplab_sim::time::{Duration, Time};
use pumplab_sim::wire::{Body, Frame, Ip, Mac, Message, Packet, Segment, Transport};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// By then the pumps have joined their networks.
const WARM_UP: Duration = Duration::from_mins(2);
/// From one probe of a host to its next: slower than any rate limit.
const PACE: Duration = Duration::from_secs(1);
/// Between hosts that probe one target, so that address resolution has an answer before the next comes.
const STAGGER: Duration = Duration::from_millis(5);
/// Source port of a host's first probe.
const FIRST_PORT: u16 = 30_000;
const CORE: &str = "core";

/// Where probes are sent from and to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Station {
    pub(crate) name: String,
    pub(crate) ip: Ip,
    pub(crate) segment: String,
}

/// One probe, between stations by their position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Probe {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) stream: bool,
    pub(crate) port: u16,
}

/// At which firewall a probe comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// At the sender's own: the way that every packet takes.
    Own,
    /// At the receiver's, from the core, as if the sender's firewall had let it pass.
    Core,
}

/// What became of a probe.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Fate {
    /// Whether it was seen on the core.
    pub(crate) on_core: bool,
    /// Whether it came to the receiver, or to the access point before it.
    pub(crate) arrived: bool,
    /// Why and where it was dropped.
    pub(crate) dropped: Option<(NodeId, DropReason)>,
}

/// Ports that something in the lab listens on or asks for, by host: whatever is called a port in its description.
pub(crate) fn ports_of_services(lab: &LabSpec) -> Vec<(String, u16)> {
    let mut ports = Vec::new();
    for host in &lab.hosts {
        let text = serde_json::to_value(host).expect("a lab is data");
        let mut found = BTreeSet::new();
        gather_ports(&text, &mut found);
        ports.extend(found.into_iter().map(|port| (host.name.clone(), port)));
    }
    ports
}

fn gather_ports(value: &Value, into: &mut BTreeSet<u16>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                let number = inner.get("value").unwrap_or(inner).as_u64();
                if let (true, Some(port)) = (key.ends_with("port"), number) {
                    into.extend(u16::try_from(port));
                }
                gather_ports(inner, into);
            }
        }
        Value::Array(list) => list.iter().for_each(|v| gather_ports(v, into)),
        _ => {}
    }
}

/// A host on a cable with nothing on it.
pub(crate) fn bare_host(lab: &LabSpec, name: &str, segment: &str, ip: Ip) -> HostSpec {
    let on = lab.segment(segment).expect("a segment of the lab");
    HostSpec {
        name: name.to_owned(),
        zone: segment.to_owned(),
        link: LinkSpec::Wired {
            segment: segment.to_owned(),
        },
        address: AddressSpec::Static {
            ip,
            prefix: on.prefix.len,
            gateway: on.gateway,
            dns: None,
        },
        roles: Vec::new(),
        services: Vec::new(),
        accounts: Vec::new(),
        files: Vec::new(),
        certificate: None,
        trusts: Vec::new(),
        links: None,
        ..lab.hosts[0].clone()
    }
}

/// Everything with an address on a segment that leads somewhere, and on the core.
pub(crate) fn stations(lab: &LabSpec) -> Vec<Station> {
    let leads = |s: &str| s == CORE || lab.segment(s).is_some_and(|s| s.gateway.is_some());
    let station = |name: &str, ip, segment: &str| Station {
        name: name.to_owned(),
        ip,
        segment: segment.to_owned(),
    };
    let hosts = lab.hosts.iter().filter_map(|h| {
        let segment = lab.segment_of(h)?;
        Some(station(&h.name, h.address.ip()?, &segment.name))
    });
    let aps = lab.access_points.iter();
    let aps = aps.map(|a| station(&a.name, a.ip, &a.management.value));
    let mut all: Vec<Station> = hosts.chain(aps).collect();
    all.retain(|s| leads(&s.segment));
    all
}

/// Every flow between two stations of different segments.
pub(crate) fn all_pairs(stations: &[Station], ports: &[u16]) -> Vec<Probe> {
    let mut probes = Vec::new();
    for to in 0..stations.len() {
        for &port in ports {
            for stream in [true, false] {
                let apart = |from: &usize| stations[*from].segment != stations[to].segment;
                let from = (0..stations.len()).filter(apart);
                probes.extend(from.map(|from| Probe {
                    from,
                    to,
                    stream,
                    port,
                }));
            }
        }
    }
    probes
}

/// Sends the probes in a running lab.
pub(crate) fn send(
    config: &RunConfig,
    stations: &[Station],
    probes: &[Probe],
    door: Door,
) -> Vec<Fate> {
    let mut live = Live::new(config).expect("a resolved lab can be built");
    let end = live.run_until(Time::ZERO + WARM_UP);
    assert_eq!(end, End::Horizon);
    let mut sim = live.simulation().fork();
    let kinds = sim.shared().kinds.clone();
    let mut watch = Watch {
        kinds,
        core: sim.node_named("segment core"),
        stations,
        probes,
        by_source: BTreeMap::new(),
        first: u64::MAX,
        of_event: Vec::new(),
        fates: vec![Fate::default(); probes.len()],
    };
    let mut sent: Vec<u16> = vec![0; stations.len()];
    let mut turn = (usize::MAX, 0, false, 0_u64);
    for (i, p) in probes.iter().enumerate() {
        if (p.to, p.port, p.stream) != (turn.0, turn.1, turn.2) {
            turn = (p.to, p.port, p.stream, turn.3 + 1);
        }
        let (from, to) = (&stations[p.from], &stations[p.to]);
        let sport = FIRST_PORT + sent[p.from];
        sent[p.from] += 1;
        let Some((router, leg)) = way_in(&config.lab, from, to, door) else {
            continue;
        };
        let node = sim.node_named(&router).expect("routers are nodes");
        let at = Time::ZERO + WARM_UP + PACE * turn.3 + STAGGER * p.from as u64;
        let event = sim.schedule(at, node, packet(from.ip, to.ip, sport, p, leg));
        watch.first = watch.first.min(event.number());
        watch.note(event.number(), i);
        watch.by_source.insert((from.ip, sport), i);
    }
    let end = sim.run(Time::ZERO + WARM_UP + PACE * (turn.3 + 5), &mut watch);
    assert_eq!(end, End::Horizon);
    watch.fates
}

/// The router and the leg of it at which a probe comes in.
fn way_in(lab: &LabSpec, from: &Station, to: &Station, door: Door) -> Option<(String, u16)> {
    let at_core = door == Door::Core || from.segment == CORE;
    let (home, leg) = if at_core {
        (&to.segment, CORE)
    } else {
        (&from.segment, from.segment.as_str())
    };
    let on =
        |r: &&pumplab_sim::spec::RouterSpec, s: &str| r.interfaces.iter().any(|i| i.segment == s);
    let router = lab.routers.iter().find(|r| on(r, home) && on(r, leg))?;
    let leg = router.interfaces.iter().position(|i| i.segment == leg)?;
    Some((router.name.clone(), leg as u16))
}

fn packet(src: Ip, dst: Ip, sport: u16, probe: &Probe, leg: u16) -> LabEvent {
    let dport = probe.port;
    let transport = if probe.stream {
        Transport::Stream {
            sport,
            dport,
            segment: Segment::Syn,
        }
    } else {
        Transport::Datagram {
            sport,
            dport,
            message: Box::new(Message::Opaque { bytes: 32 }),
        }
    };
    let packet = Packet {
        src,
        dst,
        ttl: 64,
        transport,
    };
    LabEvent::Frame {
        port: leg,
        frame: Box::new(Frame {
            src: Mac::of("a probe"),
            dst: Mac::BROADCAST,
            body: Body::Ip(packet),
        }),
    }
}

/// Sees every event of the lab, and knows a probe by its source port or, behind address translation, by what caused it.
struct Watch<'a> {
    kinds: Vec<NodeKind>,
    core: Option<NodeId>,
    stations: &'a [Station],
    probes: &'a [Probe],
    by_source: BTreeMap<(Ip, u16), usize>,
    first: u64,
    /// Probe that an event follows from, plus one, by number of the event.
    of_event: Vec<u32>,
    fates: Vec<Fate>,
}

impl Watch<'_> {
    fn note(&mut self, event: u64, probe: usize) {
        let at = (event - self.first) as usize;
        if self.of_event.len() <= at {
            self.of_event.resize(at + 1, 0);
        }
        self.of_event[at] = probe as u32 + 1;
    }

    fn follows(&self, event: u64) -> Option<usize> {
        let at = event.checked_sub(self.first)? as usize;
        let probe = self.of_event.get(at).copied().unwrap_or(0);
        (probe > 0).then(|| probe as usize - 1)
    }

    fn probe_of(&self, packet: &Packet, event: u64) -> Option<usize> {
        let (sport, dport) = packet.ports();
        let by_port = self.by_source.get(&(packet.src, sport)).copied();
        let probe = by_port.or_else(|| self.follows(event))?;
        let p = &self.probes[probe];
        let same = packet.dst == self.stations[p.to].ip && dport == p.port;
        (same && packet.is_stream() == p.stream).then_some(probe)
    }
}

impl Sink<Lab> for Watch<'_> {
    fn record(&mut self, entry: &Entry<LabRecord>) {
        let LabRecord::Network(NetworkRecord::Dropped {
            why,
            flow: Some(flow),
        }) = &entry.what
        else {
            return;
        };
        let router = self.kinds[entry.node.index()] == NodeKind::Router;
        let Some(probe) = self.follows(entry.event.number()).filter(|_| router) else {
            return;
        };
        let p = &self.probes[probe];
        let (from, to) = (&self.stations[p.from], &self.stations[p.to]);
        if (flow.src, flow.dst, flow.port, flow.stream) == (from.ip, to.ip, p.port, p.stream) {
            self.fates[probe].dropped = Some((entry.node, *why));
        }
    }

    fn event(&mut self, event: Dispatched<'_, LabEvent>) {
        if let Some(probe) = self.follows(event.cause.number()) {
            self.note(event.id.number(), probe);
        }
        let LabEvent::Frame { frame, .. } = event.event else {
            return;
        };
        let Body::Ip(packet) = &frame.body else {
            return;
        };
        let Some(probe) = self.probe_of(packet, event.id.number()) else {
            return;
        };
        match self.kinds[event.node.index()] {
            NodeKind::Segment if Some(event.node) == self.core => self.fates[probe].on_core = true,
            NodeKind::Host | NodeKind::AccessPoint => self.fates[probe].arrived = true,
            _ => {}
        }
    }
}
