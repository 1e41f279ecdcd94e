//! A router with a stateful firewall: legs, routes, rules as data, a table of flows, address translation, DHCP relay.
//!
//! A message limit on the destination comes first, for every packet. The packet that opens a flow (a SYN, or the first datagram)
//! meets the rules, first match wins, then the default, and then the rate limits. Answers to a flow that was let through pass by
//! state. What is dropped is dropped silently and recorded with the item that decided.

use super::arp::{self, ArpTable};
use crate::engine::{NodeId, NodeMut, RecordId};
use crate::event::{Cx, LabEvent, Vitals};
use crate::net::part;
use crate::record::{DropReason, Flow, NetworkRecord};
use crate::spec::{HappeningSpec, Item, ItemId, Protocol, RateLimitSpec, RuleSpec, Verdict};
use crate::time::{Duration, Time};
use crate::wire::dhcp::{CLIENT_PORT, Dhcp, SERVER_PORT};
use crate::wire::syslog::{LogKind, PORT as SYSLOG_PORT, Syslog};
use crate::wire::{Body, Cidr, Frame, Ip, Mac, Message, Packet, Segment, Transport};
use bevy_ecs::component::Component;
use std::collections::{BTreeMap, BTreeSet};

/// Idle time after which a flow of datagrams is forgotten (a common firewall default \[M\]).
const DATAGRAM_IDLE: Duration = Duration::from_mins(2);
/// Idle time after which a stream is forgotten (a common firewall default \[M\]).
const STREAM_IDLE: Duration = Duration::from_hours(1);
/// Lines that a router logs per second at the most; the others of that second are lost \[A\].
const LOG_LINES: u32 = 20;
/// First port used for translation.
const NAT_BASE: u16 = 20_000;

/// A leg of the router.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Segment node.
    pub segment: NodeId,
    /// Socket on the segment.
    pub socket: u16,
    /// Segment's name.
    pub name: String,
    /// Own hardware address.
    pub mac: Mac,
    /// Own address and on-link prefix.
    pub net: Cidr,
    /// Neighbours.
    pub arp: ArpTable,
}

