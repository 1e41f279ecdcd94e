//! What techniques share that talk to a service: a session of their own where one is asked for, and what is said in it.

use super::{Progress, Step};
use crate::net::port::StreamId;
use crate::proto::session::{Heard, Session};
use crate::rng::Purpose;
use crate::wire::Message;

const LUCK: Purpose = Purpose::new("attacker application session");

impl Step<'_, '_, '_> {
    /// Opens a session under TLS on a stream, without checking who answers and with nothing to show. `first` is said as soon as it is open.
    pub(super) fn open_session(&mut self, stream: StreamId, first: Message) {
        let mut luck = self.hands.luck(LUCK, u64::from(self.state.tries));
        let credentials = self.hands.without_certificate();
        let (session, hello) = Session::start(&mut luck, credentials, None, first);
        self.state.session = Some(Box::new(session));
        self.hands.send(stream, hello);
    }

    /// Says something: in the session where there is one, in clear otherwise.
    pub(super) fn say(&mut self, stream: StreamId, message: Message) {
        let travels = match &mut self.state.session {
            Some(session) => session.wrap(message),
            None => Some(message),
        };
        if let Some(message) = travels {
            self.hands.send(stream, message);
        }
    }

    /// What a message says; what came of it instead where it says nothing to the technique.
    pub(super) fn said(
        &mut self,
        stream: StreamId,
        message: &Message,
    ) -> Result<Message, Progress> {
        let Some(session) = &mut self.state.session else {
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
