//! An access point: its networks, its stations, the bridge to segments, and the control channel to its controller.

use super::host::{self, Io, Parts};
use super::sensor::{self, Sensor};
use crate::crypto::{Key, Sealed};
use crate::engine::{NodeId, NodeMut};
use crate::event::{AirCommand, Cx, LabEvent, NO_ITEM, Offer, Owner, Vitals};
use crate::net::stack::SocketEvent;
use crate::proto::station::{pairwise_key, sealed_data};
use crate::record::{DropReason, JoinFault, JoinStage, NetworkRecord, WirelessRecord};
use crate::rng::Purpose;
use crate::spec::ItemId;
use crate::time::Duration;
use crate::wire::capwap::{Capwap, CapwapControl, PORT as CAPWAP_PORT};
use crate::wire::dot11::{Akm, Dot11, Dot11Body};
use crate::wire::eap::EapolKey;
use crate::wire::{Arp, Body, Frame, Ip, Mac, Message};
use bevy_ecs::component::Component;
use smallvec::SmallVec;
use std::collections::BTreeMap;

pub use crate::wire::capwap::AP_PORT as CONTROL_PORT;
/// Time that an access point takes to start again \[A\].
const RESTART: Duration = Duration::from_secs(60);
/// Time to wait for a message of the four-way handshake before it is sent again.
const HANDSHAKE_WAIT: Duration = Duration::from_millis(400);
/// Times that a message of the handshake is sent (`domain.md` 3.1: up to 3, then deauthentication with reason 15).
const HANDSHAKE_TRIES: u8 = 3;
const REASON_HANDSHAKE: u16 = 15;
const REASON_REFUSED: u16 = 23;
const STATUS_PMF: u16 = 31;
const STATUS_AKM: u16 = 43;
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

#[derive(Clone, Debug)]
enum Phase {
    Authenticated,
    Associated,
    Handshake {
        pmk: Key,
        anonce: u64,
        pairwise: Option<Key>,
        replay: u32,
        tries: u8,
    },
    Up,
}

#[derive(Clone, Debug)]
struct Client {
    bss: usize,
    trunk: usize,
    phase: Phase,
    pairwise: Option<Key>,
    handshakes: u32,
    epoch: u32,
    /// Packet numbers: last sent, last taken.
    sent: u64,
    taken: u64,
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
        let owner = Owner::AccessPoint;
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
        let frame = Box::new(Dot11 {
            ta: bssid,
            ra: to,
            bssid,
            body,
        });
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
        match frame.body {
            Dot11Body::Authentication { sequence: 1, .. } => {
                let trunk = self.bsses[bss].trunk;
                let client = Client {
                    bss,
                    trunk,
                    phase: Phase::Authenticated,
                    pairwise: None,
                    handshakes: 0,
                    epoch: 0,
                    sent: 0,
                    taken: 0,
                };
                self.clients.insert(station, client);
                self.send(
                    io.cx,
                    frame.ra,
                    station,
                    Dot11Body::Authentication {
                        sequence: 2,
                        status: 0,
                    },
                );
            }
            Dot11Body::AssociationRequest {
                akm, pmf, pmkid, ..
            } => self.associate(io, station, bss, akm, pmf, pmkid),
            Dot11Body::EapolStart => self.relay(io, station, None),
            Dot11Body::Eapol(eap) => self.relay(io, station, Some(eap)),
            Dot11Body::EapolKey(key) => self.handshake(io.cx, station, key),
            Dot11Body::Deauthentication { mic, reason } => {
                self.leave(io.cx, station, reason, mic.as_ref())
            }
            Dot11Body::Clear(f) => self.station_sent(io.cx, station, *f),
            Dot11Body::Pairwise {
                number,
                frame: sealed,
            } => self.deciphered(io, station, number, sealed),
            _ => {}
        }
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

    /// A frame under a station's own key: one with a number that was taken before is not taken again.
    fn deciphered(
        &mut self,
        io: &mut Io<'_, '_>,
        station: Mac,
        number: u64,
        sealed: Box<Sealed<Frame>>,
    ) {
        let client = self.clients.get_mut(&station);
        let client = client.filter(|c| number > c.taken);
        let key = client.as_ref().and_then(|c| c.pairwise);
        match key.map(|k| sealed.into_opened(&k.packet(number))) {
            Some(Ok(f)) => {
                if let Some(client) = client {
                    client.taken = number;
                }
                self.station_sent(io.cx, station, f);
            }
            _ => {
                io.cx.emit(NetworkRecord::Dropped {
                    why: DropReason::Undecipherable,
                    flow: None,
                });
            }
        }
    }

