//! What techniques share that talk to a service: a session of their own where one is asked for, and what is said in it.

use crate::attack::{Progress, Step, Technique};
use crate::net::port::StreamId;
use crate::proto::session::{Heard, Session};
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
        let (session, hello) = Session::start(&mut random, credentials, None, first);
        self.state.as_mut().0 = Some(Box::new(session));
        self.hands.send(stream, hello);
    }

    /// Says something: in the session where there is one, in clear otherwise.
    pub(in crate::attack) fn say(&mut self, stream: StreamId, message: Message) {
        let travels = match &mut self.state.as_mut().0 {
            Some(session) => session.wrap(message),
            None => Some(message),
        };
        if let Some(message) = travels {
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
        match self.hands.unwrap(session, tls) {
            Heard::Send(messages) => {
                for message in messages {
                    self.hands.send(stream, message);
                }
                Err(Progress::Wait)
            }
            Heard::Said(said) => Ok(said),
            Heard::Refused(..) => Err(Progress::Failed("session refused")),
            Heard::Nothing => Err(Progress::Wait),
        }
    }
}
