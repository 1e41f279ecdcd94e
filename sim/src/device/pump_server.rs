//! A pump server: sessions with pumps, library distribution, status board, log store, order gateway, alarms to the alarm manager;
//! its portal for staff, and its database.

pub mod back;
pub mod change;
mod clinical;
pub mod portal;
mod processor;

use self::back::StoreConfig;
use self::change::ChangePolicy;
use self::portal::PortalConfig;
use super::guarded::Guard;
use super::hl7_link::{Hl7Inbox, Hl7Link, TOKEN_LINK};
use super::host::Io;
use super::part::{Part, Site, Sockets, role};
use super::status_list::StatusList;
use crate::catalog::Entry;
use crate::clinical::delivery::AlarmKind;
use crate::crypto::{CertificateFault, PrivateKey};
use crate::device::id;
use crate::engine::{Cause, EventId, NodeId, NodeMut, RecordId};
use crate::event::Shared;
use crate::net::stack::{SocketEvent, StreamId};
use crate::proto::pump::desk::{DeskEvent, PumpDesk};
use crate::proto::tls::{Channel, Credentials, Server, TlsEvent};
use crate::record::{AlarmRecord, LibraryRecord, Missing, MonitoringRecord};
use crate::rng::Purpose;
use crate::spec::{
    HappeningSpec, ItemId, PumpServerSpec, ReleaseSpec, RevocationSpec, RoleSpec, SessionSpec,
};
use crate::time::{Duration, Time};
use crate::wire::hl7::{Hl7, PORT as HL7_PORT};
use crate::wire::pump::{PumpLogEvent, PumpMessage, SignedLibrary};
use crate::wire::tls::{Tls, TlsVersion};
use crate::wire::{Ip, Message};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Pump server, toward pumps and clinical systems.
pub(super) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::PumpServer(spec) => sockets(spec)),
    build: |site| {
        if let Some(spec) = role!(site.host, RoleSpec::PumpServer(spec) => spec) {
            site.insert(PumpServer::new(PumpServerConfig::of(site, spec)));
        }
        Ok(())
    },
    on_socket,
    on_timer,
    power_on: |_, node| power_on(node),
    resume,
    restarts: true,
    needs_files: true,
    on_scenario_event: |io, node, _, what| {
        let Some(server) = node.get_mut::<PumpServer>() else {
            return false;
        };
        match what {
            // Where there is no pharmacy, a library is released at the server itself.
            HappeningSpec::PublishLibrary { version, .. } => {
                if let Some(library) = io.cx.shared().library(*version).cloned() {
                    let signature = None;
                    server.publish(io, SignedLibrary { library, signature }, false);
                }
            }
            HappeningSpec::SetTlsMinimum { version, .. } => server.set_tls_minimum(io, *version),
            _ => return false,
        }
        true
    },
    renew: |node, credentials| {
        if let Some(server) = node.get_mut::<PumpServer>() {
            server.renew(credentials.clone());
        }
    },
    ..Part::new(id::PUMP_SERVER)
};

fn sockets(spec: &PumpServerSpec) -> Sockets {
    let mut sockets = Sockets::default().listen(spec.port);
    if let Some(clear) = &spec.clear_port {
        sockets = sockets.listen_by(clear.value, clear.id);
    }
    sockets = sockets.listen(HL7_PORT);
    match &spec.portal {
        Some(portal) => sockets.listen(portal.port),
        None => sockets,
    }
}

/// The library that a pump server has at first, signed by whoever released it.
pub(super) fn first_library(shared: &Shared, spec: &PumpServerSpec) -> Option<SignedLibrary> {
    let library = shared.library(spec.library_version)?.clone();
    let card = spec.portal.as_ref().and_then(|p| match &p.release.value {
        ReleaseSpec::Approved { signed_by } => signed_by.clone(),
        ReleaseSpec::OneStep => None,
    });
    let signature = card.map(|key| PrivateKey::of(&key).sign(library.digest()));
    Some(SignedLibrary { library, signature })
}