    fn associate(
        &mut self,
        io: &mut Io<'_, '_>,
        station: Mac,
        bss: usize,
        akm: Akm,
        pmf: bool,
        pmkid: Option<u64>,
    ) {
        let Some(client) = self.clients.get_mut(&station).filter(|c| c.bss == bss) else {
            return;
        };
        let (ours, bssid) = (&self.bsses[bss], self.bsses[bss].bssid);
        let refusal = match ours.pmf {
            _ if akm != ours.akm => Some((STATUS_AKM, ours.item)),
            Some(item) if !pmf => Some((STATUS_PMF, item)),
            _ => None,
        };
        let answer = |status| Dot11Body::AssociationResponse {
            status,
            cached: false,
        };
        if let Some((status, item)) = refusal {
            let why = JoinFault::Refused(status);
            io.cx.emit(WirelessRecord::StationRefused {
                station,
                stage: JoinStage::Association,
                why,
                item: Some(item),
            });
            self.send(io.cx, bssid, station, answer(status));
            return;
        }
        client.phase = Phase::Associated;
        let psk = ours.psk;
        match (akm, pmkid) {
            (Akm::EapTls, Some(pmkid)) => self.tell_controller(
                io,
                CapwapControl::AskCached {
                    station,
                    bssid,
                    pmkid,
                },
            ),
            (Akm::Open, _) => {
                self.send(io.cx, bssid, station, answer(0));
                self.up(io.cx, station, None);
            }
            _ => {
                self.send(io.cx, bssid, station, answer(0));
                if let (Akm::Psk, Some(pmk)) = (akm, psk) {
                    self.begin_handshake(io.cx, station, pmk);
                }
            }
        }
    }

    fn relay(&mut self, io: &mut Io<'_, '_>, station: Mac, eap: Option<crate::wire::eap::Eap>) {
        let Some(client) = self.clients.get(&station) else {
            return;
        };
        let bss = &self.bsses[client.bss];
        if bss.akm == Akm::EapTls && matches!(client.phase, Phase::Associated) {
            let bssid = bss.bssid;
            self.tell_controller(
                io,
                CapwapControl::FromStation {
                    station,
                    bssid,
                    eap,
                },
            );
        }
    }

    fn begin_handshake(&mut self, cx: &mut Cx<'_>, station: Mac, pmk: Key) {
        let Some(client) = self.clients.get_mut(&station) else {
            return;
        };
        self.handshakes += 1;
        client.handshakes = self.handshakes;
        let anonce = cx.stream(ANONCE, u64::from(client.handshakes)).next_u64();
        client.phase = Phase::Handshake {
            pmk,
            anonce,
            pairwise: None,
            replay: 1,
            tries: 0,
        };
        self.handshake_send(cx, station);
    }

    /// Sends the handshake message that is due, or gives up.
    fn handshake_send(&mut self, cx: &mut Cx<'_>, station: Mac) {
        let Some(client) = self.clients.get_mut(&station) else {
            return;
        };
        let bss = client.bss;
        let bssid = self.bsses[bss].bssid;
        let Phase::Handshake {
            anonce,
            pairwise,
            replay,
            tries,
            ..
        } = &mut client.phase
        else {
            return;
        };
        if *tries == HANDSHAKE_TRIES {
            self.clients.remove(&station);
            self.send(
                cx,
                bssid,
                station,
                Dot11Body::Deauthentication {
                    reason: REASON_HANDSHAKE,
                    mic: None,
                },
            );
            return;
        }
        // Every message of the handshake has a counter of its own, a repeated one too.
        if *tries > 0 {
            *replay += 1;
        }
        *tries += 1;
        client.epoch += 1;
        let (anonce, replay, epoch) = (*anonce, *replay, client.epoch);
        let message = match *pairwise {
            None => EapolKey::M1 { anonce, replay },
            Some(ptk) => EapolKey::M3 {
                anonce,
                replay,
                group: Sealed::seal(&ptk, self.group_key(cx, bss), 56),
            },
        };
        self.send(cx, bssid, station, Dot11Body::EapolKey(message));
        let token = u64::from(epoch & 0xFFFF) << 48 | station.0;
        let boot = self.boot;
        cx.after(
            HANDSHAKE_WAIT,
            cx.node(),
            LabEvent::Timer {
                owner: Owner::AccessPoint,
                boot,
                token,
            },
        );
    }

    fn timer(&mut self, cx: &mut Cx<'_>, token: u64) {
        if token == LOOK_ROUND {
            return self.look_round(cx);
        }
        let station = Mac(token & 0xFFFF_FFFF_FFFF);
        if self
            .clients
            .get(&station)
            .is_some_and(|c| u64::from(c.epoch & 0xFFFF) == token >> 48)
        {
            self.handshake_send(cx, station);
        }
    }

