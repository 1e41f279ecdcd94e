//! Where the simulation meets the world outside of it.
//!
//! A host whose link is outside has no frames, no lease and no name server. Its sockets look to their owners as all sockets do; below
//! them its stack hands [`Departure`]s to the [`Edge`], a node that keeps them until the driver takes them, and takes
//! [`Arrival`](crate::event::outside::Arrival)s.

use crate::engine::NodeMut;
use crate::event::outside::{Departure, Leaving};
use crate::event::{Cx, LabEvent};
use crate::time::Duration;
use bevy_ecs::component::Component;

/// Name of the node that keeps what leaves.
pub const EDGE: &str = "edge";

/// The node that keeps what leaves until the driver takes it.
#[derive(Component, Clone, Debug, Default)]
pub struct Edge(Vec<Leaving>);

impl Edge {
    /// Takes everything that waits, oldest first.
    pub fn take(&mut self) -> Vec<Leaving> {
        std::mem::take(&mut self.0)
    }
}

/// Handles an event at the edge: something leaves.
pub fn on_event(cx: &Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    if let (LabEvent::Departure { from, what }, Some(edge)) = (event, node.get_mut::<Edge>()) {
        let (cause, what) = (cx.cause(), *what);
        edge.0.push(Leaving { from, cause, what });
    }
}

/// Hands something to the edge. A lab without an edge has no host outside, and nothing to hand on.
pub fn depart(cx: &mut Cx<'_>, what: Departure) {
    let from = cx.node();
    if let Some(edge) = cx.shared().edge {
        let what = Box::new(what);
        cx.after(Duration::ZERO, edge, LabEvent::Departure { from, what });
    }
}

/// A host is down: it has no power any more, or what communicates in it has stopped.
pub fn off(cx: &mut Cx<'_>) {
    depart(cx, Departure::Down);
}