impl PumpServerConfig {
    fn of(site: &Site<'_>, spec: &PumpServerSpec) -> Self {
        let (host, shared) = (site.host, &site.shared);
        let mut tls = match spec.session.value {
            SessionSpec::Clear => BTreeMap::new(),
            SessionSpec::Tls { check_peer } => BTreeMap::from([(spec.port, check_peer)]),
        };
        // Portals are web applications: always under TLS, and nobody there has a certificate of their own.
        tls.extend(spec.portal.as_ref().map(|p| (p.port, false)));
        Self {
            name: host.name.clone(),
            tls,
            session_item: spec.session.id,
            credentials: site.credentials(),
            library: first_library(shared, spec),
            signs_with: spec.signs_with.as_ref().map(|k| PrivateKey::of(&k.value)),
            alarm_manager: spec.alarm_manager.clone(),
            health_record: spec.ehr.clone(),
            observations: spec.observations.clone(),
            inbox: Hl7Inbox::of(site),
            guard: Guard::of(host, &shared.costs),
            last_seen_alert: spec.last_seen_alert.as_ref().map(|d| d.value),
            tls_min: (spec.tls_min.id, spec.tls_min.value),
            revocation: spec.revocation.as_ref().map(|r| (r.id, r.value.clone())),
            change_policy: spec.change_policy.as_ref().map(|p| ChangePolicy {
                item: p.id,
                canary: p.value.canary.clone(),
                watch: p.value.watch,
            }),
            portal: spec
                .portal
                .as_ref()
                .map(|p| PortalConfig::of(&shared.lab, host, p)),
            store: spec.store.as_ref().map(|s| StoreConfig::of(host, s)),
        }
    }
}

const LUCK: Purpose = Purpose::new("pump server session");

/// Configuration of a pump server.
#[derive(Clone, Debug)]
pub struct PumpServerConfig {
    /// Own name.
    pub name: String,
    /// Whether sessions on the port are by TLS; whether clients are asked for a certificate.
    pub tls: BTreeMap<u16, bool>,
    /// Item of the sessions' protection.
    pub session_item: ItemId,
    /// Certificate, key, trust.
    pub credentials: Credentials,
    /// Library that is published at first, with the signature under which it was released.
    pub library: Option<SignedLibrary>,
    /// Key with which libraries are signed.
    pub signs_with: Option<PrivateKey>,
    /// DNS name of the alarm manager.
    pub alarm_manager: String,
    /// Name of the health record.
    pub health_record: String,
    /// Name of the system that infusions are documented to, if they are.
    pub observations: Option<String>,
    /// The end of its links on which it is told something.
    pub inbox: Hl7Inbox,
    /// What guards its links to the health record and the database; none: they are in clear.
    pub guard: Option<Guard>,
    /// Silence after which a pump that was infusing is reported.
    pub last_seen_alert: Option<Duration>,
    /// Lowest version of TLS that it takes at first; item.
    pub tls_min: (ItemId, TlsVersion),
    /// Whether it asks if certificates are revoked.
    pub revocation: Option<(ItemId, RevocationSpec)>,
    /// How its settings are changed; none: for everybody at once.
    pub change_policy: Option<change::ChangePolicy>,
    /// Its portal.
    pub portal: Option<portal::PortalConfig>,
    /// Its database.
    pub store: Option<back::StoreConfig>,
}

#[derive(Clone, Debug)]
struct Session {
    channel: Channel,
    pump: Option<NodeId>,
    /// Whether it is a session of the portal.
    portal: bool,
}

