//! From a lab and a play to a simulation that is ready to run.

use super::attackers;
use super::config::{AssembleError, RunConfig};
use crate::agent::{Implant, Mind};
use crate::clinical::drug_library::DrugLibrary;
use crate::crypto::Passphrase;
use crate::device::access_point::{AccessPoint, Bss, CONTROL_PORT, Trunk};
use crate::device::controller::dtls_key;
use crate::device::credentials::credentials;
use crate::device::id;
use crate::device::part::{Site, Sockets, part, parts_on};
use crate::device::sensor::Sensor;
use crate::engine::{NodeId, Simulation};
use crate::event::{Binding, Lab, NodeKind, PartId, Shared, Vitals};
use crate::net::air::{Air, Radio};
use crate::net::host::{Host, Interface, NetworkItems, WirelessInterface};
use crate::net::outside::{EDGE, Edge};
use crate::net::part::{ATTACKER, IMPLANT};
use crate::net::router::{Leg, Router, RouterConfig};
use crate::net::segment::{Segment, Socket};
use crate::net::stack::{Address, AddressSource, Stack};
use crate::people::nurse::{Nurse, NurseConfig};
use crate::proto::tls::Credentials;
use crate::proto::wlan::supplicant::{KnownNetwork, SupplicantConfig};
use crate::spec::{
    AccessPointSpec, AddressSpec, AttackerSpec, HostSpec, LabSpec, LinkSpec, PlaceSpec, PlaySpec,
    RoleSpec, RouterSpec, SupplicantSpec,
};
use crate::wire::dot11::Akm;
use crate::wire::tls_cost::TlsCosts;
use crate::wire::{Cidr, Ip, Mac};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const AIR: &str = "air";
/// Number of the address of an attacker's own computer on the internet.
const OUTSIDE: u32 = 66;

/// What is needed while building.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    pub(super) lab: &'a LabSpec,
    pub(super) play: &'a PlaySpec,
    keep_journal: bool,
    pub(super) libraries: Vec<Arc<DrugLibrary>>,
    pub(super) nodes: BTreeMap<String, NodeId>,
    pub(super) names: Vec<String>,
    kinds: Vec<NodeKind>,
    segments: BTreeMap<String, Segment>,
    radios: Vec<Radio>,
    pub(super) plan: Vec<Binding>,
    pub(super) costs: Arc<TlsCosts>,
}

/// Node names of segments do not collide with hosts of the same name.
pub(super) fn segment_node(name: &str) -> String {
    format!("segment {name}")
}

/// Builds the simulation of a run; `lab` is the run's lab, shared.
///
/// # Errors
/// The first thing in the lab or the play that does not fit together.
pub fn build(lab: &Arc<LabSpec>, config: &RunConfig) -> Result<Simulation<Lab>, AssembleError> {
    let RunConfig { seed, play, .. } = config;
    let mut b = Builder {
        lab,
        play,
        keep_journal: config.keep_trace,
        libraries: lab.libraries.iter().cloned().map(Arc::new).collect(),
        nodes: BTreeMap::new(),
        names: Vec::new(),
        kinds: Vec::new(),
        segments: BTreeMap::new(),
        radios: Vec::new(),
        plan: Vec::new(),
        costs: Arc::new(costs(lab)?),
    };
    b.name_nodes()?;
    b.make_plan()?;
    b.make_segments();
    let shared = Arc::new(b.shared(lab)?);
    let mut sim = Simulation::new(*seed, shared, config.budget);
    // Before anything is scheduled, so that what the play brings has a lineage too.
    sim.keep_lineage(config.keep_trace);
    for name in b.names.clone() {
        sim.add_node(
            &name,
            Vitals {
                powered: false,
                boots: 0,
                off: None,
            },
        );
    }
    for router in &lab.routers {
        let node = b.node(&router.name);
        let router = b.router(router)?;
        sim.insert(node, Router::new(router));
    }
    for ap in &lab.access_points {
        b.access_point(&mut sim, ap)?;
    }
    for host in &lab.hosts {
        b.host(&mut sim, host)?;
    }
    for nurse in &lab.nurses {
        b.nurse(&mut sim, nurse)?;
    }
    for attacker in &play.attackers {
        b.attacker(&mut sim, attacker)?;
    }
    for (name, segment) in std::mem::take(&mut b.segments) {
        let node = b.node(&segment_node(&name));
        sim.insert(node, segment);
    }
    let radios = std::mem::take(&mut b.radios);
    let air = b.node(AIR);
    sim.insert(air, Air::new(lab.radio.clone(), radios));
    if let Some(edge) = b.nodes.get(EDGE) {
        sim.insert(*edge, Edge::default());
    }
    b.schedule(&mut sim, *seed)?;
    Ok(sim)
}

