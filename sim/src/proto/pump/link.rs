//! The pump's end of its session with a server, above whatever carries and protects it.
//!
//! Told what arrived and what time it is, it answers by [`PumpLink::poll_event`], [`PumpLink::poll_transmit`] and
//! [`PumpLink::poll_timeout`]: call one method that changes it, then drain the three in this order. "Online" means that the server's first
//! application message has come: under TLS 1.3 a client believes itself connected before the server has refused it.

use crate::clinical::delivery::AlarmKind;
use crate::clinical::order::InfusionOrder;
use crate::time::{Duration, Time};
use crate::wire::image::Image;
use crate::wire::pump::{LogEntry, PumpLogEvent, PumpMessage, PumpStatus, SignedLibrary};
use std::collections::VecDeque;

/// Time in which whoever takes the connection must have welcomed the pump \[A\]; an attempt that hangs before that is given up.
pub const ANSWER: Duration = Duration::from_secs(30);
/// Longest pause between two attempts, before jitter \[A\].
pub const RETRY_MAX: Duration = Duration::from_secs(60);
/// Pause before the first new attempt; it doubles with each failure \[A\].
const RETRY: Duration = Duration::from_secs(5);
/// How many orders are remembered, so that one that comes again is known \[A\].
const ORDERS: usize = 16;

/// What a pump's link is configured with.
#[derive(Clone, Debug)]
pub struct LinkConfig {
    /// Own name.
    pub name: String,
    /// Interval of status messages while infusing and while idle.
    pub status: (Duration, Duration),
    /// Whether the log is kept while offline.
    pub buffered: bool,
}

/// How far the link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is no network, or no power.
    Down,
    /// Waits for its next attempt.
    Resting,
    /// Asked for a connection.
    Opening,
    /// Said hello.
    Greeting,
    /// Was welcomed.
    Online,
}

/// What the link waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// To report again.
    Report,
    /// To try again.
    Retry,
    /// To be welcomed.
    Welcome,
}

/// What the link tells its pump.
#[derive(Clone, Debug)]
pub enum LinkEvent {
    /// Open a connection.
    Connect,
    /// Close the connection, or give up opening one.
    Close,
    /// The server welcomed the pump.
    Online,
    /// The session is lost.
    Lost,
    /// The server has an alarm.
    AlarmTaken {
        /// Alarm number.
        number: u32,
    },
    /// A library is offered; answer with [`PumpLink::answer_library`].
    Library(SignedLibrary),
    /// Firmware or calibration is offered; answer with [`PumpLink::answer_image`].
    Image(Image),
    /// An order is to be confirmed at the pump.
    Order(InfusionOrder),
}

/// The pump's end.
#[derive(Clone, Debug)]
pub struct PumpLink {
    config: LinkConfig,
    phase: Phase,
    attempts: u64,
    failures: u32,
    status: PumpStatus,
    /// Entries that the server has not confirmed.
    log: Vec<LogEntry>,
    next_entry: u32,
    /// Alarms that the server has not confirmed.
    alarms: Vec<(u32, AlarmKind)>,
    /// The last orders that came.
    orders: VecDeque<InfusionOrder>,
    due: Option<(Time, Due)>,
    transmit: VecDeque<PumpMessage>,
    events: VecDeque<LinkEvent>,
}

