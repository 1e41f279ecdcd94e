//! The server's end of its sessions with pumps, above whatever carries and protects them.
//!
//! `C` names a connection, `P` a pump; who may say that it is which pump is for the server to decide before [`PumpDesk::admit`]. Call one method that
//! changes it, then drain [`PumpDesk::poll_event`], [`PumpDesk::poll_transmit`] and look at [`PumpDesk::poll_timeout`].

use crate::clinical::delivery::AlarmKind;
use crate::clinical::order::InfusionOrder;
use crate::time::{Duration, Time};
use crate::wire::pump::{PumpLogEvent, PumpMessage, PumpStatus, SignedLibrary};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Alarms of a pump that are known to have come; of more, that of the lowest number is forgotten, and is news if it comes again \[A\].
const ALARMS: usize = 1024;
/// Orders that may wait for their pumps' answers \[A\].
const ORDERS: usize = 1024;

/// What the desk tells its server.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskEvent<P> {
    /// A pump reported.
    Status {
        /// Pump.
        pump: P,
        /// What it does.
        status: PumpStatus,
    },
    /// An entry of a pump's log came for the first time.
    Logged {
        /// Pump.
        pump: P,
        /// Number of the entry.
        number: u32,
        /// What it says.
        event: PumpLogEvent,
    },
    /// A pump's alarm came for the first time.
    Alarm {
        /// Pump.
        pump: P,
        /// Alarm number of the pump.
        number: u32,
        /// Kind.
        kind: AlarmKind,
    },
    /// A library is offered to a pump.
    Offered {
        /// Pump.
        pump: P,
        /// Version.
        version: u32,
    },
    /// A pump answered an order.
    Answered {
        /// Order number.
        order: u32,
        /// Whether it waits for confirmation at the pump.
        accepted: bool,
    },
    /// A pump that was infusing has not been heard from for too long.
    Silent(P),
    /// A pump that was told to be silent has been heard from.
    SeenAgain(P),
}

/// Why an order is not passed on to a pump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderFault {
    /// The pump has no session.
    NoSession,
    /// An order of this number waits for its pump's answer.
    UnderWay,
    /// As many orders wait as may.
    TooMany,
}

/// What is known of a pump.
#[derive(Clone, Debug)]
struct Seat<C> {
    conn: Option<C>,
    infusing: bool,
    library_version: u32,
    /// Number of the last log entry that is stored.
    stored: u32,
    silent_at: Option<Time>,
    reported: bool,
    /// Alarms that were taken.
    alarms: BTreeSet<u32>,
}

/// The server's end.
#[derive(Clone, Debug)]
pub struct PumpDesk<C, P> {
    name: String,
    /// Silence after which a pump that was infusing is told of.
    alert: Option<Duration>,
    offer: Option<SignedLibrary>,
    seats: BTreeMap<P, Seat<C>>,
    /// When pumps are silent for too long, soonest first.
    deadlines: BTreeSet<(Time, P)>,
    /// Orders that pumps have not answered.
    orders: BTreeMap<u32, (P, InfusionOrder)>,
    transmit: VecDeque<(C, PumpMessage)>,
    events: VecDeque<DeskEvent<P>>,
}