impl Builder<'_> {
    fn name_nodes(&mut self) -> Result<(), AssembleError> {
        let mut all: Vec<(String, NodeKind)> = vec![(AIR.to_owned(), NodeKind::Air)];
        all.extend(
            self.lab
                .segments
                .iter()
                .map(|s| (segment_node(&s.name), NodeKind::Segment)),
        );
        all.extend(
            self.lab
                .routers
                .iter()
                .map(|r| (r.name.clone(), NodeKind::Router)),
        );
        all.extend(
            self.lab
                .access_points
                .iter()
                .map(|a| (a.name.clone(), NodeKind::AccessPoint)),
        );
        all.extend(
            self.lab
                .hosts
                .iter()
                .map(|h| (h.name.clone(), NodeKind::Host)),
        );
        all.extend(
            self.lab
                .nurses
                .iter()
                .map(|n| (n.name.clone(), NodeKind::Nurse)),
        );
        let own = |a: &&AttackerSpec| !matches!(a.at, PlaceSpec::Host(_));
        all.extend(
            self.play
                .attackers
                .iter()
                .filter(own)
                .map(|a| (a.name.clone(), NodeKind::Host)),
        );
        if self.lab.hosts.iter().any(|h| h.link == LinkSpec::Outside) {
            all.push((EDGE.to_owned(), NodeKind::Edge));
        }
        for (name, kind) in all {
            let id = NodeId(self.names.len() as u32);
            if self.nodes.insert(name.clone(), id).is_some() {
                return Err(AssembleError::Duplicate(name));
            }
            self.names.push(name);
            self.kinds.push(kind);
        }
        Ok(())
    }

    pub(super) fn node(&self, name: &str) -> NodeId {
        self.nodes.get(name).copied().unwrap_or_default()
    }

    fn make_plan(&mut self) -> Result<(), AssembleError> {
        for host in &self.lab.hosts {
            let Some(ip) = host.address.ip() else {
                continue;
            };
            let (prefix, gateway, dns) = match &host.address {
                AddressSpec::Static {
                    prefix,
                    gateway,
                    dns,
                    ..
                } => (*prefix, *gateway, *dns),
                _ => {
                    let segment = self.lab.segment_of(host);
                    let segment = segment.ok_or_else(|| {
                        AssembleError::unknown(&host.name, "segment or network of", &host.name)
                    })?;
                    (segment.prefix.len, segment.gateway, self.lab.name_server())
                }
            };
            let binding = Binding {
                node: self.node(&host.name),
                name: host.name.clone(),
                mac: Mac::of(&host.name),
                ip,
                prefix,
                gateway,
                dns,
                reserved: self.is_reserved(host),
            };
            self.plan.push(binding);
        }
        Ok(())
    }

    /// Whether a host's address is kept for it: configured by hand, or reserved by the leases of its zone.
    fn is_reserved(&self, host: &HostSpec) -> bool {
        let leases = self.lab.zone(&host.zone).and_then(|z| z.leases.as_ref());
        !matches!(host.address, AddressSpec::Dhcp { .. }) || leases.is_none_or(|l| l.reserved)
    }

    fn make_segments(&mut self) {
        let mut known: Vec<(Ip, Mac)> = self.plan.iter().map(|b| (b.ip, b.mac)).collect();
        known.extend(
            self.lab
                .access_points
                .iter()
                .map(|a| (a.ip, Mac::of(&a.name))),
        );
        for router in &self.lab.routers {
            known.extend(
                router
                    .interfaces
                    .iter()
                    .map(|i| (i.ip, leg_mac(router, &i.segment))),
            );
        }
        for spec in &self.lab.segments {
            let mut segment = Segment::new(spec, &known);
            let mirror = self
                .lab
                .watch
                .mirrors
                .iter()
                .find(|m| m.segment == spec.name);
            if let Some(sensor) = mirror.and_then(|m| self.nodes.get(&m.to)) {
                segment.mirror_to(*sensor);
            }
            self.segments.insert(spec.name.clone(), segment);
        }
    }

    /// Plugs a node's port into a segment; the segment's node and the socket.
    fn plug(
        &mut self,
        holder: &str,
        segment: &str,
        port: u16,
        router: bool,
    ) -> Result<(NodeId, u16), AssembleError> {
        let node = self.node(holder);
        let spec = self
            .lab
            .segment(segment)
            .ok_or_else(|| AssembleError::unknown(holder, "segment", segment))?;
        let named = spec
            .dhcp_snooping
            .as_ref()
            .is_some_and(|i| i.value.iter().any(|n| n == holder));
        let brings = |h: &HostSpec| h.roles.iter().any(|r| r.facts().brings_devices);
        let socket = Socket {
            node,
            port,
            trusted: router || named,
            uplink: router
                || self.kinds[node.index()] == NodeKind::AccessPoint
                || self.lab.host(holder).is_some_and(brings),
        };
        let switch = self
            .segments
            .get_mut(segment)
            .ok_or_else(|| AssembleError::unknown(holder, "segment", segment))?;
        Ok((self.nodes[&segment_node(segment)], switch.plug(socket)))
    }

    fn shared(&self, lab: &Arc<LabSpec>) -> Result<Shared, AssembleError> {
        let mut nurse_of = BTreeMap::new();
        for nurse in &self.lab.nurses {
            for pump in &nurse.pumps {
                let node = self
                    .nodes
                    .get(pump)
                    .ok_or_else(|| AssembleError::unknown(&nurse.name, "pump", pump))?;
                nurse_of.insert(*node, self.node(&nurse.name));
            }
        }
        Ok(Shared {
            air: self.node(AIR),
            edge: self.nodes.get(EDGE).copied(),
            kinds: self.kinds.clone(),
            names: self.names.clone(),
            parts: self.parts(),
            by_name: self.nodes.clone(),
            calendar: self.lab.calendar,
            plan: self.plan.clone(),
            libraries: self.libraries.clone(),
            nurse_of,
            costs: self.costs.clone(),
            lab: lab.clone(),
            play: self.play.clone(),
        })
    }

    /// The parts of each node: what a host is says which it has, and the plan says who holds it.
    fn parts(&self) -> Vec<Vec<PartId>> {
        let of = |name: &String| -> Vec<PartId> {
            let host = self.lab.host(name);
            let own = host.map(|h| parts_on(self.lab, h).map(|(id, _)| id).collect());
            let mut parts: Vec<PartId> = own.unwrap_or_default();
            if self.lab.access_points.iter().any(|a| a.name == *name) {
                parts.push(id::ACCESS_POINT);
            }
            if self.play.attackers.iter().any(|a| place(a) == name) {
                parts.push(ATTACKER);
            }
            if host.is_some() && self.programs_about() {
                parts.push(IMPLANT);
            }
            parts
        };
        self.names.iter().map(of).collect()
    }

    /// Whether the plan has programs, which may come to run on any host.
    fn programs_about(&self) -> bool {
        self.play.attackers.iter().any(|a| !a.programs.is_empty())
    }

    fn router(&mut self, spec: &RouterSpec) -> Result<RouterConfig, AssembleError> {
        let mut legs = Vec::new();
        for (i, interface) in spec.interfaces.iter().enumerate() {
            let (segment, socket) = self.plug(&spec.name, &interface.segment, i as u16, true)?;
            legs.push(Leg {
                segment,
                socket,
                name: interface.segment.clone(),
                mac: leg_mac(spec, &interface.segment),
                net: Cidr {
                    ip: interface.ip,
                    len: interface.prefix,
                },
                arp: crate::net::arp::ArpTable::default(),
            });
        }
        let translate = spec
            .translate_toward
            .as_ref()
            .and_then(|t| legs.iter().position(|l| l.name == t.value));
        Ok(RouterConfig {
            legs,
            routes: spec.routes.iter().map(|r| (r.to, r.via)).collect(),
            rules: spec.rules.iter().map(|r| (r.id, r.value.clone())).collect(),
            default: (spec.default.id, spec.default.value),
            rate_limits: spec
                .rate_limits
                .iter()
                .map(|r| (r.id, r.value.clone()))
                .collect(),
            table: spec.connection_table,
            translate,
            delay: spec.delay,
            dhcp_relay: spec.dhcp_relay,
            log_to: self.collector_of(&spec.name)?,
        })
    }

    /// Address of the collector that a host or router sends its logs to.
    fn collector_of(&self, name: &str) -> Result<Option<Ip>, AssembleError> {
        let Some(log) = self.lab.watch.logs.iter().find(|l| l.from == name) else {
            return Ok(None);
        };
        let collector = self.lab.host(&log.to);
        let collector =
            collector.ok_or_else(|| AssembleError::unknown(name, "log collector", &log.to))?;
        Ok(collector.address.ip())
    }

    fn access_point(
        &mut self,
        sim: &mut Simulation<Lab>,
        spec: &AccessPointSpec,
    ) -> Result<(), AssembleError> {
        let node = self.node(&spec.name);
        let (segment, socket) = self.plug(&spec.name, &spec.management.value, 0, false)?;
        let trunks = self.trunks(spec)?;
        let bsses = spec
            .ssids
            .iter()
            .filter_map(|s| self.bss(spec, s, &trunks))
            .collect::<Vec<_>>();
        let macs: Vec<Mac> = bsses.iter().map(|b| b.bssid).collect();
        let mut radio = Radio::at(node, &macs, spec.channel, spec.position);
        radio.monitor = spec.sensor.is_some();
        self.radios.push(radio);
        let sensor = spec
            .sensor
            .as_ref()
            .map(|s| Sensor::new(s.value.clone(), self.house()));
        let dtls = spec
            .dtls
            .value
            .then(|| (spec.dtls.id, dtls_key(&spec.name)));
        sim.insert(
            node,
            AccessPoint::new(bsses, trunks, spec.channel, spec.controller, dtls)
                .with_sensor(sensor),
        );
        let on = self
            .lab
            .segment(&spec.management.value)
            .ok_or_else(|| AssembleError::unknown(&spec.name, "segment", &spec.management.value))?;
        let address = Address {
            net: Cidr {
                ip: spec.ip,
                len: on.prefix.len,
            },
            gateway: on.gateway,
            dns: None,
        };
        let stack = Stack::new(
            Mac::of(&spec.name),
            AddressSource::Static(address),
            Vec::new(),
            vec![(CONTROL_PORT, id::ACCESS_POINT)],
            Vec::new(),
        );
        sim.insert(node, Host::new(stack, Interface::Wired { segment, socket }));
        Ok(())
    }

    /// The segments to which an access point has a cable: those of its networks, and those on which RADIUS servers place stations.
    fn trunks(&mut self, spec: &AccessPointSpec) -> Result<Vec<Trunk>, AssembleError> {
        let mut trunks: Vec<Trunk> = Vec::new();
        let mut wanted: Vec<String> = Vec::new();
        for ssid in &spec.ssids {
            let wlan = self
                .lab
                .wlan(ssid)
                .ok_or_else(|| AssembleError::unknown(&spec.name, "wireless network", ssid))?;
            wanted.push(wlan.segment.value.clone());
        }
        for host in &self.lab.hosts {
            for role in &host.roles {
                if let RoleSpec::Radius(r) = role {
                    wanted.extend(r.placement.iter().map(|p| p.segment.clone()));
                }
            }
        }
        for name in wanted {
            if !trunks.iter().any(|t| t.name == name) {
                let port = trunks.len() as u16 + 1;
                let (segment, socket) = self.plug(&spec.name, &name, port, false)?;
                trunks.push(Trunk {
                    name,
                    segment,
                    socket,
                });
            }
        }
        Ok(trunks)
    }

    /// Addresses under which the house offers networks.
    fn house(&self) -> Vec<Mac> {
        let of =
            |a: &AccessPointSpec| -> Vec<Mac> { a.ssids.iter().map(|s| bssid(a, s)).collect() };
        self.lab.access_points.iter().flat_map(of).collect()
    }

    fn bss(&self, ap: &AccessPointSpec, ssid: &str, trunks: &[Trunk]) -> Option<Bss> {
        let wlan = self.lab.wlan(ssid)?;
        let psk = wlan
            .passphrase
            .as_ref()
            .filter(|_| wlan.akm.value == Akm::Psk);
        Some(Bss {
            ssid: ssid.to_owned(),
            bssid: bssid(ap, ssid),
            akm: wlan.akm.value,
            psk: psk.map(|p| Passphrase::of(&p.value).wlan_key(ssid)),
            item: psk.map_or(wlan.akm.id, |p| p.id),
            trunk: trunks.iter().position(|t| t.name == wlan.segment.value)?,
            pmf: wlan.pmf.value.then_some(wlan.pmf.id),
            isolation: wlan
                .client_isolation
                .value
                .then_some(wlan.client_isolation.id),
        })
    }

    fn channels(&self) -> Vec<u8> {
        let mut channels: Vec<u8> = self.lab.access_points.iter().map(|a| a.channel).collect();
        channels.sort_unstable();
        channels.dedup();
        channels
    }

    fn host(&mut self, sim: &mut Simulation<Lab>, spec: &HostSpec) -> Result<(), AssembleError> {
        let node = self.node(&spec.name);
        let parts: Vec<(PartId, Sockets)> = parts_on(self.lab, spec).collect();
        let held = self.play.attackers.iter().any(|a| *place(a) == spec.name);
        let holder = held.then(|| (ATTACKER, Sockets::default().hear_link()));
        let source = match &spec.address {
            AddressSpec::Static {
                ip,
                prefix,
                gateway,
                dns,
            } => AddressSource::Static(Address {
                net: Cidr {
                    ip: *ip,
                    len: *prefix,
                },
                gateway: *gateway,
                dns: *dns,
            }),
            AddressSpec::Dhcp { .. } => AddressSource::Dhcp,
            AddressSpec::None => AddressSource::None,
        };
        let interface = match &spec.link {
            LinkSpec::Wired { segment } => {
                let (segment, socket) = self.plug(&spec.name, segment, 0, false)?;
                Interface::Wired { segment, socket }
            }
            LinkSpec::Radio {
                position,
                supplicant,
            } => {
                let (config, items) = station(
                    self.lab,
                    spec,
                    supplicant,
                    credentials(spec, &self.costs),
                    &self.channels(),
                );
                self.radios
                    .push(Radio::at(node, &[config.mac], 0, *position));
                Interface::Radio(Box::new(WirelessInterface::new(config, items)))
            }
            LinkSpec::Outside | LinkSpec::None => Interface::None,
        };
        let mut stack = stack(&spec.name, source, parts.iter().chain(&holder));
        if spec.link == LinkSpec::Outside {
            stack.lead_outside();
        }
        let host = Host::new(stack, interface);
        sim.insert(node, host.logging_to(self.collector_of(&spec.name)?));
        if self.programs_about() {
            sim.insert(node, Implant::default());
        }
        for (id, _) in parts {
            (part(id).build)(&mut Site::new(sim, node, spec))?;
        }
        Ok(())
    }

    fn nurse(
        &self,
        sim: &mut Simulation<Lab>,
        spec: &crate::spec::NurseSpec,
    ) -> Result<(), AssembleError> {
        let mut pumps = Vec::new();
        for name in &spec.pumps {
            let pump = self
                .lab
                .pumps()
                .find(|(h, _)| h.name == *name)
                .ok_or_else(|| AssembleError::unknown(&spec.name, "pump", name))?;
            let bag_ml = pump.1.infusion.as_ref().map_or(250.0, |i| i.bag_ml);
            pumps.push((self.node(name), bag_ml, pump.1.room));
        }
        let nurse = Nurse::new(NurseConfig {
            pumps,
            rounds_every: spec.rounds_every,
            response_median: spec.response_median,
            response_sigma: spec.response_sigma,
            slips: spec.slips.value,
            overrides: spec.overrides.value,
            double_check: spec.double_check.clone(),
            watches_silent: spec.watches_silent.value,
            earshot_rooms: spec.earshot_rooms,
        });
        sim.insert(self.node(&spec.name), nurse);
        Ok(())
    }

    fn attacker(
        &mut self,
        sim: &mut Simulation<Lab>,
        spec: &AttackerSpec,
    ) -> Result<(), AssembleError> {
        let home = match spec.at {
            PlaceSpec::Internet => Some(self.outside(&spec.name)?.net.ip),
            _ => None,
        };
        let (mind, doors) = attackers::attacker(self.lab, spec, &self.libraries, home, |n| {
            self.nodes.get(n).copied()
        })?;
        let node = match &spec.at {
            PlaceSpec::Host(host) => *self
                .nodes
                .get(host)
                .ok_or_else(|| AssembleError::unknown(&spec.name, "host", host))?,
            _ => self.node(&spec.name),
        };
        let own = [(ATTACKER, Sockets::default().hear_link())];
        match &spec.at {
            PlaceSpec::Host(_) => {}
            PlaceSpec::Bedside(_) => {
                let stack = stack(&spec.name, AddressSource::None, &own);
                sim.insert(node, Host::new(stack, Interface::None));
            }
            PlaceSpec::Zone(zone) => {
                let segment = self.segment_of_zone(&spec.name, zone)?;
                let (segment, socket) = self.plug(&spec.name, &segment, 0, false)?;
                let stack = stack(&spec.name, AddressSource::Dhcp, &own);
                sim.insert(node, Host::new(stack, Interface::Wired { segment, socket }));
            }
            PlaceSpec::Internet => {
                let address = self.outside(&spec.name)?;
                let (segment, socket) = self.plug(&spec.name, "external", 0, false)?;
                let stack = stack(&spec.name, AddressSource::Static(address), &own);
                sim.insert(node, Host::new(stack, Interface::Wired { segment, socket }));
            }
            PlaceSpec::Radio(position) => {
                let stack = stack(&spec.name, AddressSource::Dhcp, &own);
                self.strange_radio(sim, (&spec.name, node), *position, stack);
            }
        }
        sim.insert(node, Mind::new(mind, doors, self.keep_journal));
        Ok(())
    }

    /// The address of an attacker somewhere on the internet: each has one of its own.
    fn outside(&self, attacker: &str) -> Result<Address, AssembleError> {
        let segment = self
            .lab
            .segment("external")
            .ok_or_else(|| AssembleError::unknown(attacker, "segment", "external"))?;
        let outside = |a: &&AttackerSpec| matches!(a.at, PlaceSpec::Internet);
        let mut others = self.play.attackers.iter().filter(outside);
        let nth = others.position(|a| a.name == attacker).unwrap_or_default();
        let net = Cidr {
            ip: segment.prefix.nth(OUTSIDE + nth as u32),
            len: segment.prefix.len,
        };
        Ok(Address {
            net,
            gateway: segment.gateway,
            dns: self.lab.name_server(),
        })
    }

    /// An attacker's own radio: a station that knows no network.
    fn strange_radio(
        &mut self,
        sim: &mut Simulation<Lab>,
        (name, node): (&str, NodeId),
        position: crate::spec::Position,
        stack: Stack,
    ) {
        let config = SupplicantConfig {
            mac: Mac::of(name),
            identity: name.to_owned(),
            networks: Vec::new(),
            credentials: Credentials::default(),
            eap_capable: false,
            pmf_capable: true,
            reinstalls_keys: false,
            channels: self.channels(),
            processor_factor: 1.0,
        };
        self.radios
            .push(Radio::at(node, &[config.mac], 0, position));
        sim.insert(
            node,
            Host::new(
                stack,
                Interface::Radio(Box::new(WirelessInterface::new(config, Vec::new()))),
            ),
        );
        // A radio can be an access point; this one has nothing to offer yet. Its one trunk leads to the host itself.
        let own = Trunk {
            name: name.to_owned(),
            segment: node,
            socket: 0,
        };
        sim.insert(
            node,
            AccessPoint::new(Vec::new(), vec![own], 0, Ip::UNSPECIFIED, None),
        );
    }

    /// The segment on which a zone's sockets are: its own, or the one that its addresses lie in.
    fn segment_of_zone(&self, holder: &str, zone: &str) -> Result<String, AssembleError> {
        let spec = self
            .lab
            .zone(zone)
            .ok_or_else(|| AssembleError::unknown(holder, "zone", zone))?;
        let own = self.lab.segment(zone);
        let common = || {
            self.lab
                .segments
                .iter()
                .find(|s| s.prefix.contains(spec.subnet.ip))
        };
        own.or_else(common)
            .map(|s| s.name.clone())
            .ok_or_else(|| AssembleError::unknown(holder, "segment of zone", zone))
    }
}

