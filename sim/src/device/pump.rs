//! A pump's communication module: its session with a server, its log buffer, libraries and orders on their way to the bridge.

use super::host::Io;
use super::image::ImageChecks;
use crate::crypto::PublicKey;
use crate::engine::{EventId, NodeId, NodeMut, RecordId};
use crate::event::{BridgeMessage, LabEvent, Owner, Shown};
use crate::net::stack::{App, Listener, SocketEvent, StreamId};
use crate::proto::tls::{Channel, Client, Credentials, Step};
use crate::record::{LabRecord, LibraryFault, NoSession};
use crate::rng::Purpose;
use crate::spec::ItemId;
use crate::time::{Duration, Time};
use crate::wire::image::{Image, Load};
use crate::wire::pump::{LogEntry, PumpMessage, PumpStatus, SignedLibrary};
use crate::wire::syslog::LogKind;
use crate::wire::tls::TlsVersion;
use crate::wire::{Ip, Message};
use bevy_ecs::component::Component;

const LUCK: Purpose = Purpose::new("pump session");
const BRIDGE: Duration = Duration::from_millis(5);
const RETRY_MAX: Duration = Duration::from_secs(60);
const TOKEN_STATUS: u64 = 1 << 32;
const TOKEN_RETRY: u64 = 2 << 32;
const TOKEN_ANSWER: u64 = 3 << 32;
/// Time in which whoever accepted the stream must have welcomed the pump \[A\]; a session that hangs before that is given up.
const ANSWER: Duration = Duration::from_secs(30);
const QUERY_SERVER: u32 = 1;
/// Time until a local port has shown what became of what was plugged in \[A\].
const LOADING: Duration = Duration::from_secs(20);

/// Configuration of a communication module.
#[derive(Clone, Debug)]
pub struct CommsConfig {
    /// Own name.
    pub name: String,
    /// DNS name of the server.
    pub server: String,
    /// Port of the server.
    pub port: u16,
    /// Whether the session is by TLS; whether the server's certificate is checked; item.
    pub tls: Option<bool>,
    /// Highest version of TLS that it can do.
    pub tls_max: TlsVersion,
    /// Item of the session's protection.
    pub session_item: ItemId,
    /// Certificate, key, trust.
    pub credentials: Credentials,
    /// Key whose signature a library must carry.
    pub authority: Option<PublicKey>,
    /// Item of the library check.
    pub check_item: ItemId,
    /// Interval of status messages while infusing and while idle.
    pub status: (Duration, Duration),
    /// Whether the log is kept while offline.
    pub buffered: bool,
    /// How firmware and calibration are checked.
    pub images: ImageChecks,
    /// Whether the local port takes anything; item.
    pub local_port: (ItemId, bool),
}

#[derive(Clone, Debug)]
enum Session {
    Offline,
    Resolving,
    Connecting(StreamId),
    Handshake(StreamId, Channel),
    Hello(StreamId, Channel),
    Online(StreamId, Channel),
}

/// Why a pump has no session with a server; empty while it has one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outage {
    /// The record of what cut communication off, or else of the module's start.
    pub cut_off: Option<RecordId>,
    /// The record of the latest loss of the network since.
    pub link: Option<RecordId>,
    /// The record of the latest attempt since that failed.
    pub unreached: Option<RecordId>,
    /// The record of the beginning of the latest attempt since.
    pub sought: Option<RecordId>,
    /// The record of the beginning of a search for an address that has found none.
    pub address: Option<RecordId>,
}

impl Outage {
    /// An outage that this record began.
    #[must_use]
    pub fn since(cut_off: RecordId) -> Self {
        Self {
            cut_off: Some(cut_off),
            link: None,
            unreached: None,
            sought: None,
            address: None,
        }
    }

    /// The same outage, during which the host looks for an address.
    #[must_use]
    pub fn without_address(mut self, sought: Option<RecordId>) -> Self {
        self.address = sought.filter(|_| self.cut_off.is_some());
        self
    }

    /// Its records.
    pub fn records(self) -> impl Iterator<Item = RecordId> {
        let records = [
            self.cut_off,
            self.link,
            self.unreached,
            self.sought,
            self.address,
        ];
        records.into_iter().flatten()
    }
}

