//! The client's end of DHCP: asks, takes the first offer, believes it, and renews what it has been given (RFC 2131 sections 4.1 and 4.4).

use crate::time::{Duration, Time};
use crate::wire::dhcp::{Dhcp, Lease};
use crate::wire::{Ip, Mac};
use std::collections::VecDeque;

/// First time to wait for a server; it doubles up to 64 s (RFC 2131 section 4.1).
const WAIT: Duration = Duration::from_secs(4);
/// Waits are longer or shorter by up to this many seconds (RFC 2131 section 4.1).
const FUZZ_S: f64 = 1.0;
/// Least time between two requests to renew a lease (RFC 2131 section 4.4.5).
const RENEW_AT_LEAST: Duration = Duration::from_secs(60);

/// What is random in a transaction.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Its identifier.
    pub xid: u32,
    /// How the wait for an answer differs, from -1 to 1.
    pub jitter: f64,
}

/// To whom a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// To every server: the client may have no address.
    Everybody,
    /// To the server of its lease.
    Server(Ip),
}

/// What a client waits for, with the transaction that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// An answer of a server.
    Answer(u32),
    /// The next stage of its lease.
    Lease(u32),
}

/// What the host of a client learns.
#[derive(Clone, Copy, Debug)]
pub enum ClientEvent {
    /// It begins to look for an address.
    Seeking,
    /// It has an address.
    Bound {
        /// Lease.
        lease: Lease,
        /// Who gave it.
        server: Ip,
    },
    /// Its lease was renewed.
    Renewed {
        /// Address.
        ip: Ip,
        /// Who renewed it.
        server: Ip,
    },
    /// Its lease is gone: the host must stop using the address at once.
    Lost {
        /// Address.
        ip: Ip,
        /// Whether a server refused to renew it; otherwise it ran out.
        refused: bool,
    },
}

/// Half of a lease: the time after which it is renewed.
#[must_use]
pub fn renewal(length: Duration) -> Duration {
    Duration::from_nanos(length.as_nanos() / 2)
}

/// A lease that is held.
#[derive(Clone, Copy, Debug)]
struct Held {
    ip: Ip,
    server: Ip,
    since: Time,
    length: Duration,
}

impl Held {
    /// Time from which the client asks its server to renew: half of the lease (T1).
    fn renew_at(&self) -> Time {
        self.since + renewal(self.length)
    }

    /// Time from which it asks every server: seven eighths of the lease (T2).
    fn rebind_at(&self) -> Time {
        self.since + Duration::from_nanos(self.length.as_nanos() / 8 * 7)
    }

    fn ends_at(&self) -> Time {
        self.since + self.length
    }

    /// When to look at the lease next: half of the time left until the next stage, but not within a minute.
    fn next(&self, now: Time) -> Time {
        let stage = if now < self.rebind_at() {
            self.rebind_at()
        } else {
            self.ends_at()
        };
        let half = now + renewal(stage - now).max(RENEW_AT_LEAST);
        half.min(stage)
    }
}

/// The states of RFC 2131, figure 5; a client that restarts forgets its address.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Looks for nothing.
    Init,
    /// Waits for an offer.
    Selecting {
        /// Unanswered transactions of this search before this one.
        before: u32,
    },
    /// Took an offer, waits for the acknowledgement.
    Requesting { before: u32 },
    /// Has a lease.
    Bound(Held),
    /// Asks its server to renew the lease.
    Renewing(Held),
    /// Asks every server to renew the lease.
    Rebinding(Held),
}

/// The client's end.
#[derive(Clone, Debug)]
pub struct Client {
    mac: Mac,
    state: State,
    link: bool,
    /// The transaction that is answered, and how many there were.
    xid: u32,
    transactions: u32,
    due: Option<(Time, Due)>,
    transmit: VecDeque<(Recipient, Dhcp)>,
    events: VecDeque<ClientEvent>,
}