/// The pump server.
#[derive(Component, Clone, Debug)]
pub struct PumpServer {
    config: PumpServerConfig,
    sessions: BTreeMap<StreamId, Session>,
    desk: PumpDesk<StreamId, NodeId>,
    /// Address that each pump was last heard from.
    addresses: BTreeMap<NodeId, Ip>,
    /// The timer that is set for the desk, and when it is due.
    timer: Option<((Time, NodeId), EventId)>,
    /// The event by which each pump was last heard from: the deadline after it has that cause.
    heard_by: BTreeMap<NodeId, Cause>,
    library: Option<SignedLibrary>,
    /// The record of how the library came here during the run.
    taken_from: Option<RecordId>,
    alarm_link: Hl7Link,
    clinical: clinical::Clinical,
    exchanges: u64,
    portal: Option<portal::Portal>,
    store: Option<back::Store>,
    directory: back::DirectoryLink,
    minimum: change::Minimum,
    processor: processor::Processor,
    /// Which certificates are revoked, as far as it knows.
    status: StatusList,
}

impl PumpServer {
    /// Staff put another certificate in: it is shown from the next connection on.
    pub fn renew(&mut self, credentials: Credentials) {
        self.config.credentials = credentials;
    }

    /// A server without sessions.
    #[must_use]
    pub fn new(config: PumpServerConfig) -> Self {
        let library = config.library.clone();
        let alarm_link = Hl7Link::new(id::PUMP_SERVER, config.alarm_manager.clone(), None);
        let released = library.as_ref().map(|l| l.library.digest());
        let mut server = Self {
            portal: config.portal.clone().map(portal::Portal::new),
            store: config
                .store
                .clone()
                .map(|s| back::Store::new(s, released, config.guard.clone())),
            clinical: clinical::Clinical::new(&config),
            minimum: change::Minimum::new(config.tls_min.1),
            status: StatusList::new(back::LIST, config.revocation.clone()),
            desk: PumpDesk::new(config.name.clone(), config.last_seen_alert),
            config,
            sessions: BTreeMap::new(),
            addresses: BTreeMap::new(),
            timer: None,
            heard_by: BTreeMap::new(),
            library,
            taken_from: None,
            alarm_link,
            exchanges: 0,
            processor: processor::Processor::default(),
            directory: back::DirectoryLink::default(),
        };
        server.desk.offer(server.offer());
        server
    }

    /// Sends alarms to another alarm manager from now on.
    fn route_alarms(&mut self, name: String) -> bool {
        self.alarm_link = Hl7Link::new(id::PUMP_SERVER, name, None);
        true
    }

    /// What pumps are offered. A server that holds the key signs whatever it offers; otherwise the library goes out as it was released.
    fn offer(&self) -> Option<SignedLibrary> {
        let released = self.library.clone()?;
        let own = self.config.signs_with.as_ref();
        let signature = own.map(|k| k.sign(released.library.digest()));
        Some(SignedLibrary {
            signature: signature.or(released.signature),
            library: released.library,
        })
    }

    fn say(&self, io: &mut Io<'_, '_>, stream: StreamId, message: PumpMessage) {
        if let Some(session) = self.sessions.get(&stream) {
            io.send(
                stream,
                session.channel.wrap(Message::Pump(Box::new(message))),
            );
        }
    }

    fn accepted(&mut self, stream: StreamId, port: u16, from: Ip, outside: Option<Channel>) {
        let channel = match self.config.tls.get(&port) {
            _ if outside.is_some() => outside.unwrap_or(Channel::Clear),
            Some(ask) => {
                let end = Server::new(self.config.credentials.clone(), *ask);
                Channel::Server(Box::new(end.from_version(self.minimum.at(from))))
            }
            None => Channel::Clear,
        };
        let portal = self.portal.as_ref().is_some_and(|p| p.config.port == port);
        self.sessions.insert(
            stream,
            Session {
                channel,
                pump: None,
                portal,
            },
        );
    }

