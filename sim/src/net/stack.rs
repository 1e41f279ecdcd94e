//! A host's network stack: address, neighbours, streams, datagrams; the DHCP and DNS clients stand in files of their own.

pub mod dhcp;
mod dns;
mod outside;
mod streams;

use self::streams::Streams;
use super::arp::{self, ArpTable};
pub use super::stream::{Listener, SocketEvent, StreamId};
use super::stream::{Phase, REPEAT, REPETITIONS, Stream};
use crate::engine::{Because, RecordId};
use crate::event::{Cx, LabEvent, PartId};
use crate::net::part;
use crate::net::router::flow_of;
use crate::proto::dhcp::client::Due;
use crate::record::{DropReason, NetworkRecord};
use crate::time::Duration;
use crate::wire::dhcp::{CLIENT_PORT, Dhcp};
use crate::wire::dns::{CLIENT_PORT as DNS_CLIENT_PORT, Dns, PORT as DNS_PORT};
use crate::wire::{Body, Cidr, Frame, Ip, Mac, Message, Packet, Segment, Transport};
use dhcp::DhcpClient;
use dns::Question;
use std::collections::VecDeque;

const TOKEN_ARP: u64 = 1 << 56;
const TOKEN_STREAM: u64 = 2 << 56;
const TOKEN_DHCP: u64 = 3 << 56;
const TOKEN_DNS: u64 = 4 << 56;
const TOKEN_LEASE: u64 = 5 << 56;
const TOKEN_KIND: u64 = 0xFF << 56;
const EPHEMERAL: u16 = 49_152;

/// Address configuration in force.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// Own address with its on-link prefix.
    pub net: Cidr,
    /// Gateway.
    pub gateway: Option<Ip>,
    /// Name server.
    pub dns: Option<Ip>,
}

/// Where the address comes from.
#[derive(Clone, Copy, Debug)]
pub enum AddressSource {
    /// Configured.
    Static(Address),
    /// Leased.
    Dhcp,
    /// None: the host does not communicate.
    None,
}

/// A frame to be sent, with what had to be so for it to go where it goes.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The frame.
    pub frame: Frame,
    /// Records of that.
    pub because: Because,
}

/// The stack.
#[derive(Clone, Debug)]
pub struct Stack {
    mac: Mac,
    source: AddressSource,
    address: Option<Address>,
    aliases: Vec<Ip>,
    /// Whether it answers for every address (only a host that means harm does).
    stands_in: bool,
    arp: ArpTable,
    listeners: Vec<Listener>,
    bound: Vec<(u16, PartId)>,
    streams: Streams,
    next_stream: u32,
    dhcp: DhcpClient,
    questions: Vec<Question>,
    next_question: u16,
    apps: Vec<PartId>,
    suspended: Vec<PartId>,
    out: Vec<Outgoing>,
    inbox: VecDeque<(PartId, SocketEvent)>,
    boot: u32,
    link: bool,
    intercepts: bool,
    /// Whether its streams run outside of the simulation.
    outside: bool,
    /// Senders of broadcasts, the one heard last at the end, where somebody keeps an ear on them.
    heard: Option<Vec<Mac>>,
}

impl Stack {
    /// A stack with an interface of this address. `apps` are told when the host comes up or goes down.
    #[must_use]
    pub fn new(
        mac: Mac,
        source: AddressSource,
        listeners: Vec<Listener>,
        bound: Vec<(u16, PartId)>,
        apps: Vec<PartId>,
    ) -> Self {
        Self {
            mac,
            source,
            address: None,
            aliases: Vec::new(),
            stands_in: false,
            arp: ArpTable::default(),
            listeners,
            bound,
            streams: Streams::default(),
            next_stream: 1,
            dhcp: DhcpClient::new(mac),
            questions: Vec::new(),
            next_question: 1,
            apps,
            suspended: Vec::new(),
            out: Vec::new(),
            inbox: VecDeque::new(),
            boot: 0,
            link: false,
            intercepts: false,
            outside: false,
            heard: None,
        }
    }

    /// Own hardware address.
    #[must_use]
    pub fn mac(&self) -> Mac {
        self.mac
    }

    /// Own address, once there is one.
    #[must_use]
    pub fn ip(&self) -> Option<Ip> {
        self.address.map(|a| a.net.ip)
    }

