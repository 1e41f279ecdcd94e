//! What techniques share that talk to a service: a session of their own where one is asked for, and what is said in it.

use crate::attack::{Progress, Step, Technique};
use crate::net::port::StreamId;
use crate::proto::tls::session::{Session, SessionEvent};
use crate::rng::Purpose;
use crate::wire::Message;

const RANDOM: Purpose = Purpose::new("attacker application session");

/// A session of an attempt; none while it speaks in clear.
#[derive(Clone, Debug, Default)]
pub(in crate::attack) struct Conversation(Option<Box<Session>>);

impl Conversation {
    /// Whether it speaks in clear.
    pub(in crate::attack) const fn is_clear(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: Technique> Step<'_, '_, '_, T>
where
    T::State: AsMut<Conversation>,
{
    /// Opens a session under TLS on a stream, without checking who answers and with nothing to show. `first` is said as soon as it is open;
    /// `number` tells the sessions of an attempt apart.
    pub(in crate::attack) fn open_session(
        &mut self,
        stream: StreamId,
        number: u32,
        first: Message,
    ) {
        let mut random = self.hands.luck(RANDOM, u64::from(number));
        let credentials = self.hands.without_certificate();
        let mut session = Session::start(&mut random, credentials, None, first);
        while let Some(opening) = session.poll_transmit() {
            self.hands.send(stream, opening);
        }
        self.state.as_mut().0 = Some(Box::new(session));
    }

    /// Says something: in the session where there is one, in clear otherwise.
    pub(in crate::attack) fn say(&mut self, stream: StreamId, message: Message) {
        let Some(session) = &mut self.state.as_mut().0 else {
            return self.hands.send(stream, message);
        };
        session.say(message);
        while let Some(message) = session.poll_transmit() {
            self.hands.send(stream, message);
        }
    }

    /// What a message says; what came of it instead where it says nothing to the technique.
    pub(in crate::attack) fn said(
        &mut self,
        stream: StreamId,
        message: &Message,
    ) -> Result<Message, Progress> {
        let Some(session) = &mut self.state.as_mut().0 else {
            return Ok(message.clone());
        };
        let Message::Tls(tls) = message else {
            return Err(Progress::Wait);
        };
        let event = self.hands.unwrap(session, tls);
        while let Some(message) = session.poll_transmit() {
            self.hands.send(stream, message);
        }
        match event {
            Some(SessionEvent::Said(said)) => Ok(said),
            Some(SessionEvent::Refused(_)) => Err(Progress::Failed("session refused")),
            None => Err(Progress::Wait),
        }
    }
}
