//! An access point: its networks, its stations, the bridge to segments, and the control channel to its controller.

use super::host::{self, Io};
use super::part::Part;
use super::sensor::{self, Sensor};
use crate::crypto::{Key, Sealed};
use crate::device::id;
use crate::engine::{NodeId, NodeMut};
use crate::event::{AirCommand, Cx, LabEvent, NO_ITEM, Offer, Vitals};
use crate::net::stack::SocketEvent;
use crate::proto::wlan::authenticator::{
    Authenticator, AuthenticatorConfig, AuthenticatorEvent, STATUS_PMF,
};
use crate::proto::wlan::{JoinFault, JoinStage};
use crate::record::{DropReason, NetworkRecord, WirelessRecord};
use crate::rng::{Purpose, Stream};
use crate::spec::ItemId;
use crate::time::{Duration, Time};
pub use crate::wire::capwap::AP_PORT as CONTROL_PORT;
use crate::wire::capwap::{Capwap, CapwapControl, PORT as CAPWAP_PORT};
use crate::wire::dot11::{Akm, Dot11, Dot11Body};
use crate::wire::{Arp, Body, Frame, Ip, Mac, Message};
use bevy_ecs::component::Component;
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// Access point, and the radio of an attacker that poses as one. It is not a host of the lab: who builds access points puts it there.
pub(super) const PART: Part = Part {
    on_socket: |io, node, event| on_socket(io, node, &event),
    on_own_timer: Some(on_own),
    ..Part::new(id::ACCESS_POINT)
};
/// Time that an access point takes to start again \[A\].
const RESTART: Duration = Duration::from_secs(60);
const DELAY: Duration = Duration::from_micros(50);
const LOOK_ROUND: u64 = u64::MAX;
const ANONCE: Purpose = Purpose::new("authenticator nonce");
const GROUP: Purpose = Purpose::new("group key");

/// A network that the access point offers.
#[derive(Clone, Debug)]
pub struct Bss {
    /// Network name.
    pub ssid: String,
    /// Address.
    pub bssid: Mac,
    /// Authentication.
    pub akm: Akm,
    /// Pairwise master key of a pre-shared key.
    pub psk: Option<Key>,
    /// Item of the authentication or of the passphrase.
    pub item: ItemId,
    /// Trunk to the segment of its stations.
    pub trunk: usize,
    /// Whether management frames are protected, by which item.
    pub pmf: Option<ItemId>,
    /// Whether stations are kept apart, by which item.
    pub isolation: Option<ItemId>,
}

/// A wired port toward a segment.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Segment's name.
    pub name: String,
    /// Segment.
    pub segment: NodeId,
    /// Socket on it.
    pub socket: u16,
}

/// A station: its network, the trunk that it is bridged to, and this end of its association.
#[derive(Clone, Debug)]
struct Client {
    bss: usize,
    trunk: usize,
    end: Authenticator,
    /// Number of the last deadline for which a timer was set.
    timed: Option<u32>,
}

impl Client {
    fn is_up_at(&self, trunk: usize) -> bool {
        self.trunk == trunk && self.end.is_up()
    }
}

/// The access point.
#[derive(Component, Clone, Debug)]
pub struct AccessPoint {
    bsses: Vec<Bss>,
    trunks: Vec<Trunk>,
    channel: u8,
    controller: Ip,
    dtls: Option<(ItemId, Key)>,
    sensor: Option<Sensor>,
    clients: BTreeMap<Mac, Client>,
    handshakes: u32,
    boot: u32,
}

impl AccessPoint {
    /// An access point without stations. `dtls` seals the control channel.
    #[must_use]
    pub fn new(
        bsses: Vec<Bss>,
        trunks: Vec<Trunk>,
        channel: u8,
        controller: Ip,
        dtls: Option<(ItemId, Key)>,
    ) -> Self {
        Self {
            bsses,
            trunks,
            channel,
            controller,
            dtls,
            sensor: None,
            clients: BTreeMap::new(),
            handshakes: 0,
            boot: 0,
        }
    }

    /// Offers this network and no other, to stations that are bridged to the first trunk.
    pub fn offer(&mut self, offer: &Offer) {
        self.clients.clear();
        self.channel = offer.channel;
        self.bsses = vec![Bss {
            ssid: offer.ssid.clone(),
            bssid: offer.bssid,
            akm: offer.akm,
            psk: offer.psk,
            item: NO_ITEM,
            trunk: 0,
            pmf: None,
            isolation: None,
        }];
    }

