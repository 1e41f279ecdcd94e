//! The processor of a pump server: it computes the flights of handshakes one after another.

use crate::device::host::Io;
use crate::device::id;
use crate::net::stack::StreamId;
use crate::time::{Duration, Time};
use crate::wire::Message;
use crate::wire::tls::Tls;
use std::collections::BTreeMap;

/// Marks the timers of the processor among those of the server.
pub(super) const TOKEN_COMPUTED: u64 = 1 << 42;

/// A processor with one queue, first come, first served. Records of sessions that are open take it no time.
#[derive(Clone, Debug, Default)]
pub(super) struct Processor {
    busy_until: Time,
    last: u64,
    waiting: BTreeMap<u64, (StreamId, Tls<Message>)>,
}

impl Processor {
    /// Sends a flight on a stream when it is computed, which takes `work`.
    pub(super) fn compute(
        &mut self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        flight: Tls<Message>,
        work: Duration,
    ) {
        if work.is_zero() {
            return io.send(stream, Message::Tls(Box::new(flight)));
        }
        let now = io.cx.now();
        self.busy_until = self.busy_until.max(now) + work;
        self.last += 1;
        self.waiting.insert(self.last, (stream, flight));
        let token = TOKEN_COMPUTED | self.last;
        io.timer(id::PUMP_SERVER, self.busy_until - now, token);
    }

    /// The work of this timer is done: its flight, and where it goes.
    pub(super) fn computed(&mut self, token: u64) -> Option<(StreamId, Tls<Message>)> {
        self.waiting.remove(&(token & !TOKEN_COMPUTED))
    }

    /// Switched on: what it was at is lost.
    pub(super) fn power_on(&mut self) {
        self.busy_until = Time::ZERO;
        self.waiting.clear();
    }
}
