//! A pump's communication module: its session with a server, its log buffer, libraries and orders on their way to the bridge.

use super::host::Io;
use super::image::ImageChecks;
use crate::crypto::{CertificateFault, PublicKey};
use crate::device::id;
use crate::engine::{Cause, EventId, NodeId, NodeMut, RecordId};
use crate::event::{BridgeMessage, LabEvent, Shown};
use crate::net::stack::{Listener, SocketEvent, StreamId};
use crate::proto::pump::link::{Due, LinkConfig, LinkEvent, PumpLink};
use crate::proto::tls::{Channel, Client, ClientConfig, Credentials, TlsEvent};
use crate::record::{
    BedsideRecord, HostRecord, LibraryFault, LibraryRecord, NoSession, SessionRecord, TherapyRecord,
};
use crate::rng::Purpose;
use crate::spec::ItemId;
use crate::time::{Duration, Time};
use crate::wire::image::{Image, Load};
use crate::wire::pump::{PumpMessage, SignedLibrary};
use crate::wire::syslog::LogKind;
use crate::wire::tls::{Tls, TlsVersion};
use crate::wire::{Ip, Message};
use bevy_ecs::component::Component;

const LUCK: Purpose = Purpose::new("pump session");
const BRIDGE: Duration = Duration::from_millis(5);
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
    /// How many times longer its processor takes than the one that was measured.
    pub processor_factor: f64,
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

/// What carries the session.
#[derive(Clone, Debug)]
enum Carrier {
    None,
    Resolving,
    Connecting(StreamId),
    Handshake(StreamId, Channel),
    Open(StreamId, Channel),
}

impl Carrier {
    fn stream(&self) -> Option<StreamId> {
        match self {
            Self::None | Self::Resolving => None,
            Self::Connecting(s) | Self::Handshake(s, _) | Self::Open(s, _) => Some(*s),
        }
    }
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
    /// The record of the beginning of a search for a network that has found none.
    pub network: Option<RecordId>,
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
            network: None,
        }
    }

    /// The same outage, during which the host looks for an address or a network.
    #[must_use]
    pub fn without(mut self, address: Option<RecordId>, network: Option<RecordId>) -> Self {
        let lasts = self.cut_off.is_some();
        self.address = address.filter(|_| lasts);
        self.network = network.filter(|_| lasts);
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
            self.network,
        ];
        records.into_iter().flatten()
    }
}

/// The communication module.
#[derive(Component, Clone, Debug)]
pub struct PumpComms {
    config: CommsConfig,
    link: PumpLink,
    carrier: Carrier,
    /// A flight of the handshake that its processor is computing, and the number of that work.
    computing: Option<(u64, StreamId, Tls<Message>)>,
    computed: u64,
    /// The timer that is set for the link, and what for.
    timer: Option<(Time, Due, EventId)>,
    /// The event that opened the session.
    began: Cause,
    stored_version: u32,
    outage: Outage,
    /// The event since which it tries to have a session: why it tries again and again.
    trying_since: Cause,
    /// Records of the attempts that failed since then: without one there had been no next.
    tried: Vec<RecordId>,
    last_stored: Option<RecordId>,
    offered_by: Option<RecordId>,
}