fn bssid(ap: &AccessPointSpec, ssid: &str) -> Mac {
    Mac::of(&format!("{} {ssid}", ap.name))
}

fn leg_mac(router: &RouterSpec, segment: &str) -> Mac {
    Mac::of(&format!("{} {segment}", router.name))
}

/// The name of the node at which an attacker is: that of the host it holds, or its own.
fn place(attacker: &AttackerSpec) -> &String {
    match &attacker.at {
        PlaceSpec::Host(host) => host,
        _ => &attacker.name,
    }
}

fn stack<'a>(
    name: &str,
    source: AddressSource,
    parts: impl IntoIterator<Item = &'a (PartId, Sockets)>,
) -> Stack {
    let (mut listeners, mut bound, mut hearing) = (Vec::new(), Vec::new(), Vec::new());
    for (id, sockets) in parts {
        listeners.extend(sockets.of(*id));
        bound.extend(sockets.bound.iter().map(|port| (*port, *id)));
        hearing.extend(std::iter::repeat_n(*id, sockets.hears_link));
    }
    Stack::new(Mac::of(name), source, listeners, bound, hearing)
}

/// The table of what handshakes cost in a lab.
fn costs(lab: &LabSpec) -> Result<TlsCosts, AssembleError> {
    lab.costs
        .table()
        .map_err(|fault| AssembleError::value("costs", fault))
}