    fn message(&mut self, io: &mut Io<'_, '_>, stream: StreamId, message: Message) {
        let at = io.calendar();
        self.exchanges += 1;
        let mut luck = io.cx.stream(LUCK, self.exchanges);
        let Some(session) = self.sessions.get_mut(&stream) else {
            return;
        };
        let portal = session.portal;
        let (event, flight, work) = match (&mut session.channel, message) {
            (Channel::Clear | Channel::Outside { .. }, Message::Pump(m)) if !portal => {
                return self.heard(io, stream, *m);
            }
            (Channel::Outside { .. }, Message::Portal(m)) if portal => {
                return self.at_portal(io, stream, *m);
            }
            (Channel::Server(tls), Message::Tls(m)) => {
                tls.handle_message(at, &mut luck, &m, self.status.revoked());
                (tls.poll_event(), tls.poll_transmit(), tls.work())
            }
            _ => return,
        };
        match (event, flight) {
            (Some(TlsEvent::Open), Some(_)) if self.lacks_list(io.cx.now(), stream) => {
                let fault = CertificateFault::StatusUnknown;
                self.turn_away(io, stream, fault, Tls::Alert { fault });
            }
            (Some(TlsEvent::Refused(fault)), Some(alert)) => {
                self.turn_away(io, stream, fault, alert);
            }
            (Some(TlsEvent::RefusedByPeer(_)), _) => {
                io.close(stream);
                self.sessions.remove(&stream);
            }
            (_, Some(flight)) => self.processor.compute(io, stream, flight, work),
            (Some(TlsEvent::Data(Message::Pump(m))), None) if !portal => {
                self.heard(io, stream, *m);
            }
            (Some(TlsEvent::Data(Message::Portal(m))), None) if portal => {
                self.at_portal(io, stream, *m);
            }
            (_, None) => {}
        }
    }

    /// Refuses who is at the other end of a stream, and closes it.
    fn turn_away(
        &mut self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        fault: CertificateFault,
        alert: Tls<Message>,
    ) {
        let peer = io.peer(stream);
        self.refused(io, peer, fault);
        io.send(stream, Message::Tls(Box::new(alert)));
        io.close(stream);
        self.sessions.remove(&stream);
    }

    /// Whether a handshake with a certificate ends in a refusal: the hospital wants a list for that, and there is none that is good.
    fn lacks_list(&self, now: Time, stream: StreamId) -> bool {
        let session = self.sessions.get(&stream);
        let shown = session.is_some_and(|s| match &s.channel {
            Channel::Server(tls) => tls.serial().is_some(),
            _ => false,
        });
        shown && self.status.lacking(now).is_some()
    }

    /// A list came: sessions end of those whose certificate turned out to be revoked, where the house wants that.
    fn expel(&mut self, io: &mut Io<'_, '_>) {
        if !self.status.expels() {
            return;
        }
        let revoked = |s: &Session| match &s.channel {
            Channel::Server(tls) => tls
                .serial()
                .is_some_and(|s| self.status.revoked().contains(&s)),
            _ => false,
        };
        let sessions = self.sessions.iter();
        let gone: Vec<StreamId> = sessions
            .filter(|(_, s)| revoked(s))
            .map(|(s, _)| *s)
            .collect();
        for stream in gone {
            let peer = io.peer(stream);
            self.refused(io, peer, CertificateFault::Revoked);
            io.close(stream);
            self.sessions.remove(&stream);
            self.desk.handle_gone(stream);
        }
    }

    fn heard(&mut self, io: &mut Io<'_, '_>, stream: StreamId, message: PumpMessage) {
        if let PumpMessage::Hello {
            pump,
            library_version,
            ..
        } = message
        {
            return self.hello(io, stream, &pump, library_version);
        }
        let Some(pump) = self.sessions.get(&stream).and_then(|s| s.pump) else {
            return;
        };
        self.heard_by.insert(pump, io.cx.as_cause());
        self.desk.handle_message(io.cx.now(), stream, pump, message);
        self.follow(io);
    }