impl<C: Copy + Ord, P: Copy + Ord> PumpDesk<C, P> {
    /// A desk without pumps, of a server of this name. `alert` is the silence after which a pump that was infusing is told of.
    #[must_use]
    pub fn new(name: String, alert: Option<Duration>) -> Self {
        Self {
            name,
            alert,
            offer: None,
            seats: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            orders: BTreeMap::new(),
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// The connection of a pump's session.
    #[must_use]
    pub fn conn(&self, pump: P) -> Option<C> {
        self.seats.get(&pump)?.conn
    }

    /// Pumps that have been here, with the connection of those that are.
    pub fn pumps(&self) -> impl Iterator<Item = (P, Option<C>)> {
        self.seats.iter().map(|(pump, seat)| (*pump, seat.conn))
    }

    /// A pump said hello, and is believed to be who it says. A session that it had before is taken over.
    pub fn admit(&mut self, now: Time, conn: C, pump: P, library_version: u32) {
        let seat = self.seats.entry(pump).or_insert_with(|| Seat {
            conn: None,
            infusing: false,
            library_version,
            stored: 0,
            silent_at: None,
            reported: false,
            alarms: BTreeSet::new(),
        });
        seat.conn = Some(conn);
        seat.library_version = library_version;
        let server = self.name.clone();
        self.transmit
            .push_back((conn, PumpMessage::Welcome { server }));
        self.offer_to(pump);
        let unanswered = self.orders.values().filter(|(of, _)| *of == pump);
        let again = unanswered.map(|(_, order)| (conn, PumpMessage::Order(order.clone())));
        self.transmit.extend(again);
        self.seen(now, pump);
    }

    /// A pump that was admitted said something on this connection.
    pub fn handle_message(&mut self, now: Time, conn: C, pump: P, message: PumpMessage) {
        let Some(seat) = self.seats.get_mut(&pump) else {
            return;
        };
        match message {
            PumpMessage::Status(status) => {
                seat.infusing = status.infusing;
                seat.library_version = status.library_version;
                self.events.push_back(DeskEvent::Status { pump, status });
            }
            PumpMessage::Alarm { number, kind } => {
                self.transmit
                    .push_back((conn, PumpMessage::AlarmTaken { number }));
                // Passed on once, however often the pump repeats it.
                let fresh = seat.alarms.insert(number);
                if seat.alarms.len() > ALARMS {
                    seat.alarms.pop_first();
                }
                if fresh {
                    self.events
                        .push_back(DeskEvent::Alarm { pump, number, kind });
                }
            }
            PumpMessage::Log { entries } => {
                for entry in entries {
                    // Entries up to what is stored are repetitions; a gap means that the pump lost some, and stays visible as one.
                    if entry.number <= seat.stored {
                        continue;
                    }
                    seat.stored = entry.number;
                    if let PumpLogEvent::LibraryActive { version } = entry.event {
                        seat.library_version = version;
                    }
                    self.events.push_back(DeskEvent::Logged {
                        pump,
                        number: entry.number,
                        event: entry.event,
                    });
                }
                let through = seat.stored;
                self.transmit
                    .push_back((conn, PumpMessage::LogTaken { through }));
            }
            PumpMessage::LibraryActive { version } => seat.library_version = version,
            PumpMessage::OrderAnswer { order, accepted } => {
                let asked = self.orders.get(&order).is_some_and(|o| o.0 == pump);
                if asked {
                    self.orders.remove(&order);
                    self.events
                        .push_back(DeskEvent::Answered { order, accepted });
                }
            }
            _ => {}
        }
        self.seen(now, pump);
    }

    /// A connection is gone.
    pub fn handle_gone(&mut self, conn: C) {
        for seat in self.seats.values_mut().filter(|s| s.conn == Some(conn)) {
            seat.conn = None;
        }
    }

    /// Forgets the session of a pump that is to open it anew; the connection that it had.
    pub fn dismiss(&mut self, pump: P) -> Option<C> {
        self.seats.get_mut(&pump)?.conn.take()
    }

    /// The server starts anew: sessions are gone, what is stored stays.
    pub fn restart(&mut self) {
        self.orders.clear();
        self.transmit.clear();
        self.events.clear();
        self.deadlines.clear();
        for seat in self.seats.values_mut() {
            seat.conn = None;
            seat.silent_at = None;
        }
    }

    /// What pumps are offered from now on; every pump with a session and an older library is offered it at once.
    pub fn offer(&mut self, library: Option<SignedLibrary>) {
        self.offer = library;
        let pumps: Vec<P> = self.seats.keys().copied().collect();
        for pump in pumps {
            self.offer_to(pump);
        }
    }

    fn offer_to(&mut self, pump: P) {
        let (Some(seat), Some(offer)) = (self.seats.get(&pump), &self.offer) else {
            return;
        };
        let version = offer.library.version;
        if let Some(conn) = seat.conn.filter(|_| version > seat.library_version) {
            let offer = PumpMessage::LibraryOffer(offer.clone());
            self.transmit.push_back((conn, offer));
            self.events.push_back(DeskEvent::Offered { pump, version });
        }
    }

    /// Passes an order on to a pump, and again whenever the pump opens a session anew before it has answered.
    ///
    /// # Errors
    /// Why it is not passed on.
    pub fn order(&mut self, pump: P, order: InfusionOrder) -> Result<(), OrderFault> {
        if self.orders.contains_key(&order.id) {
            return Err(OrderFault::UnderWay);
        }
        if self.orders.len() >= ORDERS {
            return Err(OrderFault::TooMany);
        }
        let conn = self.conn(pump).ok_or(OrderFault::NoSession)?;
        self.orders.insert(order.id, (pump, order.clone()));
        self.transmit.push_back((conn, PumpMessage::Order(order)));
        Ok(())
    }

    /// A pump was heard from: the deadline for the next time is set anew.
    fn seen(&mut self, now: Time, pump: P) {
        let (Some(alert), Some(seat)) = (self.alert, self.seats.get_mut(&pump)) else {
            return;
        };
        let before = seat.silent_at.take();
        seat.silent_at = seat.infusing.then(|| now + alert);
        if let Some(before) = before {
            self.deadlines.remove(&(before, pump));
        }
        self.deadlines.extend(seat.silent_at.map(|at| (at, pump)));
        if std::mem::take(&mut seat.reported) {
            self.events.push_back(DeskEvent::SeenAgain(pump));
        }
    }

    /// Tells of the pumps that have been silent for too long.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some((at, pump)) = self.deadlines.first().copied().filter(|d| d.0 <= now) {
            self.deadlines.remove(&(at, pump));
            if let Some(seat) = self.seats.get_mut(&pump) {
                seat.silent_at = None;
                seat.reported = true;
                self.events.push_back(DeskEvent::Silent(pump));
            }
        }
    }