/// The communication module.
#[derive(Component, Clone, Debug)]
pub struct PumpComms {
    config: CommsConfig,
    session: Session,
    attempts: u64,
    failures: u32,
    epoch: u64,
    status: PumpStatus,
    log: Vec<LogEntry>,
    next_entry: u32,
    alarms: Vec<(u32, crate::clinical::delivery::AlarmKind)>,
    began: EventId,
    stored_version: u32,
    outage: Outage,
    /// The event since which it tries to have a session: why it tries again and again.
    trying_since: EventId,
    /// Records of the attempts that failed since then: without one there had been no next.
    tried: Vec<RecordId>,
    last_stored: Option<RecordId>,
    offered_by: Option<RecordId>,
    up: bool,
    since: Time,
}

impl PumpComms {
    /// A module that is off, with a library of this version active in the pump.
    #[must_use]
    pub fn new(config: CommsConfig, library_version: u32) -> Self {
        Self {
            config,
            session: Session::Offline,
            attempts: 0,
            failures: 0,
            epoch: 0,
            status: PumpStatus {
                infusing: false,
                rate_ml_per_h: 0.0,
                infused_ml: 0.0,
                library_version,
            },
            log: Vec::new(),
            next_entry: 1,
            alarms: Vec::new(),
            began: EventId::GENESIS,
            stored_version: library_version,
            outage: Outage::default(),
            trying_since: EventId::GENESIS,
            tried: Vec::new(),
            last_stored: None,
            offered_by: None,
            up: false,
            since: Time::ZERO,
        }
    }

    /// Why there is no session.
    #[must_use]
    pub fn outage(&self) -> Outage {
        self.outage
    }

    /// The record of the last library or order that was taken from the network.
    #[must_use]
    pub fn last_stored(&self) -> Option<RecordId> {
        self.last_stored
    }

    /// Whether there is a session with a server.
    #[must_use]
    pub fn online(&self) -> bool {
        matches!(self.session, Session::Online(..))
    }

    fn connecting(&self, stream: StreamId) -> bool {
        matches!(self.session, Session::Connecting(s) if s == stream)
    }

    /// The module failed for good.
    pub fn failed(&mut self, record: RecordId) {
        self.outage = Outage::since(record);
        self.session = Session::Offline;
    }

    fn start(&mut self, io: &mut Io<'_, '_>) {
        self.attempts += 1;
        self.epoch += 1;
        io.timer(
            Owner::PumpComms,
            ANSWER,
            TOKEN_ANSWER | self.epoch & 0xFFFF_FFFF,
        );
        self.session = Session::Resolving;
        self.outage.sought = Some(io.cx.emit(LabRecord::ServerSought));
        let server = self.config.server.clone();
        match server.parse::<Ip>() {
            Ok(ip) => {
                let stream = io.connect(App::Pump, (ip, self.config.port));
                self.session = Session::Connecting(stream);
            }
            Err(_) => io.resolve(App::Pump, QUERY_SERVER, &server),
        }
    }

    /// Gives it another certificate.
    pub fn renew(&mut self, credentials: Credentials) {
        self.config.credentials = credentials;
    }

    /// There is no session, because of what was met with on the way to one, if it was sought.
    fn retry(&mut self, io: &mut Io<'_, '_>, met: Option<NoSession>) {
        if self.online() {
            self.outage = Outage::since(io.cx.emit(LabRecord::ServerSessionLost));
            self.trying_since = io.cx.event();
            self.tried.clear();
        } else if let Some(why) = met.filter(|_| self.trying_since != io.cx.event()) {
            // What ended a session at this very moment is told as its loss.
            let taught = match why {
                NoSession::Name => io.network.stack.name_server_taught_by(),
                _ => None,
            };
            let unreached = LabRecord::ServerUnreached { why };
            let record = io.cx.emit_because(unreached, taught.as_slice());
            self.tried.push(record);
            if why == NoSession::Link {
                self.outage.link = Some(record);
                (self.outage.unreached, self.outage.sought) = (None, None);
            } else {
                self.outage.unreached = Some(record);
            }
        }
        self.session = Session::Offline;
        if !self.up {
            return;
        }
        self.failures += 1;
        self.epoch += 1;
        let pause = (Duration::from_secs(5) * (1u64 << self.failures.min(4))).min(RETRY_MAX);
        let jitter = io.cx.stream(LUCK, self.attempts << 8).unit_f64();
        let pause = Duration::from_secs_f64(pause.as_secs_f64() * (0.75 + 0.5 * jitter));
        let token = TOKEN_RETRY | self.epoch & 0xFFFF_FFFF;
        io.timer_caused(Owner::PumpComms, pause, token, self.trying_since);
    }