    /// Does what the desk wants.
    fn follow(&mut self, io: &mut Io<'_, '_>) {
        let mut patients = Vec::new();
        while let Some(event) = self.desk.poll_event() {
            match event {
                DeskEvent::Status { pump, status } => {
                    io.cx.emit(MonitoringRecord::StatusStored { pump });
                    self.document(io, pump, &status);
                }
                DeskEvent::Logged {
                    pump,
                    number,
                    event,
                } => {
                    io.cx.emit(MonitoringRecord::LogStored { pump, number });
                    if let PumpLogEvent::Started { patient, .. } = event {
                        patients.push(patient);
                        self.clinical.patient_of(pump, patient);
                    }
                }
                DeskEvent::Alarm { pump, number, kind } => self.alarm(io, pump, number, kind),
                DeskEvent::Offered { pump, version } => {
                    let because = self.taken_from;
                    let offered = LibraryRecord::LibraryOffered { pump, version };
                    io.cx.emit_because(offered, because.as_slice());
                }
                DeskEvent::Answered { order, accepted } => {
                    self.order_answered(io, order, accepted);
                }
                DeskEvent::Silent(pump) => self.silent(io, pump),
                DeskEvent::SeenAgain(pump) => {
                    let name = io.cx.shared().names[pump.index()].clone();
                    self.alarm_link.send(io, Hl7::SeenAgain { pump: name });
                }
            }
        }
        while let Some((stream, message)) = self.desk.poll_transmit() {
            self.say(io, stream, message);
        }
        for patient in patients {
            self.keep_record(io, patient);
        }
        self.set_timer(io);
    }

    fn set_timer(&mut self, io: &mut Io<'_, '_>) {
        let due = self.desk.poll_timeout();
        if due == self.timer.map(|(due, _)| due) {
            return;
        }
        if let Some((_, timer)) = self.timer.take() {
            io.cx.cancel(timer);
        }
        if let Some((at, pump)) = due {
            let known = self.heard_by.get(&pump).copied();
            let cause = known.unwrap_or_else(|| io.cx.as_cause());
            let timer = io.timer_caused(id::PUMP_SERVER, at - io.cx.now(), 0, cause);
            self.timer = Some(((at, pump), timer));
        }
    }

    /// Passes an alarm on.
    fn alarm(&mut self, io: &mut Io<'_, '_>, pump: NodeId, number: u32, kind: AlarmKind) {
        io.cx.emit(AlarmRecord::AlarmTaken { pump, number });
        let name = io.cx.shared().names[pump.index()].clone();
        self.alarm_link.send(
            io,
            Hl7::Alarm {
                pump: name,
                number,
                kind,
            },
        );
    }

    /// A pump that was infusing has been silent for too long.
    fn silent(&mut self, io: &mut Io<'_, '_>, pump: NodeId) {
        if let Some(after) = self.config.last_seen_alert {
            io.cx.emit(AlarmRecord::DeadlinePassed {
                missing: Missing::PumpSeen { pump },
                after,
            });
        }
        let name = io.cx.shared().names[pump.index()].clone();
        self.alarm_link.send(io, Hl7::Silence { pump: name });
    }

    fn hello(&mut self, io: &mut Io<'_, '_>, stream: StreamId, name: &str, library_version: u32) {
        let Some(session) = self.sessions.get_mut(&stream) else {
            return;
        };
        let proven = match &session.channel {
            Channel::Server(tls) => tls.subject().is_none_or(|s| s == name),
            Channel::Outside { subject } => subject.as_ref().is_none_or(|s| s == name),
            _ => true,
        };
        let Some(pump) = io.cx.shared().node(name).filter(|_| proven) else {
            if !proven {
                let peer = io.peer(stream);
                self.refused(io, peer, CertificateFault::WrongName);
            }
            io.close(stream);
            self.sessions.remove(&stream);
            return;
        };
        session.pump = Some(pump);
        self.addresses.insert(pump, io.peer(stream));
        self.heard_by.insert(pump, io.cx.as_cause());
        self.desk.admit(io.cx.now(), stream, pump, library_version);
        self.follow(io);
    }

