//! Health record, alarm manager and nurses' station, and the HL7 link between two systems.

use super::guarded::{Came, Guard, Near};
use super::host::Io;
use crate::clinical::order::InfusionOrder;
use crate::engine::NodeMut;
use crate::event::{LabEvent, Owner, Percept};
use crate::net::stack::{App, SocketEvent, StreamId};
use crate::record::LabRecord;
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::hl7::{Hl7, PORT};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Timer token of a link that is to be tried again; links of one host share it.
pub const TOKEN_LINK: u64 = 1 << 63;
const RETRY: Duration = Duration::from_secs(5);
/// Time from the display to the eye \[A\].
const DISPLAY: Duration = Duration::from_millis(500);

/// An outgoing HL7 link: opened when there is something to send, tried again until it goes.
#[derive(Clone, Debug)]
pub struct Hl7Link {
    app: App,
    peer: String,
    query: u32,
    stream: Option<StreamId>,
    open: bool,
    asking: bool,
    /// Whether the last attempt to open it failed.
    failed: bool,
    queue: Vec<Hl7>,
    channel: Near,
}

impl Hl7Link {
    /// A link of `app` to the host of this name.
    #[must_use]
    pub fn new(app: App, peer: String) -> Self {
        Self::guarded(app, peer, None)
    }

    /// A link that is under TLS where there is a guard.
    #[must_use]
    pub fn guarded(app: App, peer: String, guard: Option<Guard>) -> Self {
        let query = (crate::crypto::digest_text(&peer) as u32) | 1;
        Self {
            app,
            peer,
            query,
            stream: None,
            open: false,
            asking: false,
            failed: false,
            queue: Vec::new(),
            channel: Near::new(guard),
        }
    }

    /// Forgets the stream; what waits is sent when the link is next used.
    pub fn reset(&mut self) {
        self.stream = None;
        self.open = false;
        self.asking = false;
        let unsaid = self.channel.lost().into_iter();
        let orders = unsaid.filter_map(|m| match m {
            Message::Hl7(m) => Some(*m),
            _ => None,
        });
        self.queue.splice(0..0, orders);
    }

    /// Sends a message, now or as soon as the link is there.
    pub fn send(&mut self, io: &mut Io<'_, '_>, message: Hl7) {
        match self.stream.filter(|_| self.open) {
            Some(stream) => self
                .channel
                .send(io, stream, Message::Hl7(Box::new(message))),
            None => {
                self.queue.push(message);
                if self.failed {
                    self.unreached(io);
                }
                self.open_link(io);
            }
        }
    }

    fn open_link(&mut self, io: &mut Io<'_, '_>) {
        if !self.asking && self.stream.is_none() {
            self.asking = true;
            io.resolve(self.app, self.query, &self.peer);
        }
    }

    /// Says that what waits cannot be sent, and what gave a wrong way to the name server, if something did.
    fn unreached(&self, io: &mut Io<'_, '_>) {
        let taught = io.network.stack.name_server_taught_by();
        let system = self.peer.clone();
        let unreached = LabRecord::SystemUnreached { system };
        io.cx.emit_because(unreached, taught.as_slice());
    }

    /// Tries again if something waits.
    pub fn retry(&mut self, io: &mut Io<'_, '_>) {
        if !self.queue.is_empty() {
            self.open_link(io);
        }
    }

    /// A socket event, if it is about this link. Whether it was.
    pub fn on_socket(&mut self, io: &mut Io<'_, '_>, event: &SocketEvent) -> bool {
        match event {
            SocketEvent::Resolved { query, ip } if *query == self.query => {
                self.asking = false;
                match ip {
                    Some(ip) => self.stream = Some(io.connect(self.app, (*ip, PORT))),
                    None => self.later(io),
                }
            }
            SocketEvent::Opened(stream) if self.stream == Some(*stream) => {
                self.open = true;
                self.failed = false;
                for (n, message) in std::mem::take(&mut self.queue).into_iter().enumerate() {
                    let message = Message::Hl7(Box::new(message));
                    match n {
                        0 => self.channel.open(io, *stream, &self.peer, message),
                        _ => self.channel.send(io, *stream, message),
                    }
                }
            }
            SocketEvent::Message { stream, message }
                if self.stream == Some(*stream) && matches!(**message, Message::Tls(_)) =>
            {
                if let Came::Refused = self.channel.hear(io, *stream, (**message).clone()) {
                    self.reset();
                    self.later(io);
                }
            }
            SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream)
                if self.stream == Some(*stream) =>
            {
                self.reset();
                self.later(io);
            }
            _ => return false,
        }
        true
    }

    fn later(&mut self, io: &mut Io<'_, '_>) {
        if !self.queue.is_empty() {
            self.failed = true;
            self.unreached(io);
        }
        let owner = if self.app == App::PumpServer {
            Owner::PumpServer
        } else {
            Owner::Clinical
        };
        io.timer(owner, RETRY, TOKEN_LINK);
    }
}

