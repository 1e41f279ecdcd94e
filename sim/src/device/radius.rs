//! The authentication server: EAP-TLS against its trust store and revocation list, placement by certificate, finite capacity.

use super::controller::radius_key;
use super::host::Io;
use super::part::{BuildError, Part, Site, Sockets, role};
use super::status_list::{Fetch, Place, StatusList};
use crate::crypto::{CertificateFault, Passphrase, PublicKey, Sealed};
use crate::device::id;
use crate::engine::NodeMut;
use crate::event::NO_ITEM;
use crate::net::stack::SocketEvent;
use crate::proto::eap_tls::{Server, ServerEvent};
use crate::proto::tls::Credentials;
use crate::proto::tls::resumption::Sessions;
use crate::record::{JoinFault, JoinStage, Login, WirelessRecord};
use crate::rng::Purpose;
use crate::spec::{HappeningSpec, ItemId, PlacementSpec, RevocationSpec, RoleSpec};
use crate::time::{Duration, Time};
use crate::wire::eap::Eap;
use crate::wire::radius::{PORT, Radius, RadiusCode};
use crate::wire::syslog::LogKind;
use crate::wire::{Ip, Mac, Message};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Authentication server.
pub(super) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::Radius(_) => Sockets::default().bind(PORT).hear_link()),
    build,
    on_socket: |io, node, event| on_socket(io, node, &event),
    on_timer,
    power_on: |_, node| power_on(node),
    restarts: true,
    on_scenario_event: |_, node, _, what| match (what, node.get_mut::<RadiusServer>()) {
        (HappeningSpec::SetSessionCache { lifetime, .. }, Some(server)) => {
            server.set_session_cache(*lifetime);
            true
        }
        _ => false,
    },
    renew: |node, credentials| {
        if let Some(server) = node.get_mut::<RadiusServer>() {
            server.renew(credentials.clone());
        }
    },
    ..Part::new(id::RADIUS)
};

fn build(site: &mut Site<'_>) -> Result<(), BuildError> {
    let host = site.host;
    let Some(spec) = role!(host, RoleSpec::Radius(spec) => spec) else {
        return Ok(());
    };
    let capacity = spec.capacity_per_second;
    if let Some(n) = capacity.filter(|n| !(*n > 0.0 && n.is_finite())) {
        let problem = format!("capacity_per_second is {n}, but must be above zero");
        return Err(site.value(problem));
    }
    site.insert(RadiusServer::new(RadiusConfig {
        secret: Passphrase::of(&spec.secret),
        credentials: site.credentials(),
        trust_item: host.trusts.first().map_or(NO_ITEM, |t| t.id),
        service_time: capacity.map(|n| Duration::from_secs_f64(1.0 / n)),
        revocation: spec.revocation.as_ref().map(|r| (r.id, r.value.clone())),
        session_timeout: spec.session_timeout,
        session_cache: spec.session_cache,
        placement: spec.placement.iter().map(|p| p.value.clone()).collect(),
    }));
    Ok(())
}

const LUCK: Purpose = Purpose::new("authentication server");
const NUMBERS: Purpose = Purpose::new("kept session");
const TOKEN_REFRESH: u64 = u64::MAX;

/// Configuration of an authentication server.
#[derive(Clone, Debug)]
pub struct RadiusConfig {
    /// Secret shared with authenticators.
    pub secret: Passphrase,
    /// Own certificate, key and trust.
    pub credentials: Credentials,
    /// Item of the trust store.
    pub trust_item: ItemId,
    /// Processor time of one full authentication; none: as measured.
    pub service_time: Option<Duration>,
    /// Revocation checking.
    pub revocation: Option<(ItemId, RevocationSpec)>,
    /// Session-Timeout.
    pub session_timeout: Duration,
    /// How long sessions are kept, so that stations resume them; none keeps none.
    pub session_cache: Option<Duration>,
    /// Placement by certificate.
    pub placement: Vec<PlacementSpec>,
}

fn sessions_for(lifetime: Duration) -> Sessions {
    Sessions::new(lifetime.as_nanos() / 1_000_000_000)
}

/// Who issued a station's certificate and under which serial, and where its authenticator is reached.
type Active = ((PublicKey, u32), (Ip, u16));

/// Bytes of an IPv4 and a UDP header.
const HEADERS: u32 = 28;

/// An authentication that goes on.
#[derive(Clone, Debug)]
struct Session {
    machine: Server,
    /// What it took until now.
    login: Login,
}

/// The authentication server.
#[derive(Component, Clone, Debug)]
pub struct RadiusServer {
    config: RadiusConfig,
    sessions: BTreeMap<Mac, Session>,
    /// Sessions of TLS that stations may resume; on disk.
    kept: Option<Sessions>,
    answered: BTreeMap<Mac, (u32, Radius)>,
    waiting: BTreeMap<u64, ((Ip, u16), Radius)>,
    next_wait: u64,
    busy_until: Time,
    exchanges: u64,
    list: StatusList,
    /// Who was let in, by which certificate, at which authenticator.
    active: BTreeMap<Mac, Active>,
}

