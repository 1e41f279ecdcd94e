//! A host: the way from a frame, a timer or a touch to the part of the host that it is for.

use super::part::{part, parts_of};
use super::{program, scenario_events, weakness};
use crate::engine::NodeMut;
use crate::event::{Cx, LabEvent, PartId, Vitals};
pub use crate::net::host::{Down, Host, Interface, Io, Network};
use crate::net::part::{HOST, STACK, STATION};
use crate::net::port::{Cables, Overheard, overhear};
use crate::net::stack::SocketEvent;
use crate::proto::wlan::supplicant::Heard;
use crate::record::{BedsideRecord, HostRecord};

/// Runs `act` with the host's network, lets every part of the host that has something to hear hear it, and sends what is to be sent.
pub fn with_network(
    cx: &mut Cx<'_>,
    node: &mut NodeMut<'_>,
    act: impl FnOnce(&mut Io<'_, '_>, &mut NodeMut<'_>),
) {
    let Some(mut network) = node.get_mut::<Host>().and_then(Host::take) else {
        return;
    };
    {
        let mut io = Io {
            cx,
            network: &mut network,
        };
        act(&mut io, node);
        while let Some((app, event)) = io.network.stack.next_event() {
            exposed(&mut io, &event);
            if !weakness::meets(&mut io, node, &event) {
                deliver(&mut io, node, app, event);
            }
            if io.network.down.is_some() {
                break;
            }
        }
    }
    if network.down.is_none() {
        network.stack.flush(cx);
        network.transmit(cx);
    }
    if let Some(host) = node.get_mut::<Host>() {
        host.put(network);
    }
}

/// Notes readable patient records that come into a host's hands.
fn exposed(io: &mut Io<'_, '_>, event: &SocketEvent) {
    let message = match event {
        SocketEvent::Message { message, .. } | SocketEvent::Datagram { message, .. } => &**message,
        SocketEvent::Passing(packet) => match packet.message() {
            Some(message) => message,
            None => return,
        },
        _ => return,
    };
    let records = message.readable_records();
    if records > 0 {
        io.cx.emit(crate::record::StorageRecord::RecordsHeld {
            records,
            by: message.protocol(),
        });
    }
}

/// Hands a socket's event to the part that owns the socket.
fn deliver(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, app: PartId, event: SocketEvent) {
    if io.network.stack.is_suspended(app) {
        return;
    }
    (part(app).on_socket)(io, node, event);
    settle(io, node);
}

/// Stops what a host does for others when a file that it needs is gone, and starts it afresh when the file is back.
fn settle(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    if program::settle(io, node) {
        let stopped = || parts_of(io.cx).filter(|p| p.needs_files).collect();
        let stopped: Vec<_> = stopped();
        stopped.iter().for_each(|p| (p.power_on)(io, node));
        stopped.iter().for_each(|p| (p.resume)(io, node));
    }
}

/// Handles an event at a host.
pub fn on_event(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    match event {
        LabEvent::Frame { frame, .. } => {
            with_network(cx, node, |io, _| io.network.stack.on_frame(io.cx, *frame))
        }
        LabEvent::Heard {
            frame,
            dbm,
            channel,
        } => with_network(cx, node, |io, node| {
            let heard = Heard {
                frame: *frame,
                dbm,
                channel,
            };
            on_heard(io, node, heard);
        }),
        LabEvent::Arrival(arrival) => {
            with_network(cx, node, |io, _| {
                io.network.stack.on_arrival(io.cx, *arrival)
            });
        }
        LabEvent::Signal { dbm, lost } => with_network(cx, node, |io, _| {
            io.network
                .with_station(io.cx, |s, now, _| s.handle_signal(now, dbm, lost));
        }),
        LabEvent::Timer { owner, token, .. } => on_timer(cx, node, owner, token),
        LabEvent::Power(true) => power_on(cx, node),
        other => with_network(cx, node, |io, node| local(io, node, other)),
    }
}

/// A timer is due: of the network itself, or of a part.
fn on_timer(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, owner: PartId, token: u64) {
    if owner == STACK {
        with_network(cx, node, |io, _| io.network.stack.on_timer(io.cx, token));
    } else if owner == STATION {
        with_network(cx, node, |io, _| {
            io.network.with_station(io.cx, |s, now, _| {
                if s.poll_timeout().is_some_and(|(_, number)| number == token) {
                    s.handle_timeout(now);
                }
            });
        });
    } else if owner == HOST {
        restart(cx, node);
    } else {
        with_network(cx, node, |io, node| {
            // What has stopped does not wake up.
            if !io.network.stack.is_suspended(owner) {
                (part(owner).on_timer)(io, node, token);
            }
            settle(io, node);
        });
    }
}

/// An event that comes neither by the network nor by a timer: the first part that knows it takes it.
fn local(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: LabEvent) {
    match event {
        LabEvent::Happening(n) => scenario_events::on_event(io, node, n),
        event => {
            if let LabEvent::Cable { pump, on } = event {
                cable(io, node, pump, on);
            }
            let mut event = Some(event);
            for part in parts_of(io.cx) {
                if let Some(take) = part.on_event {
                    event = event.and_then(|event| take(io, node, event));
                }
            }
        }
    }
    settle(io, node);
}

/// A cable to a pump is plugged in or taken out.
fn cable(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, pump: crate::engine::NodeId, on: bool) {
    let name = io.cx.shared().names[pump.index()].clone();
    io.cx.emit(BedsideRecord::Cabled { pump, on });
    if let Some(cables) = node.get_mut::<Cables>() {
        cables.plug(name, pump, on);
    }
}

/// A frame in the air: the station takes what is for it, and whoever listens at the host overhears all.
fn on_heard(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, heard: Heard) {
    let overheard = io.network.monitoring.map(|why| {
        let (frame, dbm, channel) = (heard.frame.clone(), heard.dbm, heard.channel);
        let overheard = Overheard {
            frame,
            dbm,
            channel,
        };
        (overheard, why)
    });
    let at = io.calendar();
    let mine = match &io.network.interface {
        Interface::Radio(w) => {
            w.supplicant.mac() == heard.frame.ra || heard.frame.ra.is_broadcast()
        }
        _ => false,
    };
    if mine {
        io.network.with_station(io.cx, |s, now, rng| {
            s.handle_frame(now, at, rng, heard);
        });
    }
    if let Some((overheard, why)) = overheard {
        overhear(io.cx, &overheard.frame, why);
        let mut listening = parts_of(io.cx).filter_map(|p| p.on_overheard);
        if let Some(hear) = listening.next() {
            hear(io, node, overheard);
        }
    }
}

/// The communicating part starts again, which was on all the time.
fn restart(cx: &mut Cx<'_>, node: &mut NodeMut<'_>) {
    if let Some(host) = node.get_mut::<Host>() {
        host.revive();
    }
    with_network(cx, node, |io, node| {
        for part in parts_of(io.cx).filter(|p| p.restarts) {
            (part.power_on)(io, node);
        }
        if !parts_of(io.cx).any(|p| p.records_start) {
            io.cx.emit(HostRecord::CommunicationStarted);
        }
        let boot = io.network.boot;
        io.network.power_on(io.cx, boot);
    });
}

/// The host is switched on: every part of it starts afresh.
fn power_on(cx: &mut Cx<'_>, node: &mut NodeMut<'_>) {
    if let Some(host) = node.get_mut::<Host>() {
        host.revive();
    }
    let boot = node.get::<Vitals>().map_or(0, |v| v.boots);
    with_network(cx, node, |io, node| {
        io.network.boot = boot;
        for part in parts_of(io.cx) {
            (part.power_on)(io, node);
        }
        for part in parts_of(io.cx) {
            (part.resume)(io, node);
        }
        io.network.power_on(io.cx, boot);
    });
}