    /// Nobody welcomed the pump in time: a server that takes the stream and says nothing is no server.
    fn give_up(&mut self, io: &mut Io<'_, '_>) {
        let (Session::Connecting(stream)
        | Session::Handshake(stream, _)
        | Session::Hello(stream, _)) = self.session
        else {
            return;
        };
        io.close(stream);
        self.retry(io, Some(NoSession::Welcome));
    }

    fn opened(&mut self, io: &mut Io<'_, '_>, stream: StreamId) {
        match self.config.tls {
            None => self.hello(io, stream, Channel::Clear),
            Some(check) => {
                let mut luck = io.cx.stream(LUCK, self.attempts << 8 | 1);
                let expect = check.then(|| self.config.server.clone());
                let (client, hello) = Client::start_up_to(
                    &mut luck,
                    self.config.credentials.clone(),
                    expect,
                    self.config.tls_max,
                );
                io.send(stream, Message::Tls(Box::new(hello)));
                self.session = Session::Handshake(stream, Channel::Client(Box::new(client)));
            }
        }
    }

    fn hello(&mut self, io: &mut Io<'_, '_>, stream: StreamId, channel: Channel) {
        let log_from = self.log.first().map_or(self.next_entry, |e| e.number);
        let hello = PumpMessage::Hello {
            pump: self.config.name.clone(),
            library_version: self.status.library_version,
            log_from,
        };
        io.send(stream, channel.wrap(Message::Pump(Box::new(hello))));
        self.session = Session::Hello(stream, channel);
    }

    fn say(&self, io: &mut Io<'_, '_>, message: PumpMessage) -> bool {
        if let Session::Online(stream, channel) = &self.session {
            io.send(*stream, channel.wrap(Message::Pump(Box::new(message))));
            return true;
        }
        false
    }

    fn message(&mut self, io: &mut Io<'_, '_>, stream: StreamId, message: Message) {
        let at = io.calendar();
        let tls = match &message {
            Message::Tls(tls) => Some(tls),
            _ => None,
        };
        match (&mut self.session, tls) {
            (Session::Handshake(_, Channel::Client(client)), Some(tls)) => {
                let step = client.handle(tls, at);
                self.handshake(io, stream, step);
            }
            (
                Session::Hello(_, Channel::Client(client))
                | Session::Online(_, Channel::Client(client)),
                Some(tls),
            ) => {
                if let Step::Data(Message::Pump(m)) = client.handle(tls, at) {
                    self.heard(io, stream, *m);
                }
            }
            (Session::Hello(_, Channel::Clear) | Session::Online(_, Channel::Clear), None) => {
                if let Message::Pump(m) = message {
                    self.heard(io, stream, *m);
                }
            }
            _ => {}
        }
    }

    fn handshake(&mut self, io: &mut Io<'_, '_>, stream: StreamId, step: Step) {
        match step {
            Step::Send(m) | Step::SendDone(m) => io.send(stream, Message::Tls(Box::new(m))),
            Step::Done => {
                if let Session::Handshake(stream, channel) =
                    std::mem::replace(&mut self.session, Session::Offline)
                {
                    self.hello(io, stream, channel);
                }
            }
            Step::Refuse(fault, alert) => {
                let (peer, item) = (io.peer(stream), self.config.session_item);
                io.cx.emit(LabRecord::SessionRefused { peer, fault, item });
                io.log(LogKind::SessionRefused, Some(peer), 0);
                io.send(stream, Message::Tls(Box::new(alert)));
                io.close(stream);
                self.retry(io, Some(NoSession::Welcome));
            }
            Step::Refused(_) => {
                io.close(stream);
                self.retry(io, Some(NoSession::Welcome));
            }
            Step::Data(_) | Step::Ignore => {}
        }
    }