impl RadiusServer {
    /// A server without sessions.
    #[must_use]
    pub fn new(config: RadiusConfig) -> Self {
        let kept = config.session_cache.map(sessions_for);
        let place = Place {
            part: id::RADIUS,
            query: 0,
            token: TOKEN_REFRESH,
        };
        Self {
            list: StatusList::new(place, config.revocation.clone()),
            config,
            sessions: BTreeMap::new(),
            kept,
            answered: BTreeMap::new(),
            waiting: BTreeMap::new(),
            next_wait: 0,
            busy_until: Time::ZERO,
            exchanges: 0,
            active: BTreeMap::new(),
        }
    }

    fn request(&mut self, io: &mut Io<'_, '_>, from: (Ip, u16), packet: &Radius) {
        let key = radius_key(&self.config.secret);
        if packet.authenticator.open(&key) != Some(&packet.id) {
            return;
        }
        let RadiusCode::AccessRequest { eap, .. } = &packet.code else {
            return;
        };
        if let Some((id, answer)) = self.answered.get(&packet.station)
            && *id == packet.id
        {
            let answer = answer.clone();
            return self.answer(io, from, answer, Duration::ZERO);
        }
        if matches!(eap, Eap::IdentityResponse { .. }) {
            let machine = Server::new(self.config.credentials.clone());
            let login = Login::default();
            self.sessions
                .insert(packet.station, Session { machine, login });
        }
        let Some(session) = self.sessions.get_mut(&packet.station) else {
            return;
        };
        self.exchanges += 1;
        let mut luck = io.cx.stream(LUCK, self.exchanges);
        let at = io.calendar();
        if let Some(kept) = &self.kept {
            let mut numbers = io.cx.stream(NUMBERS, self.exchanges);
            session.machine.consult(&mut numbers, kept, eap, at);
        }
        let machine = &mut session.machine;
        machine.handle_message(at, &mut luck, eap, self.list.revoked());
        let (event, challenge) = (machine.poll_event(), machine.poll_transmit());
        let (serial, measured) = (session.machine.serial(), session.machine.work());
        let resumed = session.machine.resumed();
        session.login.rounds += 1;
        session.login.up += HEADERS + packet.wire_len();
        let code = match (event, challenge) {
            (Some(event), _) => self.decide(io, (from, packet.station), event, serial),
            (None, Some(eap)) => RadiusCode::AccessChallenge { eap },
            (None, None) => return,
        };
        let authenticator = Sealed::seal(&key, packet.id, 16);
        let answer = Radius {
            id: packet.id,
            station: packet.station,
            code,
            authenticator,
        };
        self.answered
            .insert(packet.station, (packet.id, answer.clone()));
        self.tell_of_login(io, &answer);
        let service = self.service_time(eap, resumed, measured);
        self.answer(io, from, answer, service);
    }

    /// Time that an answer to this message takes: none where no flight came. Where the time of an authentication is given, half of it goes into each of
    /// the two flights that need a private key or a signature check. Who resumes a session needs neither: that takes what was measured.
    fn service_time(&self, eap: &Eap, resumed: bool, measured: Duration) -> Duration {
        match eap {
            Eap::Tls {
                flight: Some(_), ..
            } => {
                let given = self.config.service_time.filter(|_| !resumed);
                given.map_or(measured, |t| Duration::from_nanos(t.as_nanos() / 2))
            }
            _ => Duration::ZERO,
        }
    }

    /// What the end of an authentication comes to: what to answer the station's authenticator at `from`.
    fn decide(
        &mut self,
        io: &mut Io<'_, '_>,
        (from, station): ((Ip, u16), Mac),
        event: ServerEvent,
        serial: Option<(PublicKey, u32)>,
    ) -> RadiusCode {
        match event {
            ServerEvent::Accepted(pmk, subject) => match self.refused_without_list(io, station) {
                Some(item) => {
                    let why = JoinFault::CertificateRefused(CertificateFault::StatusUnknown);
                    self.reject(io, station, why, Some(item))
                }
                None => {
                    if let Some(serial) = serial {
                        self.active.insert(station, (serial, from));
                    }
                    self.keep(io.calendar(), station);
                    self.accept(pmk, subject, &radius_key(&self.config.secret))
                }
            },
            ServerEvent::Rejected(fault) => {
                let revoked = self
                    .list
                    .item()
                    .filter(|_| fault == CertificateFault::Revoked);
                let item = revoked.unwrap_or(self.config.trust_item);
                let why = JoinFault::CertificateRefused(fault);
                self.reject(io, station, why, Some(item))
            }
            ServerEvent::RefusedByPeer(fault) => {
                self.reject(io, station, JoinFault::ServerRefused(fault), None)
            }
        }
    }

    /// The item of the policy that refuses a station for want of a revocation list. Who resumes a session is not looked for on any.
    fn refused_without_list(&self, io: &Io<'_, '_>, station: Mac) -> Option<ItemId> {
        let session = self.sessions.get(&station);
        let resumed = session.is_some_and(|s| s.machine.resumed());
        self.list.lacking(io.cx.now()).filter(|_| !resumed)
    }