    /// Address configuration in force.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        self.address
    }

    /// Neighbours believed to be known.
    pub fn neighbours(&self) -> impl Iterator<Item = (Ip, Mac)> {
        self.arp.iter()
    }

    /// Peers of open streams, with the port at their end or, for accepted streams, at ours.
    pub fn peers(&self) -> impl Iterator<Item = (Ip, u16)> {
        self.streams
            .iter()
            .filter(|s| s.phase == Phase::Open)
            .map(|s| (s.peer.0, s.peer.1.min(s.local.1)))
    }

    /// The other end of a stream.
    #[must_use]
    pub fn peer(&self, id: StreamId) -> Option<(Ip, u16)> {
        self.streams.get(id).map(|s| s.peer)
    }

    /// The hardware address that packets to an address go to now.
    #[must_use]
    pub fn next_hop(&self, peer: Ip) -> Option<Mac> {
        let address = self.address?;
        let hop = if address.net.contains(peer) {
            Some(peer)
        } else {
            address.gateway
        }?;
        self.arp
            .iter()
            .find(|(ip, _)| *ip == hop)
            .map(|(_, mac)| mac)
    }

    /// The local port of a stream.
    #[must_use]
    pub fn local_port(&self, id: StreamId) -> Option<u16> {
        self.streams.get(id).map(|s| s.local.1)
    }

    /// Next thing that a socket has to tell.
    pub fn next_event(&mut self) -> Option<(PartId, SocketEvent)> {
        self.inbox.pop_front()
    }

    /// Frames to be sent by the interface.
    pub fn drain_frames(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.out)
    }

    /// Whether frames wait to be sent.
    #[must_use]
    pub fn has_frames(&self) -> bool {
        !self.out.is_empty()
    }

    /// The host is switched on for the `boot`th time; it has no link yet.
    pub fn power_on(&mut self, boot: u32) {
        self.boot = boot;
        self.clear();
    }

    fn clear(&mut self) {
        self.address = None;
        self.arp = ArpTable::default();
        self.streams.take();
        self.dhcp.reset(self.mac);
        self.dhcp.link_down();
        self.questions.clear();
        self.inbox.clear();
        self.out.clear();
        self.link = false;
    }

    /// The link is there: configures the address, or asks for one.
    pub fn link_up(&mut self, cx: &mut Cx<'_>) {
        self.link = true;
        match self.source {
            AddressSource::Static(address) => {
                self.address = Some(address);
                self.listen_outside(cx);
                self.tell_all(SocketEvent::Up);
            }
            AddressSource::Dhcp => {
                if self.address.is_some() {
                    self.tell_all(SocketEvent::Up);
                }
                self.dhcp_link_up(cx);
            }
            AddressSource::None => {}
        }
    }

    /// The link is gone: streams break, the address stays until a new network gives another.
    pub fn link_down(&mut self, cx: &mut Cx<'_>, forget_address: bool) {
        if !self.link {
            return;
        }
        self.link = false;
        self.dhcp.link_down();
        if forget_address {
            self.address = None;
            self.dhcp.reset(self.mac);
        }
        self.cut(cx);
    }

    /// What hangs on the address or the link breaks.
    fn cut(&mut self, cx: &mut Cx<'_>) {
        self.arp = ArpTable::default();
        self.questions.clear();
        for stream in self.streams.take() {
            if let Some(timer) = stream.timer {
                cx.cancel(timer);
            }
            self.inbox.push_back((
                stream.app,
                SocketEvent::Failed {
                    stream: stream.id,
                    refused: false,
                },
            ));
        }
        self.tell_all(SocketEvent::Down);
    }

    fn tell_all(&mut self, event: SocketEvent) {
        for &app in &self.apps {
            self.inbox.push_back((app, event.clone()));
        }
    }

    /// Takes packets for other addresses too (only whoever means harm does).
    pub fn intercept(&mut self, on: bool) {
        self.intercepts = on;
    }

    /// Begins to note who is heard (only whoever means harm does).
    pub fn note_senders(&mut self) {
        self.heard.get_or_insert_default();
    }

    /// Who was heard since then, the one that has been silent for longest first.
    #[must_use]
    pub fn heard(&self) -> &[Mac] {
        self.heard.as_deref().unwrap_or_default()
    }

    /// Goes on under another hardware address, as a computer that is plugged in anew.
    pub fn become_another(&mut self, cx: &mut Cx<'_>, mac: Mac) {
        self.link_down(cx, true);
        self.mac = mac;
        self.dhcp.reset(mac);
        self.link_up(cx);
    }

    /// Sends a packet on that is not the host's own.
    pub fn forward(&mut self, cx: &mut Cx<'_>, packet: Packet) {
        self.send_packet(cx, packet);
    }

    /// Claims a further address as own (only a host that means harm does).
    pub fn claim(&mut self, ip: Ip) {
        if !self.aliases.contains(&ip) {
            self.aliases.push(ip);
        }
    }

    /// Takes this address by hand and answers for every other one too.
    pub fn stand_in_for_all(&mut self, cx: &mut Cx<'_>, address: Address) {
        self.link_down(cx, true);
        self.source = AddressSource::Static(address);
        self.stands_in = true;
        self.link_up(cx);
    }

    fn is_own(&self, ip: Ip) -> bool {
        let all = self.stands_in && ip != Ip::UNSPECIFIED;
        all || self.ip() == Some(ip) || self.aliases.contains(&ip)
    }

    /// Listens on a port.
    pub fn listen(&mut self, cx: &mut Cx<'_>, listener: Listener) {
        self.listeners.retain(|l| l.port != listener.port);
        self.listeners.push(listener);
        self.listen_outside(cx);
    }

    /// Takes datagrams to a port.
    pub fn bind(&mut self, port: u16, app: PartId) {
        self.bound.retain(|(p, _)| *p != port);
        self.bound.push((port, app));
    }

    /// A part of the host stops: its streams are reset and its ports are closed until it is resumed.
    pub fn suspend(&mut self, cx: &mut Cx<'_>, app: PartId) {
        if !self.is_suspended(app) {
            self.suspended.push(app);
        }
        while let Some(i) = self.streams.first_of(app) {
            if self.outside {
                self.close_outside(cx, i);
                continue;
            }
            let s = self.streams.swap_remove(i);
            if let Some(timer) = s.timer {
                cx.cancel(timer);
            }
            self.send_segment(cx, s.local, s.peer, Segment::Rst);
        }
        self.inbox.retain(|(a, _)| *a != app);
        self.listen_outside(cx);
    }

    /// A part of the host works again.
    pub fn resume(&mut self, cx: &mut Cx<'_>, app: PartId) {
        self.suspended.retain(|a| *a != app);
        self.listen_outside(cx);
    }

    /// Whether a part of the host has stopped.
    #[must_use]
    pub fn is_suspended(&self, app: PartId) -> bool {
        self.suspended.contains(&app)
    }

    /// Sends a raw frame.
    pub fn send_frame(&mut self, frame: Frame) {
        let because = Because::default();
        self.out.push(Outgoing { frame, because });
    }

    // ---- sending -------------------------------------------------------------------------------------------------

    fn timer(&self, cx: &mut Cx<'_>, after: Duration, token: u64) -> crate::engine::EventId {
        cx.after(
            after,
            cx.node(),
            LabEvent::Timer {
                owner: part::STACK,
                boot: self.boot,
                token,
            },
        )
    }

    fn send_packet(&mut self, cx: &mut Cx<'_>, packet: Packet) {
        self.send_because(cx, packet, self.leased_by());
    }

    /// Sends a packet that needed these records, and its own address.
    fn send_because(&mut self, cx: &mut Cx<'_>, packet: Packet, mut because: Because) {
        let Some(address) = self.address else { return };
        if packet.dst == Ip::BROADCAST {
            let (src, dst, body) = (self.mac, Mac::BROADCAST, Body::Ip(packet));
            let frame = Frame { src, dst, body };
            self.out.push(Outgoing { frame, because });
            return;
        }
        let hop = if address.net.contains(packet.dst) {
            Some(packet.dst)
        } else {
            address.gateway
        };
        let Some(hop) = hop else {
            cx.emit(NetworkRecord::Dropped {
                why: DropReason::NoRoute,
                flow: Some(flow_of(&packet)),
            });
            return;
        };
        match self.arp.lookup(cx.now(), hop) {
            Some(dst) => {
                if let Some(taught) = self.arp.taught_by(hop) {
                    because.push(taught);
                }
                let (src, body) = (self.mac, Body::Ip(packet));
                let frame = Frame { src, dst, body };
                self.out.push(Outgoing { frame, because });
            }
            None => {
                if self.arp.wait(hop, packet) {
                    self.ask(cx, hop);
                }
            }
        }
    }

    fn ask(&mut self, cx: &mut Cx<'_>, hop: Ip) {
        let ip = self.ip().unwrap_or(Ip::UNSPECIFIED);
        self.send_own(arp::request(self.mac, ip, hop));
        self.timer(cx, arp::RETRY, TOKEN_ARP | u64::from(hop.0));
    }

    /// Sends a frame that needed the own address.
    fn send_own(&mut self, frame: Frame) {
        let because = self.leased_by();
        self.out.push(Outgoing { frame, because });
    }

    /// The record of the lease that gave the own address, if one did.
    fn leased_by(&self) -> Because {
        let lease = self.dhcp.bound_by();
        lease
            .filter(|_| self.address.is_some())
            .into_iter()
            .collect()
    }

    /// Sends a datagram.
    pub fn datagram(&mut self, cx: &mut Cx<'_>, sport: u16, to: (Ip, u16), message: Message) {
        if let Some(src) = self.ip() {
            self.datagram_as(cx, (src, sport), to, message);
        }
    }

    /// Sends a datagram with this source, which need not be the host's own.
    pub fn datagram_as(
        &mut self,
        cx: &mut Cx<'_>,
        (src, sport): (Ip, u16),
        to: (Ip, u16),
        message: Message,
    ) {
        let transport = Transport::Datagram {
            sport,
            dport: to.1,
            message: Box::new(message),
        };
        self.send_packet(
            cx,
            Packet {
                src,
                dst: to.0,
                ttl: 64,
                transport,
            },
        );
    }

    fn send_segment(
        &mut self,
        cx: &mut Cx<'_>,
        local: (Ip, u16),
        peer: (Ip, u16),
        segment: Segment,
    ) {
        self.send_packet(cx, stream_packet(local, peer, segment));
    }

    /// Sends a segment of a stream that somebody listens for on purpose, not by the host's role.
    fn answer_because(&mut self, cx: &mut Cx<'_>, id: StreamId) {
        let Some(s) = self.streams.get(id) else {
            return;
        };
        let packet = stream_packet(s.local, s.peer, Segment::SynAck);
        let mut because = self.leased_by();
        s.because.into_iter().for_each(|r| because.push(r));
        self.send_because(cx, packet, because);
    }

    /// Opens a stream. The owner is told how it went.
    pub fn connect(&mut self, cx: &mut Cx<'_>, app: PartId, peer: (Ip, u16)) -> StreamId {
        let id = StreamId(self.next_stream);
        self.next_stream += 1;
        let port = EPHEMERAL + (id.0 % 16_000) as u16;
        let Some(ip) = self.ip() else {
            self.inbox.push_back((
                app,
                SocketEvent::Failed {
                    stream: id,
                    refused: false,
                },
            ));
            return id;
        };
        let mut stream = Stream::new(id, app, (ip, port), peer, Phase::Opening);
        if self.outside {
            return self.connect_outside(cx, stream);
        }
        stream.asked = cx.as_cause();
        stream.timer = Some(self.timer(cx, REPEAT, TOKEN_STREAM | u64::from(id.0)));
        self.streams.push(stream);
        self.send_segment(cx, (ip, port), peer, Segment::Syn);
        id
    }

    /// Sends a message on a stream.
    pub fn send(&mut self, cx: &mut Cx<'_>, id: StreamId, message: Message) {
        let Some(i) = self.streams.position(id) else {
            return;
        };
        if self.outside {
            return self.send_outside(cx, id, message);
        }
        let boot = self.boot;
        let s = &mut self.streams[i];
        let message = Box::new(message);
        let seq = s.next;
        s.next += 1;
        s.unacknowledged
            .push_back((seq, message.clone(), cx.as_cause()));
        if s.timer.is_none() {
            let token = TOKEN_STREAM | u64::from(id.0);
            s.timer = Some(cx.after(
                REPEAT,
                cx.node(),
                LabEvent::Timer {
                    owner: part::STACK,
                    boot,
                    token,
                },
            ));
        }
        if s.phase == Phase::Open {
            s.owes_ack = false;
            let (local, peer, ack) = (s.local, s.peer, s.expected);
            self.send_segment(cx, local, peer, Segment::Data { seq, ack, message });
        }
    }

    /// Closes a stream after what was sent; nothing more is heard of it.
    pub fn close(&mut self, cx: &mut Cx<'_>, id: StreamId) {
        let Some(i) = self.streams.position(id) else {
            return;
        };
        if self.outside {
            return self.close_outside(cx, i);
        }
        let s = &mut self.streams[i];
        let (local, peer, seq) = (s.local, s.peer, s.next);
        if s.unacknowledged.is_empty() {
            let s = self.streams.swap_remove(i);
            if let Some(timer) = s.timer {
                cx.cancel(timer);
            }
        } else {
            s.closing = true;
        }
        self.send_segment(cx, local, peer, Segment::Fin { seq });
    }

    /// Gives a stream to another part of the host.
    pub fn hand_over(&mut self, id: StreamId, app: PartId) {
        if let Some(s) = self.streams.get_mut(id) {
            s.app = app;
        }
    }

    // ---- receiving -----------------------------------------------------------------------------------------------

    /// A frame arrived at the interface.
    pub fn on_frame(&mut self, cx: &mut Cx<'_>, frame: Frame) {
        // An access point sends a station's own broadcasts back to it.
        if frame.src == self.mac || (frame.dst != self.mac && !frame.dst.is_broadcast()) {
            return;
        }
        if let Some(heard) = &mut self.heard {
            heard.retain(|mac| *mac != frame.src);
            heard.push(frame.src);
        }
        match frame.body {
            Body::Arp(arp) => {
                let own = self.is_own(arp.target_ip) && arp.target_ip != arp.sender_ip;
                let freed = self.arp.learn(cx, &arp, own);
                if own && !arp.reply && arp.sender_mac != self.mac {
                    let (of, to) = (arp.target_ip, (arp.sender_mac, arp.sender_ip));
                    self.send_own(arp::reply(self.mac, of, to.0, to.1));
                }
                for packet in freed {
                    self.send_packet(cx, packet);
                }
            }
            Body::Ip(packet) => self.on_packet(cx, packet),
        }
    }

    fn on_packet(&mut self, cx: &mut Cx<'_>, packet: Packet) {
        let flow = flow_of(&packet);
        let mine = self.is_own(packet.dst);
        if self.intercepts && !mine && packet.dst != Ip::BROADCAST {
            let event = SocketEvent::Passing(Box::new(packet));
            self.inbox.push_back((part::ATTACKER, event));
            return;
        }
        let Packet {
            src,
            dst,
            transport,
            ..
        } = packet;
        match transport {
            Transport::Datagram {
                sport,
                dport,
                message,
            } if mine || dst == Ip::BROADCAST => {
                self.on_datagram(cx, (src, sport), dport, message);
            }
            Transport::Stream {
                sport,
                dport,
                segment,
            } if mine => {
                let (local, peer) = ((dst, dport), (src, sport));
                match self.streams.between(local, peer) {
                    Some(i) => self.on_segment(cx, i, segment),
                    None => self.on_stray(cx, local, peer, segment, flow),
                }
            }
            _ => {}
        }
    }

    fn on_datagram(&mut self, cx: &mut Cx<'_>, from: (Ip, u16), port: u16, message: Box<Message>) {
        match *message {
            // What is for another client is heard by whoever asked in that client's name.
            Message::Dhcp(dhcp) if port == CLIENT_PORT && self.is_for_me(&dhcp) => {
                self.on_dhcp(cx, dhcp)
            }
            Message::Dns(ref answer @ Dns::Answer { .. }) if from.1 == DNS_PORT => {
                self.on_answer(cx, answer);
            }
            Message::Crafted(ref crafted) if self.is_answer(from.1, port, crafted.answers) => {
                // What parses answers is a client of the host, which has no application of its own.
                let event = SocketEvent::Datagram {
                    from,
                    port,
                    message,
                };
                self.inbox.push_back((part::HOST, event));
            }
            _ => {
                if let Some(&(_, app)) = self.bound.iter().find(|(p, _)| *p == port) {
                    self.inbox.push_back((
                        app,
                        SocketEvent::Datagram {
                            from,
                            port,
                            message,
                        },
                    ));
                }
            }
        }
    }

    fn is_for_me(&self, dhcp: &Dhcp) -> bool {
        dhcp.client() == self.mac || self.bound.iter().all(|(p, _)| *p != CLIENT_PORT)
    }

    /// Whether something that came to this port answers what a client of this host asked.
    fn is_answer(&self, from: u16, port: u16, answers: Option<u32>) -> bool {
        match port {
            CLIENT_PORT => self.dhcp.awaits(answers),
            DNS_CLIENT_PORT if from == DNS_PORT => self.questions.iter().any(|q| q.awaits(answers)),
            _ => false,
        }
    }

    /// A segment for no stream: opens one if somebody listens, else is refused.
    fn on_stray(
        &mut self,
        cx: &mut Cx<'_>,
        local: (Ip, u16),
        peer: (Ip, u16),
        segment: Segment,
        flow: crate::record::Flow,
    ) {
        match segment {
            Segment::Syn => match self.listeners.iter().find(|l| l.port == local.1).copied() {
                Some(l) if !self.is_suspended(l.app) => {
                    let id = StreamId(self.next_stream);
                    self.next_stream += 1;
                    let mut stream = Stream::new(id, l.app, local, peer, Phase::Answered);
                    (stream.because, stream.asked) = (l.because, cx.as_cause());
                    self.streams.push(stream);
                    self.answer_because(cx, id);
                }
                _ => {
                    cx.emit(NetworkRecord::Refused { flow });
                    self.send_segment(cx, local, peer, Segment::Rst);
                }
            },
            Segment::Rst => {}
            _ => self.send_segment(cx, local, peer, Segment::Rst),
        }
    }

    fn on_segment(&mut self, cx: &mut Cx<'_>, i: usize, segment: Segment) {
        let s = &mut self.streams[i];
        let (id, app) = (s.id, s.app);
        match segment {
            Segment::Syn => {
                if s.phase == Phase::Answered {
                    self.answer_because(cx, id);
                }
            }
            Segment::SynAck => self.opened(cx, i),
            Segment::Ack { ack } => {
                self.accepted(i);
                self.acknowledged(cx, i, ack);
            }
            Segment::Data { seq, ack, message } => {
                self.accepted(i);
                self.acknowledged(cx, i, ack);
                if let Some(i) = self.streams.position(id) {
                    self.streams.owe(i);
                    let s = &mut self.streams[i];
                    if seq == s.expected {
                        s.expected += 1;
                        self.inbox.push_back((
                            app,
                            SocketEvent::Message {
                                stream: id,
                                message,
                            },
                        ));
                    }
                }
            }
            Segment::Fin { seq } => {
                if seq == s.expected {
                    let s = self.streams.swap_remove(i);
                    if let Some(timer) = s.timer {
                        cx.cancel(timer);
                    }
                    self.inbox.push_back((app, SocketEvent::Closed(id)));
                }
            }
            Segment::Rst => self.broken(cx, i, true),
        }
    }

    fn opened(&mut self, cx: &mut Cx<'_>, i: usize) {
        self.streams.owe(i);
        let s = &mut self.streams[i];
        if s.phase != Phase::Opening {
            return;
        }
        s.phase = Phase::Open;
        s.repetitions = 0;
        let (id, app, peer) = (s.id, s.app, s.peer);
        s.unacknowledged
            .iter_mut()
            .for_each(|(_, _, sent)| *sent = cx.as_cause());
        let waiting = s.to_repeat();
        if waiting.is_empty()
            && let Some(timer) = s.timer.take()
        {
            cx.cancel(timer);
        }
        let because = self.path_taught_by(peer.0);
        cx.emit_because(
            NetworkRecord::StreamOpened {
                peer: peer.0,
                port: peer.1,
            },
            because.as_slice(),
        );
        self.inbox.push_back((app, SocketEvent::Opened(id)));
        self.resend(cx, i, waiting);
    }

    /// The record that taught the hardware address on the way to the name server, if it was taught after another was known.
    #[must_use]
    pub fn name_server_taught_by(&self) -> Option<RecordId> {
        self.path_taught_by(self.address?.dns?)
    }

    /// The record that taught the hardware address on the way to a peer, if it was taught after another was known.
    fn path_taught_by(&self, peer: Ip) -> Option<RecordId> {
        let address = self.address?;
        let hop = if address.net.contains(peer) {
            Some(peer)
        } else {
            address.gateway
        };
        self.arp.taught_by(hop?)
    }

    fn accepted(&mut self, i: usize) {
        let s = &mut self.streams[i];
        if s.phase == Phase::Answered {
            s.phase = Phase::Open;
            self.inbox.push_back((
                s.app,
                SocketEvent::Accepted {
                    stream: s.id,
                    port: s.local.1,
                    peer: s.peer.0,
                },
            ));
        }
    }

    fn acknowledged(&mut self, cx: &mut Cx<'_>, i: usize, ack: u32) {
        let s = &mut self.streams[i];
        let before = s.unacknowledged.len();
        while s.unacknowledged.front().is_some_and(|(seq, ..)| *seq < ack) {
            s.unacknowledged.pop_front();
        }
        if s.unacknowledged.len() < before {
            s.repetitions = 0;
        }
        if s.unacknowledged.is_empty() {
            if let Some(timer) = s.timer.take() {
                cx.cancel(timer);
            }
            if s.closing {
                self.streams.swap_remove(i);
            }
        }
    }

    fn broken(&mut self, cx: &mut Cx<'_>, i: usize, refused: bool) {
        let s = self.streams.swap_remove(i);
        if let Some(timer) = s.timer {
            cx.cancel(timer);
        }
        if s.phase != Phase::Answered {
            let because = self.path_taught_by(s.peer.0);
            let lost = NetworkRecord::StreamLost {
                peer: s.peer.0,
                port: s.peer.1,
                refused,
            };
            cx.emit_because(lost, because.as_slice());
            self.inbox.push_back((
                s.app,
                SocketEvent::Failed {
                    stream: s.id,
                    refused,
                },
            ));
        }
    }

    fn resend(&mut self, cx: &mut Cx<'_>, i: usize, messages: Vec<(u32, Box<Message>)>) {
        let s = &mut self.streams[i];
        let (local, peer, ack) = (s.local, s.peer, s.expected);
        for (seq, message) in messages {
            self.send_segment(cx, local, peer, Segment::Data { seq, ack, message });
        }
    }

    /// Acknowledges what was received and not yet acknowledged by data in the other direction.
    pub fn flush(&mut self, cx: &mut Cx<'_>) {
        for i in self.streams.take_owing() {
            let s = &self.streams[i];
            let (local, peer, ack) = (s.local, s.peer, s.expected);
            self.send_segment(cx, local, peer, Segment::Ack { ack });
        }
    }

    /// A timer of the stack is due.
    pub fn on_timer(&mut self, cx: &mut Cx<'_>, token: u64) {
        let value = token & !TOKEN_KIND;
        match token & TOKEN_KIND {
            TOKEN_ARP => self.arp_due(cx, Ip(value as u32)),
            TOKEN_STREAM => self.stream_due(cx, StreamId(value as u32)),
            TOKEN_DHCP => self.dhcp_due(cx, Due::Answer(value as u32)),
            TOKEN_LEASE => self.dhcp_due(cx, Due::Lease(value as u32)),
            TOKEN_DNS => self.question_due(cx, value as u16),
            _ => {}
        }
    }

    fn arp_due(&mut self, cx: &mut Cx<'_>, hop: Ip) {
        match self.arp.retry(hop) {
            Ok(true) => self.ask(cx, hop),
            Ok(false) => {}
            Err(lost) => {
                for packet in lost {
                    cx.emit(NetworkRecord::Dropped {
                        why: DropReason::Unresolved,
                        flow: Some(flow_of(&packet)),
                    });
                }
            }
        }
    }

    fn stream_due(&mut self, cx: &mut Cx<'_>, id: StreamId) {
        let Some(i) = self.streams.position(id) else {
            return;
        };
        self.streams[i].timer = None;
        if self.streams[i].repetitions == REPETITIONS {
            self.broken(cx, i, false);
            return;
        }
        self.streams[i].repetitions += 1;
        let wait = REPEAT * (1u64 << self.streams[i].repetitions);
        // What was sent is why it is repeated, not the repetition before.
        let (owner, boot) = (part::STACK, self.boot);
        let token = TOKEN_STREAM | u64::from(id.0);
        let timer = LabEvent::Timer { owner, boot, token };
        let s = &mut self.streams[i];
        s.timer = Some(cx.at_caused(cx.now() + wait, cx.node(), timer, s.awaits_since()));
        let (local, peer) = (s.local, s.peer);
        if s.phase == Phase::Opening {
            self.send_segment(cx, local, peer, Segment::Syn);
        } else {
            let waiting = s.to_repeat();
            self.resend(cx, i, waiting);
        }
    }
}

fn stream_packet(local: (Ip, u16), peer: (Ip, u16), segment: Segment) -> Packet {
    let transport = Transport::Stream {
        sport: local.1,
        dport: peer.1,
        segment,
    };
    Packet {
        src: local.0,
        dst: peer.0,
        ttl: 64,
        transport,
    }
}