    fn heard(&mut self, io: &mut Io<'_, '_>, stream: StreamId, message: PumpMessage) {
        match message {
            PumpMessage::Welcome { .. } => self.welcome(io, stream),
            PumpMessage::AlarmTaken { number } => {
                self.alarms.retain(|(n, _)| *n != number);
                bridge(io, BridgeMessage::AlarmTaken { number });
            }
            PumpMessage::LogTaken { through } => self.log.retain(|e| e.number > through),
            PumpMessage::LibraryOffer(library) => {
                let version = library.library.version;
                let from = io.peer(stream);
                let accepted = self.offered(io, from, library);
                self.say(io, PumpMessage::LibraryAnswer { version, accepted });
            }
            PumpMessage::ImageOffer(image) => {
                let from = io.peer(stream);
                let accepted = self.image_offered(io, image, from);
                self.say(io, PumpMessage::ImageAnswer { accepted });
            }
            PumpMessage::Order(order) => {
                let number = order.id;
                self.ordered(io, order);
                self.say(
                    io,
                    PumpMessage::OrderAnswer {
                        order: number,
                        accepted: true,
                    },
                );
            }
            _ => {}
        }
    }

    fn welcome(&mut self, io: &mut Io<'_, '_>, stream: StreamId) {
        let Session::Hello(s, channel) = std::mem::replace(&mut self.session, Session::Offline)
        else {
            return;
        };
        let (peer, protected) = (io.peer(stream), channel.protected());
        let via = io.network.stack.next_hop(peer);
        let session = LabRecord::ServerSession {
            peer,
            via,
            protected,
        };
        let opened = io.cx.emit_because(session, &self.tried);
        self.tried.clear();
        self.offered_by = Some(opened);
        self.session = Session::Online(s, channel);
        self.failures = 0;
        self.outage = Outage::default();
        self.began = io.cx.event();
        self.since = io.cx.now();
        self.upload(io);
        for (number, kind) in self.alarms.clone() {
            self.say(io, PumpMessage::Alarm { number, kind });
        }
        self.report(io);
    }

    /// Sends a status message and sets the timer for the next.
    fn report(&mut self, io: &mut Io<'_, '_>) {
        let status = self.status;
        if self.say(io, PumpMessage::Status(status)) {
            self.epoch += 1;
            let every = if status.infusing {
                self.config.status.0
            } else {
                self.config.status.1
            };
            io.timer_caused(
                Owner::PumpComms,
                every,
                TOKEN_STATUS | self.epoch & 0xFFFF_FFFF,
                self.began,
            );
        }
    }

    fn upload(&mut self, io: &mut Io<'_, '_>) {
        if !self.log.is_empty() {
            let entries = self.log.clone();
            self.say(io, PumpMessage::Log { entries });
        }
    }

    /// A library is offered by whoever is at the other end; the check decides.
    fn offered(&mut self, io: &mut Io<'_, '_>, from: Ip, offer: SignedLibrary) -> bool {
        let (version, item) = (offer.library.version, self.config.check_item);
        let because = self.offered_by;
        let fault = match self.config.authority {
            Some(_) if offer.signature.is_none() => Some(LibraryFault::Unsigned),
            Some(key) if !offer.verifies(key) => Some(LibraryFault::BadSignature),
            _ if version <= self.stored_version => Some(LibraryFault::NotNewer),
            _ => None,
        };
        if let Some(why) = fault {
            io.cx.emit_because(
                LabRecord::LibraryRefused {
                    version,
                    from,
                    why,
                    item,
                },
                because.as_slice(),
            );
            io.log(LogKind::LibraryRefused, Some(from), 0);
            return false;
        }
        let digest = offer.library.digest();
        self.stored_version = version;
        let stored = LabRecord::LibraryStored {
            version,
            digest,
            from,
        };
        self.last_stored = Some(io.cx.emit_because(stored, because.as_slice()));
        bridge(io, BridgeMessage::ActivateLibrary(offer));
        true
    }

    /// Firmware or calibration is offered; the check decides.
    fn image_offered(&mut self, io: &mut Io<'_, '_>, image: Image, from: Ip) -> bool {
        let because = self.offered_by;
        let stored = self
            .config
            .images
            .offered(io, &image, from, because.as_slice());
        if let Some(stored) = stored {
            self.last_stored = Some(stored);
            bridge(io, BridgeMessage::Install(image));
        }
        stored.is_some()
    }