impl Client {
    /// A client without a link, whose interface has this address.
    #[must_use]
    pub fn new(mac: Mac) -> Self {
        Self {
            mac,
            state: State::Init,
            link: false,
            xid: 0,
            transactions: 0,
            due: None,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Number of the next transaction, from 1 on: the counter of its [`Draw`].
    #[must_use]
    pub fn next_transaction(&self) -> u32 {
        self.transactions + 1
    }

    /// Whether it looks for an address.
    #[must_use]
    pub fn is_seeking(&self) -> bool {
        matches!(
            self.state,
            State::Selecting { .. } | State::Requesting { .. }
        )
    }

    /// Whether it waits for an answer in this transaction.
    #[must_use]
    pub fn awaits(&self, xid: u32) -> bool {
        let settled = matches!(self.state, State::Init | State::Bound(_));
        !settled && xid == self.xid
    }

    /// Forgets lease and search. `mac` is the address of its interface from now on.
    pub fn reset(&mut self, mac: Mac) {
        self.mac = mac;
        self.state = State::Init;
        self.due = None;
        self.transmit.clear();
        self.events.clear();
    }

    // ---- what goes in ---------------------------------------------------------------------------------------------

    /// There is a link: who has no lease asks for one.
    pub fn handle_link_up(&mut self, now: Time, draw: Draw) {
        self.link = true;
        match self.state {
            State::Init => self.seek(now, draw),
            State::Selecting { before } | State::Requesting { before } => {
                self.discover(now, draw, before + 1);
            }
            State::Bound(_) | State::Renewing(_) | State::Rebinding(_) => {}
        }
    }

    /// There is no link. A lease runs on.
    pub fn handle_link_down(&mut self) {
        self.link = false;
    }

    /// A message arrived.
    pub fn handle_message(&mut self, now: Time, draw: Draw, message: Dhcp) {
        match (self.state, message) {
            (
                State::Selecting { before },
                Dhcp::Offer {
                    xid,
                    mac,
                    lease,
                    server,
                },
            ) if self.is_answer(xid, mac) => {
                self.state = State::Requesting { before };
                let ip = lease.ip;
                let request = Dhcp::Request {
                    xid,
                    mac,
                    ip,
                    server,
                };
                self.transmit.push_back((Recipient::Everybody, request));
            }
            (
                state,
                Dhcp::Ack {
                    xid,
                    mac,
                    lease,
                    server,
                },
            ) if self.is_answer(xid, mac) => match state {
                // Whoever acknowledges is believed, be it who made the offer or not.
                State::Selecting { .. } | State::Requesting { .. } => {
                    self.events.push_back(ClientEvent::Bound { lease, server });
                    self.hold(now, &lease, server);
                }
                State::Renewing(held) | State::Rebinding(held) if held.ip == lease.ip => {
                    let ip = lease.ip;
                    self.events.push_back(ClientEvent::Renewed { ip, server });
                    self.hold(now, &lease, server);
                }
                _ => {}
            },
            (state, Dhcp::Nak { xid, mac }) if self.is_answer(xid, mac) => match state {
                State::Requesting { before } => self.state = State::Selecting { before },
                State::Renewing(held) | State::Rebinding(held) => {
                    self.lose(now, draw, held.ip, true);
                }
                State::Init | State::Selecting { .. } | State::Bound(_) => {}
            },
            _ => {}
        }
    }

    /// What [`Client::poll_timeout`] told of may be due.
    pub fn handle_timeout(&mut self, now: Time, draw: Draw) {
        if self.due.take_if(|(at, _)| *at <= now).is_none() {
            return;
        }
        match self.state {
            State::Init => {}
            State::Selecting { before } | State::Requesting { before } => {
                if self.link {
                    self.discover(now, draw, before + 1);
                }
            }
            State::Bound(held) | State::Renewing(held) | State::Rebinding(held) => {
                if now >= held.ends_at() {
                    self.lose(now, draw, held.ip, false);
                } else {
                    self.renew(now, draw, held);
                }
            }
        }
    }

    // ---- what comes of it -----------------------------------------------------------------------------------------

    /// Next thing that the host is told.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    /// Next message to be sent, and where to.
    pub fn poll_transmit(&mut self) -> Option<(Recipient, Dhcp)> {
        self.transmit.pop_front()
    }

    /// When to call [`Client::handle_timeout`] next, and for what.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Time, Due)> {
        self.due
    }

    fn is_answer(&self, xid: u32, mac: Mac) -> bool {
        xid == self.xid && mac == self.mac
    }

    fn begin(&mut self, draw: Draw) -> u32 {
        self.transactions += 1;
        self.xid = draw.xid;
        draw.xid
    }

    fn seek(&mut self, now: Time, draw: Draw) {
        self.events.push_back(ClientEvent::Seeking);
        self.discover(now, draw, 0);
    }

    fn discover(&mut self, now: Time, draw: Draw, before: u32) {
        let (xid, mac) = (self.begin(draw), self.mac);
        self.state = State::Selecting { before };
        let discover = Dhcp::Discover { xid, mac };
        self.transmit.push_back((Recipient::Everybody, discover));
        let wait = (WAIT * u64::from(1u32 << before.min(4))).as_secs_f64();
        let wait = Duration::from_secs_f64(wait + draw.jitter * FUZZ_S);
        self.due = Some((now + wait, Due::Answer(xid)));
    }

    fn hold(&mut self, now: Time, lease: &Lease, server: Ip) {
        let held = Held {
            ip: lease.ip,
            server,
            since: now,
            length: Duration::from_secs(u64::from(lease.seconds)),
        };
        self.state = State::Bound(held);
        self.due = Some((held.renew_at(), Due::Lease(self.xid)));
    }

    /// Asks for the lease to be renewed, its server first and every server later. Without a link only time passes.
    fn renew(&mut self, now: Time, draw: Draw, held: Held) {
        let (xid, mac, ip) = (self.begin(draw), self.mac, held.ip);
        self.due = Some((held.next(now), Due::Lease(xid)));
        let to = if now < held.rebind_at() {
            self.state = State::Renewing(held);
            Recipient::Server(held.server)
        } else {
            self.state = State::Rebinding(held);
            Recipient::Everybody
        };
        if self.link {
            self.transmit.push_back((to, Dhcp::Renew { xid, mac, ip }));
        }
    }

    fn lose(&mut self, now: Time, draw: Draw, ip: Ip, refused: bool) {
        self.events.push_back(ClientEvent::Lost { ip, refused });
        self.state = State::Init;
        self.due = None;
        if self.link {
            self.seek(now, draw);
        }
    }
}

#[cfg(test)]
mod tests;