    /// Makes its radio a sensor.
    #[must_use]
    pub fn with_sensor(mut self, sensor: Option<Sensor>) -> Self {
        self.sensor = sensor;
        self
    }

    /// What the sensor makes of a frame goes to the controller.
    fn notice(&mut self, io: &mut Io<'_, '_>, frame: &Dot11) {
        let now = io.cx.now();
        let own: SmallVec<[(&str, Mac); 4]> = self
            .bsses
            .iter()
            .map(|b| (b.ssid.as_str(), b.bssid))
            .collect();
        let sensor = self.sensor.as_mut();
        if let Some(about) = sensor.and_then(|s| s.look(now, frame, &own)) {
            self.tell_controller(io, CapwapControl::Report { about });
        }
    }

    /// Asks on its channel who else offers networks; stands for hearing beacons.
    fn look_round(&self, cx: &mut Cx<'_>) {
        let Some(first) = self.bsses.first().filter(|_| self.sensor.is_some()) else {
            return;
        };
        self.send(
            cx,
            first.bssid,
            Mac::BROADCAST,
            Dot11Body::ProbeRequest { ssid: None },
        );
        let (boot, token) = (self.boot, LOOK_ROUND);
        let owner = id::ACCESS_POINT;
        cx.after(
            sensor::LOOK_EVERY,
            cx.node(),
            LabEvent::Timer { owner, boot, token },
        );
    }

    fn group_key(&self, cx: &Cx<'_>, bss: usize) -> Key {
        Key::generate(&mut cx.stream(GROUP, bss as u64))
    }

    fn send(&self, cx: &mut Cx<'_>, bssid: Mac, to: Mac, body: Dot11Body) {
        let frame = Dot11 {
            ta: bssid,
            ra: to,
            bssid,
            body,
        };
        self.transmit(cx, frame);
    }

    fn transmit(&self, cx: &mut Cx<'_>, frame: Dot11) {
        let frame = Box::new(frame);
        let (from, air) = (cx.node(), cx.shared().air);
        cx.after(Duration::ZERO, air, LabEvent::Transmit { from, frame });
    }

    fn tell_controller(&self, io: &mut Io<'_, '_>, control: CapwapControl) {
        let message = match &self.dtls {
            Some((_, key)) => {
                let len = control.wire_len();
                Capwap::Dtls(Sealed::seal(key, control, len))
            }
            None => Capwap::Clear(control),
        };
        io.datagram(
            CONTROL_PORT,
            (self.controller, CAPWAP_PORT),
            Message::Capwap(Box::new(message)),
        );
    }

    fn heard(&mut self, io: &mut Io<'_, '_>, frame: Dot11) {
        self.notice(io, &frame);
        let station = frame.ta;
        if let Dot11Body::ProbeRequest { ssid } = &frame.body {
            return self.probed(io, station, ssid.as_ref());
        }
        let Some(bss) = self.bsses.iter().position(|b| b.bssid == frame.ra) else {
            return;
        };
        match &frame.body {
            Dot11Body::Authentication { sequence: 1, .. } => {
                let client = self.client(io.cx, bss, station);
                self.clients.insert(station, client);
            }
            Dot11Body::AssociationRequest { .. }
                if self.clients.get(&station).is_none_or(|c| c.bss != bss) =>
            {
                return;
            }
            Dot11Body::Pairwise { .. } if !self.clients.contains_key(&station) => {
                return Self::dropped(io.cx, DropReason::Undecipherable);
            }
            _ => {}
        }
        self.with_client(io, station, |end, now, rng| {
            end.handle_frame(now, rng, frame.body);
        });
    }

    /// A station that begins to authenticate.
    fn client(&self, cx: &Cx<'_>, bss: usize, station: Mac) -> Client {
        let b = &self.bsses[bss];
        let config = AuthenticatorConfig {
            bssid: b.bssid,
            station,
            akm: b.akm,
            psk: b.psk,
            group: self.group_key(cx, bss),
            pmf: b.pmf.is_some(),
        };
        Client {
            bss,
            trunk: b.trunk,
            end: Authenticator::new(config),
            timed: None,
        }
    }