impl PumpComms {
    /// A module that is off, with a library of this version active in the pump.
    #[must_use]
    pub fn new(config: CommsConfig, library_version: u32) -> Self {
        let link = LinkConfig {
            name: config.name.clone(),
            status: config.status,
            buffered: config.buffered,
        };
        Self {
            config,
            link: PumpLink::new(link, library_version),
            carrier: Carrier::None,
            computing: None,
            computed: 0,
            timer: None,
            began: Cause::GENESIS,
            stored_version: library_version,
            outage: Outage::default(),
            trying_since: Cause::GENESIS,
            tried: Vec::new(),
            last_stored: None,
            offered_by: None,
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

    /// The session, to look at.
    #[must_use]
    pub fn link(&self) -> &PumpLink {
        &self.link
    }

    /// Whether there is a session with a server.
    #[must_use]
    pub fn online(&self) -> bool {
        self.link.online()
    }

    /// The module failed.
    pub fn failed(&mut self, record: RecordId) {
        self.outage = Outage::since(record);
        self.link.stop();
        self.carrier = Carrier::None;
    }

    /// Gives it another certificate.
    pub fn renew(&mut self, credentials: Credentials) {
        self.config.credentials = credentials;
    }

    /// Spreads the next attempt.
    fn jitter(&self, io: &Io<'_, '_>) -> f64 {
        io.cx.stream(LUCK, self.link.attempts() << 8).unit_f64()
    }

    /// Does what the link wants.
    fn follow(&mut self, io: &mut Io<'_, '_>) {
        while let Some(event) = self.link.poll_event() {
            match event {
                LinkEvent::Connect => self.connect(io),
                LinkEvent::Close => {
                    self.close(io);
                    self.unreached(io, NoSession::Welcome);
                }
                LinkEvent::Online => self.opened_session(io),
                LinkEvent::Lost => {
                    self.outage = Outage::since(io.cx.emit(SessionRecord::ServerSessionLost));
                    self.trying_since = io.cx.as_cause();
                    self.tried.clear();
                }
                LinkEvent::AlarmTaken { number } => {
                    bridge(io, BridgeMessage::AlarmTaken { number });
                }
                LinkEvent::Library(library) => {
                    let (version, from) = (library.library.version, self.peer(io));
                    let accepted = self.offered(io, from, library);
                    self.link.answer_library(version, accepted);
                }
                LinkEvent::Image(image) => {
                    let from = self.peer(io);
                    let accepted = self.image_offered(io, image, from);
                    self.link.answer_image(accepted);
                }
                LinkEvent::Order(order) => self.ordered(io, order),
            }
        }
        while let Some(message) = self.link.poll_transmit() {
            if let Carrier::Open(stream, channel) = &self.carrier {
                io.send(*stream, channel.wrap(Message::Pump(Box::new(message))));
            }
        }
        self.set_timer(io);
    }

    fn set_timer(&mut self, io: &mut Io<'_, '_>) {
        let due = self.link.poll_timeout();
        if due == self.timer.map(|(at, due, _)| (at, due)) {
            return;
        }
        if let Some((_, _, timer)) = self.timer.take() {
            io.cx.cancel(timer);
        }
        if let Some((at, due)) = due {
            // Reports go on because there is a session, not because of the last report.
            let cause = match due {
                Due::Report => self.began,
                Due::Retry => self.trying_since,
                Due::Welcome => io.cx.as_cause(),
            };
            let timer = io.timer_caused(id::PUMP_COMMS, at - io.cx.now(), 0, cause);
            self.timer = Some((at, due, timer));
        }
    }

    fn peer(&self, io: &Io<'_, '_>) -> Ip {
        let stream = self.carrier.stream();
        stream.map_or(Ip::UNSPECIFIED, |s| io.peer(s))
    }

    fn connect(&mut self, io: &mut Io<'_, '_>) {
        self.carrier = Carrier::Resolving;
        self.outage.sought = Some(io.cx.emit(SessionRecord::ServerSought));
        let server = self.config.server.clone();
        match server.parse::<Ip>() {
            Ok(ip) => {
                let stream = io.connect(id::PUMP_COMMS, (ip, self.config.port));
                self.carrier = Carrier::Connecting(stream);
            }
            Err(_) => io.resolve(id::PUMP_COMMS, QUERY_SERVER, &server),
        }
    }

    fn close(&mut self, io: &mut Io<'_, '_>) {
        if let Some(stream) = self.carrier.stream() {
            io.close(stream);
        }
        self.carrier = Carrier::None;
    }

    /// The way to a session ended here, if there was none; what ends one at this very moment is told as its loss.
    fn unreached(&mut self, io: &mut Io<'_, '_>, why: NoSession) {
        if self.link.online() || self.trying_since.event() == io.cx.event() {
            return;
        }
        let taught = match why {
            NoSession::Name => io.network.stack.name_server_taught_by(),
            _ => None,
        };
        let unreached = SessionRecord::ServerUnreached { why };
        let record = io.cx.emit_because(unreached, taught.as_slice());
        self.tried.push(record);
        if why == NoSession::Link {
            self.outage.link = Some(record);
            (self.outage.unreached, self.outage.sought) = (None, None);
        } else {
            self.outage.unreached = Some(record);
        }
    }

    /// What carried the session is gone, because of what was met with on the way to one, if it was sought.
    fn gone(&mut self, io: &mut Io<'_, '_>, met: Option<NoSession>) {
        self.carrier = Carrier::None;
        if let Some(why) = met {
            self.unreached(io, why);
        }
        let jitter = self.jitter(io);
        self.link.handle_gone(io.cx.now(), jitter);
        self.follow(io);
    }

    fn opened(&mut self, io: &mut Io<'_, '_>, stream: StreamId) {
        if let Some(channel) = io.channel(stream) {
            return self.ready(io, stream, channel);
        }
        match self.config.tls {
            None => self.ready(io, stream, Channel::Clear),
            Some(check) => {
                let mut luck = io.cx.stream(LUCK, self.link.attempts() << 8 | 1);
                let expect = check.then(|| self.config.server.clone());
                let config = ClientConfig {
                    credentials: self.config.credentials.clone(),
                    expect,
                    highest: self.config.tls_max,
                    ticket: None,
                };
                let mut client = Client::start(&mut luck, config);
                let (hello, work) = (client.poll_transmit(), client.work());
                self.carrier = Carrier::Handshake(stream, Channel::Client(Box::new(client)));
                if let Some(hello) = hello {
                    self.compute(io, stream, hello, work);
                }
            }
        }
    }

    /// Sends a flight of the handshake when the processor has computed it: `work` is what it takes on the machine that was measured.
    fn compute(
        &mut self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        flight: Tls<Message>,
        work: Duration,
    ) {
        let work = work.scaled(self.config.processor_factor);
        if work.is_zero() {
            return io.send(stream, Message::Tls(Box::new(flight)));
        }
        self.computed += 1;
        self.computing = Some((self.computed, stream, flight));
        io.timer(id::PUMP_COMMS, work, self.computed);
    }

    /// The processor has done the work of this number. Nobody waits for it where the stream is gone meanwhile.
    fn computed(&mut self, io: &mut Io<'_, '_>, number: u64) {
        let Some((_, stream, flight)) = self.computing.take_if(|(n, ..)| *n == number) else {
            return;
        };
        if matches!(self.carrier, Carrier::Handshake(s, _) if s == stream) {
            io.send(stream, Message::Tls(Box::new(flight)));
        }
    }

    fn ready(&mut self, io: &mut Io<'_, '_>, stream: StreamId, channel: Channel) {
        self.carrier = Carrier::Open(stream, channel);
        self.link.handle_open();
        self.follow(io);
    }

    fn message(&mut self, io: &mut Io<'_, '_>, stream: StreamId, message: Message) {
        let at = io.calendar();
        match (&mut self.carrier, message) {
            (Carrier::Handshake(s, Channel::Client(client)), Message::Tls(tls)) if *s == stream => {
                client.handle_message(at, &tls);
                let step = (client.poll_event(), client.poll_transmit());
                let work = client.work();
                self.handshake(io, stream, step, work);
            }
            (Carrier::Open(s, Channel::Client(client)), Message::Tls(tls)) if *s == stream => {
                client.handle_message(at, &tls);
                if let Some(TlsEvent::Data(Message::Pump(m))) = client.poll_event() {
                    self.heard(io, *m);
                }
            }
            (Carrier::Open(s, Channel::Clear | Channel::Outside { .. }), Message::Pump(m))
                if *s == stream =>
            {
                self.heard(io, *m);
            }
            _ => {}
        }
    }

    fn heard(&mut self, io: &mut Io<'_, '_>, message: PumpMessage) {
        self.link.handle_message(io.cx.now(), message);
        self.follow(io);
    }

    /// The handshake went on: what happened, and the flight that is to be sent.
    fn handshake(
        &mut self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        step: (Option<TlsEvent>, Option<Tls<Message>>),
        work: Duration,
    ) {
        match step {
            (Some(TlsEvent::Refused(fault)), alert) => {
                self.refused(io, io.peer(stream), fault);
                if let Some(alert) = alert {
                    io.send(stream, Message::Tls(Box::new(alert)));
                }
                io.close(stream);
                self.gone(io, Some(NoSession::Welcome));
            }
            (Some(TlsEvent::RefusedByPeer(_)), _) => {
                io.close(stream);
                self.gone(io, Some(NoSession::Welcome));
            }
            (_, Some(flight)) => self.compute(io, stream, flight, work),
            (Some(TlsEvent::Open), None) => {
                if let Carrier::Handshake(stream, channel) =
                    std::mem::replace(&mut self.carrier, Carrier::None)
                {
                    self.ready(io, stream, channel);
                }
            }
            (Some(TlsEvent::Data(_)) | None, None) => {}
        }
    }

    /// This end does not believe the other.
    fn refused(&self, io: &mut Io<'_, '_>, peer: Ip, fault: CertificateFault) {
        let item = self.config.session_item;
        io.cx
            .emit(SessionRecord::SessionRefused { peer, fault, item });
        io.log(LogKind::SessionRefused, Some(peer), 0);
    }

    fn opened_session(&mut self, io: &mut Io<'_, '_>) {
        let Carrier::Open(stream, channel) = &self.carrier else {
            return;
        };
        let (peer, protected) = (io.peer(*stream), channel.protected());
        let via = io.network.stack.next_hop(peer);
        let session = SessionRecord::ServerSession {
            peer,
            via,
            protected,
        };
        let opened = io.cx.emit_because(session, &self.tried);
        self.tried.clear();
        self.offered_by = Some(opened);
        self.outage = Outage::default();
        self.began = io.cx.as_cause();
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
                LibraryRecord::LibraryRefused {
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
        let stored = LibraryRecord::LibraryStored {
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
        self.close(io);
        self.gone(io, None);
    }

    fn ordered(&mut self, io: &mut Io<'_, '_>, order: crate::clinical::order::InfusionOrder) {
        let (number, rate_ml_per_h) = (order.id, order.rate_ml_per_h);
        let because = self.offered_by;
        let record = TherapyRecord::OrderAtPump {
            order: number,
            rate_ml_per_h,
        };
        self.last_stored = Some(io.cx.emit_because(record, because.as_slice()));
        bridge(io, BridgeMessage::PresentOrder(order));
    }

    /// Takes in what the delivery controller says, whether or not there is anybody to pass it on to.
    fn delivery_said(&mut self, now: Time, message: BridgeMessage) {
        match message {
            BridgeMessage::Progress {
                infusing,
                rate_ml_per_h,
                infused_ml,
            } => self.link.progress(now, infusing, rate_ml_per_h, infused_ml),
            BridgeMessage::Log(event) => self.link.log(event),
            BridgeMessage::Alarm { number, kind } => self.link.alarm(number, kind),
            BridgeMessage::LibraryActive { version } => self.link.library_active(version),
            _ => {}
        }
    }
}

fn bridge(io: &mut Io<'_, '_>, message: BridgeMessage) {
    io.cx
        .after(BRIDGE, io.cx.node(), LabEvent::Bridge(Box::new(message)));
}

/// A socket of the session has something to tell.
pub(super) fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let Some(pump) = node.get_mut::<PumpComms>() else {
        return;
    };
    let current = pump.carrier.stream();
    match event {
        SocketEvent::Up => {
            pump.trying_since = io.cx.as_cause();
            pump.tried.clear();
            pump.link.handle_up(io.cx.now());
            pump.follow(io);
        }
        SocketEvent::Down => {
            pump.carrier = Carrier::None;
            pump.unreached(io, NoSession::Link);
            pump.link.handle_down();
            pump.follow(io);
        }
        SocketEvent::Resolved { ip: Some(ip), .. }
            if matches!(pump.carrier, Carrier::Resolving) =>
        {
            pump.carrier = Carrier::Connecting(io.connect(id::PUMP_COMMS, (ip, pump.config.port)));
        }
        SocketEvent::Resolved { ip: None, .. } if matches!(pump.carrier, Carrier::Resolving) => {
            pump.gone(io, Some(NoSession::Name));
        }
        SocketEvent::Opened(stream) if current == Some(stream) => pump.opened(io, stream),
        SocketEvent::Message { stream, message } => pump.message(io, stream, *message),
        SocketEvent::Untrusted {
            stream: Some(stream),
            peer,
            fault,
        } if current == Some(stream) => {
            pump.refused(io, peer, fault);
            pump.gone(io, Some(NoSession::Welcome));
        }
        SocketEvent::Failed {
            stream,
            refused: true,
        } if matches!(pump.carrier, Carrier::Connecting(s) if s == stream) => {
            if pump.config.tls.is_some() {
                let item = pump.config.session_item;
                io.cx.emit(SessionRecord::StaysProtected { item });
            }
            pump.gone(io, Some(NoSession::Stream));
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream)
            if current == Some(stream) =>
        {
            pump.gone(io, Some(NoSession::Stream));
        }
        _ => {}
    }
}

/// A socket of the service that takes libraries and orders from whoever connects has something to tell.
pub(super) fn on_push(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
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
pub(super) fn on_plug(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, by: NodeId, load: Load) {
    let Some(pump) = node.get_mut::<PumpComms>() else {
        return;
    };
    let (item, open) = pump.config.local_port;
    let mut shown = Shown::TookNothing;
    if open {
        let plugged = io.cx.emit(BedsideRecord::Plugged { by });
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
        io.cx.emit(BedsideRecord::PortClosed { by, item });
    }
    io.cx.after(LOADING, by, LabEvent::Shown(shown));
}

/// A timer of the module is due: its processor has done the work of a number, or, without one, the link wants something.
pub(super) fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, work: u64) {
    let Some(pump) = node.get_mut::<PumpComms>() else {
        return;
    };
    if work != 0 {
        return pump.computed(io, work);
    }
    pump.timer = None;
    let jitter = pump.jitter(io);
    pump.link.handle_timeout(io.cx.now(), jitter);
    pump.follow(io);
}

/// A message of the delivery controller crossed the bridge.
pub(super) fn on_bridge(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, message: BridgeMessage) {
    if let BridgeMessage::Installed { backdoor } = message {
        let shell = Listener::of_role(backdoor, id::TELNET);
        return io.network.stack.listen(io.cx, shell);
    }
    if let Some(pump) = node.get_mut::<PumpComms>() {
        pump.delivery_said(io.cx.now(), message);
        pump.follow(io);
    }
}

/// A message of the delivery controller while the module is down: the log, where it is kept, and unconfirmed alarms wait in the pump.
pub(super) fn on_bridge_while_down(now: Time, node: &mut NodeMut<'_>, message: BridgeMessage) {
    if let Some(pump) = node.get_mut::<PumpComms>() {
        pump.link.stop();
        pump.delivery_said(now, message);
    }
}

/// Switched on: there is no session yet; the log and unconfirmed alarms are kept in the module's storage.
pub(super) fn power_on(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    if let Some(pump) = node.get_mut::<PumpComms>() {
        pump.outage = Outage::since(io.cx.emit(HostRecord::CommunicationStarted));
        pump.link.stop();
        pump.carrier = Carrier::None;
        pump.computing = None;
        pump.timer = None;
    }
}
