//! A host: the way from a frame, a timer or a touch to the part of the host that it is for.
//!
//! Which parts there are is not known here: whoever puts hosts together says so through [`Parts`].

use crate::engine::NodeMut;
use crate::event::{Cx, LabEvent, Owner};
pub use crate::net::host::{Down, Host, Interface, Io, Network};
use crate::net::port::{Overheard, overhear};
use crate::net::stack::{App, SocketEvent};
use crate::proto::wlan::supplicant::Heard;

/// The parts of hosts: who gets what a host's network and clock have for them.
pub trait Parts {
    /// Hands a socket's event to the part of the host that owns the socket.
    fn deliver(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, app: App, event: SocketEvent);
    /// Hands a host's own event to the part that it is for.
    fn local(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: LabEvent);
    /// The host's radio listens for whoever holds the host, and heard a frame.
    fn overheard(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, heard: Overheard);
    /// Looks at what a socket is about to hand on. Whether that ends here.
    fn meets(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) -> bool;
    /// A host is switched on: every part of it starts afresh.
    fn power_on(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>);
    /// The communicating part of a host starts again, which was on all the time.
    fn restart(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>);
}

/// Runs `act` with the host's network, lets every part of the host that has something to hear hear it, and sends what is to be sent.
pub fn with_network<P: Parts>(
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
            if !P::meets(&mut io, node, &event) {
                P::deliver(&mut io, node, app, event);
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

/// Handles an event at a host.
pub fn on_event<P: Parts>(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    match event {
        LabEvent::Frame { frame, .. } => {
            with_network::<P>(cx, node, |io, _| io.network.stack.on_frame(io.cx, *frame))
        }
        LabEvent::Heard {
            frame,
            dbm,
            channel,
        } => with_network::<P>(cx, node, |io, node| {
            let heard = Heard {
                frame: *frame,
                dbm,
                channel,
            };
            on_heard::<P>(io, node, heard);
        }),
        LabEvent::Arrival(arrival) => {
            with_network::<P>(cx, node, |io, _| {
                io.network.stack.on_arrival(io.cx, *arrival)
            });
        }
        LabEvent::Signal { dbm, lost } => with_network::<P>(cx, node, |io, _| {
            io.network
                .with_station(io.cx, |s, now, _| s.handle_signal(now, dbm, lost));
        }),
        LabEvent::Timer {
            owner: Owner::Stack,
            token,
            ..
        } => {
            with_network::<P>(cx, node, |io, _| io.network.stack.on_timer(io.cx, token));
        }
        LabEvent::Timer {
            owner: Owner::Station,
            token,
            ..
        } => with_network::<P>(cx, node, |io, _| {
            io.network.with_station(io.cx, |s, now, _| {
                if s.poll_timeout().is_some_and(|(_, number)| number == token) {
                    s.handle_timeout(now);
                }
            });
        }),
        LabEvent::Timer {
            owner: Owner::Host, ..
        } => restart::<P>(cx, node),
        LabEvent::Power(true) => power_on::<P>(cx, node),
        other => with_network::<P>(cx, node, |io, node| P::local(io, node, other)),
    }
}

/// A frame in the air: the station takes what is for it, and whoever listens at the host overhears all.
fn on_heard<P: Parts>(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, heard: Heard) {
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
        P::overheard(io, node, overheard);
    }
}

/// The communicating part starts again.
fn restart<P: Parts>(cx: &mut Cx<'_>, node: &mut NodeMut<'_>) {
    if let Some(host) = node.get_mut::<Host>() {
        host.revive();
    }
    with_network::<P>(cx, node, |io, node| {
        P::restart(io, node);
        let boot = io.network.boot;
        io.network.power_on(io.cx, boot);
    });
}

/// The host is switched on.
fn power_on<P: Parts>(cx: &mut Cx<'_>, node: &mut NodeMut<'_>) {
    if let Some(host) = node.get_mut::<Host>() {
        host.revive();
    }
    let boot = node.get::<crate::event::Vitals>().map_or(0, |v| v.boots);
    with_network::<P>(cx, node, |io, node| {
        P::power_on(io, node);
        io.network.power_on(io.cx, boot);
    });
}