    /// Lets the end of a station's association act, and passes on what comes of it.
    fn with_client(
        &mut self,
        io: &mut Io<'_, '_>,
        station: Mac,
        act: impl FnOnce(&mut Authenticator, Time, &mut Stream),
    ) {
        let Some(client) = self.clients.get_mut(&station) else {
            return;
        };
        let mut rng = io.cx.stream(ANONCE, u64::from(self.handshakes) + 1);
        act(&mut client.end, io.cx.now(), &mut rng);
        if let Some(control) = self.drain(io.cx, station) {
            self.tell_controller(io, control);
        }
    }

    /// Sends what a station's end has to send, does what it tells of, and sets its timer. What is for the controller comes back.
    fn drain(&mut self, cx: &mut Cx<'_>, station: Mac) -> Option<CapwapControl> {
        let mut control = None;
        while let Some(frame) = self
            .clients
            .get_mut(&station)
            .and_then(|c| c.end.poll_transmit())
        {
            self.transmit(cx, frame);
        }
        while let Some(event) = self
            .clients
            .get_mut(&station)
            .and_then(|c| c.end.poll_event())
        {
            control = self.happened(cx, station, event).or(control);
        }
        let client = self.clients.get_mut(&station)?;
        if let Some((at, number)) = client.end.poll_timeout()
            && client.timed != Some(number)
        {
            client.timed = Some(number);
            let token = token(number, station);
            let (owner, boot) = (id::ACCESS_POINT, self.boot);
            cx.at(at, cx.node(), LabEvent::Timer { owner, boot, token });
        }
        control
    }

    /// Something happened at a station's end. What is for the controller comes back.
    fn happened(
        &mut self,
        cx: &mut Cx<'_>,
        station: Mac,
        event: AuthenticatorEvent,
    ) -> Option<CapwapControl> {
        let (bss, trunk) = self.clients.get(&station).map(|c| (c.bss, c.trunk))?;
        let bss = &self.bsses[bss];
        let bssid = bss.bssid;
        match event {
            AuthenticatorEvent::Refused { stage, why } => {
                let pmf = stage == JoinStage::Association && why == JoinFault::Refused(STATUS_PMF);
                let item = if pmf { bss.pmf } else { Some(bss.item) };
                cx.emit(WirelessRecord::StationRefused {
                    station,
                    stage,
                    why,
                    item,
                });
            }
            AuthenticatorEvent::HandshakeBegun => self.handshakes += 1,
            AuthenticatorEvent::CachedKeyOffered(pmkid) => {
                return Some(CapwapControl::AskCached {
                    station,
                    bssid,
                    pmkid,
                });
            }
            AuthenticatorEvent::Eap(eap) => {
                return Some(CapwapControl::FromStation {
                    station,
                    bssid,
                    eap,
                });
            }
            AuthenticatorEvent::Up => self.to_trunk(cx, trunk, layer_2_update(station)),
            AuthenticatorEvent::Data(frame) => self.station_sent(cx, station, frame),
            AuthenticatorEvent::Undecipherable => Self::dropped(cx, DropReason::Undecipherable),
            AuthenticatorEvent::Unprotected => {
                if let Some(item) = bss.pmf {
                    Self::dropped(cx, DropReason::UnprotectedManagement(item));
                }
            }
            AuthenticatorEvent::Closed => {
                self.clients.remove(&station);
            }
        }
        None
    }

    fn dropped(cx: &mut Cx<'_>, why: DropReason) {
        cx.emit(NetworkRecord::Dropped { why, flow: None });
    }

    /// Answers a station that asks which networks are here: all of them, or the one it names.
    fn probed(&self, io: &mut Io<'_, '_>, station: Mac, ssid: Option<&String>) {
        let named = |b: &&Bss| ssid.is_none_or(|s| *s == b.ssid);
        for bss in self.bsses.iter().filter(named) {
            let body = Dot11Body::ProbeResponse {
                ssid: bss.ssid.clone(),
                akm: bss.akm,
                pmf: bss.pmf.is_some(),
                channel: self.channel,
            };
            self.send(io.cx, bss.bssid, station, body);
        }
    }

    fn timer(&mut self, cx: &mut Cx<'_>, token: u64) {
        if token == LOOK_ROUND {
            return self.look_round(cx);
        }
        let station = Mac(token & 0xFFFF_FFFF_FFFF);
        let Some(client) = self.clients.get_mut(&station) else {
            return;
        };
        let awaited = client.end.poll_timeout();
        if awaited.is_some_and(|(_, number)| self::token(number, station) == token) {
            client.end.handle_timeout(cx.now());
            // Nothing that comes of a deadline is for the controller.
            let _ = self.drain(cx, station);
        }
    }