impl PumpLink {
    /// A link that is down, of a pump in which a library of this version is active.
    #[must_use]
    pub fn new(config: LinkConfig, library_version: u32) -> Self {
        Self {
            config,
            phase: Phase::Down,
            attempts: 0,
            failures: 0,
            status: PumpStatus {
                infusing: false,
                rate_ml_per_h: 0.0,
                infused_ml: 0.0,
                library_version,
            },
            log: Vec::new(),
            next_entry: 1,
            alarms: Vec::new(),
            orders: VecDeque::new(),
            due: None,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Whether the server has welcomed the pump.
    #[must_use]
    pub fn online(&self) -> bool {
        self.phase == Phase::Online
    }

    /// Attempts to open a session so far.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.attempts
    }

    /// Number of the last log entry.
    #[must_use]
    pub fn logged(&self) -> u32 {
        self.next_entry - 1
    }

    /// Log entries that no server has confirmed.
    #[must_use]
    pub fn unconfirmed(&self) -> usize {
        self.log.len()
    }

    // ---- what the network brings ---------------------------------------------------------------------------------

    /// There is a network: the first attempt is made at once.
    pub fn handle_up(&mut self, now: Time) {
        self.failures = 0;
        if matches!(self.phase, Phase::Down | Phase::Resting) {
            self.connect(now);
        }
    }

    /// There is no network any more.
    pub fn handle_down(&mut self) {
        self.lose();
        self.phase = Phase::Down;
    }

    /// The module has lost power, or crashed: what was under way is forgotten, what is in storage is kept.
    pub fn stop(&mut self) {
        self.phase = Phase::Down;
        self.failures = 0;
        self.due = None;
        self.transmit.clear();
        self.events.clear();
    }

    /// The connection that was asked for is open, and protected if it is to be.
    pub fn handle_open(&mut self) {
        if self.phase != Phase::Opening {
            return;
        }
        self.phase = Phase::Greeting;
        self.transmit.push_back(PumpMessage::Hello {
            pump: self.config.name.clone(),
            library_version: self.status.library_version,
            log_from: self.log.first().map_or(self.next_entry, |e| e.number),
        });
    }

    /// The connection is gone, or could not be opened. `jitter` from 0 to 1 spreads the next attempt.
    pub fn handle_gone(&mut self, now: Time, jitter: f64) {
        if self.phase == Phase::Down {
            return;
        }
        self.lose();
        self.failures += 1;
        let pause = (RETRY * (1u64 << self.failures.min(4))).min(RETRY_MAX);
        let pause = Duration::from_secs_f64(pause.as_secs_f64() * (0.75 + 0.5 * jitter));
        self.phase = Phase::Resting;
        self.due = Some((now + pause, Due::Retry));
    }

    /// The server, or whoever is at the other end, said something.
    pub fn handle_message(&mut self, now: Time, message: PumpMessage) {
        if !matches!(self.phase, Phase::Greeting | Phase::Online) {
            return;
        }
        match message {
            PumpMessage::Welcome { .. } if self.phase == Phase::Greeting => self.welcomed(now),
            PumpMessage::AlarmTaken { number } => {
                self.alarms.retain(|(n, _)| *n != number);
                self.events.push_back(LinkEvent::AlarmTaken { number });
            }
            PumpMessage::LogTaken { through } => self.log.retain(|e| e.number > through),
            PumpMessage::LibraryOffer(library) => {
                self.events.push_back(LinkEvent::Library(library));
            }
            PumpMessage::ImageOffer(image) => self.events.push_back(LinkEvent::Image(image)),
            PumpMessage::Order(order) => {
                let answer = PumpMessage::OrderAnswer {
                    order: order.id,
                    accepted: true,
                };
                // One that comes again, because its answer did not arrive, is answered again and not shown again.
                if !self.orders.contains(&order) {
                    if self.orders.len() == ORDERS {
                        self.orders.pop_front();
                    }
                    self.orders.push_back(order.clone());
                    self.events.push_back(LinkEvent::Order(order));
                }
                self.say(answer);
            }
            _ => {}
        }
    }

    /// Something that [`PumpLink::poll_timeout`] told of may be due. `jitter` is as for [`PumpLink::handle_gone`].
    pub fn handle_timeout(&mut self, now: Time, jitter: f64) {
        let Some((_, due)) = self.due.filter(|(at, _)| *at <= now) else {
            return;
        };
        self.due = None;
        match due {
            Due::Report => self.report(now),
            Due::Retry => self.connect(now),
            Due::Welcome => {
                self.events.push_back(LinkEvent::Close);
                self.handle_gone(now, jitter);
            }
        }
    }

    // ---- what the pump does --------------------------------------------------------------------------------------

    /// Delivery infuses or not, at a rate in mL/h, and has given a volume in mL.
    pub fn progress(&mut self, now: Time, infusing: bool, rate_ml_per_h: f64, infused_ml: f64) {
        let changed = infusing != self.status.infusing;
        self.status = PumpStatus {
            infusing,
            rate_ml_per_h,
            infused_ml,
            ..self.status
        };
        if changed && self.online() {
            self.report(now);
        }
    }

    /// Something is to be logged. While offline it is kept or lost, as the pump is configured.
    pub fn log(&mut self, event: PumpLogEvent) {
        let entry = LogEntry {
            number: self.next_entry,
            event,
        };
        self.next_entry += 1;
        if self.online() {
            self.log.push(entry.clone());
            self.say(PumpMessage::Log {
                entries: vec![entry],
            });
        } else if self.config.buffered {
            self.log.push(entry);
        }
    }

    /// An alarm began.
    pub fn alarm(&mut self, number: u32, kind: AlarmKind) {
        self.alarms.push((number, kind));
        self.say(PumpMessage::Alarm { number, kind });
    }

    /// A library became active.
    pub fn library_active(&mut self, version: u32) {
        self.status.library_version = version;
        self.say(PumpMessage::LibraryActive { version });
    }

    /// Answers the offer of a library.
    pub fn answer_library(&mut self, version: u32, accepted: bool) {
        self.say(PumpMessage::LibraryAnswer { version, accepted });
    }

    /// Answers the offer of firmware or calibration.
    pub fn answer_image(&mut self, accepted: bool) {
        self.say(PumpMessage::ImageAnswer { accepted });
    }

    // ---- what comes of it ----------------------------------------------------------------------------------------

    /// Next thing that the pump is told.
    pub fn poll_event(&mut self) -> Option<LinkEvent> {
        self.events.pop_front()
    }

    /// Next message to be sent.
    pub fn poll_transmit(&mut self) -> Option<PumpMessage> {
        self.transmit.pop_front()
    }

    /// When to call [`PumpLink::handle_timeout`] next, and for what.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Time, Due)> {
        self.due
    }

