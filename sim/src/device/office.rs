//! Ordinary load: a host that talks to a server now and then.

use super::host::Io;
use crate::engine::{EventId, NodeMut};
use crate::event::Owner;
use crate::net::stack::{App, SocketEvent, StreamId};
use crate::rng::Purpose;
use crate::time::Duration;
use crate::wire::Message;
use bevy_ecs::component::Component;

const PAUSE: Purpose = Purpose::new("office pause");
const SIZE: u32 = 900;
const RETRY: Duration = Duration::from_secs(60);

/// A worker at a computer.
#[derive(Component, Clone, Debug)]
pub struct Office {
    server: String,
    port: u16,
    every: Duration,
    stream: Option<StreamId>,
    sent: u64,
    began: EventId,
}

impl Office {
    /// Talks to `server` on `port` at exponential intervals of this mean.
    #[must_use]
    pub fn new(server: String, port: u16, every: Duration) -> Self {
        Self {
            server,
            port,
            every,
            stream: None,
            sent: 0,
            began: EventId::GENESIS,
        }
    }

    fn pause(&mut self, io: &mut Io<'_, '_>) {
        self.sent += 1;
        let wait = io.cx.stream(PAUSE, self.sent).exponential() * self.every.as_secs_f64();
        io.timer_caused(
            Owner::Office,
            Duration::from_secs_f64(wait),
            self.sent,
            self.began,
        );
    }
}

/// A socket has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    let Some(office) = node.get_mut::<Office>() else {
        return;
    };
    match event {
        SocketEvent::Up => io.resolve(App::Office, 0, &office.server),
        SocketEvent::Resolved { ip: Some(ip), .. } => {
            office.stream = Some(io.connect(App::Office, (*ip, office.port)))
        }
        SocketEvent::Opened(_) => {
            office.began = io.cx.event();
            office.pause(io);
        }
        SocketEvent::Resolved { ip: None, .. }
        | SocketEvent::Failed { .. }
        | SocketEvent::Closed(_) => {
            office.stream = None;
            io.timer(Owner::Office, RETRY, 0);
        }
        _ => {}
    }
}

/// A timer is due.
pub fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let Some(office) = node.get_mut::<Office>() else {
        return;
    };
    match office.stream {
        None if token == 0 => io.resolve(App::Office, 0, &office.server),
        Some(stream) if token == office.sent => {
            io.send(stream, Message::Opaque { bytes: SIZE });
            office.pause(io);
        }
        _ => {}
    }
}