    fn to_trunk(&self, cx: &mut Cx<'_>, trunk: usize, frame: Frame) {
        let Some(t) = self.trunks.get(trunk) else {
            return;
        };
        cx.after(
            DELAY,
            t.segment,
            LabEvent::Frame {
                port: t.socket,
                frame: Box::new(frame),
            },
        );
    }

    fn station_sent(&mut self, cx: &mut Cx<'_>, station: Mac, mut frame: Frame) {
        // A frame to the access point has one address for its sender (to-DS, three addresses): who transmits is who sends.
        frame.src = station;
        let Some(client) = self.clients.get(&station) else {
            return;
        };
        let (bss, trunk) = (client.bss, client.trunk);
        let isolation = self.bsses[bss].isolation;
        if frame.dst.is_broadcast() {
            let others = |(mac, c): (&Mac, &Client)| *mac != station && c.is_up_at(trunk);
            match isolation {
                None => self.to_stations(cx, trunk, &frame, Some(station)),
                // The wired side gets it; the stations that are here do not.
                Some(item) if self.clients.iter().any(others) => {
                    Self::dropped(cx, DropReason::ClientIsolation(item));
                }
                Some(_) => {}
            }
            return self.to_trunk(cx, trunk, frame);
        }
        let neighbour = self.clients.get(&frame.dst).filter(|c| c.is_up_at(trunk));
        match (neighbour, isolation) {
            (Some(_), Some(item)) => Self::dropped(cx, DropReason::ClientIsolation(item)),
            (Some(_), None) => self.send_to_station(cx, frame),
            (None, _) => self.to_trunk(cx, trunk, frame),
        }
    }

    fn send_to_station(&mut self, cx: &mut Cx<'_>, frame: Frame) {
        let client = self.clients.get_mut(&frame.dst);
        if let Some(frame) = client.and_then(|c| c.end.encapsulate(frame)) {
            self.transmit(cx, frame);
        }
    }

    fn to_stations(&self, cx: &mut Cx<'_>, trunk: usize, frame: &Frame, except: Option<Mac>) {
        for (i, bss) in self.bsses.iter().enumerate() {
            let here =
                |(mac, c): (&Mac, &Client)| c.bss == i && c.is_up_at(trunk) && Some(*mac) != except;
            if !self.clients.iter().any(here) {
                continue;
            }
            let body = if bss.akm == Akm::Open {
                Dot11Body::Clear(Box::new(frame.clone()))
            } else {
                Dot11Body::Group(Box::new(Sealed::seal(
                    &self.group_key(cx, i),
                    frame.clone(),
                    frame.wire_len(),
                )))
            };
            self.send(cx, bss.bssid, Mac::BROADCAST, body);
        }
    }

    fn trunk_sent(&mut self, cx: &mut Cx<'_>, trunk: usize, frame: Frame) {
        if self.clients.contains_key(&frame.src) {
            // The station speaks from elsewhere on the segment: it roamed.
            self.clients.remove(&frame.src);
        }
        if frame.dst.is_broadcast() {
            self.to_stations(cx, trunk, &frame, None);
        } else if self
            .clients
            .get(&frame.dst)
            .is_some_and(|c| c.is_up_at(trunk))
        {
            self.send_to_station(cx, frame);
        }
    }

    fn control(&mut self, io: &mut Io<'_, '_>, message: &Capwap) {
        let control = match (message, &self.dtls) {
            (Capwap::Dtls(sealed), Some((_, key))) => sealed.open(key).cloned(),
            (Capwap::Clear(control), None) => Some(control.clone()),
            (_, Some((item, _))) => {
                let why = DropReason::UnprotectedControl(*item);
                io.cx.emit(NetworkRecord::Dropped { why, flow: None });
                None
            }
            _ => None,
        };
        match control {
            Some(CapwapControl::ToStation { station, eap }) => {
                self.with_client(io, station, |end, _, _| end.handle_eap(eap));
            }
            Some(CapwapControl::Install {
                station,
                pmk,
                segment,
            }) => {
                let placed = |s: String| self.trunks.iter().position(|t| t.name == s);
                let trunk = segment.and_then(placed);
                if let (Some(client), Some(trunk)) = (self.clients.get_mut(&station), trunk) {
                    client.trunk = trunk;
                }
                self.with_client(io, station, |end, now, rng| {
                    end.handle_master_key(now, rng, pmk);
                });
            }
            Some(CapwapControl::NotCached { station }) => {
                self.with_client(io, station, |end, _, _| end.handle_not_cached());
            }
            Some(CapwapControl::Refuse { station }) => {
                self.with_client(io, station, |end, _, _| end.handle_rejected());
            }
            Some(CapwapControl::Reset) => {
                let node = io.cx.node();
                io.cx.after(Duration::ZERO, node, LabEvent::Power(false));
                io.cx.after(RESTART, node, LabEvent::Power(true));
            }
            _ => {}
        }
    }
}