    /// The name or address of the server is another one from now on.
    pub fn set_server(&mut self, io: &mut Io<'_, '_>, server: String) {
        self.config.server = server;
        match &self.session {
            Session::Connecting(s)
            | Session::Handshake(s, _)
            | Session::Hello(s, _)
            | Session::Online(s, _) => {
                let stream = *s;
                io.close(stream);
            }
            Session::Offline | Session::Resolving => {}
        }
        self.retry(io, None);
    }

    fn ordered(&mut self, io: &mut Io<'_, '_>, order: crate::clinical::order::InfusionOrder) {
        let (number, rate_ml_per_h) = (order.id, order.rate_ml_per_h);
        let because = self.offered_by;
        let record = LabRecord::OrderAtPump {
            order: number,
            rate_ml_per_h,
        };
        self.last_stored = Some(io.cx.emit_because(record, because.as_slice()));
        bridge(io, BridgeMessage::PresentOrder(order));
    }

    fn delivery_said(&mut self, io: &mut Io<'_, '_>, message: BridgeMessage) {
        match message {
            BridgeMessage::Progress {
                infusing,
                rate_ml_per_h,
                infused_ml,
            } => {
                let changed = infusing != self.status.infusing;
                self.status = PumpStatus {
                    infusing,
                    rate_ml_per_h,
                    infused_ml,
                    ..self.status
                };
                if changed {
                    self.report(io);
                }
            }
            BridgeMessage::Log(event) => {
                let entry = LogEntry {
                    number: self.next_entry,
                    event,
                };
                self.next_entry += 1;
                if self.online() {
                    self.log.push(entry.clone());
                    self.say(
                        io,
                        PumpMessage::Log {
                            entries: vec![entry],
                        },
                    );
                } else if self.config.buffered {
                    self.log.push(entry);
                }
            }
            BridgeMessage::Alarm { number, kind } => {
                self.alarms.push((number, kind));
                self.say(io, PumpMessage::Alarm { number, kind });
            }
            BridgeMessage::Installed { backdoor } => io
                .network
                .stack
                .listen(Listener::of_role(backdoor, App::Telnet)),
            BridgeMessage::LibraryActive { version } => {
                self.status.library_version = version;
                self.say(io, PumpMessage::LibraryActive { version });
            }
            _ => {}
        }
    }
}

fn bridge(io: &mut Io<'_, '_>, message: BridgeMessage) {
    io.cx
        .after(BRIDGE, io.cx.node(), LabEvent::Bridge(Box::new(message)));
}

/// A socket of the session has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let Some(pump) = node.get_mut::<PumpComms>() else {
        return;
    };
    match event {
        SocketEvent::Up => {
            pump.up = true;
            pump.failures = 0;
            pump.trying_since = io.cx.event();
            pump.tried.clear();
            if matches!(pump.session, Session::Offline) {
                pump.start(io);
            }
        }
        SocketEvent::Down => {
            pump.up = false;
            pump.retry(io, Some(NoSession::Link));
        }
        SocketEvent::Resolved { ip: Some(ip), .. }
            if matches!(pump.session, Session::Resolving) =>
        {
            pump.session = Session::Connecting(io.connect(App::Pump, (ip, pump.config.port)));
        }
        SocketEvent::Resolved { ip: None, .. } => pump.retry(io, Some(NoSession::Name)),
        SocketEvent::Opened(stream) => pump.opened(io, stream),
        SocketEvent::Message { stream, message } => pump.message(io, stream, *message),
        SocketEvent::Failed {
            stream,
            refused: true,
        } if pump.connecting(stream) => {
            if pump.config.tls.is_some() {
                let item = pump.config.session_item;
                io.cx.emit(LabRecord::StaysProtected { item });
            }
            pump.retry(io, Some(NoSession::Stream));
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => {
            let current = match &pump.session {
                Session::Connecting(s)
                | Session::Handshake(s, _)
                | Session::Hello(s, _)
                | Session::Online(s, _) => Some(*s),
                Session::Offline | Session::Resolving => None,
            };
            if current == Some(stream) {
                pump.retry(io, Some(NoSession::Stream));
            }
        }
        _ => {}
    }
}

