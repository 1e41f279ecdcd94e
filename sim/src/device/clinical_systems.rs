//! Health record, alarm manager and nurses' station.

use super::guarded::{Came, Far, Guard};
use super::hl7_link::{Hl7Inbox, Hl7Link};
use super::host::Io;
use super::part::{Part, Sockets, role};
use crate::clinical::drug_library::DrugLibrary;
use crate::clinical::order::InfusionOrder;
use crate::crypto::CertificateFault;
use crate::device::id;
use crate::engine::NodeMut;
use crate::event::{LabEvent, Percept};
use crate::net::stack::{SocketEvent, StreamId};
use crate::proto::pcd::Verdict;
use crate::record::{AlarmRecord, TherapyRecord};
use crate::spec::{HappeningSpec, LabSpec, RoleSpec};
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::hl7::{Hl7, Letter, PORT};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Electronic health record.
pub(super) const EHR: Part = Part {
    on: |lab, host| {
        role!(host, RoleSpec::Ehr { .. } => ())?;
        let sockets = Sockets::default();
        Some(match is_documented_to(lab, &host.name) {
            true => sockets.listen(PORT),
            false => sockets,
        })
    },
    build: |site| {
        if let Some(servers) = role!(site.host, RoleSpec::Ehr { servers } => servers) {
            let guard = Guard::of(site.host, &site.shared.costs);
            let ehr = Ehr::new(Hl7Inbox::of(site), servers, guard.as_ref());
            site.insert(ehr);
        }
        Ok(())
    },
    on_socket: |io, node, event| {
        if let Some(ehr) = node.get_mut::<Ehr>() {
            ehr.on_socket(io, &event);
        }
    },
    needs_files: true,
    on_scenario_event: |io, node, n, what| {
        let HappeningSpec::Order { pump, .. } = what else {
            return false;
        };
        let order = order(&io.cx.shared().libraries, what);
        if let (Some(ehr), Some(mut order)) = (node.get_mut::<Ehr>(), order) {
            // The number by which ground truth knows it.
            order.id = n + 1;
            ordered(io, ehr, pump, order);
        }
        true
    },
    ..Part::new(id::EHR)
};

/// Alarm manager.
pub(super) const ALARM_MANAGER: Part = Part {
    on: |_, host| role!(host, RoleSpec::AlarmManager { .. } => Sockets::default().listen(PORT)),
    build: |site| {
        if let Some(station) = role!(site.host, RoleSpec::AlarmManager { station } => station) {
            site.insert(AlarmManager::new(Hl7Inbox::of(site), station.clone()));
        }
        Ok(())
    },
    on_socket: |io, node, event| {
        if let Some(manager) = node.get_mut::<AlarmManager>() {
            manager.on_socket(io, &event);
        }
    },
    needs_files: true,
    ..Part::new(id::ALARM_MANAGER)
};

/// Nurses' station.
pub(super) const NURSES_STATION: Part = Part {
    on: |_, host| role!(host, RoleSpec::NursesStation => Sockets::default().listen(PORT)),
    build: |site| {
        site.insert(NursesStation::new(Hl7Inbox::of(site)));
        Ok(())
    },
    on_socket: |io, node, event| {
        if let Some(station) = node.get_mut::<NursesStation>() {
            in_clear(io, &mut station.inbox, &event, |io, content| {
                shown(io, &content)
            });
        }
    },
    needs_files: true,
    ..Part::new(id::NURSES_STATION)
};

/// The HL7 links of these systems: their timers, and their new beginning.
pub(super) const LINKS: Part = Part {
    on: |_, host| {
        let system = role!(host, RoleSpec::Ehr { .. } | RoleSpec::AlarmManager { .. } | RoleSpec::NursesStation => ());
        system.map(|()| Sockets::default())
    },
    on_timer: |io, node, _| on_timer(io, node),
    power_on: |_, node| power_on(node),
    resume,
    restarts: true,
    needs_files: true,
    ..Part::new(id::CLINICAL)
};

/// Whether a pump server documents infusions to this host.
fn is_documented_to(lab: &LabSpec, name: &str) -> bool {
    lab.pump_servers()
        .any(|(_, server)| server.observations.as_deref() == Some(name))
}

/// An order as a scenario event words it, with the concentration that the newest library lists first.
#[must_use]
pub fn order(libraries: &[Arc<DrugLibrary>], what: &HappeningSpec) -> Option<InfusionOrder> {
    let (HappeningSpec::Order {
        care_area,
        drug,
        rate_ml_per_h,
        vtbi_ml,
        dose,
        ..
    }
    | HappeningSpec::Programme {
        care_area,
        drug,
        rate_ml_per_h,
        vtbi_ml,
        dose,
        ..
    }) = what
    else {
        return None;
    };
    // The newest library that has the drug says how it is prepared.
    let with = |l: &&Arc<DrugLibrary>| l.entries_for(care_area, drug).next().is_some();
    let newest = libraries.iter().filter(with).max_by_key(|l| l.version)?;
    let entry = newest.entries_for(care_area, drug).next()?;
    Some(InfusionOrder {
        id: 0,
        patient: 0,
        care_area: care_area.clone(),
        drug: drug.clone(),
        concentration: entry.concentration.clone(),
        rate_ml_per_h: *rate_ml_per_h,
        vtbi_ml: *vtbi_ml,
        dose: *dose,
    })
}

/// A clinician orders an infusion in the health record.
fn ordered(io: &mut Io<'_, '_>, ehr: &mut Ehr, pump: &str, order: InfusionOrder) {
    let shared = io.cx.shared();
    let mut pumps = shared.lab.pumps();
    let Some((_, spec)) = pumps.find(|(h, _)| h.name == *pump) else {
        return;
    };
    // The chart at the bedside is written from the health record too, on paper where there is no network.
    if let Some(pump) = shared.node(pump)
        && let Some(&nurse) = shared.nurse_of.get(&pump)
    {
        let order = Box::new(order.clone());
        let percept = Percept::Charted { pump, order };
        io.cx
            .after(Duration::ZERO, nurse, LabEvent::Perceived(percept));
    }
    ehr.order(io, &spec.server, pump, order);
}

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
            let link = Hl7Link::new(id::EHR, s.clone(), guard.cloned());
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
            link: Hl7Link::new(id::ALARM_MANAGER, station, None),
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
fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
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
fn power_on(node: &mut NodeMut<'_>) {
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
fn resume(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    if let Some(ehr) = node.get_mut::<Ehr>() {
        ehr.links.values().for_each(|l| l.resume(io));
    }
    if let Some(manager) = node.get_mut::<AlarmManager>() {
        manager.link.resume(io);
    }
}