/// The health record: sends orders to pump servers.
#[derive(Component, Clone, Debug)]
pub struct Ehr {
    links: BTreeMap<String, Hl7Link>,
}

impl Ehr {
    /// A record that knows these pump servers, and what guards its links to them.
    #[must_use]
    pub fn new(servers: &[String], guard: Option<&Guard>) -> Self {
        let link = |s: &String| {
            let link = Hl7Link::guarded(App::Ehr, s.clone(), guard.cloned());
            (s.clone(), link)
        };
        Self {
            links: servers.iter().map(link).collect(),
        }
    }

    /// Sends an order for a pump to its server.
    pub fn order(&mut self, io: &mut Io<'_, '_>, server: &str, pump: &str, order: InfusionOrder) {
        if let Some(link) = self.links.get_mut(server) {
            link.send(
                io,
                Hl7::Order {
                    pump: pump.to_owned(),
                    order,
                },
            );
        }
    }
}

/// The alarm manager: passes alarms on to the nurses' station.
#[derive(Component, Clone, Debug)]
pub struct AlarmManager {
    link: Hl7Link,
}

impl AlarmManager {
    /// A manager for this station.
    #[must_use]
    pub fn new(station: String) -> Self {
        Self {
            link: Hl7Link::new(App::AlarmManager, station),
        }
    }
}

/// The nurses' station: shows alarms to the nurse in charge.
#[derive(Component, Clone, Copy, Debug)]
pub struct NursesStation;

/// A socket of one of the systems has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, app: App, event: &SocketEvent) {
    match app {
        App::Ehr => {
            if let Some(ehr) = node.get_mut::<Ehr>() {
                for link in ehr.links.values_mut() {
                    if link.on_socket(io, event) {
                        return;
                    }
                }
            }
        }
        App::AlarmManager => {
            let Some(manager) = node.get_mut::<AlarmManager>() else {
                return;
            };
            if manager.link.on_socket(io, event) {
                return;
            }
            if let SocketEvent::Message { stream, message } = event
                && let Message::Hl7(m) = &**message
                && matches!(
                    **m,
                    Hl7::Alarm { .. } | Hl7::Silence { .. } | Hl7::SeenAgain { .. }
                )
            {
                io.send(*stream, Message::Hl7(Box::new(Hl7::Ack)));
                manager.link.send(io, (**m).clone());
            }
        }
        App::NursesStation => {
            if let SocketEvent::Message { stream, message } = event
                && let Message::Hl7(m) = &**message
            {
                shown(io, m);
                io.send(*stream, Message::Hl7(Box::new(Hl7::Ack)));
            }
        }
        _ => {}
    }
}

/// The station shows something to the nurse in charge of the pump.
fn shown(io: &mut Io<'_, '_>, message: &Hl7) {
    let (Hl7::Alarm { pump: name, .. }
    | Hl7::Silence { pump: name }
    | Hl7::SeenAgain { pump: name }) = message
    else {
        return;
    };
    let Some(pump) = io.cx.shared().node(name) else {
        return;
    };
    let percept = match message {
        Hl7::Alarm { number, .. } => {
            io.cx.emit(LabRecord::AlarmShown {
                pump,
                number: *number,
            });
            Percept::Display {
                pump,
                number: *number,
            }
        }
        Hl7::SeenAgain { .. } => Percept::SeenAgain { pump },
        _ => Percept::Silence { pump },
    };
    if let Some(&nurse) = io.cx.shared().nurse_of.get(&pump) {
        io.cx.after(DISPLAY, nurse, LabEvent::Perceived(percept));
    }
}

/// A timer of one of the systems is due.
pub fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    if let Some(ehr) = node.get_mut::<Ehr>() {
        for link in ehr.links.values_mut() {
            link.retry(io);
        }
    }
    if let Some(manager) = node.get_mut::<AlarmManager>() {
        manager.link.retry(io);
    }
}

/// Switched on: links of before are gone.
pub fn power_on(node: &mut NodeMut<'_>) {
    if let Some(ehr) = node.get_mut::<Ehr>() {
        ehr.links.values_mut().for_each(Hl7Link::reset);
    }
    if let Some(manager) = node.get_mut::<AlarmManager>() {
        manager.link.reset();
    }
}
