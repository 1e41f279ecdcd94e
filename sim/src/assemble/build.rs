//! From a lab and a play to a simulation that is ready to run.

use super::attacker::Mind;
use super::hosts::{self, Sockets};
use super::software;
use crate::clinical::drug_library::DrugLibrary;
use crate::crypto::Passphrase;
use crate::device::access_point::{AccessPoint, Bss, CONTROL_PORT, Trunk};
use crate::device::infrastructure::Pool;
use crate::device::nurse::{Nurse, NurseConfig};
use crate::device::sensor::Sensor;
use crate::engine::{NodeId, Simulation};
use crate::event::{AirCommand, Binding, Lab, LabEvent, NodeKind, Shared, Vitals};
use crate::net::air::{Air, Radio};
use crate::net::host::WirelessInterface;
use crate::net::host::{Host, Interface};
use crate::net::outside::{EDGE, Edge};
use crate::net::port::Cables;
use crate::net::router::{Leg, Router, RouterConfig};
use crate::net::segment::{Segment, Socket};
use crate::net::stack::{Address, AddressSource, App, Stack};
use crate::proto::tls::Credentials;
use crate::proto::wlan::supplicant::SupplicantConfig;
use crate::rng::{Luck, NodeKey, Purpose};
use crate::run::{AssembleError, RunConfig};
use crate::spec::{
    AccessPointSpec, AddressSpec, AttackerSpec, HappeningSpec, HostSpec, LabSpec, LeasesSpec,
    LinkSpec, PlaceSpec, PlaySpec, RoleSpec, RouterSpec,
};
use crate::time::{Duration, Time};
use crate::wire::dot11::Akm;
use crate::wire::tls_cost::TlsCosts;
use crate::wire::{Cidr, Ip, Mac};
use std::collections::BTreeMap;
use std::sync::Arc;

const SWITCH_ON: Purpose = Purpose::new("switched on");
/// Pumps are switched on within this time of the beginning \[A\].
const SWITCH_ON_WITHIN_S: f64 = 20.0;
const AIR: &str = "air";

/// What is needed while building.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    pub(super) lab: &'a LabSpec,
    play: &'a PlaySpec,
    keep_journal: bool,
    pub(super) libraries: Vec<Arc<DrugLibrary>>,
    nodes: BTreeMap<String, NodeId>,
    names: Vec<String>,
    kinds: Vec<NodeKind>,
    segments: BTreeMap<String, Segment>,
    radios: Vec<Radio>,
    pub(super) plan: Vec<Binding>,
    pub(super) costs: Arc<TlsCosts>,
}

/// An error about a name that nothing has.
pub(super) fn unknown(holder: &str, kind: &'static str, name: &str) -> AssembleError {
    AssembleError::Unknown {
        holder: holder.to_owned(),
        kind,
        name: name.to_owned(),
    }
}