    /// Next thing that the server is told.
    pub fn poll_event(&mut self) -> Option<DeskEvent<P>> {
        self.events.pop_front()
    }

    /// Next message to be sent.
    pub fn poll_transmit(&mut self) -> Option<(C, PumpMessage)> {
        self.transmit.pop_front()
    }

    /// When to call [`PumpDesk::handle_timeout`] next, and about which pump.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Time, P)> {
        self.deadlines.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::pump::link::{LinkConfig, PumpLink};
    use proptest::prelude::*;

    type Desk = PumpDesk<u32, u8>;

    fn at(s: u64) -> Time {
        Time::ZERO + Duration::from_secs(s)
    }

    fn events(desk: &mut Desk) -> Vec<DeskEvent<u8>> {
        std::iter::from_fn(|| desk.poll_event()).collect()
    }

    fn status(infusing: bool) -> PumpMessage {
        PumpMessage::Status(PumpStatus {
            infusing,
            rate_ml_per_h: 1.0,
            infused_ml: 0.0,
            library_version: 1,
        })
    }

    #[test]
    fn a_pump_that_infuses_and_falls_silent_is_told_of_once_and_again_when_it_is_back() {
        let mut desk = Desk::new("server".to_owned(), Some(Duration::from_secs(60)));
        desk.admit(at(0), 1, 7, 1);
        desk.handle_message(at(0), 1, 7, status(false));
        assert_eq!(desk.poll_timeout(), None, "it does not infuse");
        desk.handle_message(at(1), 1, 7, status(true));
        desk.handle_message(at(31), 1, 7, status(true));
        assert_eq!(desk.poll_timeout(), Some((at(91), 7)));
        events(&mut desk);
        desk.handle_timeout(at(90));
        assert!(events(&mut desk).is_empty());
        desk.handle_timeout(at(91));
        assert_eq!(events(&mut desk), [DeskEvent::Silent(7)]);
        desk.handle_timeout(at(200));
        assert!(events(&mut desk).is_empty());
        desk.admit(at(300), 2, 7, 1);
        assert_eq!(events(&mut desk), [DeskEvent::SeenAgain(7)]);
    }

    #[test]
    fn an_alarm_is_confirmed_each_time_and_passed_on_once() {
        let mut desk = Desk::new("server".to_owned(), None);
        desk.admit(at(0), 1, 7, 1);
        let alarm = PumpMessage::Alarm {
            number: 3,
            kind: AlarmKind::AirInLine,
        };
        desk.handle_message(at(1), 1, 7, alarm.clone());
        desk.handle_message(at(2), 1, 7, alarm);
        assert_eq!(events(&mut desk).len(), 1);
        let taken = |m: &(u32, PumpMessage)| matches!(m.1, PumpMessage::AlarmTaken { number: 3 });
        let said = std::iter::from_fn(|| desk.poll_transmit());
        assert_eq!(said.filter(taken).count(), 2);
    }

    #[test]
    fn an_order_is_passed_on_until_its_pump_answers_and_the_answer_is_told_once() {
        let mut desk = Desk::new("server".to_owned(), None);
        let order = crate::proto::pump::link::tests::order();
        assert_eq!(desk.order(7, order.clone()), Err(OrderFault::NoSession));
        desk.admit(at(0), 1, 7, 1);
        assert_eq!(desk.order(7, order.clone()), Ok(()));
        assert_eq!(desk.order(7, order.clone()), Err(OrderFault::UnderWay));
        desk.handle_gone(1);
        desk.admit(at(1), 2, 7, 1);
        let passed = |m: &(u32, PumpMessage)| matches!(m.1, PumpMessage::Order(_));
        let said = std::iter::from_fn(|| desk.poll_transmit());
        assert_eq!(said.filter(passed).count(), 2, "once over each connection");
        let answer = PumpMessage::OrderAnswer {
            order: order.id,
            accepted: true,
        };
        desk.handle_message(at(1), 2, 7, answer.clone());
        desk.handle_message(at(1), 2, 7, answer);
        let answered = DeskEvent::Answered {
            order: order.id,
            accepted: true,
        };
        assert_eq!(events(&mut desk), [answered]);
    }

