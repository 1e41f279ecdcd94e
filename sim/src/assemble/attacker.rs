//! The attacker as a component of the host that it holds: gives its hands what comes in.

use crate::attack::Attacker;
use crate::device::access_point::AccessPoint;
use crate::engine::{NodeId, NodeMut};
use crate::event::Equipment;
use crate::net::host::Io;
use crate::net::port::{Cables, Door, Hands, Input, Overheard, Shown, stand_on_offer};
use crate::net::stack::SocketEvent;
use crate::record::LabRecord;
use crate::wire::file::File;
use bevy_ecs::component::Component;

/// An attacker on its host.
#[derive(Component, Clone, Debug)]
pub struct Mind {
    attacker: Attacker,
    doors: Vec<Door>,
    journal: Option<Vec<String>>,
}

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
}

fn with_hands(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, input: Option<&Input>) {
    let cables = node.get::<Cables>().map_or(&[][..], Cables::doors).to_vec();
    let Some(mind) = node.get_mut::<Mind>() else {
        return;
    };
    let mut doors = mind.doors.clone();
    doors.extend(cables);
    if let (Some(journal), Some(input)) = (&mut mind.journal, input) {
        journal.push(format!("saw: {input:?}"));
    }
    let step = mind.attacker.current();
    let journal = mind.journal.as_mut();
    let mut hands = Hands::new(io.cx, io.network, &doors, step, journal);
    match input {
        Some(input) => mind.attacker.handle(&mut hands, input),
        None => mind.attacker.plan_next(&mut hands),
    }
}

pub(super) fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    with_hands(io, node, Some(&Input::Socket(event)));
}

pub(super) fn on_contents(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, files: Vec<File>) {
    with_hands(io, node, Some(&Input::Contents(files)));
}

pub(super) fn on_shown(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, shown: Shown) {
    with_hands(io, node, Some(&Input::Shown(shown)));
}

/// A cable to a pump is plugged in or taken out.
pub(super) fn on_cable(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, pump: NodeId, on: bool) {
    let name = io.cx.shared().names[pump.index()].clone();
    io.cx.emit(LabRecord::Cabled { pump, on });
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
        Equipment::Guessed { step, passphrase } => {
            if node
                .get::<Mind>()
                .is_some_and(|m| m.attacker.current() == step)
            {
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
}
