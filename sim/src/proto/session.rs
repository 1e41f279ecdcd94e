//! The client's end of an application session under TLS: opens, sends what waits once it is open, unwraps what comes.

use super::tls::{Client, Credentials, Step};
use crate::crypto::CertificateFault;
use crate::rng::Stream;
use crate::wire::Message;
use crate::wire::tls::{Tls, record};

/// The client's end of a session.
#[derive(Clone, Debug)]
pub struct Session {
    client: Client,
    waiting: Vec<Message>,
}

/// What came of a message.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Send these.
    Send(Vec<Message>),
    /// The server said this.
    Said(Message),
    /// The session is refused, by this end (with what to tell the other) or by the other.
    Refused(CertificateFault, Option<Message>),
    /// Nothing.
    Nothing,
}

impl Session {
    /// A session and its opening; `first` is sent as soon as it is open. `expect` is the name that the server must prove; none believes any server.
    pub fn start(
        luck: &mut Stream,
        credentials: Credentials,
        expect: Option<String>,
        first: Message,
    ) -> (Self, Message) {
        let (client, hello) = Client::start(luck, credentials, expect);
        let waiting = vec![first];
        (Self { client, waiting }, Message::Tls(Box::new(hello)))
    }

    /// A message as it travels; none: it waits until the session is open.
    pub fn wrap(&mut self, message: Message) -> Option<Message> {
        match self.client.key() {
            Some(key) => Some(Message::Tls(Box::new(record(&key, message)))),
            None => {
                self.waiting.push(message);
                None
            }
        }
    }

    /// What still waits for the session to open, in its order.
    #[must_use]
    pub fn unsaid(self) -> Vec<Message> {
        self.waiting
    }

    /// A message arrived at calendar second `at`.
    pub fn handle(&mut self, message: &Tls, at: u64) -> Heard {
        match self.client.handle(message, at) {
            Step::Send(m) | Step::SendDone(m) => Heard::Send(vec![Message::Tls(Box::new(m))]),
            Step::Done => {
                let waiting = std::mem::take(&mut self.waiting);
                Heard::Send(waiting.into_iter().filter_map(|m| self.wrap(m)).collect())
            }
            Step::Data(m) => Heard::Said(m),
            Step::Refuse(fault, alert) => {
                Heard::Refused(fault, Some(Message::Tls(Box::new(alert))))
            }
            Step::Refused(fault) => Heard::Refused(fault, None),
            Step::Ignore => Heard::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::tls::Server;
    use crate::rng::{Luck, NodeKey, Purpose};

    fn luck(n: u64) -> Stream {
        Luck::new(1).stream(NodeKey::of("x"), Purpose::new("session"), n)
    }

    fn tls(message: Message) -> Tls {
        match message {
            Message::Tls(tls) => *tls,
            other => panic!("in clear: {other:?}"),
        }
    }

    #[test]
    fn what_waits_is_sent_once_the_session_is_open_and_never_before() {
        let first = Message::Opaque { bytes: 7 };
        let (mut session, hello) =
            Session::start(&mut luck(1), Credentials::default(), None, first);
        assert!(session.wrap(Message::Opaque { bytes: 8 }).is_none());
        let mut server = Server::new(Credentials::default(), false);
        let mut to_server = vec![tls(hello)];
        let mut heard = Vec::new();
        while let Some(message) = to_server.pop() {
            match server.handle(&mut luck(2), &message, 0, &[]) {
                Step::Send(m) | Step::SendDone(m) => {
                    if let Heard::Send(messages) = session.handle(&m, 0) {
                        to_server.extend(messages.into_iter().rev().map(tls));
                    }
                }
                Step::Data(Message::Opaque { bytes }) => heard.push(bytes),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(heard, [7, 8]);
    }

    #[test]
    fn a_server_without_the_name_is_refused() {
        let expect = Some("server".to_owned());
        let first = Message::Opaque { bytes: 7 };
        let (mut session, hello) =
            Session::start(&mut luck(1), Credentials::default(), expect, first);
        let mut server = Server::new(Credentials::default(), false);
        let Step::Send(flight) = server.handle(&mut luck(2), &tls(hello), 0, &[]) else {
            panic!("no flight")
        };
        assert!(matches!(
            session.handle(&flight, 0),
            Heard::Refused(_, Some(_))
        ));
    }
}