    /// Keeps the session of a station that is let in, at calendar second `at`.
    fn keep(&mut self, at: u64, station: Mac) {
        let session = self.sessions.get(&station);
        let kept = session.and_then(|s| s.machine.to_keep());
        if let (Some(sessions), Some((number, kept))) = (&mut self.kept, kept) {
            sessions.keep(number, at, kept.clone());
        }
    }

    /// Staff put another certificate in: it is shown from the next login on.
    pub fn renew(&mut self, credentials: Credentials) {
        self.config.credentials = credentials;
    }

    /// Staff set how long sessions are kept from now on; those that there are are thrown away.
    pub fn set_session_cache(&mut self, lifetime: Option<Duration>) {
        self.config.session_cache = lifetime;
        self.kept = lifetime.map(sessions_for);
    }

    /// Counts an answer; the one that lets a station in ends its login.
    fn tell_of_login(&mut self, io: &mut Io<'_, '_>, answer: &Radius) {
        let station = answer.station;
        let Some(session) = self.sessions.get_mut(&station) else {
            return;
        };
        session.login.down += HEADERS + answer.wire_len();
        if matches!(answer.code, RadiusCode::AccessAccept { .. }) {
            session.login.resumed = session.machine.resumed();
            let login = session.login;
            io.cx
                .emit(WirelessRecord::StationAdmitted { station, login });
        }
    }

    fn accept(
        &self,
        pmk: crate::crypto::Key,
        subject: String,
        key: &crate::crypto::Key,
    ) -> RadiusCode {
        let segment = self
            .config
            .placement
            .iter()
            .find(|p| subject.starts_with(&p.subject_prefix))
            .map(|p| p.segment.clone());
        let session_seconds = (self.config.session_timeout.as_nanos() / 1_000_000_000) as u32;
        RadiusCode::AccessAccept {
            pmk: Sealed::seal(key, pmk, 64),
            user: subject,
            segment,
            session_seconds,
        }
    }

    fn reject(
        &mut self,
        io: &mut Io<'_, '_>,
        station: Mac,
        why: JoinFault,
        item: Option<ItemId>,
    ) -> RadiusCode {
        let revoked = JoinFault::CertificateRefused(CertificateFault::Revoked);
        let known = self.list.taken().filter(|_| why == revoked);
        let refused = WirelessRecord::StationRefused {
            station,
            stage: JoinStage::Eap,
            why,
            item,
        };
        io.cx.emit_because(refused, known.as_slice());
        io.log(LogKind::StationRefused, None, 0);
        self.sessions.remove(&station);
        RadiusCode::AccessReject
    }

    fn answer(&mut self, io: &mut Io<'_, '_>, to: (Ip, u16), packet: Radius, service: Duration) {
        let now = io.cx.now();
        let done = self.busy_until.max(now) + service;
        if done == now {
            io.datagram(PORT, to, Message::Radius(Box::new(packet)));
            return;
        }
        self.busy_until = done;
        self.next_wait += 1;
        self.waiting.insert(self.next_wait, (to, packet));
        io.timer(id::RADIUS, done - now, self.next_wait);
    }

    /// Ends the sessions of those whose certificate turned out to be revoked.
    fn expel(&mut self, io: &mut Io<'_, '_>) {
        if !self.list.expels() {
            return;
        }
        let revoked = self.list.revoked();
        let gone: Vec<(Mac, (Ip, u16))> = self
            .active
            .iter()
            .filter(|(_, (serial, _))| revoked.contains(serial))
            .map(|(mac, (_, nas))| (*mac, *nas))
            .collect();
        for (station, nas) in gone {
            self.active.remove(&station);
            let id = u32::MAX;
            let packet = Radius {
                id,
                station,
                code: RadiusCode::Disconnect,
                authenticator: Sealed::seal(&radius_key(&self.config.secret), id, 16),
            };
            io.datagram(PORT, nas, Message::Radius(Box::new(packet)));
        }
    }
}

/// A socket of the server has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    let Some(radius) = node.get_mut::<RadiusServer>() else {
        return;
    };
    match radius.list.on_socket(io, event) {
        Fetch::NotMine => {}
        Fetch::Mine => return,
        Fetch::Came => return radius.expel(io),
    }
    match event {
        SocketEvent::Up => radius.list.fetch(io),
        SocketEvent::Datagram { from, message, .. } => {
            if let Message::Radius(packet) = &**message {
                radius.request(io, *from, packet);
            }
        }
        _ => {}
    }
}

/// A timer of the server is due.
pub fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let Some(radius) = node.get_mut::<RadiusServer>() else {
        return;
    };
    if radius.list.on_timer(io, token) {
        return;
    }
    if let Some((to, packet)) = radius.waiting.remove(&token) {
        io.datagram(PORT, to, Message::Radius(Box::new(packet)));
    }
}

/// Switched on: authentications of before are gone; the revocation list on disk is kept, and so are sessions of TLS.
pub fn power_on(node: &mut NodeMut<'_>) {
    if let Some(radius) = node.get_mut::<RadiusServer>() {
        radius.sessions.clear();
        radius.answered.clear();
        radius.waiting.clear();
        radius.busy_until = Time::ZERO;
        radius.list.power_on();
    }
}
