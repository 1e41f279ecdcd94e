//! The lab as a model of the engine: hands each event to the node that it is for, and lists the parts that nodes have.

use crate::device::part::{Part, Registry, part, parts_of};
use crate::device::{self, access_point, host};
use crate::engine::{Context, Model, NodeMut};
use crate::event::{AirCommand, Lab, LabEvent, NodeKind, Shared, Vitals};
use crate::net::router::{self, flow_of};
use crate::net::{air, outside, segment};
use crate::record::{DropReason, HostRecord, LabRecord, NetworkRecord};
use crate::time::Duration;
use crate::wire::{Body, Frame, Ip};
use crate::{agent, defend, people};

impl Registry for Lab {
    const PARTS: &'static [&'static [Part]] = &[
        // The network's own timers are its own business.
        &[],
        people::PARTS,
        device::PARTS,
        defend::PARTS,
        agent::PARTS,
    ];
}

impl Model for Lab {
    type Event = LabEvent;
    type Hot = Vitals;
    type Record = LabRecord;
    type Shared = Shared;

    fn on_hot(cx: &mut Context<'_, Self>, hot: &mut Vitals, event: LabEvent) -> Option<LabEvent> {
        match event {
            LabEvent::Power(on) => {
                if on == hot.powered {
                    return None;
                }
                hot.powered = on;
                if on {
                    hot.boots += 1;
                }
                if !on {
                    hot.off = Some(cx.emit(HostRecord::PoweredOff));
                } else if hot.boots > 1 {
                    cx.emit(HostRecord::PoweredOn);
                }
                Some(event)
            }
            LabEvent::Timer { boot, .. } if boot != hot.boots => None,
            event if hot.powered => Some(event),
            LabEvent::Frame { frame, .. } => {
                lost_at(cx, hot, &frame);
                None
            }
            _ => None,
        }
    }

    fn on_event(cx: &mut Context<'_, Self>, node: &mut NodeMut<'_>, event: LabEvent) {
        match cx.shared().kinds[cx.node().index()] {
            NodeKind::Air => air::on_event(cx, node, event),
            NodeKind::Segment => segment::on_event(cx, node, event),
            NodeKind::Router => router::on_event(cx, node, event),
            NodeKind::AccessPoint => access_point::on_event(cx, node, event),
            NodeKind::Nurse => people::nurse::on_event(cx, node, event),
            NodeKind::Edge => outside::on_event(cx, node, event),
            NodeKind::Host => host_event(cx, node, event),
        }
    }
}

/// An event at a host: parts that need no network come first.
fn host_event(cx: &mut Context<'_, Lab>, node: &mut NodeMut<'_>, event: LabEvent) {
    let event = match event {
        LabEvent::Timer { owner, .. } => {
            if let Some(handle) = part(owner).on_own_timer {
                return handle(cx, node, event);
            }
            event
        }
        LabEvent::Touch { .. }
        | LabEvent::Bridge(_)
        | LabEvent::Mirrored(_)
        | LabEvent::Case { .. }
        | LabEvent::Power(_) => match before_network(cx, node, event) {
            Some(event) => event,
            None => return,
        },
        event => event,
    };
    match event {
        LabEvent::Power(false) => {
            let (from, air) = (cx.node(), cx.shared().air);
            let command = AirCommand::Off;
            cx.after(Duration::ZERO, air, LabEvent::Air { from, command });
            outside::off(cx);
        }
        event if access_point::is_for_own(node, &event) => access_point::on_own(cx, node, event),
        event => {
            if let LabEvent::Heard { frame, .. } = &event
                && node.has::<access_point::AccessPoint>()
            {
                access_point::hear_own(cx, node, frame);
            }
            host::on_event(cx, node, event)
        }
    }
}

/// Offers an event to the parts of a host that work without the network; what none of them takes is left.
fn before_network(
    cx: &mut Context<'_, Lab>,
    node: &mut NodeMut<'_>,
    event: LabEvent,
) -> Option<LabEvent> {
    let mut event = Some(event);
    for part in parts_of(cx) {
        if let Some(take) = part.before_network {
            event = event.and_then(|event| take(cx, node, event));
        }
    }
    event
}

/// A packet came to a node without power, or a question for the node's own address: what was expected of it does not come, and this is why.
fn lost_at(cx: &mut Context<'_, Lab>, hot: &Vitals, frame: &Frame) {
    let (why, flow) = match &frame.body {
        Body::Ip(packet) if !frame.dst.is_broadcast() => (DropReason::Off, Some(flow_of(packet))),
        Body::Arp(arp) if !arp.reply && would_answer(cx, arp.target_ip) => (DropReason::Off, None),
        _ => return,
    };
    cx.emit_because(NetworkRecord::Dropped { why, flow }, hot.off.as_slice());
}

/// Whether an address is asked for in vain where this node has no power: it is the node's own, or the question would have to pass here.
fn would_answer(cx: &Context<'_, Lab>, ip: Ip) -> bool {
    let shared = cx.shared();
    let node = cx.node();
    match shared.kinds[node.index()] {
        NodeKind::Segment => true,
        NodeKind::Router => {
            let name = &shared.names[node.index()];
            let mut routers = shared.lab.routers.iter().filter(|r| r.name == *name);
            routers.any(|r| r.interfaces.iter().any(|leg| leg.ip == ip))
        }
        _ => shared.plan.iter().any(|b| b.node == node && b.ip == ip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::Label;
    use std::collections::BTreeSet;

    #[test]
    fn every_part_stands_where_its_id_says_and_has_a_name_of_its_own() {
        let mut names = BTreeSet::new();
        for (layer, parts) in <Lab as Registry>::PARTS.iter().enumerate() {
            for (place, part) in parts.iter().enumerate() {
                let name = part.id.name();
                assert_eq!(part.id.place(), (layer, place), "{name}");
                assert!(names.insert(name), "two parts are called {name}");
            }
        }
        assert!(names.len() > 30, "{names:?}");
    }

    #[test]
    fn timers_of_delivery_and_of_the_network_are_told_from_others() {
        let parts = <Lab as Registry>::PARTS.iter().copied().flatten();
        let labels: BTreeSet<_> = parts.map(|part| part.id.label()).collect();
        assert_eq!(labels, BTreeSet::from(["delivery-timer", "timer"]));
        assert_eq!(crate::net::part::STACK.label(), "network-timer");
    }
}