    #[test]
    fn what_a_pump_says_without_end_is_not_kept_without_end() {
        let mut desk = Desk::new("server".to_owned(), None);
        desk.admit(at(0), 1, 7, 1);
        for number in 0..4 * ALARMS as u32 {
            let kind = AlarmKind::AirInLine;
            desk.handle_message(at(1), 1, 7, PumpMessage::Alarm { number, kind });
        }
        assert_eq!(desk.seats[&7].alarms.len(), ALARMS);
        let asked = |id: u32| InfusionOrder {
            id,
            ..crate::proto::pump::link::tests::order()
        };
        let fits = (0..2 * ORDERS as u32).filter(|id| desk.order(7, asked(*id)).is_ok());
        assert_eq!(fits.count(), ORDERS);
        assert_eq!(desk.order(7, asked(u32::MAX)), Err(OrderFault::TooMany));
    }

    /// What happens between a pump and its server, a step at a time.
    #[derive(Clone, Copy, Debug)]
    enum Happens {
        /// The pump logs something.
        Logs,
        /// This many messages of the pump arrive.
        ToServer(usize),
        /// This many messages of the server arrive.
        ToPump(usize),
        /// The connection breaks: what is under way is lost.
        Breaks,
        /// The server starts anew.
        Restarts,
    }

    fn happens() -> impl Strategy<Value = Happens> {
        prop_oneof![
            4 => Just(Happens::Logs),
            4 => (1usize..4).prop_map(Happens::ToServer),
            4 => (1usize..4).prop_map(Happens::ToPump),
            1 => Just(Happens::Breaks),
            1 => Just(Happens::Restarts),
        ]
    }

    /// A pump, its server, and what is under way between them.
    struct Wire {
        link: PumpLink,
        desk: Desk,
        conn: u32,
        up: VecDeque<PumpMessage>,
        down: VecDeque<PumpMessage>,
        stored: Vec<u32>,
        now: u64,
    }

    impl Wire {
        fn settle(&mut self) {
            self.now += 1;
            while self.link.poll_event().is_some() {}
            while let Some(m) = self.link.poll_transmit() {
                self.up.push_back(m);
            }
            for event in events(&mut self.desk) {
                if let DeskEvent::Logged { number, .. } = event {
                    self.stored.push(number);
                }
            }
            while let Some((conn, m)) = self.desk.poll_transmit() {
                if conn == self.conn {
                    self.down.push_back(m);
                }
            }
        }

        fn breaks(&mut self) {
            self.up.clear();
            self.down.clear();
            self.desk.handle_gone(self.conn);
            self.conn += 1;
            self.link.handle_gone(at(self.now), 0.5);
            let (due, _) = self.link.poll_timeout().expect("it tries again");
            self.now = (due - Time::ZERO).as_secs_f64().ceil() as u64;
            self.link.handle_timeout(at(self.now), 0.5);
            self.link.handle_open();
        }

        fn step(&mut self, what: Happens) {
            match what {
                Happens::Logs => self.link.log(PumpLogEvent::Stopped),
                Happens::ToServer(n) => {
                    for _ in 0..n {
                        match self.up.pop_front() {
                            Some(PumpMessage::Hello { .. }) => {
                                self.desk.admit(at(self.now), self.conn, 7, 1);
                            }
                            Some(m) => self.desk.handle_message(at(self.now), self.conn, 7, m),
                            None => {}
                        }
                    }
                }
                Happens::ToPump(n) => {
                    for _ in 0..n {
                        if let Some(m) = self.down.pop_front() {
                            self.link.handle_message(at(self.now), m);
                            self.settle();
                        }
                    }
                }
                Happens::Breaks => self.breaks(),
                Happens::Restarts => {
                    self.desk.restart();
                    self.breaks();
                }
            }
            self.settle();
        }
    }

    proptest! {
        #[test]
        fn every_entry_is_stored_once_and_in_order_whatever_breaks(
            steps in proptest::collection::vec(happens(), 1..200)
        ) {
            let config = LinkConfig {
                name: "pump".to_owned(),
                status: (Duration::from_secs(10), Duration::from_secs(60)),
                buffered: true,
            };
            let mut wire = Wire {
                link: PumpLink::new(config, 1),
                desk: Desk::new("server".to_owned(), Some(Duration::from_secs(60))),
                conn: 0,
                up: VecDeque::new(),
                down: VecDeque::new(),
                stored: Vec::new(),
                now: 0,
            };
            wire.link.handle_up(at(0));
            wire.link.handle_open();
            wire.settle();
            let logged = steps.iter().filter(|s| matches!(s, Happens::Logs)).count() as u32;
            for step in steps {
                wire.step(step);
            }
            for _ in 0..4 {
                wire.step(Happens::ToServer(1000));
                wire.step(Happens::ToPump(1000));
            }
            prop_assert_eq!(&wire.stored, &(1..=logged).collect::<Vec<_>>());
            prop_assert_eq!(wire.link.unconfirmed(), 0);
        }
    }
}
