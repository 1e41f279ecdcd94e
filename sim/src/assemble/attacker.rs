//! The attacker as a component of the host that it holds: gives its hands what comes in.

use crate::attack::Attacker;
use crate::engine::NodeMut;
use crate::net::host::Io;
use crate::net::port::{Hands, Input};
use crate::net::stack::SocketEvent;
use crate::wire::file::File;
use bevy_ecs::component::Component;

/// An attacker on its host.
#[derive(Component, Clone, Debug)]
pub struct Mind(pub Attacker);

fn with_hands(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, input: &Input) {
    let Some(mind) = node.get_mut::<Mind>() else {
        return;
    };
    let doors = mind.0.doors();
    let step = mind.0.current();
    let mut hands = Hands::new(io.cx, io.network, &doors, step);
    mind.0.handle(&mut hands, input);
}

pub(super) fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    with_hands(io, node, &Input::Socket(event));
}

pub(super) fn on_contents(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, files: Vec<File>) {
    with_hands(io, node, &Input::Contents(files));
}

/// Timers of steps that have ended are void.
pub(super) fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let current = node.get::<Mind>().map(|m| m.0.current());
    if current == Some((token >> 32) as u32) {
        with_hands(io, node, &Input::Timer(token as u32));
    }
}

pub(super) fn power_on(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, boot: u32) {
    let Some(mind) = node.get::<Mind>().cloned() else {
        return;
    };
    let doors = mind.0.doors();
    io.network.boot = boot;
    let mut hands = Hands::new(io.cx, io.network, &doors, mind.0.current());
    mind.0.plan_next(&mut hands);
}
