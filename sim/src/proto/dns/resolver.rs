//! The client's end of DNS, one per question: asks, asks once more, and believes whatever answers.

use crate::time::{Duration, Time};
use crate::wire::Ip;
use crate::wire::dns::Dns;
use std::collections::VecDeque;

/// Time to wait for a name server.
const WAIT: Duration = Duration::from_secs(2);
/// Times that a question is asked.
const TRIES: u8 = 2;

/// What a resolver tells its host: the address of the name, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved(pub Option<Ip>);

/// A question that is not answered yet.
#[derive(Clone, Copy, Debug)]
struct Asked {
    tries: u8,
    due: Time,
}

/// The client's end.
#[derive(Clone, Debug)]
pub struct Resolver {
    id: u16,
    name: String,
    /// None once the question is done.
    asked: Option<Asked>,
    transmit: VecDeque<Dns>,
    events: VecDeque<Resolved>,
}

impl Resolver {
    /// A question that waits to be sent.
    #[must_use]
    pub fn ask(now: Time, id: u16, name: String) -> Self {
        let mut resolver = Self {
            id,
            name,
            asked: None,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        };
        resolver.query(now, 1);
        resolver
    }

    /// Number of the question.
    #[must_use]
    pub fn id(&self) -> u16 {
        self.id
    }

    /// A message arrived.
    pub fn handle_message(&mut self, message: &Dns) {
        if let Dns::Answer { id, ip, .. } = message
            && *id == self.id
        {
            self.end(*ip);
        }
    }

    /// The answer may be late by now.
    pub fn handle_timeout(&mut self, now: Time) {
        match self.asked.filter(|a| a.due <= now) {
            Some(asked) if asked.tries < TRIES => self.query(now, asked.tries + 1),
            Some(_) => self.end(None),
            None => {}
        }
    }

    /// There is no name server any more.
    pub fn handle_unreachable(&mut self) {
        self.end(None);
    }

    /// Next thing that the host is told. After it the question is done.
    pub fn poll_event(&mut self) -> Option<Resolved> {
        self.events.pop_front()
    }

    /// Next message to be sent to the name server.
    pub fn poll_transmit(&mut self) -> Option<Dns> {
        self.transmit.pop_front()
    }

    /// When to call [`Resolver::handle_timeout`] next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        self.asked.map(|a| a.due)
    }

    fn query(&mut self, now: Time, tries: u8) {
        let (id, name) = (self.id, self.name.clone());
        self.transmit.push_back(Dns::Query { id, name });
        let due = now + WAIT;
        self.asked = Some(Asked { tries, due });
    }

    fn end(&mut self, ip: Option<Ip>) {
        if self.asked.take().is_some() {
            self.events.push_back(Resolved(ip));
        }
    }
}
