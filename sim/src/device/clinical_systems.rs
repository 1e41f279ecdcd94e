//! Health record, alarm manager and nurses' station.

use super::guarded::{Came, Far, Guard};
use super::hl7_link::{Hl7Inbox, Hl7Link};
use super::host::Io;
use crate::clinical::order::InfusionOrder;
use crate::crypto::CertificateFault;
use crate::engine::NodeMut;
use crate::event::{LabEvent, Percept};
use crate::net::stack::{App, SocketEvent, StreamId};
use crate::proto::pcd::Verdict;
use crate::record::{AlarmRecord, TherapyRecord};
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::hl7::{Hl7, Letter};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Time from the display to the eye \[A\].
const DISPLAY: Duration = Duration::from_millis(500);

/// The health record: sends orders to pump servers, and keeps what they document.
#[derive(Component, Clone, Debug)]
pub struct Ehr {
    links: BTreeMap<String, Hl7Link>,
    /// The end of the links on which infusions are documented.
    far: Far,
    inbox: Hl7Inbox,
}

impl Ehr {
    /// A record with this end for what it is told, that knows these pump servers, and what guards its links to them.
    #[must_use]
    pub fn new(inbox: Hl7Inbox, servers: &[String], guard: Option<&Guard>) -> Self {
        let link = |s: &String| {
            let link = Hl7Link::new(App::Ehr, s.clone(), guard.cloned());
            (s.clone(), link)
        };
        Self {
            links: servers.iter().map(link).collect(),
            far: Far::new(guard.cloned(), true),
            inbox,
        }
    }

    /// Sends an order for a pump to its server.
    pub fn order(&mut self, io: &mut Io<'_, '_>, server: &str, pump: &str, order: InfusionOrder) {
        if let Some(link) = self.links.get_mut(server) {
            let pump = pump.to_owned();
            link.send(io, Hl7::Order { pump, order });
        }
    }

    fn on_socket(&mut self, io: &mut Io<'_, '_>, event: &SocketEvent) {
        if self.links.values_mut().any(|l| l.on_socket(io, event)) {
            return;
        }
        match event {
            SocketEvent::Message { stream, message } => {
                match self.far.hear(io, *stream, (**message).clone(), &[]) {
                    Came::Said(Message::Hl7(letter)) => {
                        let known = |s: &String| self.far.is_from(*stream, s);
                        if self.links.keys().any(known) {
                            self.told(io, *stream, *letter);
                        } else {
                            self.far.turn_away(io, *stream, CertificateFault::WrongName);
                        }
                    }
                    Came::InClear => self.far.turn_away(io, *stream, CertificateFault::Missing),
                    _ => {}
                }
            }
            SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => {
                self.far.gone(*stream);
                self.inbox.gone(*stream);
            }
            _ => {}
        }
    }

    fn told(&mut self, io: &mut Io<'_, '_>, stream: StreamId, letter: Letter) {
        let now = io.cx.now();
        if let Some((ticket, content)) = self.inbox.hear(now, stream, letter) {
            let verdict = match &content {
                Hl7::Observation(o) => {
                    let named = o.pump.as_deref().and_then(|p| io.cx.shared().node(p));
                    if let Some(pump) = named {
                        let rate_ml_per_h = o.rate_ml_per_h;
                        io.cx.emit(TherapyRecord::ObservationStored {
                            pump,
                            rate_ml_per_h,
                        });
                    }
                    Verdict::Taken
                }
                _ => Verdict::NotTaken,
            };
            self.inbox.answer(now, &ticket, verdict);
        }
        while let Some((stream, message)) = self.inbox.poll_transmit() {
            self.far.send(io, stream, message);
        }
    }
}

/// The alarm manager: passes alarms on to the nurses' station.
#[derive(Component, Clone, Debug)]
pub struct AlarmManager {
    link: Hl7Link,
    inbox: Hl7Inbox,
}

impl AlarmManager {
    /// A manager with this end for what it is told, for this station.
    #[must_use]
    pub fn new(inbox: Hl7Inbox, station: String) -> Self {
        Self {
            link: Hl7Link::new(App::AlarmManager, station, None),
            inbox,
        }
    }