/// The station of a wireless host, and the configuration items of its networks.
fn station(
    lab: &LabSpec,
    host: &HostSpec,
    supplicant: &SupplicantSpec,
    credentials: Credentials,
    channels: &[u8],
) -> (SupplicantConfig, Vec<NetworkItems>) {
    let networks = supplicant
        .networks
        .iter()
        .enumerate()
        .map(|(i, n)| KnownNetwork {
            ssid: n.ssid.clone(),
            akm: n.akm,
            psk: n
                .passphrase
                .as_ref()
                .map(|p| Passphrase::of(p).wlan_key(&n.ssid)),
            server_name: n.server_name.clone(),
            configured: Some(i),
        })
        .collect();
    let items = supplicant.networks.iter().map(|n| {
        let offered = lab.wlan(&n.ssid);
        NetworkItems {
            pmf: offered.map(|w| w.pmf.id),
            akm: offered.map_or(n.id, |w| w.akm.id),
        }
    });
    let config = SupplicantConfig {
        mac: Mac::of(&host.name),
        identity: host.name.clone(),
        networks,
        credentials,
        eap_capable: supplicant.eap_capable,
        pmf_capable: supplicant.pmf_capable,
        reinstalls_keys: supplicant.reinstalls_keys,
        channels: channels.to_vec(),
        processor_factor: host.roles.iter().find_map(factor).unwrap_or(1.0),
    };
    (config, items.collect())
}

/// How many times longer the processor of a pump takes than the one that was measured.
fn factor(role: &RoleSpec) -> Option<f64> {
    match role {
        RoleSpec::Pump(pump) => Some(pump.processor_factor),
        _ => None,
    }
}