    /// Every pump with an older library is offered the one that is distributed now.
    fn offer_to_all(&mut self, io: &mut Io<'_, '_>) {
        let offer = self.offer();
        self.desk.offer(offer);
        self.follow(io);
    }

    /// A library is released: it is kept, and every pump with a session is offered it.
    pub fn publish(&mut self, io: &mut Io<'_, '_>, library: SignedLibrary, approved: bool) {
        let version = library.library.version;
        let published = LibraryRecord::LibraryPublished { version, approved };
        self.taken_from = Some(io.cx.emit(published));
        self.keep_released(io, &library);
        self.library = Some(library);
        self.offer_to_all(io);
    }
}

/// What is said of the sensor.
pub static STORE_MONITOR: Entry = Entry::plain(
    "store-monitor",
    "Integrity monitor of the library store",
    "Stands in a pump server: reads the stored library back at an interval and compares its digest with those that the portal released. \
         Sees neither who wrote nor what was released wrongly.",
);

/// The monitor of the store tells of an edit that was not released.
fn alert(io: &mut Io<'_, '_>, item: ItemId) {
    io.cx.emit(MonitoringRecord::Alert {
        sensor: STORE_MONITOR.id,
        item,
        about: "the stored drug library is none that was released here".to_owned(),
    });
}

/// A socket of the server has something to tell.
fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let Some(server) = node.get_mut::<PumpServer>() else {
        return;
    };
    if server.alarm_link.on_socket(io, &event) || server.clinical.on_socket(io, &event) {
        return;
    }
    match event {
        SocketEvent::Accepted { stream, port, .. } if port == HL7_PORT => {
            server.clinical.accepted(stream);
        }
        SocketEvent::Accepted { stream, port, .. } => {
            let (from, outside) = (io.peer(stream), io.channel(stream));
            server.accepted(stream, port, from, outside);
        }
        SocketEvent::Message { stream, message } => {
            if server.clinical.has(stream) {
                server.at_clinical_port(io, stream, *message);
            } else {
                server.message(io, stream, *message);
            }
        }
        SocketEvent::Untrusted { peer, fault, .. } => server.refused(io, peer, fault),
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => {
            server.sessions.remove(&stream);
            server.clinical.gone(stream);
            server.desk.handle_gone(stream);
        }
        _ => {}
    }
}

/// A timer of the server is due: a pump has been silent for too long, or a link is to be tried again.
fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let Some(server) = node.get_mut::<PumpServer>() else {
        return;
    };
    if token == TOKEN_LINK {
        server.alarm_link.on_timer(io);
        server.clinical.on_timer(io);
        return;
    }
    if token & processor::TOKEN_COMPUTED != 0 {
        let computed = server.processor.computed(token);
        if let Some((stream, flight)) = computed.filter(|(s, _)| server.sessions.contains_key(s)) {
            io.send(stream, Message::Tls(Box::new(flight)));
        }
        return;
    }
    if token & change::TOKEN_WATCHED != 0 {
        server.watched(io, token);
        return;
    }
    server.timer = None;
    server.desk.handle_timeout(io.cx.now());
    server.follow(io);
}

/// Switched on: sessions of before are gone, what is stored stays.
fn power_on(node: &mut NodeMut<'_>) {
    if let Some(server) = node.get_mut::<PumpServer>() {
        server.sessions.clear();
        server.desk.restart();
        server.timer = None;
        server.clinical.power_on();
        server.minimum.power_on();
        server.processor.power_on();
        server.status.power_on();
        if let Some(portal) = &mut server.portal {
            portal.power_on();
        }
        back::power_on(server);
        server.alarm_link.reset();
    }
}

/// What waited when the server was switched off is sent soon.
fn resume(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    if let Some(server) = node.get_mut::<PumpServer>() {
        server.alarm_link.resume(io);
        server.clinical.resume(io);
    }
}
