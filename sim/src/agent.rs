//! Attackers and their programs as parts of the hosts that they hold: gives their hands what comes in.

use crate::attack::{Attacker, program};
use crate::device::access_point::AccessPoint;
use crate::device::part::Part;
use crate::device::storage::Storage;
use crate::engine::NodeMut;
use crate::event::{Equipment, LabEvent};
use crate::net::host::Io;
use crate::net::part::{ATTACKER, IMPLANT};
use crate::net::port::{Cables, Disk, Door, Hands, Input, searched_in_vain, stand_on_offer};
use crate::record::StorageRecord;
use crate::wire::file::File;
use crate::wire::program::Program;
use bevy_ecs::component::Component;

/// An attacker at a host.
const AGENT: Part = Part {
    on_socket: |io, node, event| with_hands(io, node, Some(&Input::Socket(event))),
    on_timer,
    on_event: Some(|io, node, event| {
        match event {
            LabEvent::Contents(files) => on_contents(io, node, files),
            LabEvent::Shown(shown) => with_hands(io, node, Some(&Input::Shown(shown))),
            LabEvent::Cable { on: true, .. } => with_hands(io, node, Some(&Input::Cabled)),
            LabEvent::Equipment(e) => on_equipment(io, node, *e),
            event => return Some(event),
        }
        None
    }),
    on_overheard: Some(|io, node, heard| {
        with_hands(io, node, Some(&Input::Overheard(Box::new(heard))));
    }),
    power_on: |io, node| with_hands(io, node, None),
    ..Part::new(ATTACKER)
};

/// A program of an attacker on a host.
const PROGRAM: Part = Part {
    on_socket: |io, node, event| with_program(io, node, Some(&Input::Socket(event))),
    on_timer: on_program_timer,
    on_event: Some(|io, node, event| match event {
        LabEvent::Launch(program) => {
            launch(io, node, &program);
            None
        }
        event => Some(event),
    }),
    // A program sees to it that it is started with the host.
    power_on: |io, node| {
        if let Some(Implant(Some(mind))) = node.get_mut::<Implant>() {
            mind.attacker.restart();
            with_program(io, node, None);
        }
    },
    wipe: |node| {
        if let Some(implant) = node.get_mut::<Implant>() {
            implant.0 = None;
        }
    },
    ..Part::new(IMPLANT)
};

/// Parts of hosts that are in an attacker's hands. They are on a host because of a plan, not because of what the host is.
pub(crate) const PARTS: &[Part] = &[AGENT, PROGRAM];

/// An attacker on its host.
#[derive(Component, Clone, Debug)]
pub struct Mind {
    attacker: Attacker,
    doors: Vec<Door>,
    journal: Option<Vec<String>>,
}

/// Where a program of an attacker can run on a host. Every host has the place while a plan has programs; it is empty until one runs.
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

fn on_contents(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, files: Vec<File>) {
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

/// The attacker's own equipment has something to do or to tell; what a step began is void when the step has ended.
fn on_equipment(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, equipment: Equipment) {
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
fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let current = node.get::<Mind>().map(|m| m.attacker.current());
    if current == Some((token >> 32) as u32) {
        with_hands(io, node, Some(&Input::Timer(token as u32)));
    }
}

/// A program begins to run on a host.
fn launch(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, program: &Program) {
    let began = io.cx.now().since_start();
    let (Some(attacker), Some(implant)) = (program::run(program, began), node.get_mut::<Implant>())
    else {
        return;
    };
    implant.0 = Some(Box::new(Mind::new(attacker, Vec::new(), false)));
    with_program(io, node, None);
}

/// A timer of the program that runs on a host is due.
fn on_program_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let mind = node.get::<Implant>().and_then(|i| i.0.as_ref());
    if mind.is_some_and(|m| m.attacker.current() == (token >> 32) as u32) {
        with_program(io, node, Some(&Input::Timer(token as u32)));
    }
}
