//! Attackers and their programs as components of the hosts that they hold: gives their hands what comes in.

use crate::attack::{Attacker, program};
use crate::device::access_point::AccessPoint;
use crate::device::services::Storage;
use crate::device::software::Software;
use crate::engine::{NodeId, NodeMut};
use crate::event::Equipment;
use crate::net::host::Io;
use crate::net::port::{
    Cables, Disk, Door, Hands, Input, Overheard, Shown, searched_in_vain, stand_on_offer,
};
use crate::net::stack::SocketEvent;
use crate::record::{BedsideRecord, StorageRecord};
use crate::wire::file::File;
use crate::wire::program::Program;
use bevy_ecs::component::Component;

/// An attacker on its host.
#[derive(Component, Clone, Debug)]
pub struct Mind {
    attacker: Attacker,
    doors: Vec<Door>,
    journal: Option<Vec<String>>,
}

/// Where a program of an attacker can run on a host. Every host has the place while a play has programs; it is empty until one runs.
#[derive(Component, Clone, Debug, Default)]
pub struct Implant(Option<Box<Mind>>);

impl Mind {
    /// An attacker that stands at these doors. With a journal it writes down what it sees (`saw: ...`) and does (`did: ...`), in order.
    #[must_use]
    pub fn new(attacker: Attacker, doors: Vec<Door>, keep_journal: bool) -> Self {
        Self {
            attacker,
            doors,
            journal: keep_journal.then(Vec::new),
        }
    }

    /// What the attacker saw and did, in order; empty where no journal is kept.
    #[must_use]
    pub fn journal(&self) -> &[String] {
        self.journal.as_deref().unwrap_or_default()
    }

    fn act(
        &mut self,
        io: &mut Io<'_, '_>,
        disk: Option<&mut (dyn Disk + 'static)>,
        (is_program, cables): (bool, Vec<Door>),
        input: Option<&Input>,
    ) {
        if let (Some(journal), Some(input)) = (&mut self.journal, input) {
            journal.push(format!("saw: {input:?}"));
        }
        let step = self.attacker.current();
        let journal = self.journal.as_mut();
        let mut doors = self.doors.clone();
        doors.extend(cables);
        let mut hands = Hands::new(io.cx, io.network, &doors, step, journal).with_disk(disk);
        if is_program {
            hands = hands.of_program();
        }
        match input {
            Some(input) => self.attacker.handle(&mut hands, input),
            None => self.attacker.plan_next(&mut hands),
        }
    }
}

fn with_hands(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, input: Option<&Input>) {
    let cables = node.get::<Cables>().map_or(&[][..], Cables::doors).to_vec();
    if let Some((mind, storage)) = node.pair_mut::<Mind, Storage>() {
        mind.act(io, Some(storage), (false, cables), input);
    } else if let Some(mind) = node.get_mut::<Mind>() {
        mind.act(io, None, (false, cables), input);
    }
}

fn with_program(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, input: Option<&Input>) {
    let cables = node.get::<Cables>().map_or(&[][..], Cables::doors).to_vec();
    if let Some((implant, storage)) = node.pair_mut::<Implant, Storage>()
        && let Some(mind) = &mut implant.0
    {
        mind.act(io, Some(storage), (true, cables), input);
    }
}

pub(super) fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    with_hands(io, node, Some(&Input::Socket(event)));
}

pub(super) fn on_contents(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, files: Vec<File>) {
    let records = files
        .iter()
        .map(|f| f.readable_records().len() as u32)
        .sum();
    if records > 0 {
        io.cx.emit(StorageRecord::RecordsHeld {
            records,
            by: "hand",
        });
    }
    with_hands(io, node, Some(&Input::Contents(files)));
}

pub(super) fn on_shown(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, shown: Shown) {
    with_hands(io, node, Some(&Input::Shown(shown)));
}

/// A cable to a pump is plugged in or taken out.
pub(super) fn on_cable(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, pump: NodeId, on: bool) {
    let name = io.cx.shared().names[pump.index()].clone();
    io.cx.emit(BedsideRecord::Cabled { pump, on });
    if let Some(cables) = node.get_mut::<Cables>() {
        cables.plug(name, pump, on);
    }
    if on {
        with_hands(io, node, Some(&Input::Cabled));
    }
}

pub(super) fn on_overheard(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, heard: Overheard) {
    with_hands(io, node, Some(&Input::Overheard(Box::new(heard))));
}

/// The attacker's own equipment has something to do or to tell; what a step began is void when the step has ended.
pub(super) fn on_equipment(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, equipment: Equipment) {
    match equipment {
        Equipment::Offer(offer) => {
            if let Some(ap) = node.get_mut::<AccessPoint>() {
                ap.offer(&offer);
                stand_on_offer(io.cx, io.network);
            }
        }
        Equipment::Guessed {
            step,
            passphrase,
            unlisted,
        } => {
            if node
                .get::<Mind>()
                .is_some_and(|m| m.attacker.current() == step)
            {
                if let Some(ssid) = unlisted {
                    searched_in_vain(io.cx, ssid);
                }
                with_hands(io, node, Some(&Input::Guessed(passphrase)));
            }
        }
    }
}

/// Timers of steps that have ended are void.
pub(super) fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let current = node.get::<Mind>().map(|m| m.attacker.current());
    if current == Some((token >> 32) as u32) {
        with_hands(io, node, Some(&Input::Timer(token as u32)));
    }
}

pub(super) fn power_on(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, boot: u32) {
    io.network.boot = boot;
    with_hands(io, node, None);
    // A program sees to it that it is started with the host.
    if let Some(Implant(Some(mind))) = node.get_mut::<Implant>() {
        mind.attacker.restart();
        with_program(io, node, None);
    }
}

/// A program begins to run on a host.
pub(super) fn launch(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, program: &Program) {
    let began = io.cx.now().since_start();
    let (Some(attacker), Some(implant)) = (program::run(program, began), node.get_mut::<Implant>())
    else {
        return;
    };
    implant.0 = Some(Box::new(Mind::new(attacker, Vec::new(), false)));
    with_program(io, node, None);
}

/// Something came in for the program that runs on a host.
pub(super) fn on_program_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    with_program(io, node, Some(&Input::Socket(event)));
}

/// A timer of the program that runs on a host is due.
pub(super) fn on_program_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let mind = node.get::<Implant>().and_then(|i| i.0.as_ref());
    if mind.is_some_and(|m| m.attacker.current() == (token >> 32) as u32) {
        with_program(io, node, Some(&Input::Timer(token as u32)));
    }
}

/// A host is rebuilt: no program and no file stays.
pub(super) fn wipe(node: &mut NodeMut<'_>) {
    if let Some(implant) = node.get_mut::<Implant>() {
        implant.0 = None;
    }
    if let Some(software) = node.get_mut::<Software>() {
        software.running = None;
    }
    if let Some(storage) = node.get_mut::<Storage>() {
        storage.wipe();
    }
}