impl Leg {
    fn send(&self, cx: &mut Cx<'_>, after: Duration, frame: Box<Frame>) {
        let port = self.socket;
        cx.after(after, self.segment, LabEvent::Frame { port, frame });
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FlowKey {
    a: (Ip, u16),
    b: (Ip, u16),
    stream: bool,
}

impl FlowKey {
    fn of(p: &Packet) -> Self {
        let (sport, dport) = p.ports();
        let (x, y) = ((p.src, sport), (p.dst, dport));
        let (a, b) = if x <= y { (x, y) } else { (y, x) };
        Self {
            a,
            b,
            stream: p.is_stream(),
        }
    }
}

#[derive(Clone, Debug)]
struct RateLimit {
    item: ItemId,
    spec: RateLimitSpec,
    sources: BTreeMap<Ip, (f64, Time)>,
}

/// Configuration of a router.
#[derive(Clone, Debug)]
pub struct RouterConfig {
    /// Legs.
    pub legs: Vec<Leg>,
    /// Routes beyond the legs.
    pub routes: Vec<(Cidr, Ip)>,
    /// Rules in order.
    pub rules: Vec<(ItemId, RuleSpec)>,
    /// What happens to a flow that no rule matches.
    pub default: (ItemId, Verdict),
    /// Rate limits.
    pub rate_limits: Vec<(ItemId, RateLimitSpec)>,
    /// Flows that can be remembered.
    pub table: u32,
    /// Leg toward which sources are translated.
    pub translate: Option<usize>,
    /// Delay of a packet through the router.
    pub delay: Duration,
    /// Where DHCP broadcasts are relayed to.
    pub dhcp_relay: Option<Ip>,
    /// Collector of its logs.
    pub log_to: Option<Ip>,
}

/// The router.
#[derive(Component, Clone, Debug)]
pub struct Router {
    config: RouterConfig,
    limits: Vec<RateLimit>,
    flows: BTreeMap<FlowKey, Time>,
    /// Flows that were opened from the side toward which sources are translated.
    entered: BTreeSet<FlowKey>,
    translations: BTreeMap<u16, (Ip, u16)>,
    next_translation: u16,
    /// Rules that staff added in the run, with the records of it.
    added: BTreeMap<ItemId, RecordId>,
    /// The second, and the lines that were logged in it.
    logged: (u64, u32),
}

impl Router {
    /// A router at rest.
    #[must_use]
    pub fn new(config: RouterConfig) -> Self {
        let limits = config
            .rate_limits
            .iter()
            .map(|(item, spec)| RateLimit {
                item: *item,
                spec: spec.clone(),
                sources: BTreeMap::new(),
            })
            .collect();
        Self {
            config,
            limits,
            flows: BTreeMap::new(),
            entered: BTreeSet::new(),
            translations: BTreeMap::new(),
            next_translation: NAT_BASE,
            added: BTreeMap::new(),
            logged: (0, 0),
        }
    }

    /// Forgets everything that power loss makes a router forget.
    pub fn restart(&mut self) {
        self.flows.clear();
        self.entered.clear();
        self.translations.clear();
        for leg in &mut self.config.legs {
            leg.arp = ArpTable::default();
        }
    }

    /// Staff add a rule; it is in force at once for flows that are opened from now on, and is kept through a loss of power.
    fn happen(&mut self, cx: &mut Cx<'_>, n: u32) {
        let shared = cx.shared();
        let event = shared.play.events.get(n as usize);
        let Some(HappeningSpec::AddRule { rule, first, .. }) = event.map(|e| &e.what) else {
            return;
        };
        self.add_rule(rule, *first);
        let record = cx.emit(NetworkRecord::RuleAdded {
            item: rule.id,
            first: *first,
        });
        self.added.insert(rule.id, record);
    }

    fn add_rule(&mut self, rule: &Item<RuleSpec>, first: bool) {
        let at = if first { 0 } else { self.config.rules.len() };
        self.config.rules.insert(at, (rule.id, rule.value.clone()));
    }

    fn frame(&mut self, cx: &mut Cx<'_>, boot: u32, port: u16, frame: Box<Frame>) {
        let port = usize::from(port);
        let Some(leg) = self.config.legs.get_mut(port) else {
            return;
        };
        if frame.dst != leg.mac && !frame.dst.is_broadcast() {
            return;
        }
        let Body::Arp(arp) = &frame.body else {
            return self.packet(cx, boot, port, frame);
        };
        let for_me = arp.target_ip == leg.net.ip;
        let freed = leg.arp.learn(cx, arp, for_me);
        if for_me && !arp.reply {
            let answer = arp::reply(leg.mac, leg.net.ip, arp.sender_mac, arp.sender_ip);
            leg.send(cx, Duration::ZERO, Box::new(answer));
        }
        for packet in freed {
            self.send(cx, boot, port, arp.sender_ip, framed(packet));
        }
    }

    /// Routes the packet of a frame; the frame goes on with other addresses.
    fn packet(&mut self, cx: &mut Cx<'_>, boot: u32, port: usize, mut frame: Box<Frame>) {
        let Body::Ip(packet) = &mut frame.body else {
            return;
        };
        if self.relay(cx, boot, port, packet) || packet.dst == Ip::BROADCAST {
            return;
        }
        if packet.ttl <= 1 {
            return self.dropped(cx, DropReason::HopLimit, packet);
        }
        packet.ttl -= 1;
        // A flow that was opened from outside, to an address as it is: its answers go out as they are.
        let from_outside =
            self.config.translate == Some(port) && packet.dst != self.config.legs[port].net.ip;
        self.translate_in(port, packet);
        if self.config.legs.iter().any(|l| l.net.ip == packet.dst) {
            return;
        }
        let Some((out, hop)) = self.route(packet.dst) else {
            return self.dropped(cx, DropReason::NoRoute, packet);
        };
        match self.admit(cx.now(), packet) {
            Ok(by) => self.by_staff(cx, by, packet),
            Err(why) => {
                self.dropped(cx, why, packet);
                return self.log(cx, boot, why, &flow_of(packet));
            }
        }
        let key = FlowKey::of(packet);
        if from_outside {
            self.entered.insert(key);
        } else if self.config.translate == Some(out) && !self.entered.contains(&key) {
            self.translate_out(out, packet);
        }
        self.send(cx, boot, out, hop, frame);
    }

    fn dropped(&self, cx: &mut Cx<'_>, why: DropReason, packet: &Packet) {
        cx.emit(NetworkRecord::Dropped {
            why,
            flow: Some(flow_of(packet)),
        });
    }

    /// Reports what it refused to the collector, a bounded number of times per second; never what was on its way there.
    fn log(&mut self, cx: &mut Cx<'_>, boot: u32, why: DropReason, flow: &Flow) {
        let kind = match why {
            DropReason::Rule(_) | DropReason::DefaultDeny(_) => LogKind::Denied,
            DropReason::RateLimit(_) => LogKind::Limited,
            _ => return,
        };
        let Some(collector) = self.config.log_to.filter(|c| *c != flow.dst) else {
            return;
        };
        let second = cx.now().as_nanos() / 1_000_000_000;
        if self.logged.0 != second {
            self.logged = (second, 0);
        }
        self.logged.1 += 1;
        let Some((out, hop)) = self.route(collector).filter(|_| self.logged.1 <= LOG_LINES) else {
            return;
        };
        let line = Syslog {
            kind,
            about: Some(flow.src),
            port: flow.port,
        };
        let packet = Packet {
            src: self.config.legs[out].net.ip,
            dst: collector,
            ttl: 64,
            transport: Transport::Datagram {
                sport: SYSLOG_PORT,
                dport: SYSLOG_PORT,
                message: Box::new(Message::Syslog(line)),
            },
        };
        self.send(cx, boot, out, hop, framed(packet));
    }

    /// Relays DHCP between a leg and the server. Whether the packet was one to relay.
    fn relay(&mut self, cx: &mut Cx<'_>, boot: u32, port: usize, packet: &Packet) -> bool {
        let Transport::Datagram {
            sport,
            dport,
            message,
        } = &packet.transport
        else {
            return false;
        };
        let Message::Dhcp(dhcp) = &**message else {
            return false;
        };
        let Some(server) = self.config.dhcp_relay else {
            return false;
        };
        let onward = |src, dst, sport, dport| {
            let message = Box::new(Message::Dhcp(*dhcp));
            let transport = Transport::Datagram {
                sport,
                dport,
                message,
            };
            framed(Packet {
                src,
                dst,
                ttl: 64,
                transport,
            })
        };
        if *sport == CLIENT_PORT && packet.dst == Ip::BROADCAST {
            let relay_ip = self.config.legs[port].net.ip;
            if let Some((out, hop)) = self.route(server) {
                let request = onward(relay_ip, server, SERVER_PORT, SERVER_PORT);
                self.send(cx, boot, out, hop, request);
            }
            return true;
        }
        let answers = matches!(
            dhcp,
            Dhcp::Offer { .. } | Dhcp::Ack { .. } | Dhcp::Nak { .. }
        );
        if *dport == SERVER_PORT
            && answers
            && packet.src == server
            && let Some(leg) = self.config.legs.iter().find(|l| l.net.ip == packet.dst)
        {
            let mut answer = onward(leg.net.ip, Ip::BROADCAST, SERVER_PORT, CLIENT_PORT);
            answer.src = leg.mac;
            leg.send(cx, self.config.delay, answer);
            return true;
        }
        false
    }

    fn route(&self, dst: Ip) -> Option<(usize, Ip)> {
        if let Some(i) = self.config.legs.iter().position(|l| l.net.contains(dst)) {
            return Some((i, dst));
        }
        let (_, via) = self
            .config
            .routes
            .iter()
            .filter(|(to, _)| to.contains(dst))
            .max_by_key(|(to, _)| to.len)?;
        let i = self.config.legs.iter().position(|l| l.net.contains(*via))?;
        Some((i, *via))
    }

    /// Says so where a flow passes because of a rule that staff added in the run.
    fn by_staff(&self, cx: &mut Cx<'_>, by: Option<ItemId>, packet: &Packet) {
        let Some((item, added)) = by.and_then(|item| Some((item, *self.added.get(&item)?))) else {
            return;
        };
        let flow = flow_of(packet);
        cx.emit_because(NetworkRecord::Admitted { item, flow }, &[added]);
    }

    /// Decides about a packet: by its size, then state, then rules, then the default, then rate limits. Gives the item that let a new flow through.
    fn admit(&mut self, now: Time, packet: &Packet) -> Result<Option<ItemId>, DropReason> {
        let idle = if packet.is_stream() {
            STREAM_IDLE
        } else {
            DATAGRAM_IDLE
        };
        let key = FlowKey::of(packet);
        self.check_size(packet)?;
        if let Some(until) = self.flows.get_mut(&key)
            && *until > now
        {
            *until = now + idle;
            return Ok(None);
        }
        if let Transport::Stream { segment, .. } = &packet.transport
            && !matches!(segment, Segment::Syn)
        {
            return Err(DropReason::UnknownFlow);
        }
        let (item, verdict, explicit) = self.verdict(packet);
        if verdict == Verdict::Deny {
            return Err(if explicit {
                DropReason::Rule(item)
            } else {
                DropReason::DefaultDeny(item)
            });
        }
        self.check_rate(now, packet)?;
        if self.flows.len() >= self.config.table as usize {
            self.flows.retain(|_, until| *until > now);
            self.entered.retain(|key| self.flows.contains_key(key));
            if self.flows.len() >= self.config.table as usize {
                return Err(DropReason::TableFull);
            }
        }
        // Who opened the flow of these ends that is forgotten does not matter to this one.
        self.entered.remove(&key);
        self.flows.insert(key, now + idle);
        Ok(Some(item))
    }

    fn verdict(&self, packet: &Packet) -> (ItemId, Verdict, bool) {
        let rule = self.config.rules.iter().find(|(_, r)| matches(r, packet));
        rule.map_or(
            (self.config.default.0, self.config.default.1, false),
            |(item, r)| (*item, r.verdict, true),
        )
    }

    fn check_size(&self, packet: &Packet) -> Result<(), DropReason> {
        if self.limits.is_empty() {
            return Ok(());
        }
        let len = packet.wire_len();
        let over = |l: &&RateLimit| {
            l.spec.largest_message > 0
                && len > l.spec.largest_message
                && l.spec.to.contains(packet.dst)
        };
        self.limits
            .iter()
            .find(over)
            .map_or(Ok(()), |l| Err(DropReason::RateLimit(l.item)))
    }

    fn check_rate(&mut self, now: Time, packet: &Packet) -> Result<(), DropReason> {
        for limit in &mut self.limits {
            if !limit.spec.to.contains(packet.dst) {
                continue;
            }
            let burst = f64::from(limit.spec.burst);
            let (tokens, last) = limit.sources.entry(packet.src).or_insert((burst, now));
            *tokens =
                (*tokens + (now - *last).as_secs_f64() * limit.spec.flows_per_second).min(burst);
            *last = now;
            if *tokens < 1.0 {
                return Err(DropReason::RateLimit(limit.item));
            }
            *tokens -= 1.0;
        }
        Ok(())
    }

    fn translate_out(&mut self, out: usize, packet: &mut Packet) {
        let (Transport::Datagram { sport, .. } | Transport::Stream { sport, .. }) =
            &mut packet.transport;
        let inside = (packet.src, *sport);
        let known = self
            .translations
            .iter()
            .find(|(_, i)| **i == inside)
            .map(|(port, _)| *port);
        let port = known.unwrap_or_else(|| {
            let port = self.next_translation;
            self.next_translation = if port == u16::MAX { NAT_BASE } else { port + 1 };
            self.translations.insert(port, inside);
            port
        });
        packet.src = self.config.legs[out].net.ip;
        *sport = port;
    }

    fn translate_in(&self, port: usize, packet: &mut Packet) {
        if self.config.translate != Some(port) || packet.dst != self.config.legs[port].net.ip {
            return;
        }
        let (Transport::Datagram { dport, .. } | Transport::Stream { dport, .. }) =
            &mut packet.transport;
        if let Some((ip, inside_port)) = self.translations.get(dport) {
            packet.dst = *ip;
            *dport = *inside_port;
        }
    }

    fn send(&mut self, cx: &mut Cx<'_>, boot: u32, out: usize, hop: Ip, mut frame: Box<Frame>) {
        let delay = self.config.delay;
        let leg = &mut self.config.legs[out];
        match leg.arp.lookup(cx.now(), hop) {
            Some(mac) => {
                frame.src = leg.mac;
                frame.dst = mac;
                leg.send(cx, delay, frame);
            }
            None => {
                if let Body::Ip(packet) = frame.body
                    && leg.arp.wait(hop, packet)
                {
                    self.ask(cx, boot, out, hop);
                }
            }
        }
    }

    fn ask(&self, cx: &mut Cx<'_>, boot: u32, out: usize, hop: Ip) {
        let leg = &self.config.legs[out];
        leg.send(
            cx,
            Duration::ZERO,
            Box::new(arp::request(leg.mac, leg.net.ip, hop)),
        );
        let token = (out as u64) << 32 | u64::from(hop.0);
        cx.after(
            arp::RETRY,
            cx.node(),
            LabEvent::Timer {
                owner: part::STACK,
                boot,
                token,
            },
        );
    }

    fn timer(&mut self, cx: &mut Cx<'_>, boot: u32, token: u64) {
        let (out, hop) = ((token >> 32) as usize, Ip(token as u32));
        let Some(leg) = self.config.legs.get_mut(out) else {
            return;
        };
        match leg.arp.retry(hop) {
            Ok(true) => self.ask(cx, boot, out, hop),
            Ok(false) => {}
            Err(lost) => {
                for packet in lost {
                    self.dropped(cx, DropReason::Unresolved, &packet);
                }
            }
        }
    }
}

/// A frame for a packet, whose addresses are filled in when it is sent.
fn framed(packet: Packet) -> Box<Frame> {
    Box::new(Frame {
        src: Mac::BROADCAST,
        dst: Mac::BROADCAST,
        body: Body::Ip(packet),
    })
}

/// The flow that a packet belongs to, for records.
#[must_use]
pub fn flow_of(packet: &Packet) -> Flow {
    Flow {
        src: packet.src,
        dst: packet.dst,
        stream: packet.is_stream(),
        port: packet.ports().1,
    }
}

/// Whether a rule speaks of this packet.
#[must_use]
pub fn matches(rule: &RuleSpec, packet: &Packet) -> bool {
    let protocol = match rule.protocol {
        Protocol::Any => true,
        Protocol::Tcp => packet.is_stream(),
        Protocol::Udp => !packet.is_stream(),
    };
    let port = packet.ports().1;
    protocol
        && (rule.ports.is_empty()
            || rule
                .ports
                .iter()
                .any(|r| (r.first..=r.last).contains(&port)))
        && rule.to.iter().any(|c| c.contains(packet.dst))
        && rule.from.iter().any(|c| c.contains(packet.src))
}

/// Handles an event at a router; `port` of a frame is the leg that it came in by.
pub fn on_event(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    let boot = node.get::<Vitals>().map_or(0, |v| v.boots);
    let Some(router) = node.get_mut::<Router>() else {
        return;
    };
    match event {
        LabEvent::Frame { port, frame } => router.frame(cx, boot, port, frame),
        LabEvent::Timer { token, .. } => router.timer(cx, boot, token),
        LabEvent::Power(true) => router.restart(),
        LabEvent::Happening(n) => router.happen(cx, n),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