    fn on_socket(&mut self, io: &mut Io<'_, '_>, event: &SocketEvent) {
        if self.link.on_socket(io, event) {
            return;
        }
        let link = &mut self.link;
        in_clear(io, &mut self.inbox, event, |io, content| match content {
            Hl7::Alarm { .. } | Hl7::Silence { .. } | Hl7::SeenAgain { .. } => {
                link.send(io, content);
                Verdict::Taken
            }
            _ => Verdict::NotTaken,
        });
    }
}

/// The nurses' station: shows alarms to the nurse in charge.
#[derive(Component, Clone, Debug)]
pub struct NursesStation {
    inbox: Hl7Inbox,
}

impl NursesStation {
    /// A station with this end for what it is told.
    #[must_use]
    pub fn new(inbox: Hl7Inbox) -> Self {
        Self { inbox }
    }
}

/// A socket event of an end that takes links in clear. What comes for the first time is handed on, and answered by the verdict on it.
fn in_clear(
    io: &mut Io<'_, '_>,
    inbox: &mut Hl7Inbox,
    event: &SocketEvent,
    take: impl FnOnce(&mut Io<'_, '_>, Hl7) -> Verdict,
) {
    match event {
        SocketEvent::Message { stream, message } => {
            let Message::Hl7(letter) = &**message else {
                return;
            };
            let now = io.cx.now();
            if let Some((ticket, content)) = inbox.hear(now, *stream, (**letter).clone()) {
                let verdict = take(io, content);
                inbox.answer(now, &ticket, verdict);
            }
            while let Some((stream, message)) = inbox.poll_transmit() {
                io.send(stream, message);
            }
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => inbox.gone(*stream),
        _ => {}
    }
}

/// A socket of one of the systems has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, app: App, event: &SocketEvent) {
    match app {
        App::Ehr => {
            if let Some(ehr) = node.get_mut::<Ehr>() {
                ehr.on_socket(io, event);
            }
        }
        App::AlarmManager => {
            if let Some(manager) = node.get_mut::<AlarmManager>() {
                manager.on_socket(io, event);
            }
        }
        App::NursesStation => {
            if let Some(station) = node.get_mut::<NursesStation>() {
                in_clear(io, &mut station.inbox, event, |io, content| {
                    shown(io, &content)
                });
            }
        }
        _ => {}
    }
}

/// The station shows something to the nurse in charge of the pump.
fn shown(io: &mut Io<'_, '_>, message: &Hl7) -> Verdict {
    let (Hl7::Alarm { pump: name, .. }
    | Hl7::Silence { pump: name }
    | Hl7::SeenAgain { pump: name }) = message
    else {
        return Verdict::NotTaken;
    };
    // Of a pump that nobody knows nobody is told anything.
    let Some(pump) = io.cx.shared().node(name) else {
        return Verdict::Taken;
    };
    let percept = match message {
        Hl7::Alarm { number, .. } => {
            io.cx.emit(AlarmRecord::AlarmShown {
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
    Verdict::Taken
}

/// A timer of one of the systems is due.
pub fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    if let Some(ehr) = node.get_mut::<Ehr>() {
        for link in ehr.links.values_mut() {
            link.on_timer(io);
        }
    }
    if let Some(manager) = node.get_mut::<AlarmManager>() {
        manager.link.on_timer(io);
    }
}

/// Switched on: streams of before are gone, what was not answered waits.
pub fn power_on(node: &mut NodeMut<'_>) {
    if let Some(ehr) = node.get_mut::<Ehr>() {
        ehr.links.values_mut().for_each(Hl7Link::reset);
        ehr.far.reset();
        ehr.inbox.restart();
    }
    if let Some(manager) = node.get_mut::<AlarmManager>() {
        manager.link.reset();
        manager.inbox.restart();
    }
    if let Some(station) = node.get_mut::<NursesStation>() {
        station.inbox.restart();
    }
}

/// What waited when the host was switched off is sent soon.
pub fn resume(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    if let Some(ehr) = node.get_mut::<Ehr>() {
        ehr.links.values().for_each(|l| l.resume(io));
    }
    if let Some(manager) = node.get_mut::<AlarmManager>() {
        manager.link.resume(io);
    }
}