    fn handshake(&mut self, cx: &mut Cx<'_>, station: Mac, key: EapolKey) {
        let Some(client) = self.clients.get_mut(&station) else {
            return;
        };
        let (bssid, item) = (self.bsses[client.bss].bssid, self.bsses[client.bss].item);
        let Phase::Handshake {
            pmk,
            anonce,
            pairwise,
            replay,
            tries,
        } = &mut client.phase
        else {
            return;
        };
        match key {
            EapolKey::M2 {
                snonce,
                replay: r,
                mic,
            } if r == *replay && pairwise.is_none() => {
                let ptk = pairwise_key(pmk, *anonce, snonce, bssid, station);
                if mic.open(&ptk) != Some(&u64::from(r)) {
                    let why = JoinFault::WrongKey;
                    cx.emit(WirelessRecord::StationRefused {
                        station,
                        stage: JoinStage::FourWay,
                        why,
                        item: Some(item),
                    });
                    self.clients.remove(&station);
                    self.send(
                        cx,
                        bssid,
                        station,
                        Dot11Body::Deauthentication {
                            reason: REASON_HANDSHAKE,
                            mic: None,
                        },
                    );
                    return;
                }
                *pairwise = Some(ptk);
                *replay += 1;
                *tries = 0;
                self.handshake_send(cx, station);
            }
            EapolKey::M4 { replay: r, mic } if r == *replay => {
                let Some(ptk) = *pairwise else { return };
                if mic.open(&ptk) == Some(&u64::from(r)) {
                    self.up(cx, station, Some(ptk));
                }
            }
            _ => {}
        }
    }

    fn up(&mut self, cx: &mut Cx<'_>, station: Mac, pairwise: Option<Key>) {
        let Some(client) = self.clients.get_mut(&station) else {
            return;
        };
        client.phase = Phase::Up;
        client.pairwise = pairwise;
        client.epoch += 1;
        let trunk = client.trunk;
        // A layer-2 update frame, so that switches and other access points learn where the station is now.
        let update = Arp {
            reply: false,
            sender_mac: station,
            sender_ip: Ip::UNSPECIFIED,
            target_ip: Ip::UNSPECIFIED,
        };
        self.to_trunk(
            cx,
            trunk,
            Frame {
                src: station,
                dst: Mac::BROADCAST,
                body: Body::Arp(update),
            },
        );
    }

    fn leave(&mut self, cx: &mut Cx<'_>, station: Mac, reason: u16, mic: Option<&Sealed<u64>>) {
        let Some(client) = self.clients.get(&station) else {
            return;
        };
        if let (Some(item), Some(key)) = (self.bsses[client.bss].pmf, client.pairwise)
            && mic.is_none_or(|m| m.open(&key) != Some(&u64::from(reason)))
        {
            cx.emit(NetworkRecord::Dropped {
                why: DropReason::UnprotectedManagement(item),
                flow: None,
            });
            return;
        }
        self.clients.remove(&station);
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
        let Some(client) = self
            .clients
            .get(&station)
            .filter(|c| matches!(c.phase, Phase::Up))
        else {
            return;
        };
        let (bss, trunk) = (client.bss, client.trunk);
        let isolation = self.bsses[bss].isolation;
        if frame.dst.is_broadcast() {
            let others = |(mac, c): (&Mac, &Client)| {
                *mac != station && c.trunk == trunk && matches!(c.phase, Phase::Up)
            };
            match isolation {
                None => self.to_stations(cx, trunk, &frame, Some(station)),
                // The wired side gets it; the stations that are here do not.
                Some(item) if self.clients.iter().any(others) => {
                    cx.emit(NetworkRecord::Dropped {
                        why: DropReason::ClientIsolation(item),
                        flow: None,
                    });
                }
                Some(_) => {}
            }
            return self.to_trunk(cx, trunk, frame);
        }
        let neighbour = self
            .clients
            .get(&frame.dst)
            .filter(|c| c.trunk == trunk && matches!(c.phase, Phase::Up));
        match (neighbour, isolation) {
            (Some(_), Some(item)) => {
                cx.emit(NetworkRecord::Dropped {
                    why: DropReason::ClientIsolation(item),
                    flow: None,
                });
            }
            (Some(_), None) => self.send_to_station(cx, frame),
            (None, _) => self.to_trunk(cx, trunk, frame),
        }
    }

    fn send_to_station(&mut self, cx: &mut Cx<'_>, frame: Frame) {
        let Some(client) = self.clients.get_mut(&frame.dst) else {
            return;
        };
        let bssid = self.bsses[client.bss].bssid;
        let to = frame.dst;
        let body = match client.pairwise {
            Some(key) => sealed_data(&key, &mut client.sent, frame),
            None => Dot11Body::Clear(Box::new(frame)),
        };
        self.send(cx, bssid, to, body);
    }

