//! Greeting pumps that came to the attacker, as their server would.

use crate::attack::knowledge::{Captured, Knowledge};
use crate::attack::{Progress, Step, Technique};
use crate::crypto::{Certificate, PrivateKey};
use crate::net::port::{Hands, StreamId};
use crate::proto::tls::{Credentials, Server, TlsEvent};
use crate::rng::{Purpose, Stream};
use crate::wire::Message;
use crate::wire::pump::PumpMessage;

const RANDOM: Purpose = Purpose::new("spoofed server");

/// What a pump said on a captured session, opened if the attacker holds the key.
pub(in crate::attack) fn opened(
    hands: &Hands<'_, '_>,
    knowledge: &mut Knowledge,
    random: &mut Stream,
    stream: StreamId,
    message: &Message,
) -> (Option<PumpMessage>, Option<Message>) {
    let Some(captured) = knowledge.captured.iter_mut().find(|c| c.stream == stream) else {
        return (None, None);
    };
    match (message, &mut captured.tls) {
        (Message::Pump(m), None) => (Some((**m).clone()), None),
        (Message::Tls(tls), server) => {
            let server =
                server.get_or_insert_with(|| Box::new(Server::new(own_certificate(hands), false)));
            server.handle_message(0, random, tls, &[]);
            match (server.poll_event(), server.poll_transmit()) {
                (Some(TlsEvent::Data(Message::Pump(m))), _) => (Some(*m), None),
                (Some(TlsEvent::Refused(_)), _) => (None, None),
                (_, flight) => (None, flight.map(|m| Message::Tls(Box::new(m)))),
            }
        }
        _ => (None, None),
    }
}

/// A message to a captured pump, sealed if the session is.
pub(in crate::attack) fn wrap(captured: &Captured, message: PumpMessage) -> Message {
    let message = Message::Pump(Box::new(message));
    match captured.tls.as_ref().and_then(|t| t.key()) {
        Some(key) => message.under_tls(&key),
        None => message,
    }
}

fn own_certificate(hands: &Hands<'_, '_>) -> Credentials {
    let key = PrivateKey::of("made by the attacker");
    let cert = Certificate::issue(&key, "pump server", key.public(), 1, (0, u64::MAX), true);
    Credentials {
        chain: vec![cert],
        key: Some(key),
        ..hands.without_certificate()
    }
}

impl<T: Technique> Step<'_, '_, '_, T> {
    /// A pump opened a stream to the attacker.
    pub(in crate::attack) fn capture(&mut self, stream: StreamId) {
        self.knowledge.captured.push(Captured {
            stream,
            tls: None,
            greeted: false,
        });
    }

    /// Takes in what a pump says, and welcomes it as its server would when it says hello. `number` tells the greetings of an attempt apart.
    pub(in crate::attack) fn greet(
        &mut self,
        number: u32,
        (stream, message): (StreamId, &Message),
        name: &str,
    ) -> Progress {
        let mut random = self.hands.luck(RANDOM, u64::from(number));
        let (said, answer) = opened(self.hands, self.knowledge, &mut random, stream, message);
        if let Some(answer) = answer {
            self.hands.send(stream, answer);
        }
        if !matches!(said, Some(PumpMessage::Hello { .. })) {
            return Progress::Wait;
        }
        self.hands.learned("a pump's session");
        let captured = &mut self.knowledge.captured;
        if let Some(captured) = captured.iter_mut().find(|c| c.stream == stream) {
            captured.greeted = true;
            let server = name.to_owned();
            let welcome = wrap(captured, PumpMessage::Welcome { server });
            self.hands.send(stream, welcome);
        }
        Progress::Done("a pump said hello")
    }
}
