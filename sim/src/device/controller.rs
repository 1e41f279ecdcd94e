//! The wireless controller: authenticator toward RADIUS, cache of pairwise master keys, control of access points.

use super::host::Io;
use super::part::{Part, Sockets, role};
use crate::catalog::Entry;
use crate::crypto::{Key, Passphrase, Sealed};
use crate::device::id;
use crate::engine::NodeMut;
use crate::net::stack::SocketEvent;
use crate::record::{MonitoringRecord, WirelessRecord};
use crate::spec::{ItemId, RoleSpec};
use crate::time::{Duration, Time};
use crate::wire::capwap::{Capwap, CapwapControl, PORT as CAPWAP_PORT};
use crate::wire::eap::Eap;
use crate::wire::radius::{PORT as RADIUS_PORT, Radius, RadiusCode};
use crate::wire::{Ip, Mac, Message};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// What is said of the sensor.
pub static SENSOR: Entry = Entry::plain(
    "wireless-sensors",
    "Radios of access points",
    "Each access point hears every frame on its channel: bursts of deauthentication frames in its name or sent to it, and unknown access points \
     that offer its networks. The controller raises the alert. Other channels, noise and listeners go unnoticed.",
);

/// Wireless controller.
pub(super) const PART: Part = Part {
    on: |_, host| {
        let sockets = || {
            Sockets::default()
                .bind(CAPWAP_PORT)
                .bind(RADIUS_CLIENT_PORT)
        };
        role!(host, RoleSpec::Controller(_) => sockets())
    },
    build: |site| {
        let Some(spec) = role!(site.host, RoleSpec::Controller(spec) => spec) else {
            return Ok(());
        };
        let lab = site.lab();
        let secured = lab.access_points.iter().filter(|a| a.dtls.value);
        let keys = secured.map(|a| (a.ip, dtls_key(&a.name))).collect();
        let secret = Passphrase::of(&spec.radius_secret);
        let mut points = lab.access_points.iter();
        let sensors = points.find_map(|a| a.sensor.as_ref().map(|s| s.id));
        let controller = Controller::new(spec.radius, secret, spec.pmk_cache, keys);
        site.insert(controller.with_sensors(sensors));
        Ok(())
    },
    on_socket: |io, node, event| on_socket(io, node, &event),
    on_timer,
    power_on: |_, node| power_on(node),
    restarts: true,
    ..Part::new(id::CONTROLLER)
};

/// The key of the control channel between an access point and its controller.
#[must_use]
pub fn dtls_key(access_point: &str) -> crate::crypto::Key {
    Passphrase::of(access_point).key("capwap dtls")
}

/// Port from which the controller speaks RADIUS.
pub const RADIUS_CLIENT_PORT: u16 = 1645;
/// Time before a RADIUS request is repeated, and how often (3 s was seen with real software, `feasibility.md` 1c).
const RETRY: Duration = Duration::from_secs(3);
const TRIES: u8 = 3;
/// Marks the timer that ends a session.
const SESSION_END: u64 = 1 << 63;

#[derive(Clone, Debug)]
struct Session {
    ap: Ip,
    /// Who the station says it is.
    user: String,
    pending: Option<(u32, Eap, u8)>,
}

impl Session {
    fn at(ap: Ip) -> Self {
        Self {
            ap,
            user: String::new(),
            pending: None,
        }
    }

    /// The station said something that goes to the server under this identifier.
    fn said(&mut self, ap: Ip, id: u32, eap: Eap) {
        self.ap = ap;
        if let Eap::IdentityResponse { name } = &eap {
            self.user.clone_from(name);
        }
        self.pending = Some((id, eap, 1));
    }
}

#[derive(Clone, Debug)]
struct Cached {
    pmk: Key,
    until: Time,
    segment: Option<String>,
}

/// A station that is on.
#[derive(Clone, Debug)]
struct Active {
    ap: Ip,
    number: u16,
}

/// The controller.
#[derive(Component, Clone, Debug)]
pub struct Controller {
    radius: Ip,
    secret: Passphrase,
    pmk_cache: Duration,
    dtls: BTreeMap<Ip, Key>,
    sessions: BTreeMap<Mac, Session>,
    cache: BTreeMap<Mac, Cached>,
    active: BTreeMap<Mac, Active>,
    next_id: u32,
    /// Item of the sensors that its access points' radios are.
    sensors: Option<ItemId>,
}