    fn to_stations(&self, cx: &mut Cx<'_>, trunk: usize, frame: &Frame, except: Option<Mac>) {
        for (i, bss) in self.bsses.iter().enumerate() {
            let here = |(mac, c): (&Mac, &Client)| {
                c.bss == i
                    && c.trunk == trunk
                    && matches!(c.phase, Phase::Up)
                    && Some(*mac) != except
            };
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
            .is_some_and(|c| c.trunk == trunk && matches!(c.phase, Phase::Up))
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
                if let Some(client) = self.clients.get(&station) {
                    let bssid = self.bsses[client.bss].bssid;
                    self.send(io.cx, bssid, station, Dot11Body::Eapol(eap));
                }
            }
            Some(CapwapControl::Install {
                station,
                pmk,
                segment,
            }) => {
                let Some(client) = self.clients.get_mut(&station) else {
                    return;
                };
                let bssid = self.bsses[client.bss].bssid;
                if let Some(trunk) =
                    segment.and_then(|s| self.trunks.iter().position(|t| t.name == s))
                {
                    client.trunk = trunk;
                }
                if matches!(client.phase, Phase::Associated) && client.handshakes == 0 {
                    self.begin_handshake_after_reply(io.cx, station, bssid, pmk);
                }
            }
            Some(CapwapControl::NotCached { station }) => {
                if let Some(client) = self.clients.get(&station) {
                    let bssid = self.bsses[client.bss].bssid;
                    self.send(
                        io.cx,
                        bssid,
                        station,
                        Dot11Body::AssociationResponse {
                            status: 0,
                            cached: false,
                        },
                    );
                }
            }
            Some(CapwapControl::Refuse { station }) => {
                if let Some(client) = self.clients.remove(&station) {
                    let bss = &self.bsses[client.bss];
                    let reason = REASON_REFUSED;
                    let key = client.pairwise.filter(|_| bss.pmf.is_some());
                    let mic = key.map(|k| Sealed::seal(&k, u64::from(reason), 16));
                    let body = Dot11Body::Deauthentication { reason, mic };
                    self.send(io.cx, bss.bssid, station, body);
                }
            }
            Some(CapwapControl::Reset) => {
                let node = io.cx.node();
                io.cx.after(Duration::ZERO, node, LabEvent::Power(false));
                io.cx.after(RESTART, node, LabEvent::Power(true));
            }
            _ => {}
        }
    }

    fn begin_handshake_after_reply(&mut self, cx: &mut Cx<'_>, station: Mac, bssid: Mac, pmk: Key) {
        // Where the key came from the cache, the association response is still owed; where it came from 802.1X, the station ignores a second one.
        self.send(
            cx,
            bssid,
            station,
            Dot11Body::AssociationResponse {
                status: 0,
                cached: true,
            },
        );
        self.begin_handshake(cx, station, pmk);
    }
}

/// A message for the control channel arrived at the access point's management address.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
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
    let own = matches!(
        event,
        LabEvent::Frame { port: 1, .. }
            | LabEvent::Timer {
                owner: Owner::AccessPoint,
                ..
            }
    );
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
pub fn hear_own<P: Parts>(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, frame: &Dot11) {
    if node
        .get::<AccessPoint>()
        .is_none_or(|ap| ap.bsses.is_empty())
    {
        return;
    }
    let boots = node.get::<Vitals>().map_or(0, |v| v.boots);
    host::with_network::<P>(cx, node, |io, node| {
        if let Some(ap) = node.get_mut::<AccessPoint>() {
            ap.boot = boots;
            ap.heard(io, frame.clone());
        }
    });
}

/// Handles an event at an access point. Port 0 is the management interface; port `n` is trunk `n - 1`.
pub fn on_event<P: Parts>(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    match event {
        LabEvent::Frame { port, frame } if port > 0 => {
            if let Some(ap) = node.get_mut::<AccessPoint>() {
                ap.trunk_sent(cx, usize::from(port) - 1, *frame);
            }
        }
        LabEvent::Heard { frame, .. } => host::with_network::<P>(cx, node, |io, node| {
            if let Some(ap) = node.get_mut::<AccessPoint>() {
                ap.heard(io, *frame);
            }
        }),
        LabEvent::Timer {
            owner: Owner::AccessPoint,
            token,
            ..
        } => {
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
            host::on_event::<P>(cx, node, LabEvent::Power(on));
        }
        other => host::on_event::<P>(cx, node, other),
    }
}