    fn connect(&mut self, now: Time) {
        self.attempts += 1;
        self.phase = Phase::Opening;
        self.due = Some((now + ANSWER, Due::Welcome));
        self.events.push_back(LinkEvent::Connect);
    }

    fn lose(&mut self) {
        if self.online() {
            self.events.push_back(LinkEvent::Lost);
        }
        self.transmit.clear();
        self.due = None;
    }

    fn welcomed(&mut self, now: Time) {
        self.phase = Phase::Online;
        self.failures = 0;
        self.events.push_back(LinkEvent::Online);
        if !self.log.is_empty() {
            let entries = self.log.clone();
            self.say(PumpMessage::Log { entries });
        }
        for (number, kind) in self.alarms.clone() {
            self.say(PumpMessage::Alarm { number, kind });
        }
        self.report(now);
    }

    fn report(&mut self, now: Time) {
        self.say(PumpMessage::Status(self.status));
        let (infusing, idle) = self.config.status;
        let every = if self.status.infusing { infusing } else { idle };
        self.due = Some((now + every, Due::Report));
    }

    fn say(&mut self, message: PumpMessage) {
        if self.online() {
            self.transmit.push_back(message);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn link(buffered: bool) -> PumpLink {
        let config = LinkConfig {
            name: "pump-01".to_owned(),
            status: (Duration::from_secs(10), Duration::from_secs(60)),
            buffered,
        };
        PumpLink::new(config, 1)
    }

    fn at(s: u64) -> Time {
        Time::ZERO + Duration::from_secs(s)
    }

    fn said(link: &mut PumpLink) -> Vec<PumpMessage> {
        std::iter::from_fn(|| link.poll_transmit()).collect()
    }

    fn told(link: &mut PumpLink) -> Vec<LinkEvent> {
        std::iter::from_fn(|| link.poll_event()).collect()
    }

    fn welcome(link: &mut PumpLink, now: Time) {
        link.handle_up(now);
        link.handle_open();
        let server = "server".to_owned();
        link.handle_message(now, PumpMessage::Welcome { server });
    }

    #[test]
    fn nothing_but_hello_is_said_before_the_welcome() {
        let mut link = link(true);
        link.alarm(1, AlarmKind::AirInLine);
        link.handle_up(at(0));
        link.handle_open();
        assert!(matches!(
            said(&mut link)[..],
            [PumpMessage::Hello { log_from: 1, .. }]
        ));
        link.log(PumpLogEvent::Stopped);
        assert!(said(&mut link).is_empty());
        let server = "server".to_owned();
        link.handle_message(at(1), PumpMessage::Welcome { server });
        let said = said(&mut link);
        assert!(
            matches!(
                said[..],
                [
                    PumpMessage::Log { .. },
                    PumpMessage::Alarm { number: 1, .. },
                    PumpMessage::Status(_)
                ]
            ),
            "{said:?}"
        );
    }

    #[test]
    fn who_takes_the_connection_and_never_welcomes_is_given_up() {
        let mut link = link(true);
        link.handle_up(at(0));
        link.handle_open();
        said(&mut link);
        told(&mut link);
        assert_eq!(link.poll_timeout(), Some((at(30), Due::Welcome)));
        link.handle_timeout(at(29), 0.5);
        assert!(told(&mut link).is_empty(), "not yet");
        link.handle_timeout(at(30), 0.5);
        assert!(matches!(told(&mut link)[..], [LinkEvent::Close]));
        assert_eq!(link.poll_timeout(), Some((at(40), Due::Retry)));
        link.handle_timeout(at(40), 0.5);
        assert!(matches!(told(&mut link)[..], [LinkEvent::Connect]));
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_a_welcome_forgets_them() {
        let mut link = link(true);
        link.handle_up(at(0));
        let mut pauses = Vec::new();
        let mut now = at(0);
        for _ in 0..5 {
            link.handle_gone(now, 0.5);
            let (next, _) = link.poll_timeout().expect("it tries again");
            pauses.push((next - now).as_secs_f64());
            now = next;
            link.handle_timeout(now, 0.5);
        }
        assert_eq!(pauses, [10.0, 20.0, 40.0, 60.0, 60.0]);
        link.handle_open();
        let server = "server".to_owned();
        link.handle_message(now, PumpMessage::Welcome { server });
        link.handle_gone(now, 0.5);
        assert_eq!(
            link.poll_timeout(),
            Some((now + Duration::from_secs(10), Due::Retry))
        );
    }

    #[test]
    fn what_is_not_confirmed_is_said_again_in_the_next_session() {
        let mut link = link(true);
        welcome(&mut link, at(0));
        for _ in 0..3 {
            link.log(PumpLogEvent::Stopped);
        }
        link.alarm(1, AlarmKind::AirInLine);
        link.handle_message(at(1), PumpMessage::LogTaken { through: 2 });
        link.handle_gone(at(2), 0.0);
        link.log(PumpLogEvent::LimitHeld);
        said(&mut link);
        link.handle_timeout(at(100), 0.0);
        link.handle_open();
        let server = "server".to_owned();
        link.handle_message(at(101), PumpMessage::Welcome { server });
        let said = said(&mut link);
        let numbers = said.iter().find_map(|m| match m {
            PumpMessage::Log { entries } => Some(entries.iter().map(|e| e.number).collect()),
            _ => None,
        });
        assert_eq!(numbers, Some(vec![3, 4]), "{said:?}");
        let hello = |m: &PumpMessage| matches!(m, PumpMessage::Hello { log_from: 3, .. });
        assert!(said.iter().any(hello), "{said:?}");
        let again = |m: &PumpMessage| matches!(m, PumpMessage::Alarm { number: 1, .. });
        assert!(said.iter().any(again), "{said:?}");
    }

    #[test]
    fn a_pump_without_a_buffer_loses_what_it_logs_offline_and_the_gap_shows() {
        let mut link = link(false);
        link.log(PumpLogEvent::Stopped);
        welcome(&mut link, at(0));
        said(&mut link);
        link.log(PumpLogEvent::LimitHeld);
        let said = said(&mut link);
        assert!(
            matches!(&said[..], [PumpMessage::Log { entries }] if entries[0].number == 2),
            "{said:?}"
        );
    }

    #[test]
    fn a_link_that_is_down_stays_down_until_there_is_a_network() {
        let mut link = link(true);
        welcome(&mut link, at(0));
        told(&mut link);
        link.handle_down();
        assert!(matches!(told(&mut link)[..], [LinkEvent::Lost]));
        link.handle_gone(at(1), 0.5);
        assert_eq!(link.poll_timeout(), None);
        link.handle_message(at(2), PumpMessage::Order(order()));
        assert!(told(&mut link).is_empty(), "nobody is there to say it");
        link.handle_up(at(3));
        assert!(matches!(told(&mut link)[..], [LinkEvent::Connect]));
    }

    #[test]
    fn an_order_that_comes_again_is_answered_again_and_shown_once() {
        let mut link = link(true);
        welcome(&mut link, at(0));
        said(&mut link);
        told(&mut link);
        link.handle_message(at(1), PumpMessage::Order(order()));
        link.handle_gone(at(2), 0.5);
        welcome(&mut link, at(10));
        link.handle_message(at(10), PumpMessage::Order(order()));
        let other = InfusionOrder {
            rate_ml_per_h: 2.0 * order().rate_ml_per_h,
            ..order()
        };
        link.handle_message(at(11), PumpMessage::Order(other));
        let shown = |e: &LinkEvent| matches!(e, LinkEvent::Order(_));
        let told = told(&mut link);
        assert_eq!(told.iter().filter(|e| shown(e)).count(), 2, "{told:?}");
        let answer = |m: &PumpMessage| matches!(m, PumpMessage::OrderAnswer { .. });
        assert!(said(&mut link).iter().filter(|m| answer(m)).count() >= 2);
    }

    pub(in crate::proto) fn order() -> InfusionOrder {
        InfusionOrder {
            id: 1,
            patient: 1,
            care_area: "ICU".to_owned(),
            drug: "heparin".to_owned(),
            concentration: crate::clinical::drug_library::Concentration {
                text: "1 mg in 1 mL".to_owned(),
                per_ml: 1.0,
                unit: crate::clinical::drug_library::AmountUnit::Mg,
            },
            rate_ml_per_h: 1.0,
            vtbi_ml: 1.0,
            dose: false,
        }
    }
}