/// The key that seals messages between RADIUS client and server.
#[must_use]
pub fn radius_key(secret: &Passphrase) -> Key {
    secret.key("radius")
}

impl Controller {
    /// A controller. `dtls` holds the control-channel keys by access point address.
    #[must_use]
    pub fn new(
        radius: Ip,
        secret: Passphrase,
        pmk_cache: Duration,
        dtls: BTreeMap<Ip, Key>,
    ) -> Self {
        Self {
            radius,
            secret,
            pmk_cache,
            dtls,
            sessions: BTreeMap::new(),
            cache: BTreeMap::new(),
            active: BTreeMap::new(),
            next_id: 1,
            sensors: None,
        }
    }

    /// Has this item put sensors into its access points' radios?
    #[must_use]
    pub fn with_sensors(mut self, item: Option<ItemId>) -> Self {
        self.sensors = item;
        self
    }

    /// A station is on until its time is over.
    fn begin_session(&mut self, io: &mut Io<'_, '_>, station: Mac, ap: Ip, seconds: u32) {
        let number = self.next_id as u16;
        self.next_id += 1;
        self.active.insert(station, Active { ap, number });
        let token = SESSION_END | u64::from(number & 0x7FFF) << 48 | station.0;
        io.timer(
            id::CONTROLLER,
            Duration::from_secs(u64::from(seconds)),
            token,
        );
    }

    /// Ends a station's session: its key is void, its access point sends it away.
    fn expel(&mut self, io: &mut Io<'_, '_>, station: Mac, revoked: bool) {
        self.cache.remove(&station);
        if let Some(active) = self.active.remove(&station) {
            io.cx
                .emit(WirelessRecord::StationExpelled { station, revoked });
            self.tell(io, active.ap, CapwapControl::Refuse { station });
        }
    }

    fn tell(&self, io: &mut Io<'_, '_>, ap: Ip, control: CapwapControl) {
        let message = match self.dtls.get(&ap) {
            Some(key) => {
                let len = control.wire_len();
                Capwap::Dtls(Sealed::seal(key, control, len))
            }
            None => Capwap::Clear(control),
        };
        let port = super::access_point::CONTROL_PORT;
        io.datagram(CAPWAP_PORT, (ap, port), Message::Capwap(Box::new(message)));
    }

    fn ap_said(&mut self, io: &mut Io<'_, '_>, ap: Ip, message: &Capwap) {
        let control = match (message, self.dtls.get(&ap)) {
            (Capwap::Dtls(sealed), Some(key)) => sealed.open(key).cloned(),
            (Capwap::Clear(control), None) => Some(control.clone()),
            _ => None,
        };
        match control {
            Some(CapwapControl::FromStation {
                station, eap: None, ..
            }) => {
                self.sessions.insert(station, Session::at(ap));
                self.tell(
                    io,
                    ap,
                    CapwapControl::ToStation {
                        station,
                        eap: Eap::IdentityRequest,
                    },
                );
            }
            Some(CapwapControl::FromStation {
                station,
                eap: Some(eap),
                ..
            }) => {
                if let Some(session) = self.sessions.get_mut(&station) {
                    session.said(ap, self.next_id, eap);
                    self.next_id += 1;
                    self.ask_radius(io, station);
                }
            }
            Some(CapwapControl::AskCached { station, pmkid, .. }) => {
                let now = io.cx.now();
                if let Some(active) = self.active.get_mut(&station) {
                    active.ap = ap;
                }
                let cached = self
                    .cache
                    .get(&station)
                    .filter(|c| c.until > now && c.pmk.identifier("pmkid") == pmkid);
                let answer = match cached {
                    Some(c) => CapwapControl::Install {
                        station,
                        pmk: c.pmk,
                        segment: c.segment.clone(),
                    },
                    None => CapwapControl::NotCached { station },
                };
                self.tell(io, ap, answer);
            }
            Some(CapwapControl::Report { about }) => {
                if let Some(item) = self.sensors {
                    io.cx.emit(MonitoringRecord::Alert {
                        sensor: SENSOR.id,
                        item,
                        about,
                    });
                }
            }
            Some(CapwapControl::Echo) => self.tell(io, ap, CapwapControl::EchoReply),
            _ => {}
        }
    }

