//! The client's end of an application session under TLS: opens, sends what waits once it is open, unwraps what comes.

use super::{Client, ClientConfig, Credentials, TlsEvent};
use crate::crypto::CertificateFault;
use crate::rng::Stream;
use crate::wire::Message;
use crate::wire::tls::Tls;
use std::collections::VecDeque;

/// What a session tells whoever uses it. Whatever waits to be sent is sent before.
#[derive(Clone, Debug)]
pub enum SessionEvent {
    /// The server said this.
    Said(Message),
    /// The session is refused, by this end or by the other.
    Refused(CertificateFault),
}

/// The client's end of a session.
#[derive(Clone, Debug)]
pub struct Session {
    client: Client,
    /// What is said as soon as the session is open.
    waiting: VecDeque<Message>,
    transmit: VecDeque<Message>,
    events: VecDeque<SessionEvent>,
}

impl Session {
    /// A session whose opening waits to be sent; `first` is sent as soon as it is open. `expect` is the name that the server must prove; none believes
    /// any server.
    #[must_use]
    pub fn start(
        rng: &mut Stream,
        credentials: Credentials,
        expect: Option<String>,
        first: Message,
    ) -> Self {
        let config = ClientConfig {
            credentials,
            expect,
            ..ClientConfig::default()
        };
        let mut session = Self {
            client: Client::start(rng, config),
            waiting: VecDeque::from([first]),
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        };
        session.drain();
        session
    }

    /// Says something, now or as soon as the session is open.
    pub fn say(&mut self, message: Message) {
        self.waiting.push_back(message);
        self.drain();
    }

    /// What still waits for the session to open, in its order.
    #[must_use]
    pub fn unsaid(self) -> Vec<Message> {
        self.waiting.into()
    }

    /// A message arrived at calendar second `at`.
    pub fn handle_message(&mut self, at: u64, message: &Tls<Message>) {
        self.client.handle_message(at, message);
        self.drain();
    }

    /// Next thing that the user is told.
    pub fn poll_event(&mut self) -> Option<SessionEvent> {
        self.events.pop_front()
    }

    /// Next message to be sent.
    pub fn poll_transmit(&mut self) -> Option<Message> {
        self.transmit.pop_front()
    }

    fn drain(&mut self) {
        while let Some(flight) = self.client.poll_transmit() {
            self.transmit.push_back(Message::Tls(Box::new(flight)));
        }
        while let Some(event) = self.client.poll_event() {
            match event {
                TlsEvent::Open => {}
                TlsEvent::Data(message) => self.events.push_back(SessionEvent::Said(message)),
                TlsEvent::Refused(fault) | TlsEvent::RefusedByPeer(fault) => {
                    self.events.push_back(SessionEvent::Refused(fault));
                }
            }
        }
        if let Some(key) = self.client.key() {
            let sealed = |m: Message| m.under_tls(&key);
            self.transmit.extend(self.waiting.drain(..).map(sealed));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::tls::Server;
    use crate::rng::{Luck, NodeKey, Purpose};

    fn rng(n: u64) -> Stream {
        Luck::new(1).stream(NodeKey::of("x"), Purpose::new("session"), n)
    }

    fn tls(message: Message) -> Tls<Message> {
        match message {
            Message::Tls(tls) => *tls,
            other => panic!("in clear: {other:?}"),
        }
    }

    #[test]
    fn what_waits_is_sent_once_the_session_is_open_and_never_before() {
        let first = Message::Opaque { bytes: 7 };
        let mut session = Session::start(&mut rng(1), Credentials::default(), None, first);
        session.say(Message::Opaque { bytes: 8 });
        let mut server = Server::new(Credentials::default(), false);
        let (mut heard, mut sent) = (Vec::new(), 0);
        while let Some(message) = session.poll_transmit() {
            sent += 1;
            server.handle_message(0, &mut rng(2), &tls(message), &[]);
            while let Some(flight) = server.poll_transmit() {
                session.handle_message(0, &flight);
            }
            while let Some(event) = server.poll_event() {
                if let TlsEvent::Data(Message::Opaque { bytes }) = event {
                    heard.push(bytes);
                }
            }
        }
        assert_eq!((heard, sent), (vec![7, 8], 4), "two flights before them");
    }

    #[test]
    fn a_server_without_the_name_is_refused_and_told() {
        let expect = Some("server".to_owned());
        let first = Message::Opaque { bytes: 7 };
        let mut session = Session::start(&mut rng(1), Credentials::default(), expect, first);
        let mut server = Server::new(Credentials::default(), false);
        let hello = session.poll_transmit().map(tls).expect("it opens");
        server.handle_message(0, &mut rng(2), &hello, &[]);
        let flight = server.poll_transmit().expect("it answers");
        session.handle_message(0, &flight);
        let refused = session.poll_event();
        assert!(
            matches!(refused, Some(SessionEvent::Refused(_))),
            "{refused:?}"
        );
        let alert = session.poll_transmit().map(tls);
        assert!(matches!(alert, Some(Tls::Alert { .. })), "{alert:?}");
        assert_eq!(session.unsaid().len(), 1);
    }
}