/// Node names of segments do not collide with hosts of the same name.
fn segment_node(name: &str) -> String {
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
        costs: Arc::new(hosts::costs(lab)?),
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

    fn dns(&self) -> Option<Ip> {
        let serves = |h: &&HostSpec| h.roles.contains(&RoleSpec::Dns);
        self.lab
            .hosts
            .iter()
            .find(serves)
            .and_then(|h| h.address.ip())
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
                    let segment = segment
                        .ok_or_else(|| unknown(&host.name, "segment or network of", &host.name))?;
                    (segment.prefix.len, segment.gateway, self.dns())
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
            .ok_or_else(|| unknown(holder, "segment", segment))?;
        let named = spec
            .dhcp_snooping
            .as_ref()
            .is_some_and(|i| i.value.iter().any(|n| n == holder));
        let crowd = |h: &HostSpec| h.roles.iter().any(|r| matches!(r, RoleSpec::Crowd(_)));
        let socket = Socket {
            node,
            port,
            trusted: router || named,
            uplink: router
                || self.kinds[node.index()] == NodeKind::AccessPoint
                || self.lab.host(holder).is_some_and(crowd),
        };
        let switch = self
            .segments
            .get_mut(segment)
            .ok_or_else(|| unknown(holder, "segment", segment))?;
        Ok((self.nodes[&segment_node(segment)], switch.plug(socket)))
    }

    fn shared(&self, lab: &Arc<LabSpec>) -> Result<Shared, AssembleError> {
        let mut nurse_of = BTreeMap::new();
        for nurse in &self.lab.nurses {
            for pump in &nurse.pumps {
                let node = self
                    .nodes
                    .get(pump)
                    .ok_or_else(|| unknown(&nurse.name, "pump", pump))?;
                nurse_of.insert(*node, self.node(&nurse.name));
            }
        }
        Ok(Shared {
            air: self.node(AIR),
            edge: self.nodes.get(EDGE).copied(),
            kinds: self.kinds.clone(),
            names: self.names.clone(),
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

    /// Address pools for hosts without a reservation, one per segment.
    pub(super) fn pools(&self) -> Vec<Pool> {
        let pool = |s: &crate::spec::SegmentSpec| Pool {
            prefix: s.prefix,
            gateway: s.gateway,
            dns: self.dns(),
            item: s.pool.as_ref().map(|p| p.id),
            range: s.pool.as_ref().map(|p| (p.first, p.last)),
            time: s
                .pool
                .as_ref()
                .map_or_else(|| LeasesSpec::default().time, |p| p.time),
        };
        self.lab.segments.iter().map(pool).collect()
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
        let collector = collector.ok_or_else(|| unknown(name, "log collector", &log.to))?;
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
            .then(|| (spec.dtls.id, hosts::dtls_key(&spec.name)));
        sim.insert(
            node,
            AccessPoint::new(bsses, trunks, spec.channel, spec.controller, dtls)
                .with_sensor(sensor),
        );
        let on = self
            .lab
            .segment(&spec.management.value)
            .ok_or_else(|| unknown(&spec.name, "segment", &spec.management.value))?;
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
            vec![(CONTROL_PORT, App::ApControl)],
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
                .ok_or_else(|| unknown(&spec.name, "wireless network", ssid))?;
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
        let mut sockets = hosts::sockets(self.lab, spec);
        let held = |a: &AttackerSpec| matches!(&a.at, PlaceSpec::Host(h) if *h == spec.name);
        if self.play.attackers.iter().any(held) {
            sockets.apps.push(App::Attacker);
        }
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
                let (config, items) = hosts::station(
                    self.lab,
                    spec,
                    supplicant,
                    hosts::credentials(spec, &self.costs),
                    &self.channels(),
                );
                self.radios
                    .push(Radio::at(node, &[config.mac], 0, *position));
                Interface::Radio(Box::new(WirelessInterface::new(config, items)))
            }
            LinkSpec::Outside | LinkSpec::None => Interface::None,
        };
        let mut stack = stack(&spec.name, source, sockets);
        if spec.link == LinkSpec::Outside {
            stack.lead_outside();
        }
        let host = Host::new(stack, interface);
        sim.insert(node, host.logging_to(self.collector_of(&spec.name)?));
        let programs_about = self.play.attackers.iter().any(|a| !a.programs.is_empty());
        software::equip(sim, node, spec, programs_about);
        hosts::equip(self, sim, node, spec)
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
                .ok_or_else(|| unknown(&spec.name, "pump", name))?;
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
        let (mind, doors) = hosts::attacker(self.lab, spec, &self.libraries, home, |n| {
            self.nodes.get(n).copied()
        })?;
        let node = match &spec.at {
            PlaceSpec::Host(host) => *self
                .nodes
                .get(host)
                .ok_or_else(|| unknown(&spec.name, "host", host))?,
            _ => self.node(&spec.name),
        };
        let sockets = Sockets {
            apps: vec![App::Attacker],
            ..Sockets::default()
        };
        match &spec.at {
            PlaceSpec::Host(_) => {}
            PlaceSpec::Bedside(_) => {
                let stack = stack(&spec.name, AddressSource::None, sockets);
                sim.insert(node, Host::new(stack, Interface::None));
            }
            PlaceSpec::Zone(zone) => {
                let segment = self.segment_of_zone(&spec.name, zone)?;
                let (segment, socket) = self.plug(&spec.name, &segment, 0, false)?;
                let stack = stack(&spec.name, AddressSource::Dhcp, sockets);
                sim.insert(node, Host::new(stack, Interface::Wired { segment, socket }));
            }
            PlaceSpec::Internet => {
                let address = self.outside(&spec.name)?;
                let (segment, socket) = self.plug(&spec.name, "external", 0, false)?;
                let stack = stack(&spec.name, AddressSource::Static(address), sockets);
                sim.insert(node, Host::new(stack, Interface::Wired { segment, socket }));
            }
            PlaceSpec::Radio(position) => {
                let stack = stack(&spec.name, AddressSource::Dhcp, sockets);
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
            .ok_or_else(|| unknown(attacker, "segment", "external"))?;
        let outside = |a: &&AttackerSpec| matches!(a.at, PlaceSpec::Internet);
        let mut others = self.play.attackers.iter().filter(outside);
        let nth = others.position(|a| a.name == attacker).unwrap_or_default();
        let net = Cidr {
            ip: segment.prefix.nth(software::OUTSIDE + nth as u32),
            len: segment.prefix.len,
        };
        Ok(Address {
            net,
            gateway: segment.gateway,
            dns: self.dns(),
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
            .ok_or_else(|| unknown(holder, "zone", zone))?;
        let own = self.lab.segment(zone);
        let common = || {
            self.lab
                .segments
                .iter()
                .find(|s| s.prefix.contains(spec.subnet.ip))
        };
        own.or_else(common)
            .map(|s| s.name.clone())
            .ok_or_else(|| unknown(holder, "segment of zone", zone))
    }

    /// The workstation at which libraries for a pump server are released.
    fn pharmacy_for(&self, server: &str) -> Option<&str> {
        let portal = |r: &RoleSpec| matches!(r, RoleSpec::PumpServer(s) if s.portal.is_some());
        self.lab
            .host(server)
            .filter(|h| h.roles.iter().any(portal))?;
        let pharmacy = |r: &RoleSpec| matches!(r, RoleSpec::Pharmacy(_));
        let mut hosts = self.lab.hosts.iter();
        let found = hosts.find(|h| h.roles.iter().any(pharmacy))?;
        Some(&found.name)
    }

    fn schedule(&self, sim: &mut Simulation<Lab>, seed: u64) -> Result<(), AssembleError> {
        let luck = Luck::new(seed);
        for (i, name) in self.names.iter().enumerate() {
            let pump = self.lab.pumps().any(|(h, _)| h.name == *name);
            let at = if pump {
                let share = luck.stream(NodeKey::of(name), SWITCH_ON, 0).unit_f64();
                Time::ZERO + Duration::from_secs_f64(1.0 + share * SWITCH_ON_WITHIN_S)
            } else {
                Time::ZERO
            };
            sim.schedule(at, NodeId(i as u32), LabEvent::Power(true));
        }
        for (host, pump) in self.lab.pumps() {
            if let Some(infusion) = &pump.infusion {
                let what = HappeningSpec::Programme {
                    pump: host.name.clone(),
                    care_area: infusion.care_area.clone(),
                    drug: infusion.drug.clone(),
                    rate_ml_per_h: infusion.rate_ml_per_h,
                    intended_ml_per_h: None,
                    vtbi_ml: infusion.vtbi_ml,
                    dose: infusion.dose,
                    override_soft: true,
                };
                self.happen(sim, infusion.start, 0, &what)?;
            }
        }
        for (n, event) in self.play.events.iter().enumerate() {
            self.happen(sim, event.at, n as u32, &event.what)?;
        }
        Ok(())
    }

    /// The node that the play calls by this name.
    pub(super) fn find(&self, name: &str) -> Result<NodeId, AssembleError> {
        self.nodes
            .get(name)
            .or_else(|| self.nodes.get(&segment_node(name)))
            .copied()
            .ok_or_else(|| unknown("the play", "node", name))
    }

    /// The name of a node.
    pub(super) fn name(&self, node: NodeId) -> String {
        self.names.get(node.index()).cloned().unwrap_or_default()
    }

    // long: an arm per happening, each a line or a few.
    fn happen(
        &self,
        sim: &mut Simulation<Lab>,
        at: Duration,
        n: u32,
        what: &HappeningSpec,
    ) -> Result<(), AssembleError> {
        let find = |name: &str| self.find(name);
        let order = |pump: &str, drug: &str| {
            hosts::order(&self.libraries, what)
                .ok_or_else(|| unknown(pump, "drug in the care area", drug))
        };
        let at = Time::ZERO + at;
        match what {
            HappeningSpec::PowerOff { node } => {
                sim.schedule(at, find(node)?, LabEvent::Power(false))
            }
            HappeningSpec::PowerOn { node } => sim.schedule(at, find(node)?, LabEvent::Power(true)),
            HappeningSpec::Move { host, to, over } => {
                let (from, to, over) = (find(host)?, *to, *over);
                let command = AirCommand::Move { to, over };
                sim.schedule(at, self.node(AIR), LabEvent::Air { from, command })
            }
            HappeningSpec::Programme { pump, .. } => {
                return self.asked(sim, at, find(pump)?, what);
            }
            HappeningSpec::Order { pump, drug, .. } => {
                find(pump)?;
                order(pump, drug)?;
                let ehr = self
                    .lab
                    .hosts
                    .iter()
                    .find(|h| h.roles.iter().any(|r| matches!(r, RoleSpec::Ehr { .. })));
                let ehr = ehr.ok_or_else(|| unknown("the play", "health record", "ehr"))?;
                sim.schedule(at, find(&ehr.name)?, LabEvent::Happening(n))
            }
            HappeningSpec::Restore { host, takes } => {
                let rebuilt = find(host)?;
                let keeps = |h: &&HostSpec| {
                    h.roles
                        .iter()
                        .any(|r| matches!(r, RoleSpec::Backup(b) if b.of.contains(host)))
                };
                for backup in self.lab.hosts.iter().filter(keeps) {
                    let back = at + *takes + hosts::STARTING;
                    sim.schedule(back, self.node(&backup.name), LabEvent::Happening(n));
                }
                sim.schedule(at, rebuilt, LabEvent::Happening(n))
            }
            HappeningSpec::ServiceVisit {
                laptop,
                pump,
                lasts,
            } => {
                let (laptop, pump) = (find(laptop)?, find(pump)?);
                sim.insert(laptop, Cables::default());
                sim.schedule(at, laptop, LabEvent::Cable { pump, on: true });
                sim.schedule(at + *lasts, laptop, LabEvent::Cable { pump, on: false })
            }
            HappeningSpec::RevokeCertificate { .. } => {
                let publishes = |r: &RoleSpec| matches!(r, RoleSpec::CertificateAuthority(_));
                let mut hosts = self.lab.hosts.iter();
                let authority = hosts.find(|h| h.roles.iter().any(publishes));
                let authority =
                    authority.ok_or_else(|| unknown("the play", "certificate authority", "ca"))?;
                sim.schedule(at, find(&authority.name)?, LabEvent::Happening(n))
            }
            HappeningSpec::PublishLibrary { server, .. } => {
                // At the pharmacy's workstation, if the house has one and the server has a portal.
                let by = self.pharmacy_for(server).unwrap_or(server);
                sim.schedule(at, find(by)?, LabEvent::Happening(n))
            }
            what => return self.of_people(sim, at, n, what),
        };
        Ok(())
    }
}

fn bssid(ap: &AccessPointSpec, ssid: &str) -> Mac {
    Mac::of(&format!("{} {ssid}", ap.name))
}

fn leg_mac(router: &RouterSpec, segment: &str) -> Mac {
    Mac::of(&format!("{} {segment}", router.name))
}

fn stack(name: &str, source: AddressSource, sockets: Sockets) -> Stack {
    Stack::new(
        Mac::of(name),
        source,
        sockets.listeners,
        sockets.bound,
        sockets.apps,
    )
}