    fn ask_radius(&self, io: &mut Io<'_, '_>, station: Mac) {
        let Some(session) = self.sessions.get(&station) else {
            return;
        };
        let (user, Some((id, eap, _))) = (session.user.clone(), session.pending.clone()) else {
            return;
        };
        let authenticator = Sealed::seal(&radius_key(&self.secret), id, 16);
        let packet = Radius {
            id,
            station,
            code: RadiusCode::AccessRequest { user, eap },
            authenticator,
        };
        io.datagram(
            RADIUS_CLIENT_PORT,
            (self.radius, RADIUS_PORT),
            Message::Radius(Box::new(packet)),
        );
        io.timer(id::CONTROLLER, RETRY, station.0);
    }

    fn radius_said(&mut self, io: &mut Io<'_, '_>, packet: &Radius) {
        let station = packet.station;
        let key = radius_key(&self.secret);
        if matches!(packet.code, RadiusCode::Disconnect) {
            if packet.authenticator.open(&key) == Some(&packet.id) {
                self.expel(io, station, true);
            }
            return;
        }
        let Some(session) = self.sessions.get_mut(&station) else {
            return;
        };
        let expected = session.pending.as_ref().map(|(id, _, _)| *id);
        if expected != Some(packet.id) || packet.authenticator.open(&key) != Some(&packet.id) {
            return;
        }
        session.pending = None;
        let ap = session.ap;
        let to_station = |eap| CapwapControl::ToStation { station, eap };
        match &packet.code {
            RadiusCode::AccessChallenge { eap } => self.tell(io, ap, to_station(eap.clone())),
            RadiusCode::AccessAccept {
                pmk,
                segment,
                session_seconds,
                ..
            } => {
                let Some(pmk) = pmk.open(&key).copied() else {
                    return;
                };
                let life = self
                    .pmk_cache
                    .min(Duration::from_secs(u64::from(*session_seconds)));
                self.cache.insert(
                    station,
                    Cached {
                        pmk,
                        until: io.cx.now() + life,
                        segment: segment.clone(),
                    },
                );
                self.sessions.remove(&station);
                self.begin_session(io, station, ap, *session_seconds);
                self.tell(io, ap, to_station(Eap::Success));
                self.tell(
                    io,
                    ap,
                    CapwapControl::Install {
                        station,
                        pmk,
                        segment: segment.clone(),
                    },
                );
            }
            RadiusCode::AccessReject => {
                self.sessions.remove(&station);
                self.cache.remove(&station);
                self.tell(io, ap, to_station(Eap::Failure));
                self.tell(io, ap, CapwapControl::Refuse { station });
            }
            RadiusCode::AccessRequest { .. } | RadiusCode::Disconnect => {}
        }
    }

    fn retry(&mut self, io: &mut Io<'_, '_>, station: Mac) {
        let Some(session) = self.sessions.get_mut(&station) else {
            return;
        };
        match &mut session.pending {
            Some((_, _, tries)) if *tries < TRIES => {
                *tries += 1;
                self.ask_radius(io, station);
            }
            Some(_) => {
                self.sessions.remove(&station);
            }
            None => {}
        }
    }
}

/// A socket of the controller has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    let SocketEvent::Datagram { from, message, .. } = event else {
        return;
    };
    let Some(controller) = node.get_mut::<Controller>() else {
        return;
    };
    match &**message {
        Message::Capwap(capwap) => controller.ap_said(io, from.0, capwap),
        Message::Radius(packet) => controller.radius_said(io, packet),
        _ => {}
    }
}

/// A timer of the controller is due.
pub fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    if let Some(controller) = node.get_mut::<Controller>() {
        let station = Mac(token & 0xFFFF_FFFF_FFFF);
        if token & SESSION_END == 0 {
            controller.retry(io, station);
        } else if controller
            .active
            .get(&station)
            .is_some_and(|a| u64::from(a.number & 0x7FFF) == token >> 48 & 0x7FFF)
        {
            controller.expel(io, station, false);
        }
    }
}

/// Switched on: sessions and cached keys of before are gone.
pub fn power_on(node: &mut NodeMut<'_>) {
    if let Some(controller) = node.get_mut::<Controller>() {
        controller.sessions.clear();
        controller.cache.clear();
        controller.active.clear();
    }
}