/// A socket of the service that takes libraries and orders from whoever connects has something to tell.
pub fn on_push(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let SocketEvent::Message { stream, message } = event else {
        return;
    };
    let Message::Pump(message) = *message else {
        return;
    };
    let Some(pump) = node.get_mut::<PumpComms>() else {
        return;
    };
    // Whoever connects is believed: no session record stands behind the offer, the stream itself is the cause.
    let before = pump.offered_by.take();
    let answer = match *message {
        PumpMessage::LibraryOffer(library) => {
            let version = library.library.version;
            let from = io.peer(stream);
            let accepted = pump.offered(io, from, library);
            Some(PumpMessage::LibraryAnswer { version, accepted })
        }
        PumpMessage::ImageOffer(image) => {
            let from = io.peer(stream);
            let accepted = pump.image_offered(io, image, from);
            Some(PumpMessage::ImageAnswer { accepted })
        }
        PumpMessage::Order(order) => {
            let number = order.id;
            pump.ordered(io, order);
            Some(PumpMessage::OrderAnswer {
                order: number,
                accepted: true,
            })
        }
        _ => None,
    };
    pump.offered_by = before;
    if let Some(answer) = answer {
        io.send(stream, Message::Pump(Box::new(answer)));
    }
}

/// Something is brought to the local port.
pub fn on_plug(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, by: NodeId, load: Load) {
    let Some(pump) = node.get_mut::<PumpComms>() else {
        return;
    };
    let (item, open) = pump.config.local_port;
    let mut shown = Shown::TookNothing;
    if open {
        let plugged = io.cx.emit(LabRecord::Plugged { by });
        let before = pump.offered_by.replace(plugged);
        let taken = match load {
            Load::Library(library) => pump.offered(io, Ip::UNSPECIFIED, library),
            Load::Image(image) => pump.image_offered(io, image, Ip::UNSPECIFIED),
        };
        pump.offered_by = before;
        if taken {
            shown = Shown::Took;
        }
    } else {
        io.cx.emit(LabRecord::PortClosed { by, item });
    }
    io.cx.after(LOADING, by, LabEvent::Shown(shown));
}

/// A timer of the module is due.
pub fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let Some(pump) = node.get_mut::<PumpComms>() else {
        return;
    };
    if token & 0xFFFF_FFFF != pump.epoch & 0xFFFF_FFFF {
        return;
    }
    match token & !0xFFFF_FFFF {
        TOKEN_STATUS => pump.report(io),
        TOKEN_RETRY if matches!(pump.session, Session::Offline) && pump.up => pump.start(io),
        TOKEN_ANSWER => pump.give_up(io),
        _ => {}
    }
}

/// A message of the delivery controller crossed the bridge.
pub fn on_bridge(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, message: BridgeMessage) {
    if let Some(pump) = node.get_mut::<PumpComms>() {
        pump.delivery_said(io, message);
    }
}

/// A message of the delivery controller while the module is down: the log, where it is kept, and unconfirmed alarms wait in the pump.
pub fn on_bridge_while_down(node: &mut NodeMut<'_>, message: BridgeMessage) {
    let Some(pump) = node.get_mut::<PumpComms>() else {
        return;
    };
    match message {
        BridgeMessage::Progress {
            infusing,
            rate_ml_per_h,
            infused_ml,
        } => {
            pump.status = PumpStatus {
                infusing,
                rate_ml_per_h,
                infused_ml,
                ..pump.status
            };
        }
        BridgeMessage::Log(event) => {
            let number = pump.next_entry;
            pump.next_entry += 1;
            if pump.config.buffered {
                pump.log.push(LogEntry { number, event });
            }
        }
        BridgeMessage::Alarm { number, kind } => pump.alarms.push((number, kind)),
        BridgeMessage::LibraryActive { version } => pump.status.library_version = version,
        _ => {}
    }
}

/// Switched on: there is no session yet; the log and unconfirmed alarms are kept in the module's storage.
pub fn power_on(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    if let Some(pump) = node.get_mut::<PumpComms>() {
        pump.outage = Outage::since(io.cx.emit(LabRecord::CommunicationStarted));
        pump.session = Session::Offline;
        pump.up = false;
        pump.failures = 0;
        pump.epoch += 1;
    }
}