/// Token of a deadline of a station's end.
fn token(number: u32, station: Mac) -> u64 {
    u64::from(number & 0xFFFF) << 48 | station.0
}

/// A frame to all, so that switches and other access points learn where the station is now.
fn layer_2_update(station: Mac) -> Frame {
    let update = Arp {
        reply: false,
        sender_mac: station,
        sender_ip: Ip::UNSPECIFIED,
        target_ip: Ip::UNSPECIFIED,
    };
    Frame {
        src: station,
        dst: Mac::BROADCAST,
        body: Body::Arp(update),
    }
}

/// A message for the control channel arrived at the access point's management address.
fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    let SocketEvent::Datagram { message, .. } = event else {
        return;
    };
    if let (Message::Capwap(capwap), Some(ap)) = (&**message, node.get_mut::<AccessPoint>()) {
        ap.control(io, capwap);
    }
}

/// Whether an event at a host is for the access point that its radio can be. Port 1 is what the host sends to its stations.
#[must_use]
pub fn is_for_own(node: &NodeMut<'_>, event: &LabEvent) -> bool {
    let own = matches!(event, LabEvent::Frame { port: 1, .. });
    own && node.has::<AccessPoint>()
}

/// Handles such an event.
pub fn on_own(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    let Some(ap) = node.get_mut::<AccessPoint>() else {
        return;
    };
    match event {
        LabEvent::Frame { frame, .. } => ap.trunk_sent(cx, 0, *frame),
        LabEvent::Timer { token, .. } => ap.timer(cx, token),
        _ => {}
    }
}

/// A host's radio heard a frame; the access point that it can be answers it.
pub fn hear_own(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, frame: &Dot11) {
    if node
        .get::<AccessPoint>()
        .is_none_or(|ap| ap.bsses.is_empty())
    {
        return;
    }
    let boots = node.get::<Vitals>().map_or(0, |v| v.boots);
    host::with_network(cx, node, |io, node| {
        if let Some(ap) = node.get_mut::<AccessPoint>() {
            ap.boot = boots;
            ap.heard(io, frame.clone());
        }
    });
}

/// Handles an event at an access point. Port 0 is the management interface; port `n` is trunk `n - 1`.
pub fn on_event(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    match event {
        LabEvent::Frame { port, frame } if port > 0 => {
            if let Some(ap) = node.get_mut::<AccessPoint>() {
                ap.trunk_sent(cx, usize::from(port) - 1, *frame);
            }
        }
        LabEvent::Heard { frame, .. } => host::with_network(cx, node, |io, node| {
            if let Some(ap) = node.get_mut::<AccessPoint>() {
                ap.heard(io, *frame);
            }
        }),
        LabEvent::Timer { owner, token, .. } if owner == id::ACCESS_POINT => {
            if let Some(ap) = node.get_mut::<AccessPoint>() {
                ap.timer(cx, token);
            }
        }
        LabEvent::Power(on) => {
            let (from, air) = (cx.node(), cx.shared().air);
            let boots = node.get::<Vitals>().map_or(0, |v| v.boots);
            if let Some(ap) = node.get_mut::<AccessPoint>() {
                ap.clients.clear();
                ap.boot = boots;
                let channel = ap.channel;
                let command = if on {
                    AirCommand::Tune {
                        channel,
                        watch: None,
                    }
                } else {
                    AirCommand::Off
                };
                if boots > 1 || !on {
                    cx.after(Duration::ZERO, air, LabEvent::Air { from, command });
                }
                if on {
                    ap.look_round(cx);
                }
            }
            host::on_event(cx, node, LabEvent::Power(on));
        }
        other => host::on_event(cx, node, other),
    }
}
